/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_shuffle.h"

#include <assert.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>

/* Bytes of an element at most. */
#define SIZE_MAX_OF_ONE 64

/* Random numbers that are asked for at once: each question is a system call. */
#define NUMBERS 512

void spray_shuffle(void *data, size_t count, size_t size)
{
	uint64_t numbers[NUMBERS];
	size_t left = 0;
	uint8_t *bytes = data;
	uint8_t kept[SIZE_MAX_OF_ONE];

	assert(size <= sizeof(kept));
	/* Fisher and Yates. The remainder of 64 bits prefers small numbers by less than one in 10^12. */
	for (size_t i = count; i > 1; i--) {
		if (left == 0) {
			randombytes_buf(numbers, sizeof(numbers));
			left = NUMBERS;
		}
		size_t other = numbers[--left] % i;
		memcpy(kept, bytes + (i - 1) * size, size);
		memcpy(bytes + (i - 1) * size, bytes + other * size, size);
		memcpy(bytes + other * size, kept, size);
	}
}
