/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_HISTOGRAM_H
#define SPURN_BASE_HISTOGRAM_H

#include <stdint.h>

#include "base/attributes.h"

/* Buckets of durations, as HdrHistogram has them: each doubling is cut into HISTOGRAM_STEPS equal parts,
 * so that every percentile is exact to 1/HISTOGRAM_STEPS, whatever its size, in constant memory. */

#define HISTOGRAM_STEP_BITS 6
#define HISTOGRAM_STEPS     (1u << HISTOGRAM_STEP_BITS)
/* Microseconds are kept exactly below HISTOGRAM_STEPS, and up to 2^HISTOGRAM_BITS, which is 12 days. */
#define HISTOGRAM_BITS    40
#define HISTOGRAM_BUCKETS ((HISTOGRAM_BITS - HISTOGRAM_STEP_BITS + 1) * HISTOGRAM_STEPS)

/* Plain data; all zero is an empty one. */
typedef struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS];
	uint64_t total;
	uint64_t max_us;
} histogram_t;

/* Adds a duration in microseconds. */
void histogram_add(histogram_t *histogram, uint64_t value_us) ATTR_NONNULL_ALL;

/* Adds all that is in `other`. */
void histogram_merge(histogram_t *histogram, const histogram_t *other) ATTR_NONNULL_ALL;

/* The smallest duration, in microseconds, that `share` (0 to 1) of all are not above: the upper end of
 * its bucket, but never above the longest one. 0 if there are none. */
uint64_t histogram_percentile(const histogram_t *histogram, double share) ATTR_NONNULL_ALL;

#endif
