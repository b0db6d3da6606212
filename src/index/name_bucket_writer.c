/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_bucket_writer.h"

/* Nearly all names have a mark that says all and a suffix that is written at once: the loop over these has
 * one branch for each name, which is as good as never taken, and waits for nothing but the end of the
 * suffix before. */

/* Nibbles that are put at a time, at most: with one that was left over they are less than a word. */
#define NIBBLES_PUT 14u

_Static_assert(NIBBLES_PUT < NAME_MARK_MORE, "what is put at once needs no more than a mark");
_Static_assert(NIBBLES_PUT % 2 == 0, "a long suffix is read by whole bytes");

/* How far nibbles are written. Two words, which are handed over in registers. */
typedef struct nibbles {
	size_t count;
	uint64_t left; /* the last one, if it is half a byte: the highest bits; else nothing */
} nibbles_t;

/* Up to NIBBLES_PUT nibbles more, the first one the highest of `bits`, with zeros behind. Writes 8 bytes,
 * those behind zeros. Without a branch: what is left over is what there is of the bits. */
static inline nibbles_t put_nibbles(uint8_t *to, nibbles_t out, uint64_t bits, uint32_t count)
{
	uint32_t shift = out.count % 2 * 4;
	uint32_t end = shift + 4 * count;

	bits = out.left | bits >> shift;
	bits_store_big_64(to + out.count / 2, bits);
	return (nibbles_t){ out.count + count, bits << (end - end % 8) };
}

/* What a half of a mark does not say. */
static nibbles_t put_more(uint8_t *to, nibbles_t out, uint32_t value)
{
	if (value < NAME_MARK_MORE)
		return out;
	for (value -= NAME_MARK_MORE; value >= 8; value >>= 3)
		out = put_nibbles(to, out, (uint64_t)((value & 7) | 8) << 60, 1);
	return put_nibbles(to, out, (uint64_t)value << 60, 1);
}

static inline uint32_t half_of(uint32_t value)
{
	return value < NAME_MARK_MORE ? value : NAME_MARK_MORE;
}

/* Writes the suffix of a name that is not as nearly all, and what is in front of it. */
static nibbles_t put_long_name(const name_open_bucket_t *bucket, uint32_t name, uint32_t shared,
			       uint8_t *to, nibbles_t out)
{
	uint32_t left = bucket->lengths[name];
	uint8_t word[2 * sizeof(uint64_t)];
	const uint8_t *at = word;

	out = put_more(to, out, shared);
	out = put_more(to, out, left);
	if (left <= NAME_SUFFIX_SHORT) {
		bits_store_big_64(word, bucket->suffixes[name]);
		bits_store_big_64(word + sizeof(uint64_t), 0);
	} else {
		at = bucket->long_suffixes + bucket->suffixes[name];
	}
	for (uint32_t count; left > 0; left -= count, at += NIBBLES_PUT / 2) {
		count = left < NIBBLES_PUT ? left : NIBBLES_PUT;
		out = put_nibbles(to, out, bits_load_big_64(at) & ~(~(uint64_t)0 >> 4 * count),
				  count);
	}
	return out;
}

/* Writes the marks and the suffixes, and returns where they end. */
static uint8_t *write_names(const name_open_bucket_t *bucket, uint32_t base, uint8_t *marks)
{
	uint8_t *to = marks + bucket->count;
	nibbles_t out = { .count = 0 };

	for (uint32_t i = 0; i < bucket->count; i++) {
		uint32_t shared = i > 0 ? bucket->shared[i] - base : 0;
		uint32_t length = bucket->lengths[i];

		marks[i] = (uint8_t)(half_of(shared) << 4 | half_of(length));
		if (LIKELY(shared < NAME_MARK_MORE && length <= NIBBLES_PUT))
			out = put_nibbles(to, out, bucket->suffixes[i], length);
		else
			out = put_long_name(bucket, i, shared, to, out);
	}
	return to + (out.count + 1) / 2;
}

static uint8_t *write_cells(const name_open_bucket_t *bucket, uint32_t width, uint8_t *to)
{
	uint32_t count = bucket->other_cells != 0 ? bucket->count : 1;

	for (uint32_t i = 0; i < count; i++)
		for (uint32_t byte = 0; byte < width; byte++)
			*to++ = (uint8_t)(bucket->cells[i] >> 8 * byte);
	return to;
}

uint8_t *name_bucket_write(const name_open_bucket_t *bucket, uint8_t *to)
{
	const uint8_t *begin = to;
	uint32_t base = bucket->least_shared < UINT8_MAX ? bucket->least_shared : UINT8_MAX;
	uint32_t width = 1;

	base = bucket->count > 1 ? base : 0;
	while (bucket->all_cells >> 8 * width != 0)
		width++;
	*to++ = (uint8_t)bucket->count;
	*to++ = (uint8_t)(width | (bucket->other_cells != 0 ? NAME_CELL_EACH : 0) |
			  (bucket->context_count > 0 ? NAME_HAS_CONTEXT : 0));
	*to++ = (uint8_t)base;
	if (bucket->context_count > 0) {
		size_t size = (size_t)bucket->context_count * NAME_CONTEXT_SIZE;

		*to++ = (uint8_t)bucket->context_count;
		memcpy(to, bucket->context, size);
		to += size;
	}
	to = write_cells(bucket, width, to);
	to = write_names(bucket, base, to);
	while ((size_t)(to - begin) % NAME_UNIT != 0)
		*to++ = 0;
	return to;
}
