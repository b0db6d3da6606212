/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* IPv4 addresses, prefixes and ranges: a table of what rbldnsd says to each form, and random texts
 * against a model made of a regular expression. SPURN_SEED=n repeats a run. */

#include <regex.h>

#include "test.h"

#include "base/attributes.h"
#include "zonefile/ip4_text.h"

/* What a line is to the three readers; an invalid one is nothing at all: first > last. */
typedef struct outcome {
	ip4_range_t address;
	ip4_range_t prefix;
	ip4_range_t range;
	size_t used; /* bytes that the range took */
} outcome_t;

static const ip4_range_t invalid = { 1, 0 };

static uint32_t last_of(uint32_t address, unsigned length)
{
	return length == 0 ? UINT32_MAX : address | (uint32_t)(((uint64_t)1 << (32 - length)) - 1);
}

/* Reads from memory of just the line's size. */
static outcome_t read_line(const char *line, bool allow_host_bits)
{
	size_t size = strlen(line);
	char *copy = malloc(size > 0 ? size : 1);
	outcome_t outcome = { invalid, invalid, invalid, 0 };
	ip4_range_t range;
	uint32_t address;
	unsigned length;
	const char *why = NULL;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, line, size);
	text_t text = { copy, copy + size };
	if (ip4_text_address(&text, &address, &why) == ERR_OK)
		outcome.address = (ip4_range_t){ address, address };
	text = (text_t){ copy, copy + size };
	if (ip4_text_prefix(&text, allow_host_bits, &address, &length, &why) == ERR_OK)
		outcome.prefix = (ip4_range_t){ address, last_of(address, length) };
	text = (text_t){ copy, copy + size };
	if (ip4_text_range(&text, allow_host_bits, &range, &why) == ERR_OK) {
		outcome.range = range;
		outcome.used = (size_t)(text.at - copy);
	} else if (why == NULL) {
		ck_abort_msg("no reason against \"%s\"", line);
	}
	free(copy);
	return outcome;
}

static const char *show(ip4_range_t range)
{
	static char texts[4][40];
	static unsigned next;
	char *text = texts[next++ % 4];

	if (range.first > range.last)
		return "";
	(void)snprintf(text, sizeof(texts[0]), "%u.%u.%u.%u-%u.%u.%u.%u", range.first >> 24,
		       range.first >> 16 & 255, range.first >> 8 & 255, range.first & 255,
		       range.last >> 24, range.last >> 16 & 255, range.last >> 8 & 255,
		       range.last & 255);
	return text;
}

/* "" where a reader refuses the line. */
typedef struct row {
	const char *line;
	const char *range;
	const char *prefix;
	const char *address;
} row_t;

#define ALL(first, last) first "-" last
#define ONE              ALL("1.2.3.4", "1.2.3.4")

static const row_t rows[] = {
	/* Addresses. */
	{ "1.2.3.4", ONE, ONE, ONE },
	{ "001.0000002.03.000000000000000000000000000000000004", ONE, ONE, ONE },
	{ "0.0.0.0", ALL("0.0.0.0", "0.0.0.0"), ALL("0.0.0.0", "0.0.0.0"),
	  ALL("0.0.0.0", "0.0.0.0") },
	{ "255.255.255.255", ALL("255.255.255.255", "255.255.255.255"),
	  ALL("255.255.255.255", "255.255.255.255"), ALL("255.255.255.255", "255.255.255.255") },
	/* What may be glued to them. */
	{ "1.2.3.4 x", ONE, ONE, ONE },
	{ "1.2.3.4\tx", ONE, ONE, ONE },
	{ "1.2.3.4:x", ONE, ONE, ONE },
	{ "1.2.3.4#x", ONE, ONE, ONE },
	{ "1.2.3.4;x", ONE, ONE, ONE },
	{ "1.2.3.4.", "", "", "" },
	{ "1.2.3.4.5", "", "", "" },
	{ "1.2.3.4x", "", "", "" },
	{ "1.2.3.4,", "", "", "" },
	{ "1.2.3.4!", "", "", "" },
	{ "1.2.3.4\r", "", "", "" },
	{ "1.2.3.4\v", "", "", "" },
	{ "1.2.3.4\xa0", "", "", "" },
	/* No numbers. */
	{ "", "", "", "" },
	{ " 1.2.3.4", "", "", "" },
	{ ".1.2.3.4", "", "", "" },
	{ "1..2.3", "", "", "" },
	{ "+1.2.3.4", "", "", "" },
	{ "-1.2.3.4", "", "", "" },
	{ "0x1.2.3.4", "", "", "" },
	{ "x", "", "", "" },
	/* Too large, also where 32 or 64 bits would wrap around. */
	{ "256.2.3.4", "", "", "" },
	{ "1.2.3.256", "", "", "" },
	{ "1.2.3.4294967300", "", "", "" },
	{ "1.2.3.18446744073709551620", "", "", "" },
	{ "4294967297.2.3.4", "", "", "" },
	/* Prefixes. */
	{ "1.2.3", ALL("1.2.3.0", "1.2.3.255"), ALL("1.2.3.0", "1.2.3.255"), "" },
	{ "1.2", ALL("1.2.0.0", "1.2.255.255"), ALL("1.2.0.0", "1.2.255.255"), "" },
	{ "1.2.3.", "", "", "" },
	{ "1", "", "", "" },
	{ "0", "", "", "" },
	{ "1/8", ALL("1.0.0.0", "1.255.255.255"), ALL("1.0.0.0", "1.255.255.255"), "" },
	{ "1.2/16", ALL("1.2.0.0", "1.2.255.255"), ALL("1.2.0.0", "1.2.255.255"), "" },
	{ "1.2/15", ALL("1.2.0.0", "1.3.255.255"), ALL("1.2.0.0", "1.3.255.255"), "" },
	{ "127.16/12", ALL("127.16.0.0", "127.31.255.255"), ALL("127.16.0.0", "127.31.255.255"),
	  "" },
	{ "127.16.0.0/12", ALL("127.16.0.0", "127.31.255.255"), ALL("127.16.0.0", "127.31.255.255"),
	  "" },
	{ "1.2.3.4/32", ONE, ONE, "" },
	{ "1.2.3.4/31#c", ALL("1.2.3.4", "1.2.3.5"), ALL("1.2.3.4", "1.2.3.5"), "" },
	{ "1.2.3.0/000024:5", ALL("1.2.3.0", "1.2.3.255"), ALL("1.2.3.0", "1.2.3.255"), "" },
	{ "128/1", ALL("128.0.0.0", "255.255.255.255"), ALL("128.0.0.0", "255.255.255.255"), "" },
	{ "0/1", ALL("0.0.0.0", "127.255.255.255"), ALL("0.0.0.0", "127.255.255.255"), "" },
	{ "1.2.3.4/33", "", "", "" },
	{ "1.2.3.4/", "", "", "" },
	{ "1.2.3.4/ 32", "", "", "" },
	{ "1.2.3.4 /32", ONE, ONE, ONE },
	{ "1.2.3.4/-1", "", "", "" },
	{ "1.2.3.4/32/32", "", "", "" },
	{ "1.2.3.4/32x", "", "", "" },
	{ "1.2.3.4/4294967328", "", "", "" },
	/* Everything. */
	{ "0/0", "", ALL("0.0.0.0", "255.255.255.255"), "" },
	{ "0.0.0.0/0", "", ALL("0.0.0.0", "255.255.255.255"), "" },
	{ "0-255", ALL("0.0.0.0", "255.255.255.255"), "", "" },
	/* Host bits. */
	{ "1.2.3.4/24", "", "", "" },
	{ "1.2.3.5/31", "", "", "" },
	{ "1.2/8", "", "", "" },
	{ "1/7", "", "", "" },
	{ "1/0", "", "", "" },
	/* Ranges. */
	{ "1.2.3.4-5", ALL("1.2.3.4", "1.2.3.5"), "", "" },
	{ "1.2.3.4-1.2.3.5", ALL("1.2.3.4", "1.2.3.5"), "", "" },
	{ "1.2.3.4-4", ONE, "", "" },
	{ "1.2.3.4-1.2.3.4", ONE, "", "" },
	{ "127.0.0.1-255", ALL("127.0.0.1", "127.0.0.255"), "", "" },
	{ "121.0.0.5-121.0.2.3", ALL("121.0.0.5", "121.0.2.3"), "", "" },
	{ "1.2.3-5", ALL("1.2.3.0", "1.2.5.255"), "", "" },
	{ "125.16-31", ALL("125.16.0.0", "125.31.255.255"), "", "" },
	{ "126.1-126.2", ALL("126.1.0.0", "126.2.255.255"), "", "" },
	{ "1-1", ALL("1.0.0.0", "1.255.255.255"), "", "" },
	{ "1-2:x", ALL("1.0.0.0", "2.255.255.255"), "", "" },
	{ "0.0.0.0-255.255.255.255", ALL("0.0.0.0", "255.255.255.255"), "", "" },
	{ "255.255.255.255-255", ALL("255.255.255.255", "255.255.255.255"), "", "" },
	{ "1.2.3.5-4", "", "", "" },
	{ "1.2.3.5-1.2.3.4", "", "", "" },
	{ "2-1", "", "", "" },
	{ "1.2-1.3.4", "", "", "" },
	{ "127-127.0.0", "", "", "" },
	{ "1.2.3-1.3", "", "", "" },
	{ "1.2.3.4-", "", "", "" },
	{ "1.2.3.4-5.", "", "", "" },
	{ "1.2.3.4-256", "", "", "" },
	{ "1.2.3.4-5-6", "", "", "" },
	{ "1.2.3.4-5/32", "", "", "" },
	{ "1.2.3.0/24-1.2.4.0/24", "", "", "" },
	{ "1.2.3.4- 5", "", "", "" },
	{ "1.2.3.4 -5", ONE, ONE, ONE },
};

START_TEST(test_table)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const row_t *row = &rows[i];
		outcome_t outcome = read_line(row->line, false);
		ck_assert_msg(strcmp(show(outcome.range), row->range) == 0, "range \"%s\": %s",
			      row->line, show(outcome.range));
		ck_assert_msg(strcmp(show(outcome.prefix), row->prefix) == 0, "prefix \"%s\": %s",
			      row->line, show(outcome.prefix));
		ck_assert_msg(strcmp(show(outcome.address), row->address) == 0,
			      "address \"%s\": %s", row->line, show(outcome.address));
	}
}
END_TEST

START_TEST(test_host_bits)
{
	static const row_t host_bits[] = {
		{ "1.2.3.4/24", ALL("1.2.3.0", "1.2.3.255"), ALL("1.2.3.0", "1.2.3.255"), "" },
		{ "1.2.3.5/31", ALL("1.2.3.4", "1.2.3.5"), ALL("1.2.3.4", "1.2.3.5"), "" },
		{ "1.2/8", ALL("1.0.0.0", "1.255.255.255"), ALL("1.0.0.0", "1.255.255.255"), "" },
		{ "1/7", ALL("0.0.0.0", "1.255.255.255"), ALL("0.0.0.0", "1.255.255.255"), "" },
		{ "255.255.255.255/1", ALL("128.0.0.0", "255.255.255.255"),
		  ALL("128.0.0.0", "255.255.255.255"), "" },
		{ "1.2.3.4/0", "", ALL("0.0.0.0", "255.255.255.255"), "" },
		{ "1.2.3.4/32", ONE, ONE, "" },
		/* It allows nothing else. */
		{ "1.2.3.4/33", "", "", "" },
		{ "1.2.3.4/24-5", "", "", "" },
		{ "1.2.3.4-3", "", "", "" },
	};

	for (size_t i = 0; i < COUNT_OF(host_bits); i++) {
		outcome_t outcome = read_line(host_bits[i].line, true);
		ck_assert_str_eq(show(outcome.range), host_bits[i].range);
		ck_assert_str_eq(show(outcome.prefix), host_bits[i].prefix);
		ck_assert_str_eq(show(outcome.address), host_bits[i].address);
	}
}
END_TEST

/* ---- The model. ---- */

/* Group 1 is the first address, 3 the prefix length, 5 the last address. */
#define OCTETS  "([0-9]+(\\.[0-9]+){0,3})"
#define PATTERN "^" OCTETS "(/([0-9]+)|-" OCTETS ")?($|[ \t:#;])"
enum { FIRST = 1, LENGTH = 4, LAST = 5, GROUPS = 8 };

/* The numbers of a group, or 0 when one of them is over 255. */
static unsigned numbers_of(const char *line, regmatch_t group, unsigned long numbers[4])
{
	const char *at = line + group.rm_so;
	unsigned count = 0;
	char *end;

	while (at < line + group.rm_eo) {
		numbers[count] = strtoul(at, &end, 10);
		if (numbers[count++] > 255)
			return 0;
		at = end + 1;
	}
	return count;
}

static uint32_t fill(const unsigned long numbers[4], unsigned count, unsigned filler)
{
	uint32_t address = 0;

	for (unsigned i = 0; i < 4; i++)
		address = address * 256 + (uint32_t)(i < count ? numbers[i] : filler);
	return address;
}

static ip4_range_t model_prefix(const char *line, const regmatch_t *groups, bool allow_host_bits)
{
	unsigned long numbers[4];
	unsigned count = numbers_of(line, groups[FIRST], numbers);
	unsigned long length = count * 8;

	if (groups[LAST].rm_so >= 0 || count == 0)
		return invalid;
	if (groups[LENGTH].rm_so >= 0)
		length = strtoul(line + groups[LENGTH].rm_so, NULL, 10);
	else if (count == 1)
		return invalid;
	if (length > 32)
		return invalid;
	uint64_t size = (uint64_t)1 << (32 - length);
	uint64_t address = fill(numbers, count, 0);
	if (address % size != 0 && !allow_host_bits)
		return invalid;
	address -= address % size;
	return (ip4_range_t){ (uint32_t)address, (uint32_t)(address + size - 1) };
}

static ip4_range_t model_range(const char *line, const regmatch_t *groups, bool allow_host_bits)
{
	unsigned long first[4];
	unsigned long last[4];

	if (groups[LAST].rm_so < 0) {
		ip4_range_t range = model_prefix(line, groups, allow_host_bits);
		return range.last - range.first == UINT32_MAX ? invalid : range;
	}
	unsigned count = numbers_of(line, groups[FIRST], first);
	unsigned last_count = numbers_of(line, groups[LAST], last);
	if (count == 0 || (last_count != 1 && last_count != count))
		return invalid;
	if (last_count == 1) {
		unsigned long end = last[0];
		memcpy(last, first, sizeof(last));
		last[count - 1] = end;
	}
	ip4_range_t range = { fill(first, count, 0), fill(last, count, 255) };
	return range.first <= range.last ? range : invalid;
}

static void random_line(char line[64])
{
	static const char *const pieces[] = { "0", "1", "2", "9",  "25", "255", "256", "00",
					      ".", ".", ".", ".",  "/",  "-",   " ",   ":",
					      "#", "x", "8", "16", "24", "32",  "128" };
	unsigned count = 1 + random_below(12);

	line[0] = '\0';
	for (unsigned i = 0; i < count; i++)
		strcat(line, pieces[random_below(COUNT_OF(pieces))]);
}

START_TEST(test_random)
{
	regex_t regex;
	unsigned valid = 0;

	random_start(0);
	ck_assert_int_eq(regcomp(&regex, PATTERN, REG_EXTENDED), 0);
	for (unsigned i = 0; i < 100000; i++) {
		char line[64];
		regmatch_t groups[GROUPS];
		bool allow_host_bits = random_below(2) == 1;
		outcome_t model = { invalid, invalid, invalid, 0 };

		random_line(line);
		if (regexec(&regex, line, GROUPS, groups, 0) == 0) {
			model.prefix = model_prefix(line, groups, allow_host_bits);
			model.range = model_range(line, groups, allow_host_bits);
			model.used = (size_t)(groups[7].rm_so - groups[0].rm_so);
		}
		outcome_t outcome = read_line(line, allow_host_bits);
		if (memcmp(&outcome.prefix, &model.prefix, sizeof(model.prefix)) != 0 ||
		    memcmp(&outcome.range, &model.range, sizeof(model.range)) != 0 ||
		    (model.range.first <= model.range.last && outcome.used != model.used))
			ck_abort_msg("\"%s\": prefix %s, range %s, %zu bytes", line,
				     show(outcome.prefix), show(outcome.range), outcome.used);
		valid += model.range.first <= model.range.last;
	}
	regfree(&regex);
	/* The generator must hit enough of what is valid. */
	ck_assert_uint_gt(valid, 1000);
}
END_TEST

START_TEST(test_shorthand)
{
	static const struct {
		const char *text;
		uint8_t octets[4];
		unsigned count; /* 0: refused */
		unsigned used;
	} shorthands[] = {
		{ "5", { 0, 0, 0, 5 }, 1, 1 },
		{ "1.2", { 1, 0, 0, 2 }, 2, 3 },
		{ "1.2.3", { 1, 2, 0, 3 }, 3, 5 },
		{ "1.2.3.4", { 1, 2, 3, 4 }, 4, 7 },
		{ "0", { 0, 0, 0, 0 }, 1, 1 },
		{ "0255x", { 0, 0, 0, 255 }, 1, 4 },
		/* The fifth number is not looked at: the caller sees the dot. */
		{ "1.2.3.4.5", { 1, 2, 3, 4 }, 4, 7 },
		{ "", { 0 }, 0, 0 },
		{ ".", { 0 }, 0, 0 },
		{ "1.", { 0 }, 0, 0 },
		{ "1.2.", { 0 }, 0, 0 },
		{ "256", { 0 }, 0, 0 },
		{ "1.256", { 0 }, 0, 0 },
		{ "x", { 0 }, 0, 0 },
	};

	for (size_t i = 0; i < COUNT_OF(shorthands); i++) {
		const char *start = shorthands[i].text;
		text_t text = { start, start + strlen(start) };
		uint8_t octets[4];
		unsigned count;
		bool is_good = ip4_text_shorthand(&text, octets, &count);
		ck_assert_msg(is_good == (shorthands[i].count > 0), "%s", start);
		if (!is_good)
			continue;
		ck_assert_mem_eq(octets, shorthands[i].octets, 4);
		ck_assert_uint_eq(count, shorthands[i].count);
		ck_assert_int_eq(text.at - start, shorthands[i].used);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_table,
		test_host_bits,
		test_random,
		test_shorthand,
	};

	return run_tests("ip4_text", tests, COUNT_OF(tests));
}
