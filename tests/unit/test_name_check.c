/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Damages blocks: name_index_check has to refuse them, or they can be used all the same. With the address
 * sanitizer this also shows that nothing outside of a block is read. What is proved of names beside it is
 * in test_name_index.c. */

#include "base/processors.h"
#include "block.h"
#include "index/name_layout.h"
#include "name_model.h"

/* Two thousand names under one that is longer than a head, so that there are layers below the root; some others
 * with wildcards, pairs, and numbers of their own. */
#define UNDER   2000u
#define OTHERS  300u
#define LARGEST OTHERS

/* The name of number `i`: the first half of those under one come before the others. */
static name_t numbered(uint32_t i)
{
	char text[200];

	(void)snprintf(text, sizeof(text),
		       i < UNDER ? "%c%x.blogs-of-a-large-provider.of.many.things.example"
				 : "%c%x.test",
		       i < UNDER / 2 ? 'a' : 'b', i * 2654435761u >> 8);
	return name_of(text);
}

static name_index_t *build_known(void)
{
	name_builder_t *builder = name_builder_new();
	value_sets_t *sets = intern_new();
	name_index_t *index = NULL;

	ck_assert(builder != NULL && sets != NULL);
	for (uint32_t i = 0; i < UNDER + OTHERS; i++) {
		name_t name = numbered(i);
		uint32_t value = i < UNDER ? 1 : 1 + i - UNDER;
		ck_assert_int_eq(name_builder_add(builder, name.bytes, NAME_FOR_PLAIN, value),
				 ERR_OK);
		if (i >= UNDER / 2 && i % 3 == 0)
			ck_assert_int_eq(
				name_builder_add(builder, name.bytes, NAME_FOR_WILDCARD, 1 + value),
				ERR_OK);
	}
	/* What is below has it as its context. */
	name_t above = name_of("of.many.things.example");
	ck_assert_int_eq(name_builder_add(builder, above.bytes, NAME_FOR_WILDCARD, 7), ERR_OK);
	ck_assert_int_eq(name_builder_finish(builder, sets, LARGEST, &index), ERR_OK);
	name_builder_free(builder);
	intern_free(sets);
	return index;
}

/* ---- Each reason. ---- */

static name_layer_t *root_of(name_index_t *index)
{
	return (name_layer_t *)(void *)((uint8_t *)index + index->root);
}

static uint32_t *refs_of(name_layer_t *layer)
{
	name_levels_t levels = name_levels_of(layer->count);

	return (uint32_t *)(void *)(layer->heads + levels.starts[levels.count]);
}

/* The first ref of a layer to another one. */
static uint32_t *layer_ref(name_layer_t *layer)
{
	uint32_t *refs = refs_of(layer);

	for (uint32_t i = 0; i < layer->count; i++)
		if ((refs[i] & NAME_REF_LAYER) != 0)
			return &refs[i];
	ck_abort_msg("no layer");
}

static name_layer_t *layer_of(name_index_t *index, uint32_t ref)
{
	return (name_layer_t *)(void *)((uint8_t *)index +
					(uint64_t)(ref & ~NAME_REF_LAYER) * NAME_LAYER_UNIT);
}

/* The first bucket with a context. */
static uint8_t *bucket_with_context(name_index_t *index)
{
	name_layer_t *layer = layer_of(index, *layer_ref(root_of(index)));

	while ((refs_of(layer)[0] & NAME_REF_LAYER) != 0)
		layer = layer_of(index, refs_of(layer)[0]);
	for (uint32_t i = 0; i < layer->count; i++) {
		uint32_t ref = refs_of(layer)[i];
		uint8_t *bucket = (uint8_t *)index + (size_t)ref * NAME_UNIT;
		if ((ref & NAME_REF_LAYER) == 0 && (bucket[1] & NAME_HAS_CONTEXT) != 0)
			return bucket;
	}
	ck_abort_msg("no such bucket");
}

static uint8_t *first_bucket(name_index_t *index)
{
	return index->buckets;
}

static void break_format(name_index_t *index)
{
	index->format++;
}
static void break_size(name_index_t *index)
{
	index->size++;
}
static void break_codes(name_index_t *index)
{
	index->codes[77].length++;
}
static void break_buckets_end(name_index_t *index)
{
	index->buckets_end = index->size;
}
static void break_root(name_index_t *index)
{
	index->root += 8;
}
static void break_pairs(name_index_t *index)
{
	index->pair_count++;
}
static void break_pairs_wrap(name_index_t *index)
{
	index->pairs = UINT64_MAX - 7;
}
static void break_pair(name_index_t *index)
{
	bits_store_32((uint8_t *)index + index->pairs, LARGEST + 1);
}
static void break_count(name_index_t *index)
{
	first_bucket(index)[0] = 0;
}
static void break_counts(name_index_t *index)
{
	first_bucket(index)[0] = NAME_BUCKET + 1;
}
static void break_width(name_index_t *index)
{
	first_bucket(index)[1] &= (uint8_t)~NAME_WIDTH_MASK;
}
static void break_widths(name_index_t *index)
{
	first_bucket(index)[1] |= 6;
}
static void break_first_mark(name_index_t *index)
{
	name_bucket_t bucket = name_bucket_open(first_bucket(index));

	((uint8_t *)(uintptr_t)bucket.marks)[0] |= 0x10;
}
static void break_length(name_index_t *index)
{
	name_bucket_t bucket = name_bucket_open(first_bucket(index));
	uint8_t *mark = (uint8_t *)(uintptr_t)&bucket.marks[bucket.count - 1];

	*mark = (uint8_t)((*mark & 0xf0) | ((*mark + 4) & 15) % 15);
}
static void break_long(name_index_t *index)
{
	name_bucket_t bucket = name_bucket_open(first_bucket(index));

	/* All ones: a number that goes on. */
	((uint8_t *)(uintptr_t)bucket.marks)[0] = 0x0f;
	memset((uint8_t *)(uintptr_t)bucket.suffixes, 0xff, 16);
}
/* Makes the first cell of a bucket that has some of two bytes. */
static void set_cell(name_index_t *index, uint16_t cell)
{
	name_layer_t *root = root_of(index);
	uint32_t ref = refs_of(root)[root->count - 1]; /* names with large numbers */
	name_bucket_t bucket = name_bucket_open((uint8_t *)index + (size_t)ref * NAME_UNIT);

	ck_assert_uint_eq(bucket.width, 2);
	bits_store_16((uint8_t *)(uintptr_t)bucket.cells, cell);
}
static void break_cell(name_index_t *index)
{
	set_cell(index, (LARGEST + 1) << NAME_CELL_BITS | NAME_CELL_BOTH);
}
static void break_cell_pair(name_index_t *index)
{
	set_cell(index, (uint16_t)(index->pair_count << NAME_CELL_BITS | NAME_CELL_PAIR));
}
static void break_context(name_index_t *index)
{
	name_bucket_t bucket = name_bucket_open(bucket_with_context(index));

	((uint8_t *)(uintptr_t)bucket.context)[0] = 0;
}
static void break_context_number(name_index_t *index)
{
	name_bucket_t bucket = name_bucket_open(bucket_with_context(index));

	bits_store_32((uint8_t *)(uintptr_t)bucket.context + 1, LARGEST + 1);
}
static void break_heads(name_index_t *index)
{
	root_of(index)->heads[1] = root_of(index)->heads[2];
}
static void break_level(name_index_t *index)
{
	name_layer_t *layer = layer_of(index, *layer_ref(root_of(index)));

	while ((refs_of(layer)[0] & NAME_REF_LAYER) != 0)
		layer = layer_of(index, refs_of(layer)[0]);
	ck_assert_uint_gt(layer->count, NAME_FANOUT);
	layer->heads[layer->count + 1]++;
}
static void break_ref(name_index_t *index)
{
	refs_of(root_of(index))[root_of(index)->count - 1] += 1;
}
static void break_refs(name_index_t *index)
{
	uint32_t last = root_of(index)->count - 1;

	refs_of(root_of(index))[last] =
		refs_of(root_of(index))[last - 1]; /* twice the same bucket */
}
static void break_circle(name_index_t *index)
{
	uint32_t *ref = layer_ref(root_of(index));

	*ref = (uint32_t)(index->root / NAME_LAYER_UNIT) | NAME_REF_LAYER;
}
static void break_inner_circle(name_index_t *index)
{
	uint32_t ref = *layer_ref(root_of(index));

	refs_of(layer_of(index, ref))[0] = ref;
}
static void break_layer_count(name_index_t *index)
{
	root_of(index)->count = UINT32_MAX;
}
static void break_empty_layer(name_index_t *index)
{
	layer_of(index, *layer_ref(root_of(index)))->count = 0;
}
static void break_bucket_count(name_index_t *index)
{
	index->bucket_count--;
}
static void break_name_count(name_index_t *index)
{
	index->name_count++;
}

START_TEST(test_each_damage)
{
	static const struct {
		void (*damage)(name_index_t *index);
		const char *why;
	} cases[] = {
		{ break_format, "another format or byte order" },
		{ break_size, "size in the header is not the size of the block" },
		{ break_codes, "codes are not in order" },
		{ break_buckets_end, "buckets lie outside" },
		{ break_root, "directory lies outside" },
		{ break_pairs, "pairs lie outside" },
		{ break_pairs_wrap, "pairs lie outside" },
		{ break_pair, "number too large" },
		{ break_count, "impossible number of names in a bucket" },
		{ break_counts, "impossible number of names in a bucket" },
		{ break_width, "impossible size of a cell" },
		{ break_widths, "impossible size of a cell" },
		{ break_first_mark, "first name of a bucket is not whole" },
		{ break_length, "buckets are not one behind the other" },
		{ break_long, "name too long" },
		{ break_cell, "number too large" },
		{ break_cell_pair, "pair lies outside" },
		{ break_context, "impossible context of a bucket" },
		{ break_context_number, "number too large" },
		{ break_heads, "heads do not ascend" },
		{ break_level, "head is not that of the level below" },
		{ break_ref, "buckets are not one behind the other" },
		{ break_refs, "buckets are not one behind the other" },
		{ break_circle, "buckets are not one behind the other" },
		{ break_inner_circle, "layers are not one behind the other" },
		{ break_layer_count, "layer does not end" },
		{ break_empty_layer, "layer without a bucket" },
		{ break_bucket_count, "buckets that the directory does not have" },
		{ break_name_count, "wrong number of names" },
	};
	name_index_t *index = build_known();
	size_t size = name_index_size(index);
	const char *why = "";

	ck_assert_msg(name_index_check(index, size, LARGEST, &why) == ERR_OK, "%s", why);
	ck_assert_int_eq(name_index_check(index, size, LARGEST - 1, &why), ERR_INVAL);
	ck_assert_str_eq(why, "number too large");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint8_t *block = copy_block(index, size);

		why = "";
		cases[i].damage((name_index_t *)(void *)block);
		ck_assert_msg(name_index_check(block, size, LARGEST, &why) == ERR_INVAL, "%s",
			      cases[i].why);
		ck_assert_msg(strcmp(why, cases[i].why) == 0, "case %zu: %s, not %s", i, why,
			      cases[i].why);
		free(block);
	}
	name_index_free(index);
}
END_TEST

/* ---- Any damage. ---- */

static void see(void *context, const uint8_t *name, name_kind_t kind, uint32_t number)
{
	(void)context;
	(void)kind;
	MUST(dns_name_size(name) <= DNS_NAME_MAX, "a walk shows what is no name");
	MUST(number <= LARGEST, "a walk shows number %u", number);
}

static void use(const name_index_t *index, name_t (*name_of_number)(uint32_t), uint32_t count)
{
	for (uint32_t i = 0; i < count; i += 1 + count / 60) {
		uint8_t labels[DNS_LABELS_MAX];
		name_match_t matches[2];
		name_t name = name_of_number(i);
		unsigned depth = dns_name_labels(name.bytes, labels);
		const name_question_t questions[] = {
			{ name.bytes, labels, depth },
			{ name.bytes, labels + 1, depth - 1 },
		};
		name_index_lookup_batch(index, questions, COUNT_OF(questions), matches);
		for (unsigned j = 0; j < COUNT_OF(questions); j++)
			MUST(matches[j].number <= LARGEST && matches[j].depth <= questions[j].depth,
			     "impossible answer");
	}
	name_index_walk(index, see, NULL);
}

static void damage(uint8_t *block)
{
	const name_index_t *index = (const name_index_t *)(const void *)block;
	uint64_t buckets_end = index->buckets_end;
	uint64_t root = index->root;
	uint64_t size = index->size;

	for (unsigned times = 1 + random_below(2); times > 0; times--) {
		size_t at = random_below((unsigned)size);

		/* The directory is small, but matters most; nearly all of the header are codes. */
		if (random_below(3) == 0)
			at = root + random_below((unsigned)(size - root));
		else if (random_below(20) > 0)
			at = buckets_end - 1 -
			     random_below((unsigned)(buckets_end - sizeof(*index)));
		block[at] ^= (uint8_t)(1u << random_below(8));
	}
}

/* Damages an index many times; what passes is used. Some does: bits of suffixes make other names. */
static void damage_all(const name_index_t *index, unsigned rounds,
		       name_t (*name_of_number)(uint32_t), uint32_t count)
{
	size_t size = name_index_size(index);
	const char *why = "";
	unsigned passed = 0;

	ck_assert_msg(name_index_check(index, size, LARGEST, &why) == ERR_OK, "%s", why);
	for (unsigned round = 0; round < rounds; round++) {
		uint8_t *block = copy_block(index, size);

		why = NULL;
		damage(block);
		processors_pretend(1 + round % 2);
		if (name_index_check(block, size, LARGEST, &why) == ERR_OK) {
			use((const name_index_t *)(const void *)block, name_of_number, count);
			passed++;
		} else {
			MUST(why != NULL, "no reason given");
		}
		free(block);
	}
	processors_pretend(0);
	ck_assert(passed > 0 && passed < rounds);
}

START_TEST(test_random_damage)
{
	name_index_t *index = build_known();

	random_start(1);
	damage_all(index, 600, numbered, UNDER + OTHERS);
	name_index_free(index);
}
END_TEST

static name_t spread(uint32_t i)
{
	char text[30];

	(void)snprintf(text, sizeof(text), "%x.test", i * 2654435761u);
	return name_of(text);
}

/* So many that the check is cut into parts, for two threads. */
START_TEST(test_damaged_parts)
{
	const uint32_t count = 60000;
	name_builder_t *builder = name_builder_new();
	value_sets_t *sets = intern_new();
	name_index_t *index = NULL;

	ck_assert(builder != NULL && sets != NULL);
	for (uint32_t i = 0; i < count; i++) {
		name_t name = spread(i);
		ck_assert_int_eq(name_builder_add(builder, name.bytes, NAME_FOR_PLAIN, 1), ERR_OK);
	}
	ck_assert_int_eq(name_builder_finish(builder, sets, LARGEST, &index), ERR_OK);
	random_start(2);
	damage_all(index, 60, spread, count);
	name_builder_free(builder);
	intern_free(sets);
	name_index_free(index);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_each_damage, test_random_damage, test_damaged_parts };

	return run_tests("name_check", tests, COUNT_OF(tests));
}
