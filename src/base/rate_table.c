/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* A rate per key, without keeping keys or counts: the generic cell rate algorithm in a cache.
 *
 * The algorithm keeps one number for each key, the theoretical arrival time (TAT): when the next
 * event would be due if all so far had come evenly spaced. An event is in order if TAT lies at most
 * the span of a burst, less the interval that the event itself takes, ahead of now; then TAT moves on
 * by one interval, from now if it is past. This is a leaky bucket that needs no timer to leak, and a
 * TAT that has passed says no more than one that never was. So a slot is free as soon as its time is
 * over, and giving it to somebody else forgets nothing.
 *
 * A slot is one word, so that it is read and changed as a whole:
 *
 *      63        40 39                                  0
 *     +------------+-------------------------------------+
 *     |    tag     |  TAT, in ticks, modulo 2^40         |     0: free
 *     +------------+-------------------------------------+
 *
 * and eight of them, a cache line, are a set. The low bits of a hash choose the set, the high ones
 * are the tag, which is never 0. A look at a set finds the slot with the tag, or else the one whose
 * TAT is furthest behind, be it over or not; one compare-and-swap writes it, or finds that somebody
 * else was faster, and the look is repeated. An event that is out of order writes nothing, so a flood
 * from one prefix is no traffic between processors.
 *
 * That two threads put the same new key into two slots is ruled out while nothing is forgotten before
 * its time: both choose the slot with the least TAT, a TAT only grows, and the swap fails if it did.
 *
 * 2^40 ticks are 72 hours, of which those ahead of now are at most 24 (RATE_SPAN_MAX_S), so a time
 * that is up to 36 hours past is known to be that.
 *
 * Refused: a count per key and window (lets twice the rate pass around the window's end); counts that
 * are halved by a timer (has to touch all of them, again and again); a table per thread (the limit
 * would depend on how the kernel spreads clients); 128 bits per slot with the whole hash (twice the
 * memory, and compare-and-swap of that width is a lock on some machines); limiting or passing
 * everybody for whom there is no room (lets a forger shut others out, or himself in). */

#include "base/rate_table.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_PER_SET 8u
#define CACHE_LINE    64u
#define TIME_BITS     40u
#define TIME_MASK     ((UINT64_C(1) << TIME_BITS) - 1)

_Static_assert(SLOTS_PER_SET * sizeof(uint64_t) == CACHE_LINE, "a set is one cache line");
/* An hour for rounding of intervals, which can make a burst's span a little longer than asked for. */
_Static_assert((RATE_SPAN_MAX_S + 3600) * RATE_TICKS_PER_S < UINT64_C(1) << (TIME_BITS - 1),
	       "what lies ahead is less than half of what the clock holds");

typedef struct rate_set {
	_Alignas(CACHE_LINE) _Atomic uint64_t slots[SLOTS_PER_SET];
} rate_set_t;

struct rate_table {
	void *memory;
	rate_set_t *sets; /* in it, from the first cache line on */
	size_t set_mask;  /* their number, a power of two, less one */
};

err_t rate_table_new(size_t slots, rate_table_t **table)
{
	rate_table_t *made = calloc(1, sizeof(*made));
	size_t sets = 1;

	if (made == NULL)
		return ERR_NOMEM;
	while (sets * SLOTS_PER_SET < slots)
		sets *= 2;
	/* aligned_alloc and memset would touch all of it. */
	made->memory = calloc(sets + 1, sizeof(*made->sets));
	if (made->memory == NULL) {
		free(made);
		return ERR_NOMEM;
	}
	made->sets = (rate_set_t *)(((uintptr_t)made->memory + CACHE_LINE - 1) &
				    ~(uintptr_t)(CACHE_LINE - 1));
	made->set_mask = sets - 1;
	*table = made;
	return ERR_OK;
}

void rate_table_free(rate_table_t *table)
{
	if (table == NULL)
		return;
	free(table->memory);
	free(table);
}

static uint64_t tag_of(uint64_t hash)
{
	uint64_t tag = hash >> TIME_BITS;

	return tag != 0 ? tag : 1;
}

static uint64_t ticks_of(uint64_t now_ms)
{
	/* In two parts, for the product of all of it would overflow within years. */
	return now_ms / 1000 * RATE_TICKS_PER_S + now_ms % 1000 * RATE_TICKS_PER_S / 1000;
}

/* By how many ticks the TAT in `slot` is ahead of `now`; negative: it is over. */
static int64_t lead(uint64_t slot, uint64_t now)
{
	uint64_t shifted = (slot - now) << (64 - TIME_BITS);

	/* The sign travels down again: an arithmetic shift, with every compiler that there is. */
	return (int64_t)shifted >> (64 - TIME_BITS);
}

/* A slot of a set, as it was found. */
typedef struct choice {
	_Atomic uint64_t *slot;
	uint64_t value;
	int64_t lead; /* of whom `slot` was found for; 0 or less: nothing is held against him */
} choice_t;

/* The slot of `tag`, or else the one that is to become his. */
static choice_t choose(rate_set_t *set, uint64_t tag, uint64_t now)
{
	choice_t choice = { .slot = &set->slots[0] };
	int64_t least = INT64_MAX;

	for (unsigned i = 0; i < SLOTS_PER_SET; i++) {
		uint64_t value = atomic_load_explicit(&set->slots[i], memory_order_relaxed);
		int64_t ahead = value != 0 ? lead(value, now) : INT64_MIN;

		if (value >> TIME_BITS == tag)
			return (choice_t){ &set->slots[i], value, ahead };
		if (ahead < least) {
			least = ahead;
			choice.slot = &set->slots[i];
			choice.value = value;
		}
	}
	return choice;
}

bool rate_table_take(rate_table_t *table, uint64_t hash, const rate_t *rate, uint64_t now_ms)
{
	rate_set_t *set = &table->sets[hash & table->set_mask];
	uint64_t tag = tag_of(hash);
	uint64_t now = ticks_of(now_ms);

	for (;;) {
		choice_t choice = choose(set, tag, now);
		uint64_t ahead = choice.lead > 0 ? (uint64_t)choice.lead : 0;
		uint64_t next = tag << TIME_BITS | ((now + ahead + rate->interval) & TIME_MASK);

		if (ahead + rate->interval > rate->span)
			return false;
		/* A slot stands for itself: nothing else is read by what it says. */
		if (atomic_compare_exchange_strong_explicit(choice.slot, &choice.value, next,
							    memory_order_relaxed,
							    memory_order_relaxed))
			return true;
	}
}

size_t rate_table_sweep(rate_table_t *table, uint64_t now_ms)
{
	uint64_t now = ticks_of(now_ms);
	size_t used = 0;

	for (size_t i = 0; i < rate_table_slots(table); i++) {
		_Atomic uint64_t *slot = &table->sets[i / SLOTS_PER_SET].slots[i % SLOTS_PER_SET];
		uint64_t value = atomic_load_explicit(slot, memory_order_relaxed);

		if (value != 0 && lead(value, now) > 0)
			used++;
		else if (value != 0)
			(void)atomic_compare_exchange_strong_explicit(
				slot, &value, 0, memory_order_relaxed, memory_order_relaxed);
	}
	return used;
}

size_t rate_table_slots(const rate_table_t *table)
{
	return (table->set_mask + 1) * SLOTS_PER_SET;
}
