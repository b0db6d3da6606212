/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Writes blocks of random addresses, and takes them again. */

#include "index/ip4_packed.h"
#include "scarce_pieces.h"
#include "test.h"

/* How addresses follow one another. */
typedef struct kind {
	const char *name;
	unsigned gap_bits;
	unsigned jumps; /* one gap in so many is of any size; 0: none */
	unsigned equal; /* one address in so many is that before again; 0: none */
	unsigned value_bits;
	unsigned changes; /* one block in so many has another value than the one before */
} kind_t;

static const kind_t kinds[] = {
	{ .name = "one after the other" },
	{ .name = "all over the space", .gap_bits = 10 },
	{ .name = "few", .gap_bits = 24, .value_bits = 3, .changes = 4 },
	{ .name = "in networks", .gap_bits = 3, .jumps = 200, .value_bits = 32, .changes = 2 },
	{ .name = "with values", .gap_bits = 8, .equal = 3, .value_bits = 2 },
	{ .name = "with any values", .gap_bits = 12, .jumps = 9, .equal = 9, .value_bits = 32 },
	{ .name = "equal", .gap_bits = 0, .equal = 1, .value_bits = 20 },
};

/* 0..2^bits - 1, few bits being as likely as many. */
static uint64_t random_number(unsigned bits)
{
	unsigned shift = 64 - random_below(bits + 1);

	return shift < 64 ? random_64() >> shift : 0;
}

/* Makes up the next block, behind `last`, which is -1 at first; false if there is no room for it. */
static bool make_block(const kind_t *kind, int64_t *last, ip4_packed_block_t *block)
{
	bool is_short = random_below(50) == 0;

	block->has_values = kind->equal > 0 && random_below(8) != 0;
	if (block->count == 0 || (kind->changes > 0 && random_below(kind->changes) == 0))
		block->value = (uint32_t)random_number(kind->value_bits);
	block->count = is_short ? 1 + random_below(IP4_PACKED_ROWS - 1) : IP4_PACKED_ROWS;
	for (uint32_t i = 0; i < block->count; i++) {
		bool is_equal = block->has_values && *last >= 0 && random_below(kind->equal) == 0;
		bool is_jump = kind->jumps > 0 && random_below(kind->jumps) == 0;

		if (!is_equal)
			*last += 1 + (int64_t)random_number(is_jump ? 31 : kind->gap_bits);
		if (*last > UINT32_MAX)
			return false;
		block->addresses[i] = (uint32_t)*last;
		block->values[i] = (uint32_t)random_number(kind->value_bits);
	}
	return true;
}

static void compare_block(const kind_t *kind, const ip4_packed_block_t *taken,
			  const ip4_packed_block_t *put)
{
	MUST(taken->count == put->count && taken->has_values == put->has_values, "%s: %u of %u",
	     kind->name, taken->count, put->count);
	MUST(put->has_values || taken->value == put->value, "%s: value %u, not %u", kind->name,
	     taken->value, put->value);
	for (uint32_t i = 0; i < put->count; i++) {
		MUST(taken->addresses[i] == put->addresses[i], "%s: address %u is %08x, not %08x",
		     kind->name, i, taken->addresses[i], put->addresses[i]);
		MUST(!put->has_values || taken->values[i] == put->values[i],
		     "%s: value %u is %u, not %u", kind->name, i, taken->values[i], put->values[i]);
	}
}

#define BLOCKS 300

/* Blocks are taken while others are put, or all of them at the end. */
static void compare_run(const kind_t *kind, unsigned taken_early)
{
	ip4_packed_block_t *blocks = calloc(BLOCKS, sizeof(*blocks));
	ip4_packed_t packed = { .written = 0 };
	ip4_packed_block_t taken;
	int64_t last = random_below(3) == 0 ? -1 : (int64_t)random_number(32) - 1;
	size_t count = 0, at = 0;

	MUST(blocks != NULL, "no memory");
	while (count < BLOCKS) {
		if (count > 0)
			blocks[count] = blocks[count - 1];
		if (!make_block(kind, &last, &blocks[count]))
			break;
		MUST(ip4_packed_put(&packed, &blocks[count++]) == ERR_OK, "no memory");
		if (random_below(100) < taken_early) {
			MUST(ip4_packed_take(&packed, &taken), "no block %zu", at);
			compare_block(kind, &taken, &blocks[at++]);
		}
	}
	while (at < count) {
		MUST(ip4_packed_take(&packed, &taken), "no block %zu", at);
		compare_block(kind, &taken, &blocks[at++]);
	}
	MUST(!ip4_packed_take(&packed, &taken), "%s: more than %zu blocks", kind->name, count);
	ip4_packed_clear(&packed);
	free(blocks);
}

START_TEST(test_kinds)
{
	random_start(1);
	for (unsigned round = 0; round < 20 * COUNT_OF(kinds); round++)
		compare_run(&kinds[round % COUNT_OF(kinds)], round % 3 * 40);
}
END_TEST

/* The ends of the space, and gaps over all of it. */
START_TEST(test_ends)
{
	static const struct {
		uint32_t count;
		bool has_values;
		uint32_t addresses[3];
	} blocks[] = {
		{ 1, false, { 0 } },
		{ 1, false, { UINT32_MAX } },
		{ 2, false, { 0, UINT32_MAX } },
		{ 3, false, { 0, UINT32_MAX - 1, UINT32_MAX } },
		{ 1, true, { UINT32_MAX } },
		{ 3, true, { 0, 0, UINT32_MAX } },
		{ 3, true, { UINT32_MAX, UINT32_MAX, UINT32_MAX } },
	};
	static const kind_t kind = { .name = "ends" };

	for (size_t i = 0; i < COUNT_OF(blocks); i++) {
		ip4_packed_t packed = { .written = 0 };
		ip4_packed_block_t block = { .count = blocks[i].count,
					     .has_values = blocks[i].has_values,
					     .values = { UINT32_MAX, 0, 7 } };
		ip4_packed_block_t taken;

		memcpy(block.addresses, blocks[i].addresses, sizeof(blocks[i].addresses));
		ck_assert_int_eq(ip4_packed_put(&packed, &block), ERR_OK);
		/* And once more what was last, which only a block with values can say. */
		ip4_packed_block_t again = { .count = 1,
					     .has_values = true,
					     .addresses = { block.addresses[block.count - 1] } };
		ck_assert_int_eq(ip4_packed_put(&packed, &again), ERR_OK);
		ck_assert(ip4_packed_take(&packed, &taken));
		compare_block(&kind, &taken, &block);
		ck_assert(ip4_packed_take(&packed, &taken));
		compare_block(&kind, &taken, &again);
		ck_assert(!ip4_packed_take(&packed, &taken));
		ip4_packed_clear(&packed);
	}
}
END_TEST

/* What is not written because there is no memory changes nothing. */
START_TEST(test_no_memory)
{
	ip4_packed_t packed = { .written = 0 };
	ip4_packed_block_t block = { .count = 1, .value = 3, .addresses = { 5 } };
	ip4_packed_block_t taken;

	pieces_left = 0;
	ck_assert_int_eq(ip4_packed_put(&packed, &block), ERR_NOMEM);
	pieces_left = SIZE_MAX;
	ck_assert(!ip4_packed_take(&packed, &taken));
	ck_assert_int_eq(ip4_packed_put(&packed, &block), ERR_OK);
	ck_assert(ip4_packed_take(&packed, &taken));
	ck_assert_uint_eq(taken.addresses[0], 5);
	ck_assert_uint_eq(taken.value, 3);
	ip4_packed_clear(&packed);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_kinds, test_ends, test_no_memory };

	return run_tests("ip4_packed", tests, COUNT_OF(tests));
}
