/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Damages blocks: ip4_index_check has to refuse them, or they are sound all the same. With the
 * address sanitizer this also shows that nothing outside of a block is read. */

#include "index/ip4_layout.h"
#include "ip4_compare.h"
#include "ip4_model.h"
#include "test.h"

/* What a walk has shown so far. */
typedef struct seen {
	const ip4_index_t *index;
	uint64_t next;
	uint32_t number;
} seen_t;

/* Ranges have to follow each other, to be maximal, and to be what lookups find at their ends. */
static void see_range(void *context, uint32_t first, uint32_t last, uint32_t number)
{
	seen_t *seen = context;
	uint32_t ends[] = { first, last };
	uint32_t numbers[2];

	MUST(first == seen->next && last >= first, "range %08x-%08x in a walk", first, last);
	MUST(first == 0 || number != seen->number, "range at %08x is not maximal", first);
	MUST(number <= IP4_INDEX_MAX, "%08x maps to %u", first, number);
	ip4_index_lookup_batch(seen->index, ends, 2, numbers);
	MUST(numbers[0] == number && numbers[1] == number, "batch differs at %08x", first);
	MUST(ip4_index_lookup(seen->index, first) == number, "lookup differs at %08x", first);
	seen->next = (uint64_t)last + 1;
	seen->number = number;
}

/* Is the block refused? If not, it has to be sound. */
static bool is_refused(const uint8_t *block, size_t size)
{
	const ip4_index_t *index = (const ip4_index_t *)(const void *)block;
	seen_t seen = { .index = index };
	const char *why = NULL;

	if (ip4_index_check(block, size, &why) != ERR_OK) {
		MUST(why != NULL, "no reason given");
		return true;
	}
	ip4_index_walk(index, see_range, &seen);
	MUST(seen.next == (uint64_t)1 << 32, "walk ends at %" PRIx64, seen.next);
	for (uint32_t first = 0x0a010000; first < 0x0a020000; first += 256) {
		(void)ip4_index_has_any(index, first, first + 255);
		(void)ip4_index_has_any(index, first + 16, first + 31);
	}
	return false;
}

/* A copy of exactly this size, for the sanitizer to see the end. */
static uint8_t *copy_block(const void *block, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	MUST(copy != NULL, "no memory");
	memcpy(copy, block, size);
	return copy;
}

/* An index with a container of `count` positions or so, and some of all other kinds. */
static built_t build_random(size_t count, ip4_rule_t rule, uint32_t stride)
{
	entries_t entries = entries_new(count + 30, rule, stride);
	built_t built;

	fill_space(&entries, 30, VALUES);
	for (size_t i = 0; i < count; i++)
		entries_add_prefix(&entries, 0x0a010000 + random_below(65536), 32,
				   count % 2 == 0 ? 0 : random_below(VALUES));
	built = build(&entries);
	free(entries.list);
	return built;
}

static void damage(uint8_t *block, size_t size)
{
	for (unsigned times = 1 + random_below(3); times > 0; times--) {
		/* The header and the slots at the end are small, but matter most. */
		uint32_t near = random_below(200);
		size_t at = random_below((unsigned)size);

		if (random_below(4) == 0)
			at = near % offsetof(ip4_index_t, page_bits);
		else if (random_below(4) == 0)
			at = size - 1 - near;
		if (random_below(2) == 0)
			block[at] = (uint8_t)random_32();
		else
			block[at] ^= (uint8_t)(1u << random_below(8));
	}
}

START_TEST(test_random_damage)
{
	static const size_t counts[] = { 4, 5, 200, 201, 600, 601, 8000, 8001 };
	static const uint32_t strides[] = { 1, 1000, 400000, 50000000 };

	random_start(1);
	for (unsigned round = 0; round < 4 * COUNT_OF(counts); round++) {
		built_t built = build_random(counts[round % COUNT_OF(counts)],
					     round % 3 == 0 ? IP4_RULE_BYTE_LEVELS
							    : IP4_RULE_LONGEST_PREFIX,
					     strides[round / COUNT_OF(counts)]);
		size_t size = ip4_index_size(built.index);

		ck_assert(!is_refused((const uint8_t *)built.index, size));
		for (unsigned i = 0; i < 200; i++) {
			uint8_t *block = copy_block(built.index, size);

			damage(block, size);
			(void)is_refused(block, size);
			free(block);
		}
		built_free(&built);
	}
}
END_TEST

START_TEST(test_truncated)
{
	built_t built;
	size_t size;

	random_start(2);
	built = build_random(600, IP4_RULE_LONGEST_PREFIX, 1);
	size = ip4_index_size(built.index);
	for (size_t kept = 0; kept < size; kept += kept < 32 ? 1 : 1 + random_below(50)) {
		uint8_t *block = copy_block(built.index, kept);

		MUST(is_refused(block, kept), "%zu of %zu bytes are not refused", kept, size);
		/* As if the header had been damaged as well. */
		if (kept >= sizeof(ip4_index_t))
			((ip4_index_t *)(void *)block)->size = kept;
		MUST(is_refused(block, kept), "%zu of %zu bytes are not refused", kept, size);
		free(block);
	}
	built_free(&built);
}
END_TEST

/* ---- One damage for each thing that is checked, on this index: ---- */

/* Slots: nothing, 10.1/16 points, nothing, 10.3/16 points, nothing, 10.5/16 runs, 10.6/16 runs,
 * nothing, 10.8/16 bits, nothing. */
static built_t build_known(void)
{
	entries_t entries = entries_new(40000, IP4_RULE_LONGEST_PREFIX, 50000000);
	built_t built;

	entries_add_prefix(&entries, 0x0a010001, 32, 0);
	entries_add_prefix(&entries, 0x0a010003, 32, 0);
	entries_add_prefix(&entries, 0x0a030001, 32, VALUES - 1);
	entries_add_prefix(&entries, 0x0a030003, 32, VALUES - 2);
	for (uint32_t low = 0; low < 65536; low += 128)
		entries_add_prefix(&entries, 0x0a050000 + low, 25, low / 128 % 3);
	for (uint32_t low = 0; low < 65536; low += 64)
		entries_add_prefix(&entries, 0x0a060000 + low, 26, low / 64 % 3);
	for (uint32_t low = 0; low < 65536; low += 2)
		entries_add_prefix(&entries, 0x0a080000 + low, 32, 0);
	built = build(&entries);
	free(entries.list);
	return built;
}

static uint32_t *slot(ip4_index_t *index, unsigned i)
{
	return (uint32_t *)(void *)((uint8_t *)index + index->slots_at) + i;
}

static uint8_t *container(ip4_index_t *index, unsigned i)
{
	return (uint8_t *)index + (size_t)*slot(index, i) * IP4_UNIT;
}

/* Slots of containers, and how many slots there are. */
enum { PAIR = 1, EACH = 3, LONG = 5, SAMPLED = 6, BITS = 8, SLOTS = 10 };

/* A container's bytes behind the header: the pair or the positions. */
static uint8_t *body(ip4_index_t *index, unsigned i)
{
	return container(index, i) + IP4_CONTAINER_HEADER;
}

static void break_format(ip4_index_t *index)
{
	index->format = __builtin_bswap32(index->format);
}
static void break_size(ip4_index_t *index)
{
	index->size++;
}
static void break_slot_count(ip4_index_t *index)
{
	index->slot_count = 0;
}
static void break_slots_at(ip4_index_t *index)
{
	index->slots_at -= 4;
}
static void break_first_bit(ip4_index_t *index)
{
	index->page_bits[0] &= ~(uint64_t)1;
}
static void break_rank(ip4_index_t *index)
{
	index->page_ranks[1000]++;
}
static void break_last_bit(ip4_index_t *index)
{
	index->page_bits[IP4_PAGES / 64 - 1] ^= (uint64_t)1 << 63;
}
static void break_outside(ip4_index_t *index)
{
	*slot(index, PAIR) = IP4_SLOT_UNIFORM - 1;
}
static void break_order(ip4_index_t *index)
{
	*slot(index, EACH) = *slot(index, PAIR);
}
static void break_uniform(ip4_index_t *index)
{
	*slot(index, PAIR) = *slot(index, PAIR - 1);
}
static void break_last_slot(ip4_index_t *index)
{
	*slot(index, BITS) = IP4_SLOT_UNIFORM | 1;
}
static void break_kind(ip4_index_t *index)
{
	*container(index, PAIR) |= 1u << 5;
}
static void break_count(ip4_index_t *index)
{
	container(index, PAIR)[1] = 0;
}
static void break_bitmap(ip4_index_t *index)
{
	*container(index, LONG) = IP4_KIND_BITMAP << IP4_KIND_SHIFT;
}
static void break_end(ip4_index_t *index)
{
	container(index, BITS)[0] |= IP4_WIDTH_MASK;
}
static void break_pair(ip4_index_t *index)
{
	memset(body(index, PAIR), 0, 2 * ((container(index, PAIR)[0] & IP4_WIDTH_MASK) + 1u));
}
static void break_pair_number(ip4_index_t *index)
{
	/* The last byte of two numbers; one of one byte cannot be too large. */
	container(index, PAIR)[0] |= IP4_WIDTH_MASK;
	body(index, PAIR)[7] |= 0x80;
}
static void break_bits(ip4_index_t *index)
{
	memset(body(index, BITS) + 2, 0xff, IP4_BITMAP_BYTES);
}
static void break_no_bits(ip4_index_t *index)
{
	memset(body(index, BITS) + 2, 0, IP4_BITMAP_BYTES);
}
static void break_positions(ip4_index_t *index)
{
	bits_store_16(body(index, EACH), 4);
}
static void break_number(ip4_index_t *index)
{
	body(index, EACH)[2 * sizeof(uint16_t) + 7] |= 0x80;
}
static void break_background(ip4_index_t *index)
{
	memset(body(index, EACH) + 2 * sizeof(uint16_t) + 4, 0, 4);
}
static void break_sample(ip4_index_t *index)
{
	body(index, SAMPLED)[2]++;
}
/* The unary part begins with 0 1 0 0 1 0 0 1. */
static void break_unary_many(ip4_index_t *index)
{
	body(index, LONG)[0] |= 1;
}
static void break_unary_few(ip4_index_t *index)
{
	body(index, LONG)[0] &= 0xfd;
}

typedef struct damage_case {
	void (*damage)(ip4_index_t *index);
	const char *why;
} damage_case_t;

START_TEST(test_each_damage)
{
	static const damage_case_t cases[] = {
		{ break_format, "another format or byte order" },
		{ break_size, "size in the header is not the size of the block" },
		{ break_slot_count, "impossible number of slots" },
		{ break_slots_at, "slots are not where they should be" },
		{ break_first_bit, "first page has no slot" },
		{ break_rank, "rank of a page is not the number of ones before" },
		{ break_last_bit, "not as many slots as ones in the bits of the pages" },
		{ break_outside, "container lies outside" },
		{ break_order, "containers are not one behind the other" },
		{ break_uniform, "neighbours have one number" },
		{ break_last_slot, "more than padding behind the last container" },
		{ break_kind, "unknown kind of container" },
		{ break_count, "container without positions" },
		{ break_bitmap, "container without positions" },
		{ break_end, "container does not end" },
		{ break_pair, "pair is not two numbers" },
		{ break_pair_number, "pair is not two numbers" },
		{ break_bits, "bitmap has one number only" },
		{ break_no_bits, "bitmap has one number only" },
		{ break_positions, "positions do not ascend" },
		{ break_number, "number too large" },
		{ break_background, "neighbours have one number" },
		{ break_sample, "wrong sample in a container" },
		{ break_unary_many, "too many high bytes in a container" },
		{ break_unary_few, "too few high bytes in a container" },
	};
	built_t built = build_known();
	size_t size = ip4_index_size(built.index);

	ck_assert_uint_eq(built.index->slot_count, SLOTS);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint8_t *block = copy_block(built.index, size);
		const char *why = "";

		cases[i].damage((ip4_index_t *)(void *)block);
		ck_assert_int_eq(ip4_index_check(block, size, &why), ERR_INVAL);
		ck_assert_str_eq(why, cases[i].why);
		free(block);
	}
	built_free(&built);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_random_damage, test_truncated, test_each_damage };

	return run_tests("ip4_check", tests, COUNT_OF(tests));
}
