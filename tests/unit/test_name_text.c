/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Entries of lists of names: a table of what rbldnsd makes of each form. */

#include "dns/name.h"
#include "test.h"
#include "zonefile/name_text.h"

typedef struct row {
	const char *line;
	/* "" where the line is refused; else p and w for plain and wildcard, the name as texts show
	 * it, and what is left of the line behind a blank. */
	const char *entry;
} row_t;

static const row_t rows[] = {
	{ "example.com", "p example.com " },
	{ "EXAMPLE.Com", "p example.com " },
	{ "*.example.com", "w example.com " },
	{ ".example.com", "pw example.com " },
	/* Dots too many. */
	{ "example.com.", "p example.com " },
	{ "example.com..", "p example.com " },
	{ "example..com", "p example.com " },
	{ "..example.com", "pw example.com " },
	{ "...example.com", "pw example.com " },
	{ "*..example.com", "w example.com " },
	/* Stars that are labels, or a part of one. */
	{ "*", "p * " },
	{ "*.*", "w * " },
	{ "*.*.example.com", "w *.example.com " },
	{ ".*.example.com", "pw *.example.com " },
	{ "a.*.b", "p a.*.b " },
	{ "*x.com", "p *x.com " },
	{ "**.com", "p **.com " },
	{ "\\*.com", "p *.com " },
	{ "*\\.com", "p *\\.com " },
	/* A name ends at a blank only. */
	{ "a.com#c", "p a.com#c " },
	{ "a.com;c", "p a.com\\;c " },
	{ "a.com:9:text", "p a.com:9:text " },
	{ "a.com :9:text", "p a.com :9:text" },
	{ "a.com\t:9:text", "p a.com :9:text" },
	{ "a.com # c", "p a.com # c" },
	{ "a\\ b.com", "p a b.com" },
	/* Escapes. */
	{ "\\065.com", "p a.com " },
	{ "\\65x.com", "p ax.com " },
	{ "\\1x.com", "p \\001x.com " },
	{ "a\\.b.com", "p a\\.b.com " },
	{ "a\\\\b.com", "p a\\\\b.com " },
	{ "a\\", "p a " },
	{ "\\..com", "p \\..com " },
	{ "\\032.\\000.com", "p \\032.\\000.com " },
	{ "\344\377.com", "p \\228\\255.com " },
	{ "\\256.com", "" },
	{ "\\999.com", "" },
	/* What texts show with a backslash, and what not. */
	{ "@.$.;.\".com", "p \\@.\\$.\\;.\\\".com " },
	{ "'.(.).<.>.,./.-._.~.com", "p '.(.).<.>.,./.-._.~.com " },
	{ "\\127.com", "p \\127.com " },
	/* No names. */
	{ ".", "" },
	{ "..", "" },
	{ "*.", "" },
	{ "*..", "" },
	{ "\\", "" },
	{ "", "" },
};

/* The entry in the form of the rows. */
static const char *entry_of(const char *line, size_t size)
{
	static char out[2 * NAME_TEXT_SIZE];
	text_t text = { line, line + size };
	uint8_t labels[DNS_LABELS_MAX];
	const char *why = NULL;
	name_text_t entry;

	if (name_text_entry(&text, &entry, &why) != ERR_OK) {
		ck_assert_ptr_nonnull(why);
		return "";
	}
	char *at = stpcpy(out, entry.is_plain ? "p" : "");
	at = stpcpy(stpcpy(at, entry.is_wildcard ? "w" : ""), " ");
	at += name_text_write(entry.name, labels, dns_name_labels(entry.name, labels), at);
	*at++ = ' ';
	memcpy(at, text.at, text_size(text));
	at[text_size(text)] = '\0';
	return out;
}

START_TEST(test_rows)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *entry = entry_of(rows[i].line, strlen(rows[i].line));
		ck_assert_msg(strcmp(entry, rows[i].entry) == 0, "%s: \"%s\"", rows[i].line, entry);
	}
}
END_TEST

/* The longest label and name, and one byte more. */
START_TEST(test_limits)
{
	char label[65];
	char name[300] = "";

	memset(label, 'x', sizeof(label));
	ck_assert_str_ne(entry_of(label, 63), "");
	ck_assert_str_eq(entry_of(label, 64), "");
	/* Three labels of 63 and one of 61 are 255 bytes on the wire. */
	for (unsigned i = 0; i < 3; i++)
		(void)snprintf(name + strlen(name), sizeof(name) - strlen(name), "%.63s.", label);
	(void)snprintf(name + strlen(name), sizeof(name) - strlen(name), "%.61s", label);
	ck_assert_str_ne(entry_of(name, strlen(name)), "");
	strcat(name, "x");
	ck_assert_str_eq(entry_of(name, strlen(name)), "");
}
END_TEST

/* The longest text: each byte takes four. */
START_TEST(test_longest_text)
{
	uint8_t name[DNS_NAME_MAX] = { 0 };
	uint8_t labels[DNS_LABELS_MAX];
	char text[NAME_TEXT_SIZE];

	for (size_t at = 0; at < 254; at += name[at] + 1u)
		name[at] = at < 192 ? 63 : 61;
	ck_assert_uint_eq(dns_name_size(name), 255);
	ck_assert_uint_eq(name_text_write(name, labels, dns_name_labels(name, labels), text),
			  4 * (3 * 63 + 61) + 3);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_rows, test_limits, test_longest_text };

	return run_tests("name_text", tests, COUNT_OF(tests));
}
