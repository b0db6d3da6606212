/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Lines of IPv4 prefixes with texts: those are read that should be, as the ordinary parsers read them; nothing
 * behind the text counts, and nothing behind its margin is read. */

#include <regex.h>

#include "scan_fixture.h"
#include "zonefile/ip4_line_scan.h"
#include "zonefile/ip4_text.h"

#define LINES_MAX 4096

/* The same as the ordinary parsers say of it. */
static void check_ordinary(const ip4_line_t *got, const char *text, const char *lf)
{
	const char *line = text + got->at;
	text_t whole = scan_ordinary_text(line, lf);
	const char *why;
	int size = (int)(lf - line);

	MUST(ip4_text_is_next(whole), "family: %.*s", size, line);
	for (unsigned i = 0; i < 2; i++) {
		text_t prefix = whole, range = whole, rest = ip4_line_rest(got, text);
		uint32_t address;
		unsigned length;
		ip4_range_t both;

		MUST(ip4_text_prefix(&prefix, i == 1, &address, &length, &why) == ERR_OK &&
			     address == got->address && length == got->length,
		     "prefix: %.*s", size, line);
		MUST(ip4_text_range(&range, i == 1, &both, &why) == ERR_OK &&
			     both.first == address &&
			     both.last == (address | (uint32_t)(UINT64_C(0xffffffff) >> length)),
		     "range: %.*s", size, line);
		text_skip_blanks(&prefix);
		MUST(rest.at == prefix.at && rest.end == prefix.end, "rest: %.*s", size, line);
		MUST(line == whole.at && line + got->size == whole.end, "text: %.*s", size, line);
	}
}

/* Is it to be read, by the words of the contract? */
static bool is_wanted(const char *line, const char *lf)
{
	static regex_t pattern;
	static bool has_pattern;
	char copy[IP4_LINE_SIZE_MAX + 1];
	regmatch_t match[4];
	unsigned numbers[5] = { 0 };
	unsigned count = 0;
	size_t size = (size_t)(lf - line);

	if (!has_pattern)
		ck_assert_int_eq(regcomp(&pattern,
					 "^([0-9]{1,3}([.][0-9]{1,3}){0,3})(/[0-9]{1,3})?"
					 "([ \t]*|[ \t]*\r|[ \t:#;][^\n]*)$",
					 REG_EXTENDED),
				 0);
	has_pattern = true;
	if (size > IP4_LINE_SIZE_MAX || memchr(line, '\0', size) != NULL)
		return false;
	memcpy(copy, line, size);
	copy[size] = '\0';
	if (regexec(&pattern, copy, COUNT_OF(match), match, 0) != 0)
		return false;
	for (char *at = copy; at < copy + match[1].rm_eo; at++) {
		numbers[count] = (unsigned)strtoul(at, &at, 10);
		if (numbers[count++] > 255)
			return false;
	}
	unsigned length = 8 * count;
	if (match[3].rm_so >= 0)
		length = (unsigned)strtoul(copy + match[3].rm_so + 1, NULL, 10);
	else if (count == 1)
		return false;
	uint32_t address = numbers[0] << 24 | numbers[1] << 16 | numbers[2] << 8 | numbers[3];
	if (length < 1 || length > 32 || (address & (UINT64_C(0xffffffff) >> length)) != 0)
		return false;
	/* Blanks in any number are no plain line's. */
	size_t end = match[3].rm_so >= 0 ? (size_t)match[3].rm_eo : (size_t)match[1].rm_eo;
	size_t rest = end + strspn(copy + end, " \t");
	return rest <= UINT8_MAX || copy[rest + strspn(copy + rest, "\r")] == '\0';
}

/* Reads text[0..size); how many lines were read. */
static size_t check_text(const char *text, size_t size, size_t max)
{
	static ip4_line_t lines[LINES_MAX + 1];
	char *placed = scan_place(text, size, IP4_LINE_SCAN_MARGIN);
	const char *end = placed + size;
	const char *at = placed;
	const char *stop = NULL;

	memset(&lines[max], 0x5a, sizeof(lines[max]));
	size_t count = ip4_line_scan(placed, end, lines, max, &stop);
	for (size_t i = 0; i < count; i++) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		MUST(lf != NULL, "a line without end");
		MUST(lines[i].at == (uint32_t)(at - placed), "line %zu is elsewhere", i);
		MUST(is_wanted(at, lf), "is not to be read: %.*s", (int)(lf - at), at);
		check_ordinary(&lines[i], placed, lf);
		at = lf + 1;
	}
	MUST(stop == at, "stopped elsewhere");
	MUST(lines[max].at == 0x5a5a5a5a, "wrote behind the room");
	const char *lf = memchr(at, '\n', (size_t)(end - at));
	size_t alone = 0;
	while (alone < count && lines[count - 1 - alone].length == 32 &&
	       lines[count - 1 - alone].rest == lines[count - 1 - alone].size)
		alone++;
	if (count < max && lf != NULL && alone < 64)
		MUST(!is_wanted(at, lf), "is to be read: %.*s", (int)(lf - at), at);
	return count;
}

/* Something that may be a part of a line. */
static char *add_piece(char *to)
{
	static const char *const pieces[] = {
		"1",         "0",     "10",   "255", "256", "999",      "0001", "001",
		".",         "..",    "/",    "/24", "/0",  "/32",      "/33",  "/024",
		"/0024",     "/8",    " ",    "\t",  ":",   ":2:x",     " #c",  ";c",
		" :3:text ", "\r",    "!",    "-",   "x",   "192.0.2.", "10.",  "a b c",
		".0.0.0",    ".0/24", "\xe4", "@",   ",",   "$",        "  ",   "127.0.0.1"
	};
	const char *piece = pieces[random_below(COUNT_OF(pieces))];

	return stpcpy(to, piece);
}

static char *add_line(char *to)
{
	static const char *const endings[] = { "", "", "\r", " ", " \t\r", "\r\r", "\r " };
	static const char *const rests[] = { "",        "",    " :127.0.0.2:AS1",
					     "\ttext",  ":5",  " # note",
					     "#",       ";x",  " :0.0.0.0",
					     "  a\tb ", " \r", " t\xff" };
	unsigned numbers = 1 + random_below(4);

	if (random_below(8) == 0) {
		for (unsigned i = random_below(6); i > 0; i--)
			to = add_piece(to);
		*to++ = '\n';
		return to;
	}
	for (unsigned i = 0; i < numbers; i++)
		to += sprintf(to, "%s%0*u", i > 0 ? "." : "", (int)random_below(4),
			      random_below(3) == 0 ? 0 : random_below(256));
	if (random_below(2) == 0)
		to += sprintf(to, "/%u", random_below(2) == 0 ? 8 * numbers : random_below(34));
	to = stpcpy(to, rests[random_below(COUNT_OF(rests))]);
	if (random_below(40) == 0)
		*to++ = '\0';
	to = stpcpy(to, endings[random_below(COUNT_OF(endings))]);
	*to++ = '\n';
	return to;
}

START_TEST(test_random)
{
	static char text[SCAN_TEXT_MAX];
	size_t read = 0;

	random_start(1);
	for (unsigned round = 0; round < 20000; round++) {
		size_t size = scan_random_lines(text, add_line);
		/* From each line on. */
		for (const char *at = text; at < text + size;) {
			read += check_text(at, (size_t)(text + size - at), LINES_MAX);
			const char *lf = memchr(at, '\n', (size_t)(text + size - at));
			at = lf != NULL ? lf + 1 : text + size;
		}
	}
	ck_assert_uint_gt(read, 20000);
}
END_TEST

/* Long lines, blanks without end, no more than is asked for, and addresses that others read faster. */
START_TEST(test_limits)
{
	static char text[SCAN_TEXT_MAX];
	char *end;

	for (size_t size = 230; size < 1010; size++) {
		memset(text, ' ', size + 1);
		memcpy(text, "192.0.2.1", 9);
		text[size] = '\n';
		ck_assert_uint_eq(check_text(text, size + 1, 1), size <= 1000);
		text[size] = 'x';
		text[size + 1] = '\n';
		ck_assert_uint_eq(check_text(text, size + 2, 1), size <= 255);
	}
	for (size_t size = 100; size < 1010; size++) {
		memset(text, 'x', size);
		memcpy(text, "192.0.2.1 ", 10);
		text[size] = '\n';
		ck_assert_uint_eq(check_text(text, size + 1, 1), size <= 1000);
	}
	end = text;
	for (unsigned i = 0; i < 200; i++)
		end += sprintf(end, "192.0.2.%u\n", i);
	for (size_t max = 0; max < 70; max++)
		ck_assert_uint_eq(check_text(text, (size_t)(end - text), max), max < 64 ? max : 64);
	end = text;
	for (unsigned i = 0; i < 200; i++)
		end += sprintf(end, "192.0.2.%u%s\n", i, i % 50 == 0 ? " x" : "");
	ck_assert_uint_eq(check_text(text, (size_t)(end - text), LINES_MAX), 200);
	ck_assert_uint_eq(check_text("", 0, LINES_MAX), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_random, test_limits };

	return run_tests("ip4_line_scan", tests, COUNT_OF(tests));
}
