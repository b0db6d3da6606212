/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/histogram.h"

/* Of the bits behind the first one that is set, the first HISTOGRAM_STEP_BITS count. */
static unsigned bucket_of(uint64_t value_us)
{
	if (value_us >= UINT64_C(1) << HISTOGRAM_BITS)
		return HISTOGRAM_BUCKETS - 1;
	if (value_us < HISTOGRAM_STEPS)
		return (unsigned)value_us;
	unsigned shift = 63 - (unsigned)__builtin_clzll(value_us) - HISTOGRAM_STEP_BITS;
	return (shift << HISTOGRAM_STEP_BITS) + (unsigned)(value_us >> shift);
}

/* The largest value of a bucket. */
static uint64_t end_of(unsigned bucket)
{
	if (bucket < HISTOGRAM_STEPS)
		return bucket;
	unsigned shift = (bucket >> HISTOGRAM_STEP_BITS) - 1;
	uint64_t value = bucket - (shift << HISTOGRAM_STEP_BITS);
	return ((value + 1) << shift) - 1;
}

void histogram_add(histogram_t *histogram, uint64_t value_us)
{
	histogram->counts[bucket_of(value_us)]++;
	histogram->total++;
	if (value_us > histogram->max_us)
		histogram->max_us = value_us;
}

void histogram_merge(histogram_t *histogram, const histogram_t *other)
{
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		histogram->counts[i] += other->counts[i];
	histogram->total += other->total;
	if (other->max_us > histogram->max_us)
		histogram->max_us = other->max_us;
}

uint64_t histogram_percentile(const histogram_t *histogram, double share)
{
	double wanted = share * (double)histogram->total;
	uint64_t seen = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS && histogram->total > 0; i++) {
		seen += histogram->counts[i];
		if (seen > 0 && (double)seen >= wanted)
			return end_of(i) < histogram->max_us ? end_of(i) : histogram->max_us;
	}
	return histogram->max_us;
}
