/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Sets of ports: random operations against an array of 65,536 truths, and the texts that have ports. */

#include "test.h"

#include "base/attributes.h"
#include "ports/port_set.h"

static char reason[PORT_REASON_MAX];

static port_range_t random_range(void)
{
	unsigned first = random_below(PORT_COUNT);
	/* Mostly short ones, so that rows meet at the ends of words. */
	unsigned most = random_below(4) == 0 ? PORT_COUNT : 130;
	unsigned size = 1 + random_below(most);

	if (size > PORT_COUNT - first)
		size = PORT_COUNT - first;
	return (port_range_t){ (uint16_t)first, (uint16_t)(first + size - 1) };
}

/* Counting, asking and walking say what the model says. */
static void must_be(const port_set_t *set, const bool *model, port_range_t part)
{
	static bool walked[PORT_COUNT];
	port_range_t row = { 0, 0 };
	unsigned count = 0;
	unsigned end = 0; /* of the row before, and one more */

	memset(walked, 0, sizeof(walked));
	for (unsigned at = 0; port_set_next(set, at, &row); at = row.last + 1u) {
		MUST(at == 0 || row.first > end, "rows at %u touch", row.first);
		for (unsigned port = row.first; port <= row.last; port++)
			walked[port] = true;
		end = row.last + 1u;
	}
	ck_assert(memcmp(walked, model, sizeof(walked)) == 0);
	for (unsigned port = 0; port < PORT_COUNT; port++) {
		MUST(port_set_has(set, (uint16_t)port) == model[port], "%u", port);
		count += model[port] && port_range_has(part, (uint16_t)port);
	}
	ck_assert_uint_eq(port_set_count(set, part), count);
}

START_TEST(test_against_model)
{
	static bool model[PORT_COUNT];
	static port_set_t set, again;

	random_start(1);
	for (unsigned round = 0; round < 400; round++) {
		port_range_t range = random_range();
		bool is_in = random_below(3) > 0;

		if (is_in)
			port_set_add(&set, range);
		else
			port_set_remove(&set, range);
		for (unsigned port = range.first; port <= range.last; port++)
			model[port] = is_in;
		must_be(&set, model, random_range());

		char *text = port_set_text(&set);
		again = (port_set_t){ 0 };
		ck_assert_int_eq(port_set_parse(&again, text, strlen(text), reason), ERR_OK);
		ck_assert(memcmp(&again, &set, sizeof(set)) == 0);
		free(text);
	}
}
END_TEST

START_TEST(test_longest_text)
{
	static port_set_t set, again;

	for (unsigned port = 1; port < PORT_COUNT; port += 2)
		port_set_add(&set, (port_range_t){ (uint16_t)port, (uint16_t)port });
	ck_assert_uint_eq(port_set_count(&set, port_range_all), PORT_COUNT / 2);
	char *text = port_set_text(&set);
	ck_assert_int_eq(port_set_parse(&again, text, strlen(text), reason), ERR_OK);
	ck_assert(memcmp(&again, &set, sizeof(set)) == 0);
	free(text);
}
END_TEST

/* The set of a list, as text again; or the reason why it is none. */
static void must_parse(const char *list, err_t err, const char *expected)
{
	port_set_t set = { 0 };
	port_set_add(&set, (port_range_t){ 7, 7 });
	const port_set_t before = set;

	ck_assert_int_eq(port_set_parse(&set, list, strlen(list), reason), err);
	if (err == ERR_OK) {
		char *text = port_set_text(&set);
		ck_assert_str_eq(text, expected);
		free(text);
	} else {
		ck_assert_str_eq(reason, expected);
		ck_assert(memcmp(&set, &before, sizeof(set)) == 0);
	}
}

#define NO_PORT "is no port; give numbers and ranges, as in 53,100-200"

START_TEST(test_lists)
{
	static const struct {
		const char *list;
		err_t err;
		const char *expected;
	} rows[] = {
		{ "", ERR_OK, "7" },
		{ "\n", ERR_OK, "7" },
		{ "53", ERR_OK, "7,53" },
		{ "53,100-200\n", ERR_OK, "7,53,100-200" },
		{ "6,8", ERR_OK, "6-8" },
		{ "0-65535", ERR_OK, "0-65535" },
		{ "0,65535", ERR_OK, "0,7,65535" },
		/* Minimal: what touches or overlaps is one range. */
		{ "200-300,100-199,250-400", ERR_OK, "7,100-400" },
		{ "63,64,127-128", ERR_OK, "7,63-64,127-128" },
		/* The kernel minds a comma at the beginning; people do not. */
		{ " 1 ,, 2\t3\r\n4,", ERR_OK, "1-4,7" },

		{ "53,x", ERR_SYNTAX, "'x' " NO_PORT },
		{ "-5", ERR_SYNTAX, "'-5' " NO_PORT },
		{ "5-", ERR_SYNTAX, "'5-' " NO_PORT },
		{ "5--6", ERR_SYNTAX, "'5--6' " NO_PORT },
		{ "5-6-7", ERR_SYNTAX, "'5-6-7' " NO_PORT },
		{ "5-6x", ERR_SYNTAX, "'5-6x' " NO_PORT },
		{ "53/udp", ERR_SYNTAX, "'53/udp' " NO_PORT },
		{ "+5", ERR_SYNTAX, "'+5' " NO_PORT },
		{ "0x35", ERR_SYNTAX, "'0x35' " NO_PORT },
		{ "1;2", ERR_SYNTAX, "'1;2' " NO_PORT },
		{ "an.argument.that.never.ever.ends", ERR_SYNTAX,
		  "'an.argument.that.never.e...' " NO_PORT },
		{ "010", ERR_SYNTAX,
		  "'010' has leading zeros, which the kernel takes for octal numbers" },
		{ "65536", ERR_RANGE, "'65536' is more than 65535, the last port" },
		{ "1-65536", ERR_RANGE, "'1-65536' is more than 65535, the last port" },
		{ "4294967349", ERR_RANGE, "'4294967349' is more than 65535, the last port" },
		{ "18446744073709551669", ERR_RANGE,
		  "'18446744073709551669' is more than 65535, the last port" },
		{ "9-8", ERR_RANGE, "'9-8' ends before it begins" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		must_parse(rows[i].list, rows[i].err, rows[i].expected);
}
END_TEST

START_TEST(test_bytes)
{
	port_set_t set = { 0 };

	/* The size counts, not a NUL. */
	ck_assert_int_eq(port_set_parse(&set, "53,99", 2, reason), ERR_OK);
	ck_assert(port_set_has(&set, 53) && !port_set_has(&set, 99));
	ck_assert_int_eq(port_set_parse(&set, "53\0,9", 5, reason), ERR_SYNTAX);
	ck_assert_int_eq(port_set_parse(&set, "\0", 1, reason), ERR_SYNTAX);
}
END_TEST

START_TEST(test_lines)
{
	static const char good[] = "# /etc/services\n"
				   "domain\t\t53/tcp\n"
				   "domain\t\t53/udp  nameserver # DNS 99999\n"
				   "3com-tsmux 106/udp\n"
				   "radius 1812/udp\n"
				   "sctp-only 9/sctp\r\n"
				   "https 443/tcp\n"
				   "x11 6000-6003/udp\n"
				   "\n"
				   "100,200-202 # a list\n"
				   "300 302\r\n"
				   "400";
	static const struct {
		const char *text;
		const char *reason;
	} bad[] = {
		{ "1\nx", "line 2: 'x' " NO_PORT },
		{ "# 1\n\nfoo 70000/udp\n", "line 3: '70000' is more than 65535, the last port" },
		{ "foo /udp\n", "line 1: '' " NO_PORT },
		{ "53 100/200\n", "line 1: '100/200' is no port of a protocol, as in 53/udp" },
		{ "53 100/\n", "line 1: '100/' is no port of a protocol, as in 53/udp" },
	};
	port_set_t set = { 0 };

	ck_assert_int_eq(port_set_parse_lines(&set, good, strlen(good), reason), ERR_OK);
	char *text = port_set_text(&set);
	ck_assert_str_eq(text, "9,53,100,106,200-202,300,302,400,443,1812,6000-6003");
	free(text);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		const port_set_t before = set;

		ck_assert_int_ne(
			port_set_parse_lines(&set, bad[i].text, strlen(bad[i].text), reason),
			ERR_OK);
		ck_assert_str_eq(reason, bad[i].reason);
		ck_assert(memcmp(&set, &before, sizeof(set)) == 0);
	}
}
END_TEST

START_TEST(test_ranges)
{
	port_range_t range = { 1, 2 };

	ck_assert_int_eq(port_range_parse("49152-65535", 11, &range, reason), ERR_OK);
	ck_assert_uint_eq(range.first, 49152);
	ck_assert_uint_eq(range.last, 65535);
	ck_assert_uint_eq(port_range_size(range), 16384);
	ck_assert_uint_eq(port_range_size(port_range_all), PORT_COUNT);
	ck_assert_int_eq(port_range_parse("53", 2, &range, reason), ERR_OK);
	ck_assert(range.first == 53 && range.last == 53);
	ck_assert_int_eq(port_range_parse("1-2,3", 5, &range, reason), ERR_SYNTAX);
	ck_assert_int_eq(port_range_parse("2-1", 3, &range, reason), ERR_RANGE);
	ck_assert_int_eq(port_range_parse("", 0, &range, reason), ERR_SYNTAX);
	ck_assert(range.first == 53 && range.last == 53);
}
END_TEST

START_TEST(test_sets)
{
	port_set_t one = { 0 }, other = { 0 };

	port_set_add(&one, (port_range_t){ 10, 100 });
	port_set_add(&other, (port_range_t){ 90, 200 });
	port_set_add_set(&one, &other);
	ck_assert_uint_eq(port_set_count(&one, port_range_all), 191);
	ck_assert_uint_eq(port_set_count(&other, port_range_all), 111);
	ck_assert(port_set_has_set(&one, &other) && !port_set_has_set(&other, &one));
	port_set_remove_set(&one, &other);
	ck_assert_uint_eq(port_set_count(&one, port_range_all), 80);
	ck_assert(!port_set_has_set(&one, &other));
	ck_assert(port_set_has_set(&one, &(port_set_t){ 0 }));
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_against_model, test_longest_text, test_lists, test_bytes,
				 test_lines,         test_ranges,       test_sets };

	return run_tests("port_set", tests, COUNT_OF(tests));
}
