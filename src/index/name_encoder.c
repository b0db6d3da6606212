/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_encoder.h"

#include <assert.h>
#include <stdlib.h>

#include "index/name_builder.h"
#include "index/name_directory.h"

/* Names come in order, so what there is to know of a name is how it differs from the last one: what they
 * share, which wildcard entries are above both, and that with most names nothing else is to be done. */

/* A wildcard entry above the last name, of a stack. */
typedef struct cover {
	uint32_t number;
	uint32_t bits; /* of its name's key, the last label's end included */
	uint8_t depth; /* labels */
} cover_t;

/* Nibbles of a suffix that are kept in one word. */
#define SUFFIX_SHORT 15u

/* A name of the open bucket. */
typedef struct pending {
	uint32_t shared; /* nibbles */
	uint32_t length; /* nibbles of the suffix */
	uint64_t suffix; /* its bits, the first one the highest; of a long one where it begins in
			    `suffixes`, in bytes */
	uint64_t cell;
} pending_t;

struct name_encoder {
	name_buffer_t block;
	name_separators_t separators;
	name_buffer_t pairs;
	name_code_t codes[NAME_SYMBOLS];
	name_decoder_t decoder;
	uint64_t name_count;
	uint32_t bucket_count;

	/* The last name. `key` may not have its bits from byte `byte` on: then `is_stale`, and they are
	 * those of `head`. */
	name_key_t key;
	uint32_t byte;
	uint64_t head;
	bool is_stale;
	bool is_long; /* there are ones behind the head */
	/* It has a wildcard entry that is not one of the covers, as nothing below it has come yet. */
	bool is_cover;
	uint32_t cover_number;

	cover_t covers[NAME_LABELS_MAX];
	unsigned cover_count;

	/* The open bucket. */
	pending_t pending[NAME_BUCKET];
	uint32_t count;
	uint32_t context_count;
	uint8_t context[NAME_LABELS_MAX * NAME_CONTEXT_SIZE];
	/* Of long suffixes, each with room to load more. */
	uint8_t suffixes[NAME_BUCKET * (NAME_NIBBLES_MAX / 2 + 16)];
	uint32_t suffixes_size;
};

static name_index_t *header(const name_encoder_t *encoder)
{
	return (name_index_t *)(void *)encoder->block.data;
}

name_encoder_t *name_encoder_new(const name_code_t codes[NAME_SYMBOLS])
{
	name_encoder_t *encoder = calloc(1, sizeof(*encoder));
	size_t at;

	if (encoder == NULL)
		return NULL;
	if (name_buffer_extend(&encoder->block, sizeof(name_index_t), &at) != ERR_OK) {
		name_encoder_free(encoder);
		return NULL;
	}
	memcpy(header(encoder)->codes, codes, sizeof(header(encoder)->codes));
	memcpy(encoder->codes, codes, sizeof(encoder->codes));
	name_decoder_make(&encoder->decoder, encoder->codes);
	encoder->byte = UINT32_MAX;
	return encoder;
}

void name_encoder_free(name_encoder_t *encoder)
{
	if (encoder == NULL)
		return;
	free(encoder->block.data);
	free(encoder->pairs.data);
	name_separators_free(&encoder->separators);
	free(encoder);
}

/* Makes `key` that of the last name. */
static void refresh_key(name_encoder_t *encoder)
{
	name_key_t *key = &encoder->key;
	uint32_t end = encoder->byte + 8;
	uint32_t old = (key->nibbles + 1) / 2;

	if (!encoder->is_stale)
		return;
	encoder->is_stale = false;
	bits_store_big_64(key->bits + encoder->byte, encoder->head);
	if (old > end)
		memset(key->bits + end, 0, old - end);
	/* The head has a one, or the name would not be behind another that shares the bytes before. */
	key->nibbles = 2 * end - (uint32_t)__builtin_ctzll(encoder->head) / 4;
}

/* Makes another name the last one. */
static void keep_key(name_encoder_t *encoder, const name_key_t *key)
{
	uint32_t old = (encoder->key.nibbles + 1) / 2;
	uint32_t size = (key->nibbles + 1) / 2;

	memcpy(encoder->key.bits, key->bits, size);
	if (old > size)
		memset(encoder->key.bits + size, 0, old - size);
	encoder->key.nibbles = key->nibbles;
	encoder->byte = UINT32_MAX;
}

/* The first bit in which two keys differ. */
static uint32_t first_difference(const name_key_t *a, const name_key_t *b)
{
	uint32_t bit = 0;

	/* They differ before the zeros behind the shorter one end. */
	for (const uint8_t *x = a->bits, *y = b->bits;; x += 8, y += 8, bit += 64) {
		uint64_t difference = bits_load_big_64(x) ^ bits_load_big_64(y);

		if (difference != 0)
			return bit + (uint32_t)__builtin_clzll(difference);
	}
}

/* The last name, which has a wildcard entry, shares all of its ones with the one to come, which differs
 * in bit `bit`: is it above that? If so it is a cover. */
static void enter_cover(name_encoder_t *encoder, uint32_t bit)
{
	uint8_t path[NAME_SYMBOLS_MAX];
	cover_t cover = { .number = encoder->cover_number };

	refresh_key(encoder);
	size_t size = name_key_to_path(&encoder->decoder, &encoder->key, path);
	for (const uint8_t *at = path; at < path + size; cover.depth++) {
		for (unsigned left = *at++; left > 0; left--)
			cover.bits += encoder->codes[1u + *at++].length;
		cover.bits += encoder->codes[NAME_SYMBOL_END].length;
	}
	if (cover.bits <= bit)
		encoder->covers[encoder->cover_count++] = cover;
}

/* Drops the covers that are not above a name which differs from the last one in bit `bit` first. */
static inline void leave_covers(name_encoder_t *encoder, uint32_t bit)
{
	while (UNLIKELY(encoder->cover_count > 0) &&
	       encoder->covers[encoder->cover_count - 1].bits > bit)
		encoder->cover_count--;
}

/* Makes the covers those of the name of `key`; returns the first bit in which it differs from the last
 * one. */
static uint32_t find_covers(name_encoder_t *encoder, const name_key_t *key)
{
	uint32_t bit;

	if (encoder->name_count == 0)
		return 0;
	refresh_key(encoder);
	bit = first_difference(&encoder->key, key);
	if (encoder->is_cover && bit / 4 + 1 >= encoder->key.nibbles)
		enter_cover(encoder, bit);
	encoder->is_cover = false;
	leave_covers(encoder, bit);
	return bit;
}

uint32_t name_encoder_cover(name_encoder_t *encoder, const name_key_t *key)
{
	(void)find_covers(encoder, key);
	if (encoder->cover_count == 0)
		return NAME_INDEX_NONE;
	return encoder->covers[encoder->cover_count - 1].number;
}

static err_t make_cell(name_encoder_t *encoder, const name_entries_t *entries, uint64_t *cell)
{
	name_pair_t pair = { entries->plain, entries->wildcard };
	size_t at;

	assert(entries->has_plain || entries->has_wildcard);
	if (!entries->has_wildcard || !entries->has_plain || entries->plain == entries->wildcard) {
		uint64_t number = entries->has_plain ? entries->plain : entries->wildcard;
		name_cell_kind_t kind = !entries->has_wildcard ? NAME_CELL_PLAIN
					: !entries->has_plain  ? NAME_CELL_WILDCARD
							       : NAME_CELL_BOTH;
		*cell = number << NAME_CELL_BITS | kind;
		return ERR_OK;
	}
	/* As often as not the one before is the same. */
	if (encoder->pairs.size == 0 ||
	    memcmp(encoder->pairs.data + encoder->pairs.size - sizeof(pair), &pair, sizeof(pair)) !=
		    0) {
		err_t error = name_buffer_extend(&encoder->pairs, sizeof(pair), &at);
		if (error != ERR_OK)
			return error;
		memcpy(encoder->pairs.data + at, &pair, sizeof(pair));
	}
	if (encoder->pairs.size / sizeof(pair) > NAME_INDEX_MAX)
		return ERR_RANGE;
	*cell = (uint64_t)(encoder->pairs.size / sizeof(pair) - 1) << NAME_CELL_BITS |
		NAME_CELL_PAIR;
	return ERR_OK;
}

/* Nibbles that a half of a mark needs in front of the suffix. */
static uint32_t more_size(uint32_t value)
{
	uint32_t size = 0;

	if (value < NAME_MARK_MORE)
		return 0;
	for (value -= NAME_MARK_MORE;; value >>= 3) {
		size++;
		if (value < 8)
			return size;
	}
}

/* Bytes behind nibbles that are written with them. */
#define WRITTEN_MORE 8u

/* Writes nibbles. The bits of the last byte, if that has only one, are kept until the next ones come. */
typedef struct nibbles {
	uint8_t *at;
	uint64_t bits;
	uint32_t count; /* bits, 0 or 4 */
} nibbles_t;

/* Up to SUFFIX_SHORT nibbles, the first one the highest of `bits`, with zeros behind. Writes up to 8 bytes
 * more, zeros. */
static inline void put_nibbles(nibbles_t *out, uint64_t bits, uint32_t count)
{
	uint32_t end = out->count + 4 * count;

	bits = out->bits | bits >> out->count;
	bits_store_big_64(out->at, bits);
	out->at += end / 8;
	out->count = end % 8;
	out->bits = out->count != 0 ? bits << (end - 4) : 0;
}

static uint32_t put_half(nibbles_t *out, uint32_t value)
{
	if (LIKELY(value < NAME_MARK_MORE))
		return value;
	for (value -= NAME_MARK_MORE; value >= 8; value >>= 3)
		put_nibbles(out, (uint64_t)((value & 7) | 8) << 60, 1);
	put_nibbles(out, (uint64_t)value << 60, 1);
	return NAME_MARK_MORE;
}

/* What a bucket's header has to say of the names. */
typedef struct shape {
	uint32_t base;
	uint32_t width;
	bool is_each;
	uint32_t suffixes; /* nibbles */
} shape_t;

static shape_t bucket_shape(const name_encoder_t *encoder)
{
	const pending_t *pending = encoder->pending;
	shape_t shape = { .base = encoder->count > 1 ? UINT8_MAX : 0, .width = 1 };
	uint64_t all = 0;

	for (uint32_t i = 0; i < encoder->count; i++) {
		if (i > 0 && pending[i].shared < shape.base)
			shape.base = pending[i].shared;
		shape.is_each |= pending[i].cell != pending[0].cell;
		all |= pending[i].cell;
	}
	while (all >> 8 * shape.width != 0)
		shape.width++;
	for (uint32_t i = 0; i < encoder->count; i++)
		shape.suffixes += more_size(i > 0 ? pending[i].shared - shape.base : 0) +
				  more_size(pending[i].length) + pending[i].length;
	return shape;
}

static void write_suffix(const name_encoder_t *encoder, const pending_t *pending, nibbles_t *out)
{
	uint32_t left = pending->length;

	if (LIKELY(left <= SUFFIX_SHORT)) {
		put_nibbles(out, pending->suffix, left);
		return;
	}
	for (const uint8_t *at = encoder->suffixes + pending->suffix; left > 0; at += 7) {
		uint32_t count = left < 14 ? left : 14;

		put_nibbles(out, bits_load_big_64(at) & ~(~(uint64_t)0 >> 4 * count), count);
		left -= count;
	}
}

static void write_names(const name_encoder_t *encoder, const shape_t *shape, uint8_t *marks)
{
	nibbles_t out = { .at = marks + encoder->count };

	for (uint32_t i = 0; i < encoder->count; i++) {
		const pending_t *pending = &encoder->pending[i];
		uint32_t shared = i > 0 ? pending->shared - shape->base : 0;

		shared = put_half(&out, shared);
		marks[i] = (uint8_t)(shared << 4 | put_half(&out, pending->length));
		write_suffix(encoder, pending, &out);
	}
}

/* Writes the open bucket to the block. */
static err_t end_bucket(name_encoder_t *encoder)
{
	shape_t shape = bucket_shape(encoder);
	size_t context = encoder->context_count > 0
				 ? 1 + (size_t)encoder->context_count * NAME_CONTEXT_SIZE
				 : 0;
	size_t cells = (size_t)shape.width * (shape.is_each ? encoder->count : 1);
	size_t size =
		NAME_BUCKET_HEADER + context + cells + encoder->count + (shape.suffixes + 1) / 2;
	size_t at;

	size = (size + NAME_UNIT - 1) / NAME_UNIT * NAME_UNIT;
	err_t error = name_buffer_extend(&encoder->block, size + WRITTEN_MORE, &at);
	if (error != ERR_OK)
		return error;
	encoder->block.size = at + size;
	uint8_t *out = encoder->block.data + at;
	*out++ = (uint8_t)encoder->count;
	*out++ = (uint8_t)(shape.width | (shape.is_each ? NAME_CELL_EACH : 0) |
			   (context > 0 ? NAME_HAS_CONTEXT : 0));
	*out++ = (uint8_t)shape.base;
	if (context > 0) {
		*out++ = (uint8_t)encoder->context_count;
		memcpy(out, encoder->context, context - 1);
		out += context - 1;
	}
	for (size_t i = 0; i < cells; i++)
		*out++ = (uint8_t)(encoder->pending[i / shape.width].cell >> 8 * (i % shape.width));
	write_names(encoder, &shape, out);
	encoder->count = 0;
	return ERR_OK;
}

/* Opens a bucket for the last name, whose key differs from the one before in bit `difference` first. */
static err_t begin_bucket(name_encoder_t *encoder, uint32_t difference)
{
	size_t ref = encoder->block.size / NAME_UNIT;
	uint32_t bits = encoder->bucket_count > 0 ? difference + 1 : 0;

	if (ref >= NAME_REF_LAYER)
		return ERR_RANGE;
	encoder->bucket_count++;
	encoder->suffixes_size = 0;
	encoder->context_count = encoder->cover_count;
	for (unsigned i = 0; i < encoder->cover_count; i++) {
		uint8_t *at = encoder->context + (size_t)i * NAME_CONTEXT_SIZE;

		at[0] = encoder->covers[i].depth;
		bits_store_32(at + 1, encoder->covers[i].number);
	}
	refresh_key(encoder);
	return name_separators_add(&encoder->separators, (uint32_t)ref, &encoder->key, bits);
}

/* The suffix of the last name from nibble `shared` on. */
static void add_suffix(name_encoder_t *encoder, pending_t *pending)
{
	const name_key_t *key = &encoder->key;
	uint32_t nibble = pending->shared;

	refresh_key(encoder);
	pending->length = key->nibbles - nibble;
	if (pending->length <= SUFFIX_SHORT) {
		pending->suffix = name_nibbles_load(key->bits, nibble) & ~(uint64_t)15;
		return;
	}
	pending->suffix = encoder->suffixes_size;
	for (; nibble < key->nibbles; nibble += 14) {
		bits_store_big_64(encoder->suffixes + encoder->suffixes_size,
				  name_nibbles_load(key->bits, nibble));
		encoder->suffixes_size += 7;
	}
	encoder->suffixes_size++;
}

/* Ends the bucket if it is full. */
static inline err_t make_room(name_encoder_t *encoder)
{
	return UNLIKELY(encoder->count == NAME_BUCKET) ? end_bucket(encoder) : ERR_OK;
}

err_t name_encoder_put(name_encoder_t *encoder, const name_key_t *key,
		       const name_entries_t *entries)
{
	uint32_t bit = find_covers(encoder, key);
	uint64_t cell = 0;
	err_t error = make_room(encoder);

	if (error == ERR_OK)
		error = make_cell(encoder, entries, &cell);
	if (error != ERR_OK)
		return error;
	keep_key(encoder, key);
	if (encoder->count == 0)
		error = begin_bucket(encoder, bit);
	if (error != ERR_OK)
		return error;
	pending_t *pending = &encoder->pending[encoder->count];
	pending->cell = cell;
	pending->shared = encoder->count > 0 ? bit / 4 : 0;
	add_suffix(encoder, pending);
	encoder->count++;
	encoder->name_count++;
	encoder->is_cover = entries->has_wildcard;
	encoder->cover_number = entries->wildcard;
	return ERR_OK;
}

/* The last name's head from byte `byte` on. */
static void load_head(name_encoder_t *encoder, uint32_t byte)
{
	refresh_key(encoder);
	encoder->byte = byte;
	encoder->head = bits_load_big_64(encoder->key.bits + byte);
	encoder->is_long = encoder->key.nibbles > 2 * byte + 16;
}

/* Makes a key the last one that has more behind its head. */
static void keep_long_tail(name_encoder_t *encoder, const name_tail_t *tail)
{
	name_key_t *key = &encoder->key;
	uint32_t old = (key->nibbles + 1) / 2;
	uint32_t end = tail->byte + 8 + tail->size;

	bits_store_big_64(key->bits + tail->byte, tail->head);
	memcpy(key->bits + tail->byte + 8, tail->rest, tail->size);
	if (old > end)
		memset(key->bits + end, 0, old - end);
	key->nibbles = 2 * end - ((tail->rest[tail->size - 1] & 15) == 0);
}

err_t name_encoder_put_tail(name_encoder_t *encoder, const name_tail_t *tail, unsigned kinds,
			    uint32_t number)
{
	static const uint8_t cell_kinds[] = { [NAME_FOR_PLAIN] = NAME_CELL_PLAIN,
					      [NAME_FOR_WILDCARD] = NAME_CELL_WILDCARD,
					      [NAME_FOR_PLAIN | NAME_FOR_WILDCARD] =
						      NAME_CELL_BOTH };

	if (UNLIKELY(encoder->byte != tail->byte))
		load_head(encoder, tail->byte);
	uint64_t last = encoder->head;
	uint64_t differ = last ^ tail->head;
	assert(differ != 0);
	uint32_t at = (uint32_t)__builtin_clzll(differ);
	uint32_t bit = tail->byte * 8 + at;
	/* Without its last one, the last name is not above this one. */
	if (encoder->is_cover && UNLIKELY(!encoder->is_long && (last & -last) - 1 >= differ))
		enter_cover(encoder, bit);
	leave_covers(encoder, bit);
	err_t error = make_room(encoder);
	if (error != ERR_OK)
		return error;
	encoder->head = tail->head;
	encoder->is_long = tail->size > 0;
	encoder->is_stale = !encoder->is_long;
	if (UNLIKELY(encoder->is_long))
		keep_long_tail(encoder, tail);
	if (encoder->count == 0)
		error = begin_bucket(encoder, bit);
	if (error != ERR_OK)
		return error;
	pending_t *pending = &encoder->pending[encoder->count];
	pending->cell = (uint64_t)number << NAME_CELL_BITS | cell_kinds[kinds];
	pending->shared = encoder->count > 0 ? bit / 4 : 0;
	if (UNLIKELY(encoder->count == 0 || at < 4 || encoder->is_long)) {
		add_suffix(encoder, pending);
	} else {
		pending->length = 16 - at / 4 - (uint32_t)__builtin_ctzll(tail->head) / 4;
		pending->suffix = tail->head << (at & ~3u);
	}
	encoder->count++;
	encoder->name_count++;
	encoder->is_cover = (kinds & NAME_FOR_WILDCARD) != 0;
	encoder->cover_number = number;
	return ERR_OK;
}

/* Appends zeros up to the next multiple of `unit` bytes. */
static err_t align_block(name_buffer_t *block, size_t unit)
{
	size_t at;

	return name_buffer_extend(block, (unit - block->size % unit) % unit, &at);
}

err_t name_encoder_finish(name_encoder_t *encoder, name_index_t **index)
{
	name_buffer_t *block = &encoder->block;
	size_t at, buckets_end, root, pairs;
	err_t error = encoder->count > 0 ? end_bucket(encoder) : ERR_OK;

	buckets_end = block->size;
	if (error == ERR_OK)
		error = align_block(block, NAME_LAYER_UNIT);
	root = block->size;
	if (error == ERR_OK)
		error = name_separators_write(&encoder->separators, block);
	pairs = block->size;
	if (error == ERR_OK)
		error = name_buffer_extend(block, encoder->pairs.size + NAME_PADDING, &at);
	if (error != ERR_OK)
		return error;
	if (encoder->pairs.size > 0)
		memcpy(block->data + pairs, encoder->pairs.data, encoder->pairs.size);
	void *smaller = realloc(block->data, block->size);
	if (smaller != NULL)
		block->data = smaller;
	*index = header(encoder);
	(*index)->format = NAME_FORMAT;
	(*index)->bucket_count = encoder->bucket_count;
	(*index)->name_count = encoder->name_count;
	(*index)->size = block->size;
	(*index)->buckets_end = buckets_end;
	(*index)->root = root;
	(*index)->pairs = pairs;
	(*index)->pair_count = encoder->pairs.size / sizeof(name_pair_t);
	*block = (name_buffer_t){ 0 };
	return ERR_OK;
}
