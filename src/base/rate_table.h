/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_RATE_TABLE_H
#define SPURN_BASE_RATE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/rate.h"

/* How often each of many strangers has come lately, in a fixed amount of memory, for all threads
 * together. rate_table.c tells how.
 *
 * What is promised: as long as it has room, each hash has its rate exactly, however many threads ask.
 * Room is eight hashes in each set of slots; only those count whose last event is less than an
 * interval, or after a burst its intervals, ago. Where more share a set, the one furthest from its
 * limit is forgotten and starts anew: some may get more than their rate, nobody gets less. To make
 * it forget one that is at its limit, all others of a set have to be there, too.
 *
 * What is not promised: two hashes that agree in 24 bits and in the set count as one, which is where
 * somebody may get less than his rate: for one hash and a table full of others it happens with a
 * probability of 8 in 2^24. And when rate_table_sweep or a forgetting come in between two threads
 * that bring the same new hash, it may be counted in two places until one is forgotten. */
typedef struct rate_table rate_table_t;

/* Most slots that one can ask for: 2 GiB. */
#define RATE_TABLE_MAX (UINT32_C(1) << 28)

/* A table with at least `slots` slots (1..RATE_TABLE_MAX), of eight bytes each: a power of two. The
 * memory is zeroed by the system when it is first used. The caller frees it. Returns ERR_OK or
 * ERR_NOMEM. */
err_t rate_table_new(size_t slots, rate_table_t **table) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* NULL is fine. */
void rate_table_free(rate_table_t *table);

/* Something happens to whom `hash` stands for, of which no bit may be known to strangers (see
 * base/secret_hash.h). `now_ms` is a steady clock in milliseconds, from any start; threads may be
 * apart by a few. Returns whether that is within `rate`, which must be a limit, and only then counts
 * it. Lock-free; any thread. */
bool rate_table_take(rate_table_t *table, uint64_t hash, const rate_t *rate,
		     uint64_t now_ms) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Clears the slots of those who have not come for long, and returns how many are left. Must be called
 * at least once in a day: the clock in a slot goes around in three, and what has been still for half
 * of that would seem to lie ahead. Any thread. */
size_t rate_table_sweep(rate_table_t *table, uint64_t now_ms) ATTR_NONNULL_ALL;

/* How many slots there are. Any thread. */
size_t rate_table_slots(const rate_table_t *table) ATTR_NONNULL_ALL;

#endif
