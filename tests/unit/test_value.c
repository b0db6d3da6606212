/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* A and TXT of an entry or a default line. What rbldnsd does with each row was asked of it. */

#include "test.h"

#include "base/attributes.h"
#include "zonefile/value.h"

static const char fallback_txt[] = "default $";
static const zone_value_t fallback = {
	.a = { 127, 9, 9, 9 },
	.txt = { fallback_txt, fallback_txt + sizeof(fallback_txt) - 1 },
};

/* Reads `line` from memory of just its size; the value as text, or "invalid". */
static const char *parse(const char *line)
{
	static char words[300];
	size_t size = strlen(line);
	char *copy = malloc(size);
	zone_value_t value = { .a = { 1, 1, 1, 1 } };
	const char *why = NULL;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, line, size);
	err_t err = zone_value_parse((text_t){ copy, copy + size }, &fallback, &value, &why);
	if (err == ERR_OK) {
		(void)snprintf(words, sizeof(words), "%u.%u.%u.%u|%.*s", value.a[0], value.a[1],
			       value.a[2], value.a[3], (int)text_size(value.txt),
			       text_is_empty(value.txt) ? "" : value.txt.at);
	} else {
		ck_assert_int_eq(err, ERR_SYNTAX);
		ck_assert_ptr_nonnull(why);
		ck_assert_int_eq(value.a[0], 1);
		(void)snprintf(words, sizeof(words), "invalid");
	}
	free(copy);
	return words;
}

START_TEST(test_parse)
{
	static const struct {
		const char *line;
		const char *value;
	} rows[] = {
		/* The four forms. */
		{ ":127.0.0.4:text", "127.0.0.4|text" },
		{ ":127.0.0.4:", "127.0.0.4|" },
		{ ":127.0.0.4", "127.0.0.4|default $" },
		{ "text", "127.9.9.9|text" },
		{ ":192.0.2.004: \t text", "192.0.2.4|text" },
		{ ":127.0.0.4\t :text", "127.0.0.4|text" },
		{ ":127.0.0.4::", "127.0.0.4|:" },
		{ ":127.0.0.0004:text", "127.0.0.4|text" },
		{ ":0.0.0.4:text", "0.0.0.4|text" },
		{ ":127.0.0.256:text", "invalid" },
		{ ":127.0.0.4.5:text", "invalid" },
		{ ":127.0.0.:text", "invalid" },
		{ ":0.0.0.0:text", "invalid" },
		/* The shorthand. */
		{ ":5:", "127.0.0.5|" },
		{ ":1.2:", "1.0.0.2|" },
		{ ":1.2.3:", "1.2.0.3|" },
		{ ":1.0:", "1.0.0.0|" },
		{ ":0.1:", "0.0.0.1|" },
		{ ":255:", "127.0.0.255|" },
		{ ":0000000000000000000000009:", "127.0.0.9|" },
		/* Blanks count between A and its colon and before the text, nowhere else. */
		{ ":15 :  text", "127.0.0.15|text" },
		{ ":15\t:\ttext : x", "127.0.0.15|text : x" },
		{ ": 4:x", "invalid" },
		{ ":4 trailing", "invalid" },
		/* Colons and comment signs belong to the text, once it has begun. */
		{ ":4::", "127.0.0.4|:" },
		{ ":4:#text", "127.0.0.4|#text" },
		{ ":4:;", "127.0.0.4|;" },
		{ "text:5:", "127.9.9.9|text:5:" },
		{ "text # and ; more", "127.9.9.9|text # and ; more" },
		{ ":4#", "invalid" },
		{ ":4 #", "invalid" },
		/* No address. */
		{ ":", "invalid" },
		{ "::", "invalid" },
		{ "::text", "invalid" },
		{ ":x:", "invalid" },
		{ ":0:", "invalid" },
		{ ":0.0.0.0:x", "invalid" },
		{ ":00.0:x", "invalid" },
		{ ":256:", "invalid" },
		{ ":1.2.3.256:", "invalid" },
		{ ":4294967297:", "invalid" },
		{ ":18446744073709551617:", "invalid" },
		{ ":1.2.3.4.5:", "invalid" },
		{ ":1.2.3.4.:", "invalid" },
		{ ":1.:", "invalid" },
		{ ":.1:", "invalid" },
		{ ":1..2:", "invalid" },
		{ ":-1:", "invalid" },
		{ ":5/8:", "invalid" },
		{ ":5\r", "invalid" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		ck_assert_msg(strcmp(parse(rows[i].line), rows[i].value) == 0,
			      "\"%s\" is %s instead of %s", rows[i].line, parse(rows[i].line),
			      rows[i].value);
}
END_TEST

START_TEST(test_in_place)
{
	static const char line[] = ":3";
	zone_value_t value = fallback;
	const char *why;

	/* The value may be its own fallback. */
	ck_assert_int_eq(zone_value_parse((text_t){ line, line + 2 }, &value, &value, &why),
			 ERR_OK);
	ck_assert_int_eq(value.a[3], 3);
	ck_assert_ptr_eq(value.txt.at, fallback_txt);
	ck_assert_int_eq(zone_value_builtin.a[0], 127);
	ck_assert_int_eq(zone_value_builtin.a[3], 2);
	ck_assert(text_is_empty(zone_value_builtin.txt));
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_parse,
		test_in_place,
	};

	return run_tests("value", tests, COUNT_OF(tests));
}
