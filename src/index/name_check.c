/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_index.h"

#include "base/parallel.h"
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
 * and a lookup only misses what is not where it should be.
 *
 * Buckets are nearly all of it, so they are cut into parts, by refs of the root layer, that several threads
 * look at; each is told where its first bucket and layer are, and in the end these places have to be where
 * the parts before have ended. */

/* Parts of a large index: so many that two threads end at nearly the same time. */
#define PARTS 16u
/* Refs of the root layer that are worth a part. */
#define PART_MIN 1024u

/* In the place of a layer: there is none. */
#define NOWHERE UINT64_MAX

/* Layers on the way to a bucket at most: one for each 64 bits of a key, and of those that follow. */
#define DEPTH_MAX (NAME_NIBBLES_MAX / 16 + 1)

typedef struct checker {
	const name_index_t *index;
	uint32_t max_number;
	/* The refs of the root layer that are this part's. */
	const uint32_t *ref;
	const uint32_t *refs_end;
	/* Where its first bucket and layer are, and where the next ones have to begin: bytes from the start of
	 * the block. */
	uint64_t first_bucket;
	uint64_t first_layer;
	uint64_t bucket;
	uint64_t layer;
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
	if (UNLIKELY((name_marks_with_more(first) | name_marks_with_more(second)) != 0))
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

static bool check_layer(checker_t *checker, unsigned depth);

/* The bucket or layer of a ref, which has to be the next one, and all that it leads to. */
static bool check_ref(checker_t *checker, uint32_t ref, unsigned depth)
{
	uint64_t place = ref & ~NAME_REF_LAYER;

	if ((ref & NAME_REF_LAYER) == 0) {
		if (place * NAME_UNIT != checker->bucket)
			return fail(checker, "buckets are not one behind the other");
		return check_bucket(checker);
	}
	if (place * NAME_LAYER_UNIT != checker->layer)
		return fail(checker, "layers are not one behind the other");
	return check_layer(checker, depth + 1);
}

/* The layer that has to come next, which is not the root. Goes no deeper than DEPTH_MAX. */
static bool check_layer(checker_t *checker, unsigned depth)
{
	name_levels_t levels;
	const name_layer_t *layer = open_layer(checker, &levels);

	if (layer == NULL)
		return false;
	if (depth > DEPTH_MAX)
		return fail(checker, "too many layers");
	if (layer->count == 0)
		return fail(checker, "layer without a bucket");
	const uint32_t *refs = name_layer_refs(layer, &levels);
	for (uint32_t i = 0; i < layer->count; i++)
		if (!check_ref(checker, refs[i], depth))
			return false;
	return true;
}

static void check_part(void *context, unsigned number)
{
	checker_t *part = (checker_t *)context + number;
	const name_index_t *index = part->index;

	if (part->bucket < sizeof(*index) || part->bucket > index->buckets_end ||
	    (part->layer != NOWHERE && (part->layer < index->root || part->layer > index->pairs))) {
		(void)fail(part, "directory leads outside");
		return;
	}
	for (const uint32_t *ref = part->ref; ref < part->refs_end; ref++)
		if (!check_ref(part, *ref, 1))
			return;
}

/* Cuts the refs of the root layer into parts, each of which begins with a bucket; how many. Where these are
 * is not believed yet. */
static unsigned make_parts(const checker_t *checker, const uint32_t *refs, uint32_t count,
			   checker_t *parts)
{
	const uint32_t *end = refs + count;
	size_t size = count / PARTS + PART_MIN;
	unsigned part_count = 0;

	while (refs < end) {
		checker_t *part = &parts[part_count++];

		*part = *checker;
		part->ref = refs;
		if (part_count > 1)
			part->bucket = (uint64_t)*refs * NAME_UNIT;
		part->layer = NOWHERE;
		refs += (size_t)(end - refs) < size ? (size_t)(end - refs) : size;
		while (refs < end && (*refs & NAME_REF_LAYER) != 0)
			refs++;
		part->refs_end = refs;
		for (const uint32_t *ref = part->ref; ref < refs && part->layer == NOWHERE; ref++)
			if ((*ref & NAME_REF_LAYER) != 0)
				part->layer = (uint64_t)(*ref & ~NAME_REF_LAYER) * NAME_LAYER_UNIT;
		part->first_bucket = part->bucket;
		part->first_layer = part->layer;
	}
	return part_count;
}

/* Do the parts fit together? */
static bool check_joints(checker_t *checker, const checker_t *parts, unsigned count)
{
	const name_index_t *index = checker->index;

	for (unsigned i = 0; i < count; i++) {
		const checker_t *part = &parts[i];

		if (part->why != NULL)
			return fail(checker, part->why);
		if (part->first_bucket != checker->bucket)
			return fail(checker, "buckets are not one behind the other");
		if (part->first_layer != NOWHERE && part->first_layer != checker->layer)
			return fail(checker, "layers are not one behind the other");
		checker->bucket = part->bucket;
		checker->layer = part->layer != NOWHERE ? part->layer : checker->layer;
		checker->bucket_count += part->bucket_count;
		checker->name_count += part->name_count;
	}
	if (checker->bucket != index->buckets_end || checker->bucket_count != index->bucket_count)
		return fail(checker, "buckets that the directory does not have");
	if (checker->layer != index->pairs)
		return fail(checker, "layers that nothing leads to");
	if (checker->name_count != index->name_count)
		return fail(checker, "wrong number of names");
	return true;
}

static err_t check_directory(checker_t *checker)
{
	checker_t parts[PARTS];
	name_levels_t levels;

	checker->bucket = sizeof(*checker->index);
	checker->layer = checker->index->root;
	const name_layer_t *root = open_layer(checker, &levels);
	if (root == NULL)
		return ERR_INVAL;
	unsigned count = make_parts(checker, name_layer_refs(root, &levels), root->count, parts);
	err_t error = parallel_run(count, check_part, parts);
	if (error == ERR_OK && !check_joints(checker, parts, count))
		return ERR_INVAL;
	if (error != ERR_OK)
		(void)fail(checker, "it was changed in place");
	return error;
}

err_t name_index_check(const void *block, size_t size, uint32_t max_number, const char **why)
{
	checker_t checker = { .index = block, .max_number = max_number };
	err_t error = ERR_INVAL;

	if (check_header(&checker, size) && check_pairs(&checker))
		error = check_directory(&checker);
	if (error != ERR_OK)
		*why = checker.why;
	return error;
}
