/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_SPRAY_SPRAY_RANDOM_H
#define SPURN_SPRAY_SPRAY_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

/* Random numbers for who needs a million of them: libsodium's, but not with a system call for each. */

#define SPRAY_RANDOM_BLOCK 256

/* All zero to begin with; one thread. */
typedef struct spray_random {
	size_t left;
	uint64_t numbers[SPRAY_RANDOM_BLOCK];
} spray_random_t;

/* Any number of 64 bits. */
uint64_t spray_random_next(spray_random_t *random) ATTR_NONNULL_ALL;

/* A number from 0 to `last`. (The remainder of 64 bits prefers small ones, for a `last` of 32 bits by less
 * than one in 10^9.) */
uint64_t spray_random_to(spray_random_t *random, uint64_t last) ATTR_NONNULL_ALL;

/* Puts the `count` elements at `data`, of `size` bytes each (at most 64), into a random order, each
 * equally likely. Any thread. */
void spray_shuffle(void *data, size_t count, size_t size);

#endif
