/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Plain lines of addresses on x86-64.
 *
 * A line of at most 16 bytes is taken apart by one shuffle, which puts each number, right-justified, and
 * the dot or LF behind it into four bytes:
 *
 *     1 9 2 . 0 . 2 . 7 7 LF ...   ->   1 9 2 .  _ _ 0 .  _ _ 2 .  _ 7 7 LF
 *
 * Two multiplications make numbers of them: 100, 10, 1 and 0 times the four bytes, added up. Which shuffle
 * that is depends on where the four bytes are that are no digits; there are 81 ways. One bit for each of
 * them, hashed without collisions, is the row of a table. The row is but a guess: that each byte is a
 * digit, a dot or the LF where the row wants one is checked behind the shuffle, which leaves out no byte
 * of the line; so a line that is not plain never passes, whatever row it gets.
 *
 * Where lines start is found first, 64 bytes at a time: otherwise each line would wait for the length of
 * the one before it, some 13 cycles. Lines are checked by the group, so that nothing depends on
 * a branch.
 *
 * Refused: rows found without a table, from the places of the dots by arithmetic: 4 trailing zeros to count and
 * a check that no number is longer than the row has room for. */

#include "zonefile/ip4_scan_variants.h"

#if CPU_HAS_VARIANTS

#include <immintrin.h>

/* Bits of the bytes that are no digits in a line whose numbers have a, b, c and d digits. */
#define MASK(a, b, c, d)                                                                           \
	(1u << (a) | 1u << ((a) + (b) + 1) | 1u << ((a) + (b) + (c) + 2) |                         \
	 1u << ((a) + (b) + (c) + (d) + 3))
/* Found by trying: all 81 masks get rows of their own. If two did not, the compiler would warn. */
#define HASH(mask) ((uint32_t)((mask)*0x6482800u) >> 24)

/* The four bytes of a number with `size` digits from byte `at` on. */
#define DIGIT(at, size, place) ((uint8_t)((size) > (place) ? (at) + (size) - (place)-1 : 0x80))
#define NUMBER(at, size)                                                                           \
	DIGIT(at, size, 2), DIGIT(at, size, 1), DIGIT(at, size, 0), (uint8_t)((at) + (size))
#define ROW(a, b, c, d)                                                                            \
	[HASH(MASK(a, b, c, d))] = { NUMBER(0, a), NUMBER((a) + 1, b), NUMBER((a) + (b) + 2, c),   \
				     NUMBER((a) + (b) + (c) + 3, d) }
#define ROWS_3(a, b, c) ROW(a, b, c, 1), ROW(a, b, c, 2), ROW(a, b, c, 3)
#define ROWS_2(a, b)    ROWS_3(a, b, 1), ROWS_3(a, b, 2), ROWS_3(a, b, 3)
#define ROWS_1(a)       ROWS_2(a, 1), ROWS_2(a, 2), ROWS_2(a, 3)

/* The other rows take the first byte for all of them, which cannot be both a dot and LF. */
static const uint8_t shuffles[256][16]
	__attribute__((aligned(16))) = { ROWS_1(1), ROWS_1(2), ROWS_1(3) };

/* For each number: what its bytes are when '0' is taken off and these are made 0 by xor; the most that
 * they may be then; and what they are worth. */
#define DOT  (char)('.' - '0')
#define LF   (char)('\n' - '0')
#define ENDS 0, 0, 0, DOT, 0, 0, 0, DOT, 0, 0, 0, DOT, 0, 0, 0, LF
#define MOST 9, 9, 9, 0, 9, 9, 9, 0, 9, 9, 9, 0, 9, 9, 9, 0
#define TENS 100, 10, 1, 0, 100, 10, 1, 0, 100, 10, 1, 0, 100, 10, 1, 0
/* From the order of the text to that of the host. */
#define SWAP 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12

/* Of most lists there are no more line ends in 64 bytes; to look for so many without asking whether there
 * are is cheaper than to guess their number wrong. */
#define ENDS_USUAL 6u

/* Notes `count` starts of lines behind LFs, which are ones in `mask`, in the 64 bytes at `offset`. */
static inline void add_starts(uint64_t mask, size_t offset, unsigned count, uint16_t *starts)
{
	for (unsigned i = 0; i < ENDS_USUAL; i++) {
		/* When no ones are left, what is written does not count. */
		starts[i] = (uint16_t)(offset + 1 +
				       (unsigned)__builtin_ctzll(mask | (uint64_t)1 << 63));
		mask &= mask - 1;
	}
	for (unsigned i = ENDS_USUAL; UNLIKELY(i < count); i++) {
		starts[i] = (uint16_t)(offset + 1 + (unsigned)__builtin_ctzll(mask));
		mask &= mask - 1;
	}
}

/* ---- SSE4.1 ---- */

CPU_TARGET_SSE41 static inline __m128i load_128(const void *at)
{
	return _mm_loadu_si128(at);
}

CPU_TARGET_SSE41 static size_t find_lines_sse41(const char *text, uint16_t *starts)
{
	const __m128i lf = _mm_set1_epi8('\n');

	*starts++ = 0;
	const uint16_t *first = starts;
	for (size_t offset = 0; offset < IP4_SCAN_CHUNK; offset += 64) {
		uint64_t mask = 0;
		for (unsigned i = 0; i < 4; i++) {
			__m128i bytes = load_128(text + offset + 16 * i);
			unsigned bits = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, lf));
			mask |= (uint64_t)bits << (16 * i);
		}
		unsigned count = (unsigned)__builtin_popcountll(mask);
		if (UNLIKELY(count > IP4_SCAN_ENDS_MAX))
			break;
		add_starts(mask, offset, count, starts);
		starts += count;
	}
	return (size_t)(starts - first);
}

/* The numbers of a line of `size` bytes, 32 bits each. `wrong` gets ones if they are none. */
CPU_TARGET_SSE41 static inline __m128i read_line_sse41(const char *line, unsigned size,
						       __m128i *wrong)
{
	const __m128i ends = _mm_setr_epi8(ENDS);
	const __m128i most = _mm_setr_epi8(MOST);
	const __m128i tens = _mm_setr_epi8(TENS);
	__m128i bytes = load_128(line);

	bytes = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
	uint32_t mask = (uint32_t)_mm_movemask_epi8(bytes) & ((1u << (size & 31)) - 1);
	__m128i row = load_128(shuffles[HASH(mask)]);
	bytes = _mm_xor_si128(_mm_shuffle_epi8(bytes, row), ends);
	*wrong = _mm_or_si128(*wrong, _mm_subs_epu8(bytes, most));
	return _mm_madd_epi16(_mm_maddubs_epi16(bytes, tens), _mm_set1_epi16(1));
}

CPU_TARGET_SSE41 static inline __m128i read_4_lines(const char *text, const uint16_t *starts,
						    __m128i *wrong)
{
	__m128i line[4];

	for (unsigned i = 0; i < 4; i++)
		line[i] = read_line_sse41(text + starts[i], starts[i + 1] - starts[i], wrong);
	__m128i low = _mm_packus_epi32(line[0], line[1]);
	__m128i high = _mm_packus_epi32(line[2], line[3]);
	*wrong = _mm_or_si128(*wrong, _mm_srli_epi16(_mm_or_si128(low, high), 8));
	return _mm_shuffle_epi8(_mm_packus_epi16(low, high), _mm_setr_epi8(SWAP));
}

CPU_TARGET_SSE41 static size_t read_lines_sse41(const char *text, const uint16_t *starts,
						size_t count, uint32_t *addresses)
{
	for (size_t i = 0; i < count; i += IP4_SCAN_GROUP) {
		__m128i wrong = _mm_setzero_si128();
		__m128i low = read_4_lines(text, starts + i, &wrong);
		__m128i high = read_4_lines(text, starts + i + 4, &wrong);
		_mm_storeu_si128((void *)(addresses + i), low);
		_mm_storeu_si128((void *)(addresses + i + 4), high);
		if (UNLIKELY(!_mm_testz_si128(wrong, wrong)))
			return i;
	}
	return count;
}

const ip4_scan_variant_t ip4_scan_sse41 = { find_lines_sse41, read_lines_sse41 };

/* ---- AVX2: as above, with two lines side by side in a register ---- */

CPU_TARGET_AVX2 static size_t find_lines_avx2(const char *text, uint16_t *starts)
{
	const __m256i lf = _mm256_set1_epi8('\n');

	*starts++ = 0;
	const uint16_t *first = starts;
	for (size_t offset = 0; offset < IP4_SCAN_CHUNK; offset += 64) {
		const void *bytes = text + offset;
		__m256i low = _mm256_cmpeq_epi8(_mm256_loadu_si256(bytes), lf);
		__m256i high = _mm256_cmpeq_epi8(
			_mm256_loadu_si256((const void *)(text + offset + 32)), lf);
		uint64_t mask = (uint32_t)_mm256_movemask_epi8(low) |
				(uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
		unsigned count = (unsigned)__builtin_popcountll(mask);
		if (UNLIKELY(count > IP4_SCAN_ENDS_MAX))
			break;
		add_starts(mask, offset, count, starts);
		starts += count;
	}
	return (size_t)(starts - first);
}

CPU_TARGET_AVX2 static inline __m256i load_2(const void *low, const void *high)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(load_128(low)), load_128(high), 1);
}

/* The numbers of lines i and i + 4, 32 bits each. */
CPU_TARGET_AVX2 static inline __m256i read_2_lines(const char *text, const uint16_t *starts,
						   __m256i *wrong)
{
	const __m256i ends = _mm256_setr_epi8(ENDS, ENDS);
	const __m256i most = _mm256_setr_epi8(MOST, MOST);
	const __m256i tens = _mm256_setr_epi8(TENS, TENS);
	__m256i bytes = load_2(text + starts[0], text + starts[4]);

	bytes = _mm256_sub_epi8(bytes, _mm256_set1_epi8('0'));
	uint32_t mask = (uint32_t)_mm256_movemask_epi8(bytes);
	uint32_t low = _bzhi_u32(mask & 0xffff, (unsigned)(starts[1] - starts[0]));
	uint32_t high = _bzhi_u32(mask >> 16, (unsigned)(starts[5] - starts[4]));
	__m256i row = load_2(shuffles[HASH(low)], shuffles[HASH(high)]);
	bytes = _mm256_xor_si256(_mm256_shuffle_epi8(bytes, row), ends);
	*wrong = _mm256_or_si256(*wrong, _mm256_subs_epu8(bytes, most));
	return _mm256_madd_epi16(_mm256_maddubs_epi16(bytes, tens), _mm256_set1_epi16(1));
}

CPU_TARGET_AVX2 static size_t read_lines_avx2(const char *text, const uint16_t *starts,
					      size_t count, uint32_t *addresses)
{
	const __m256i swap = _mm256_setr_epi8(SWAP, SWAP);

	for (size_t i = 0; i < count; i += IP4_SCAN_GROUP) {
		__m256i wrong = _mm256_setzero_si256();
		__m256i a = read_2_lines(text, starts + i, &wrong);
		__m256i b = read_2_lines(text, starts + i + 1, &wrong);
		__m256i c = read_2_lines(text, starts + i + 2, &wrong);
		__m256i d = read_2_lines(text, starts + i + 3, &wrong);
		__m256i ab = _mm256_packus_epi32(a, b);
		__m256i cd = _mm256_packus_epi32(c, d);
		__m256i all = _mm256_shuffle_epi8(_mm256_packus_epi16(ab, cd), swap);
		_mm256_storeu_si256((void *)(addresses + i), all);
		wrong = _mm256_or_si256(wrong, _mm256_srli_epi16(_mm256_or_si256(ab, cd), 8));
		if (UNLIKELY(!_mm256_testz_si256(wrong, wrong)))
			return i;
	}
	return count;
}

const ip4_scan_variant_t ip4_scan_avx2 = { find_lines_avx2, read_lines_avx2 };

#endif
