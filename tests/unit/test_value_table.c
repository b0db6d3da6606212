/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Values of a data set: numbered, once each, and their templates compiled at the end. */

#include "test.h"

#include "dataset/value_table.h"

static zone_value_t value_of(uint8_t last, const char *txt)
{
	return (zone_value_t){
		.a = { 127, 0, 0, last },
		.txt = { txt, txt + strlen(txt) },
	};
}

static uint32_t add(value_table_t *table, zone_value_t value)
{
	uint32_t id = 0;

	ck_assert_int_eq(value_table_add(table, &value, &id), ERR_OK);
	return id;
}

static const char *text_of(const value_table_t *table, uint32_t id)
{
	static char text[DNS_TEXT_MAX + 1];
	const uint8_t *compiled = value_table_txt(table, id);

	if (compiled == NULL)
		return "(none)";
	text[template_expand(compiled, "S", 1, (uint8_t *)text)] = '\0';
	return text;
}

START_TEST(test_values)
{
	static const char one[] = "<1>";
	const template_variables_t variables = { .digits[1] = { one, one + 3 } };
	value_table_t *table = value_table_new();

	ck_assert_ptr_nonnull(table);
	ck_assert_uint_eq(value_table_count(table), 0);
	/* Numbers from 1; a value that is known keeps its number. */
	ck_assert_uint_eq(add(table, zone_value_builtin), 1);
	ck_assert_uint_eq(add(table, value_of(2, "a $1 $")), 2);
	ck_assert_uint_eq(add(table, value_of(3, "a $1 $")), 3);
	ck_assert_uint_eq(add(table, value_of(2, "a $1 ")), 4);
	ck_assert_uint_eq(add(table, value_of(2, "")), 1);
	ck_assert_uint_eq(add(table, value_of(3, "a $1 $")), 3);
	ck_assert_uint_eq(add(table, value_of(9, "=")), 5);
	ck_assert_uint_eq(value_table_count(table), 5);
	ck_assert_int_eq(value_table_seal(table, &variables), ERR_OK);

	ck_assert_uint_eq(value_table_count(table), 5);
	ck_assert_mem_eq(value_table_a(table, 1), "\x7f\0\0\2", 4);
	ck_assert_mem_eq(value_table_a(table, 3), "\x7f\0\0\3", 4);
	ck_assert_str_eq(text_of(table, 1), "(none)");
	ck_assert_str_eq(text_of(table, 2), "a <1> S");
	ck_assert_str_eq(text_of(table, 3), "a <1> S");
	ck_assert_str_eq(text_of(table, 4), "a <1> ");
	ck_assert_str_eq(text_of(table, 5), "(none)");
	ck_assert_uint_gt(value_table_memory(table), 0);
	value_table_free(table);
}
END_TEST

/* Behind the longest text, nothing is even there for telling values apart. */
START_TEST(test_long)
{
	const template_variables_t none = { .base = { NULL, NULL } };
	value_table_t *table = value_table_new();
	char txt[DNS_TEXT_MAX + 11];

	memset(txt, '$', sizeof(txt));
	txt[DNS_TEXT_MAX + 10] = '\0';
	ck_assert_uint_eq(add(table, value_of(1, txt)), 1);
	txt[DNS_TEXT_MAX] = '\0';
	ck_assert_uint_eq(add(table, value_of(1, txt)), 1);
	txt[DNS_TEXT_MAX - 1] = '\0';
	ck_assert_uint_eq(add(table, value_of(1, txt)), 2);
	ck_assert_int_eq(value_table_seal(table, &none), ERR_OK);
	/* An odd number of dollar signs has one left for the subject. */
	ck_assert_uint_eq(strlen(text_of(table, 1)), DNS_TEXT_MAX / 2);
	ck_assert_int_eq(text_of(table, 1)[DNS_TEXT_MAX / 2 - 1], '$');
	ck_assert_uint_eq(strlen(text_of(table, 2)), DNS_TEXT_MAX / 2);
	ck_assert_int_eq(text_of(table, 2)[DNS_TEXT_MAX / 2 - 1], 'S');
	value_table_free(table);
}
END_TEST

START_TEST(test_many)
{
	const template_variables_t none = { .base = { NULL, NULL } };
	value_table_t *table = value_table_new();
	char txt[20];

	for (unsigned i = 0; i < 50000; i++) {
		(void)snprintf(txt, sizeof(txt), "%u $", i);
		ck_assert_uint_eq(add(table, value_of((uint8_t)i, txt)), i + 1);
	}
	ck_assert_int_eq(value_table_seal(table, &none), ERR_OK);
	for (unsigned i = 0; i < 50000; i++) {
		(void)snprintf(txt, sizeof(txt), "%u S", i);
		if (strcmp(text_of(table, i + 1), txt) != 0)
			ck_abort_msg("\"%s\" instead of \"%s\"", text_of(table, i + 1), txt);
	}
	value_table_free(table);
}
END_TEST

START_TEST(test_unused)
{
	const template_variables_t none = { .base = { NULL, NULL } };
	value_table_t *table = value_table_new();

	value_table_free(NULL);
	value_table_free(table);
	table = value_table_new();
	(void)add(table, zone_value_builtin);
	value_table_free(table);
	table = value_table_new();
	ck_assert_int_eq(value_table_seal(table, &none), ERR_OK);
	ck_assert_uint_eq(value_table_count(table), 0);
	value_table_free(table);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_values,
		test_long,
		test_many,
		test_unused,
	};

	return run_tests("value_table", tests, COUNT_OF(tests));
}
