/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Builds indexes from random entries and compares every answer with a naive model, which takes each
 * entry for each address. */

#include "ip6_model.h"
#include "test.h"

/* A walk that is compared with the model. */
typedef struct walked {
	const model_t *model;
	size_t count;
} walked_t;

static void visit(void *context, ip6_address_t first, ip6_address_t last, uint32_t number)
{
	walked_t *walked = context;
	size_t i = walked->count++;

	MUST(i < walked->model->count, "walk shows more than %zu ranges", walked->model->count);
	MUST(ip6_is_equal(first, walked->model->ranges[i].start) &&
		     ip6_is_equal(last, model_last(walked->model, i)),
	     "range %zu of a walk is %016" PRIx64 "%016" PRIx64 "-%016" PRIx64 "%016" PRIx64, i,
	     SHOW(first), SHOW(last));
	MUST(number == walked->model->ranges[i].number, "walk shows %u", number);
}

static void compare_any(const ip6_index_t *index, const model_t *model, ip6_address_t address)
{
	ip6_address_t other = ip6_add(address, ip6_shift_right(random_128(), random_below(128)));

	for (unsigned length = 0; length <= 128; length += 4) {
		ip6_address_t first = ip6_first(address, length);
		ip6_address_t last = ip6_last(address, length);

		MUST(ip6_index_has_any(index, first, last) == model_has_any(model, first, last),
		     "has_any of %016" PRIx64 "%016" PRIx64 "/%u", SHOW(first), length);
	}
	if (ip6_is_less(address, other))
		MUST(ip6_index_has_any(index, address, other) ==
			     model_has_any(model, address, other),
		     "has_any from %016" PRIx64 "%016" PRIx64, SHOW(address));
}

/* Single lookups are compared with the model before; the batch has to agree with them. */
static void compare_batch(const ip6_index_t *index, const ip6_address_t *addresses, size_t count)
{
	uint32_t numbers[100];

	MUST(count < COUNT_OF(numbers), "batch of %zu", count);
	numbers[count] = 0x5a5a5a5a;
	ip6_index_lookup_batch(index, addresses, count, numbers);
	MUST(numbers[count] == 0x5a5a5a5a, "batch of %zu writes behind its end", count);
	for (size_t i = 0; i < count; i++)
		MUST(numbers[i] == ip6_index_lookup(index, addresses[i]), "batch says %u",
		     numbers[i]);
}

/* All bounds, and some addresses anywhere near. */
static void compare(const ip6_index_t *index, const model_t *model)
{
	walked_t walked = { .model = model };
	const char *why = "";
	ip6_address_t batch[99];
	size_t batched = 0;

	MUST(ip6_index_check(index, ip6_index_size(index), IP6_INDEX_MAX, &why) == ERR_OK,
	     "check: %s", why);
	ip6_index_walk(index, visit, &walked);
	MUST(walked.count == model->count, "walk shows %zu ranges of %zu", walked.count,
	     model->count);
	for (size_t i = 0; i < 3 * model->count; i++) {
		size_t range = i / 3;
		ip6_address_t address =
			i % 3 == 0   ? model->ranges[range].start
			: i % 3 == 1 ? model_last(model, range)
				     : ip6_add(model->ranges[range].start,
					       ip6_shift_right(random_128(), random_below(128)));

		MUST(ip6_index_lookup(index, address) ==
			     model->ranges[model_find(model, address)].number,
		     "%016" PRIx64 "%016" PRIx64 " maps to %u", SHOW(address),
		     ip6_index_lookup(index, address));
		if (random_below(4) == 0)
			compare_any(index, model, address);
		batch[batched++] = address;
		if (batched == COUNT_OF(batch) || random_below(60) == 0) {
			compare_batch(index, batch, batched);
			batched = 0;
		}
	}
	compare_batch(index, batch, batched);
}

static void compare_entries(entries_t *entries)
{
	ip6_index_t *index = build(entries);
	model_t model = model_of(entries);

	compare(index, &model);
	ip6_index_free(index);
	free(model.ranges);
	free(entries->list);
}

START_TEST(test_random)
{
	static const shape_t shapes[] = {
		{ 0, 1, 128, 3, 1, 6 },          { 0, 4, 16, 250, 1, 0 },
		{ 64, 0, 64, 1, 1, 0 },          { 128, 0, 128, 1, 1, 0 },
		{ 32, 16, 40, 1, 1, 8 },         { 48, 0, 48, 200, 400000, 20 },
		{ 128, 0, 20, 3, 700000000, 0 }, { 120, 1, 4, 5, 1000, 3 },
		{ 0, 128, 128, 1, 1, 2 },        { 20, 27, 30, 40, 300, 10 },
	};
	static const size_t counts[] = { 0, 1, 2, 3, 5, 20, 70, 150, 600, 1500 };

	random_start(1);
	for (unsigned round = 0; round < 4 * COUNT_OF(shapes) * COUNT_OF(counts); round++) {
		size_t count = counts[round / COUNT_OF(shapes) % COUNT_OF(counts)];
		entries_t entries = entries_new(count + 1);

		fill(&entries, count, &shapes[round % COUNT_OF(shapes)]);
		compare_entries(&entries);
	}
}
END_TEST

/* Several shapes in one index, so that leaves of all forms stand side by side. */
START_TEST(test_mixed)
{
	random_start(2);
	for (unsigned round = 0; round < 60; round++) {
		entries_t entries = entries_new(1000);

		for (unsigned part = 0; part < 5; part++) {
			unsigned least = random_below(129);
			shape_t shape = { .least_length = least,
					  .length_step = random_below(3) * random_below(20),
					  .top_bits = 1 + random_below(128),
					  .values = 1 + random_below(1000),
					  .stride = 1 + random_below(2000000),
					  .one_of_excluded = random_below(10) };

			fill(&entries, random_below(200), &shape);
		}
		compare_entries(&entries);
	}
}
END_TEST

/* The bounds of the space, all of it, and halves. */
START_TEST(test_ends)
{
	for (unsigned length = 0; length <= 128; length++) {
		for (unsigned which = 1; which < 8; which++) {
			entries_t entries = entries_new(3);

			if (which & 1)
				entries_add(&entries, (ip6_address_t){ .low = 0 }, length, 7);
			if (which & 2)
				entries_add(&entries, last_address, length, 7);
			if (which & 4)
				entries_add(&entries, last_address, 0, 7 + length % 2);
			compare_entries(&entries);
		}
	}
}
END_TEST

static void ask_million(const ip6_index_t *index, const ip6_address_t *addresses, size_t count,
			unsigned length)
{
	ip6_address_t step = behind(ip6_last((ip6_address_t){ .high = 0 }, length));

	for (size_t i = 0; i < count; i += 50) {
		ip6_address_t asked[100];
		uint32_t numbers[100];

		for (size_t j = 0; j < 50; j++) {
			asked[j] = ip6_last(addresses[i + j], length);
			asked[50 + j] = ip6_add(addresses[i + j], step);
		}
		ip6_index_lookup_batch(index, asked, 100, numbers);
		for (size_t j = 0; j < 100; j++) {
			ip6_address_t first = ip6_first(asked[j], length);
			bool is_listed = j < 50 || bsearch(&first, addresses, count,
							   sizeof(*addresses), compare_128) != NULL;

			MUST(numbers[j] == (is_listed ? 1 : 0), "maps to %u", numbers[j]);
			MUST(ip6_index_lookup(index, asked[j]) == numbers[j],
			     "batch and single differ");
			MUST(ip6_index_has_any(index, first, asked[j]) == is_listed, "has_any");
		}
	}
}

/* A million prefixes of one length all over the space with one value, then a million lookups. */
static void compare_million(unsigned length, double most_bytes)
{
	const size_t count = 1000000;
	ip6_builder_t *builder = ip6_builder_new();
	ip6_address_t *addresses = calloc(count, sizeof(*addresses));
	ip6_index_t *index = NULL;
	const char *why = "";

	ck_assert(builder != NULL && addresses != NULL);
	for (size_t i = 0; i < count; i++) {
		addresses[i] = ip6_first(random_128(), length);
		MUST(ip6_builder_add(builder, addresses[i], length, 1) == ERR_OK, "no memory");
	}
	ck_assert_int_eq(ip6_builder_finish(builder, &index), ERR_OK);
	ck_assert_msg(ip6_index_check(index, ip6_index_size(index), IP6_INDEX_MAX, &why) == ERR_OK,
		      "%s", why);
	MUST((double)ip6_index_size(index) < most_bytes * (double)count, "/%ux takes %zu bytes",
	     length, ip6_index_size(index));
	qsort(addresses, count, sizeof(*addresses), compare_128);
	ask_million(index, addresses, count, length);
	ip6_index_free(index);
	ip6_builder_free(builder);
	free(addresses);
}

START_TEST(test_million)
{
	random_start(3);
	compare_million(64, 7);
	compare_million(128, 15.5);
}
END_TEST

/* More entries than are sorted at once, with few different prefixes: of equal ones the first wins,
 * also of those in different parts. */
START_TEST(test_many)
{
	const size_t count = 300000;

	random_start(4);
	for (unsigned round = 0; round < 6; round++) {
		entries_t all = entries_new(count);
		entries_t distinct = entries_new(300);
		ip6_index_t *index;
		model_t model;

		while (distinct.count < 300) {
			shape_t shape = { 8 * round, 1 + round, 128, 1000, 70000, 5 };

			fill(&distinct, 1, &shape);
		}
		for (size_t i = 0; i < count; i++) {
			const entry_t *entry = &distinct.list[i < 300 ? i : random_below(300)];

			entries_add(&all, entry->address, entry->length,
				    i < 300 ? entry->value : random_below(3));
		}
		model = model_of(&distinct);
		index = build(&all);
		compare(index, &model);
		ip6_index_free(index);
		free(model.ranges);
		free(distinct.list);
		free(all.list);
	}
}
END_TEST

/* ---- Cases one would write by hand. ---- */

START_TEST(test_longest_prefix)
{
	static const ip6_address_t doc = { UINT64_C(0x20010db800000000), 0 };
	static const struct {
		uint64_t high, low;
		uint32_t number;
	} cases[] = {
		{ 0, 0, 9 },
		{ UINT64_C(0x20010db7ffffffff), UINT64_MAX, 9 },
		{ UINT64_C(0x20010db800000000), 0, 0 },
		{ UINT64_C(0x20010db800000000), 1, 2 },
		{ UINT64_C(0x20010db800000000), 2, 0 },
		{ UINT64_C(0x20010db800010000), 0, 1 },
		{ UINT64_C(0x20010db8ffffffff), UINT64_MAX, 1 },
		{ UINT64_C(0x20010db900000000), 0, 9 },
		{ UINT64_MAX, UINT64_MAX, 9 },
	};
	entries_t entries = entries_new(8);
	ip6_index_t *index;

	entries_add(&entries, doc, 0, 9);
	entries_add(&entries, behind(doc), 128, 2);
	entries_add(&entries, behind(doc), 128, 3); /* the first counts */
	entries_add(&entries, behind(doc), 128, IP6_BUILDER_EXCLUDED);
	entries_add(&entries, doc, 32, 1);
	entries_add(&entries, doc, 48, IP6_BUILDER_EXCLUDED);
	entries_add(&entries, doc, 48, 4);
	index = build(&entries);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		ip6_address_t address = { cases[i].high, cases[i].low };

		ck_assert_uint_eq(ip6_index_lookup(index, address), cases[i].number);
	}
	ck_assert(ip6_index_has_any(index, doc, ip6_last(doc, 124)));
	ck_assert(!ip6_index_has_any(index, ip6_add(doc, (ip6_address_t){ .low = 16 }),
				     ip6_add(doc, (ip6_address_t){ .low = 31 })));
	ip6_index_free(index);
	free(entries.list);
}
END_TEST

/* Nothing, and what is cut out of nothing; a builder can be used again. */
START_TEST(test_empty)
{
	ip6_builder_t *builder = ip6_builder_new();
	ip6_address_t zero = { .high = 0 };
	ip6_index_t *index;

	for (unsigned round = 0; round < 3; round++) {
		if (round == 1)
			ck_assert_int_eq(ip6_builder_add(builder, zero, 0, IP6_BUILDER_EXCLUDED),
					 ERR_OK);
		ck_assert_int_eq(ip6_builder_finish(builder, &index), ERR_OK);
		ck_assert(!ip6_index_has_any(index, zero, last_address));
		ck_assert_uint_eq(ip6_index_lookup(index, zero), IP6_INDEX_NONE);
		ck_assert_uint_le(ip6_index_size(index), 128);
		ip6_index_free(index);
	}
	ip6_builder_free(builder);
	ip6_builder_free(NULL);
	ip6_index_free(NULL);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_longest_prefix, test_empty, test_ends,   test_random,
				       test_mixed,          test_many,  test_million };

	return run_tests("ip6_index", tests, COUNT_OF(tests));
}
