/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* When queries are due. */

#include "test.h"
#include "spray/spray_pace.h"

#define S  UINT64_C(1000000000)
#define MS UINT64_C(1000000)

/* Takes all that is due at each of a thread's steps; returns how many in all. */
static uint64_t run(spray_pace_t *pace, uint64_t start_ns, uint64_t end_ns, uint64_t step_ns)
{
	uint64_t sent = 0;

	for (uint64_t now_ns = start_ns; now_ns <= end_ns; now_ns += step_ns) {
		unsigned due;
		while ((due = spray_pace_due(pace, now_ns, 64)) > 0) {
			MUST(spray_pace_due_ns(pace, due - 1) <= now_ns, "sent before it was due");
			spray_pace_take(pace, due);
			sent += due;
		}
		MUST(spray_pace_left(pace) == 0 || spray_pace_due_ns(pace, 0) > now_ns ||
			     now_ns >= pace->end_ns,
		     "due and not sent");
	}
	return sent;
}

START_TEST(test_rates_are_exact)
{
	static const struct {
		double rate;
		double seconds;
		uint64_t count;
	} rows[] = {
		{ 1, 3, 3 },
		{ 0.5, 3, 2 },
		{ 3, 1, 3 },
		{ 1000, 10, 10000 },
		{ 0.1, 0.5, 1 },
		{ 333.3, 10, 3333 },
		{ 99999, 1, 99999 },
		{ 1000000, 0.1, 100000 },
		{ 12345.678, 2, 24692 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (unsigned shares = 1; shares <= 7; shares += 3) {
			uint64_t sent = 0;
			for (unsigned share = 0; share < shares; share++) {
				spray_pace_t pace;
				spray_pace_init(&pace, rows[i].rate, rows[i].seconds, 0, share,
						shares);
				spray_pace_start(&pace, rows[i].seconds, 5 * S);
				sent += run(&pace, 5 * S, 5 * S + (uint64_t)(rows[i].seconds * 1e9),
					    MS);
				MUST(spray_pace_is_over(&pace,
							5 * S + (uint64_t)(rows[i].seconds * 1e9)),
				     "row %zu: not over", i);
			}
			MUST(sent == rows[i].count, "row %zu, %u threads: %" PRIu64, i, shares,
			     sent);
		}
	}
}
END_TEST

START_TEST(test_moments)
{
	spray_pace_t pace;

	/* The second of two threads has the odd queries. */
	spray_pace_init(&pace, 100, 0, 0, 1, 2);
	spray_pace_start(&pace, 0, S);
	ck_assert_uint_eq(spray_pace_due_ns(&pace, 0), S + 10 * MS);
	ck_assert_uint_eq(spray_pace_due_ns(&pace, 2), S + 50 * MS);
	ck_assert_uint_eq(spray_pace_due(&pace, S + 10 * MS - 1, 64), 0);
	ck_assert_uint_eq(spray_pace_due(&pace, S + 10 * MS, 64), 1);
	ck_assert_uint_eq(spray_pace_due(&pace, S + 100 * MS, 64), 5);
	ck_assert_uint_eq(spray_pace_due(&pace, S + 100 * MS, 3), 3);
	/* What is late stays due when it was. */
	spray_pace_take(&pace, 2);
	ck_assert_uint_eq(spray_pace_due_ns(&pace, 0), S + 50 * MS);
	ck_assert_uint_eq(spray_pace_left(&pace), UINT64_MAX);
	ck_assert(!spray_pace_is_over(&pace, UINT64_MAX - 1));
}
END_TEST

START_TEST(test_without_a_rate)
{
	spray_pace_t pace;

	spray_pace_init(&pace, 0, 2, 0, 0, 1);
	spray_pace_start(&pace, 2, S);
	ck_assert_uint_eq(spray_pace_due(&pace, S, 64), 64);
	ck_assert(!spray_pace_is_over(&pace, 3 * S - 1));
	ck_assert_uint_eq(spray_pace_due(&pace, 3 * S, 64), 0);
	ck_assert(spray_pace_is_over(&pace, 3 * S));
	/* Seven queries of three threads. */
	for (unsigned share = 0; share < 3; share++) {
		spray_pace_init(&pace, 0, 0, 7, share, 3);
		spray_pace_start(&pace, 0, S);
		ck_assert_uint_eq(spray_pace_due(&pace, S, 64), share == 0 ? 3 : 2);
		spray_pace_take(&pace, 2);
		ck_assert_int_eq(spray_pace_is_over(&pace, S), share != 0);
	}
}
END_TEST

START_TEST(test_the_end)
{
	spray_pace_t pace;

	/* What was due and is late may be sent for a second more, or a tenth. */
	spray_pace_init(&pace, 10, 1, 0, 0, 1);
	spray_pace_start(&pace, 1, S);
	ck_assert(!spray_pace_is_over(&pace, 3 * S - 1));
	ck_assert(spray_pace_is_over(&pace, 3 * S));
	ck_assert_uint_eq(spray_pace_due(&pace, 3 * S - 1, 64), 10);
	spray_pace_init(&pace, 10, 100, 0, 0, 1);
	spray_pace_start(&pace, 100, S);
	ck_assert(!spray_pace_is_over(&pace, 111 * S - 1));
	ck_assert(spray_pace_is_over(&pace, 111 * S));
	/* A count is all of it. */
	spray_pace_take(&pace, 1000);
	ck_assert(spray_pace_is_over(&pace, S));
	/* Of a count and a time, what is over first. */
	spray_pace_init(&pace, 1000, 2, 10000, 0, 1);
	ck_assert_uint_eq(spray_pace_left(&pace), 2000);
	spray_pace_init(&pace, 1000, 2, 1999, 0, 1);
	ck_assert_uint_eq(spray_pace_left(&pace), 1999);
}
END_TEST

START_TEST(test_skip)
{
	spray_pace_t pace;

	spray_pace_init(&pace, 1000, 0, 0, 0, 1);
	spray_pace_start(&pace, 0, S);
	ck_assert_uint_eq(spray_pace_skip(&pace, S, 250 * MS), 0);
	ck_assert_uint_eq(spray_pace_skip(&pace, S + 250 * MS, 250 * MS), 0);
	/* Those from 0 to 749 ms. */
	ck_assert_uint_eq(spray_pace_skip(&pace, 2 * S, 250 * MS), 750);
	ck_assert_uint_eq(spray_pace_due_ns(&pace, 0), S + 750 * MS);
	ck_assert_uint_eq(spray_pace_skip(&pace, 2 * S, 250 * MS), 0);
	ck_assert_uint_eq(spray_pace_due(&pace, 2 * S, 1000), 251);
	/* No more than there are. */
	spray_pace_init(&pace, 1000, 0, 5, 0, 1);
	spray_pace_start(&pace, 0, S);
	ck_assert_uint_eq(spray_pace_skip(&pace, 9 * S, 250 * MS), 5);
	ck_assert(spray_pace_is_over(&pace, S));
}
END_TEST

/* Proves that what was not sent is counted exactly, and at once, however much it is: meanwhile nobody takes
 * answers in. */
START_TEST(test_overdue)
{
	static const double rates[] = { 0.3, 7, 333.3, 12345.678 };
	spray_pace_t pace;

	for (size_t i = 0; i < COUNT_OF(rates); i++) {
		for (unsigned share = 0; share < 3; share++) {
			spray_pace_init(&pace, rates[i], 0, 20000, share, 3);
			spray_pace_start(&pace, 0, S);
			spray_pace_take(&pace, share);
			for (uint64_t now_ns = S; now_ns < 5 * S; now_ns += 111 * MS)
				ck_assert_uint_eq(spray_pace_overdue(&pace, now_ns),
						  spray_pace_due(&pace, now_ns, 20000));
			/* That is looked at, not taken. */
			ck_assert_uint_eq(pace.taken, share);
		}
	}
	spray_pace_init(&pace, 1000000000, 31536000, 0, 1, 2);
	spray_pace_start(&pace, 31536000, S);
	spray_pace_take(&pace, 1000);
	ck_assert_uint_eq(spray_pace_overdue(&pace, 31536001 * S),
			  UINT64_C(31536000000000000) / 2 - 1000);
	/* Without a rate nothing is late. */
	spray_pace_init(&pace, 0, 0, 7, 0, 1);
	spray_pace_start(&pace, 0, S);
	ck_assert_uint_eq(spray_pace_overdue(&pace, 2 * S), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_rates_are_exact, test_moments, test_without_a_rate,
		test_the_end,         test_skip,    test_overdue,
	};

	return run_tests("spray_pace", tests, COUNT_OF(tests));
}
