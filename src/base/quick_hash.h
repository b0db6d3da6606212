/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_QUICK_HASH_H
#define SPURN_BASE_QUICK_HASH_H

#include <stddef.h>
#include <stdint.h>

/* A hash of data[0..size) and `seed` under a key that is drawn once per start of the program, for tables in
 * memory of what lists say: several times faster than secret_hash, which is for what strangers send and see
 * answered. The family is universal: two inputs that were chosen without knowing the key fall together
 * with a probability of 2^-31 for each 256 bytes of them; but whoever gets to see hashes can find out the
 * key. Of the 32 bits the high ones are to be used first. Differs from start to start, so it is nothing to
 * write to a file. `data` may be NULL if `size` is 0. Any thread. */
uint32_t quick_hash(uint32_t seed, const void *data, size_t size);

#endif
