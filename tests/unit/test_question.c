/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Which addresses a query's name stands for. */

#include "test.h"

#include "dataset/question.h"
#include "dataset_fixture.h"

/* The addresses of `name` below the apex: "ip4 1.2.3.4", "below 1.2.0.0-1.2.255.255" or "". */
static const char *decode(const char *name)
{
	static char words[60];
	uint8_t packet[512];
	dns_query_t query;
	dataset_question_t question;
	size_t size = fixture_query(name, packet);

	memset(&question, 0xa5, sizeof(question));
	ck_assert_int_eq(dns_query_parse(packet, size, &query), DNS_PARSE_OK);
	dataset_question_init(&question, &query, &fixture_asker, query.label_count - 2u, true);
	ck_assert_ptr_eq(question.query, &query);
	ck_assert_uint_eq(question.depth, query.label_count - 2u);
	ck_assert(!(question.has_ip4 && question.has_ip4_range));
	ck_assert(!(question.has_ip6 && question.has_ip6_range));
	words[0] = '\0';
	if (question.has_ip4)
		(void)snprintf(words, sizeof(words), "ip4 %08x", question.ip4);
	if (question.has_ip4_range)
		(void)snprintf(words, sizeof(words), "below %08x-%08x", question.ip4_first,
			       question.ip4_last);
	return words;
}

START_TEST(test_ip4)
{
	static const struct {
		const char *name;
		const char *addresses;
	} rows[] = {
		/* Four octets. */
		{ "4.3.2.1", "ip4 01020304" },
		{ "0.0.0.0", "ip4 00000000" },
		{ "255.255.255.255", "ip4 ffffffff" },
		{ "004.03.2.001", "ip4 01020304" },
		{ "0.00.000.0", "ip4 00000000" },
		{ "256.3.2.1", "" },
		{ "4.3.2.256", "" },
		{ "4.3.2.999", "" },
		{ "4.3.2.0001", "" },
		{ "4.3.2.x", "" },
		{ "4.3.2.1x", "" },
		{ "4.3.2.-1", "" },
		{ "4.3.2.+1", "" },
		{ "4.3.2. 1", "" },
		{ "4.3.2.:", "" },
		{ "4.3.2./", "" },
		{ "a.b.c.d", "" },
		/* Fewer: the addresses below. */
		{ "3.2.1", "below 01020300-010203ff" },
		{ "2.1", "below 01020000-0102ffff" },
		{ "1", "below 01000000-01ffffff" },
		{ "0", "below 00000000-00ffffff" },
		{ "255", "below ff000000-ffffffff" },
		{ "255.255.255", "below ffffff00-ffffffff" },
		{ "256", "" },
		{ "x", "" },
		{ "www", "" },
		{ "2.x", "" },
		/* None, and more. */
		{ "", "" },
		{ "5.4.3.2.1", "" },
		{ "0.5.4.3.2.1", "" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		ck_assert_msg(strcmp(decode(rows[i].name), rows[i].addresses) == 0,
			      "%s is %s instead of %s", rows[i].name, decode(rows[i].name),
			      rows[i].addresses);
}
END_TEST

/* The name of an IPv6 address given as 32 nibbles. */
static const char *nibbles(const char *address)
{
	static char name[64];

	ck_assert_uint_eq(strlen(address), 32);
	for (unsigned i = 0; i < 32; i++) {
		name[2 * i] = address[31 - i];
		name[2 * i + 1] = '.';
	}
	name[63] = '\0';
	return name;
}

START_TEST(test_ip6)
{
	/* IPv4 in IPv6: mapped (::ffff:1.2.3.4) and 6to4. */
	ck_assert_str_eq(decode(nibbles("00000000000000000000ffff01020304")), "ip4 01020304");
	ck_assert_str_eq(decode(nibbles("00000000000000000000FFFFFffefdFc")), "ip4 fffefdfc");
	ck_assert_str_eq(decode(nibbles("20020102030400000000000000000001")), "ip4 01020304");
	ck_assert_str_eq(decode(nibbles("2002ffffffffffffffffffffffffffff")), "ip4 ffffffff");
	/* Others, some close to them. */
	ck_assert_str_eq(decode(nibbles("00000000000000000000000001020304")), "");
	ck_assert_str_eq(decode(nibbles("00000000000000000000fffe01020304")), "");
	ck_assert_str_eq(decode(nibbles("10000000000000000000ffff01020304")), "");
	ck_assert_str_eq(decode(nibbles("00000000000000000001ffff01020304")), "");
	ck_assert_str_eq(decode(nibbles("20030102030400000000000000000001")), "");
	ck_assert_str_eq(decode(nibbles("20010db8000000000000000000000001")), "");
	/* One label that is no nibble. */
	ck_assert_str_eq(decode(nibbles("00000000000000000000ffff0102030g")), "");
	ck_assert_str_eq(decode(nibbles("g0000000000000000000ffff01020304")), "");
	/* 31 and 33 labels. */
	ck_assert_str_eq(decode(nibbles("00000000000000000000ffff01020304") + 2), "");
	char longer[70] = "0.";
	strcat(longer, nibbles("00000000000000000000ffff01020304"));
	ck_assert_str_eq(decode(longer), "");
	/* Two digits in a label that is last or first. */
	(void)snprintf(longer, sizeof(longer), "4%s", nibbles("00000000000000000000ffff01020304"));
	ck_assert_str_eq(decode(longer), "");
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_ip4,
		test_ip6,
	};

	return run_tests("question", tests, COUNT_OF(tests));
}
