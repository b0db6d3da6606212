/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Damages blocks: ip6_index_check has to refuse them, or they are sound all the same. With the
 * address sanitizer this also shows that nothing outside of a block is read. */

#include "block.h"
#include "index/ip6_layout.h"
#include "ip6_model.h"
#include "test.h"

/* What a walk has shown so far. */
typedef struct seen {
	const ip6_index_t *index;
	ip6_address_t last;
	uint32_t number;
	size_t count;
} seen_t;

/* Ranges have to follow each other, to be maximal, and to be what lookups find at their ends. */
static void see_range(void *context, ip6_address_t first, ip6_address_t last, uint32_t number)
{
	seen_t *seen = context;
	ip6_address_t ends[] = { first, last };
	uint32_t numbers[2];

	MUST(ip6_is_equal(first, behind(seen->last)) && !ip6_is_less(last, first),
	     "range from %016" PRIx64 "%016" PRIx64 " in a walk", SHOW(first));
	MUST(seen->count == 0 || number != seen->number, "range is not maximal");
	MUST(number <= IP6_INDEX_MAX, "maps to %u", number);
	ip6_index_lookup_batch(seen->index, ends, 2, numbers);
	MUST(numbers[0] == number && numbers[1] == number, "batch differs");
	MUST(ip6_index_lookup(seen->index, first) == number, "lookup differs");
	MUST(ip6_index_has_any(seen->index, first, last) == (number != IP6_INDEX_NONE),
	     "has_any differs");
	if (seen->count > 0)
		MUST(ip6_index_has_any(seen->index, before(first), first),
		     "one of two neighbours is listed");
	seen->last = last;
	seen->number = number;
	seen->count++;
}

/* Is the block refused? If not, it has to be sound. */
static bool is_refused(const uint8_t *block, size_t size)
{
	const ip6_index_t *index = (const ip6_index_t *)(const void *)block;
	seen_t seen = { .index = index, .last = last_address };
	const char *why = NULL;

	if (ip6_index_check(block, size, IP6_INDEX_MAX, &why) != ERR_OK) {
		MUST(why != NULL, "no reason given");
		return true;
	}
	ip6_index_walk(index, see_range, &seen);
	MUST(ip6_is_equal(seen.last, last_address), "walk does not reach the end");
	return false;
}

static ip6_index_t *build_random(size_t count, unsigned round)
{
	const shape_t shapes[] = { { 64, 0, 64, 1, 1, 0 },
				   { 16, 8, 40, 3, 400000, 5 },
				   { 128, 0, 128, 200, 1, 0 },
				   { 0, 1, 128, 9, 100000000, 4 } };
	entries_t entries = entries_new(2 * count);
	ip6_index_t *index;

	fill(&entries, count, &shapes[round % COUNT_OF(shapes)]);
	fill(&entries, count, &shapes[round / COUNT_OF(shapes) % COUNT_OF(shapes)]);
	index = build(&entries);
	free(entries.list);
	return index;
}

static void damage(uint8_t *block, size_t size)
{
	const ip6_index_t *index = (const ip6_index_t *)(const void *)block;

	for (unsigned times = 1 + random_below(3); times > 0; times--) {
		size_t at = random_below((unsigned)size);

		/* The header, and those of leaves, matter most. */
		if (random_below(6) == 0)
			at = random_below(offsetof(ip6_index_t, zero));
		else if (random_below(3) == 0 && index->leaves_at < size)
			at = index->leaves_at + random_below((unsigned)size - index->leaves_at);
		if (random_below(2) == 0)
			block[at] = (uint8_t)random_64();
		else
			block[at] ^= (uint8_t)(1u << random_below(8));
	}
}

START_TEST(test_random_damage)
{
	static const size_t counts[] = { 1, 5, 30, 300 };

	random_start(1);
	for (unsigned round = 0; round < 16 * COUNT_OF(counts); round++) {
		ip6_index_t *index =
			build_random(counts[round % COUNT_OF(counts)], round / COUNT_OF(counts));
		size_t size = ip6_index_size(index);

		ck_assert(!is_refused((const uint8_t *)index, size));
		for (unsigned i = 0; i < 400; i++) {
			uint8_t *block = copy_block(index, size);

			damage(block, size);
			(void)is_refused(block, size);
			free(block);
		}
		ip6_index_free(index);
	}
}
END_TEST

START_TEST(test_truncated)
{
	ip6_index_t *index;
	size_t size;

	random_start(2);
	index = build_random(300, 0);
	size = ip6_index_size(index);
	for (size_t kept = 0; kept < size; kept += kept < 100 ? 1 : 1 + random_below(40)) {
		uint8_t *block = copy_block(index, kept);

		MUST(is_refused(block, kept), "%zu of %zu bytes are not refused", kept, size);
		/* As if the header had been damaged as well. */
		if (kept >= sizeof(ip6_index_t))
			((ip6_index_t *)(void *)block)->size = kept;
		MUST(is_refused(block, kept), "%zu of %zu bytes are not refused", kept, size);
		free(block);
	}
	ip6_index_free(index);
}
END_TEST

/* ---- One damage for each thing that is checked, on this index: ---- */

/* 40 leaves or so, in nodes of two levels. The first has three /64s of different values; the last
 * one, that ends with the space, a number of 4 bytes for each item, up to the next. */
static ip6_index_t *build_known(void)
{
	entries_t entries = entries_new(5000);
	ip6_index_t *index;

	for (uint64_t i = 0; i < 3; i++)
		entries_add(&entries, (ip6_address_t){ .high = 4 * i }, 64, 1 + (uint32_t)i);
	for (uint64_t i = 0; i < 3000; i++)
		entries_add(&entries, (ip6_address_t){ (uint64_t)1 << 60, i * i * 1000003 }, 128,
			    1);
	for (uint64_t i = 0; i < 4; i++)
		entries_add(&entries, (ip6_address_t){ .high = i << 62 | (uint64_t)7 << 59 }, 5,
			    IP6_INDEX_MAX - (uint32_t)i);
	for (uint64_t i = 0; i < 3; i++)
		entries_add(&entries, (ip6_address_t){ .high = UINT64_MAX << 16 | (0xfffd + i) },
			    64, IP6_INDEX_MAX - (uint32_t)i);
	index = build(&entries);
	free(entries.list);
	return index;
}

static ip6_node_t *node(ip6_index_t *index, uint32_t at)
{
	return (ip6_node_t *)(void *)((uint8_t *)index + at);
}

/* A leaf, the last one with `number` == leaf_count - 1. */
static uint8_t *leaf(ip6_index_t *index, uint32_t number)
{
	uint32_t nodes = (index->leaf_count + IP6_FANOUT - 1) / IP6_FANOUT;
	ip6_node_t *lowest = node(index, index->leaves_at) - nodes;

	return (uint8_t *)index + lowest[number / IP6_FANOUT].children[number % IP6_FANOUT];
}

static ip6_leaf_t opened(ip6_index_t *index, uint32_t number)
{
	return ip6_leaf_open((ip6_address_t){ .high = 0 }, leaf(index, number));
}

static uint8_t *numbers(ip6_index_t *index, uint32_t number)
{
	return leaf(index, number) + (opened(index, number).numbers - leaf(index, number));
}

static void break_format(ip6_index_t *index)
{
	index->format = __builtin_bswap32(index->format);
}
static void break_size(ip6_index_t *index)
{
	index->size++;
}
static void break_leaf_count(ip6_index_t *index)
{
	index->leaf_count = UINT32_MAX;
}
static void break_levels(ip6_index_t *index)
{
	index->levels++;
}
static void break_leaves_at(ip6_index_t *index)
{
	index->leaves_at += 64;
}
static void break_padding(ip6_index_t *index)
{
	index->nodes[0].keys[IP6_FANOUT - 1].low++;
}
static void break_padding_child(ip6_index_t *index)
{
	index->nodes[0].children[IP6_FANOUT - 1]++;
}
static void break_child(ip6_index_t *index)
{
	index->nodes[0].children[1] -= (uint32_t)sizeof(ip6_node_t);
}
static void break_key(ip6_index_t *index)
{
	index->nodes[0].keys[1].low++;
}
static void break_leaf_place(ip6_index_t *index)
{
	index->nodes[1].children[1]++;
}
static void break_kind(ip6_index_t *index)
{
	leaf(index, 0)[0] |= 0x80;
}
static void break_count(ip6_index_t *index)
{
	leaf(index, 0)[1] = IP6_LEAF_ITEMS;
}
static void break_shift(ip6_index_t *index)
{
	leaf(index, 0)[2] = 128;
}
static void break_bits(ip6_index_t *index)
{
	leaf(index, 0)[3] = 65;
}
static void break_no_bits(ip6_index_t *index)
{
	leaf(index, 0)[3] = 0;
}
static void break_leaf_size(ip6_index_t *index)
{
	leaf(index, 0)[4] = IP6_SIZE_NEXT + 1;
}
static void break_end(ip6_index_t *index)
{
	leaf(index, index->leaf_count - 1)[1] += 30;
}
static void break_starts(ip6_index_t *index)
{
	memset(leaf(index, 1) + IP6_LEAF_HEADER, 0, 8);
}
static void break_keys(ip6_index_t *index)
{
	/* Of two leaves: the second one is said to begin at the first one's place. */
	index->nodes[1].keys[2] = index->nodes[1].keys[1];
}
static void break_item_size(ip6_index_t *index)
{
	leaf(index, 0)[4] = 70;
}
static void break_number(ip6_index_t *index)
{
	numbers(index, index->leaf_count - 1)[3] |= 0x80;
}
static void break_neighbours(ip6_index_t *index)
{
	uint8_t *at = numbers(index, index->leaf_count - 1);
	unsigned count = opened(index, index->leaf_count - 1).count;

	memcpy(at + 4 * (size_t)(count - 1), at + 4 * (size_t)(count - 2), 4);
}
static void break_first_number(ip6_index_t *index)
{
	numbers(index, 0)[0] = 0;
}
static void break_listed(ip6_index_t *index)
{
	leaf(index, 0)[4] = IP6_SIZE_NEXT;
	numbers(index, 0)[1] = 0;
	numbers(index, 0)[2] = 0;
}
/* As if the last leaves were not there: more than padding can be. */
static void break_last_leaves(ip6_index_t *index)
{
	uint32_t nodes = (index->leaf_count + IP6_FANOUT - 1) / IP6_FANOUT;
	ip6_node_t *last = node(index, index->leaves_at) - 1;
	uint32_t kept = index->leaf_count - 3 - (nodes - 1) * IP6_FANOUT;

	ck_assert_uint_ge(kept, 1);
	for (uint32_t i = kept; i < IP6_FANOUT; i++) {
		last->keys[i] = last->keys[kept - 1];
		last->children[i] = last->children[kept - 1];
	}
	index->leaf_count -= 3;
}

typedef struct damage_case {
	void (*damage)(ip6_index_t *index);
	const char *why;
} damage_case_t;

START_TEST(test_each_damage)
{
	static const damage_case_t cases[] = {
		{ break_format, "another format or byte order" },
		{ break_size, "size in the header is not the size of the block" },
		{ break_leaf_count, "impossible number of leaves" },
		{ break_levels, "wrong number of levels" },
		{ break_leaves_at, "leaves are not where they should be" },
		{ break_padding, "node is not filled with its last key" },
		{ break_padding_child, "node is not filled with its last key" },
		{ break_child, "nodes are not one behind the other" },
		{ break_key, "key of a node is not its child's" },
		{ break_leaf_place, "leaves are not one behind the other" },
		{ break_kind, "unknown kind of leaf" },
		{ break_count, "impossible header of a leaf" },
		{ break_shift, "impossible header of a leaf" },
		{ break_bits, "impossible header of a leaf" },
		{ break_no_bits, "impossible header of a leaf" },
		{ break_leaf_size, "impossible size in a leaf" },
		{ break_end, "leaf does not end" },
		{ break_starts, "starts do not ascend" },
		{ break_keys, "starts do not ascend" },
		{ break_item_size, "item ends behind the start of the next" },
		{ break_number, "number too large" },
		{ break_neighbours, "neighbours have one number" },
		{ break_first_number, "item that is not listed begins a leaf or has a size" },
		{ break_listed, "neighbours have one number" },
		{ break_last_leaves, "more than padding behind the last leaf" },
	};
	ip6_index_t *index = build_known();
	size_t size = ip6_index_size(index);

	ck_assert_uint_eq(index->levels, 2);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint8_t *block = copy_block(index, size);
		const char *why = "";

		cases[i].damage((ip6_index_t *)(void *)block);
		ck_assert_int_eq(ip6_index_check(block, size, IP6_INDEX_MAX, &why), ERR_INVAL);
		ck_assert_msg(strcmp(why, cases[i].why) == 0, "%zu: %s", i, why);
		free(block);
	}
	ip6_index_free(index);
}
END_TEST

START_TEST(test_behind_the_end)
{
	entries_t entries = entries_new(2);
	ip6_index_t *index;
	const char *why = "";

	entries_add(&entries, (ip6_address_t){ .high = UINT64_MAX - 2 }, 64, 1);
	entries_add(&entries, last_address, 64, 2);
	index = build(&entries);
	ck_assert_uint_eq(leaf(index, 0)[4], 64);
	leaf(index, 0)[4]++;
	ck_assert_int_eq(ip6_index_check(index, ip6_index_size(index), IP6_INDEX_MAX, &why),
			 ERR_INVAL);
	ck_assert_str_eq(why, "item ends behind the last address");
	ip6_index_free(index);
	free(entries.list);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_random_damage, test_truncated, test_each_damage,
				       test_behind_the_end };

	return run_tests("ip6_check", tests, COUNT_OF(tests));
}
