/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_SECRET_HASH_H
#define SPURN_BASE_SECRET_HASH_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-2-4 of data[0..size) under a key that is drawn once per start of the program: whoever does
 * not know it can neither choose data that fall together nor tell which do. All 64 bits are as good
 * as random. Differs from start to start, so it is nothing to write to a file. `data` may be NULL if
 * `size` is 0. Any thread. */
uint64_t secret_hash(const void *data, size_t size);

#endif
