/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* When a file that has changed is complete: each way in which files come, with a clock of our own. */

#include "daemon/settling.h"

#include <unistd.h>

#include "daemon/file_tail.h"
#include "test.h"

/* How the file is. */
#define GONE                                                                                       \
	{                                                                                          \
		.err = (err_t)-ENOENT                                                              \
	}
#define FILE_OF(i, s)                                                                              \
	{                                                                                          \
		.stamp = {.inode = (i), .size = (s) }                                              \
	}

/* One thing that happens. */
typedef struct step {
	double at;
	settling_sign_t sign;
	file_state_t state;
} step_t;

typedef struct row {
	const char *what;
	step_t steps[8]; /* up to one at 0 */
	double done_at;  /* when it is complete if nothing follows */
} row_t;

static const row_t rows[] = {
	{ "renamed into place", { { 1, SIGN_REPLACED, FILE_OF(2, 9) } }, 1.2 },
	{ "renamed again and again: not put off for ever",
	  { { 1, SIGN_REPLACED, FILE_OF(2, 9) },
	    { 1.1, SIGN_REPLACED, FILE_OF(3, 9) },
	    { 1.15, SIGN_REPLACED, FILE_OF(4, 9) } },
	  1.2 },
	{ "renamed, then its times set",
	  { { 1, SIGN_REPLACED, FILE_OF(2, 9) },
	    { 1.1, SIGN_TOUCHED, { .stamp = { .inode = 2, .size = 9, .modified = { 5, 0 } } } } },
	  1.3 },
	{ "its times set",
	  { { 1, SIGN_TOUCHED, { .stamp = { .inode = 1, .size = 8, .modified = { 5, 0 } } } } },
	  1.2 },
	{ "its mode changed", { { 1, SIGN_TOUCHED, FILE_OF(1, 8) } }, 1.2 },
	{ "written and closed",
	  { { 1, SIGN_WRITTEN, FILE_OF(1, 3) },
	    { 2, SIGN_WRITTEN, FILE_OF(1, 6) },
	    { 3, SIGN_CLOSED, FILE_OF(1, 6) } },
	  6 },
	{ "written and touched and closed",
	  { { 1, SIGN_WRITTEN, FILE_OF(1, 3) },
	    { 2, SIGN_TOUCHED, { .stamp = { .inode = 1, .size = 3, .modified = { 5, 0 } } } },
	    { 3, SIGN_CLOSED, { .stamp = { .inode = 1, .size = 3, .modified = { 5, 0 } } } } },
	  6 },
	{ "written and closed line by line",
	  { { 1, SIGN_WRITTEN, FILE_OF(1, 9) },
	    { 1, SIGN_CLOSED, FILE_OF(1, 9) },
	    { 3, SIGN_WRITTEN, FILE_OF(1, 10) },
	    { 3, SIGN_CLOSED, FILE_OF(1, 10) } },
	  6 },
	{ "written and left open", { { 1, SIGN_WRITTEN, FILE_OF(1, 3) } }, 61 },
	{ "the same, and looked at meanwhile",
	  { { 1, SIGN_WRITTEN, FILE_OF(1, 3) }, { 2, SIGN_NONE, FILE_OF(1, 3) } },
	  61 },
	{ "the same, changing without a notice (mmap)",
	  { { 1, SIGN_WRITTEN, FILE_OF(1, 3) }, { 2, SIGN_NONE, FILE_OF(1, 4) } },
	  62 },
	{ "the same, and replaced",
	  { { 1, SIGN_WRITTEN, FILE_OF(1, 3) }, { 2, SIGN_REPLACED, FILE_OF(2, 9) } },
	  2.2 },
	{ "renamed, but still written to",
	  { { 1, SIGN_REPLACED, FILE_OF(2, 9) }, { 1.1, SIGN_WRITTEN, FILE_OF(2, 10) } },
	  61.1 },
	{ "opened for writing and closed without any", { { 1, SIGN_CLOSED, FILE_OF(1, 8) } }, 0 },
	{ "changed, who knows how", { { 1, SIGN_NONE, FILE_OF(1, 9) } }, 11 },
	{ "and on", { { 1, SIGN_NONE, FILE_OF(1, 9) }, { 5, SIGN_NONE, FILE_OF(1, 10) } }, 15 },
	{ "and looked at in vain",
	  { { 1, SIGN_NONE, FILE_OF(1, 9) }, { 5, SIGN_NONE, FILE_OF(1, 9) } },
	  11 },
	{ "seen by a look before its notice",
	  { { 1, SIGN_NONE, FILE_OF(2, 9) }, { 1.1, SIGN_REPLACED, FILE_OF(2, 9) } },
	  1.3 },
	{ "looked at, nothing changed", { { 1, SIGN_NONE, FILE_OF(1, 8) } }, 0 },
	{ "deleted", { { 1, SIGN_TOUCHED, GONE } }, 4 },
	{ "deleted, without a notice", { { 1, SIGN_NONE, GONE } }, 4 },
	{ "deleted and made again",
	  { { 1, SIGN_TOUCHED, GONE },
	    { 2, SIGN_WRITTEN, FILE_OF(2, 0) },
	    { 3, SIGN_WRITTEN, FILE_OF(2, 5) },
	    { 4, SIGN_CLOSED, FILE_OF(2, 5) } },
	  7 },
	{ "deleted and another one renamed there",
	  { { 1, SIGN_TOUCHED, GONE }, { 2, SIGN_REPLACED, FILE_OF(2, 9) } },
	  2.2 },
	{ "notices lost, nothing changed", { { 1, SIGN_MISSED, FILE_OF(1, 8) } }, 0 },
	{ "notices lost", { { 1, SIGN_MISSED, FILE_OF(2, 9) } }, 11 },
	{ "notices lost, maybe that it was closed",
	  { { 1, SIGN_WRITTEN, FILE_OF(1, 3) }, { 2, SIGN_MISSED, FILE_OF(1, 3) } },
	  12 },
};

/* A file that is complete at 0, of 8 bytes. */
static settling_t complete(void)
{
	const file_state_t state = FILE_OF(1, 8);
	settling_t settling;

	settling_begin(&settling, &state, -SETTLING_UNKNOWN_S, 0);
	ck_assert(settling_end(&settling, 0));
	return settling;
}

/* A file that was there before is complete unless it has been modified of late, or will be. */
START_TEST(test_begin)
{
	static const struct {
		time_t date;
		bool is_done;
	} begins[] = { { 0, false }, { 9, false }, { 10, false }, { 11, true }, { -1, false } };
	const file_state_t state = FILE_OF(1, 8);
	const file_state_t gone = GONE;
	settling_t settling;

	for (size_t i = 0; i < COUNT_OF(begins); i++) {
		settling_begin(&settling, &state, 5, begins[i].date);
		ck_assert(settling_is_complete(&settling, &state) == begins[i].is_done);
		ck_assert(settling_end(&settling, 16) != begins[i].is_done);
	}
	settling_begin(&settling, &gone, 5, 0);
	ck_assert(settling_is_complete(&settling, &gone));
}
END_TEST

START_TEST(test_ways)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const row_t *row = &rows[i];
		settling_t settling = complete();
		const step_t *step = row->steps;
		for (; step < row->steps + COUNT_OF(row->steps) && step->at > 0; step++)
			settling_note(&settling, step->sign, &step->state, step->at);
		const file_state_t *state = &step[-1].state;
		if (row->done_at == 0) {
			ck_assert_msg(settling.phase == SETTLING_DONE, "%s", row->what);
			continue;
		}
		ck_assert_msg(settling_deadline(&settling) > row->done_at - 0.001 &&
				      settling_deadline(&settling) < row->done_at + 0.001,
			      "%s: %g", row->what, settling_deadline(&settling));
		bool is_replaced = settling.phase == SETTLING_REPLACED;
		ck_assert_msg(settling_is_complete(&settling, state) == is_replaced, "%s",
			      row->what);
		ck_assert_msg(!settling_end(&settling, row->done_at - 0.01), "%s", row->what);
		ck_assert_msg(settling_end(&settling, row->done_at + 0.01), "%s", row->what);
		ck_assert_msg(settling_is_complete(&settling, state), "%s", row->what);
		ck_assert(!settling_end(&settling, row->done_at + 0.01));
	}
}
END_TEST

/* What is complete is so in one state alone, as the file may have changed since. */
START_TEST(test_other_state)
{
	const file_state_t same = FILE_OF(1, 8);
	const file_state_t longer = FILE_OF(1, 9);
	const file_state_t gone = GONE;
	settling_t settling = complete();

	ck_assert(settling_is_complete(&settling, &same));
	ck_assert(!settling_is_complete(&settling, &longer));
	ck_assert(!settling_is_complete(&settling, &gone));
}
END_TEST

/* Who never makes a pause is not waited for for ever; who replaces makes none. */
START_TEST(test_overdue)
{
	settling_t settling = complete();
	double now;

	ck_assert(!settling_is_overdue(&settling, true, 1e6));
	for (now = 1; now < SETTLING_MAX_S + 10; now++) {
		const file_state_t state = FILE_OF(1, (uint64_t)(8 + now));
		settling_note(&settling, now > 2 ? SIGN_CLOSED : SIGN_WRITTEN, &state, now);
		ck_assert(!settling_end(&settling, now + 1));
		ck_assert(settling_is_overdue(&settling, true, now) ==
			  (now >= 1 + SETTLING_GROWN_MAX_S));
		ck_assert(settling_is_overdue(&settling, false, now) ==
			  (now >= 1 + SETTLING_MAX_S));
	}
	const file_state_t other = FILE_OF(2, 8);
	settling_note(&settling, SIGN_REPLACED, &other, now);
	ck_assert(!settling_is_overdue(&settling, false, now));
}
END_TEST

static void put(const char *path, const char *mode, const char *text)
{
	FILE *file = fopen(path, mode);

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/* What is only added to, by whole lines, is told from what is written anew. */
START_TEST(test_growth)
{
	char path[] = "/tmp/spurn-unit-XXXXXX";
	int fd = mkstemp(path);
	file_tail_t tail;

	ck_assert_int_ge(fd, 0);
	close(fd);
	file_tail_take(path, &tail);
	put(path, "w", "10.0.0.1\n");
	ck_assert(!file_tail_has_grown(path, &tail)); /* it had nothing */
	for (unsigned length = 9; length < 4 * FILE_TAIL_SIZE; length = length * 2 + 5) {
		file_tail_take(path, &tail);
		ck_assert(!file_tail_has_grown(path, &tail));
		put(path, "a", "10.0");
		ck_assert(!file_tail_has_grown(path, &tail));
		put(path, "a", ".0.2\n");
		ck_assert(file_tail_has_grown(path, &tail));
		for (unsigned i = 0; i < length; i++)
			put(path, "a", "#\n");
		ck_assert(file_tail_has_grown(path, &tail));
	}
	/* Longer, but others. */
	put(path, "r+", "10.0.0.2\n10.0.0.3\n");
	file_tail_take(path, &tail);
	put(path, "w", "10.0.0.2\n10.0.0.4\n");
	for (unsigned i = 0; i < 2 * FILE_TAIL_SIZE; i++)
		put(path, "a", "10.0.0.5\n");
	ck_assert(!file_tail_has_grown(path, &tail));
	/* Cut short, or gone. */
	file_tail_take(path, &tail);
	ck_assert_int_eq(truncate(path, 9), 0);
	ck_assert(!file_tail_has_grown(path, &tail));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert(!file_tail_has_grown(path, &tail));
	file_tail_take(path, &tail);
	ck_assert_uint_eq(tail.size, 0);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_begin, test_ways, test_other_state, test_overdue,
				 test_growth };

	return run_tests("settling", tests, COUNT_OF(tests));
}
