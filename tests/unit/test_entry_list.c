/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Appends entries in all orders, and compares what is taken with a stable sort of them. */

#include "index/entry_list.h"
#include "scarce_pieces.h"
#include "test.h"

/* An entry, and when it was appended. */
typedef struct numbered {
	entry_t entry;
	size_t number;
} numbered_t;

static int compare_numbered(const void *a_at, const void *b_at)
{
	const numbered_t *a = a_at;
	const numbered_t *b = b_at;

	if (!ip6_is_equal(a->entry.address, b->entry.address))
		return ip6_is_less(a->entry.address, b->entry.address) ? -1 : 1;
	if (a->entry.size != b->entry.size)
		return a->entry.size > b->entry.size ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

typedef enum order { SORTED, SHUFFLED, SORTED_FILES, BACKWARDS, ORDERS } order_t;

typedef struct shape {
	unsigned high_bits; /* of addresses */
	unsigned low_bits;
	unsigned sizes; /* different ones; their kinds by turns */
	unsigned values;
	size_t count;
	order_t order;  /* ORDERS: in all of them */
	size_t stretch; /* not 0: so many in a row differ only in the upper halves */
} shape_t;

/* Where there are few addresses many are equal. Each 32,768 are packed as a run, and stretches of more than 4,096 that
 * differ from others; 32 runs are merged to one, and when less than 33 are left in the end those that are too
 * many. */
static const shape_t shapes[] = {
	{ 32, 0, 1, 1, 0, ORDERS, 0 },
	{ 32, 0, 1, 1, 1, ORDERS, 0 },
	{ 32, 0, 1, 1, 1000, ORDERS, 0 },
	{ 0, 0, 1, 1000, 40000, ORDERS, 0 },
	{ 64, 0, 1, 1, 70000, ORDERS, 0 },
	{ 16, 0, 1, 1, 70000, ORDERS, 0 },
	{ 32, 0, 33, 100, 66000, ORDERS, 0 },
	{ 64, 64, 129, UINT32_MAX, 66000, ORDERS, 0 },
	{ 2, 64, 1, 1, 66000, ORDERS, 0 },
	{ 12, 12, 1, 1, 66000, SHUFFLED, 0 },
	{ 3, 64, 129, 2, 100000, SHUFFLED, 0 },
	{ 64, 64, 129, UINT32_MAX, 20000, SHUFFLED, 3 },
	{ 64, 2, 3, 3, 100000, SHUFFLED, 100 },
	{ 32, 0, 1, 1, 1100000, SHUFFLED, 0 },
	{ 60, 0, 1, UINT32_MAX, 400000, SHUFFLED, 4200 },
	{ 6, 1, 3, UINT32_MAX, 300000, SHUFFLED, 4200 },
	{ 14, 0, 4, UINT32_MAX, 300000, SORTED_FILES, 5000 },
};

static uint32_t random_size(const shape_t *shape)
{
	uint32_t size = random_below(shape->sizes);

	if (shape->sizes == 1)
		return 0;
	/* Those of prefixes, others, and the largest. */
	return size % 3 == 0   ? (uint32_t)(((uint64_t)1 << size % 33) - 1)
	       : size % 3 == 1 ? size
			       : UINT32_MAX - size;
}

static numbered_t *make_entries(const shape_t *shape, order_t order)
{
	numbered_t *entries = calloc(shape->count + 1, sizeof(*entries));

	MUST(entries != NULL, "no memory");
	for (size_t i = 0; i < shape->count; i++) {
		entry_t *entry = &entries[i].entry;

		if (shape->high_bits > 0)
			entry->address.high = random_64() >> (64 - shape->high_bits);
		/* The last network, too, is one. */
		if (shape->high_bits == 64 && random_below(4) == 0)
			entry->address.high = UINT64_MAX;
		if (shape->low_bits > 0)
			entry->address.low = random_64() >> (64 - shape->low_bits);
		entry->size = random_size(shape);
		entry->value = (uint32_t)(random_64() % shape->values);
		entries[i].number = i;
		if (shape->stretch > 0 && i % shape->stretch > 0) {
			uint64_t high = entry->address.high;

			*entry = entries[i - 1].entry;
			entry->address.high = high;
		}
	}
	if (order == SORTED || order == BACKWARDS)
		qsort(entries, shape->count, sizeof(*entries), compare_numbered);
	if (order == SORTED_FILES)
		for (size_t i = 0; i < 3; i++)
			qsort(entries + i * (shape->count / 3), shape->count / 3, sizeof(*entries),
			      compare_numbered);
	for (size_t i = 0; order == BACKWARDS && i < shape->count / 2; i++) {
		numbered_t other = entries[i];

		entries[i] = entries[shape->count - 1 - i];
		entries[shape->count - 1 - i] = other;
	}
	for (size_t i = 0; i < shape->count; i++)
		entries[i].number = i;
	return entries;
}

/* Appends some of the entries, one by one or those of which only the upper halves differ; how many. */
static size_t append_some(entry_list_t *list, const numbered_t *entries, size_t count)
{
	static uint64_t highs[40000];
	const entry_t *first = &entries[0].entry;
	size_t most = random_below(2) == 0 ? 1 : random_below(random_below(2) == 0 ? 300 : 40000);
	size_t alike = 0;

	while (alike < most && alike < count &&
	       entries[alike].entry.address.low == first->address.low &&
	       entries[alike].entry.size == first->size &&
	       entries[alike].entry.value == first->value) {
		highs[alike] = entries[alike].entry.address.high;
		alike++;
	}
	if (most > 1) {
		MUST(entry_list_append_highs(list, first, highs, alike) == ERR_OK, "no memory");
		return alike;
	}
	MUST(entry_list_append(list, first) == ERR_OK, "no memory");
	return 1;
}

static void compare_list(entry_list_t *list, const shape_t *shape, order_t order)
{
	numbered_t *entries = make_entries(shape, order);
	entry_t entry;

	for (size_t i = 0; i < shape->count;)
		i += append_some(list, entries + i, shape->count - i);
	MUST(entry_list_sort(list) == ERR_OK, "no memory");
	qsort(entries, shape->count, sizeof(*entries), compare_numbered);
	for (size_t i = 0; i < shape->count; i++) {
		const entry_t *expected = &entries[i].entry;

		MUST(entry_list_take(list, &entry), "%zu entries instead of %zu", i, shape->count);
		MUST(ip6_is_equal(entry.address, expected->address) &&
			     entry.size == expected->size && entry.value == expected->value,
		     "shape %zu, order %u: entry %zu is %" PRIx64 ":%" PRIx64
		     " %u %u instead of %" PRIx64 ":%" PRIx64 " %u %u",
		     (size_t)(shape - shapes), order, i, entry.address.high, entry.address.low,
		     entry.size, entry.value, expected->address.high, expected->address.low,
		     expected->size, expected->value);
	}
	MUST(!entry_list_take(list, &entry), "more than %zu entries", shape->count);
	MUST(!entry_list_take(list, &entry), "entries behind the end");
	entry_list_clear(list);
	free(entries);
}

START_TEST(test_orders)
{
	entry_list_t list = { .highs = NULL }; /* the same for all, as clear makes it as new */

	random_start(1);
	for (size_t i = 0; i < COUNT_OF(shapes); i++)
		for (order_t order = SORTED; order < ORDERS; order++)
			if (shapes[i].order == ORDERS || shapes[i].order == order)
				compare_list(&list, &shapes[i], order);
}
END_TEST

/* Lists that are not taken from to their end. */
START_TEST(test_clear)
{
	static const size_t counts[] = { 0, 1, 32768, 32769, 600000 };

	random_start(2);
	for (size_t i = 0; i < 3 * COUNT_OF(counts); i++) {
		entry_list_t list = { .highs = NULL };
		entry_t entry = { .value = 1 };

		for (size_t j = 0; j < counts[i / 3]; j++) {
			entry.address.high = random_64() >> 32;
			MUST(entry_list_append(&list, &entry) == ERR_OK, "no memory");
		}
		if (i % 3 > 0)
			ck_assert_int_eq(entry_list_sort(&list), ERR_OK);
		for (size_t j = 0; i % 3 > 1 && j < counts[i / 3] / 2; j++)
			MUST(entry_list_take(&list, &entry), "no entry %zu", j);
		entry_list_clear(&list);
		entry_list_clear(&list);
	}
}
END_TEST

/* Memory ends at all stages: while entries are packed, and while they are merged. */
START_TEST(test_no_memory)
{
	size_t failed = 0;

	random_start(3);
	for (size_t pieces = 0; pieces < 120; pieces += 1 + random_below(20)) {
		entry_list_t list = { .highs = NULL };
		entry_t entry = { .value = 1 };
		err_t error = ERR_OK;

		pieces_left = pieces;
		for (size_t i = 0; i < 1100000 && error == ERR_OK; i++) {
			entry.address.high = random_64() >> 32;
			error = entry_list_append(&list, &entry);
		}
		if (error == ERR_OK)
			error = entry_list_sort(&list);
		MUST(error == ERR_OK || error == ERR_NOMEM, "error %d", error);
		failed += error != ERR_OK;
		entry_list_clear(&list);
	}
	MUST(failed > 2, "%zu lists without memory", failed);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_orders, test_clear, test_no_memory };

	return run_tests("entry_list", tests, COUNT_OF(tests));
}
