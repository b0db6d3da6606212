/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What many want of a load, put together. */

#include "test.h"

#include "base/attributes.h"
#include "daemon/wish_list.h"

static const uint8_t a[] = "\001a\004test";
static const uint8_t b[] = "\001b\004test";

static bool add(wish_list_t *list, const uint8_t *zone, bool is_forced)
{
	return wish_list_add(list, &(catalog_wish_t){ .zone = zone, .is_forced = is_forced });
}

START_TEST(test_merging)
{
	wish_list_t list = { .wishes = NULL };
	uint8_t copy[sizeof(a)];

	ck_assert(!wish_list_has_all(&list));
	memcpy(copy, a, sizeof(a));
	ck_assert(add(&list, copy, false));
	copy[1] = 'z'; /* what was given may change */
	ck_assert(add(&list, b, true));
	ck_assert(add(&list, a, false));
	ck_assert_uint_eq(list.count, 2);
	ck_assert(!list.wishes[0].is_forced && list.wishes[1].is_forced);
	/* Who insists does so for all who want the same, and nobody takes that back. */
	ck_assert(add(&list, a, true));
	ck_assert(add(&list, a, false));
	ck_assert(list.wishes[0].is_forced);
	ck_assert(!wish_list_has_all(&list));
	/* All zones do not make one zone's wish go away: it may be forced. */
	ck_assert(add(&list, NULL, false));
	ck_assert(add(&list, NULL, false));
	ck_assert_uint_eq(list.count, 3);
	ck_assert(wish_list_has_all(&list));
	ck_assert(!list.wishes[2].is_forced);
	ck_assert_mem_eq(list.wishes[0].zone, a, sizeof(a));
	/* That somebody asks for one zone says nothing of others. */
	ck_assert(wish_list_add(&list, &(catalog_wish_t){ .zone = a, .is_asked = true }));
	ck_assert(add(&list, a, false));
	ck_assert(list.wishes[0].is_asked && list.wishes[0].is_forced);
	ck_assert(!list.wishes[1].is_asked && !list.wishes[2].is_asked);
	ck_assert_uint_eq(list.count, 3);
	wish_list_clear(&list);
	ck_assert_uint_eq(list.count, 0);
	ck_assert(!wish_list_has_all(&list));
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_merging };

	return run_tests("wish_list", tests, COUNT_OF(tests));
}
