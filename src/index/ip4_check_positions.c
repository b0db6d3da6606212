/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_check_positions.h"

/* Positions in unary are looked at 64 bits of the unary part at a time. Its zeros are positions, and where
 * two of them are neighbours without a one between them, the low byte of the second has to be above that of
 * the first: so all low bytes are compared with those behind them, whatever high bytes they have, and of
 * the results those count whose zero has no one behind it. Where there is PEXT it takes the bits behind
 * the zeros out of a word in one go, and then nothing depends on a branch. Ten million addresses
 * take 4 ms, and 70 position by position. */

#if CPU_HAS_VARIANTS

#include <immintrin.h>

/* Low bytes that are compared at once, and bytes behind the first one that are read for that. */
#define STEP      32u
#define STEP_READ (STEP + 1)

/* Which of the low bytes from `lows` on, up to 64, are not below the one behind them? `count` is how many
 * are asked about; what is said of others is anything. */
CPU_TARGET_AVX2 static inline uint64_t not_below_next(const uint8_t *lows, unsigned count)
{
	uint64_t result = 0;

	for (unsigned i = 0; i < count; i += STEP) {
		__m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(lows + i));
		__m256i next = _mm256_loadu_si256((const __m256i *)(const void *)(lows + i + 1));
		__m256i is_not_below = _mm256_cmpeq_epi8(_mm256_max_epu8(low, next), low);

		result |= (uint64_t)(uint32_t)_mm256_movemask_epi8(is_not_below) << i;
	}
	return result;
}

/* Do the low bytes of all high bytes ascend? Of a container in unary; STEP_READ bytes behind its last one may be
 * read. */
CPU_TARGET_AVX2 static bool is_ascending_avx2(const uint8_t *unary, const uint8_t *lows,
					      uint32_t count)
{
	uint32_t bits = IP4_HIGH_BYTES + count;
	uint64_t wrong = 0;

	for (uint32_t bit = 0; bit < bits; bit += 64, unary += 8) {
		uint64_t word = bits_load_64(unary);
		uint64_t next = word >> 1 | (uint64_t)unary[8] << 63;
		uint64_t zeros = ~word;

		if (bits - bit < 64)
			zeros &= ~(~(uint64_t)0 << (bits - bit));
		unsigned here = bits_count_at(CPU_AVX2, zeros);
		wrong |= _pext_u64(~next, zeros) & not_below_next(lows, here);
		lows += here;
	}
	return wrong == 0;
}

#endif

/* Do all positions ascend? Position by position. */
static bool is_ascending(const ip4_container_t *container)
{
	ip4_positions_t positions = ip4_positions_begin(container);
	uint32_t next = 0; /* the least that may come */
	uint32_t low;

	while (ip4_positions_next(&positions, &low)) {
		if (low < next)
			return false;
		next = low + 1;
	}
	return true;
}

/* The same, if the unary part is known to be right. */
static bool is_unary_ascending(const ip4_container_t *container, const uint8_t *end)
{
#if CPU_HAS_VARIANTS
	uint32_t count = container->count;
	const uint8_t *unary = container->positions + ip4_samples_size(count);
	const uint8_t *lows = unary + ip4_unary_size(count);

	if (cpu_level() >= CPU_AVX2 && (size_t)(end - lows) >= count + STEP_READ)
		return is_ascending_avx2(unary, lows, count);
#else
	(void)end;
#endif
	return is_ascending(container);
}

/* Where the ones of the unary part are that samples are for. */
static const char *check_samples(const ip4_container_t *container)
{
	const uint8_t *unary = container->positions + ip4_samples_size(container->count);
	uint32_t ones = 0;
	uint32_t bit = 0;

	for (unsigned i = 0; i < IP4_SAMPLES; i++) {
		uint32_t wanted = (i + 1) * IP4_SAMPLE_STEP; /* this one, counted from 1 */
		unsigned here;

		for (; ones + (here = bits_count(bits_load_64(unary + bit / 8))) < wanted;
		     bit += 64)
			ones += here;
		if (bits_load_16(container->positions + i * sizeof(uint16_t)) !=
		    bit + bits_select(bits_load_64(unary + bit / 8), wanted - ones - 1) + 1)
			return "wrong sample in a container";
	}
	return NULL;
}

/* The unary part has a one for each high byte and a zero for each position, the last bit is a one, and nothing
 * is behind it. */
static const char *check_unary(const ip4_container_t *container)
{
	const uint8_t *unary = container->positions + ip4_samples_size(container->count);
	uint32_t size = (uint32_t)ip4_unary_size(container->count);
	uint32_t bits = IP4_HIGH_BYTES + container->count;
	uint32_t ones = 0;

	for (uint32_t i = 0; i < size; i += 8) {
		uint64_t word = bits_load_64(unary + i);

		ones += bits_count(size - i < 8 ? word & ~(~(uint64_t)0 << 8 * (size - i)) : word);
	}
	if (ones > IP4_HIGH_BYTES || unary[size - 1] >> 1 >> (bits - 1) % 8 != 0)
		return "too many high bytes in a container";
	if (ones < IP4_HIGH_BYTES || bits_test(unary, bits - 1) == 0)
		return "too few high bytes in a container";
	return ip4_samples_size(container->count) > 0 ? check_samples(container) : NULL;
}

/* As many ones as positions, if they are a bitmap. */
static const char *check_coarse(const ip4_container_t *container)
{
	uint32_t ones = 0;

	if (!(container->kind & IP4_KIND_RUNS))
		return "coarse points";
	if (container->count >= IP4_HIGH_BYTES)
		return "too many coarse positions";
	if (container->count <= IP4_COARSE_BYTES)
		return NULL;
	for (uint32_t i = 0; i < IP4_HIGH_BYTES / 8; i += 8)
		ones += bits_count(bits_load_64(container->positions + i));
	return ones == container->count ? NULL : "not as many coarse positions as ones";
}

const char *ip4_check_positions(const ip4_container_t *container, const uint8_t *end)
{
	static const char disorder[] = "positions do not ascend";
	bool is_unary = !(container->kind & IP4_KIND_COARSE) && container->count > IP4_SHORT_MAX;
	const char *why = NULL;
	uint32_t first;

	if (container->kind & IP4_KIND_COARSE)
		why = check_coarse(container);
	else if (is_unary)
		why = check_unary(container);
	if (why != NULL)
		return why;
	if (!(is_unary ? is_unary_ascending(container, end) : is_ascending(container)))
		return disorder;
	if (!(container->kind & IP4_KIND_RUNS))
		return NULL;
	/* The first run begins where the page does, without a position. */
	ip4_positions_t positions = ip4_positions_begin(container);
	return ip4_positions_next(&positions, &first) && first > 0 ? NULL : disorder;
}
