/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* acl: what a file says of a client. What becomes of the client's queries then is in test_catalog.c. */

#include "test.h"

#include "acl_fixture.h"

/* Rows of what clients get, after a file has been loaded. */
typedef struct client_row {
	const char *client;
	const char *verdict; /* as acl_text has it */
} client_row_t;

static void must_be(const dataset_t *acl, const client_row_t *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *got =
			acl_text(acl_lookup(acl, acl_address(rows[i].client)), rows[i].client);
		MUST(strcmp(got, rows[i].verdict) == 0, "%s: %s instead of %s", rows[i].client, got,
		     rows[i].verdict);
	}
}

START_TEST(test_prefixes)
{
	static const char text[] = "127.0.0.1 :refuse\n"
				   "10/8 :empty\n10.1/16 :pass\n10.1.2.3 :refuse\n"
				   "10.1.2.3 :ignore\n" /* the first counts */
				   "2001:db8::/32 :refuse\n2001:db8:1:2 :pass\n"
				   "2001:db8:1:2::5 =blackhole\n"
				   "::1 :empty\n"
				   /* the same as IPv4 */
				   "::ffff:7f00:2 :empty\n127.0.0.2 :refuse\n"
				   "::ffff:c000:200/120 :refuse\n";
	static const client_row_t rows[] = {
		{ "127.0.0.1", "refuse" },
		{ "127.0.0.2", "empty" },
		{ "127.0.0.3", "pass" },
		{ "192.0.2.255", "refuse" },
		{ "192.0.3.0", "pass" },
		{ "10.0.0.1", "empty" },
		{ "10.255.255.255", "empty" },
		{ "11.0.0.0", "pass" },
		{ "9.255.255.255", "pass" },
		{ "10.1.0.0", "pass" },
		{ "10.1.2.3", "refuse" },
		{ "10.1.2.4", "pass" },
		{ "::1", "empty" },
		{ "::", "pass" },
		/* no v4-mapped address is an IPv4 one by its last 32 bits only */
		{ "::127.0.0.1", "pass" },
		{ "64:ff9b::127.0.0.1", "pass" },
		{ "2002:7f00:1::", "pass" },
		{ "2001:db8::1", "refuse" },
		{ "2001:db7:ffff::", "pass" },
		{ "2001:db9::", "pass" },
		{ "2001:db8:1:2::4", "pass" },
		{ "2001:db8:1:2::5", "ignore" },
		{ "2001:db8:1:3::", "refuse" },
	};
	dataset_t *acl = load_text("acl", text);

	must_be(acl, rows, COUNT_OF(rows));
	dataset_free(acl);
}
END_TEST

START_TEST(test_everybody)
{
	static const client_row_t rows[] = {
		{ "0.0.0.0", "refuse" }, { "255.255.255.255", "refuse" }, { "::", "empty" },
		{ "ffff::", "empty" },   { "127.0.0.1", "pass" },
	};
	dataset_t *acl = load_text("acl", "::/0 :empty\n::ffff:0:0/96 :refuse\n127.0.0.1 :pass\n");

	must_be(acl, rows, COUNT_OF(rows));
	dataset_free(acl);
	acl = load_text("acl", "");
	ck_assert_str_eq(acl_text(acl_lookup(acl, acl_address("::1")), ""), "pass");
	ck_assert_str_eq(acl_text(acl_lookup(acl, acl_address("127.0.0.1")), ""), "pass");
	dataset_free(acl);
}
END_TEST

/* One line for 1.2.3.4 behind a beginning of the file; "pass" is also what a skipped line makes. */
START_TEST(test_values)
{
	static const struct {
		const char *before;
		const char *value; /* what follows 1.2.3.4 */
		const char *verdict;
	} rows[] = {
		/* words */
		{ "", " :ignore", "ignore" },
		{ "", " :blackhole", "ignore" },
		{ "", " :refuse", "refuse" },
		{ "", " :empty", "empty" },
		{ "", " =refuse", "refuse" },
		{ "", ":refuse", "refuse" },
		{ "", "=empty", "pass" }, /* as rbldnsd reads it: no address */
		{ "", "\t:ReFuSe", "refuse" },
		{ "", " :refuse:", "refuse" },
		{ "", " :refuse: x", "refuse" },
		{ "", " :refuse x", "refuse" },
		{ "", " :refuse#x", "refuse" },
		{ "", " :refuse;x", "refuse" },
		{ "", "/32:refuse", "refuse" },
		/* none of them: skipped */
		{ "", " :refused", "pass" },
		{ "", " :refus", "pass" },
		{ "", " : refuse", "pass" },
		{ "", " :", "pass" },
		{ "", " =", "pass" },
		{ "", " =3:x", "pass" },
		{ "", " =bogus", "pass" },
		{ "", " :0:", "pass" },
		{ "", " :256:", "pass" },
		/* listed */
		{ "", " refuse", "127.0.0.2 'refuse' ttl 2100" },
		{ "", " text", "127.0.0.2 'text' ttl 2100" },
		{ "", " :8", "127.0.0.8 ttl 2100" },
		{ "", " :8:", "127.0.0.8 ttl 2100" },
		{ "", " :8:you are $", "127.0.0.8 'you are 1.2.3.4' ttl 2100" },
		{ "", " :1.2.3.4:", "1.2.3.4 ttl 2100" },
		/* nothing: what the default line says, or that there is none */
		{ "", "", "ignore" },
		{ "", " # comment", "ignore" },
		{ "", "#comment", "ignore" },
		{ ":refuse\n", "", "refuse" },
		{ "=refuse\n", "", "refuse" },
		{ ":PASS:\n", "", "pass" },
		{ ":empty # comment\n", "", "empty" },
		{ ":7:seven\n", "", "127.0.0.7 'seven' ttl 2100" },
		{ ":7\n", "", "127.0.0.7 ttl 2100" },
		/* the last one before the line, and only valid ones */
		{ ":refuse\n:empty\n", "", "empty" },
		{ ":refuse\n:bogus\n=bogus\n:\n=\n:0:x\n", "", "refuse" },
		{ ":7:seven\n:empty\n", "", "empty" },
		{ ":empty\n:7:seven\n", "", "127.0.0.7 'seven' ttl 2100" },
		/* A or TXT alone take the other of the default line */
		{ ":7:seven\n", " :8", "127.0.0.8 'seven' ttl 2100" },
		{ ":7:seven\n", " text", "127.0.0.7 'text' ttl 2100" },
		{ ":7:seven\n:8\n", "", "127.0.0.8 'seven' ttl 2100" },
		/* which has none after a word: rbldnsd dies of these four */
		{ ":refuse\n", " :8", "127.0.0.8 ttl 2100" },
		{ ":refuse\n", " text", "127.0.0.2 'text' ttl 2100" },
		{ ":pass\n:8\n", "", "127.0.0.8 ttl 2100" },
		{ ":7:seven\n:ignore\n:8\n", " text", "127.0.0.8 'text' ttl 2100" },
		/* specials */
		{ "$TTL 60\n", " :8", "127.0.0.8 ttl 60" },
		{ "$1 one\n", " :8:$1 $$", "127.0.0.8 'one $' ttl 2100" },
		{ "$= <$=>\n", " :8:x", "127.0.0.8 '<x>' ttl 2100" },
		{ "$SOA 0 a.b c.d 1 1 1 1 1\n$NS 0 a.b\n", " :8", "127.0.0.8 ttl 2100" },
	};
	char text[200];

	log_set_level(LOG_LEVEL_ERROR);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		(void)snprintf(text, sizeof(text), "%s1.2.3.4%s\n", rows[i].before, rows[i].value);
		dataset_t *acl = load_text("acl", text);
		const char *got = acl_text(acl_lookup(acl, acl_address("1.2.3.4")), "1.2.3.4");
		MUST(strcmp(got, rows[i].verdict) == 0, "%s: %s instead of %s", text, got,
		     rows[i].verdict);
		ck_assert_ptr_null(acl->specials.soa);
		ck_assert_ptr_null(acl->specials.ns);
		dataset_free(acl);
	}
}
END_TEST

/* Lines that are no entries; the ones around them count. */
START_TEST(test_bad_lines)
{
	static const char *const lines[] = {
		"1.2.3.4.5 :refuse",  "1.2.3.256 :refuse", "!1.2.3.4 :refuse", "1.2.3.4/33 :refuse",
		"1.2.3.5/24 :refuse", "120 :refuse",       "refuse",           "1.2.3.4- :refuse",
		"1.2.3.4=refuse",     "::g :refuse",       "1::2:::3 :refuse", "2001:db8::/129",
		"2001:db8::1/64",     "1.2.3.4-1.2.3.9",   "$MAXRANGE4 x",     "\xff\xfe",
	};
	char text[200];

	log_set_level(LOG_LEVEL_ERROR);
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		(void)snprintf(text, sizeof(text), "127.0.0.1 :empty\n%s\n::1 :refuse\n", lines[i]);
		dataset_t *acl = load_text("acl", text);
		MUST(acl->entries == 2, "%s counts", lines[i]);
		ck_assert_int_eq(acl_lookup(acl, acl_address("127.0.0.1")).action, ACL_EMPTY);
		ck_assert_int_eq(acl_lookup(acl, acl_address("::1")).action, ACL_REFUSE);
		ck_assert_int_eq(acl_lookup(acl, acl_address("1.2.3.4")).action, ACL_PASS);
		dataset_free(acl);
	}
}
END_TEST

/* A default line is that of its file; entries of all files are one list. */
START_TEST(test_files)
{
	static const char *const texts[] = {
		":refuse\n127.0.0.1\n:9:nine\n",
		"127.0.0.2\n127.0.0.1 :empty\n127.0.0.4 :8\n",
		":empty\n127.0.0.3\n",
	};
	static const client_row_t rows[] = {
		{ "127.0.0.1", "refuse" },
		{ "127.0.0.2", "ignore" },
		{ "127.0.0.3", "empty" },
		{ "127.0.0.4", "127.0.0.8 ttl 2100" },
	};
	dataset_t *acl = load_texts("acl", texts, COUNT_OF(texts), &default_settings);

	must_be(acl, rows, COUNT_OF(rows));
	dataset_free(acl);
}
END_TEST

/* Random prefixes of both families, beside asking each of them in turn. */
START_TEST(test_random)
{
	enum { LINES = 300, QUESTIONS = 3000 };
	static const char *const words[] = { "pass", "empty", "refuse", "ignore" };
	struct {
		ip6_address_t address;
		unsigned length; /* of the address as IPv6, IPv4 v4-mapped */
		unsigned word;
	} lines[LINES];
	static char text[LINES * 80];
	size_t size = 0;

	random_start(1);
	for (unsigned i = 0; i < LINES; i++) {
		bool is_ip4 = random_below(2) == 0;
		unsigned length = is_ip4 ? 96 + random_below(33) : random_below(129);
		ip6_address_t address = { UINT64_C(0x2001) << 48, random_below(8) };
		if (is_ip4)
			address = ip6_from_ip4(0x7f000000u | random_below(32));
		lines[i].address = ip6_first(address, length);
		lines[i].length = length;
		lines[i].word = random_below(COUNT_OF(words));
		char name[INET6_ADDRSTRLEN];
		acl_print(lines[i].address, name);
		size += (size_t)snprintf(text + size, sizeof(text) - size, "%s/%u :%s\n", name,
					 is_ip4 ? length - 96 : length, words[lines[i].word]);
	}
	dataset_t *acl = load_text("acl", text);
	for (unsigned i = 0; i < QUESTIONS; i++) {
		ip6_address_t client =
			random_below(2) == 0
				? ip6_from_ip4(0x7f000000u | random_below(40))
				: (ip6_address_t){ UINT64_C(0x2001) << 48, random_below(10) };
		const char *word = "pass";
		unsigned longest = 0;
		for (unsigned j = 0; j < LINES; j++) {
			bool is_in =
				ip6_is_equal(ip6_first(client, lines[j].length), lines[j].address);
			/* IPv6 prefixes around ::ffff:0:0/96 are not those of IPv4 clients. */
			if (is_in && ip6_is_mapped(client) != ip6_is_mapped(lines[j].address))
				is_in = false;
			if (!is_in || lines[j].length + 1 <= longest)
				continue;
			longest = lines[j].length + 1;
			word = words[lines[j].word];
		}
		const char *got = acl_text(acl_lookup(acl, client), "");
		MUST(strcmp(got, word) == 0, "question %u: %s instead of %s", i, got, word);
	}
	dataset_free(acl);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_prefixes,  test_everybody, test_values,
				 test_bad_lines, test_files,     test_random };

	return run_tests("acl", tests, COUNT_OF(tests));
}
