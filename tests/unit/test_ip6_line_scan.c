/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Lines of IPv6 prefixes with texts: those are read that should be, as the ordinary parsers and the system read
 * them; nothing behind the text counts, and nothing behind its margin is read. */

#include <arpa/inet.h>
#include <regex.h>

#include "scan_fixture.h"
#include "zonefile/ip4_text.h"
#include "zonefile/ip6_line_scan.h"
#include "zonefile/ip6_text.h"

#define LINES_MAX 4096

/* The same as the ordinary parsers say of it. */
static void check_ordinary(ip6_line_form_t form, const ip6_line_t *got, const char *text,
			   const char *lf)
{
	const char *line = text + got->at;
	text_t whole = scan_ordinary_text(line, lf);
	text_t words = whole;
	ip6_address_t address;
	unsigned length;
	const char *why;
	int size = (int)(lf - line);

	MUST(!ip4_text_is_next(whole), "family: %.*s", size, line);
	for (unsigned i = 0; i < 2; i++) {
		text_t prefix = whole, rest = ip6_line_rest(got, text);

		MUST(ip6_text_prefix(&prefix, i == 1, &address, &length, &why) == ERR_OK &&
			     ip6_is_equal(address, got->address) && length == got->length,
		     "prefix: %.*s", size, line);
		text_skip_blanks(&prefix);
		MUST(rest.at == prefix.at && rest.end == prefix.end, "rest: %.*s", size, line);
		MUST(line == whole.at && line + got->size == whole.end, "text: %.*s", size, line);
	}
	if (form == IP6_LINE_WORDS)
		MUST(ip6_text_words(&words, &address, &length, &why) == ERR_OK && length == 64 &&
			     ip6_is_equal(address, got->address),
		     "words: %.*s", size, line);
}

#define WORD "[0-9A-Fa-f]{1,4}"
enum { ALL, FRONT, FRONT_MORE, GAP, BEHIND, BEHIND_MORE, LENGTH, MATCHES };

static unsigned count_words(const char *line, const regmatch_t *match)
{
	unsigned count = match->rm_so >= 0 && match->rm_so < match->rm_eo;

	for (regoff_t i = match->rm_so; i < match->rm_eo; i++)
		count += line[i] == ':';
	return count;
}

/* Has the address, as the system reads it, no bits behind `length`? */
static bool has_no_host_bits(const char *line, const regmatch_t *match, unsigned words,
			     unsigned length)
{
	char text[100];
	uint8_t bytes[16];
	regoff_t end = match[GAP].rm_so >= 0 ? match[GAP].rm_eo : match[FRONT].rm_eo;
	bool has_more = words < 8 && match[GAP].rm_so < 0;

	(void)snprintf(text, sizeof(text), "%.*s%s", (int)end, line, has_more ? "::" : "");
	MUST(inet_pton(AF_INET6, text, bytes) == 1, "no address: %s", text);
	for (unsigned bit = length; bit < 128; bit++)
		if ((bytes[bit / 8] >> (7 - bit % 8) & 1) != 0)
			return false;
	return true;
}

/* Is it to be read, by the words of the contract? */
static bool is_wanted(ip6_line_form_t form, const char *line, const char *lf)
{
	static regex_t pattern;
	static bool has_pattern;
	char copy[IP6_LINE_SIZE_MAX + 1];
	regmatch_t match[MATCHES];
	size_t size = (size_t)(lf - line);

	if (!has_pattern)
		ck_assert_int_eq(regcomp(&pattern,
					 "^(" WORD "(:" WORD ")*)(::(" WORD "(:" WORD
					 ")*)?)?(/[0-9]{1,3})?",
					 REG_EXTENDED),
				 0);
	has_pattern = true;
	if (size > IP6_LINE_SIZE_MAX || memchr(line, '\0', size) != NULL)
		return false;
	memcpy(copy, line, size);
	copy[size] = '\0';
	if (regexec(&pattern, copy, MATCHES, match, 0) != 0)
		return false;
	bool has_gap = match[GAP].rm_so >= 0;
	bool has_length = match[LENGTH].rm_so >= 0;
	unsigned words = count_words(copy, &match[FRONT]) + count_words(copy, &match[BEHIND]);
	unsigned length = has_gap ? 128 : 16 * words;
	if (words + has_gap > 8 || (words == 1 && !has_gap))
		return false;
	if (form == IP6_LINE_WORDS && (has_gap || has_length || words != 4))
		return false;
	if (has_length)
		length = (unsigned)strtoul(copy + match[LENGTH].rm_so + 1, NULL, 10);
	if (length > 128 || !has_no_host_bits(copy, match, words, length))
		return false;
	size_t end = (size_t)match[ALL].rm_eo;
	if (copy[end] != '\0' && strchr(has_length ? " \t#;:\r" : " \t#;\r", copy[end]) == NULL)
		return false;
	if (copy[end] == '\r' && end + 1 < size)
		return false;
	/* Blanks in any number are no plain line's. */
	size_t rest = end + strspn(copy + end, " \t");
	return rest <= UINT8_MAX || copy[rest + strspn(copy + rest, "\r")] == '\0';
}

/* Is it a /64 and nothing else? */
static bool is_wanted_64(ip6_line_form_t form, const char *line, const char *lf)
{
	static regex_t patterns[2];
	static bool has_patterns;
	char copy[100];
	size_t size = (size_t)(lf - line);

	for (unsigned i = 0; i < 2 && !has_patterns; i++)
		ck_assert_int_eq(regcomp(&patterns[i],
					 i == 0 ? "^" WORD ":" WORD ":" WORD ":" WORD "(::/64)?\r?$"
						: "^" WORD ":" WORD ":" WORD ":" WORD "\r?$",
					 REG_EXTENDED | REG_NOSUB),
				 0);
	has_patterns = true;
	if (size >= sizeof(copy) || memchr(line, '\0', size) != NULL)
		return false;
	memcpy(copy, line, size);
	copy[size] = '\0';
	return regexec(&patterns[form == IP6_LINE_WORDS], copy, 0, NULL, 0) == 0;
}

/* The same as check_text for ip6_line_scan_64, of text that has been placed. */
static void check_64s(ip6_line_form_t form, const char *at, const char *end, size_t max)
{
	static uint64_t highs[LINES_MAX + 1];
	const char *stop = NULL;
	const char *lf;

	highs[max] = 0x5a5a5a5a;
	size_t count = ip6_line_scan_64(form, at, end, highs, max, &stop);
	for (size_t i = 0; i < count; i++) {
		lf = memchr(at, '\n', (size_t)(end - at));
		MUST(lf != NULL, "a line without end");
		MUST(is_wanted_64(form, at, lf), "is no /64: %.*s", (int)(lf - at), at);
		text_t text = scan_ordinary_text(at, lf);
		ip6_address_t address;
		unsigned length;
		const char *why;
		MUST(ip6_text_prefix(&text, false, &address, &length, &why) == ERR_OK &&
			     length == 64 && address.high == highs[i] && address.low == 0 &&
			     text_is_empty(text),
		     "another /64: %.*s", (int)(lf - at), at);
		at = lf + 1;
	}
	MUST(stop == at, "stopped elsewhere");
	MUST(highs[max] == 0x5a5a5a5a, "wrote behind the room");
	lf = memchr(at, '\n', (size_t)(end - at));
	if (count < max && lf != NULL)
		MUST(!is_wanted_64(form, at, lf), "is a /64: %.*s", (int)(lf - at), at);
}

/* Reads text[0..size); how many lines were read. */
static size_t check_text(ip6_line_form_t form, const char *text, size_t size, size_t max)
{
	static ip6_line_t lines[LINES_MAX + 1];
	char *placed = scan_place(text, size, IP6_LINE_SCAN_MARGIN);
	const char *end = placed + size;
	const char *at = placed;
	const char *stop = NULL;

	for (char *margin = placed + size; margin < end + IP6_LINE_SCAN_MARGIN; margin++)
		*margin = "1a:F:c/\n0"[random_below(9)];
	memset(&lines[max], 0x5a, sizeof(lines[max]));
	size_t count = ip6_line_scan(form, placed, end, lines, max, &stop);
	for (size_t i = 0; i < count; i++) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		MUST(lf != NULL, "a line without end");
		MUST(lines[i].at == (uint32_t)(at - placed), "line %zu is elsewhere", i);
		MUST(is_wanted(form, at, lf), "is not to be read: %.*s", (int)(lf - at), at);
		check_ordinary(form, &lines[i], placed, lf);
		at = lf + 1;
	}
	MUST(stop == at, "stopped elsewhere");
	MUST(lines[max].at == 0x5a5a5a5a, "wrote behind the room");
	const char *lf = memchr(at, '\n', (size_t)(end - at));
	size_t alone = 0;
	while (alone < count && lines[count - 1 - alone].length == 64 &&
	       lines[count - 1 - alone].rest == lines[count - 1 - alone].size)
		alone++;
	if (count < max && lf != NULL && alone < 64)
		MUST(!is_wanted(form, at, lf), "is to be read: %.*s", (int)(lf - at), at);
	check_64s(form, placed, end, max);
	return count;
}

/* Something that may be a part of a line. */
static char *add_piece(char *to)
{
	static const char *const pieces[] = {
		"1",         "0",        "ffff", "00001", "10000", "g",    "@",    "`",
		":",         "::",       ":::",  "/",     "/64",   "/0",   "/128", "/129",
		"/0128",     "/ ",       " ",    "\t",    ":",     ":2:x", " #c",  ";c",
		"2001:db8:", "\r",       "!",    "-",     "x",     "Ab",   "1.2",  "a b c",
		"1:2:3:4",   ":5:6:7:8", "\xe1", "\xb1",  "::/48", "G",    "/",    "dead:beef",
	};

	return stpcpy(to, pieces[random_below(COUNT_OF(pieces))]);
}

/* An address of which much may be zero. */
static char *add_address(char *to)
{
	unsigned words = random_below(3) == 0 ? 4 : 1 + random_below(8);
	unsigned gap = random_below(2) == 0 ? 99 : 1 + random_below(words);

	for (unsigned i = 0; i < words; i++) {
		unsigned word = random_below(3) == 0 ? 0 : random_below(65536) >> random_below(13);

		to += sprintf(to, random_below(2) == 0 ? "%s%0*x" : "%s%0*X",
			      i == 0     ? ""
			      : i == gap ? "::"
					 : ":",
			      random_below(30) == 0 ? 5 : (int)random_below(5), word);
	}
	return gap == words ? stpcpy(to, "::") : to;
}

static char *add_line(char *to)
{
	static const char *const endings[] = { "", "", "\r", " ", " \t\r", "\r\r", "\r " };
	static const char *const rests[] = { "",        "",    " :127.0.0.2:AS1",
					     "\ttext",  ":5",  " # note",
					     "#",       ";x",  " :0.0.0.0",
					     "  a\tb ", " \r", " t\xff",
					     ":",       "x",   ":7:x" };

	if (random_below(8) == 0) {
		for (unsigned i = random_below(7); i > 0; i--)
			to = add_piece(to);
		*to++ = '\n';
		return to;
	}
	to = add_address(to);
	if (random_below(2) == 0)
		to += sprintf(to, "/%u", random_below(2) == 0 ? 128 : random_below(130));
	if (random_below(2) == 0)
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
	size_t read[2] = { 0 };

	random_start(1);
	for (unsigned round = 0; round < 20000; round++) {
		ip6_line_form_t form = round % 2 == 0 ? IP6_LINE_WORDS : IP6_LINE_PREFIXES;
		size_t size = scan_random_lines(text, add_line);
		/* From each line on. */
		for (const char *at = text; at < text + size;) {
			read[form] += check_text(form, at, (size_t)(text + size - at), LINES_MAX);
			const char *lf = memchr(at, '\n', (size_t)(text + size - at));
			at = lf != NULL ? lf + 1 : text + size;
		}
	}
	ck_assert_uint_gt(read[IP6_LINE_PREFIXES], 20000);
	ck_assert_uint_gt(read[IP6_LINE_WORDS], 1000);
}
END_TEST

/* Every byte in each place of a word, and behind an address. */
START_TEST(test_bytes)
{
	static const char line[] = "2aB0:db8:cafe:90Ff/64 :2:x\n";
	char text[sizeof(line)];

	for (size_t at = 0; at + 2 < sizeof(line); at++) {
		for (unsigned byte = 0; byte < 256; byte++) {
			memcpy(text, line, sizeof(line));
			text[at] = (char)byte;
			for (const char *from = text; from < text + sizeof(line) - 1;) {
				size_t left = (size_t)(text + sizeof(line) - 1 - from);

				check_text(IP6_LINE_PREFIXES, from, left, LINES_MAX);
				check_text(IP6_LINE_WORDS, from, left, LINES_MAX);
				from = (const char *)memchr(from, '\n', left) + 1;
			}
		}
	}
}
END_TEST

/* What is usual in long lists, what just is not read, long lines, and no more lines than are asked for. */
START_TEST(test_limits)
{
	static const struct {
		const char *line;
		bool is_read;
	} rows[] = {
		{ "2001:db8:1234:5678\n", true },
		{ "2001:db8:1234:5678::/64\r\n", true },
		{ "2001:db8::1 :2:text\n", true },
		{ "2001:db8::/32:2:text\n", true },
		{ "2001:0db8:0000:0000:0000:0000:0000:0001\n", true },
		{ "2001:0DB8:0:0:0:0:0:1/128# x\n", true },
		{ "1:2:3:4:5:6:7::\n", true },
		{ "2001::\n", true },
		{ "2001::/16\n", true },
		{ "1::/0\n", false }, /* a host bit */
		{ "0::/0\n", true },
		{ "::1\n", false },
		{ "2001/16\n", false },
		{ "2001:db8::1:\n", false },
		{ "2001:db8:::5\n", false },
		{ "1:2:3:4:5:6:7:8:9\n", false },
		{ "1:2:3:4:5:6:7:8::\n", false },
		{ "1:2:3:4:5:6:7::8\n", false },
		{ "1::2::3\n", false },
		{ "02001:db8::\n", false },
		{ "1:2:3:4:\n", false },
	};
	static char text[SCAN_TEXT_MAX];
	char *end;

	random_start(2);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		MUST(check_text(IP6_LINE_PREFIXES, rows[i].line, strlen(rows[i].line), 9) ==
			     rows[i].is_read,
		     "%s", rows[i].line);
	for (size_t size = 230; size < 1010; size++) {
		memset(text, ' ', size + 1);
		memcpy(text, "2001:db8:1:2", 12);
		text[size] = '\n';
		ck_assert_uint_eq(check_text(IP6_LINE_WORDS, text, size + 1, 1), size <= 1000);
		text[size] = 'x';
		text[size + 1] = '\n';
		ck_assert_uint_eq(check_text(IP6_LINE_PREFIXES, text, size + 2, 1), size <= 255);
	}
	end = text;
	for (unsigned i = 0; i < 200; i++)
		end += sprintf(end, "2001:db8:%x:%x\n", i, i * i);
	for (size_t max = 0; max < 210; max++)
		ck_assert_uint_eq(check_text(IP6_LINE_PREFIXES, text, (size_t)(end - text), max),
				  max < 64 ? max : 64);
	end = text;
	for (unsigned i = 0; i < 200; i++)
		end += sprintf(end, "2001:db8:%x:%x%s\n", i, i * i, i % 50 == 0 ? " x" : "");
	ck_assert_uint_eq(check_text(IP6_LINE_WORDS, text, (size_t)(end - text), LINES_MAX), 200);
	ck_assert_uint_eq(check_text(IP6_LINE_WORDS, "", 0, LINES_MAX), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_random, test_bytes, test_limits };

	return run_tests("ip6_line_scan", tests, COUNT_OF(tests));
}
