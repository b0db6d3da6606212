/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/quick_hash.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

/* Two steps. NH (Black, Halevi, Krawczyk, Krovetz, Rogaway: UMAC, 1999) makes 64 bits of a piece of data: to each
 * 32-bit word its own word of the key is added, and the sums are multiplied in pairs, one multiplication for
 * eight bytes; two pieces of one size come to the same with a probability of 2^-32. Multiply-shift
 * for vectors (Dietzfelbinger, 1996) makes 32 bits of those, of the size, and of what was before.
 *
 * That alone is close to linear: texts with a number that counts up come to hashes at equal distances, and with
 * one key of some hundreds to distances so small, or so near to a fraction of the whole, that a table with linear probing
 * has all of them in a few places, one behind the other. Any list may have such texts, so in the end
 * the bits are mixed as MurmurHash3 (Appleby, 2011) does it, which maps no two hashes to one. Measured for 20,000 of
 * eight bytes that count up, a thousand keys: 5,476 probes each with the worst key without that, 1.9 with it. */

/* Bytes of a piece: most texts are one. Each has the same key. */
#define PIECE_SIZE 256u

static uint32_t words[PIECE_SIZE / sizeof(uint32_t)];
static uint64_t factors[5];
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

static void make_key(void)
{
	/* Fails as secret_hash.c has it. */
	(void)!sodium_init();
	randombytes_buf(words, sizeof(words));
	randombytes_buf(factors, sizeof(factors));
}

static inline uint32_t load(const unsigned char *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static inline uint64_t multiply(uint32_t first, uint32_t second, const uint32_t *key)
{
	return (uint64_t)(uint32_t)(first + key[0]) * (uint32_t)(second + key[1]);
}

/* Words that pieces of one size have in common only where they are equal: the last ones overlap. */
static uint64_t sum_words(const unsigned char *data, size_t size)
{
	const uint32_t *key = words;
	uint64_t sum = 0;

	if (size >= 8) {
		const unsigned char *last = data + size - 8;

		for (; data < last; data += 8, key += 2)
			sum += multiply(load(data), load(data + 4), key);
		return sum + multiply(load(last), load(last + 4), key);
	}
	if (size >= 4)
		return multiply(load(data), load(data + size - 4), key);
	if (size == 0)
		return 0;
	uint32_t bytes = (uint32_t)data[0] << 16 | (uint32_t)data[size / 2] << 8 | data[size - 1];
	return multiply(bytes, 0, key);
}

static inline uint32_t mix(uint32_t hash)
{
	hash = (hash ^ hash >> 16) * 0x85ebca6bu;
	hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
	return hash ^ hash >> 16;
}

uint32_t quick_hash(uint32_t seed, const void *data, size_t size)
{
	const unsigned char *at = data;

	pthread_once(&key_once, make_key);
	for (;;) {
		size_t piece = size < PIECE_SIZE ? size : PIECE_SIZE;
		uint64_t sum = sum_words(at, piece);

		seed = (uint32_t)((factors[0] * (uint32_t)sum + factors[1] * (uint32_t)(sum >> 32) +
				   factors[2] * (uint32_t)size + factors[3] * seed + factors[4]) >>
				  32);
		if (piece == size)
			return mix(seed);
		at += piece;
		size -= piece;
	}
}
