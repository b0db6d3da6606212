/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_index.h"

#include <assert.h>
#include <stdlib.h>

#include "index/name_layout.h"

/* Looking up; index/name_layout.h tells how a block is laid out.
 *
 * A lookup meets up to three places that may each be a cache miss: the lowest level of the root
 * layer, with its refs asked for at the same time, and the bucket. Each step below ends where the
 * next place is known, so that a batch can take every name one step further and ask for the memory
 * of the next step meanwhile. */

/* Names taken through the steps together. More do not help once the memory has as many misses under
 * way as the processor allows; and their keys should stay in the first-level cache. */
#define GROUP 32

#define CACHE_LINE 64
/* Cache lines of a bucket that are asked for: a bucket of usual names has three or four. */
#define BUCKET_LINES 4

/* Nibbles that one load is good for, and their bits. */
#define LOAD_NIBBLES 15u
#define LOAD_MASK    (~(uint64_t)0 << 4)

/* A name on its way. */
typedef struct probe {
	const name_question_t *question;
	uint32_t block; /* of the root's lowest level: the first of its heads */
	const uint8_t *bucket;
	/* The ref of the bucket before, for a name that turns out to be there. NULL: it cannot. */
	const uint32_t *before;
	bool is_next_below; /* is the first name behind the bucket below this one? */
	name_key_t key;
	uint16_t ends[NAME_LABELS_MAX + 1]; /* bits of the key of the topmost labels, so many */
} probe_t;

/* How a stored name and the question compare. */
typedef struct comparison {
	int order;     /* of the stored name: negative before the question's, 0 the same */
	uint32_t bit;  /* the first one that differs */
	bool is_ended; /* the stored name has no ones from there on */
} comparison_t;

/* What a bucket says about a name. */
typedef struct findings {
	bool is_found;
	uint32_t found;          /* the name itself */
	uint32_t cover;          /* number of the wildcard entry above it */
	uint8_t cover_depth;     /* labels of its name */
	bool is_successor_below; /* is the name that follows in order below this one? */
} findings_t;

static void encode(const name_index_t *index, const name_question_t *question, probe_t *probe)
{
	name_key_t *key = &probe->key;
	name_bits_t out = { .at = key->bits };

	probe->question = question;
	probe->ends[0] = 0;
	for (unsigned i = question->depth; i-- > 0;) {
		const uint8_t *label = question->name + question->labels[i];

		for (unsigned left = *label++; left > 0; left--)
			name_bits_put(&out, index->codes[1u + *label++]);
		name_bits_put(&out, index->codes[NAME_SYMBOL_END]);
		probe->ends[question->depth - i] = (uint16_t)out.count;
	}
	name_bits_end(&out);
	key->bit_count = out.count;
	/* Zeros at the end are zeros, whether they count or not. */
	key->nibbles = (out.count + 3) / 4;
}

/* 64 bits of the key. */
static uint64_t key_slice(const name_key_t *key, uint32_t slice)
{
	return slice * 16 < key->nibbles ? bits_load_big_64(key->bits + (size_t)slice * 8) : 0;
}

/* The last of heads[0..count) that is not above `slice`; the first one if all are. */
static inline uint32_t search_heads(const uint64_t *heads, uint32_t count, uint64_t slice)
{
	const uint64_t *at = heads;

	for (uint32_t left = count, half; left > 1; left -= half) {
		half = left / 2;
		at += at[half] <= slice ? half : 0;
	}
	return (uint32_t)(at - heads);
}

/* The last one of the heads of block `block` of a level. */
static inline uint32_t search_block(const name_layer_t *layer, const name_levels_t *levels,
				    unsigned level, uint32_t block, uint64_t slice)
{
	uint32_t first = block * NAME_FANOUT;
	uint32_t left = levels->counts[level] - first;

	return first + search_heads(layer->heads + levels->starts[level] + first,
				    left < NAME_FANOUT ? left : NAME_FANOUT, slice);
}

/* The block of the lowest level of a layer that `slice` belongs to. */
static inline uint32_t find_block(const name_layer_t *layer, const name_levels_t *levels,
				  uint64_t slice)
{
	uint32_t block = 0;

	for (unsigned level = levels->count; level-- > 1;)
		block = search_block(layer, levels, level, block, slice);
	return block;
}

/* The bucket of a ref; of a layer's the last one. */
static const uint8_t *last_bucket(const name_index_t *index, uint32_t ref)
{
	while (ref & NAME_REF_LAYER) {
		const name_layer_t *layer =
			name_layer_at(index, (uint64_t)(ref & ~NAME_REF_LAYER) * NAME_LAYER_UNIT);
		name_levels_t levels = name_levels_of(layer->count);

		ref = name_layer_refs(layer, &levels)[layer->count - 1];
	}
	return (const uint8_t *)index + (size_t)ref * NAME_UNIT;
}

/* Is what begins with `head` in the bits of slice `number` below the question's name? It is above
 * the question's bits there. */
static bool is_head_below(const probe_t *probe, uint32_t number, uint64_t slice, uint64_t head)
{
	uint32_t bit = number * 64 + (uint32_t)__builtin_clzll(slice ^ head);

	return bit >= probe->key.bit_count;
}

/* Step: from the block of the root's lowest level to the bucket. */
static void find_bucket(const name_index_t *index, const name_levels_t *root_levels, probe_t *probe)
{
	const name_layer_t *layer = name_layer_at(index, index->root);
	name_levels_t levels = *root_levels;
	uint32_t block = probe->block;
	uint32_t number = 0;

	probe->before = NULL;
	probe->is_next_below = false;
	for (;;) {
		const uint32_t *refs = name_layer_refs(layer, &levels);
		uint64_t slice = key_slice(&probe->key, number);
		uint32_t i = search_block(layer, &levels, 0, block, slice);
		uint64_t head = layer->heads[i];

		if (i + 1 < layer->count)
			probe->is_next_below =
				is_head_below(probe, number, slice, layer->heads[i + 1]);
		if (i > 0)
			probe->before = &refs[i - 1];
		if (slice > head) {
			probe->before = NULL;
			probe->bucket = last_bucket(index, refs[i]);
			return;
		}
		if (!(refs[i] & NAME_REF_LAYER)) {
			probe->bucket = last_bucket(index, refs[i]);
			return;
		}
		if (slice < head && probe->before != NULL) {
			/* Before all of the layer. */
			probe->is_next_below = is_head_below(probe, number, slice, head);
			probe->bucket = last_bucket(index, *probe->before);
			probe->before = NULL;
			return;
		}
		layer = name_layer_at(index,
				      (uint64_t)(refs[i] & ~NAME_REF_LAYER) * NAME_LAYER_UNIT);
		levels = name_levels_of(layer->count);
		number++;
		block = find_block(layer, &levels, key_slice(&probe->key, number));
	}
}

/* The end of a comparison, when one of the two has only zeros left. */
static comparison_t compare_rest(const name_key_t *key, const uint8_t *suffixes, uint32_t position,
				 uint32_t left, uint32_t nibble)
{
	for (; left > 0; left--, nibble++, position++) {
		uint32_t stored = (uint32_t)(name_nibbles_load(suffixes, position) >> 60);

		if (stored != 0)
			return (comparison_t){ .order = 1,
					       .bit = nibble * 4 +
						      (uint32_t)__builtin_clz(stored << 28) };
	}
	for (; nibble < key->nibbles; nibble++) {
		uint32_t asked = (uint32_t)(name_nibbles_load(key->bits, nibble) >> 60);

		if (asked != 0)
			return (comparison_t){ .order = -1,
					       .bit = nibble * 4 +
						      (uint32_t)__builtin_clz(asked << 28),
					       .is_ended = true };
	}
	return (comparison_t){ .order = 0, .bit = UINT32_MAX };
}

/* Compares the stored name that the cursor took with the question, which are known to share the
 * nibbles before its suffix. */
static inline comparison_t compare(const probe_t *probe, const name_cursor_t *cursor)
{
	const name_key_t *key = &probe->key;
	uint32_t position = cursor->suffix;
	uint32_t left = cursor->length;
	uint32_t nibble = cursor->shared; /* at most a few behind those of the key */

	for (;;) {
		uint32_t size = left < LOAD_NIBBLES ? left : LOAD_NIBBLES;
		uint64_t stored =
			name_nibbles_load(cursor->suffixes, position) & ~(~(uint64_t)0 >> 4 * size);
		uint64_t asked = name_nibbles_load(key->bits, nibble) & LOAD_MASK;

		if (LIKELY(stored != asked)) {
			uint32_t bit = (uint32_t)__builtin_clzll(stored ^ asked);

			return (comparison_t){ .order = stored < asked ? -1 : 1,
					       .bit = nibble * 4 + bit,
					       .is_ended = left == size && stored << bit == 0 };
		}
		nibble += LOAD_NIBBLES;
		position += LOAD_NIBBLES;
		left -= size;
		if (nibble >= key->nibbles && left == 0)
			return (comparison_t){ .order = 0, .bit = UINT32_MAX };
		if (UNLIKELY(nibble >= key->nibbles || left == 0))
			return compare_rest(key, cursor->suffixes, position, left, nibble);
	}
}

/* How many labels has a stored name that is before the question's and has no ones from the bit on
 * in which they differ, if it is above the question's name; else 0.
 * Its labels are those of the question up to an end, when the question's next one is that bit. */
static unsigned labels_above(const name_index_t *index, const probe_t *probe, uint32_t bit)
{
	const name_question_t *question = probe->question;
	unsigned labels = question->depth;

	do
		labels--; /* the ends before the bit; 0 labels have none */
	while (labels > 0 && probe->ends[labels] > bit);
	if (labels == 0)
		return 0;
	const uint8_t *next = question->name + question->labels[question->depth - labels - 1];
	return probe->ends[labels] + index->codes[1u + next[1]].zeros == bit ? labels : 0;
}

/* The wildcard entry of the bucket's context that is above the question's name, which shares the
 * bits before `bit` with the bucket's first name. */
static void find_context(const probe_t *probe, const name_bucket_t *bucket, uint32_t bit,
			 findings_t *findings)
{
	for (uint32_t i = bucket->context_count; i-- > 0;) {
		unsigned depth = name_context_depth(bucket, i);

		if (depth < probe->question->depth && probe->ends[depth] <= bit) {
			findings->cover = name_context_number(bucket, i);
			findings->cover_depth = (uint8_t)depth;
			return;
		}
	}
}

/* The stored name `name` is before the question's: its wildcard entry covers that, if it has one
 * and is above it. */
static void find_cover(const name_index_t *index, const probe_t *probe, const name_bucket_t *bucket,
		       uint32_t name, const comparison_t *comparison, findings_t *findings)
{
	unsigned labels;

	if (LIKELY(!comparison->is_ended))
		return;
	labels = labels_above(index, probe, comparison->bit);
	if (labels == 0)
		return;
	name_entries_t entries = name_cell_open(index, name_bucket_cell(bucket, name));
	if (!entries.has_wildcard)
		return;
	findings->cover = entries.wildcard;
	findings->cover_depth = (uint8_t)labels;
}

/* Skips names that share more than `shared` nibbles with the one before, eight at a time: up to
 * `most`, and to the first one whose mark does not say it all. Returns how many. */
static inline uint32_t skip(name_cursor_t *cursor, uint32_t shared, uint32_t most)
{
	uint32_t step = 8;
	uint32_t skipped = 0;
	/* Marks up to this one share no more. */
	uint64_t last =
		shared < cursor->base ? 0x0f : (uint64_t)(shared - cursor->base) << 4 | 0x0f;

	if (shared < cursor->base)
		return 0;
	if (last > 0xff)
		last = 0xff;
	for (; step == 8 && skipped < most; skipped += step) {
		uint64_t marks = bits_load_64(cursor->marks);
		uint64_t lengths = marks & 0x0f * BITS_ONES_STEP_8;
		uint64_t stops = bits_bytes_not_above(marks, last * BITS_ONES_STEP_8);

		stops |= ~bits_bytes_not_above(marks, 0xef * BITS_ONES_STEP_8);
		stops = (stops | (lengths + BITS_ONES_STEP_8) << 3) & BITS_MSBS_STEP_8;
		step = stops == 0 ? 8 : (uint32_t)__builtin_ctzll(stops) / 8;
		if (step > most - skipped)
			step = most - skipped;
		if (step == 0)
			break;
		lengths &= ~(uint64_t)0 >> (64 - 8 * step);
		cursor->position += (uint32_t)(lengths * BITS_ONES_STEP_8 >> 56);
		cursor->marks += step;
	}
	return skipped;
}

/* Goes through the bucket behind its first name, which is before the question's, and fills in the
 * findings. */
static void scan(const name_index_t *index, const probe_t *probe, const name_bucket_t *bucket,
		 name_cursor_t *cursor, comparison_t comparison, findings_t *findings)
{
	uint32_t name = 0;

	while (comparison.order < 0) {
		uint32_t shared = comparison.bit / 4; /* by the name before and the question */

		find_cover(index, probe, bucket, name, &comparison, findings);
		do {
			name += skip(cursor, shared, bucket->count - 1 - name);
			if (++name == bucket->count) {
				findings->is_successor_below = probe->is_next_below;
				return;
			}
			name_cursor_next(cursor, bucket);
		} while (cursor->shared > shared);
		comparison = compare(probe, cursor);
	}
	if (comparison.order > 0) {
		findings->is_successor_below = comparison.bit >= probe->key.bit_count;
		return;
	}
	findings->is_found = true;
	findings->found = name;
	findings->is_successor_below = probe->is_next_below;
	if (name + 1 < bucket->count) {
		name_cursor_next(cursor, bucket);
		findings->is_successor_below = compare(probe, cursor).bit >= probe->key.bit_count;
	}
}

/* From what a bucket says to what the index answers. */
static void decide(const name_index_t *index, const probe_t *probe, const name_bucket_t *bucket,
		   const findings_t *findings, name_match_t *match)
{
	uint32_t cover = findings->cover;

	*match = (name_match_t){ .number = findings->cover,
				 .kind = NAME_WILDCARD,
				 .depth = findings->cover_depth };
	if (findings->is_found) {
		name_entries_t entries =
			name_cell_open(index, name_bucket_cell(bucket, findings->found));

		if (entries.has_plain)
			*match = (name_match_t){ .number = entries.plain,
						 .kind = NAME_PLAIN,
						 .depth = (uint8_t)probe->question->depth };
		if (entries.has_wildcard)
			cover = entries.wildcard;
	}
	/* What is below is listed by what covers it, or else something there is: see the invariant
	 * in name_layout.h. */
	match->has_below = match->number == NAME_INDEX_NONE &&
			   (cover != NAME_INDEX_NONE || findings->is_successor_below);
}

/* Step: the answer from the bucket. */
static void answer(const name_index_t *index, probe_t *probe, name_match_t *match)
{
	name_bucket_t bucket = name_bucket_open(probe->bucket);
	name_cursor_t cursor = name_cursor_begin(&bucket);
	findings_t findings = { .cover = NAME_INDEX_NONE };
	comparison_t comparison;

	name_cursor_next(&cursor, &bucket);
	comparison = compare(probe, &cursor);
	if (UNLIKELY(comparison.order > 0 && probe->before != NULL)) {
		probe->is_next_below = comparison.bit >= probe->key.bit_count;
		probe->bucket = last_bucket(index, *probe->before);
		probe->before = NULL;
		answer(index, probe, match);
		return;
	}
	if (UNLIKELY(bucket.context_count > 0))
		find_context(probe, &bucket, comparison.bit, &findings);
	scan(index, probe, &bucket, &cursor, comparison, &findings);
	decide(index, probe, &bucket, &findings, match);
}

/* Begins the way of a name. */
static void begin(const name_index_t *index, const name_layer_t *root, const name_levels_t *levels,
		  const name_question_t *question, probe_t *probe)
{
	encode(index, question, probe);
	probe->block = find_block(root, levels, key_slice(&probe->key, 0));
}

/* Answers what needs no looking up: the apex, and anything in an empty index. */
static bool is_answered(const name_index_t *index, const name_question_t *question,
			name_match_t *match)
{
	if (LIKELY(question->depth > 0 && index->bucket_count > 0))
		return false;
	*match = (name_match_t){ .number = NAME_INDEX_NONE, .has_below = index->bucket_count > 0 };
	return true;
}

void name_index_lookup(const name_index_t *index, const name_question_t *question,
		       name_match_t *match)
{
	const name_layer_t *root = name_layer_at(index, index->root);
	name_levels_t levels = name_levels_of(root->count);
	probe_t probe;

	if (is_answered(index, question, match))
		return;
	begin(index, root, &levels, question, &probe);
	find_bucket(index, &levels, &probe);
	answer(index, &probe, match);
}

static void lookup_group(const name_index_t *index, const name_question_t *questions, size_t count,
			 name_match_t *matches)
{
	const name_layer_t *root = name_layer_at(index, index->root);
	name_levels_t levels = name_levels_of(root->count);
	const uint32_t *refs = name_layer_refs(root, &levels);
	probe_t probes[GROUP];
	name_match_t *wanted[GROUP];
	size_t probe_count = 0;

	for (size_t i = 0; i < count; i++) {
		probe_t *probe = &probes[probe_count];

		if (is_answered(index, &questions[i], &matches[i]))
			continue;
		begin(index, root, &levels, &questions[i], probe);
		uint32_t first = probe->block * NAME_FANOUT;
		__builtin_prefetch(root->heads + first);
		__builtin_prefetch(root->heads + first + CACHE_LINE / sizeof(*root->heads));
		__builtin_prefetch(refs + first);
		wanted[probe_count++] = &matches[i];
	}
	for (size_t i = 0; i < probe_count; i++) {
		find_bucket(index, &levels, &probes[i]);
		for (size_t line = 0; line < BUCKET_LINES; line++)
			__builtin_prefetch(probes[i].bucket + line * CACHE_LINE);
	}
	for (size_t i = 0; i < probe_count; i++)
		answer(index, &probes[i], wanted[i]);
}

void name_index_lookup_batch(const name_index_t *index, const name_question_t *questions,
			     size_t count, name_match_t *matches)
{
	assert(count <= NAME_INDEX_BATCH);
	for (; count > GROUP; count -= GROUP) {
		lookup_group(index, questions, GROUP, matches);
		questions += GROUP;
		matches += GROUP;
	}
	lookup_group(index, questions, count, matches);
}

uint64_t name_index_count(const name_index_t *index)
{
	return index->name_count;
}

size_t name_index_size(const name_index_t *index)
{
	return index->size;
}

void name_index_free(name_index_t *index)
{
	free(index);
}
