/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_reader.h"

void name_reader_begin(name_reader_t *reader, const name_index_t *index)
{
	memset(reader, 0, sizeof(*reader));
	reader->index = index;
	reader->next = index->buckets;
	reader->end = (const uint8_t *)index + index->buckets_end;
	name_decoder_make(&reader->decoder, index->codes);
}

static bool fail(name_reader_t *reader, const char *why)
{
	reader->why = why;
	return false;
}

/* Opens the next bucket; everything up to its suffixes lies inside. */
static bool open_bucket(name_reader_t *reader)
{
	const uint8_t *at = reader->next;
	size_t left = (size_t)(reader->end - at);
	size_t size = NAME_BUCKET_HEADER;

	if (left < size + 1)
		return fail(reader, "bucket does not end");
	reader->bucket = name_bucket_open(at);
	const name_bucket_t *bucket = &reader->bucket;
	if (bucket->count < 1 || bucket->count > NAME_BUCKET)
		return fail(reader, "impossible number of names in a bucket");
	if (bucket->width < 1 || bucket->width > 5)
		return fail(reader, "impossible size of a cell");
	if (at[1] & NAME_HAS_CONTEXT)
		size += 1 + (size_t)bucket->context_count * NAME_CONTEXT_SIZE;
	size += (size_t)bucket->width * (bucket->is_each ? bucket->count : 1) + bucket->count;
	if (left < size)
		return fail(reader, "bucket does not end");
	reader->cursor = name_cursor_begin(bucket);
	reader->name = 0;
	return true;
}

static uint32_t nibble_at(const uint8_t *bits, uint32_t index)
{
	return bits[index / 2] >> (index % 2 == 0 ? 4 : 0) & 15;
}

/* Nibbles of a suffix that are copied at a time, whole bytes of them, and of eight of these one is left for a
 * nibble in front. */
#define COPIED 14u

/* Makes the key of the name that the cursor took from the one before, whose last bytes become zeros. */
static void put_suffix(name_key_t *key, const name_cursor_t *cursor)
{
	const uint32_t before = (key->nibbles + 1) / 2;
	const unsigned odd = cursor->shared % 2 * 4;
	uint32_t nibble = cursor->suffix;
	uint32_t left = cursor->length;
	uint32_t at = cursor->shared / 2;

	for (;; at += COPIED / 2, nibble += COPIED, left -= COPIED) {
		/* The one in front, which stands there. */
		uint64_t bits = bits_load_big_64(key->bits + at) & ~(~(uint64_t)0 >> odd);
		uint32_t count = left < COPIED ? left : COPIED;

		bits |= (name_nibbles_load(cursor->suffixes, nibble) &
			 ~(~(uint64_t)0 >> 4 * count)) >>
			odd;
		bits_store_big_64(key->bits + at, bits);
		if (LIKELY(left <= COPIED))
			break;
	}
	at += sizeof(uint64_t);
	if (at < before)
		memset(key->bits + at, 0, before - at);
	key->nibbles = cursor->shared + cursor->length;
}

/* Makes the key of the name that the cursor took from that of the name before. */
static bool make_key(name_reader_t *reader)
{
	const name_cursor_t *cursor = &reader->cursor;
	name_key_t *key = &reader->key;
	uint8_t before[sizeof(key->bits)];
	bool is_first = reader->name == 0;

	if (cursor->position > 2 * (size_t)(reader->end - cursor->suffixes))
		return fail(reader, "suffix does not end");
	/* Zeros behind the end of the name before may be shared, too. */
	if (cursor->shared > NAME_NIBBLES_MAX || cursor->length > NAME_NIBBLES_MAX - cursor->shared)
		return fail(reader, "name too long");
	if (is_first)
		memcpy(before, key->bits, sizeof(before));
	else if (cursor->length == 0 || nibble_at(cursor->suffixes, cursor->suffix) <=
						nibble_at(key->bits, cursor->shared))
		return fail(reader, "names do not ascend");
	put_suffix(key, cursor);
	if (is_first && memcmp(before, key->bits, sizeof(before)) >= 0)
		return fail(reader, "names do not ascend");
	if (cursor->shared < reader->shared)
		reader->shared = cursor->shared;
	return true;
}

static bool read_entries(name_reader_t *reader)
{
	uint64_t cell = name_bucket_cell(&reader->bucket, reader->name);
	uint64_t number = cell >> NAME_CELL_BITS;

	if ((cell & ((1u << NAME_CELL_BITS) - 1)) == NAME_CELL_PAIR) {
		if (number >= reader->index->pair_count)
			return fail(reader, "pair lies outside");
	} else if (number > NAME_INDEX_MAX) {
		return fail(reader, "number too large");
	}
	reader->entries = name_cell_open(reader->index, cell);
	if (reader->entries.plain > NAME_INDEX_MAX || reader->entries.wildcard > NAME_INDEX_MAX)
		return fail(reader, "number too large");
	return true;
}

bool name_reader_next_key(name_reader_t *reader)
{
	if (reader->name == reader->bucket.count) {
		if (reader->next >= reader->end)
			return false;
		if (!open_bucket(reader))
			return false;
	}
	name_cursor_next(&reader->cursor, &reader->bucket);
	if (!make_key(reader) || !read_entries(reader))
		return false;
	if (++reader->name == reader->bucket.count) {
		size_t size = (size_t)(reader->cursor.suffixes - reader->next) +
			      (reader->cursor.position + 1) / 2;
		reader->next += (size + NAME_UNIT - 1) / NAME_UNIT * NAME_UNIT;
	}
	return true;
}

bool name_reader_next(name_reader_t *reader)
{
	if (!name_reader_next_key(reader))
		return false;
	if (!name_path_decode(&reader->path, &reader->decoder, &reader->key, reader->shared))
		return fail(reader, "bits that are no name");
	reader->shared = UINT32_MAX / 4;
	return true;
}
