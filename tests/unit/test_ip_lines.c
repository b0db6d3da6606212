/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Notes of addresses that are told a page at a time are those of addresses that are told one by one. Lists
 * that are read back from an index and its notes are what they were, and two of them differ in what they
 * should; test_compare.c has models of more kinds of lists. */

#include "index/ip4_builder.h"
#include "index/ip_lines.h"
#include "index/ip_lines_layout.h"
#include "test.h"

#define NUMBER 7u

/* One by one. */
static void add_each(ip_lines_writer_t *writer, uint32_t first, const uint16_t *lows, size_t count,
		     uint32_t number)
{
	for (size_t i = 0; i < count; i++) {
		ip6_address_t address = { .low = (uint64_t)first + lows[i] };
		ip_line_t line = { address, address, number };

		if (address.low > 0)
			MUST(ip_lines_tell(writer, (ip6_address_t){ .low = address.low - 1 }, 0) ==
				     ERR_OK,
			     "no memory");
		MUST(ip_lines_add(writer, &line) == ERR_OK, "no memory");
		MUST(ip_lines_tell(writer, address, number) == ERR_OK, "no memory");
	}
}

/* Lows behind each other in rows of up to `row` addresses, with gaps between them of up to `gap`. */
static size_t make_lows(uint16_t *lows, uint32_t gap, uint32_t row)
{
	uint32_t low = random_below(2) == 0 ? 0 : random_below(gap) + 1;
	size_t count = 0;

	while (low < 65536) {
		for (uint32_t i = random_below(row) + 1; i > 0 && low < 65536; i--)
			lows[count++] = (uint16_t)low++;
		low += 1 + random_below(gap);
	}
	if (count == 0)
		lows[count++] = UINT16_MAX;
	return count;
}

/* A network behind the page, with lines of its own. */
static void add_network(ip_lines_writer_t *writer, uint32_t first, uint32_t last, uint32_t number,
			unsigned lines)
{
	MUST(ip_lines_tell(writer, (ip6_address_t){ .low = first - 1 }, 0) == ERR_OK, "no memory");
	for (unsigned i = 0; i < lines; i++) {
		ip_line_t line = { { .low = first }, { .low = last - i }, number };

		MUST(ip_lines_add(writer, &line) == ERR_OK, "no memory");
	}
	MUST(ip_lines_tell(writer, (ip6_address_t){ .low = last }, number) == ERR_OK, "no memory");
}

static void end(ip_lines_writer_t *writer, ip_lines_t *lines)
{
	MUST(ip_lines_tell(writer, (ip6_address_t){ .low = UINT32_MAX }, 0) == ERR_OK &&
		     ip_lines_finish(writer, lines) == ERR_OK,
	     "no memory");
}

START_TEST(test_addresses)
{
	static const uint32_t gaps[] = { 1, 2, 30, 1000, 65536 };
	static const uint32_t rows[] = { 1, 2, 3, 5, 40, 70000 };
	static uint16_t lows[65536];

	random_start(1);
	for (unsigned round = 0; round < 2 * COUNT_OF(gaps) * COUNT_OF(rows); round++) {
		ip_lines_writer_t writer = { .size = 0 };
		ip_lines_writer_t each = { .size = 0 };
		ip_lines_t lines, lines_of_each;
		uint32_t page = random_below(3) == 0 ? 0 : random_below(65536);

		for (unsigned pages = 0; pages < 6 && page < 65536; pages++) {
			uint32_t gap = gaps[random_below(COUNT_OF(gaps))];
			uint32_t row = rows[round % COUNT_OF(rows)];
			size_t count = make_lows(lows, gap, row);
			uint32_t number = random_below(4) == 0 ? NUMBER + 1 : NUMBER;

			MUST(ip_lines_add_addresses(&writer, page << 16, lows, count, number) ==
				     ERR_OK,
			     "no memory");
			add_each(&each, page << 16, lows, count, number);
			page++;
			if (random_below(3) == 0)
				page += random_below(300);
			if (random_below(4) == 0 && page < 65536) {
				unsigned many = random_below(3);
				uint32_t last = (page << 16) + 1 + random_below(300);

				add_network(&writer, page << 16, last, NUMBER, many);
				add_network(&each, page << 16, last, NUMBER, many);
				page++;
			}
		}
		end(&writer, &lines);
		end(&each, &lines_of_each);
		MUST(lines.size == lines_of_each.size, "%zu bytes, not %zu", lines.size,
		     lines_of_each.size);
		MUST(lines.size == 0 || memcmp(lines.notes, lines_of_each.notes, lines.size) == 0,
		     "notes differ");
		ip_lines_clear(&lines);
		ip_lines_clear(&lines_of_each);
	}
}
END_TEST

/* ---- What is read back. ---- */

/* Values of lines; 0 is an exclusion. */
#define VALUES 4u

typedef struct list {
	ip_line_t *lines; /* by first address, the longest first; distinct */
	size_t count;
	size_t capacity;
	ip4_index_t *index;
	ip_lines_t notes;
	size_t walked; /* lines that have been seen again */
} list_t;

static int compare_lines(const ip_line_t *a, const ip_line_t *b)
{
	if (a->first.low != b->first.low)
		return a->first.low < b->first.low ? -1 : 1;
	return (a->last.low < b->last.low) - (a->last.low > b->last.low);
}

static int sort_order(const void *a, const void *b)
{
	return compare_lines(a, b);
}

static void add(list_t *list, uint64_t first, unsigned length)
{
	uint64_t size = (uint64_t)1 << (32 - length);
	uint32_t number = random_below(300) == 0 ? random_below(VALUES) : 1;

	if (list->count == list->capacity) {
		list->capacity = 2 * list->capacity + 1000;
		list->lines = realloc(list->lines, list->capacity * sizeof(*list->lines));
		ck_assert_ptr_nonnull(list->lines);
	}
	first &= ~(size - 1);
	list->lines[list->count++] =
		(ip_line_t){ { .low = first }, { .low = first + size - 1 }, number };
}

/* Addresses of some pages, most of them near each other, and `others` prefixes among 1,000. */
static void fill(list_t *list, unsigned others)
{
	static const uint32_t gaps[] = { 1, 2, 30, 1000, 65536 };
	static const uint32_t rows[] = { 1, 1, 1, 2, 5, 3000 };
	static uint16_t lows[65536];
	uint32_t page = random_below(3) == 0 ? 0 : random_below(65536);
	uint32_t row = rows[random_below(COUNT_OF(rows))];
	unsigned length = random_below(5) == 0 ? 30 + random_below(2) : 32;

	for (unsigned pages = 0; pages < 8 && page < 65536; pages++) {
		uint64_t first = page << 16;
		size_t count = make_lows(lows, gaps[random_below(COUNT_OF(gaps))], row);

		if (count > 5000)
			count = 5000;
		for (size_t i = 0; i < count; i++)
			add(list, first + lows[i], length);
		if (random_below(3) == 0) { /* a row across the pages' border */
			add(list, first + 65535, 32);
			if (page < 65535)
				add(list, first + 65536, 32);
		}
		for (size_t i = 0; i < count; i++)
			if (random_below(1000) < others)
				add(list, first + random_below(65536), 14 + random_below(19));
		page += random_below(4) == 0 ? random_below(9000) : 1;
	}
}

static void build(list_t *list)
{
	ip4_builder_t *builder = ip4_builder_new(IP4_RULE_LONGEST_PREFIX);
	value_sets_t *sets = intern_new();
	size_t distinct = 0;

	ck_assert(builder != NULL && sets != NULL);
	qsort(list->lines, list->count, sizeof(*list->lines), sort_order);
	for (size_t i = 0; i < list->count; i++)
		if (i == 0 || compare_lines(&list->lines[i], &list->lines[distinct - 1]) != 0)
			list->lines[distinct++] = list->lines[i];
	list->count = distinct;
	for (size_t i = 0; i < list->count; i++) {
		const ip_line_t *line = &list->lines[i];
		uint64_t size = line->last.low - line->first.low + 1;

		MUST(ip4_builder_add(builder, (uint32_t)line->first.low,
				     32 - (unsigned)__builtin_ctzll(size), line->number) == ERR_OK,
		     "no memory");
	}
	MUST(ip4_builder_finish(builder, sets, VALUES, &list->index) == ERR_OK, "no memory");
	ip4_builder_take_lines(builder, &list->notes);
	ip4_builder_free(builder);
	intern_free(sets);
}

static void clear(list_t *list)
{
	free(list->lines);
	ip4_index_free(list->index);
	ip_lines_clear(&list->notes);
}

static err_t visit_line(void *context, const ip_line_t *line)
{
	list_t *list = context;
	const ip_line_t *expected = &list->lines[list->walked];

	MUST(list->walked < list->count, "more lines than there are");
	MUST(compare_lines(line, expected) == 0 && line->number == expected->number,
	     "line %zu: %08x-%08x %u, not %08x-%08x %u", list->walked, (unsigned)line->first.low,
	     (unsigned)line->last.low, line->number, (unsigned)expected->first.low,
	     (unsigned)expected->last.low, expected->number);
	list->walked++;
	return ERR_OK;
}

static err_t visit_addresses(void *context, uint32_t first, const uint16_t *lows, size_t count,
			     uint32_t number)
{
	MUST(count > 0, "no addresses");
	for (size_t i = 0; i < count; i++) {
		ip_line_t line = { { .low = first | lows[i] }, { .low = first | lows[i] }, number };

		(void)visit_line(context, &line);
	}
	return ERR_OK;
}

static void walk(list_t *list)
{
	const ip4_lines_visitor_t visitor = { list, visit_line, visit_addresses };

	list->walked = 0;
	MUST(ip4_lines_walk(list->index, &list->notes, &visitor) == ERR_OK, "the walk fails");
	MUST(list->walked == list->count, "%zu lines of %zu", list->walked, list->count);
}

/* Keys with each pair of numbers; the last one stands for none. */
typedef struct pairs {
	uint64_t keys[VALUES + 1][VALUES + 1];
} pairs_t;

static void visit_pair(void *context, const uint32_t *old, const uint32_t *next, uint64_t count)
{
	pairs_t *pairs = context;

	MUST(count > 0, "nothing is told of");
	pairs->keys[old != NULL ? *old : VALUES][next != NULL ? *next : VALUES] += count;
}

static pairs_t compare_plainly(const list_t *old, const list_t *next)
{
	pairs_t pairs = { .keys = { { 0 } } };

	for (size_t i = 0, j = 0; i < old->count || j < next->count;) {
		int order = i == old->count    ? 1
			    : j == next->count ? -1
					       : compare_lines(&old->lines[i], &next->lines[j]);

		visit_pair(&pairs, order <= 0 ? &old->lines[i].number : NULL,
			   order >= 0 ? &next->lines[j].number : NULL, 1);
		i += order <= 0;
		j += order >= 0;
	}
	return pairs;
}

/* The same list with some lines fewer and some more. */
static list_t change(const list_t *list, unsigned others)
{
	list_t changed = { .count = 0 };
	unsigned often = random_below(2) == 0 ? 10 : 5000;

	for (size_t i = 0; i < list->count; i++) {
		const ip_line_t *line = &list->lines[i];
		uint64_t size = line->last.low - line->first.low + 1;

		if (random_below(often) != 0)
			add(&changed, line->first.low, 32 - (unsigned)__builtin_ctzll(size));
		if (random_below(often) == 0)
			add(&changed, line->first.low + random_below(20), 32);
	}
	if (random_below(4) == 0)
		fill(&changed, others);
	return changed;
}

START_TEST(test_reading)
{
	static const unsigned others[] = { 0, 0, 3, 100 };

	random_start(2);
	for (unsigned round = 0; round < 25 * COUNT_OF(others); round++) {
		unsigned other = others[round % COUNT_OF(others)];
		list_t old = { .count = 0 };

		fill(&old, other);
		build(&old);
		list_t next = change(&old, other);
		build(&next);
		walk(&old);
		walk(&next);
		pairs_t expected = compare_plainly(&old, &next);
		pairs_t pairs = { .keys = { { 0 } } };
		ip4_lines_compare(old.index, &old.notes, next.index, &next.notes, visit_pair,
				  &pairs);
		for (unsigned i = 0; i <= VALUES; i++)
			for (unsigned j = 0; j <= VALUES; j++)
				MUST(pairs.keys[i][j] == expected.keys[i][j],
				     "%" PRIu64 " keys from %u to %u, not %" PRIu64,
				     pairs.keys[i][j], i, j, expected.keys[i][j]);
		clear(&old);
		clear(&next);
	}
}
END_TEST

/* Notes from anywhere: what has the form of notes, and what has not. */
START_TEST(test_check)
{
#define NOTES(...) .bytes = { __VA_ARGS__ }, .size = sizeof((uint8_t[]){ __VA_ARGS__ })
#define TENS       0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80
	static const struct {
		uint8_t bytes[32];
		size_t size;
		const char *why; /* NULL: it is good */
	} cases[] = {
		{ .size = 0, .why = NULL },
		{ NOTES(0, IP_LINES_EACH), .why = NULL },
		{ NOTES(0x85, 1, IP_LINES_WHOLE, 3, IP_LINES_EMPTY), .why = NULL },
		{ NOTES(0, IP_LINES_LIST, IP_LINES_END), .why = NULL },
		{ NOTES(0, IP_LINES_LIST, 0, 0, 8, 4, IP_LINES_END), .why = NULL },
		{ NOTES(0, IP_LINES_LIST, 127, IP_LINES_OWN, 7, IP_LINES_END), .why = NULL },
		{ NOTES(0, IP_LINES_LIST, IP_LINES_ANY_SIZE, 9, IP_LINES_OFFSET, 127, 1,
			IP_LINES_END),
		  .why = NULL },
		/* 2^64-1, and 2^128-1. */
		{ NOTES(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, IP_LINES_EMPTY),
		  .why = NULL },
		{ NOTES(0, IP_LINES_LIST, IP_LINES_ANY_SIZE, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 3,
			0, IP_LINES_END),
		  .why = NULL },
		{ NOTES(0), .why = "notes do not end" },
		{ NOTES(0x80), .why = "notes do not end" },
		{ NOTES(0, IP_LINES_LIST), .why = "notes do not end" },
		{ NOTES(0, IP_LINES_LIST, 0, 0), .why = "notes do not end" },
		{ NOTES(0, IP_LINES_LIST, 0, IP_LINES_OFFSET, 1), .why = "notes do not end" },
		{ NOTES(0, IP_LINES_LIST, 0, IP_LINES_OWN), .why = "notes do not end" },
		{ NOTES(0, IP_LINES_LIST + 1), .why = "unknown kind of run" },
		{ NOTES(0, IP_LINES_LIST, 128, 0, IP_LINES_END),
		  .why = "impossible size of a line" },
		{ NOTES(0, IP_LINES_LIST, 0, IP_LINES_OFFSET, 128, 1, IP_LINES_END),
		  .why = "impossible place of a line" },
		{ NOTES(0, IP_LINES_LIST, 0, IP_LINES_OWN, 8, IP_LINES_END),
		  .why = "number too large" },
		{ NOTES(TENS, 1, IP_LINES_EMPTY), .why = "number too long" },
		{ NOTES(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, IP_LINES_EMPTY),
		  .why = "number too long" },
		{ NOTES(0, IP_LINES_LIST, IP_LINES_ANY_SIZE, TENS, TENS, 1),
		  .why = "number too long" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *why = "";
		err_t error = ip_lines_check(cases[i].bytes, cases[i].size, NUMBER, &why);

		ck_assert_msg(error == (cases[i].why == NULL ? ERR_OK : ERR_INVAL), "case %zu: %s",
			      i, why);
		ck_assert_msg(cases[i].why == NULL || strcmp(why, cases[i].why) == 0,
			      "case %zu: %s, not %s", i, why, cases[i].why);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_addresses, test_reading, test_check };

	return run_tests("ip_lines", tests, COUNT_OF(tests));
}
