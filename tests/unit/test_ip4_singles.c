/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Appends addresses in all orders, and compares the pages that are taken with a stable sort of them. */

#include "index/ip4_singles.h"
#include "scarce_pieces.h"
#include "test.h"

/* An address with its value, and when it was appended. */
typedef struct single {
	uint32_t address;
	uint32_t value;
	size_t number;
} single_t;

static int compare_singles(const void *a_at, const void *b_at)
{
	const single_t *a = a_at;
	const single_t *b = b_at;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

typedef enum order { SORTED, SHUFFLED, SORTED_FILES, BACKWARDS, ORDERS } order_t;

typedef struct shape {
	unsigned bits;   /* of addresses */
	unsigned values; /* different ones */
	unsigned lines;  /* about so many in a row have one value; 0: all */
	size_t count;
	order_t order; /* ORDERS: in all of them */
} shape_t;

/* Where there are few bits many addresses are equal. Of lists with one value the first one in each order
 * is what is sorted at once, and one more; and a list whose value changes after 32,768 lines, as soon as
 * a run can be, has merged runs from 524,288 lines on. */
static const shape_t shapes[] = {
	{ 32, 1, 0, 0, SORTED },
	{ 32, 1, 0, 1, SORTED },
	{ 32, 1, 0, 1000, ORDERS },
	{ 0, 3, 5, 1000, ORDERS },
	{ 32, 5, 1, 3000, ORDERS },
	{ 12, UINT32_MAX, 1, 3000, ORDERS },
	{ 32, 1, 0, 262145, ORDERS },
	{ 18, 2, 100, 270000, ORDERS },
	{ 24, UINT32_MAX, 1, 270000, ORDERS },
	{ 32, 3, 40000, 600000, SHUFFLED },
	{ 20, 3, 35000, 600000, SHUFFLED },
	{ 17, 2, 32768, 1200000, SORTED_FILES },
};

static single_t *make_singles(const shape_t *shape, order_t order)
{
	single_t *singles = calloc(shape->count + 1, sizeof(*singles));
	uint32_t value = 1;

	MUST(singles != NULL, "no memory");
	for (size_t i = 0; i < shape->count; i++) {
		if (shape->bits > 0)
			singles[i].address = (uint32_t)(random_64() >> (64 - shape->bits));
		/* The last page, too. */
		if (random_below(4) == 0)
			singles[i].address = ~singles[i].address;
		singles[i].number = i;
	}
	if (order == SORTED || order == BACKWARDS)
		qsort(singles, shape->count, sizeof(*singles), compare_singles);
	if (order == SORTED_FILES)
		for (size_t i = 0; i < 3; i++)
			qsort(singles + i * (shape->count / 3), shape->count / 3, sizeof(*singles),
			      compare_singles);
	for (size_t i = 0; order == BACKWARDS && i < shape->count / 2; i++) {
		single_t other = singles[i];

		singles[i] = singles[shape->count - 1 - i];
		singles[shape->count - 1 - i] = other;
	}
	for (size_t i = 0; i < shape->count; i++) {
		if (shape->lines > 0 && (i % shape->lines == 0 || random_below(100000) == 0))
			value = random_below(shape->values);
		singles[i].value = value;
		singles[i].number = i;
	}
	return singles;
}

/* Appends all, in pieces of one value. */
static void append(ip4_singles_t *list, const single_t *singles, size_t count)
{
	uint32_t piece[1000];

	for (size_t i = 0; i < count;) {
		size_t most = 1 + random_below(COUNT_OF(piece));
		size_t size = 0;
		uint32_t value = singles[i].value;

		while (size < most && i < count && singles[i].value == value)
			piece[size++] = singles[i++].address;
		MUST(ip4_singles_append(list, piece, size, value) == ERR_OK, "no memory");
	}
}

/* Of several values of an address the first; or without those that are said twice in a row. */
static size_t drop_repeated(single_t *singles, size_t count, bool first_only)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		const single_t *last = kept > 0 ? &singles[kept - 1] : NULL;

		if (last != NULL && last->address == singles[i].address &&
		    (first_only || last->value == singles[i].value))
			continue;
		singles[kept++] = singles[i];
	}
	return kept;
}

/* Compares a page with what is expected from `at` on; how many it has. */
static size_t compare_page(const ip4_gathered_t *page, const single_t *expected, size_t left)
{
	uint32_t first = page->number << 16;

	MUST(page->count > 0 && page->count <= left, "%zu of %zu addresses", page->count, left);
	for (size_t i = 0; i < page->count; i++) {
		uint32_t address = first | page->lows[i];
		uint32_t value = page->values != NULL ? page->values[i] : page->value;

		MUST(address == expected[i].address && value == expected[i].value,
		     "%08x with %u, not %08x with %u", address, value, expected[i].address,
		     expected[i].value);
		MUST(page->values != NULL || i == 0 || page->lows[i] > page->lows[i - 1],
		     "%08x twice", address);
	}
	MUST(page->count == left || expected[page->count].address >> 16 != page->number,
	     "page %04x is not whole", page->number);
	return page->count;
}

static void compare_list(const shape_t *shape, order_t order, bool first_only)
{
	single_t *singles = make_singles(shape, order);
	ip4_singles_t list = { .first_only = first_only };
	size_t count, at = 0;
	ip4_gathered_t page;
	bool has_page;

	append(&list, singles, shape->count);
	MUST(ip4_singles_sort(&list) == ERR_OK, "no memory");
	qsort(singles, shape->count, sizeof(*singles), compare_singles);
	count = drop_repeated(singles, shape->count, first_only);
	for (;;) {
		MUST(ip4_singles_take(&list, &page, &has_page) == ERR_OK, "no memory");
		if (!has_page)
			break;
		at += compare_page(&page, singles + at, count - at);
	}
	MUST(at == count, "shape %zu, order %u: %zu of %zu addresses", (size_t)(shape - shapes),
	     order, at, count);
	MUST(ip4_singles_take(&list, &page, &has_page) == ERR_OK && !has_page,
	     "pages behind the end");
	ip4_singles_clear(&list);
	free(singles);
}

START_TEST(test_orders)
{
	random_start(1);
	for (size_t i = 0; i < COUNT_OF(shapes); i++)
		for (order_t order = SORTED; order < ORDERS; order++)
			if (shapes[i].order == ORDERS || shapes[i].order == order)
				compare_list(&shapes[i], order, random_below(2) == 0);
	compare_list(&shapes[COUNT_OF(shapes) - 1], SORTED_FILES, true);
	compare_list(&shapes[COUNT_OF(shapes) - 1], SORTED_FILES, false);
}
END_TEST

/* A sorted list that says the last address of what is packed at once again, with each of two values. */
START_TEST(test_again_behind_packed)
{
	enum { PACKED = 262144, BEHIND = 1000 };
	single_t *singles = calloc(PACKED + BEHIND, sizeof(*singles));

	ck_assert_ptr_nonnull(singles);
	for (uint32_t value = 1; value <= 2; value++) {
		ip4_singles_t list = { .first_only = false };
		size_t at = 0;
		ip4_gathered_t page;
		bool has_page = true;

		for (size_t i = 0; i < PACKED + BEHIND; i++)
			singles[i] = (single_t){
				.address = 4 * (uint32_t)(i < PACKED ? i : i - 1),
				.value = i < PACKED ? 1 : value,
				.number = (uint32_t)i,
			};
		append(&list, singles, PACKED + BEHIND);
		ck_assert_int_eq(ip4_singles_sort(&list), ERR_OK);
		size_t count = drop_repeated(singles, PACKED + BEHIND, false);
		ck_assert_uint_eq(count, PACKED + BEHIND - (value == 1));
		while (ip4_singles_take(&list, &page, &has_page) == ERR_OK && has_page)
			at += compare_page(&page, singles + at, count - at);
		ck_assert_uint_eq(at, count);
		ip4_singles_clear(&list);
	}
	free(singles);
}
END_TEST

/* Appends random addresses, of two values by turns. */
static err_t append_random(ip4_singles_t *list, size_t count, size_t lines)
{
	uint32_t piece[256];
	err_t error = ERR_OK;

	for (size_t i = 0; i < count && error == ERR_OK; i += COUNT_OF(piece)) {
		for (size_t j = 0; j < COUNT_OF(piece); j++)
			piece[j] = (uint32_t)random_64();
		error = ip4_singles_append(list, piece, COUNT_OF(piece), 1 + i / lines % 2);
	}
	return error;
}

/* Lists that are not taken from to their end. */
START_TEST(test_clear)
{
	static const size_t counts[] = { 0, 256, 262144, 262400, 700160 };

	random_start(2);
	for (size_t i = 0; i < 3 * COUNT_OF(counts); i++) {
		ip4_singles_t list = { .pending = NULL };
		ip4_gathered_t page;
		bool has_page = true;

		ck_assert_int_eq(append_random(&list, counts[i / 3], 40000), ERR_OK);
		if (i % 3 > 0)
			ck_assert_int_eq(ip4_singles_sort(&list), ERR_OK);
		for (size_t j = 0; i % 3 > 1 && has_page && j < 30000; j++)
			MUST(ip4_singles_take(&list, &page, &has_page) == ERR_OK, "no memory");
		ip4_singles_clear(&list);
		ip4_singles_clear(&list);
	}
}
END_TEST

/* Memory ends at all stages: while addresses are packed, and while they are merged. */
START_TEST(test_no_memory)
{
	size_t failed = 0;

	random_start(3);
	for (size_t pieces = 0; pieces < 100; pieces += 1 + random_below(15)) {
		ip4_singles_t list = { .pending = NULL };
		err_t error;

		pieces_left = pieces;
		error = append_random(&list, 700000, 33000);
		if (error == ERR_OK)
			error = ip4_singles_sort(&list);
		MUST(error == ERR_OK || error == ERR_NOMEM, "error %d", error);
		failed += error != ERR_OK;
		ip4_singles_clear(&list);
		pieces_left = SIZE_MAX;
	}
	MUST(failed > 2, "%zu lists without memory", failed);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_orders, test_again_behind_packed, test_clear,
				       test_no_memory };

	return run_tests("ip4_singles", tests, COUNT_OF(tests));
}
