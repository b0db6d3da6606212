/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_encoder.h"

#include <assert.h>
#include <stdlib.h>

#include "index/name_bucket_writer.h"
#include "index/name_builder.h"
#include "index/name_directory.h"

/* Names come in order, so what there is to know of a name is how it differs from the last one: what they
 * share, which wildcard entries are above both, and that with most names nothing else is to be done. Of most
 * names the 64 bits that follow what all of a batch share say so. A run of these goes to the open bucket in
 * one loop (name_encoder_put_run), with no branch that is not the same for nearly all names: those that have
 * more behind these bits get it afterwards. */

/* A wildcard entry above the last name, of a stack. */
typedef struct cover {
	uint32_t number;
	uint32_t bits; /* of its name's key, the last label's end included */
	uint8_t depth; /* labels */
} cover_t;

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

	name_open_bucket_t open;
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
	name_open_bucket_clear(&encoder->open);
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

/* Writes the open bucket to the block, and clears it. */
static err_t end_bucket(name_encoder_t *encoder)
{
	name_buffer_t *block = &encoder->block;
	err_t error = name_buffer_reserve(block, NAME_BUCKET_MAX);

	if (error != ERR_OK)
		return error;
	uint8_t *end = name_bucket_write(&encoder->open, block->data + block->size);
	block->size = (size_t)(end - block->data);
	name_open_bucket_clear(&encoder->open);
	return ERR_OK;
}

/* Opens a bucket for the last name, whose key differs from the one before in bit `difference` first. */
static err_t begin_bucket(name_encoder_t *encoder, uint32_t difference)
{
	name_open_bucket_t *bucket = &encoder->open;
	size_t ref = encoder->block.size / NAME_UNIT;
	uint32_t bits = encoder->bucket_count > 0 ? difference + 1 : 0;

	if (ref >= NAME_REF_LAYER)
		return ERR_RANGE;
	encoder->bucket_count++;
	bucket->context_count = encoder->cover_count;
	for (unsigned i = 0; i < encoder->cover_count; i++) {
		uint8_t *at = bucket->context + (size_t)i * NAME_CONTEXT_SIZE;

		at[0] = encoder->covers[i].depth;
		bits_store_32(at + 1, encoder->covers[i].number);
	}
	refresh_key(encoder);
	return name_separators_add(&encoder->separators, (uint32_t)ref, &encoder->key, bits);
}

/* 64 bits of a key from nibble `index` on. */
static inline uint64_t load_64(const uint8_t *bits, uint32_t index)
{
	return name_nibbles_load(bits, index) |
	       (uint64_t)bits[index / 2 + 8] >> (8 - index % 2 * 4);
}

/* Puts the last name into the bucket; it shares `shared` nibbles with the one before, of which a first one
 * makes no use. */
static void add_last(name_encoder_t *encoder, uint64_t cell, uint32_t shared)
{
	name_open_bucket_t *bucket = &encoder->open;
	const name_key_t *key = &encoder->key;
	uint32_t begin = bucket->long_suffixes_size;

	refresh_key(encoder);
	shared = bucket->count > 0 ? shared : 0;
	uint32_t length = key->nibbles - shared;
	if (length <= NAME_SUFFIX_SHORT) {
		name_open_bucket_add(bucket, cell, shared, length, load_64(key->bits, shared));
		return;
	}
	for (uint32_t at = shared; at < key->nibbles; at += 16) {
		bits_store_big_64(bucket->long_suffixes + bucket->long_suffixes_size,
				  load_64(key->bits, at));
		bucket->long_suffixes_size += 8;
	}
	name_open_bucket_add(bucket, cell, shared, length, begin);
}

/* Ends the bucket if it is full. */
static inline err_t make_room(name_encoder_t *encoder)
{
	return UNLIKELY(encoder->open.count == NAME_BUCKET) ? end_bucket(encoder) : ERR_OK;
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
	if (encoder->open.count == 0)
		error = begin_bucket(encoder, bit);
	if (error != ERR_OK)
		return error;
	add_last(encoder, cell, bit / 4);
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

/* Nibbles of a name that ends in `head`, from that on in which bit `at` is. */
static inline uint32_t head_length(uint64_t head, uint32_t at)
{
	return 16 - at / 4 - (uint32_t)__builtin_ctzll(head) / 4;
}

static inline uint64_t cell_of(uint32_t number, unsigned kinds)
{
	_Static_assert(NAME_FOR_PLAIN - 1 == (int)NAME_CELL_PLAIN &&
			       NAME_FOR_WILDCARD - 1 == (int)NAME_CELL_WILDCARD &&
			       (NAME_FOR_PLAIN | NAME_FOR_WILDCARD) - 1 == (int)NAME_CELL_BOTH,
		       "one less than the kinds");
	return (uint64_t)number << NAME_CELL_BITS | (kinds - 1);
}

err_t name_encoder_put_tail(name_encoder_t *encoder, const name_tail_t *tail, unsigned kinds,
			    uint32_t number)
{
	name_open_bucket_t *bucket = &encoder->open;

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
	if (bucket->count == 0)
		error = begin_bucket(encoder, bit);
	if (error != ERR_OK)
		return error;
	if (UNLIKELY(bucket->count == 0 || encoder->is_long))
		add_last(encoder, cell_of(number, kinds), bit / 4);
	else
		name_open_bucket_add(bucket, cell_of(number, kinds), bit / 4,
				     head_length(tail->head, at), tail->head << (at & ~3u));
	encoder->name_count++;
	encoder->is_cover = (kinds & NAME_FOR_WILDCARD) != 0;
	encoder->cover_number = number;
	return ERR_OK;
}

/* Word `index` of what there is of a name behind its head, with zeros behind the end. */
static inline uint64_t rest_word(const uint8_t *rest, uint32_t size, uint32_t index)
{
	uint32_t end = 8 * index + 8;

	/* There is a head in front of it, so eight bytes up to the end can be read. */
	return end <= size ? bits_load_big_64(rest + end - 8)
			   : bits_load_big_64(rest + size - 8) << 8 * (end - size);
}

/* Gives a name of the bucket what it has behind its head, of which it has the nibbles from bit `from` on. */
static void add_rest(name_open_bucket_t *bucket, uint32_t name, uint32_t from,
		     const name_batch_t *batch, const name_place_t *place)
{
	uint32_t size;
	const uint8_t *rest = name_batch_rest(batch, place, &size);
	uint8_t *to = bucket->long_suffixes + bucket->long_suffixes_size;
	uint32_t words = (size + 7) / 8;
	uint64_t word = place->head;
	uint64_t next = 0;

	for (uint32_t i = 0; i < words; i++, word = next) {
		next = rest_word(rest, size, i);
		bits_store_big_64(to + (size_t)8 * i, word << from | next >> 1 >> (63 - from));
	}
	bits_store_big_64(to + (size_t)8 * words, word << from);
	uint32_t length = 16 * words + head_length(word, from);
	bucket->lengths[name] = (uint16_t)length;
	bucket->suffixes[name] =
		length <= NAME_SUFFIX_SHORT ? bits_load_big_64(to) : bucket->long_suffixes_size;
	if (length > NAME_SUFFIX_SHORT)
		bucket->long_suffixes_size += 8 * words + 8;
}

/* What a run of names goes on with, in the open bucket. */
typedef struct run {
	const name_place_t *places;
	uint32_t count;  /* of places, and one behind them can be looked at */
	uint32_t nibble; /* of the keys, where the heads begin */
	uint64_t last;   /* the head before the first one */
	uint64_t least;  /* of how the first one may differ from that, and the most for any */
	uint64_t most;
	/* What was put. */
	uint64_t differences; /* ones in any */
	uint32_t longs;       /* bit i: place i has more behind its head */
} run_t;

/* How many names of a run can be put, and puts their heads. */
static inline uint32_t put_heads(name_open_bucket_t *bucket, run_t *run)
{
	const name_place_t *place = run->places;
	uint32_t value = place->value;
	uint32_t about = place->about;
	uint64_t is_wildcard = (about & NAME_FOR_WILDCARD) != 0 ? ~(uint64_t)0 : 0;
	uint64_t last = run->last;
	uint64_t least = run->least;
	uint32_t name = bucket->count;
	uint32_t i;

	for (i = 0; i < run->count; i++, place++, name++) {
		uint64_t head = place->head;
		uint64_t differ = last ^ head;
		bool is_other =
			((place->value ^ value) | ((place->about ^ about) & NAME_PLACE_KINDS)) != 0;

		if (UNLIKELY(differ < least || differ > run->most || place[1].head == head ||
			     is_other))
			break;
		uint32_t at = (uint32_t)__builtin_clzll(differ);
		bucket->shared[name] = (uint16_t)(run->nibble + at / 4);
		bucket->lengths[name] = (uint16_t)head_length(head, at);
		bucket->suffixes[name] = head << (at & ~3u);
		run->differences |= differ;
		run->longs |= place->about / NAME_PLACE_LONG % 2 << i;
		/* Such a name may be above the next one; a long one is not, but it does no harm. */
		least = (head & -head & is_wildcard) | 1;
		last = head;
	}
	return i;
}

/* The largest difference between a head and the one before which is one behind the bits of all covers. */
static uint64_t most_under_covers(const name_encoder_t *encoder)
{
	uint32_t begin = 8 * encoder->byte;
	uint32_t bits =
		encoder->cover_count > 0 ? encoder->covers[encoder->cover_count - 1].bits : 0;

	if (bits >= begin + 64)
		return 0;
	return ~(uint64_t)0 >> (bits > begin ? bits - begin : 0);
}

size_t name_encoder_put_run(name_encoder_t *encoder, const name_batch_t *batch, size_t first)
{
	name_open_bucket_t *bucket = &encoder->open;
	size_t left = batch->count - first - 1;
	uint32_t room = NAME_BUCKET - bucket->count;
	bool may_be_above = encoder->is_cover && !encoder->is_long;
	run_t run = { .places = &batch->places[first] };
	uint32_t value = run.places->value;
	unsigned kinds = run.places->about & NAME_PLACE_KINDS;

	if (bucket->count == 0 || encoder->byte != batch->byte || value == NAME_BUILDER_EXCLUDED)
		return 0;
	run.count = left < room ? (uint32_t)left : room;
	run.nibble = 2 * batch->byte;
	run.last = encoder->head;
	run.least = may_be_above ? encoder->head & -encoder->head : 1;
	run.most = most_under_covers(encoder);
	uint32_t count = put_heads(bucket, &run);
	if (count == 0)
		return 0;
	for (uint32_t longs = run.longs; longs != 0; longs &= longs - 1) {
		uint32_t i = (uint32_t)__builtin_ctz(longs);
		uint32_t name = bucket->count + i;

		add_rest(bucket, name, 4 * (bucket->shared[name] - run.nibble), batch,
			 &run.places[i]);
	}
	uint64_t cell = cell_of(value, kinds);
	uint32_t shared = run.nibble + (uint32_t)__builtin_clzll(run.differences) / 4;
	for (uint32_t i = 0; i < count; i++)
		bucket->cells[bucket->count + i] = cell;
	bucket->all_cells |= cell;
	bucket->other_cells |= cell ^ bucket->cells[0];
	bucket->count += count;
	if (shared < bucket->least_shared)
		bucket->least_shared = shared;
	const name_place_t *last = &run.places[count - 1];
	encoder->head = last->head;
	encoder->is_long = (last->about & NAME_PLACE_LONG) != 0;
	encoder->is_stale = !encoder->is_long;
	if (encoder->is_long) {
		name_tail_t tail = { .byte = batch->byte, .head = last->head };

		tail.rest = name_batch_rest(batch, last, &tail.size);
		keep_long_tail(encoder, &tail);
	}
	encoder->is_cover = (kinds & NAME_FOR_WILDCARD) != 0;
	encoder->cover_number = value;
	encoder->name_count += count;
	return count;
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
	err_t error = encoder->open.count > 0 ? end_bucket(encoder) : ERR_OK;

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
