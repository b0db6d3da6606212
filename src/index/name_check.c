/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_index.h"

#include "index/name_layout.h"

/* Proves, for bytes that may come from anywhere, all that lookups, batches and name_reader.h rely on, in
 * one pass and without memory of its own. Each step relies only on what the steps before have shown; what
 * fails is told in words.
 *
 * Shown is that layers, refs, buckets and pairs stand one behind the other without gaps, in the one order
 * that the encoder writes, so that nothing is reached twice or not at all and no layer leads back; that
 * all parts of a bucket lie in it, with cells, contexts and pairs whose numbers are not too large; that
 * no name is longer than a key; and that heads ascend. Not shown, as it would take the keys of all names
 * to be made once more, is that names ascend and are names: name_reader.h looks at it when it makes them,
 * and a lookup only misses what is not where it should be. */

/* Layers on the way to a bucket at most: one for each 64 bits of a key, and of those that follow. */
#define DEPTH_MAX (NAME_NIBBLES_MAX / 16 + 1)

typedef struct checker {
	const name_index_t *index;
	uint32_t max_number;
	uint64_t bucket; /* where the next one has to begin: bytes from the start of the block */
	uint64_t layer;  /* the same */
	uint64_t name_count;
	uint64_t bucket_count;
	const char *why;
} checker_t;

static bool fail(checker_t *checker, const char *why)
{
	checker->why = why;
	return false;
}

static bool check_header(checker_t *checker, size_t size)
{
	const name_index_t *index = checker->index;

	if (size < sizeof(*index) + sizeof(name_layer_t) + NAME_PADDING)
		return fail(checker, "too short for an index");
	if (index->format != NAME_FORMAT)
		return fail(checker, "another format or byte order");
	if (index->size != size)
		return fail(checker, "size in the header is not the size of the block");
	if (!name_code_is_sound(index->codes))
		return fail(checker, "codes are not in order");
	size -= NAME_PADDING;
	if (index->buckets_end < sizeof(*index) || index->buckets_end > size)
		return fail(checker, "buckets lie outside");
	if (index->root % NAME_LAYER_UNIT != 0 || index->root < index->buckets_end ||
	    index->root - index->buckets_end >= NAME_LAYER_UNIT || index->root > size)
		return fail(checker, "directory lies outside");
	if (index->pairs % NAME_LAYER_UNIT != 0 || index->pairs < index->root ||
	    index->pairs > size ||
	    index->pair_count != (size - index->pairs) / sizeof(name_pair_t) ||
	    (size - index->pairs) % sizeof(name_pair_t) != 0)
		return fail(checker, "pairs lie outside");
	return true;
}

static bool check_pairs(checker_t *checker)
{
	const name_pair_t *pairs = name_pairs(checker->index);

	for (uint64_t i = 0; i < checker->index->pair_count; i++)
		if (pairs[i].plain > checker->max_number || pairs[i].wildcard > checker->max_number)
			return fail(checker, "number too large");
	return true;
}

static bool check_cells(checker_t *checker, const name_bucket_t *bucket)
{
	uint32_t count = bucket->is_each ? bucket->count : 1;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t cell = name_bucket_cell(bucket, i);
		uint64_t number = cell >> NAME_CELL_BITS;

		if ((cell & ((1u << NAME_CELL_BITS) - 1)) == NAME_CELL_PAIR) {
			if (number >= checker->index->pair_count)
				return fail(checker, "pair lies outside");
		} else if (number > checker->max_number) {
			return fail(checker, "number too large");
		}
	}
	return true;
}

/* The wildcard entries above a name have ever more labels. */
static bool check_context(checker_t *checker, const name_bucket_t *bucket)
{
	unsigned before = 0;

	for (uint32_t i = 0; i < bucket->context_count; i++) {
		unsigned depth = name_context_depth(bucket, i);

		if (depth <= before || depth > NAME_LABELS_MAX)
			return fail(checker, "impossible context of a bucket");
		before = depth;
		if (name_context_number(bucket, i) > checker->max_number)
			return fail(checker, "number too large");
	}
	return true;
}

/* Of eight marks, those that do not say it all as ones in the highest bits. */
static inline uint64_t marks_with_more(uint64_t marks)
{
	uint64_t lows = marks & 0x0f * BITS_ONES_STEP_8;
	uint64_t highs = marks >> 4 & 0x0f * BITS_ONES_STEP_8;

	return ((lows + BITS_ONES_STEP_8) | (highs + BITS_ONES_STEP_8)) & 0x10 * BITS_ONES_STEP_8;
}

static inline uint32_t sum_of_lengths(uint64_t marks)
{
	return (uint32_t)((marks & 0x0f * BITS_ONES_STEP_8) * BITS_ONES_STEP_8 >> 56);
}

/* The nibbles of a bucket's suffixes, of which `left` bytes lie before the end of the buckets; or
 * UINT32_MAX. As lookups go through them, name by name. */
static uint32_t count_nibbles(checker_t *checker, const name_bucket_t *bucket, size_t left)
{
	name_cursor_t cursor = name_cursor_begin(bucket);

	for (uint32_t i = 0; i < bucket->count; i++) {
		name_cursor_next(&cursor, bucket);
		/* In bytes, so that what was read of numbers is not believed; they may lie behind the
		 * end of the buckets, but not of the block. */
		if (cursor.shared > NAME_NIBBLES_MAX ||
		    cursor.length > NAME_NIBBLES_MAX - cursor.shared) {
			fail(checker, "name too long");
			return UINT32_MAX;
		}
		if (cursor.position > 2 * left)
			break;
	}
	return cursor.position;
}

_Static_assert(NAME_BUCKET == 16, "all marks of a bucket are two words");

/* The same for the marks of usual names: all at once. */
static inline uint32_t suffix_nibbles(checker_t *checker, const name_bucket_t *bucket, size_t left)
{
	uint64_t first = bits_load_64(bucket->marks);
	uint64_t second = bits_load_64(bucket->marks + 8);
	uint32_t behind = 16 - bucket->count; /* bytes that are no marks */

	if (behind >= 8) {
		first &= ~(uint64_t)0 >> 8 * (behind - 8);
		second = 0;
	} else {
		second &= ~(uint64_t)0 >> 8 * behind;
	}
	if (UNLIKELY((marks_with_more(first) | marks_with_more(second)) != 0))
		return count_nibbles(checker, bucket, left);
	return sum_of_lengths(first) + sum_of_lengths(second);
}

static bool check_bucket(checker_t *checker)
{
	const uint8_t *at = (const uint8_t *)checker->index + checker->bucket;
	size_t left = checker->index->buckets_end - checker->bucket;
	size_t size;

	/* The header, a cell and a mark, or the size of the context. */
	if (left < NAME_BUCKET_HEADER + 2)
		return fail(checker, "bucket does not end");
	name_bucket_t bucket = name_bucket_open(at);
	if (bucket.count < 1 || bucket.count > NAME_BUCKET)
		return fail(checker, "impossible number of names in a bucket");
	if (bucket.width < 1 || bucket.width > 5)
		return fail(checker, "impossible size of a cell");
	size = (size_t)(bucket.suffixes - at);
	if (left < size)
		return fail(checker, "bucket does not end");
	if (bucket.marks[0] >> 4 != 0)
		return fail(checker, "first name of a bucket is not whole");
	uint32_t nibbles = suffix_nibbles(checker, &bucket, left - size);
	if (nibbles == UINT32_MAX)
		return false;
	size += (nibbles + 1) / 2;
	size = (size + NAME_UNIT - 1) / NAME_UNIT * NAME_UNIT;
	if (left < size)
		return fail(checker, "suffix does not end");
	checker->bucket += size;
	checker->bucket_count++;
	checker->name_count += bucket.count;
	return check_cells(checker, &bucket) &&
	       (LIKELY(bucket.context_count == 0) || check_context(checker, &bucket));
}

static bool check_heads(checker_t *checker, const name_layer_t *layer, const name_levels_t *levels)
{
	const uint64_t *lower = layer->heads;

	for (uint32_t i = 1; i < layer->count; i++)
		if (lower[i] <= lower[i - 1])
			return fail(checker, "heads do not ascend");
	for (unsigned level = 1; level < levels->count; level++) {
		const uint64_t *heads = layer->heads + levels->starts[level];

		for (uint32_t i = 0; i < levels->counts[level]; i++)
			if (heads[i] != lower[(size_t)i * NAME_FANOUT])
				return fail(checker, "head is not that of the level below");
		lower = heads;
	}
	return true;
}

/* Opens the layer that has to come next. */
static const name_layer_t *open_layer(checker_t *checker, name_levels_t *levels)
{
	uint64_t left = checker->index->pairs - checker->layer;
	const name_layer_t *layer = name_layer_at(checker->index, checker->layer);

	if (left < sizeof(*layer) || layer->count > left / sizeof(*layer->heads)) {
		fail(checker, "layer does not end");
		return NULL;
	}
	*levels = name_levels_of(layer->count);
	uint64_t size = sizeof(*layer) + levels->starts[levels->count] * sizeof(*layer->heads) +
			((uint64_t)layer->count + 1) / 2 * 2 * sizeof(uint32_t);
	if (size > left) {
		fail(checker, "layer does not end");
		return NULL;
	}
	checker->layer += size;
	return check_heads(checker, layer, levels) ? layer : NULL;
}

/* The layer that has to come next, and all that it leads to. */
static bool check_layer(checker_t *checker, unsigned depth)
{
	name_levels_t levels;
	const name_layer_t *layer = open_layer(checker, &levels);

	if (layer == NULL)
		return false;
	if (depth > DEPTH_MAX)
		return fail(checker, "too many layers");
	const uint32_t *refs = name_layer_refs(layer, &levels);
	for (uint32_t i = 0; i < layer->count; i++) {
		uint64_t ref = refs[i] & ~NAME_REF_LAYER;

		if ((refs[i] & NAME_REF_LAYER) == 0) {
			if (ref * NAME_UNIT != checker->bucket)
				return fail(checker, "buckets are not one behind the other");
			if (!check_bucket(checker))
				return false;
			continue;
		}
		if (ref * NAME_LAYER_UNIT != checker->layer)
			return fail(checker, "layers are not one behind the other");
		if (!check_layer(checker, depth + 1))
			return false;
	}
	return depth == 1 || layer->count > 0 || fail(checker, "layer without a bucket");
}

static bool check_directory(checker_t *checker)
{
	const name_index_t *index = checker->index;

	checker->bucket = sizeof(*index);
	checker->layer = index->root;
	if (!check_layer(checker, 1))
		return false;
	if (checker->bucket != index->buckets_end || checker->bucket_count != index->bucket_count)
		return fail(checker, "buckets that the directory does not have");
	if (checker->layer != index->pairs)
		return fail(checker, "layers that nothing leads to");
	if (checker->name_count != index->name_count)
		return fail(checker, "wrong number of names");
	return true;
}

err_t name_index_check(const void *block, size_t size, uint32_t max_number, const char **why)
{
	checker_t checker = { .index = block, .max_number = max_number };

	if (check_header(&checker, size) && check_pairs(&checker) && check_directory(&checker))
		return ERR_OK;
	*why = checker.why;
	return ERR_INVAL;
}
