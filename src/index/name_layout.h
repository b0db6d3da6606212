/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_LAYOUT_H
#define SPURN_INDEX_NAME_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index/bits.h"
#include "index/name_code.h"
#include "index/name_index.h"

/* How a name_index lies in memory. Private to the name_*.c files of this directory.
 *
 * Terms
 *   path        the labels of a name from the top label down, each behind its length.
 *   key         the bits that stand for a name; they sort as names do (see name_code.h).
 *   nibble      four bits of a key. Keys are stored by nibbles, without zeros at their end.
 *   cell        what a name's entries are: the numbers of the plain and the wildcard entry.
 *   bucket      up to NAME_BUCKET names that follow each other, with their cells.
 *   separator   the shortest string of bits that is above all keys before a bucket, and not above
 *               its first one.
 *   directory   the separators, to find a name's bucket; made of layers.
 *   covered     a name is covered by the wildcard entry of the longest name that it is below.
 *   context     of a bucket: the wildcard entries in earlier buckets of names above its first one.
 *
 * Picture
 *   block:      header with codes | buckets ... | layers ... | pairs | padding
 *
 *   bucket:     count | width and flags | base | context | cells | marks | suffixes
 *
 *     com.example       the first key, whole
 *     com.example.www   shares 9 nibbles, 4 more follow    mark 9 - base, 4   suffix 7d42
 *     com.exodus        shares 6 nibbles, 5 more follow    mark 6 - base, 5   suffix 91c3e
 *
 *   Each name is stored as the nibbles that it does not share with the name before it. A mark is
 *   one byte: how many nibbles are shared, less the least in the bucket, and how many follow; what
 *   does not fit its half says so by NAME_MARK_MORE, and the rest stands in front of the suffix.
 *   If all names of a bucket have one cell it is there once; in a list with one value that is one
 *   byte for a bucket.
 *
 *   A lookup makes the first 60 bits behind the shared ones of name after name, until they are not
 *   below the question's: see name_probe.c. It needs no more than marks to skip names. Say the
 *   question shares m nibbles with the name before. The next name, when it shares more than m with
 *   that one, is below the question as well, and shares m too; when it shares less it is above, and
 *   the search is over; only when it shares exactly m its suffix has to be looked at.
 *
 *   A name's wildcard entries above it come before it in order, and so are met on the way to its
 *   place, or they lie before the bucket: and then they are above all names from there to the
 *   question's place, also above the bucket's first one, so they are in its context. And what is
 *   below a name follows it directly. So one bucket answers all that there is to ask, in one pass.
 *
 *   layer:      count | heads ... | refs
 *
 *   The root layer has the first 64 bits of all separators, the heads, and of each where its bucket
 *   is. Each NAME_FANOUT heads have one in the level above, and so on until they are few. Of
 *   separators that share a head the ref is that of another layer, for their next 64 bits. So a
 *   million hosts under one long name cost nothing but a second layer (after Y. Mao, E. Kohler, R.
 *   Morris, "Cache craftiness for fast multicore key-value storage", 2012). Where a question shares
 *   all 64 bits with a head it may turn out to be before the bucket; the bucket before answers it.
 *
 * Invariant
 *   Keys ascend from bucket to bucket and in them. A mark tells all that two neighbours share. Each
 *   exclusion is covered by an entry that is listed: others hide nothing, and the builder drops
 *   them. So if something is left below a name that no listed entry covers, something there is
 *   listed.
 *   All of a block follows from the names, cells and codes, and there is one way only to write it: a test
 *   makes it once more and compares. name_index_check proves of bytes from anywhere what lookups rely on,
 *   which is less, in a thousandth of the time.
 *
 * Refused
 *   - Hashing: one probe, so one miss, for each label of a question; empty non-terminals as entries
 *     of their own; no order for dumps; and hashes as long as the keys, to be exact.
 *   - A trie of pointers or a qp-trie: 16 bytes for each name and more, beside the names.
 *   - Packing base 40, three characters in two bytes: one bit more for each character than a
 *     code made for the list, and escapes for the other 219 bytes.
 *   - Suffixes of bytes or of bits instead of nibbles: two half bytes lost each, or two bits more
 *     in each mark.
 *   - Columns instead of marks, a word each of what all names of a bucket share, of the first nibbles that they
 *     do not, and of how many follow, so that a lookup compares all names at once, nibble by nibble of the
 *     question: as long, but two steps or three, each of which waits for the one before and ends in a branch
 *     that no processor can predict, take twice the time of eight windows, 137 ns for 104 of a whole lookup.
 *   - Huge pages (MADV_COLLAPSE of what was built): 8 % less time of spurnd for a query over UDP among 5
 *     million names, but 90 ms more for loading them, which takes 560; and none for mapped files. */

/* First word of a block; changes with the layout, and with the byte order it looks different. */
#define NAME_FORMAT 0x4e4d4901u

/* Names in a bucket. A lookup goes through half of one: 24 take a third of a byte less for each
 * name, and 15 % more time. */
#define NAME_BUCKET 16u

/* Heads of a layer's level that have one in the level above: two cache lines. */
#define NAME_FANOUT 16u
/* Enough for all buckets that a block can hold. */
#define NAME_LEVELS 8u

/* Buckets start at multiples of this many bytes; refs count in it, so it limits a block to 2^31
 * times as much. */
#define NAME_UNIT 2u
/* A ref with this bit is the offset of a layer in units of NAME_LAYER_UNIT, else of a bucket in
 * units of NAME_UNIT. Both from the start of the block. */
#define NAME_REF_LAYER  0x80000000u
#define NAME_LAYER_UNIT 8u

/* Bytes behind everything, so that 8 bytes can be loaded wherever a nibble is. */
#define NAME_PADDING 16u

/* A half of a mark that does not say it all. The rest, less this, stands in front of the suffix:
 * three bits in a nibble, the lowest first, its highest bit set when another one follows. */
#define NAME_MARK_MORE 15u

/* Second byte of a bucket: bytes of a cell in bits 0..2, and flags. */
#define NAME_WIDTH_MASK  7u
#define NAME_CELL_EACH   8u  /* a cell for each name, not one for all */
#define NAME_HAS_CONTEXT 16u /* the byte behind the header counts the entries of the context */

#define NAME_BUCKET_HEADER 3u
#define NAME_CONTEXT_SIZE  5u /* an entry: labels of its name, number */

/* Kinds of a cell, in its lowest bits; the others are the number. */
typedef enum name_cell_kind {
	NAME_CELL_PLAIN,    /* a plain entry */
	NAME_CELL_WILDCARD, /* a wildcard entry */
	NAME_CELL_BOTH,     /* both, with one number */
	NAME_CELL_PAIR,     /* both, the number is that of a pair */
} name_cell_kind_t;
#define NAME_CELL_BITS 2u

typedef struct name_pair {
	uint32_t plain;
	uint32_t wildcard;
} name_pair_t;

/* The entries of a name, as everything outside of buckets has them. */
typedef struct name_entries {
	bool has_plain;
	bool has_wildcard;
	uint32_t plain; /* numbers, NAME_INDEX_NONE for exclusions */
	uint32_t wildcard;
} name_entries_t;

struct name_index {
	uint32_t format;
	uint32_t bucket_count;
	uint64_t name_count;
	uint64_t size;        /* bytes of the block */
	uint64_t buckets_end; /* offsets in bytes from the start of the block */
	uint64_t root;
	uint64_t pairs;
	uint64_t pair_count;
	name_code_t codes[NAME_SYMBOLS];
	uint8_t reserved[4]; /* zero */
	uint8_t buckets[];
};

_Static_assert(offsetof(struct name_index, buckets) % 8 == 0, "no hidden padding");
_Static_assert(offsetof(struct name_index, reserved) % 4 == 0, "no hidden padding");

/* A layer of the directory: the heads of its levels, the lowest level first, then the refs. */
typedef struct name_layer {
	uint32_t count;    /* of refs, and heads of the lowest level */
	uint32_t reserved; /* zero */
	uint64_t heads[];
} name_layer_t;

/* Where the levels of a layer are. */
typedef struct name_levels {
	unsigned count;
	uint32_t counts[NAME_LEVELS];     /* heads of each level, the lowest first */
	uint32_t starts[NAME_LEVELS + 1]; /* the first of them; behind the last level's the end */
} name_levels_t;

static inline name_levels_t name_levels_of(uint32_t count)
{
	name_levels_t levels = { .count = 1, .counts[0] = count, .starts[1] = count };

	while (count > NAME_FANOUT) {
		count = (count + NAME_FANOUT - 1) / NAME_FANOUT;
		levels.counts[levels.count] = count;
		levels.starts[levels.count + 1] = levels.starts[levels.count] + count;
		levels.count++;
	}
	return levels;
}

/* A bucket taken apart; points into the block. */
typedef struct name_bucket {
	const uint8_t *context;
	const uint8_t *cells;
	const uint8_t *marks;
	const uint8_t *suffixes;
	uint32_t count; /* of names */
	uint32_t context_count;
	uint32_t base; /* nibbles that every name but the first shares with that before it */
	uint32_t width;
	bool is_each;
} name_bucket_t;

static inline name_bucket_t name_bucket_open(const uint8_t *at)
{
	name_bucket_t bucket = { .count = at[0], .base = at[2] };

	bucket.width = at[1] & NAME_WIDTH_MASK;
	bucket.is_each = at[1] & NAME_CELL_EACH;
	bucket.cells = at + NAME_BUCKET_HEADER;
	if (at[1] & NAME_HAS_CONTEXT) {
		bucket.context_count = *bucket.cells;
		bucket.context = bucket.cells + 1;
		bucket.cells = bucket.context + (size_t)bucket.context_count * NAME_CONTEXT_SIZE;
	}
	bucket.marks = bucket.cells + (size_t)bucket.width * (bucket.is_each ? bucket.count : 1);
	bucket.suffixes = bucket.marks + bucket.count;
	return bucket;
}

/* Goes through the names of a bucket. Plain data; start with name_cursor_begin. */
typedef struct name_cursor {
	const uint8_t *marks;
	const uint8_t *suffixes;
	uint32_t base;     /* of the next name */
	uint32_t position; /* nibbles in `suffixes`: where the next name begins */
	/* Of the name that name_cursor_next took. */
	uint32_t shared; /* nibbles */
	uint32_t length; /* nibbles of its suffix */
	uint32_t suffix; /* nibbles in `suffixes` */
} name_cursor_t;

static inline name_cursor_t name_cursor_begin(const name_bucket_t *bucket)
{
	return (name_cursor_t){ .marks = bucket->marks, .suffixes = bucket->suffixes };
}

/* What a half of a mark leaves to say. */
static inline uint32_t name_more_load(name_cursor_t *cursor)
{
	uint32_t more = 0;
	uint32_t nibble;

	/* As many nibbles as an uint32_t can take; sound ones end long before. */
	for (unsigned shift = 0; shift < 30; shift += 3) {
		nibble = (uint32_t)(name_nibbles_load(cursor->suffixes, cursor->position++) >> 60);
		more |= (nibble & 7) << shift;
		if (nibble < 8)
			break;
	}
	return more;
}

/* Takes the next name. */
static inline void name_cursor_next(name_cursor_t *cursor, const name_bucket_t *bucket)
{
	uint32_t mark = *cursor->marks++;

	cursor->shared = mark >> 4;
	cursor->length = mark & 15;
	if (UNLIKELY(cursor->shared == NAME_MARK_MORE))
		cursor->shared += name_more_load(cursor);
	if (UNLIKELY(cursor->length == NAME_MARK_MORE))
		cursor->length += name_more_load(cursor);
	cursor->shared += cursor->base;
	cursor->base = bucket->base;
	cursor->suffix = cursor->position;
	cursor->position += cursor->length;
}

/* Of eight marks, those that do not say it all, as ones in some of their bits. */
static inline uint64_t name_marks_with_more(uint64_t marks)
{
	uint64_t lows = marks & 0x0f * BITS_ONES_STEP_8;
	uint64_t highs = marks >> 4 & 0x0f * BITS_ONES_STEP_8;

	return ((lows + BITS_ONES_STEP_8) | (highs + BITS_ONES_STEP_8)) & 0x10 * BITS_ONES_STEP_8;
}

static inline uint64_t name_bucket_cell(const name_bucket_t *bucket, uint32_t name)
{
	const uint8_t *at = bucket->cells + (bucket->is_each ? (size_t)name * bucket->width : 0);

	return bits_load_64(at) & ~(uint64_t)0 >> (64 - 8 * bucket->width);
}

static inline const name_pair_t *name_pairs(const name_index_t *index)
{
	return (const name_pair_t *)(const void *)((const uint8_t *)index + index->pairs);
}

static inline name_entries_t name_cell_open(const name_index_t *index, uint64_t cell)
{
	name_cell_kind_t kind = cell & ((1u << NAME_CELL_BITS) - 1);
	uint32_t number = (uint32_t)(cell >> NAME_CELL_BITS);

	if (UNLIKELY(kind == NAME_CELL_PAIR))
		return (name_entries_t){ true, true, name_pairs(index)[number].plain,
					 name_pairs(index)[number].wildcard };
	return (name_entries_t){ kind != NAME_CELL_WILDCARD, kind != NAME_CELL_PLAIN, number,
				 number };
}

/* Entry `entry` of a bucket's context. */
static inline unsigned name_context_depth(const name_bucket_t *bucket, uint32_t entry)
{
	return bucket->context[(size_t)entry * NAME_CONTEXT_SIZE];
}

static inline uint32_t name_context_number(const name_bucket_t *bucket, uint32_t entry)
{
	return bits_load_32(bucket->context + (size_t)entry * NAME_CONTEXT_SIZE + 1);
}

static inline const name_layer_t *name_layer_at(const name_index_t *index, uint64_t offset)
{
	return (const name_layer_t *)(const void *)((const uint8_t *)index + offset);
}

static inline const uint32_t *name_layer_refs(const name_layer_t *layer,
					      const name_levels_t *levels)
{
	return (const uint32_t *)(const void *)(layer->heads + levels->starts[levels->count]);
}

#endif
