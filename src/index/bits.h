/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_BITS_H
#define SPURN_INDEX_BITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/cpu.h"

/* Bit counting, and loads and stores at any alignment, for the indexes. Everything inside a
 * container is little endian, so that bit i of a string of bits is bit i % 8 of byte i / 8 and
 * several bytes of it can be looked at as one number.
 *
 * Functions that end in _at count with the instructions of a cpu_level_t, which has to be a constant:
 * they are for functions with CPU_TARGET_..., into which they are inlined. */

#define BITS_ONES_STEP_8 0x0101010101010101u
#define BITS_MSBS_STEP_8 0x8080808080808080u

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BITS_SWAP(bits, value) (value)
#else
#define BITS_SWAP(bits, value) (__builtin_bswap##bits(value))
#endif

static inline uint16_t bits_load_16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return BITS_SWAP(16, value);
}

static inline uint32_t bits_load_32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return BITS_SWAP(32, value);
}

static inline uint64_t bits_load_64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return BITS_SWAP(64, value);
}

/* Big endian, where the first bit of a string of bits is to be the highest of a number. */
static inline uint64_t bits_load_big_64(const uint8_t *at)
{
	return __builtin_bswap64(bits_load_64(at));
}

static inline void bits_store_big_32(uint8_t *at, uint32_t value)
{
	value = BITS_SWAP(32, __builtin_bswap32(value));
	memcpy(at, &value, sizeof(value));
}

static inline void bits_store_big_64(uint8_t *at, uint64_t value)
{
	value = BITS_SWAP(64, __builtin_bswap64(value));
	memcpy(at, &value, sizeof(value));
}

static inline void bits_store_16(uint8_t *at, uint16_t value)
{
	value = BITS_SWAP(16, value);
	memcpy(at, &value, sizeof(value));
}

static inline void bits_store_32(uint8_t *at, uint32_t value)
{
	value = BITS_SWAP(32, value);
	memcpy(at, &value, sizeof(value));
}

static inline void bits_store_64(uint8_t *at, uint64_t value)
{
	value = BITS_SWAP(64, value);
	memcpy(at, &value, sizeof(value));
}

/* Bytes that `count` numbers of `width` bits take together. */
static inline size_t bits_size(size_t count, unsigned width)
{
	return (count * width + 7) / 8;
}

/* Number `index` of a string of numbers of `width` bits (1..32) each. Reads up to 8 bytes from the
 * byte that it begins in. */
static inline uint32_t bits_get_number(const uint8_t *bits, size_t index, unsigned width)
{
	size_t bit = index * width;

	return (uint32_t)(bits_load_64(bits + bit / 8) >> bit % 8 & (((uint64_t)1 << width) - 1));
}

static inline void bits_set(uint8_t *bits, uint32_t index)
{
	bits[index / 8] = (uint8_t)(bits[index / 8] | 1u << index % 8);
}

static inline unsigned bits_test(const uint8_t *bits, uint32_t index)
{
	return (unsigned)bits[index / 8] >> index % 8 & 1u;
}

/* Byte i of the result is the number of ones in bytes 0..i of `word`; so the last byte counts all.
 */
static inline uint64_t bits_byte_sums(uint64_t word)
{
	word -= word >> 1 & 0x5555555555555555u;
	word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return word * BITS_ONES_STEP_8;
}

/* Number of ones. */
static inline unsigned bits_count(uint64_t word)
{
	return (unsigned)(bits_byte_sums(word) >> 56);
}

/* Bytes of `a` that are not above (unsigned) that of `b` in the same place, as ones in their
 * highest bits. */
static inline uint64_t bits_bytes_not_above(uint64_t a, uint64_t b)
{
	uint64_t low_bits = (b | BITS_MSBS_STEP_8) - (a & ~BITS_MSBS_STEP_8);

	return ((low_bits | (a ^ b)) ^ (a & ~b)) & BITS_MSBS_STEP_8;
}

/* Position of the one that has `rank` ones below it; `word` must have more than `rank` ones.
 * The byte is found by comparing all eight sums with `rank` at once, and the bit in it in the same
 * way after its bits have been spread over eight bytes, so nothing depends on a branch (S. Vigna,
 * "Broadword implementation of rank/select queries", 2008). */
static inline unsigned bits_select(uint64_t word, unsigned rank)
{
	uint64_t sums = bits_byte_sums(word);
	uint64_t not_above =
		((rank * BITS_ONES_STEP_8 | BITS_MSBS_STEP_8) - sums) & BITS_MSBS_STEP_8;
	unsigned shift = (unsigned)((not_above >> 7) * BITS_ONES_STEP_8 >> 56) * 8;
	uint64_t spread = (word >> shift & 0xff) * BITS_ONES_STEP_8 & 0x8040201008040201u;

	rank -= (unsigned)(sums << 8 >> shift) & 0xff;
	/* Byte i has bit i or nothing; adding 0x80 - (1 << i) carries it to the highest bit. */
	spread = ((spread + 0x00406070787c7e7fu) | spread) >> 7 & BITS_ONES_STEP_8;
	sums = spread * BITS_ONES_STEP_8;
	not_above = ((rank * BITS_ONES_STEP_8 | BITS_MSBS_STEP_8) - sums) & BITS_MSBS_STEP_8;
	return shift + (unsigned)((not_above >> 7) * BITS_ONES_STEP_8 >> 56);
}

/* bits_count with what the processor has. Without POPCNT the compiler would call a function that looks
 * into a table. */
ATTR_ALWAYS_INLINE unsigned bits_count_at(cpu_level_t level, uint64_t word)
{
	return level >= CPU_SSE41 ? (unsigned)__builtin_popcountll(word) : bits_count(word);
}

/* bits_select with what the processor has: PDEP moves the bit 1 << rank to the one of that rank. The
 * compiler's builtin is refused outside of functions for that processor, so it is written out. */
ATTR_ALWAYS_INLINE unsigned bits_select_at(cpu_level_t level ATTR_UNUSED, uint64_t word,
					   unsigned rank)
{
#if CPU_HAS_VARIANTS
	if (level >= CPU_AVX2) {
		uint64_t bit;

		__asm__("pdep %2, %1, %0" : "=r"(bit) : "r"((uint64_t)1 << rank), "r"(word));
		return (unsigned)__builtin_ctzll(bit);
	}
#endif
	return bits_select(word, rank);
}

#endif
