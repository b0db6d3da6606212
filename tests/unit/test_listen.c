/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What -b takes, what it makes of it, and what it says about the rest. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/listen.h"

static const struct {
	const char *text;
	int family;
	const char *addresses; /* one behind the other, with a blank between them */
} good_rows[] = {
	/* IPv4, in all forms of inet_aton */
	{ "127.0.0.1", AF_UNSPEC, "127.0.0.1/53" },
	{ "127.0.0.1/", AF_UNSPEC, "127.0.0.1/53" },
	{ "127.0.0.1/5300", AF_UNSPEC, "127.0.0.1/5300" },
	{ "127.2/5300", AF_UNSPEC, "127.0.0.2/5300" },
	{ "0/1", AF_UNSPEC, "0.0.0.0/1" },
	{ "2130706433/00053", AF_UNSPEC, "127.0.0.1/53" },
	{ "127.0.0.1/65535", AF_INET, "127.0.0.1/65535" },
	/* IPv6, with and without brackets */
	{ "::1/53", AF_UNSPEC, "::1/53" },
	{ "[::1]/53", AF_UNSPEC, "::1/53" },
	{ "[::]", AF_INET6, "::/53" },
	{ "2001:DB8:0:0::1/5300", AF_UNSPEC, "2001:db8::1/5300" },
	{ "fe80::1%lo/53", AF_UNSPEC, "fe80::1%lo/53" },
	/* IPv4 that looks like IPv6 */
	{ "::ffff:127.0.0.2/53", AF_UNSPEC, "127.0.0.2/53" },
	/* names */
	{ "localhost/5300", AF_INET, "127.0.0.1/5300" },
	{ "*/5300", AF_UNSPEC, "0.0.0.0/5300 ::/5300" },
	{ "*", AF_INET, "0.0.0.0/53" },
	{ "*", AF_INET6, "::/53" },
};

static const struct {
	const char *text;
	int family;
	err_t err;
	const char *why; /* a part of it */
} bad_rows[] = {
	{ "", AF_UNSPEC, ERR_SYNTAX, "address is missing" },
	{ "/53", AF_UNSPEC, ERR_SYNTAX, "address is missing" },
	{ "[]/53", AF_UNSPEC, ERR_SYNTAX, "address is missing" },
	{ "127.0.0.1:5300", AF_UNSPEC, ERR_SYNTAX, "127.0.0.1/5300" },
	{ "[::1]:5300", AF_UNSPEC, ERR_SYNTAX, "[::1]/5300" },
	{ "127.0.0.1/0", AF_UNSPEC, ERR_RANGE, "1..65535" },
	{ "127.0.0.1/65536", AF_UNSPEC, ERR_RANGE, "1..65535" },
	{ "127.0.0.1/18446744073709551669", AF_UNSPEC, ERR_RANGE, "1..65535" },
	{ "127.0.0.1/-1", AF_UNSPEC, ERR_INVAL, "service" },
	{ "127.0.0.1/53/54", AF_UNSPEC, ERR_INVAL, "service" },
	{ "127.0.0.1/no-such-service", AF_UNSPEC, ERR_INVAL, "no-such-service" },
	{ "127.0.0.256/53", AF_UNSPEC, ERR_INVAL, "127.0.0.256" },
	{ "::1/53", AF_INET, ERR_INVAL, "-4" },
	{ "127.0.0.1/53", AF_INET6, ERR_INVAL, "-6" },
	{ "224.0.0.1/53", AF_UNSPEC, ERR_RANGE, "multicast" },
	{ "255.255.255.255/53", AF_UNSPEC, ERR_RANGE, "broadcast" },
	{ "ff02::1/53", AF_UNSPEC, ERR_RANGE, "multicast" },
};

/* All addresses of `set` as text, in their order but those of "*", which may come in any. */
static void addresses_text(const listen_set_t *set, char *text, size_t size)
{
	char one[NET_ADDRESS_TEXT_MAX];
	size_t used = 0;

	text[0] = '\0';
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < set->count; i++) {
			const net_address_t *address = &set->addresses[i];

			if ((address->any.sa_family == AF_INET6) != (pass == 1))
				continue;
			used += (size_t)snprintf(text + used, size - used, "%s%s",
						 used > 0 ? " " : "",
						 net_address_text(address, one));
		}
	}
}

START_TEST(test_listen_good)
{
	const size_t row = (size_t)_i;
	listen_set_t set = { .count = 0 };
	char why[200] = "";
	char text[200];
	err_t err;

	/* The second time each is merged with what is there. */
	for (int round = 0; round < 2; round++) {
		err = listen_add(&set, good_rows[row].text, good_rows[row].family, why,
				 sizeof(why));
		ck_assert_msg(err == ERR_OK, "'%s': %s", good_rows[row].text, why);
		addresses_text(&set, text, sizeof(text));
		ck_assert_str_eq(text, good_rows[row].addresses);
	}
}
END_TEST

START_TEST(test_listen_bad)
{
	const size_t row = (size_t)_i;
	listen_set_t set = { .count = 0 };
	char why[200] = "";
	err_t err = listen_add(&set, bad_rows[row].text, bad_rows[row].family, why, sizeof(why));

	ck_assert_msg(err == bad_rows[row].err, "'%s': %s", bad_rows[row].text, err_text(err));
	ck_assert_msg(strstr(why, bad_rows[row].why) != NULL, "'%s': %s", bad_rows[row].text, why);
	ck_assert_uint_eq(set.count, 0);
}
END_TEST

START_TEST(test_listen_too_many)
{
	listen_set_t set = { .count = 0 };
	char why[200];
	char text[64];

	for (int i = 1; i < LISTEN_MAX; i++) {
		snprintf(text, sizeof(text), "127.0.0.%d/53", i);
		ck_assert_int_eq(listen_add(&set, text, AF_UNSPEC, why, sizeof(why)), ERR_OK);
	}
	/* There is room for one more, but not for the two of "*": neither is added. */
	ck_assert_int_eq(listen_add(&set, "*", AF_UNSPEC, why, sizeof(why)), ERR_RANGE);
	ck_assert_uint_eq(set.count, LISTEN_MAX - 1);
	ck_assert_int_eq(listen_add(&set, "::1", AF_UNSPEC, why, sizeof(why)), ERR_OK);
	ck_assert_int_eq(listen_add(&set, "::2", AF_UNSPEC, why, sizeof(why)), ERR_RANGE);
	/* What is there already needs no room. */
	ck_assert_int_eq(listen_add(&set, "::1", AF_UNSPEC, why, sizeof(why)), ERR_OK);
	ck_assert_uint_eq(set.count, LISTEN_MAX);
}
END_TEST

START_TEST(test_listen_long)
{
	listen_set_t set = { .count = 0 };
	char text[3000];
	char why[100];

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(listen_add(&set, text, AF_UNSPEC, why, sizeof(why)), ERR_SYNTAX);
	/* A reason that does not fit is cut. */
	ck_assert_int_eq(listen_add(&set, "127.0.0.1/0", AF_UNSPEC, why, 5), ERR_RANGE);
	ck_assert_str_eq(why, "port");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("listen");
	TCase *tcase = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_listen_good, 0, (int)COUNT_OF(good_rows));
	tcase_add_loop_test(tcase, test_listen_bad, 0, (int)COUNT_OF(bad_rows));
	tcase_add_test(tcase, test_listen_too_many);
	tcase_add_test(tcase, test_listen_long);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
