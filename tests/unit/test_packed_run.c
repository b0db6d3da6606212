/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Writes blocks of random rows, and takes them again. */

#include "base/ip6.h"
#include "index/packed_run.h"
#include "scarce_pieces.h"
#include "test.h"

/* Numbers of all sizes: few bits are as likely as many. */
static uint64_t random_number(unsigned bits)
{
	unsigned shift = 64 - random_below(bits + 1);

	return shift < 64 ? random_64() >> shift : 0;
}

/* How the differences between addresses, and the other columns, are made. */
typedef struct kind {
	const char *name;
	unsigned high_bits; /* of differences */
	unsigned low_bits;
	unsigned outliers; /* one in so many is of any size; 0: none */
	bool is_same;      /* sizes and values, and differences */
} kind_t;

static const kind_t kinds[] = {
	{ .name = "all the same", .is_same = true },
	{ .name = "one after the other", .high_bits = 1, .is_same = true },
	{ .name = "many equal ones", .high_bits = 1 },
	{ .name = "IPv4", .high_bits = 10 },
	{ .name = "IPv4, of some far away", .high_bits = 6, .outliers = 500 },
	{ .name = "IPv6 networks", .high_bits = 50 },
	{ .name = "IPv6 addresses of one network", .low_bits = 57 },
	{ .name = "IPv6 addresses", .high_bits = 3, .low_bits = 64, .outliers = 100 },
};

/* The row behind `row`, whose address it adds to. */
static void next_row(const kind_t *kind, ip6_address_t *address, uint64_t *row)
{
	bool is_outlier = kind->outliers > 0 && random_below(kind->outliers) == 0;
	ip6_address_t next = *address;

	if (kind->is_same)
		next.high += kind->high_bits;
	else
		next.high += random_number(is_outlier ? 50 : kind->high_bits);
	if (next.high == address->high)
		next.low += random_number(kind->low_bits);
	else
		next.low = kind->low_bits > 0 ? random_64() : 0;
	if (!ip6_is_less(next, *address))
		*address = next; /* else it has come to the end */
	row[PACKED_HIGH] = address->high;
	row[PACKED_LOW] = address->low;
	row[PACKED_SIZE] = kind->is_same ? 126 : random_number(33);
	row[PACKED_VALUE] = kind->is_same ? UINT64_MAX : random_number(64);
}

static void compare_rows(const kind_t *kind, size_t count)
{
	uint64_t(*rows)[PACKED_COLUMNS] = calloc(count + 1, sizeof(*rows));
	ip6_address_t address = { .high = 0 };
	packed_run_t run = { .written = { 0 } };
	packed_block_t block = { .count = 0 };
	size_t taken = 0;

	MUST(rows != NULL, "no memory");
	for (size_t i = 0; i < count; i++) {
		next_row(kind, &address, rows[i]);
		for (packed_column_t column = PACKED_HIGH; column < PACKED_COLUMNS; column++)
			block.columns[column][block.count] = rows[i][column];
		/* Short blocks in the middle, too. */
		if (++block.count == PACKED_BLOCK_ROWS || i + 1 == count ||
		    random_below(500) == 0) {
			MUST(packed_run_put(&run, &block) == ERR_OK, "no memory");
			block.count = 0;
		}
	}
	while (packed_run_take(&run, &block)) {
		MUST(block.count > 0 && block.count <= PACKED_BLOCK_ROWS, "%s: block of %u",
		     kind->name, block.count);
		for (uint32_t i = 0; i < block.count; i++, taken++) {
			MUST(taken < count, "%s: more than %zu rows", kind->name, count);
			for (packed_column_t column = PACKED_HIGH; column < PACKED_COLUMNS;
			     column++)
				MUST(block.columns[column][i] == rows[taken][column],
				     "%s: row %zu of %zu, column %u, is %" PRIx64
				     " instead of %" PRIx64,
				     kind->name, taken, count, column, block.columns[column][i],
				     rows[taken][column]);
		}
	}
	MUST(taken == count, "%s: %zu rows of %zu", kind->name, taken, count);
	MUST(!packed_run_take(&run, &block), "rows behind the end");
	packed_run_clear(&run);
	free(rows);
}

/* Are they the same, of all rows? (Between their members there may be anything.) */
static bool is_equal(const packed_block_t *a, const packed_block_t *b)
{
	return a->count == b->count && memcmp(a->columns, b->columns, sizeof(a->columns)) == 0;
}

START_TEST(test_random_rows)
{
	random_start(1);
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		for (size_t count = 0; count < 300; count++)
			compare_rows(&kinds[i], count);
		compare_rows(&kinds[i], 100000);
	}
}
END_TEST

/* Numbers at the limits, in blocks where all but one are the opposite. */
START_TEST(test_extremes)
{
	static const uint64_t extremes[] = {
		0,
		1,
		125,
		126,
		127,
		UINT32_MAX,
		UINT64_C(1) << 32,
		INT64_MAX,
		UINT64_C(1) << 63,
		UINT64_MAX,
	};

	for (size_t i = 0; i < COUNT_OF(extremes) * COUNT_OF(extremes); i++) {
		for (uint32_t odd = 0; odd < PACKED_BLOCK_ROWS; odd += 127) {
			packed_run_t run = { .written = { 0 } };
			packed_block_t block = { .count = PACKED_BLOCK_ROWS };
			packed_block_t taken;

			for (uint32_t row = 0; row < PACKED_BLOCK_ROWS; row++) {
				uint64_t most = extremes[i / COUNT_OF(extremes)];
				uint64_t one = extremes[i % COUNT_OF(extremes)];

				block.columns[PACKED_HIGH][row] = row < odd ? 0 : most;
				block.columns[PACKED_LOW][row] = row < odd ? 0 : one;
				block.columns[PACKED_SIZE][row] = row == odd ? one : most;
				block.columns[PACKED_VALUE][row] = row == odd ? most : one;
			}
			ck_assert_int_eq(packed_run_put(&run, &block), ERR_OK);
			ck_assert(packed_run_take(&run, &taken));
			MUST(is_equal(&block, &taken), "%zu, row %u: taken is not what was put", i,
			     odd);
			ck_assert(!packed_run_take(&run, &taken));
		}
	}
}
END_TEST

/* What a run without memory says, and that it is as it was. */
START_TEST(test_no_memory)
{
	packed_run_t run = { .written = { 0 } };
	packed_block_t block = { .count = PACKED_BLOCK_ROWS };
	packed_block_t taken;
	size_t count = 0;

	random_start(2);
	for (uint32_t row = 0; row < PACKED_BLOCK_ROWS; row++)
		block.columns[PACKED_VALUE][row] = random_64();
	pieces_left = 0;
	ck_assert_int_eq(packed_run_put(&run, &block), ERR_NOMEM);
	pieces_left = 2;
	while (packed_run_put(&run, &block) == ERR_OK)
		count++;
	ck_assert_uint_gt(count, 10);
	for (; packed_run_take(&run, &taken); count--)
		ck_assert(is_equal(&block, &taken));
	ck_assert_uint_eq(count, 0);
	pieces_left = SIZE_MAX;
	ck_assert_int_eq(packed_run_put(&run, &block), ERR_OK);
	packed_run_clear(&run);
	ck_assert(!packed_run_take(&run, &taken));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_random_rows, test_extremes, test_no_memory };

	return run_tests("packed_run", tests, COUNT_OF(tests));
}
