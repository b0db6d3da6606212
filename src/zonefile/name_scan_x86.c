/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Plain lines of names on x86-64.
 *
 * A name on the wire is its text moved by a byte, with lengths where dots were:
 *
 *     text      e x a m p l e . c o m LF
 *     wire    7 e x a m p l e 3 c o m 0
 *
 * So a line is copied as a whole, in lower case, and the bytes at its dots are written over. Which these
 * are, where lines end, and what is not plain is found out for 64 bytes at once, as a bit of a word for
 * each byte; all lines that end among them are read from these words. Nothing in there can be too long for
 * a label or a name. Lines that do not end among them are left, and so are all with CRLF. For keys nothing
 * is copied: a coder has the texts, the places of their dots, and codes for letters in either case.
 *
 * Refused: to note where the lines of 1 KiB start before they are read, as ip4_scan_x86.c does. It took a
 * fifth more time: names are of all sizes, so that there is more to do for each than to wait for. */

#include "zonefile/name_scan_variants.h"

#if CPU_HAS_VARIANTS

#include <immintrin.h>
#include <stdbool.h>
#include <string.h>

#include "zonefile/name_scan.h"

#define BLOCK 64
_Static_assert(BLOCK <= NAME_SCAN_MARGIN, "a line is copied by whole blocks");
_Static_assert(BLOCK - 1 <= DNS_LABEL_MAX, "a label is not too long");
_Static_assert(BLOCK - 1 <= NAME_CODER_TEXT_MAX, "a name has not too much text for a coder");
_Static_assert(3 + BLOCK <= NAME_SCAN_ENTRY_ROOM, "whole blocks have room");

/* Bit i is about the i-th byte of a block, which is at the start of a line. */
typedef struct marks {
	uint64_t ends; /* it is LF */
	uint64_t dots;
	uint64_t odd; /* it is nothing that a name has */
} marks_t;

typedef marks_t look_t(const char *block);
/* Copies the `size` bytes of a name, less than a block, in lower case, and what comes behind them. */
typedef void copy_t(uint8_t *to, const char *from, unsigned size);

/* Writes the lengths of labels into a name of `size` bytes of text whose copy starts at wire[1], and the
 * root label. `ends` has the bits of its dots and of the LF. */
static inline void write_lengths(uint8_t *wire, unsigned size, uint64_t ends)
{
	unsigned label = 0;

	while (label <= size) {
		unsigned end = (unsigned)__builtin_ctzll(ends);
		wire[label] = (uint8_t)(end - label);
		label = end + 1;
		ends &= ends - 1;
	}
	wire[label] = 0;
}

/* A line of a block. */
typedef struct line {
	const char *name;
	unsigned start; /* of the name, in the block */
	unsigned end;
	unsigned kinds;
} line_t;

/* Opens the line at `at`, which is the next one that ends in the block. Returns false where it may not be
 * plain. */
static inline bool open_line(const char *block, const char *at, uint64_t ends, uint64_t odd,
			     line_t *line)
{
	line->name = at;
	line->kinds = name_scan_take_kinds(&line->name);
	line->start = (unsigned)(line->name - block);
	line->end = (unsigned)__builtin_ctzll(ends);
	/* Of what is odd, that between start and end, both included. */
	uint64_t odd_here =
		odd << (BLOCK - 1 - line->end) >> (BLOCK - 1 - line->end) >> line->start;
	return line->kinds != 0 && odd_here == 0;
}

/* What all variants have in common: becomes a part of each, with its functions. */

ATTR_ALWAYS_INLINE size_t scan_entries(look_t *look, copy_t *copy, const char **at, const char *end,
				       uint8_t **out, const uint8_t *limit)
{
	size_t count = 0;

	while (end - *at >= BLOCK) {
		const char *block = *at;
		marks_t marks = look(block);
		uint64_t label_ends = marks.ends | marks.dots;
		/* No label is empty: nothing that ends one is where one starts. */
		uint64_t odd = marks.odd | (label_ends & (label_ends << 1 | 1));
		for (; marks.ends != 0; marks.ends &= marks.ends - 1) {
			line_t line;
			if (!open_line(block, *at, marks.ends, odd, &line) || *out > limit)
				return count;
			unsigned size = line.end - line.start;
			**out = (uint8_t)line.kinds;
			copy(*out + 2, line.name, size);
			write_lengths(*out + 1, size, label_ends >> line.start);
			*out += 3 + size;
			*at = block + line.end + 1;
			count++;
		}
		if (*at == block)
			return count;
	}
	return count;
}

/* Names on their way to a coder, which wants many at once. */
typedef struct names {
	name_coder_text_t texts[NAME_CODER_TEXTS];
	size_t count;
} names_t;

#define BLOCK_LINES (BLOCK / 2)
_Static_assert(2 * BLOCK_LINES <= NAME_CODER_TEXTS,
	       "blocks of short lines are not read one by one");

/* Adds the names of the lines that end in the block at `*at`, and moves that behind them. Returns false
 * where a line comes that may not be plain, or is too long. */
ATTR_ALWAYS_INLINE bool collect(look_t *look, const char **at, names_t *names)
{
	const char *block = *at;
	marks_t marks = look(block);
	uint64_t label_ends = marks.ends | marks.dots;
	uint64_t odd = marks.odd | (label_ends & (label_ends << 1 | 1));

	for (; marks.ends != 0; marks.ends &= marks.ends - 1) {
		line_t line;
		if (!open_line(block, *at, marks.ends, odd, &line))
			return false;
		names->texts[names->count++] = (name_coder_text_t){
			.at = (const uint8_t *)line.name,
			.dots = label_ends >> line.start,
			.size = line.end - line.start,
			.kinds = line.kinds,
		};
		*at = block + line.end + 1;
	}
	return *at != block;
}

ATTR_ALWAYS_INLINE size_t scan_keys(look_t *look, name_coder_t *coder, const char **at,
				    const char *end, uint8_t **out, const uint8_t *limit)
{
	names_t names;
	size_t sum = 0;
	bool is_more = true;

	while (is_more) {
		const char *next = *at;
		names.count = 0;
		while (is_more && names.count <= NAME_CODER_TEXTS - BLOCK_LINES)
			is_more = end - next >= BLOCK && collect(look, &next, &names);
		size_t done = name_coder_put_texts(coder, names.texts, names.count, out, limit);
		sum += done;
		if (done < names.count) {
			if (done > 0)
				*at = (const char *)names.texts[done - 1].at +
				      names.texts[done - 1].size + 1;
			return sum;
		}
		*at = next;
	}
	return sum;
}

/* ---- SSE4.1 ---- */

CPU_TARGET_SSE41 static inline __m128i load_128(const void *at)
{
	return _mm_loadu_si128(at);
}

CPU_TARGET_SSE41 static inline uint64_t mask_128(__m128i bytes)
{
	return (uint64_t)_mm_movemask_epi8(bytes);
}

CPU_TARGET_SSE41 static inline marks_t look_sse41(const char *block)
{
	marks_t marks = { 0, 0, 0 };

	for (unsigned i = 0; i < BLOCK; i += 16) {
		__m128i bytes = load_128(block + i);
		__m128i end = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
		__m128i dot = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('.'));
		/* Bytes from 0x80 on are negative. */
		__m128i visible = _mm_cmpgt_epi8(bytes, _mm_set1_epi8(' '));
		__m128i odd = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')),
					   _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)));
		odd = _mm_or_si128(
			odd, _mm_andnot_si128(visible, _mm_cmpeq_epi8(end, _mm_setzero_si128())));
		marks.ends |= mask_128(end) << i;
		marks.dots |= mask_128(dot) << i;
		marks.odd |= mask_128(odd) << i;
	}
	return marks;
}

CPU_TARGET_SSE41 static inline __m128i lower_128(__m128i bytes)
{
	/* 'A' becomes the least number that there is, so that one comparison finds letters. */
	__m128i letter = _mm_add_epi8(bytes, _mm_set1_epi8((char)(0x80 - 'A')));
	__m128i upper = _mm_cmplt_epi8(letter, _mm_set1_epi8((char)(0x80 + 26)));

	return _mm_or_si128(bytes, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
}

CPU_TARGET_SSE41 static inline void copy_sse41(uint8_t *to, const char *from, unsigned size)
{
	/* Two at a time: most names have no more, and to guess whether they need one or two is dear. */
	for (unsigned i = 0; i <= size; i += 32) {
		_mm_storeu_si128((void *)(to + i), lower_128(load_128(from + i)));
		_mm_storeu_si128((void *)(to + i + 16), lower_128(load_128(from + i + 16)));
	}
}

CPU_TARGET_SSE41 size_t name_scan_sse41(name_coder_t *coder, const char **at, const char *end,
					uint8_t **out, const uint8_t *limit)
{
	return coder == NULL ? scan_entries(look_sse41, copy_sse41, at, end, out, limit)
			     : scan_keys(look_sse41, coder, at, end, out, limit);
}

/* ---- AVX2 ---- */

CPU_TARGET_AVX2 static inline __m256i load_256(const void *at)
{
	return _mm256_loadu_si256(at);
}

CPU_TARGET_AVX2 static inline uint64_t mask_256(__m256i bytes)
{
	return (uint32_t)_mm256_movemask_epi8(bytes);
}

CPU_TARGET_AVX2 static inline marks_t look_avx2(const char *block)
{
	marks_t marks = { 0, 0, 0 };

	for (unsigned i = 0; i < BLOCK; i += 32) {
		__m256i bytes = load_256(block + i);
		__m256i end = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\n'));
		__m256i dot = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('.'));
		__m256i visible = _mm256_cmpgt_epi8(bytes, _mm256_set1_epi8(' '));
		__m256i odd = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\')),
					      _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7f)));
		uint64_t ends = mask_256(end);
		marks.ends |= ends << i;
		marks.dots |= mask_256(dot) << i;
		marks.odd |= (mask_256(odd) | (~mask_256(visible) & 0xffffffff & ~ends)) << i;
	}
	return marks;
}

CPU_TARGET_AVX2 static inline void copy_avx2(uint8_t *to, const char *from, unsigned size)
{
	for (unsigned i = 0; i <= size; i += 32) {
		__m256i bytes = load_256(from + i);
		__m256i letter = _mm256_add_epi8(bytes, _mm256_set1_epi8((char)(0x80 - 'A')));
		__m256i upper = _mm256_cmpgt_epi8(_mm256_set1_epi8((char)(0x80 + 26)), letter);
		bytes = _mm256_or_si256(bytes, _mm256_and_si256(upper, _mm256_set1_epi8(0x20)));
		_mm256_storeu_si256((void *)(to + i), bytes);
	}
}

CPU_TARGET_AVX2 size_t name_scan_avx2(name_coder_t *coder, const char **at, const char *end,
				      uint8_t **out, const uint8_t *limit)
{
	return coder == NULL ? scan_entries(look_avx2, copy_avx2, at, end, out, limit)
			     : scan_keys(look_avx2, coder, at, end, out, limit);
}

#endif
