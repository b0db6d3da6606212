/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Entries that come in order, or do up to some place, make the same index and the same notes, byte for byte,
 * as if they had to be sorted. */

#include "index/ip4_ordered.h"
#include "ip4_compare.h"
#include "test.h"

/* The first address that an entry may have behind `next`, most often close to it. */
static uint64_t skip_gap(uint64_t next)
{
	switch (random_below(6)) {
	case 0:
		return next; /* in a row */
	case 1:
		return next + random_below(3);
	case 2:
		return (next | 0xffff) + random_below(3); /* the ends of pages */
	case 3:
		return next + random_below(1u << (8 + random_below(12)));
	default:
		return next + random_below(300);
	}
}

/* Adds an entry from `first` on; what is behind it. */
static uint64_t add_entry(entries_t *entries, uint32_t first, unsigned value)
{
	unsigned zeros = first == 0 ? 32 : (unsigned)__builtin_ctz(first);
	unsigned length = 32 - (zeros < 20 ? zeros : 20);
	uint64_t last = (uint64_t)first + random_below(1u << random_below(20));

	switch (random_below(8)) {
	case 0: /* the largest prefix */
		entries_add_prefix(entries, first, length, value);
		break;
	case 1:
		entries_add_prefix(entries, first, length + random_below(33 - length), value);
		break;
	case 2:
		entries_add(entries, first, last > UINT32_MAX ? UINT32_MAX : (uint32_t)last, value);
		break;
	default:
		entries_add(entries, first, first, value);
		break;
	}
	return (uint64_t)entries->list[entries->count - 1].last + 1;
}

/* Entries each of which is behind the one before, or says the same; up to `count`. */
static void fill_ordered(entries_t *entries, size_t count, unsigned values)
{
	uint64_t next = random_below(2) == 0 ? 0 : random_32() >> random_below(32);
	unsigned value = 0;

	while (entries->count < count) {
		uint64_t first = skip_gap(next);

		if (first > UINT32_MAX)
			first = UINT32_MAX;
		if (first < next)
			return; /* all has been said */
		if (random_below(20) == 0)
			value = random_value(values);
		next = add_entry(entries, (uint32_t)first,
				 random_below(20) == 0 ? random_value(values) : value);
		while (entries->count < count && random_below(20) == 0) {
			entries->list[entries->count] = entries->list[entries->count - 1];
			entries->count++;
		}
	}
}

/* Puts what is out of order, or looks like it, somewhere. */
static void add_disorder(entries_t *entries, unsigned values)
{
	model_entry_t *at = &entries->list[random_below((uint32_t)entries->count)];

	switch (random_below(4)) {
	case 0: /* the same with another value, perhaps */
		entries->list[entries->count - 1].first = at->first;
		entries->list[entries->count - 1].last = at->last;
		break;
	case 1:
		at->last = at->first;
		at->value = random_value(values);
		break;
	case 2:
		entries_add_prefix(entries, at->first, random_below(33), random_value(values));
		break;
	default:
		*at = (model_entry_t){ random_32(), UINT32_MAX, random_value(values) };
		break;
	}
}

/* The same index, if the order of what is added is none from the first entry on. */
static built_t build_unordered(const entries_t *entries, ip_lines_t *lines)
{
	entries_t copy = entries_new(entries->count + 1, entries->rule, entries->stride);
	const model_entry_t *last = &entries->list[entries->count - 1];
	built_t built;

	/* Of equal prefixes the first one counts. */
	for (size_t i = entries->count; i-- > 0;)
		if (entries->list[i].first == last->first && entries->list[i].last == last->last)
			last = &entries->list[i];
	copy.list[0] = *last;
	memcpy(copy.list + 1, entries->list, entries->count * sizeof(*copy.list));
	copy.count = entries->count + 1;
	built = build_from(&copy, false, lines);
	free(copy.list);
	return built;
}

static void compare_builds(const built_t *a, const ip_lines_t *a_lines, const built_t *b,
			   const ip_lines_t *b_lines)
{
	MUST(ip4_index_size(a->index) == ip4_index_size(b->index) &&
		     memcmp(a->index, b->index, ip4_index_size(a->index)) == 0,
	     "the index is another one");
	MUST(a_lines->size == b_lines->size &&
		     (a_lines->size == 0 ||
		      memcmp(a_lines->notes, b_lines->notes, a_lines->size) == 0),
	     "the notes are others");
}

static void compare_orders(const entries_t *entries)
{
	ip_lines_t lines[3];
	built_t one_by_one = build_from(entries, false, &lines[0]);
	built_t in_bulk = build_from(entries, true, &lines[1]);
	built_t unordered = build_unordered(entries, &lines[2]);

	compare_builds(&one_by_one, &lines[0], &unordered, &lines[2]);
	compare_builds(&in_bulk, &lines[1], &unordered, &lines[2]);
	for (unsigned i = 0; i < COUNT_OF(lines); i++)
		ip_lines_clear(&lines[i]);
	built_free(&one_by_one);
	built_free(&in_bulk);
	built_free(&unordered);
}

START_TEST(test_random)
{
	static const size_t counts[] = { 1, 3, 30, IP4_ORDERED_KEPT, IP4_ORDERED_KEPT + 1, 3000 };

	random_start(1);
	for (unsigned round = 0; round < 16 * COUNT_OF(counts); round++) {
		size_t count = counts[round % COUNT_OF(counts)];
		unsigned values = random_below(2) == 0 ? 1 : 1 + random_below(VALUES);
		entries_t entries =
			entries_new(count + 1,
				    round / COUNT_OF(counts) % 2 == 0 ? IP4_RULE_LONGEST_PREFIX
								      : IP4_RULE_BYTE_LEVELS,
				    random_below(2) == 0 ? 1 : 50000000);

		fill_ordered(&entries, count, values);
		if (round / COUNT_OF(counts) % 4 >= 2)
			add_disorder(&entries, values);
		compare_orders(&entries);
		free(entries.list);
	}
}
END_TEST

/* Addresses in bulk of whole pages and parts, with others of the same page before and behind, and what is
 * out of order at each place of a page. */
START_TEST(test_pages)
{
	random_start(2);
	for (unsigned round = 0; round < 70; round++) {
		entries_t entries = entries_new(
			8000, round % 2 == 0 ? IP4_RULE_LONGEST_PREFIX : IP4_RULE_BYTE_LEVELS, 1);
		uint64_t next = (uint64_t)(round % 3) << 30;

		while (entries.count < 4000 && next <= UINT32_MAX) {
			entries_add(&entries, (uint32_t)next, (uint32_t)next,
				    round % 5 == 0 && random_below(500) == 0 ? random_value(4) : 0);
			if (random_below(300) != 0) /* else the same again */
				next += round % 7 == 0 ? 1 : 1 + random_below(100);
		}
		if (round % 4 == 3)
			entries_add_prefix(&entries, entries.list[entries.count - 1].first,
					   random_below(33), random_value(4));
		compare_orders(&entries);
		free(entries.list);
	}
}
END_TEST

/* ---- What is promised to the builder. ---- */

static err_t no_more(void *context, const ip_line_t *line)
{
	size_t *left = context;

	(void)line;
	return (*left)-- == 0 ? ERR_LOAD : ERR_OK;
}

static err_t no_more_addresses(void *context, uint32_t first, const uint16_t *lows, size_t count,
			       uint32_t number)
{
	size_t *left = context;

	(void)first;
	(void)lows;
	(void)number;
	if (*left < count)
		return ERR_LOAD;
	*left -= count;
	return ERR_OK;
}

START_TEST(test_refused)
{
	static const uint32_t addresses[] = { 5, 5, 6, 9, 9, 8, 10 };
	ip4_ordered_t list = { .first_only = false };
	ip4_index_t *index = NULL;
	ip_lines_t lines;
	bool is_taken;
	size_t taken;

	/* Whether they are kept or in an index already. */
	for (uint32_t before = 0; before <= 2 * IP4_ORDERED_KEPT; before += IP4_ORDERED_KEPT) {
		for (uint32_t i = 0; i < before; i++) {
			ck_assert_int_eq(
				ip4_ordered_add(&list, &(ip4_entry_t){ i, i, 7 }, &is_taken),
				ERR_OK);
			ck_assert(is_taken);
		}
		uint32_t moved[COUNT_OF(addresses)];
		for (size_t i = 0; i < COUNT_OF(addresses); i++)
			moved[i] = addresses[i] + before;
		ck_assert_int_eq(
			ip4_ordered_add_addresses(&list, moved, COUNT_OF(moved), 7, &taken),
			ERR_OK);
		ck_assert_uint_eq(taken, 5);
		/* The last one again: nothing new, unless its value is. */
		const ip4_entry_t again = { moved[4], moved[4], 7 };
		const ip4_entry_t other = { moved[4], moved[4], 8 };
		ck_assert_int_eq(ip4_ordered_add(&list, &again, &is_taken), ERR_OK);
		ck_assert(is_taken);
		ck_assert_int_eq(ip4_ordered_add(&list, &other, &is_taken), ERR_OK);
		ck_assert(!is_taken);
		list.first_only = true;
		ck_assert_int_eq(ip4_ordered_add(&list, &other, &is_taken), ERR_OK);
		ck_assert(is_taken);
		list.first_only = false;
		/* An error of who takes them back is handed on, and leaves an empty list. */
		size_t left = before;
		ck_assert_int_eq(
			ip4_ordered_leave(
				&list, &(ip4_lines_visitor_t){ &left, no_more, no_more_addresses }),
			ERR_LOAD);
	}
	ck_assert_int_eq(ip4_ordered_finish(&list, &index, &lines), ERR_OK);
	ck_assert(!ip4_index_has_any(index, 0, UINT32_MAX));
	ck_assert_uint_eq(lines.size, 0);
	ip4_index_free(index);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_random, test_pages, test_refused };

	return run_tests("ip4_ordered", tests, COUNT_OF(tests));
}
