/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_index.h"

#include <assert.h>
#include <stdlib.h>

#include "index/name_probe.h"

/* Looking up; index/name_layout.h tells how a block is laid out.
 *
 * A lookup meets some places that may each be a cache miss: the lower levels of the root layer, of
 * the lowest the heads and the refs, and the bucket. Each step below ends where the next place is
 * known, so that a batch can take every name one step further and ask for the memory of the next
 * step meanwhile. Of one name alone at least all lines of a place are asked for at once. */

/* Names taken through the steps together. More do not help once the memory has as many misses under
 * way as the processor allows; and their keys should stay in the first-level cache. */
#define GROUP 32

#define CACHE_LINE 64

/* Bytes of a bucket that are asked for: those of 16 usual names and a little more. */
#define BUCKET_USUAL 112

/* With so many names on the way, all that a step takes longer is covered by the other names. */
#define FEW 8

/* Writes bits behind each other, up to three codes at a time: no branch depends on how long they are. */
typedef struct writer {
	uint8_t *at;
	uint64_t word; /* the last `fill` bits of it are not all written yet */
	unsigned fill;
} writer_t;

_Static_assert(3 * NAME_CODE_MAX + 7 < 64, "three codes have room");

static inline void put(writer_t *out, name_code_t code)
{
	out->word = out->word << code.length | code.bits;
	out->fill += code.length;
}

static inline void flush(writer_t *out)
{
	bits_store_big_64(out->at, out->word << (64 - out->fill));
	out->at += out->fill / 8;
	out->fill %= 8;
}

static inline void put_label(const name_code_t *codes, const uint8_t *label, writer_t *out)
{
	static const name_code_t nothing;
	unsigned left = *label++;

	for (; left >= 3; left -= 3, label += 3) {
		put(out, codes[1u + label[0]]);
		put(out, codes[1u + label[1]]);
		put(out, codes[1u + label[2]]);
		flush(out);
	}
	name_code_t first = codes[1u + label[0]];
	name_code_t second = codes[1u + label[left > 1]];
	put(out, left > 0 ? first : nothing);
	put(out, left > 1 ? second : nothing);
	put(out, codes[NAME_SYMBOL_END]);
	flush(out);
}

static void encode(const name_index_t *index, const name_question_t *question, name_probe_t *probe)
{
	name_key_t *key = &probe->key;
	writer_t out = { .at = key->bits };

	probe->question = question;
	probe->ends[0] = 0;
	for (unsigned i = question->depth; i-- > 0;) {
		put_label(index->codes, question->name + question->labels[i], &out);
		probe->ends[question->depth - i] =
			(uint16_t)((size_t)(out.at - key->bits) * 8 + out.fill);
	}
	key->bit_count = probe->ends[question->depth];
	/* Zeros at the end are zeros, whether they count or not. */
	key->nibbles = (key->bit_count + 3) / 4;
	bits_store_big_64(out.at, out.fill > 0 ? out.word << (64 - out.fill) : 0);
	bits_store_64(out.at + sizeof(uint64_t), 0);
}

_Static_assert(NAME_SYMBOLS_MAX *NAME_CODE_MAX / 8 + 2 * sizeof(uint64_t) <=
		       sizeof(((name_key_t *)NULL)->bits),
	       "zeros behind a key have room");

/* 64 bits of the key. */
static uint64_t key_slice(const name_key_t *key, uint32_t slice)
{
	return slice * 16 < key->nibbles ? bits_load_big_64(key->bits + (size_t)slice * 8) : 0;
}

/* The last of heads[0..NAME_FANOUT) that is not above `slice`; the first one if all are. */
static inline uint32_t search_heads(const uint64_t *heads, uint64_t slice)
{
	const uint64_t *at = heads;

	_Static_assert(NAME_FANOUT == 16, "four halvings");
	at += at[8] <= slice ? 8 : 0;
	at += at[4] <= slice ? 4 : 0;
	at += at[2] <= slice ? 2 : 0;
	at += at[1] <= slice ? 1 : 0;
	return (uint32_t)(at - heads);
}

/* The same for fewer heads. */
static uint32_t search_few(const uint64_t *heads, uint32_t count, uint64_t slice)
{
	uint32_t last = 0;

	for (uint32_t i = 1; i < count; i++)
		last += heads[i] <= slice;
	return last;
}

/* The last one of the heads of block `block` of a level. */
static inline uint32_t search_block(const name_layer_t *layer, const name_levels_t *levels,
				    unsigned level, uint32_t block, uint64_t slice)
{
	const uint64_t *heads = layer->heads + levels->starts[level];
	uint32_t first = block * NAME_FANOUT;
	uint32_t left = levels->counts[level] - first;

	if (LIKELY(left >= NAME_FANOUT))
		return first + search_heads(heads + first, slice);
	return first + search_few(heads + first, left, slice);
}

/* The head of the lowest level of a layer that `slice` belongs to. */
static inline uint32_t find_head(const name_layer_t *layer, const name_levels_t *levels,
				 uint64_t slice)
{
	uint32_t head = 0;

	for (unsigned level = levels->count; level-- > 0;)
		head = search_block(layer, levels, level, head, slice);
	return head;
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

/* The first bit in which slice `number` of the key, which is `slice`, is not as `head`. */
static uint32_t differing_bit(uint32_t number, uint64_t slice, uint64_t head)
{
	return number * 64 + (uint32_t)__builtin_clzll(slice ^ head);
}

/* Step: from the head in the root to the bucket. */
static inline void find_bucket(const name_index_t *index, const name_layer_t *root,
			       const name_levels_t *root_levels, name_probe_t *probe)
{
	const name_layer_t *layer = root;
	const name_levels_t *levels = root_levels;
	name_levels_t own_levels;
	uint32_t i = probe->head;
	uint64_t slice = probe->slice;
	uint32_t number = 0;

	probe->before = NULL;
	probe->next_bit = 0;
	for (;;) {
		const uint32_t *refs = name_layer_refs(layer, levels);
		uint64_t head = layer->heads[i];

		if (LIKELY(i + 1 < layer->count))
			probe->next_bit = differing_bit(number, slice, layer->heads[i + 1]);
		if (i > 0)
			probe->before = &refs[i - 1];
		if (LIKELY(slice > head)) {
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
			probe->next_bit = differing_bit(number, slice, head);
			probe->bucket = last_bucket(index, *probe->before);
			probe->before = NULL;
			return;
		}
		layer = name_layer_at(index,
				      (uint64_t)(refs[i] & ~NAME_REF_LAYER) * NAME_LAYER_UNIT);
		own_levels = name_levels_of(layer->count);
		levels = &own_levels;
		slice = key_slice(&probe->key, ++number);
		i = find_head(layer, levels, slice);
	}
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

/* The names of a group that have to be looked up. Returns how many; `probes` of them, and in `wanted`
 * where their answers belong. */
static size_t begin(const name_index_t *index, const name_question_t *questions, size_t count,
		    name_match_t *matches, name_probe_t *probes, name_match_t **wanted)
{
	size_t begun = 0;

	for (size_t i = 0; i < count; i++) {
		name_probe_t *probe = &probes[begun];

		if (is_answered(index, &questions[i], &matches[i]))
			continue;
		encode(index, &questions[i], probe);
		probe->slice = bits_load_big_64(probe->key.bits);
		probe->head = 0;
		wanted[begun++] = &matches[i];
	}
	return begun;
}

/* Asks for up to three cache lines from `at` on, the last one that of the byte before `end`. The
 * functions that do have to be inlined: gcc 12 takes one that only prefetches for one without effect,
 * and leaves out its calls. */
ATTR_ALWAYS_INLINE void prefetch(const void *at, const void *end)
{
	const uint8_t *last = (const uint8_t *)end - 1;
	const uint8_t *middle = (const uint8_t *)at + CACHE_LINE;

	__builtin_prefetch(at);
	__builtin_prefetch(middle < last ? middle : last);
	__builtin_prefetch(last);
}

/* Step: asks for what of a block of the lowest level decides on the half to search. With few names on
 * the way, for all of it and its refs: another turn would take longer than lines that are not needed. */
ATTR_ALWAYS_INLINE void prefetch_block(const name_layer_t *root, const name_levels_t *levels,
				       uint32_t block, bool are_few)
{
	const uint64_t *heads = root->heads + (size_t)block * NAME_FANOUT;
	const uint32_t *refs = name_layer_refs(root, levels) + (size_t)block * NAME_FANOUT;

	__builtin_prefetch(heads + NAME_FANOUT / 2);
	if (are_few) {
		__builtin_prefetch(heads);
		__builtin_prefetch(heads + NAME_FANOUT - 1);
		__builtin_prefetch(refs);
		__builtin_prefetch(refs + NAME_FANOUT - 1);
	}
}

/* Step: asks for the other half of it, if it is that. Which one is as likely as not, so no branch tells. */
ATTR_ALWAYS_INLINE void prefetch_half(const name_layer_t *root, const name_probe_t *probe)
{
	uint32_t half = probe->head * NAME_FANOUT + NAME_FANOUT / 2;
	const uint64_t *middle = root->heads + half;

	if (LIKELY(half < root->count))
		__builtin_prefetch(middle - NAME_FANOUT / 2 +
				   (*middle <= probe->slice) * (NAME_FANOUT - 1));
}

/* Steps: from the top of the root to one of its lowest heads. */
ATTR_ALWAYS_INLINE void find_heads(const name_layer_t *root, const name_levels_t *levels,
				   name_probe_t *probes, size_t count)
{
	bool are_few = count < FEW;

	for (unsigned level = levels->count; level-- > 1;)
		for (size_t i = 0; i < count; i++) {
			uint32_t head =
				search_block(root, levels, level, probes[i].head, probes[i].slice);

			probes[i].head = head;
			if (level == 1) {
				prefetch_block(root, levels, head, are_few);
				continue;
			}
			const uint64_t *heads = root->heads + levels->starts[level - 1] +
						(size_t)head * NAME_FANOUT;
			prefetch(heads, heads + NAME_FANOUT);
		}
	for (size_t i = 0; i < count && !are_few; i++)
		prefetch_half(root, &probes[i]);
	for (size_t i = 0; i < count; i++) {
		probes[i].head = search_block(root, levels, 0, probes[i].head, probes[i].slice);
		__builtin_prefetch(name_layer_refs(root, levels) + probes[i].head);
	}
}

static void lookup_group(const name_index_t *index, const name_question_t *questions, size_t count,
			 name_match_t *matches)
{
	const name_layer_t *root = name_layer_at(index, index->root);
	name_levels_t levels = name_levels_of(root->count);
	name_probe_t probes[GROUP];
	name_match_t *wanted[GROUP];

	count = begin(index, questions, count, matches, probes, wanted);
	find_heads(root, &levels, probes, count);
	for (size_t i = 0; i < count; i++) {
		find_bucket(index, root, &levels, &probes[i]);
		prefetch(probes[i].bucket, probes[i].bucket + BUCKET_USUAL);
	}
	for (size_t i = 0; i < count; i++)
		if (UNLIKELY(!name_probe_answer(index, &probes[i], wanted[i]))) {
			probes[i].bucket = last_bucket(index, *probes[i].before);
			probes[i].before = NULL;
			(void)name_probe_answer(index, &probes[i], wanted[i]);
		}
}

void name_index_lookup(const name_index_t *index, const name_question_t *question,
		       name_match_t *match)
{
	name_index_lookup_batch(index, question, 1, match);
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
