/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Notes of addresses that are told a page at a time are those of addresses that are told one by one. What
 * notes say is compared with models in test_compare.c. */

#include "index/ip_lines.h"
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

int main(void)
{
	const TTest *const tests[] = { test_addresses };

	return run_tests("ip_lines", tests, COUNT_OF(tests));
}
