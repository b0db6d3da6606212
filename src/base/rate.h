/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_RATE_H
#define SPURN_BASE_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

/* How often something may happen, in the terms of the generic cell rate algorithm (ITU-T I.371):
 * an event each interval, or, after a rest, as many in a row as there are intervals in the span.
 * Plain data; all zero is no limit. */
typedef struct rate {
	uint64_t interval; /* ticks */
	uint64_t span;     /* ticks; a multiple of `interval` */
} rate_t;

/* Ticks are a fourth of a microsecond: at the highest rate an interval is 42 of them, so rounding it
 * to whole ticks costs 1.2 % at most, and below 1,000/s nothing that shows. Must stay a power of two
 * for the arithmetic of base/rate_table.c, where ten times as many would shorten what the clock can
 * hold to hours. */
#define RATE_TICKS_PER_S (UINT64_C(1) << 22)

/* Events per second; what is asked for more often than that needs no limit but an access list. */
#define RATE_MAX_PER_S 100000u
/* Seconds that the events of a burst may stand for: a quota for a day is the longest there is. */
#define RATE_SPAN_MAX_S 86400u

static inline bool rate_is_limit(const rate_t *rate)
{
	return rate->interval != 0;
}

/* Reads "NUMBER[/UNIT][:BURST]", or "none" for no limit. The unit is s (second, where none is given),
 * m (minute), h (hour) or d (day), in either case. BURST is how many may come at once after a rest;
 * without it, those of one unit: 100 is 100/s:100, and 1000/h is 1000/h:1000. Any thread.
 * Returns ERR_OK; or ERR_SYNTAX or ERR_RANGE, with a reason (static text) in `*why`: then `*rate` is
 * unchanged. */
err_t rate_parse(const char *text, size_t size, rate_t *rate,
		 const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
