/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "spray/spray_pace.h"

#include <math.h>
#include <stddef.h>

#define NS_PER_S 1e9

/* How long after the end what was due before may be sent: a thread that did not get a processor for a
 * moment shall not leave a query out; one that cannot hold its rate shall not go on for ever. */
#define GRACE_NS    UINT64_C(1000000000)
#define GRACE_SHARE 10

void spray_pace_init(spray_pace_t *pace, double rate, double seconds, uint64_t count,
		     unsigned share, unsigned shares)
{
	/* The last query before the end: rounding must not make it two. */
	if (rate > 0 && seconds > 0) {
		double due = ceil(rate * seconds - 1e-6);
		if (count == 0 || due < (double)count)
			count = (uint64_t)due;
	}
	*pace = (spray_pace_t){
		.rate = rate,
		.end_ns = UINT64_MAX,
		.count = count > 0 ? count : UINT64_MAX,
		.share = share,
		.shares = shares,
	};
}

void spray_pace_start(spray_pace_t *pace, double seconds, uint64_t now_ns)
{
	pace->start_ns = now_ns;
	if (seconds > 0)
		pace->end_ns = now_ns + (uint64_t)(seconds * NS_PER_S);
}

/* Of all threads' queries, the number of the next one of this thread but `ahead`. */
static uint64_t number_of(const spray_pace_t *pace, uint64_t ahead)
{
	return (pace->taken + ahead) * pace->shares + pace->share;
}

uint64_t spray_pace_due_ns(const spray_pace_t *pace, uint64_t ahead)
{
	if (pace->rate <= 0)
		return pace->start_ns;
	return pace->start_ns + (uint64_t)((double)number_of(pace, ahead) / pace->rate * NS_PER_S);
}

uint64_t spray_pace_left(const spray_pace_t *pace)
{
	if (pace->count == UINT64_MAX)
		return UINT64_MAX;
	uint64_t mine = pace->count / pace->shares + (pace->share < pace->count % pace->shares);
	return mine - pace->taken;
}

unsigned spray_pace_due(const spray_pace_t *pace, uint64_t now_ns, unsigned max)
{
	uint64_t left = spray_pace_left(pace);
	unsigned due = 0;

	if (left < max)
		max = (unsigned)left;
	if (pace->rate <= 0)
		return now_ns < pace->end_ns ? max : 0;
	/* A binary search would be no faster: most of the time it is none, one, or all of them. */
	if (max > 0 && spray_pace_due_ns(pace, max - 1) <= now_ns)
		return max;
	while (due < max && spray_pace_due_ns(pace, due) <= now_ns)
		due++;
	return due;
}

uint64_t spray_pace_skip(spray_pace_t *pace, uint64_t now_ns, uint64_t late_ns)
{
	uint64_t left = spray_pace_left(pace);
	uint64_t skipped = 0;

	if (pace->rate > 0 && now_ns > pace->start_ns + late_ns) {
		/* How many were due by then, rounded down; then the exact end. */
		double due = (double)(now_ns - late_ns - pace->start_ns) / NS_PER_S * pace->rate /
			     pace->shares;
		if (due > (double)pace->taken + 1)
			skipped = (uint64_t)due - pace->taken - 1;
		while (skipped < left && spray_pace_due_ns(pace, skipped) < now_ns - late_ns)
			skipped++;
	}
	if (skipped > left)
		skipped = left;
	pace->taken += skipped;
	return skipped;
}

uint64_t spray_pace_overdue(const spray_pace_t *pace, uint64_t now_ns)
{
	spray_pace_t copy = *pace;

	return spray_pace_skip(&copy, now_ns + 1, 0);
}

bool spray_pace_is_over(const spray_pace_t *pace, uint64_t now_ns)
{
	if (spray_pace_left(pace) == 0)
		return true;
	if (now_ns < pace->end_ns)
		return false;
	uint64_t grace_ns = (pace->end_ns - pace->start_ns) / GRACE_SHARE;
	return pace->rate <= 0 ||
	       now_ns >= pace->end_ns + (grace_ns > GRACE_NS ? grace_ns : GRACE_NS);
}
