/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Plain lines of addresses: each variant reads exactly those that are plain, as the ordinary parsers do;
 * nothing behind the text counts, and nothing behind its margin is read. */

#include "scan_fixture.h"
#include "zonefile/ip4_scan.h"
#include "zonefile/ip4_text.h"

#define LINES_MAX 8192
/* More than a variant needs to begin: it wants more text than it reads at once. */
#define CHUNK_LINES 300

/* What is plain, by the words of the contract: digits and dots in their places. */
static const char *model_line(const char *at, const char *end, uint32_t *address)
{
	unsigned octet[4];

	for (unsigned i = 0; i < 4; i++) {
		unsigned digits = 0;
		octet[i] = 0;
		for (; at < end && *at >= '0' && *at <= '9'; at++, digits++)
			octet[i] = octet[i] < 1000 ? octet[i] * 10 + (unsigned)(*at - '0') : 1000;
		if (digits == 0 || digits > 3 || octet[i] > 255)
			return NULL;
		if (i < 3 && (at == end || *at++ != '.'))
			return NULL;
	}
	if (at < end && *at == '\r')
		at++;
	*address = octet[0] << 24 | octet[1] << 16 | octet[2] << 8 | octet[3];
	return at < end && *at == '\n' ? at + 1 : NULL;
}

/* The ordinary parsers' opinion of a line that has been taken for `address`. */
static void check_ordinary(const char *line, const char *next, uint32_t address)
{
	const char *end = next - 1;
	const char *why;
	ip4_range_t range;
	uint32_t single;
	unsigned length;

	if (end[-1] == '\r')
		end--;
	for (unsigned i = 0; i < 2; i++) {
		text_t a = { line, end }, b = a, c = a;
		MUST(ip4_text_address(&a, &single, &why) == ERR_OK && text_is_empty(a) &&
			     single == address,
		     "address: %.*s", (int)(end - line), line);
		MUST(ip4_text_prefix(&b, i == 1, &single, &length, &why) == ERR_OK &&
			     text_is_empty(b) && single == address && length == 32,
		     "prefix: %.*s", (int)(end - line), line);
		MUST(ip4_text_range(&c, i == 1, &range, &why) == ERR_OK && text_is_empty(c) &&
			     range.first == address && range.last == address,
		     "range: %.*s", (int)(end - line), line);
		MUST(ip4_text_is_next((text_t){ line, end }), "family: %.*s", (int)(end - line),
		     line);
	}
}

/* Reads text[0..size) with each variant; how many lines were plain. */
static size_t check_text(const char *text, size_t size, size_t max)
{
	static uint32_t expected[LINES_MAX], addresses[LINES_MAX + 1];
	const char *at = text;
	const char *next;
	size_t count = 0;

	while (count < max && (next = model_line(at, text + size, &expected[count])) != NULL) {
		check_ordinary(at, next, expected[count++]);
		at = next;
	}
	for (EACH_LEVEL(level)) {
		char *placed = scan_place(text, size, IP4_SCAN_MARGIN);
		const char *stop = NULL;
		addresses[max] = 0xdeadbeef;
		size_t got = ip4_scan(placed, placed + size, addresses, max, &stop);
		MUST(got == count && stop - placed == at - text,
		     "%s: %zu lines instead of %zu, stopped at %td instead of %td of:\n%.*s",
		     cpu_level_name(level), got, count, stop - placed, at - text, (int)size, text);
		MUST(count == 0 || memcmp(addresses, expected, count * sizeof(*expected)) == 0,
		     "%s: other addresses than in:\n%.*s", cpu_level_name(level), (int)size, text);
		MUST(addresses[max] == 0xdeadbeef, "%s: wrote behind the room",
		     cpu_level_name(level));
	}
	return count;
}

/* An address with one to three digits for each octet, also with zeros in front. */
static char *random_address(char *to)
{
	static const unsigned edges[] = { 0, 1, 9, 10, 99, 100, 199, 200, 249, 250, 255 };

	for (unsigned i = 0; i < 4; i++) {
		unsigned octet = random_below(3) == 0 ? edges[random_below(COUNT_OF(edges))]
						      : random_below(256);
		int width = random_below(8) == 0 ? (int)random_below(4) : 0;
		to += sprintf(to, "%s%0*u", i > 0 ? "." : "", width, octet);
	}
	return to;
}

static char *random_lines(char *to, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		to = random_address(to);
		*to++ = '\n';
	}
	return to;
}

static const char *const not_plain[] = {
	"",
	"1.2.3",
	"1.2.3.",
	".1.2.3",
	"1.2.3.4.",
	"1.2.3.4.5",
	"1..2.3",
	"1.2..3",
	"1.2.3..4",
	"256.1.1.1",
	"1.256.1.1",
	"1.1.256.1",
	"1.1.1.256",
	"999.999.999.999",
	"0001.2.3.4",
	"1.2.3.0004",
	"1.2.3.4 ",
	" 1.2.3.4",
	"1.2.3.4\t",
	"1.2.3.4#c",
	"1.2.3.4;c",
	"1.2.3.4 :2:text",
	"1.2.3.4:2",
	"!1.2.3.4",
	"1.2.3.4/32",
	"1.2.3.0/24",
	"1.2.3.4-5",
	"1.2.3.4-1.2.3.5",
	"1.2.3.4\r\r",
	"\r",
	"1.2.3.4\r ",
	"1.2.3.4\r5",
	"1.2.3\r.4",
	"1.2\r.3.4",
	"1.2.3.4\v",
	"1.2.3.4\x8a",
	"1.2.3.x",
	"1.2.3.:",
	"1.2.3./",
	"a.b.c.d",
	"1,2,3,4",
	"1.2.3,4",
	"1/2.3.4",
	"1.2-3.4",
	"1:2:3:4",
	"1.2.3.\xb1",
	"\xb1.2.3.4",
	"1\2562.3.4",
	"-1.2.3.4",
	"+1.2.3.4",
	"1.2.3.-4",
	"1.2.3.4e",
	"0x1.2.3.4",
	"1 .2.3.4",
	"# comment",
	"; comment",
	"#1.2.3.4",
	":127.0.0.2:text",
	"$TTL 60",
	"2001:db8::1",
	"::1.2.3.4",
	"example.com",
	"10/8",
	"1.2.3.4.example.com",
	"111.111.111.1111",
	"255.255.255.2555",
	"255.255.255.255 ",
	"111111111111111",
	"...............",
	"....",
};

/* What is not plain behind any number of lines that are; before the end, a few, or many. */
START_TEST(test_not_plain)
{
	static char text[SCAN_TEXT_MAX];
	static const unsigned behind[] = { 1, 10, CHUNK_LINES };

	random_start(1);
	for (size_t i = 0; i < COUNT_OF(not_plain); i++) {
		for (unsigned before = 0; before < 30; before++) {
			char *at = stpcpy(random_lines(text, before), not_plain[i]);
			ck_assert_uint_eq(check_text(text, (size_t)(at - text), LINES_MAX), before);
			*at++ = '\n';
			ck_assert_uint_eq(check_text(text, (size_t)(at - text), LINES_MAX), before);
			for (size_t j = 0; j < COUNT_OF(behind); j++) {
				char *end = random_lines(at, behind[j]);
				ck_assert_uint_eq(check_text(text, (size_t)(end - text), LINES_MAX),
						  before);
			}
		}
	}
}
END_TEST

START_TEST(test_plain)
{
	static const struct {
		const char *lines;
		size_t count;
	} plain[] = {
		{ "0.0.0.0\n", 1 },
		{ "1.2.3.4\n", 1 },
		{ "10.20.30.40\n", 1 },
		{ "127.0.0.1\n", 1 },
		{ "255.255.255.255\n", 1 },
		{ "001.002.003.004\n", 1 },
		{ "01.2.03.4\n", 1 },
		{ "000.000.000.000\n", 1 },
		{ "1.2.3.4\r\n", 1 },
		{ "255.255.255.255\r\n", 1 },
		{ "9.9.9.9\n1.1.1.1\n", 2 },
		{ "9.9.9.9\n1.1.1.1", 1 },
		{ "9.9.9.9\r\n1.1.1.1\r", 1 },
	};
	static char text[SCAN_TEXT_MAX];

	random_start(2);
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		ck_assert_uint_eq(check_text(plain[i].lines, strlen(plain[i].lines), LINES_MAX),
				  plain[i].count);
	/* All lengths of texts that end in a whole line, or within one; and no more than is asked for. */
	for (unsigned count = 1; count < CHUNK_LINES; count++) {
		char *end = random_lines(text, count);
		for (size_t less = 0; less < 20 && end - less >= text; less++)
			(void)check_text(text, (size_t)(end - text) - less, LINES_MAX);
		ck_assert_uint_eq(check_text(text, (size_t)(end - text), LINES_MAX), count);
		unsigned max = random_below(count + 1);
		ck_assert_uint_eq(check_text(text, (size_t)(end - text), max), max);
	}
	char *end = random_lines(text, 4000);
	ck_assert_uint_eq(check_text(text, (size_t)(end - text), LINES_MAX), 4000);
}
END_TEST

/* All lengths of the four numbers, and of what makes one of them too large or too long. */
START_TEST(test_widths)
{
	static const char *const numbers[] = { "7", "42", "198", "256", "999", "0000" };
	static char text[SCAN_TEXT_MAX];

	random_start(3);
	for (unsigned i = 0; i < 6 * 6 * 6 * 6; i++) {
		unsigned before = 8 + random_below(20);
		unsigned which[4] = { i % 6, i / 6 % 6, i / 36 % 6, i / 216 };
		bool is_valid = true;
		char *at = random_lines(text, before);
		for (unsigned j = 0; j < 4; j++) {
			at += sprintf(at, "%s%c", numbers[which[j]], j < 3 ? '.' : '\n');
			is_valid = is_valid && which[j] < 3;
		}
		at = random_lines(at, CHUNK_LINES);
		ck_assert_uint_eq(check_text(text, (size_t)(at - text), LINES_MAX),
				  is_valid ? before + 1 + CHUNK_LINES : before);
	}
}
END_TEST

/* Many lines of one length, plain or not: as many line ends in a block as can be, and more. */
START_TEST(test_lengths)
{
	static const char *const longest = "111.122.133.144";
	static char text[SCAN_TEXT_MAX];

	random_start(6);
	for (unsigned i = 0; i < 81; i++) {
		char *at = random_lines(text, 10);
		for (unsigned line = 0; line < CHUNK_LINES; line++)
			at += sprintf(at, "%.*s.%.*s.%.*s.%.*s\n", (int)(i % 3 + 1), longest,
				      (int)(i / 3 % 3 + 1), longest + 4, (int)(i / 9 % 3 + 1),
				      longest + 8, (int)(i / 27 + 1), longest + 12);
		ck_assert_uint_eq(check_text(text, (size_t)(at - text), LINES_MAX),
				  10 + CHUNK_LINES);
	}
	for (int size = 0; size < 10; size++) {
		char *at = random_lines(text, 10);
		for (unsigned line = 0; line < 2000; line++)
			at += sprintf(at, "%.*s\n", size, "1111111111");
		ck_assert_uint_eq(check_text(text, (size_t)(at - text), LINES_MAX), 10);
	}
}
END_TEST

/* Lines that end in CRLF, mixed with others. */
START_TEST(test_crlf)
{
	static char text[SCAN_TEXT_MAX];

	random_start(4);
	for (unsigned round = 0; round < 50; round++) {
		char *at = text;
		for (unsigned i = 0; i < CHUNK_LINES; i++) {
			at = random_address(at);
			at = stpcpy(at, random_below(49) < round ? "\r\n" : "\n");
		}
		ck_assert_uint_eq(check_text(text, (size_t)(at - text), LINES_MAX), CHUNK_LINES);
	}
}
END_TEST

/* Lines of which a byte was changed, taken out, doubled or put in. */
static char *mutate(char *start, char *end)
{
	static const char bytes[] = "0123456789..\n\r \t/:#-a\x80\xb0\xff";
	size_t place = random_below((unsigned)(end - start));
	char byte = random_below(4) == 0 ? (char)random_below(256)
					 : bytes[random_below(sizeof(bytes) - 1)];

	switch (random_below(4)) {
	case 0:
		start[place] = byte;
		return end;
	case 1:
		start[place] = (char)(start[place] ^ 1 << random_below(8));
		return end;
	case 2:
		memmove(start + place, start + place + 1, (size_t)(end - start) - place - 1);
		return end - 1;
	default:
		memmove(start + place + 1, start + place, (size_t)(end - start) - place);
		start[place] = byte;
		return end + 1;
	}
}

START_TEST(test_mutated)
{
	static char text[SCAN_TEXT_MAX];
	unsigned unharmed = 0;

	random_start(5);
	for (unsigned round = 0; round < 10000; round++) {
		unsigned count = 1 + random_below(60);
		char *end = random_lines(text, count);
		for (unsigned i = random_below(3); i > 0; i--)
			end = mutate(text, end);
		if (round % 2 == 0)
			end = random_lines(end, CHUNK_LINES);
		unharmed += check_text(text, (size_t)(end - text), LINES_MAX) >= count;
	}
	/* Enough of both. */
	ck_assert_uint_gt(unharmed, 3000);
	ck_assert_uint_lt(unharmed, 7000);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_not_plain, test_plain, test_widths, test_lengths, test_crlf, test_mutated,
	};

	return run_tests("ip4_scan", tests, COUNT_OF(tests));
}
