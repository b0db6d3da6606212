/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Names: text to wire and back, their limits, and what counts as the same. */

#include "test.h"

#include "dns/name.h"

START_TEST(test_from_text)
{
	static const struct {
		const char *text;
		err_t err;
		const char *name; /* without the root label */
	} cases[] = {
		{ "bl.example", ERR_OK, "\2bl\7example" },
		{ "bl.example.", ERR_OK, "\2bl\7example" },
		{ "a", ERR_OK, "\1a" },
		/* empty labels count for nothing, as in rbldnsd */
		{ ".", ERR_OK, "" },
		{ "...", ERR_OK, "" },
		{ ".a..b..", ERR_OK, "\1a\1b" },
		/* the case is kept, and no character is special but dot and backslash */
		{ "Bl.EXAMPLE", ERR_OK, "\2Bl\7EXAMPLE" },
		{ "*._dmarc.a b;$@(\"\t\r", ERR_OK,
		  "\1*\6_dmarc\x0a"
		  "a b;$@(\"\t\r" },
		{ "\xe4\x80.\xff", ERR_OK, "\2\xe4\x80\1\xff" },
		/* escapes */
		{ "a\\.b.c", ERR_OK, "\3a.b\1c" },
		{ "\\a\\\\", ERR_OK, "\2a\\" },
		{ "\\097\\046\\255", ERR_OK, "\3a.\xff" },
		{ "\\0971", ERR_OK, "\2a1" },
		{ "a.\\.", ERR_OK, "\1a\1." },
		/* short ones, as rbldnsd takes them */
		{ "\\97", ERR_OK, "\1a" },
		{ "\\97b\\7.c", ERR_OK, "\3ab\7\1c" },
		{ "\\12a", ERR_OK,
		  "\2\x0c"
		  "a" },
		{ "a\\", ERR_OK, "\1a" },
		{ "\\", ERR_OK, "" },
		/* broken ones */
		{ "", ERR_SYNTAX, NULL },
		{ "\\256", ERR_SYNTAX, NULL },
		{ "\\999", ERR_SYNTAX, NULL },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint8_t name[DNS_NAME_MAX];
		size_t size = 0;
		err_t err = dns_name_from_text(cases[i].text, strlen(cases[i].text), name, &size);

		MUST(err == cases[i].err, "%s: error %d", cases[i].text, err);
		if (err != ERR_OK)
			continue;
		MUST(size == strlen(cases[i].name) + 1 && memcmp(name, cases[i].name, size) == 0,
		     "%s: another name", cases[i].text);
		ck_assert_uint_eq(dns_name_size(name), size);
	}
}
END_TEST

/* The text ends where its size says: at a NUL it does not, and behind it nothing is read. */
START_TEST(test_from_text_size)
{
	uint8_t name[DNS_NAME_MAX];
	size_t size;

	ck_assert_int_eq(dns_name_from_text("a\0b.c", 5, name, &size), ERR_OK);
	ck_assert_uint_eq(size, 7);
	ck_assert_mem_eq(name, "\3a\0b\1c", 7);
	ck_assert_int_eq(dns_name_from_text("\\0971", 3, name, &size), ERR_OK);
	ck_assert_mem_eq(name, "\1\x09", 3);
	ck_assert_int_eq(dns_name_from_text("\\0971", 1, name, &size), ERR_OK);
	ck_assert_uint_eq(size, 1);
	ck_assert_int_eq(dns_name_from_text("ab", 1, name, &size), ERR_OK);
	ck_assert_uint_eq(size, 3);
}
END_TEST

/* `count` labels of `label` bytes, then one of `last` bytes (0: none), `dot` at the end. */
static size_t repeat_label(char *text, unsigned count, unsigned label, unsigned last,
			   const char *byte, const char *dot)
{
	char *out = text;

	for (unsigned i = 0; i <= count; i++) {
		unsigned size = i < count ? label : last;

		if (i > 0 && size > 0)
			out = stpcpy(out, ".");
		for (unsigned j = 0; j < size; j++)
			out = stpcpy(out, byte);
	}
	return (size_t)(stpcpy(out, dot) - text);
}

START_TEST(test_from_text_limits)
{
	static const struct {
		unsigned count;
		unsigned label;
		unsigned last;
		err_t err;
		size_t size;
	} cases[] = {
		/* a label */
		{ 1, 63, 0, ERR_OK, 65 },
		{ 1, 64, 0, ERR_RANGE, 0 },
		{ 1, 62, 64, ERR_RANGE, 0 },
		{ 1, 1000, 0, ERR_RANGE, 0 },
		/* a name: 3 * 64 + 62 + 1 = 255 */
		{ 3, 63, 60, ERR_OK, 254 },
		{ 3, 63, 61, ERR_OK, 255 },
		{ 3, 63, 62, ERR_RANGE, 0 },
		{ 3, 63, 63, ERR_RANGE, 0 },
		{ 30, 63, 1, ERR_RANGE, 0 },
		/* labels: 126 * 2 + 2 + 1 = 255 */
		{ 126, 1, 0, ERR_OK, 253 },
		{ 126, 1, 1, ERR_OK, 255 },
		{ 126, 1, 2, ERR_RANGE, 0 },
		{ 127, 1, 1, ERR_RANGE, 0 },
	};
	static const char *const bytes[] = { "a", "\\255", "\\." };
	static const char *const dots[] = { "", ".", "...." };
	char text[10000];

	for (size_t i = 0; i < COUNT_OF(cases) * COUNT_OF(bytes) * COUNT_OF(dots); i++) {
		size_t row = i % COUNT_OF(cases);
		const char *byte = bytes[i / COUNT_OF(cases) % COUNT_OF(bytes)];
		const char *dot = dots[i / COUNT_OF(cases) / COUNT_OF(bytes)];
		size_t text_size = repeat_label(text, cases[row].count, cases[row].label,
						cases[row].last, byte, dot);
		/* On the heap, so that a sanitizer sees a write behind its end. */
		uint8_t *name = malloc(DNS_NAME_MAX);
		size_t size = 0;
		err_t err = dns_name_from_text(text, text_size, name, &size);

		MUST(err == cases[row].err, "row %zu, \"%s\", \"%s\": error %d", row, byte, dot,
		     err);
		MUST(err != ERR_OK || (size == cases[row].size && dns_name_size(name) == size),
		     "row %zu: %zu bytes", row, size);
		free(name);
	}
}
END_TEST

START_TEST(test_to_text)
{
	static const struct {
		const char *name; /* its root label is the string's NUL */
		const char *text;
	} cases[] = {
		{ "", "." },
		{ "\2bl\7Example", "bl.Example" },
		{ "\3a.b\1\\", "a\\.b.\\\\" },
		{ "\3\x1f ~\2\x7f\xff", "\\031\\032~.\\127\\255" },
		{ "\1.", "\\." },
		/* as rbldnsd writes them: of what is printable just these have a backslash */
		{ "\2\"$\2;@\3#(*", "\\\"\\$.\\;\\@.#(*" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char text[DNS_NAME_TEXT_MAX];

		dns_name_to_text((const uint8_t *)cases[i].name, text);
		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

/* A name of random labels, at most `most` bytes. */
static size_t random_name(uint8_t name[DNS_NAME_MAX], unsigned most, unsigned label_max)
{
	unsigned end = 0;

	while (random_below(20) > 0) {
		unsigned size = 1 + random_below(label_max);

		if (end + 1 + size + 1 > most)
			break;
		name[end++] = (uint8_t)size;
		while (size-- > 0)
			name[end++] = (uint8_t)random_64();
	}
	name[end++] = 0;
	return end;
}

START_TEST(test_text_and_back)
{
	char *text = malloc(DNS_NAME_TEXT_MAX);

	random_start(1);
	for (int i = 0; i < 20000; i++) {
		uint8_t name[DNS_NAME_MAX], again[DNS_NAME_MAX];
		size_t size = random_name(name, DNS_NAME_MAX, i % 2 == 0 ? 63 : 4);
		size_t again_size;

		dns_name_to_text(name, text);
		for (const char *c = text; *c != '\0'; c++)
			MUST(*c > ' ' && *c < 0x7f, "not printable: %s", text);
		MUST(dns_name_from_text(text, strlen(text), again, &again_size) == ERR_OK &&
			     again_size == size && memcmp(again, name, size) == 0,
		     "not the same: %s", text);
	}
	/* The longest text: every byte is \ddd. */
	uint8_t name[DNS_NAME_MAX] = { 0 };
	name[0] = name[64] = name[128] = 63;
	name[192] = 61;
	dns_name_to_text(name, text);
	ck_assert_uint_eq(strlen(text), 4 * 250 + 3);
	free(text);
}
END_TEST

START_TEST(test_lower)
{
	for (unsigned i = 0; i < 256; i++) {
		unsigned expected = i >= 'A' && i <= 'Z' ? i + 32 : i;
		uint8_t name[] = { 1, (uint8_t)i, 0 };

		ck_assert_uint_eq(dns_lower((uint8_t)i), expected);
		dns_name_lower(name, sizeof(name));
		ck_assert_uint_eq(name[0], 1);
		ck_assert_uint_eq(name[1], expected);
		ck_assert_uint_eq(name[2], 0);
	}
	/* At every place of a name of every size, beside every other byte; not one byte further. */
	for (unsigned size = 0; size < 20; size++) {
		for (unsigned i = 0; i < 256 * 20; i++) {
			uint8_t name[20];
			uint8_t lower[20];
			for (unsigned at = 0; at < sizeof(name); at++)
				name[at] = (uint8_t)(i + at * 37 + i / 256 * 11);
			memset(lower, 'Z', sizeof(lower));
			dns_name_copy_lower(lower, name, size);
			for (unsigned at = 0; at < sizeof(name); at++)
				ck_assert_uint_eq(lower[at], at < size ? dns_lower(name[at]) : 'Z');
		}
	}
	/* No length byte is a letter. */
	uint8_t longest[65] = { 63 };
	memset(longest + 1, 'Z', 63);
	dns_name_lower(longest, sizeof(longest));
	ck_assert_uint_eq(longest[0], 63);
	ck_assert_uint_eq(dns_name_size(longest), 65);
}
END_TEST

START_TEST(test_equal)
{
	static const struct {
		const char *a;
		const char *b;
		bool is_equal;
	} cases[] = {
		{ "", "", true },
		{ "\2bl\7example", "\2BL\7eXaMpLe", true },
		{ "\3[\\]", "\3{|}", false }, /* 32 apart, but no letters */
		{ "\1@", "\1`", false },
		{ "\1\xc4", "\1\xe4", false }, /* letters only in Latin-1 */
		/* prefixes and suffixes of each other */
		{ "\1a", "", false },
		{ "\1a\1b", "\1a", false },
		{ "\1a\1b", "\1b", false },
		/* the same bytes but for where labels end */
		{ "\1a\1b", "\3a\1b", false },
		{ "\3a\1b", "\1a\1b", false },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const uint8_t *a = (const uint8_t *)cases[i].a;
		const uint8_t *b = (const uint8_t *)cases[i].b;

		MUST(dns_name_equal(a, b) == cases[i].is_equal, "row %zu", i);
		MUST(dns_name_equal(b, a) == cases[i].is_equal, "row %zu, turned", i);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_from_text, test_from_text_size, test_from_text_limits,
		test_to_text,   test_text_and_back,  test_lower,
		test_equal,
	};

	return run_tests("name", tests, COUNT_OF(tests));
}
