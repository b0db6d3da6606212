/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "spray/spray_random.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

/* Bytes of an element at most. */
#define ELEMENT_MAX 64

uint64_t spray_random_next(spray_random_t *random)
{
	if (random->left == 0) {
		randombytes_buf(random->numbers, sizeof(random->numbers));
		random->left = SPRAY_RANDOM_BLOCK;
	}
	return random->numbers[--random->left];
}

uint64_t spray_random_to(spray_random_t *random, uint64_t last)
{
	uint64_t number = spray_random_next(random);

	return last == UINT64_MAX ? number : number % (last + 1);
}

void spray_shuffle(void *data, size_t count, size_t size)
{
	spray_random_t random = { .left = 0 };
	uint8_t *bytes = data;
	uint8_t kept[ELEMENT_MAX];

	assert(size <= sizeof(kept));
	/* Fisher and Yates. */
	for (size_t i = count; i > 1; i--) {
		size_t other = spray_random_to(&random, i - 1);
		memcpy(kept, bytes + (i - 1) * size, size);
		memmove(bytes + (i - 1) * size, bytes + other * size, size);
		memcpy(bytes + other * size, kept, size);
	}
}
