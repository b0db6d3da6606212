/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Moments as $TIMESTAMP has them. What the line makes of two of them is in test_specials.c. */

#include "test.h"

#include "base/attributes.h"
#include "zonefile/timestamp.h"

/* Reads from memory of just the text's size. Returns -1 for what is no moment. */
static time_t parse(const char *text)
{
	size_t size = strlen(text);
	char *copy = malloc(size + (size == 0));
	time_t moment = -2;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, size);
	bool is_good = timestamp_parse((text_t){ copy, copy + size }, &moment);
	free(copy);
	return is_good ? moment : -1;
}

START_TEST(test_moments)
{
	static const struct {
		const char *text;
		time_t moment;
	} rows[] = {
		/* none */
		{ "0", 0 },
		{ "-", 0 },
		/* The same day, in all forms (probed on the reference server). */
		{ "2026:11:22", 1795305600 },
		{ "2026-11-22", 1795305600 },
		{ "2026:11-22", 1795305600 },
		{ "20261122", 1795305600 },
		{ "2026:1122", 1795305600 },
		{ "20261122:", 1795305600 },
		{ "2026-11-22-", 1795305600 },
		{ "2026-11-22-00", 1795305600 },
		{ "2026112200", 1795305600 },
		{ "20261122000000", 1795305600 },
		{ "20261122:00-0000", 1795305600 },
		/* no separator is needed, so this is the second of November, two o'clock */
		{ "2026:11:022", 1793584800 },
		/* one digit where a separator follows */
		{ "2026-1-1", 1767225600 },
		{ "2026:1:1:0:0:0", 1767225600 },
		/* up to the second */
		{ "2026:11:22:1", 1795309200 },
		{ "2026:11:22:01:02", 1795309320 },
		{ "2026:11:22:01:02:03", 1795309323 },
		{ "20261122010203", 1795309323 },
		{ "2026:11:22:23:59:59", 1795391999 },
		{ "2026:11:22:23:59:59:", 1795391999 },
		/* the ends of the calendar */
		{ "1970:01:01", 0 },
		{ "1970:01:01:00:00:01", 1 },
		{ "2024:02:29", 1709164800 },
		{ "2000:02:29", 951782400 },
		{ "2038:01:19:03:14:08", INT64_C(2147483648) },
		{ "9999:12:31:23:59:59", INT64_C(253402300799) },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		ck_assert_msg(parse(rows[i].text) == rows[i].moment, "%s is %lld", rows[i].text,
			      (long long)parse(rows[i].text));
}
END_TEST

START_TEST(test_others)
{
	static const char *const texts[] = {
		"",
		"00",
		"--",
		"1",
		":",
		"2026",
		"202611",
		"2026:11",
		"2026:11:",
		"2026--11-22",
		"2026:11::22",
		"2026:11:22::",
		"2026:11:22:::",
		"2026.11.22",
		"2026/11/22",
		"2026:11:22T00",
		"20261122T00",
		"2026:11:22z",
		" 2026:11:22",
		"+2026:11:22",
		"-2026:11:22",
		"26:11:22",
		"02026:11:22",

		/* no such day or time */
		"2026:00:01",
		"2026:13:01",
		"2026:01:00",
		"2026:01:32",
		"2026:02:29",
		"2026:02:30",
		"1900:02:29",
		"2100:02:29",
		"2026:04:31",
		"2026:11:22:24",
		"2026:11:22:23:60",
		"2026:11:22:23:59:60",
		"1969:12:31",
		"0000:01:01",
		/* more than there is */
		"2026:11:22:23:59:59:0",
		"202611222359590",
		"2026:11:22:23:59:59::",
		"99999999999999999999999999",
	};

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		ck_assert_msg(parse(texts[i]) == -1, "%s is %lld", texts[i],
			      (long long)parse(texts[i]));
}
END_TEST

/* The time zone that the server runs in means nothing: farms span several. */
START_TEST(test_time_zone)
{
	static const char *const zones[] = { "America/New_York", "Asia/Tokyo", "XXX+11", "UTC" };

	for (size_t i = 0; i < COUNT_OF(zones); i++) {
		ck_assert_int_eq(setenv("TZ", zones[i], 1), 0);
		tzset();
		ck_assert_msg(parse("2026:11:22:01:02:03") == 1795309323, "in %s", zones[i]);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_moments, test_others, test_time_zone };

	return run_tests("timestamp", tests, COUNT_OF(tests));
}
