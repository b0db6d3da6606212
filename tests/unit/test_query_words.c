/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The words of `spurn query`: what subjects are asked as, and which servers are meant. */

#include <unistd.h>

#include "test.h"

#include "dns/name.h"
#include "tool/query_server.h"
#include "tool/query_subject.h"

START_TEST(test_subjects)
{
	static const struct {
		const char *text;
		const char *name; /* NULL: no subject */
		bool is_address;
	} rows[] = {
		{ "192.0.2.1", "1.2.0.192", true },
		{ "0.0.0.0", "0.0.0.0", true },
		{ "255.255.255.254", "254.255.255.255", true },
		{ "::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0", true },
		{ "2001:DB8::abcd",
		  "d.c.b.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2", true },
		{ "::ffff:127.0.0.2",
		  "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0", true },
		{ "Mail.Example", "Mail.Example", false },
		{ "mail.example.", "mail.example", false },
		{ "TEST", "TEST", false },
		{ "127.0.0.2.example", "127.0.0.2.example", false },
		{ "a1", "a1", false },
		{ "_dmarc.a-b.example", "_dmarc.a-b.example", false },
		{ "a\\.b.example", "a\\.b.example", false },
		{ "b\xc3\xbc.example", "b\\195\\188.example", false },
		{ "1.2.3", NULL, false },
		{ "1.2.3.4.5", NULL, false },
		{ "1.2.3.256", NULL, false },
		{ "01.2.3.4", NULL, false },
		{ "127.0.0.2.", NULL, false },
		{ "12", NULL, false },
		{ "", NULL, false },
		{ ".", NULL, false },
		{ "..", NULL, false },
		{ "::g", NULL, false },
		{ "::1%eth0", NULL, false },
		{ "[::1]", NULL, false },
		{ "192.0.2.0/24", NULL, false },
		{ "https://example/", NULL, false },
		{ "a@example", NULL, false },
		{ "a b", NULL, false },
		{ "a.\\256", NULL, false },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint8_t name[DNS_NAME_MAX];
		char text[DNS_NAME_TEXT_MAX];
		const char *why = NULL;
		err_t err = query_subject_parse(rows[i].text, name, &why);

		ck_assert_msg((err == ERR_OK) == (rows[i].name != NULL), "'%s': %s", rows[i].text,
			      err_text(err));
		ck_assert(query_subject_is_address(rows[i].text) == rows[i].is_address);
		if (err == ERR_OK) {
			dns_name_to_text(name, text);
			ck_assert_str_eq(text, rows[i].name);
		} else {
			ck_assert_ptr_nonnull(why);
		}
	}
}
END_TEST

START_TEST(test_join)
{
	uint8_t subject[DNS_NAME_MAX] = { 0 }, list[DNS_NAME_MAX] = { 0 }, name[DNS_NAME_MAX];

	ck_assert_int_eq(query_subject_join((const uint8_t *)"\1a", (const uint8_t *)"\2bl", name),
			 ERR_OK);
	ck_assert_mem_eq(name, "\1a\2bl", 6);
	/* 127 + 128 bytes fit, one more does not. */
	for (size_t at = 0; at < 126; at += 2)
		subject[at] = list[at] = 1;
	ck_assert_int_eq(query_subject_join(subject, list, name), ERR_OK);
	ck_assert_uint_eq(dns_name_size(name), 126 + 127);
	list[124] = 3;
	ck_assert_int_eq(query_subject_join(subject, list, name), ERR_OK);
	ck_assert_uint_eq(dns_name_size(name), 255);
	list[124] = 4;
	ck_assert_int_eq(query_subject_join(subject, list, name), ERR_RANGE);
}
END_TEST

/* All addresses of the set, with blanks between them. */
static const char *addresses(const listen_set_t *servers)
{
	static char all[LISTEN_MAX * (NET_ADDRESS_TEXT_MAX + 1)];
	char one[NET_ADDRESS_TEXT_MAX];

	all[0] = '\0';
	for (size_t i = 0; i < servers->count; i++) {
		strcat(all, i > 0 ? " " : "");
		strcat(all, net_address_text(&servers->addresses[i], one));
	}
	return all;
}

START_TEST(test_servers)
{
	static const struct {
		const char *text;
		const char *port;
		const char *address; /* NULL: no server */
	} rows[] = {
		{ "127.0.0.1", NULL, "127.0.0.1/53" },
		{ "127.0.0.1", "5300", "127.0.0.1/5300" },
		{ "127.0.0.1/5300", NULL, "127.0.0.1/5300" },
		{ "127.0.0.1:5300", NULL, "127.0.0.1/5300" },
		{ "[127.0.0.1]:5300", NULL, "127.0.0.1/5300" },
		{ "127.0.0.1:", NULL, "127.0.0.1/53" },
		{ "127.0.0.1", "domain", "127.0.0.1/53" },
		{ "::1", NULL, "::1/53" },
		{ "::1", "5300", "::1/5300" },
		{ "::1/5300", NULL, "::1/5300" },
		{ "[::1]", NULL, "::1/53" },
		{ "[::1]", "5300", "::1/5300" },
		{ "[::1]:5300", NULL, "::1/5300" },
		{ "[::1]/5300", NULL, "::1/5300" },
		{ "2001:db8::5:5300", NULL, "2001:db8::5:5300/53" },
		{ "", NULL, NULL },
		{ ":53", NULL, NULL },
		{ "/53", NULL, NULL },
		{ "*", NULL, NULL },
		{ "*:53", NULL, NULL },
		{ "127.0.0.1/5300", "53", NULL },
		{ "127.0.0.1:5300", "53", NULL },
		{ "127.0.0.1:0", NULL, NULL },
		{ "127.0.0.1", "65536", NULL },
		{ "127.0.0.1", "", "127.0.0.1/53" },
		{ "127.0.0.1:no-such-service", NULL, NULL },
		{ "224.0.0.1", NULL, NULL },
	};
	char why[256];
	char longer[400];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		listen_set_t servers = { .count = 0 };
		err_t err = query_server_parse(rows[i].text, rows[i].port, AF_UNSPEC, &servers, why,
					       sizeof(why));
		ck_assert_msg((err == ERR_OK) == (rows[i].address != NULL), "'%s': %s",
			      rows[i].text, err == ERR_OK ? "is a server" : why);
		ck_assert(err == ERR_OK || why[0] != '\0');
		ck_assert_str_eq(addresses(&servers), err == ERR_OK ? rows[i].address : "");
	}
	listen_set_t servers = { .count = 0 };
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ck_assert_int_eq(query_server_parse(longer, NULL, AF_UNSPEC, &servers, why, sizeof(why)),
			 ERR_SYNTAX);
}
END_TEST

START_TEST(test_resolv_conf)
{
	static const struct {
		const char *text; /* NULL: no such file */
		int family;
		const char *addresses;
	} rows[] = {
		{ NULL, AF_UNSPEC, "127.0.0.1/5300" },
		{ NULL, AF_INET6, "::1/5300" },
		{ "", AF_UNSPEC, "127.0.0.1/5300" },
		{ "search example\nnameserver 192.0.2.1\n", AF_UNSPEC, "192.0.2.1/5300" },
		{ "nameserver\t 192.0.2.1 # comment\nnameserver 2001:db8::1\r\n", AF_UNSPEC,
		  "192.0.2.1/5300 2001:db8::1/5300" },
		{ "nameserver 192.0.2.1\nnameserver 2001:db8::1", AF_INET6, "2001:db8::1/5300" },
		{ "#nameserver 192.0.2.1\n nameserver 192.0.2.2\nnameservers 192.0.2.3\n"
		  "nameserver\nnameserver 192.0.2.4\n",
		  AF_UNSPEC, "192.0.2.4/5300" },
		{ "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
		  "nameserver 192.0.2.4\n",
		  AF_UNSPEC, "192.0.2.1/5300 192.0.2.2/5300 192.0.2.3/5300" },
	};
	char why[256];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char path[] = "/tmp/spurn.XXXXXX";
		listen_set_t servers = { .count = 0 };
		int fd = mkstemp(path);

		ck_assert_int_ge(fd, 0);
		if (rows[i].text == NULL)
			ck_assert_int_eq(unlink(path), 0);
		else
			ck_assert_int_eq(write(fd, rows[i].text, strlen(rows[i].text)),
					 (ssize_t)strlen(rows[i].text));
		close(fd);
		ck_assert_int_eq(query_server_default(path, "5300", rows[i].family, &servers, why,
						      sizeof(why)),
				 ERR_OK);
		ck_assert_str_eq(addresses(&servers), rows[i].addresses);
		if (rows[i].text != NULL)
			ck_assert_int_eq(unlink(path), 0);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_subjects, test_join, test_servers, test_resolv_conf };

	return run_tests("query_words", tests, COUNT_OF(tests));
}
