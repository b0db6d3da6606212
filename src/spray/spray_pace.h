/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_SPRAY_SPRAY_PACE_H
#define SPURN_SPRAY_SPRAY_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

/* When queries are to be sent. With a rate each query has its moment, which does not depend on any answer
 * or on how late the ones before it were: what was late is made up for, at once. Without, the next one is
 * always due. Pure; times are nanoseconds of any clock. Several threads share a rate and a count by each
 * taking every n-th query. */
typedef struct spray_pace {
	double rate;       /* queries a second, of all threads; 0: always due */
	uint64_t start_ns; /* when the first one is due */
	uint64_t end_ns;   /* none is due from then on; UINT64_MAX: no end */
	uint64_t count;    /* queries of all threads; UINT64_MAX: no end */
	unsigned share;    /* of the threads this is number `share` of `shares` */
	unsigned shares;
	uint64_t taken; /* queries of this thread that have been sent */
} spray_pace_t;

/* The pace of thread `share` of `shares`. `seconds` and `count` are 0 for no end; with a rate
 * the count is what is due in these seconds, if that is less or there is none. */
void spray_pace_init(spray_pace_t *pace, double rate, double seconds, uint64_t count,
		     unsigned share, unsigned shares) ATTR_NONNULL_ALL;

/* The first query is due at `now_ns`. */
void spray_pace_start(spray_pace_t *pace, double seconds, uint64_t now_ns) ATTR_NONNULL_ALL;

/* When the next query but `ahead` is due. Without a rate: the start. */
uint64_t spray_pace_due_ns(const spray_pace_t *pace, uint64_t ahead) ATTR_NONNULL_ALL;

/* How many queries are due now, and not sent, up to `max`. */
unsigned spray_pace_due(const spray_pace_t *pace, uint64_t now_ns, unsigned max) ATTR_NONNULL_ALL;

/* `sent` more have been. */
static inline void spray_pace_take(spray_pace_t *pace, unsigned sent)
{
	pace->taken += sent;
}

/* Leaves out queries that were due more than `late_ns` ago, for whoever would rather ask less than ask them all
 * at once. Returns how many. */
uint64_t spray_pace_skip(spray_pace_t *pace, uint64_t now_ns, uint64_t late_ns) ATTR_NONNULL_ALL;

/* How many queries are due by `now_ns`, and have not been sent. None without a rate: the next one is always due,
 * and no other. */
uint64_t spray_pace_overdue(const spray_pace_t *pace, uint64_t now_ns) ATTR_NONNULL_ALL;

/* Queries of this thread that are left: UINT64_MAX without a count. */
uint64_t spray_pace_left(const spray_pace_t *pace) ATTR_NONNULL_ALL;

/* Will nothing be due any more? What was due at the end and has not been sent, as there was no room or no
 * time, still may be for a tenth of the whole, or a second. */
bool spray_pace_is_over(const spray_pace_t *pace, uint64_t now_ns) ATTR_NONNULL_ALL;

#endif
