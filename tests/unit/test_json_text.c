/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Any bytes make a JSON string, and what is UTF-8 stays as it is. */

#include "test.h"

#include "base/attributes.h"
#include "base/json_text.h"

#define FFFD "\xef\xbf\xbd"

START_TEST(test_bytes)
{
	static const struct {
		const char *bytes;
		const char *expected;
	} rows[] = {
		{ "", "" },
		{ "plain \"text\" \\ \n\x01\x7f", "plain \"text\" \\ \n\x01\x7f" },
		{ "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80",
		  "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "a\xff"
		  "b",
		  "a" FFFD "b" },
		{ "\xc3", FFFD }, /* cut off */
		{ "\xe2\x82", FFFD FFFD },
		{ "\xe2\x82z", FFFD FFFD "z" },
		{ "\xc0\xaf", FFFD FFFD }, /* longer than need be */
		{ "\xe0\x80\xaf", FFFD FFFD FFFD },
		{ "\xed\xa0\x80", FFFD FFFD FFFD },          /* half of a pair of UTF-16 */
		{ "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD }, /* behind the last one */
		{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },  /* the last one */
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		json_t *made = json_text(rows[i].bytes);

		ck_assert_str_eq(json_string_value(made), rows[i].expected);
		json_decref(made);
	}
}
END_TEST

START_TEST(test_random)
{
	random_start(1);
	for (unsigned run = 0; run < 20000; run++) {
		char bytes[16];
		size_t size = random_below(sizeof(bytes));

		for (size_t i = 0; i < size; i++) {
			static const unsigned char likely[] = {
				'a', 0, 0x80, 0xbf, 0xc3, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xff, 0x9f
			};
			bytes[i] = (char)likely[random_below(sizeof(likely))];
		}
		json_t *direct = json_stringn(bytes, size);
		json_t *made = json_text_of(bytes, size);
		char *text = json_dumps(made, JSON_ENCODE_ANY);

		ck_assert_ptr_nonnull(made);
		ck_assert_ptr_nonnull(text);
		if (direct != NULL)
			ck_assert(json_equal(direct, made));
		else
			ck_assert_ptr_nonnull(strstr(text, FFFD));
		free(text);
		json_decref(direct);
		json_decref(made);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_bytes, test_random };

	return run_tests("json_text", tests, COUNT_OF(tests));
}
