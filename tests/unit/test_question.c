/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Which addresses a query's name stands for. */

#include "test.h"

#include "dataset/question.h"
#include "dataset_fixture.h"

/* The addresses of `name` below the apex: "ip4 01020304", "below 01020000-0102ffff" or "". */
static const char *decode(const char *name)
{
	static char words[60];
	uint8_t packet[512];
	dns_query_t query;
	dataset_question_t question;
	size_t size = fixture_query(name, packet);
	int used = 0;

	memset(&question, 0xa5, sizeof(question));
	ck_assert_int_eq(dns_query_parse(packet, size, &query), DNS_PARSE_OK);
	dataset_question_init(&question, &query, &fixture_asker, query.label_count - 2u, true);
	ck_assert_ptr_eq(question.query, &query);
	ck_assert_uint_eq(question.depth, query.label_count - 2u);
	ck_assert(!(question.has_ip6 && question.has_ip6_range));
	words[0] = '\0';
	if (question.has_ip4)
		used = snprintf(words, sizeof(words), "ip4 %08x", question.ip4);
	if (question.has_ip4_range)
		(void)snprintf(words + used, sizeof(words) - (size_t)used, "%sbelow %08x-%08x",
			       used > 0 ? " " : "", question.ip4_first, question.ip4_last);
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
		{ "1.0.0.0", "ip4 00000001" },
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
		{ "255", "below ff000000-ffffffff" },
		{ "255.255.255", "below ffffff00-ffffffff" },
		{ "256", "" },
		{ "x", "" },
		{ "www", "" },
		{ "2.x", "" },
		/* As nibbles they are above ::ffff:0:0/96 or 2002::/16. */
		{ "0.0.0.0", "ip4 00000000 below 00000000-ffffffff" },
		{ "2.0.0.2", "ip4 02000002 below 00000000-ffffffff" },
		{ "2.0.0.02", "ip4 02000002" },
		{ "0.0.2", "below 00000000-ffffffff" },
		{ "0.2", "below 00000000-ffffffff" },
		{ "2", "below 00000000-ffffffff" },
		{ "0", "below 00000000-ffffffff" },
		{ "1.0", "below 00010000-0001ffff" },
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
	ck_assert_str_eq(decode(nibbles("00000000000000000000ffff01020304") + 2),
			 "below 01020300-0102030f");
	char longer[70] = "0.";
	strcat(longer, nibbles("00000000000000000000ffff01020304"));
	ck_assert_str_eq(decode(longer), "");
	/* Two digits in a label that is last or first. */
	(void)snprintf(longer, sizeof(longer), "4%s", nibbles("00000000000000000000ffff01020304"));
	ck_assert_str_eq(decode(longer), "");
}
END_TEST

/* The first nibbles of IPv4 addresses in IPv6 form. */
START_TEST(test_ip4_ranges)
{
	static const char *const forms[] = {
		"00000000000000000000ffff01020304",
		"20020102030400050000000000000006",
	};
	static const unsigned starts[] = { 24, 4 }; /* of the IPv4 address, in nibbles */

	for (unsigned f = 0; f < COUNT_OF(forms); f++)
		for (unsigned count = 5; count <= 31; count++) {
			const char *name = nibbles(forms[f]) + 2 * (size_t)(32 - count);
			unsigned bits = count <= starts[f] ? 0 : 4 * (count - starts[f]);
			uint32_t hosts = bits >= 32 ? 0 : UINT32_MAX >> bits;
			char expected[60];

			(void)snprintf(expected, sizeof(expected), "below %08x-%08x",
				       0x01020304 & ~hosts, 0x01020304 | hosts);
			MUST(strcmp(decode(name), expected) == 0, "%s: %s instead of %s", name,
			     decode(name), expected);
		}
	/* Beside them. */
	ck_assert_str_eq(decode("1.0.0.0.0"), "");
	ck_assert_str_eq(decode("e.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"), "");
	ck_assert_str_eq(decode("1.3.0.0.2"), "");
}
END_TEST

/* The IPv6 side of `name`: "ip6 HIGH LOW", "below HIGH LOW/LENGTH" or "", and IPv4 behind it. */
static const char *decode6(const char *name, unsigned apex_label, bool has_ip4_data)
{
	static char words[100];
	uint8_t packet[512];
	dns_query_t query;
	dataset_question_t question;
	size_t size = fixture_query(name, packet);
	int used = 0;

	memset(&question, 0xa5, sizeof(question));
	ck_assert_int_eq(dns_query_parse(packet, size, &query), DNS_PARSE_OK);
	dataset_question_init(&question, &query, &fixture_asker,
			      query.label_count - 2u - apex_label, has_ip4_data);
	ck_assert(!(question.has_ip6 && question.has_ip6_range));
	words[0] = '\0';
	if (question.has_ip6)
		used = snprintf(words, sizeof(words), "ip6 %" PRIx64 " %" PRIx64, question.ip6.high,
				question.ip6.low);
	if (question.has_ip6_range)
		used = snprintf(words, sizeof(words), "below %" PRIx64 " %" PRIx64 "/%u",
				question.ip6.high, question.ip6.low, question.ip6_length);
	if (question.has_ip4)
		(void)snprintf(words + used, sizeof(words) - (size_t)used, "%sip4 %08x",
			       used > 0 ? " " : "", question.ip4);
	return words;
}

START_TEST(test_ip6_addresses)
{
	static const struct {
		const char *address; /* 32 nibbles */
		const char *with_ip4;
		const char *without_ip4;
	} rows[] = {
		{ "20010db8000100020003000400050006", "ip6 20010db800010002 3000400050006", NULL },
		{ "00000000000000000000000000000000", "ip6 0 0", NULL },
		{ "ffffffffffffffffffffffffffffffff", "ip6 ffffffffffffffff ffffffffffffffff",
		  NULL },
		{ "FEDCBA98765432100123456789ABCDEF", "ip6 fedcba9876543210 123456789abcdef",
		  NULL },
		/* 6to4 is looked up in both, always */
		{ "20020102030400000000000000000001", "ip6 2002010203040000 1 ip4 01020304", NULL },
		/* v4-mapped in one of them */
		{ "00000000000000000000ffff01020304", "ip4 01020304",
		  "ip6 0 ffff01020304 ip4 01020304" },
		/* neighbours of them */
		{ "00000000000000000000fffe01020304", "ip6 0 fffe01020304", NULL },
		{ "0000000000000000ffff000001020304", "ip6 0 ffff000001020304", NULL },
		{ "00000000000000010000ffff01020304", "ip6 1 ffff01020304", NULL },
		{ "20030102030400000000000000000001", "ip6 2003010203040000 1", NULL },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *without =
			rows[i].without_ip4 != NULL ? rows[i].without_ip4 : rows[i].with_ip4;
		ck_assert_str_eq(decode6(nibbles(rows[i].address), 0, true), rows[i].with_ip4);
		ck_assert_str_eq(decode6(nibbles(rows[i].address), 0, false), without);
	}
	/* A name that is no address has none of it. */
	ck_assert_str_eq(decode6("", 0, true), "");
	ck_assert_str_eq(decode6("www", 0, true), "");
	ck_assert_str_eq(decode6("10.0.0.2", 0, true), "ip4 0200000a");
}
END_TEST

START_TEST(test_ip6_ranges)
{
	char name[64];

	for (unsigned count = 1; count <= 31; count++) {
		char expected[100];
		const char *address = "20010db8765432100123456789abcdef";
		uint64_t high = UINT64_C(0x20010db876543210);
		uint64_t low = UINT64_C(0x0123456789abcdef);
		/* the last labels of the whole name are the first nibbles */
		strcpy(name, nibbles(address) + 2 * (size_t)(32 - count));
		if (count < 16)
			high &= ~(UINT64_MAX >> (4 * count));
		low = count <= 16 ? 0 : low & ~(UINT64_MAX >> (4 * count - 64));
		(void)snprintf(expected, sizeof(expected), "below %" PRIx64 " %" PRIx64 "/%u", high,
			       low, 4 * count);
		/* 1, 2 and 4 digits may be octets, too: 1.0.0.2 is 2.0.0.1 */
		const char *got = decode6(name, 0, true);
		MUST(strncmp(got, expected, strlen(expected)) == 0, "%u: %s instead of %s", count,
		     got, expected);
		/* the same below a subzone or a key: labels that are no nibbles, next to the apex */
		strcat(strcpy(name, nibbles(address) + 2 * (size_t)(32 - count)),
		       count < 31 ? ".x" : "");
		if (count < 31)
			MUST(strncmp(decode6(name, 1, true), expected, strlen(expected)) == 0,
			     "%u nibbles below a subzone", count);
	}
	ck_assert_str_eq(decode6("g.0.0.2", 0, true), "");
	ck_assert_str_eq(decode6("00.0.2", 0, true), "");
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_ip4, test_ip6, test_ip4_ranges, test_ip6_addresses, test_ip6_ranges,
	};

	return run_tests("question", tests, COUNT_OF(tests));
}
