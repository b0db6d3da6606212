/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Notices: who gets a place, and that threads which put them up at once do not mix them up. */

#include "base/notice_board.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "test.h"

START_TEST(test_places)
{
	notice_board_t board = { 0 };
	notice_t notices[NOTICE_BOARD_PLACES];
	uint8_t longest[NOTICE_MAX];

	ck_assert_uint_eq(notice_board_take(&board, notices), 0);
	notice_board_put(&board, 3, "three", 5);
	notice_board_put(&board, 3, "again", 5);
	notice_board_put(&board, 3 + NOTICE_BOARD_PLACES, "same place", 10);
	notice_board_put(&board, 4, "", 0);
	ck_assert_uint_eq(notice_board_take(&board, notices), 2);
	ck_assert(notices[0].size == 5 && memcmp(notices[0].data, "three", 5) == 0);
	ck_assert_uint_eq(notices[1].size, 0);
	ck_assert_uint_eq(notice_board_take(&board, notices), 0);
	memset(longest, 7, sizeof(longest));
	for (unsigned i = 0; i < 100; i++)
		notice_board_put(&board, i, longest, sizeof(longest));
	ck_assert_uint_eq(notice_board_take(&board, notices), NOTICE_BOARD_PLACES);
	ck_assert(memcmp(notices[NOTICE_BOARD_PLACES - 1].data, longest, sizeof(longest)) == 0);
}
END_TEST

#define WRITERS 3u

static notice_board_t shared;
static atomic_bool must_stop;

static void *run_writer(void *argument)
{
	uint8_t mine = *(const uint8_t *)argument;
	uint8_t data[NOTICE_MAX];

	memset(data, mine, sizeof(data));
	for (uint64_t i = 0; !atomic_load(&must_stop); i++)
		notice_board_put(&shared, i, data, 1 + i % sizeof(data));
	return NULL;
}

START_TEST(test_threads)
{
	static const uint8_t numbers[WRITERS] = { 1, 2, 3 };
	pthread_t threads[WRITERS];
	unsigned seen[WRITERS + 1] = { 0 };
	unsigned total = 0;

	for (unsigned i = 0; i < WRITERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, run_writer,
						(void *)(uintptr_t)&numbers[i]),
				 0);
	while (total < 20000 || seen[1] == 0 || seen[2] == 0 || seen[3] == 0) {
		notice_t notices[NOTICE_BOARD_PLACES];
		size_t count = notice_board_take(&shared, notices);

		for (size_t i = 0; i < count; i++) {
			uint8_t writer = notices[i].data[0];

			MUST(writer >= 1 && writer <= WRITERS, "nobody's notice");
			for (size_t j = 0; j < notices[i].size; j++)
				MUST(notices[i].data[j] == writer, "mixed up");
			seen[writer]++;
			total++;
		}
	}
	atomic_store(&must_stop, true);
	for (unsigned i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_places, test_threads };

	return run_tests("notice_board", tests, COUNT_OF(tests));
}
