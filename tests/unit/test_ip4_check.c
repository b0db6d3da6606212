/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Damages blocks: ip4_index_check has to refuse them, or they are sound all the same. With the
 * address sanitizer this also shows that nothing outside of a block is read. */

#include "base/processors.h"
#include "block.h"
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

	if (ip4_index_check(block, size, IP4_INDEX_MAX, &why) != ERR_OK) {
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
		/* The header and the root at the end are small, but matter most. */
		uint32_t near = random_below(200);
		size_t at = random_below((unsigned)size);

		if (random_below(4) == 0)
			at = near % offsetof(ip4_index_t, containers);
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

/* The slots of the group of 10.1/16, 10.0/16 being nothing and so is each page between two: points of
 * the plain pair, points with numbers, runs with codes, sampled runs with codes, bits, points of another
 * pair, many coarse runs, few, coarse ones with numbers, a whole page, plain ones with unary high
 * bytes, and the last page. The group before has a record, and so has the one behind. */
enum {
	PLAIN = 1,
	EACH = 3,
	CODES = 5,
	SAMPLED = 7,
	BITS = 9,
	PAIR = 11,
	COARSE = 13,
	FEW = 15,
	COARSE_EACH = 17,
	UNIFORM = 19,
	LONG = 21,
	LAST = 23,
	SLOTS
};

static built_t build_known(void)
{
	entries_t entries = entries_new(40000, IP4_RULE_LONGEST_PREFIX, 50000000);
	built_t built;

	entries_add_prefix(&entries, 0x0a010001, 32, 0);
	entries_add_prefix(&entries, 0x0a010003, 32, 0);
	entries_add_prefix(&entries, 0x0a030001, 32, VALUES - 1);
	entries_add_prefix(&entries, 0x0a030003, 32, VALUES - 2);
	for (uint32_t low = 0; low < 65536; low += 256)
		entries_add_prefix(&entries, 0x0a050000 + low + low / 256 % 3, 32, low / 256 % 5);
	for (uint32_t low = 0; low < 65536; low += 64)
		entries_add_prefix(&entries, 0x0a070000 + low, 26, low / 64 % 3);
	for (uint32_t low = 0; low < 65536; low += 2)
		entries_add_prefix(&entries, 0x0a090000 + low, 32, 0);
	entries_add_prefix(&entries, 0x0a0b0004, 32, 7);
	for (uint32_t low = 0; low < 65536; low += 512) {
		entries_add_prefix(&entries, 0x0a0d0000 + low, 24, 9);
		if (low < 6 * 512)
			entries_add_prefix(&entries, 0x0a0f0000 + low, 24, 9);
		if (low < 3 * 512)
			entries_add_prefix(&entries, 0x0a110000 + low / 2, 24, low / 512);
	}
	entries_add_prefix(&entries, 0x0a130000, 16, 3);
	for (uint32_t low = 0; low < 65536; low += 512)
		entries_add_prefix(&entries, 0x0a150000 + low, 32, 0);
	entries_add_prefix(&entries, 0x0a3f0001, 32, 0);
	built = build(&entries);
	free(entries.list);
	return built;
}

static ip4_record_t *record(ip4_index_t *index, unsigned i)
{
	return (ip4_record_t *)(void *)((uint8_t *)index + index->records_at) + i;
}

/* The slot of a container of the record in the middle. All are narrow there. */
static uint8_t *slot(ip4_index_t *index, unsigned i)
{
	uint8_t *slots = (uint8_t *)(record(index, 0) + index->record_count);

	return slots + ((record(index, 1)->slots & ~IP4_RECORD_WIDE) + i) * sizeof(uint16_t);
}

static uint8_t *container(ip4_index_t *index, unsigned i)
{
	return (uint8_t *)index + record(index, 1)->base + (bits_load_16(slot(index, i)) >> 1);
}

/* A container's bytes behind the header: the pair, the dictionary or the positions. */
static uint8_t *body(ip4_index_t *index, unsigned i)
{
	return container(index, i) + IP4_HEADER;
}

static uint8_t *positions(ip4_index_t *index, unsigned i)
{
	return container(index, i) +
	       (ip4_container_open(container(index, i)).positions - container(index, i));
}

static uint8_t *codes(ip4_index_t *index, unsigned i)
{
	return container(index, i) +
	       (ip4_container_open(container(index, i)).each - container(index, i));
}

static void break_format(ip4_index_t *index)
{
	index->format = __builtin_bswap32(index->format);
}
static void break_size(ip4_index_t *index)
{
	index->size++;
}
static void break_record_count(ip4_index_t *index)
{
	index->record_count = 0;
}
static void break_records_at(ip4_index_t *index)
{
	index->records_at += 4;
}
static void break_records_end(ip4_index_t *index)
{
	index->records_at = index->size - 8;
}
static void break_nothing(ip4_index_t *index)
{
	index->plain[0] = 1;
}
static void break_plain_number(ip4_index_t *index)
{
	index->plain[7] |= 0x80;
}
static void break_first_bit(ip4_index_t *index)
{
	index->group_bits[0] &= ~(uint64_t)1;
}
static void break_rank(ip4_index_t *index)
{
	index->group_ranks[10]++;
}
static void break_last_bit(ip4_index_t *index)
{
	index->group_bits[IP4_GROUPS / 64 - 1] ^= (uint64_t)1 << 63;
}
static void break_first_page(ip4_index_t *index)
{
	record(index, 1)->pages ^= 3;
}
static void break_slots(ip4_index_t *index)
{
	record(index, 1)->slots++;
}
static void break_wide(ip4_index_t *index)
{
	record(index, 2)->slots |= IP4_RECORD_WIDE;
}
static void break_pages(ip4_index_t *index)
{
	record(index, 2)->pages |= 2;
	record(index, 1)->pages ^= (uint64_t)1 << 21;
	record(index, 2)->slots--;
}
static void break_base(ip4_index_t *index)
{
	record(index, 1)->base++;
}
static void break_order(ip4_index_t *index)
{
	bits_store_16(slot(index, EACH), bits_load_16(slot(index, PLAIN)));
}
static void break_end(ip4_index_t *index)
{
	bits_store_16(slot(index, SLOTS), 0xfffe);
}
static void break_need(ip4_index_t *index)
{
	ip4_record_t *third = record(index, 2);

	/* The first record has only nothing; now so has the second. The third one gets its other slots. */
	record(index, 1)->pages = 1;
	third->slots = record(index, 1)->slots + 2;
	for (unsigned missing = SLOTS - 1; missing > 0; missing--)
		third->pages |= third->pages + 1;
	bits_store_16(slot(index, 1), 0);
}
static void break_neighbours(ip4_index_t *index)
{
	/* Nothing before, and now nothing here; the next one takes the bytes. */
	bits_store_16(slot(index, PLAIN + 1), bits_load_16(slot(index, PLAIN)));
}
static void break_plain_size(ip4_index_t *index)
{
	bits_store_16(slot(index, PLAIN + 1), (uint16_t)(bits_load_16(slot(index, PLAIN + 1)) + 2));
}
static void break_plain_pair(ip4_index_t *index)
{
	bits_store_32(index->plain + 4, IP4_INDEX_NONE);
}
static void break_kind(ip4_index_t *index)
{
	*container(index, EACH) |= 1u << 6;
}
static void break_kinds(ip4_index_t *index)
{
	*container(index, EACH) |= IP4_KIND_UNIFORM;
}
static void break_pair_codes(ip4_index_t *index)
{
	*container(index, CODES) &= (uint8_t)~IP4_KIND_EACH;
}
static void break_width(ip4_index_t *index)
{
	container(index, EACH)[1] = IP4_WIDTH_MAX + 1;
}
static void break_no_width(ip4_index_t *index)
{
	container(index, UNIFORM)[1] = 0;
}
static void break_uniform_size(ip4_index_t *index)
{
	container(index, UNIFORM)[1] = 1;
}
static void break_count(ip4_index_t *index)
{
	bits_store_16(container(index, EACH) + 2, 0);
}
static void break_bitmap_count(ip4_index_t *index)
{
	bits_store_16(container(index, BITS) + 2, 1);
}
static void break_headed_size(ip4_index_t *index)
{
	container(index, SAMPLED)[2]++;
}
static void break_header(ip4_index_t *index)
{
	/* It loses its header, so it is plain and of a size that none has. */
	bits_store_16(slot(index, COARSE_EACH), bits_load_16(slot(index, COARSE_EACH)) & 0xfffe);
}
static void break_pair(ip4_index_t *index)
{
	memset(body(index, PAIR), 0, bits_size(2, container(index, PAIR)[1]));
}
static void break_bits(ip4_index_t *index)
{
	memset(positions(index, BITS), 0xff, IP4_BITMAP_BYTES);
}
static void break_no_bits(ip4_index_t *index)
{
	memset(positions(index, BITS), 0, IP4_BITMAP_BYTES);
}
static void break_positions(ip4_index_t *index)
{
	bits_store_16(positions(index, EACH), 4);
}
static void break_background(ip4_index_t *index)
{
	memset(codes(index, EACH), 0, bits_size(3, container(index, EACH)[1]));
}
static void break_code(ip4_index_t *index)
{
	codes(index, CODES)[20] = 0xff;
}
static void break_coarse_points(ip4_index_t *index)
{
	*container(index, COARSE) &= (uint8_t)~IP4_KIND_RUNS;
}
static void break_coarse_ones(ip4_index_t *index)
{
	positions(index, COARSE)[3] = 0;
}
static void break_coarse_first(ip4_index_t *index)
{
	positions(index, COARSE)[0] ^= 3;
}
static void break_coarse_order(ip4_index_t *index)
{
	positions(index, FEW)[1] = positions(index, FEW)[0];
}
static void break_coarse_number(ip4_index_t *index)
{
	memset(codes(index, COARSE_EACH), 0, bits_size(4, container(index, COARSE_EACH)[1]));
}
static void break_sample(ip4_index_t *index)
{
	positions(index, SAMPLED)[2]++;
}
/* The unary part begins with 0 1 1 0 1 1 0 1. */
static void break_unary_many(ip4_index_t *index)
{
	container(index, LONG)[0] |= 1;
}
static void break_unary_few(ip4_index_t *index)
{
	container(index, LONG)[0] &= 0xfd;
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
		{ break_record_count, "impossible number of records" },
		{ break_records_at, "records are not where they should be" },
		{ break_records_end, "records are not where they should be" },
		{ break_nothing, "impossible plain numbers" },
		{ break_plain_number, "impossible plain numbers" },
		{ break_first_bit, "first group has no record" },
		{ break_rank, "rank of a group is not the number of ones before" },
		{ break_last_bit, "not as many records as ones in the bits of the groups" },
		{ break_first_page, "first page of a group has no slot" },
		{ break_slots, "slots are not one behind the other" },
		{ break_wide, "slots do not end" },
		{ break_pages, "containers are not one behind the other" },
		{ break_base, "containers are not one behind the other" },
		{ break_order, "containers are not one behind the other" },
		{ break_end, "containers are not one behind the other" },
		{ break_need, "record without need" },
		{ break_neighbours, "neighbours have one number" },
		{ break_plain_size, "impossible size of a container" },
		{ break_plain_pair, "pair is not two numbers" },
		{ break_kind, "unknown kind of container" },
		{ break_kinds, "unknown kind of container" },
		{ break_pair_codes, "unknown kind of container" },
		{ break_width, "impossible width of a number" },
		{ break_no_width, "impossible width of a number" },
		{ break_uniform_size, "impossible size of a container" },
		{ break_count, "container without positions" },
		{ break_bitmap_count, "container without positions" },
		{ break_headed_size, "impossible size of a container" },
		{ break_header, "impossible size of a container" },
		{ break_pair, "pair is not two numbers" },
		{ break_bits, "bitmap has one number only" },
		{ break_no_bits, "bitmap has one number only" },
		{ break_positions, "positions do not ascend" },
		{ break_background, "neighbours have one number" },
		{ break_code, "code without a number" },
		{ break_coarse_points, "coarse points" },
		{ break_coarse_ones, "not as many coarse positions as ones" },
		{ break_coarse_first, "positions do not ascend" },
		{ break_coarse_order, "positions do not ascend" },
		{ break_coarse_number, "neighbours have one number" },
		{ break_sample, "wrong sample in a container" },
		{ break_unary_many, "too many high bytes in a container" },
		{ break_unary_few, "too few high bytes in a container" },
	};
	static const struct {
		unsigned slot;
		unsigned kind;
	} kinds[] = {
		{ EACH, IP4_KIND_EACH },
		{ CODES, IP4_KIND_EACH | IP4_KIND_DICTIONARY },
		{ SAMPLED, IP4_KIND_EACH | IP4_KIND_DICTIONARY | IP4_KIND_RUNS },
		{ BITS, IP4_KIND_BITMAP },
		{ PAIR, 0 },
		{ COARSE, IP4_KIND_RUNS | IP4_KIND_COARSE },
		{ FEW, IP4_KIND_RUNS | IP4_KIND_COARSE },
		{ COARSE_EACH, IP4_KIND_RUNS | IP4_KIND_COARSE | IP4_KIND_EACH },
		{ UNIFORM, IP4_KIND_UNIFORM },
	};
	built_t built = build_known();
	size_t size = ip4_index_size(built.index);

	ck_assert_uint_eq(built.index->record_count, 3);
	ck_assert_uint_eq(bits_count(record(built.index, 1)->pages), SLOTS);
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		ck_assert_msg(*container(built.index, kinds[i].slot) == kinds[i].kind,
			      "slot %u is of kind %u", kinds[i].slot,
			      *container(built.index, kinds[i].slot));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint8_t *block = copy_block(built.index, size);
		const char *why = "";

		cases[i].damage((ip4_index_t *)(void *)block);
		ck_assert_msg(ip4_index_check(block, size, IP4_INDEX_MAX, &why) == ERR_INVAL, "%s",
			      cases[i].why);
		ck_assert_msg(strcmp(why, cases[i].why) == 0, "case %zu: %s, not %s", i, why,
			      cases[i].why);
		free(block);
	}
	built_free(&built);
}
END_TEST

/* So many that the check is cut into parts, for two threads. */
START_TEST(test_damaged_parts)
{
	entries_t entries = entries_new(400000, IP4_RULE_LONGEST_PREFIX, 1);
	unsigned passed = 0;

	random_start(3);
	for (size_t i = 0; i < 400000; i++)
		entries_add_prefix(&entries, (uint32_t)random_64(), 32, 0);
	built_t built = build(&entries);
	size_t size = ip4_index_size(built.index);
	ck_assert_uint_gt(size, 500000);
	for (unsigned round = 0; round < 60; round++) {
		uint8_t *block = copy_block(built.index, size);

		damage(block, size);
		processors_pretend(1 + round % 2);
		passed += !is_refused(block, size);
		free(block);
	}
	processors_pretend(0);
	/* Low bytes may be others. */
	ck_assert_uint_gt(passed, 0);
	ck_assert_uint_lt(passed, 60);
	built_free(&built);
	free(entries.list);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_random_damage, test_truncated, test_each_damage,
				       test_damaged_parts };

	return run_tests("ip4_check", tests, COUNT_OF(tests));
}
