/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* IPv6 addresses and prefixes: a table of what rbldnsd says to each form, and random addresses
 * written and read again, compared with the C library's functions. */

#include <arpa/inet.h>

#include "base/attributes.h"
#include "test.h"
#include "zonefile/ip6_text.h"

/* "" where a line is refused; else the first address, a slash, the length, and what is left of the
 * line behind a blank. */
typedef struct row {
	const char *line;
	const char *prefix;
	const char *words; /* NULL: as the prefix */
} row_t;

static const row_t rows[] = {
	/* Whole addresses. */
	{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6/128 ", NULL },
	{ "0:0:0:0:0:0:0:1", "::1/128 ", NULL },
	{ "2001:DB8:Ab::cD", "2001:db8:ab::cd/128 ", NULL },
	{ "2001:0db8:0001::0005", "2001:db8:1::5/128 ", NULL },
	{ "02001:0000000000db8::00005", "2001:db8::5/128 ", NULL },
	{ "::", "::/128 ", NULL },
	{ "::1", "::1/128 ", NULL },
	{ "2001:db8::", "2001:db8::/128 ", NULL },
	{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0/128 ", NULL },
	{ "1:2:3:4:5:6::7", "1:2:3:4:5:6:0:7/128 ", NULL },
	{ "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8/128 ", NULL },
	/* `::` that stands for nothing but at the end, or is there twice. */
	{ "1::2:3:4:5:6:7:8", "", NULL },
	{ "1:2:3:4::5:6:7:8", "", NULL },
	{ "1:2:3:4:5:6:7::8", "", NULL },
	{ "::1:2:3:4:5:6:7:8", "", NULL },
	{ "2001::db8:5:x", "", NULL },
	/* Words that are none. */
	{ "12001::", "", NULL },
	{ "10000:1::", "", NULL },
	{ "2001:db8:1::g", "", NULL },
	{ "0x2001::", "", NULL },
	{ "::ffff:1.2.3.4", "", NULL },
	{ "::1.2.3.4", "", NULL },
	{ "", "", NULL },
	{ ":", "", NULL },
	{ ":1", "", NULL },
	{ "x", "", NULL },
	/* Fewer words. */
	{ "2001:db8:1", "2001:db8:1::/48 ", NULL },
	{ "2001:db8", "2001:db8::/32 ", NULL },
	{ "2001:db8:1:2", "2001:db8:1:2::/64 ", NULL },
	{ "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:0/112 ", NULL },
	{ "2001", "", "2001::/16 " },
	{ "2001#c", "", "2001::/16 #c" },
	{ "2001 /16", "", "2001::/16  /16" },
	{ "2001:db8:1:", "", NULL },
	{ "2001:db8:1: text", "", NULL },
	{ "2001:db8:1:2:3:4:5:", "", NULL },
	/* Lengths. */
	{ "2001/16", "2001::/16 ", "" },
	{ "2001::/16", "2001::/16 ", "" },
	{ "2001:/16", "", NULL },
	{ "ff00/8", "ff00::/8 ", "" },
	{ "0/0", "::/0 ", "" },
	{ "::/0", "::/0 ", "" },
	{ "0:0/32", "::/32 ", "" },
	{ "2001:db8:1:2::/65", "2001:db8:1:2::/65 ", "" },
	{ "2001:db8:1::5/0128", "2001:db8:1::5/128 ", "" },
	{ "2001:db8:1:2::/00000000000064", "2001:db8:1:2::/64 ", "" },
	{ "2001:db8::/129", "", NULL },
	{ "2001:db8:1:2::/18446744073709551680", "", NULL },
	{ "2001:db8::/", "", NULL },
	{ "2001:db8::/x", "", NULL },
	{ "2001:db8::/ 32", "", NULL },
	{ "2001:db8::/+32", "", NULL },
	{ "2001:db8/32text", "", NULL },
	/* What is glued to it. */
	{ "2001:db8:1::5#c", "2001:db8:1::5/128 #c", NULL },
	{ "2001:db8:1:2;c", "2001:db8:1:2::/64 ;c", NULL },
	{ "2001:db8:1::5/128#c", "2001:db8:1::5/128 #c", "" },
	{ "2001:db8:1::5\ttext", "2001:db8:1::5/128 \ttext", NULL },
	{ "2001:db8:1::5x", "", NULL },
	{ "2001:db8:1::5-", "", NULL },
	{ "2001:db8:1::5,", "", NULL },
	{ "2001:db8:1/48:9:x", "2001:db8:1::/48 :9:x", "" },
	{ "2001:db8::/32:5", "2001:db8::/32 :5", "" },
	{ "2001:db8::/32::5", "2001:db8::/32 ::5", "" },
	/* Is a colon the address's or the value's? */
	{ "2001:db8:1::5:9:text", "", NULL },
	{ "2001:db8:1:9:text", "", NULL },
	{ "1:2:3:4:5:6:7:8:9:text", "1:2:3:4:5:6:7:8/128 :9:text", NULL },
	{ "1:2:3:4:5:6:7:8:", "1:2:3:4:5:6:7:8/128 :", NULL },
	{ "1:2:3:4:5:6:7:8::5", "1:2:3:4:5:6:7:8/128 ::5", NULL },
	{ "1:2:3:4:5:6:7:::9:x", "1:2:3:4:5:6:7:0/128 :9:x", NULL },
	{ "1:2:3:4:5:6:7::9:x", "", NULL },
	{ "2001:db8:::5:x", "2001:db8::/128 :5:x", NULL },
	{ "2001:db8:::/32", "2001:db8::/128 :/32", NULL },
	{ ":::5", "::/128 :5", NULL },
	{ "::::5", "::/128 ::5", NULL },
	{ "2001::db8:", "2001::db8/128 ", NULL },
	{ "2001::db8: text", "2001::db8/128  text", NULL },
	{ "2001::db8:#c", "2001::db8/128 #c", NULL },
	{ "2001::db8::", "2001::db8/128 :", NULL },
	{ "2001::db8::5", "2001::db8/128 :5", NULL },
	{ "2001::db8:::5", "2001::db8/128 ::5", NULL },
	{ "2001::db8:/128", "2001::db8/128 ", "" },
	{ "::5:", "::5/128 ", NULL },
	{ "1:2:3:4:5:6::7::5", "1:2:3:4:5:6:0:7/128 :5", NULL },
	{ "1:2:3:4:5:6::7:8", "", NULL },
};

typedef enum reader {
	READ_PREFIX,
	READ_PREFIX_LAX, /* host bits allowed */
	READ_WORDS,
} reader_t;

/* Reads from memory of just the line's size; the outcome as in the table. */
static void read_line(const char *line, reader_t reader, char *outcome, size_t outcome_size)
{
	size_t size = strlen(line);
	char *copy = malloc(size > 0 ? size : 1);
	char written[IP6_TEXT_SIZE];
	ip6_address_t address;
	unsigned length;
	const char *why = NULL;
	err_t err;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, line, size);
	text_t text = { copy, copy + size };
	if (reader == READ_WORDS)
		err = ip6_text_words(&text, &address, &length, &why);
	else
		err = ip6_text_prefix(&text, reader == READ_PREFIX_LAX, &address, &length, &why);
	outcome[0] = '\0';
	if (err == ERR_OK) {
		(void)ip6_text_write(address, written);
		(void)snprintf(outcome, outcome_size, "%s/%u %.*s", written, length,
			       (int)text_size(text), text.at);
	} else {
		ck_assert_int_eq(err, ERR_SYNTAX);
		ck_assert_ptr_nonnull(why);
	}
	free(copy);
}

START_TEST(test_forms)
{
	char outcome[200];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const row_t *row = &rows[i];

		read_line(row->line, READ_PREFIX, outcome, sizeof(outcome));
		ck_assert_msg(strcmp(outcome, row->prefix) == 0, "\"%s\" is \"%s\"", row->line,
			      outcome);
		read_line(row->line, READ_WORDS, outcome, sizeof(outcome));
		ck_assert_msg(strcmp(outcome, row->words != NULL ? row->words : row->prefix) == 0,
			      "\"%s\" is \"%s\" of words", row->line, outcome);
	}
}
END_TEST

START_TEST(test_host_bits)
{
	static const struct {
		const char *line;
		const char *lax;
	} cases[] = {
		{ "2001:db8:1::/40", "2001:db8::/40 " },
		{ "2001:db8:1::5/127", "2001:db8:1::4/127 " },
		{ "2001:db8:1::5/64", "2001:db8:1::/64 " },
		{ "2001:db8:1:2/48 x", "2001:db8:1::/48  x" },
		{ "1:2:3:4:5:6:7:8/0", "::/0 " },
		{ "ff/8", "::/8 " },
		{ "2001/8", "2000::/8 " },
		{ "2001::db8:/112", "2001::/112 " },
	};
	char outcome[200];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		read_line(cases[i].line, READ_PREFIX, outcome, sizeof(outcome));
		ck_assert_str_eq(outcome, "");
		read_line(cases[i].line, READ_PREFIX_LAX, outcome, sizeof(outcome));
		ck_assert_str_eq(outcome, cases[i].lax);
	}
}
END_TEST

/* Zeros in all places; against inet_ntop, but where that writes a dotted quad. */
START_TEST(test_written)
{
	static const unsigned words[] = { 0, 0, 0, 1, 0xab, 0x102, 0xffff };

	random_start(1);
	for (unsigned round = 0; round < 100000; round++) {
		char text[IP6_TEXT_SIZE + sizeof("/128 ")];
		char expected[INET6_ADDRSTRLEN];
		char outcome[200];
		uint8_t bytes[16];
		ip6_address_t address = { .high = 0 };

		for (unsigned i = 0; i < 8; i++) {
			unsigned word = words[random_below(COUNT_OF(words))];

			bytes[2 * i] = (uint8_t)(word >> 8);
			bytes[2 * i + 1] = (uint8_t)word;
			address = ip6_add(ip6_shift_left(address, 16),
					  (ip6_address_t){ .low = word });
		}
		MUST(inet_ntop(AF_INET6, bytes, expected, sizeof(expected)) != NULL, "inet_ntop");
		MUST(ip6_text_write(address, text) == strlen(text), "length of %s", text);
		MUST(strcmp(text, expected) == 0 || strchr(expected, '.') != NULL, "%s is %s",
		     expected, text);
		read_line(text, READ_PREFIX, outcome, sizeof(outcome));
		(void)strcat(text, "/128 ");
		MUST(strcmp(text, outcome) == 0, "%s is read as %s", text, outcome);
	}
}
END_TEST

START_TEST(test_never_dotted)
{
	static const struct {
		uint64_t low;
		const char *text;
	} cases[] = {
		{ UINT64_C(0xffff01020304), "::ffff:102:304" },
		{ 0x01020304, "::102:304" },
		{ UINT64_C(0xffff00000000), "::ffff:0:0" },
		{ UINT64_C(0xffff00000001), "::ffff:0:1" },
		{ 0x20000, "::2:0" },
		{ 0, "::" },
	};
	char text[IP6_TEXT_SIZE];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		(void)ip6_text_write((ip6_address_t){ .low = cases[i].low }, text);
		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_forms, test_host_bits, test_written,
				       test_never_dotted };

	return run_tests("ip6_text", tests, COUNT_OF(tests));
}
