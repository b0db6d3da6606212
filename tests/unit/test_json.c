/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* JSON of servers, as the tool looks at it. */

#include "test.h"

#include "tool/json.h"

START_TEST(test_by_text)
{
	json_t *array =
		json_pack("[{s:s, s:i}, {s:s, s:i}, {s:i}, {s:s, s:i}, i]", "name", "b.example",
			  "n", 1, "name", "", "n", 2, "name", 3, "name", "b.example", "n", 4, 5);
	json_t *found = json_by_text(array, "name");

	ck_assert_uint_eq(json_object_size(found), 2);
	/* Of two the first; what has no such text is left out. */
	ck_assert_ptr_eq(json_object_get(found, "b.example"), json_array_get(array, 0));
	ck_assert_ptr_eq(json_object_get(found, ""), json_array_get(array, 1));
	ck_assert_ptr_null(json_object_get(found, "c.example"));
	json_decref(array);
	json_decref(found);

	found = json_by_text(NULL, "name");
	ck_assert_uint_eq(json_object_size(found), 0);
	json_decref(found);
}
END_TEST

/* So many that to look at all for each would take minutes. */
#define MANY 200000

START_TEST(test_by_text_of_many)
{
	json_t *array = json_array();
	char name[40];

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "zone-%d.example", i);
		ck_assert_int_eq(
			json_array_append_new(array, json_pack("{s:s, s:i}", "name", name, "n", i)),
			0);
	}
	json_t *found = json_by_text(array, "name");
	ck_assert_uint_eq(json_object_size(found), MANY);
	for (int i = MANY - 1; i >= 0; i--) {
		snprintf(name, sizeof(name), "zone-%d.example", i);
		const json_t *zone = json_object_get(found, name);
		ck_assert_int_eq(json_integer_value(json_object_get(zone, "n")), i);
	}
	json_decref(array);
	json_decref(found);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_by_text, test_by_text_of_many };

	return run_tests("json", tests, COUNT_OF(tests));
}
