/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_encoder.h"

#include <assert.h>
#include <stdlib.h>

#include "index/name_directory.h"

/* A wildcard entry above the current name, of a stack. */
typedef struct cover {
	uint32_t number;
	uint8_t size;  /* bytes of its path */
	uint8_t depth; /* labels */
} cover_t;

/* A name of the open bucket. */
typedef struct pending {
	uint32_t shared; /* nibbles */
	uint32_t length; /* nibbles of the suffix */
	uint32_t suffix; /* where it begins in `suffixes`, one nibble a byte */
	uint64_t cell;
} pending_t;

struct name_encoder {
	name_buffer_t block;
	name_separators_t separators;
	name_buffer_t pairs;
	uint64_t name_count;
	uint32_t bucket_count;

	name_key_t keys[2]; /* of the last name and the next one, in turn */
	unsigned last_key;

	cover_t covers[NAME_LABELS_MAX];
	unsigned cover_count;
	uint8_t cover_path[NAME_SYMBOLS_MAX]; /* of the last cover; the others' begin it */

	/* The open bucket. */
	pending_t pending[NAME_BUCKET];
	uint32_t count;
	uint32_t context_count;
	uint8_t context[NAME_LABELS_MAX * NAME_CONTEXT_SIZE];
	uint8_t suffixes[NAME_BUCKET * NAME_NIBBLES_MAX];
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

/* Drops the covers that are not above `path`. */
static void leave_covers(name_encoder_t *encoder, const uint8_t *path, size_t size)
{
	while (encoder->cover_count > 0) {
		const cover_t *cover = &encoder->covers[encoder->cover_count - 1];

		if (cover->size < size && memcmp(encoder->cover_path, path, cover->size) == 0)
			return;
		encoder->cover_count--;
	}
}

uint32_t name_encoder_cover(name_encoder_t *encoder, const uint8_t *path, size_t size)
{
	leave_covers(encoder, path, size);
	if (encoder->cover_count == 0)
		return NAME_INDEX_NONE;
	return encoder->covers[encoder->cover_count - 1].number;
}

static void enter_cover(name_encoder_t *encoder, const uint8_t *path, size_t size, uint32_t number)
{
	cover_t *cover = &encoder->covers[encoder->cover_count++];

	*cover = (cover_t){ .number = number, .size = (uint8_t)size };
	for (size_t at = 0; at < size; at += path[at] + 1u)
		cover->depth++;
	memcpy(encoder->cover_path, path, size);
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

static void put_nibble(uint8_t *suffixes, uint32_t *position, uint32_t nibble)
{
	suffixes[*position / 2] |= (uint8_t)(*position % 2 == 0 ? nibble << 4 : nibble);
	++*position;
}

static uint32_t put_half(uint8_t *suffixes, uint32_t *position, uint32_t value)
{
	if (value < NAME_MARK_MORE)
		return value;
	for (value -= NAME_MARK_MORE; value >= 8; value >>= 3)
		put_nibble(suffixes, position, (value & 7) | 8);
	put_nibble(suffixes, position, value);
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

static void write_names(const name_encoder_t *encoder, const shape_t *shape, uint8_t *marks)
{
	uint8_t *suffixes = marks + encoder->count;
	uint32_t position = 0;

	for (uint32_t i = 0; i < encoder->count; i++) {
		const pending_t *pending = &encoder->pending[i];
		uint32_t shared = i > 0 ? pending->shared - shape->base : 0;

		shared = put_half(suffixes, &position, shared);
		marks[i] = (uint8_t)(shared << 4 | put_half(suffixes, &position, pending->length));
		for (uint32_t j = 0; j < pending->length; j++)
			put_nibble(suffixes, &position, encoder->suffixes[pending->suffix + j]);
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

	err_t error = name_buffer_extend(&encoder->block,
					 (size + NAME_UNIT - 1) / NAME_UNIT * NAME_UNIT, &at);
	if (error != ERR_OK)
		return error;
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

/* Opens a bucket for a name whose key differs from the one before in bit `difference` first. */
static err_t begin_bucket(name_encoder_t *encoder, const name_key_t *key, uint32_t difference)
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
	return name_separators_add(&encoder->separators, (uint32_t)ref, key, bits);
}

err_t name_encoder_put(name_encoder_t *encoder, const uint8_t *path, size_t size,
		       const name_entries_t *entries)
{
	name_key_t *key = &encoder->keys[1 - encoder->last_key];
	uint32_t difference = 0;
	err_t error = ERR_OK;

	leave_covers(encoder, path, size);
	name_key_of_path(header(encoder)->codes, path, size, key);
	if (encoder->name_count > 0)
		difference = first_difference(&encoder->keys[encoder->last_key], key);
	if (encoder->count == NAME_BUCKET)
		error = end_bucket(encoder);
	if (error == ERR_OK && encoder->count == 0)
		error = begin_bucket(encoder, key, difference);
	if (error != ERR_OK)
		return error;

	pending_t *pending = &encoder->pending[encoder->count];
	error = make_cell(encoder, entries, &pending->cell);
	if (error != ERR_OK)
		return error;
	pending->shared = encoder->count > 0 ? difference / 4 : 0;
	pending->length = key->nibbles - pending->shared;
	pending->suffix = encoder->suffixes_size;
	for (uint32_t i = pending->shared; i < key->nibbles; i++)
		encoder->suffixes[encoder->suffixes_size++] =
			(uint8_t)(name_nibbles_load(key->bits, i) >> 60);
	encoder->count++;
	encoder->name_count++;
	encoder->last_key = 1 - encoder->last_key;
	if (entries->has_wildcard)
		enter_cover(encoder, path, size, entries->wildcard);
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
