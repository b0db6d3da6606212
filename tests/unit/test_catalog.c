/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The catalog: SERVFAIL until there are data, and that data once good are served until there are
 * better ones, to readers that never wait. */

#include "test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "answer_zones.h"

/* What a zone says to an A query: the last byte of the A record, or one of these. */
enum { SAYS_NXDOMAIN = -DNS_RCODE_NXDOMAIN, SAYS_SERVFAIL = -DNS_RCODE_SERVFAIL };

/* Nothing at all, and NOERROR without an answer. */
enum { SAYS_DROPPED = -100, SAYS_NODATA = -200 };

static int asked_by(const fixture_t *fixture, answer_context_t *context, const char *name,
		    ip6_address_t client, time_t now)
{
	uint8_t query[ZONES_QUERY_MAX];
	uint8_t reply[ANSWER_UDP_MAX];
	answer_packet_t packet = {
		.query = query, .client = client, .reply = reply, .reply_room = sizeof(reply)
	};
	answer_time_t time = { .wall_s = now };

	packet.query_size = zones_query(query, name, DNS_TYPE_A, DNS_CLASS_IN, 0, 0);
	answer_batch(context, catalog_read_begin(fixture->catalog), &time, &packet, 1);
	catalog_read_end(fixture->catalog);
	if (packet.reply_size < DNS_HEADER_SIZE || (reply[3] & 0xf) != 0)
		return packet.reply_size == 0 ? SAYS_DROPPED : -(reply[3] & 0xf);
	return reply[7] == 1 ? reply[packet.query_size + 15] : SAYS_NODATA - reply[7];
}

static int asked_of(const fixture_t *fixture, answer_context_t *context, const char *name)
{
	return asked_by(fixture, context, name, ip6_from_ip4(0x7f000001), 0);
}

static void must_say(fixture_t *fixture, const char *name, int expected)
{
	catalog_reader_register();
	int said = asked_of(fixture, fixture->context, name);
	catalog_reader_unregister();
	MUST(said == expected, "%s says %d, not %d", name, said, expected);
}

/* The same for the client 127.0.0.`client`. */
static void must_say_to(fixture_t *fixture, const char *name, unsigned client, int expected)
{
	catalog_reader_register();
	int said = asked_by(fixture, fixture->context, name, ip6_from_ip4(0x7f000000u | client), 0);
	catalog_reader_unregister();
	MUST(said == expected, "%s says %d to client %u, not %d", name, said, client, expected);
}

static void must_load(const fixture_t *fixture, size_t loaded, size_t failed)
{
	catalog_load_report_t report = { .datasets = 99, .loaded = 99, .failed = 99 };
	err_t err = fixture_load(fixture, &report);

	ck_assert_int_eq(err, failed > 0 ? ERR_LOAD : ERR_OK);
	ck_assert_uint_eq(report.datasets, catalog_plan(fixture->catalog)->dataset_count);
	ck_assert_uint_eq(report.loaded, loaded);
	ck_assert_uint_eq(report.failed, failed);
}

START_TEST(test_servfail_until_loaded)
{
	fixture_t fixture;

	fixture_begin(&fixture, &catalog_default_options);
	fixture_zone(&fixture, "a.test", "ip4set", "one");
	fixture_zone(&fixture, "b.test", "ip4set", "one"); /* shared */
	fixture_zone(&fixture, "c.test", "ip4set", "one");
	fixture_zone(&fixture, "c.test", "generic", "two");
	ck_assert_uint_eq(fixture.plan->dataset_count, 2);
	fixture_open(&fixture);
	must_say(&fixture, "2.0.0.127.a.test", SAYS_SERVFAIL);
	must_say(&fixture, "a.test", SAYS_SERVFAIL);
	must_say(&fixture, "d.test", -DNS_RCODE_REFUSED);
	/* no file is there, then one, then both */
	must_load(&fixture, 0, 2);
	must_say(&fixture, "2.0.0.127.a.test", SAYS_SERVFAIL);
	fixture_write(&fixture, "one", ":4:\n127.0.0.2\n");
	must_load(&fixture, 1, 1);
	must_say(&fixture, "2.0.0.127.a.test", 4);
	must_say(&fixture, "2.0.0.127.b.test", 4);
	must_say(&fixture, "2.0.0.127.c.test", SAYS_SERVFAIL); /* it could be half of the truth */
	fixture_write(&fixture, "two", "www A 192.0.2.9\n");
	must_load(&fixture, 1, 0);
	must_say(&fixture, "2.0.0.127.c.test", 4);
	must_say(&fixture, "www.c.test", 9);
	must_say(&fixture, "www.a.test", SAYS_NXDOMAIN);
	/* an empty file is a list without entries */
	fixture_write(&fixture, "one", "");
	must_load(&fixture, 1, 0);
	must_say(&fixture, "2.0.0.127.c.test", SAYS_NXDOMAIN);
	fixture_remove(&fixture, "one");
	fixture_remove(&fixture, "two");
	fixture_end(&fixture);
}
END_TEST

/* Whatever goes wrong with a reload, the last good data are served, and the next good ones taken. */
START_TEST(test_keep_last_good)
{
	static const char gzip[] = "\x1f\x8b\x08 cut short";
	fixture_t fixture;

	fixture_begin(&fixture, &catalog_default_options);
	fixture_zone(&fixture, "a.test", "ip4set", "a");
	fixture_zone(&fixture, "b.test", "ip4trie", "b");
	fixture_write(&fixture, "a", "127.0.0.2 :10:\n");
	fixture_write(&fixture, "b", "127.0.0.2 :20:\n");
	fixture_open(&fixture);
	must_load(&fixture, 2, 0);
	for (int round = 0; round < 4; round++) {
		fixture_path_t path = fixture_path(&fixture, "a");
		char text[40];

		/* nothing has changed */
		must_load(&fixture, 0, 0);
		/* a breaks, in a way of each round, while b changes */
		fixture_remove(&fixture, "a");
		if (round == 1)
			ck_assert_int_eq(mkdir(path.text, 0700), 0);
		else if (round == 2)
			ck_assert_int_eq(mkfifo(path.text, 0600), 0);
		else if (round == 3)
			fixture_write(&fixture, "a", gzip);
		snprintf(text, sizeof(text), "127.0.0.2 :%d:\n", 21 + round);
		fixture_write(&fixture, "b", text);
		must_load(&fixture, 1, 1);
		must_say(&fixture, "2.0.0.127.a.test", 10 + round);
		must_say(&fixture, "2.0.0.127.b.test", 21 + round);
		/* still broken, nothing else new */
		must_load(&fixture, 0, 1);
		must_say(&fixture, "2.0.0.127.a.test", 10 + round);
		must_say(&fixture, "2.0.0.127.b.test", 21 + round);
		/* mended */
		ck_assert(remove(path.text) == 0 || round == 0);
		snprintf(text, sizeof(text), "127.0.0.2 :%d:\n", 11 + round);
		fixture_write(&fixture, "a", text);
		must_load(&fixture, 1, 0);
		must_say(&fixture, "2.0.0.127.a.test", 11 + round);
	}
	fixture_remove(&fixture, "a");
	fixture_remove(&fixture, "b");
	fixture_end(&fixture);
}
END_TEST

/* What the ACL of all zones, that of one, and a key do together. A row for each pair of actions. */
START_TEST(test_acl_order)
{
	/* The client 127.0.0.N + 5 * M gets action N of all zones and M of this one. */
	static const char *const actions[] = { ":pass", ":%u:", ":empty", ":refuse", ":ignore" };
	enum { PASS, LIST, EMPTY, REFUSE, IGNORE, ACTIONS };
	char all[1000] = "";
	char one[1000] = "";
	fixture_t fixture;

	for (unsigned i = 0; i < ACTIONS * ACTIONS; i++) {
		char value[20];
		size_t size = strlen(all);
		(void)snprintf(value, sizeof(value), i % ACTIONS == LIST ? ":100:" : "%s",
			       actions[i % ACTIONS]);
		(void)snprintf(all + size, sizeof(all) - size, "127.0.0.%u %s\n", i, value);
		size = strlen(one);
		(void)snprintf(value, sizeof(value), i / ACTIONS == LIST ? ":101:" : "%s",
			       actions[i / ACTIONS]);
		(void)snprintf(one + size, sizeof(one) - size, "127.0.0.%u %s\n", i, value);
	}
	fixture_begin(&fixture, &catalog_default_options);
	fixture_zone(&fixture, "a.test", "ip4set", "a");
	fixture_zone(&fixture, "a.test", "ip4trie", "a"); /* its answers are the same: one record */
	fixture_zone(&fixture, "a.test", "acl", "one");
	fixture_zone(&fixture, "b.test", "generic", "b");
	fixture_zone(&fixture, "b.test", "acl", "one");
	fixture_zone(&fixture, "free.test", "ip4set", "a");
	fixture_zone(&fixture, "absent.test", "ip4set", "absent");
	fixture_zone(&fixture, "absent.test", "acl", "one");
	fixture_zone(&fixture, "", "acl", "all");
	fixture_write(&fixture, "a", "127.0.0.2 :10:\n");
	fixture_write(&fixture, "b", "www A 127.0.0.20\n");
	fixture_write(&fixture, "all", all);
	fixture_write(&fixture, "one", one);
	fixture_open(&fixture);
	must_load(&fixture, 5, 1);
	for (unsigned i = 0; i < ACTIONS * ACTIONS; i++) {
		unsigned of_all = i % ACTIONS;
		unsigned of_one = i / ACTIONS;
		unsigned most = of_all > of_one ? of_all : of_one;
		int listed = of_all == LIST ? 100 : of_one == LIST ? 101 : 10;
		bool is_hidden = most == EMPTY;
		int expected = most == IGNORE   ? SAYS_DROPPED
			       : most == REFUSE ? -DNS_RCODE_REFUSED
			       : is_hidden      ? SAYS_NXDOMAIN
						: listed;
		bool is_all = most == LIST;
		int refused = most >= REFUSE ? expected : 0;
		must_say_to(&fixture, "2.0.0.127.a.test", i, expected);
		must_say_to(&fixture, "9.9.9.9.a.test", i,
			    refused  ? refused
			    : is_all ? listed
				     : SAYS_NXDOMAIN);
		/* no address: what is below one is (RFC 8020) */
		must_say_to(&fixture, "x.a.test", i, refused ? refused : SAYS_NXDOMAIN);
		must_say_to(&fixture, "9.9.9.a.test", i,
			    refused  ? refused
			    : is_all ? SAYS_NODATA
				     : SAYS_NXDOMAIN);
		must_say_to(&fixture, "0.0.127.a.test", i,
			    refused     ? refused
			    : is_hidden ? SAYS_NXDOMAIN
					: SAYS_NODATA);
		must_say_to(&fixture, "a.test", i, refused ? refused : SAYS_NODATA);
		/* records are no listings */
		must_say_to(&fixture, "www.b.test", i, refused ? refused : 20);
		must_say_to(&fixture, "xxx.b.test", i, refused ? refused : SAYS_NXDOMAIN);
		/* not loaded comes before everything but silence */
		must_say_to(&fixture, "2.0.0.127.absent.test", i,
			    most == IGNORE ? SAYS_DROPPED : SAYS_SERVFAIL);
		/* the zone's ACL is of no other zone */
		must_say_to(&fixture, "nowhere.test", i,
			    of_all == IGNORE ? SAYS_DROPPED : -DNS_RCODE_REFUSED);
		must_say_to(&fixture, "2.0.0.127.free.test", i,
			    of_all == IGNORE   ? SAYS_DROPPED
			    : of_all == REFUSE ? -DNS_RCODE_REFUSED
			    : of_all == EMPTY  ? SAYS_NXDOMAIN
			    : of_all == LIST   ? 100
					       : 10);
	}
	fixture_remove(&fixture, "a");
	fixture_remove(&fixture, "b");
	fixture_remove(&fixture, "all");
	fixture_remove(&fixture, "one");
	fixture_end(&fixture);
}
END_TEST

/* A zone is not served before its ACLs are there; an ACL that breaks stays as it was. */
START_TEST(test_acl_fails_closed)
{
	static const char *const types[] = { "acl", "aclkey", "acl" };
	static const char *const zones[] = { "a.test", "a.test", "" };

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		bool is_key = i == 1;
		const char *name = is_key ? "2.0.0.127.key.a.test" : "2.0.0.127.a.test";
		fixture_t fixture;
		fixture_begin(&fixture, &catalog_default_options);
		fixture_zone(&fixture, "a.test", "ip4set", "a");
		fixture_zone(&fixture, zones[i], types[i], "acl");
		fixture_write(&fixture, "a", "127.0.0.2 :10:\n");
		fixture_open(&fixture);
		must_load(&fixture, 1, 1);
		must_say_to(&fixture, name, 1, SAYS_SERVFAIL);
		must_say_to(&fixture, "a.test", 1, SAYS_SERVFAIL);
		fixture_write(&fixture, "acl",
			      is_key ? ":refuse\nkey :empty\n"
				     : "127.0.0.1 :refuse\n127.0.0.2 :pass\n");
		must_load(&fixture, 1, 0);
		must_say_to(&fixture, name, 1, is_key ? SAYS_NXDOMAIN : -DNS_RCODE_REFUSED);
		if (!is_key)
			must_say_to(&fixture, name, 2, 10);
		/* gone, from the future, and in the way of a reload of the data */
		for (int round = 0; round < 2; round++) {
			fixture_remove(&fixture, "acl");
			if (round == 1)
				fixture_write(&fixture, "acl", "$TIMESTAMP 9999:01:01\n");
			fixture_write(&fixture, "a",
				      round == 0 ? "127.0.0.2 :11:x\n" : "127.0.0.2 :12:xy\n");
			must_load(&fixture, 1, 1);
			must_say_to(&fixture, name, 1, is_key ? SAYS_NXDOMAIN : -DNS_RCODE_REFUSED);
			if (!is_key)
				must_say_to(&fixture, name, 2, 11 + round);
		}
		/* one that has expired still holds: it is no list of what is bad */
		fixture_write(&fixture, "acl",
			      is_key ? "$TIMESTAMP 0 2020:01:01\n:empty\n"
				     : "$TIMESTAMP 0 2020:01:01\n127.0.0.1 :empty\n");
		must_load(&fixture, 1, 0);
		must_say_to(&fixture, name, 1, SAYS_NXDOMAIN);
		fixture_remove(&fixture, "a");
		fixture_remove(&fixture, "acl");
		fixture_end(&fixture);
	}
}
END_TEST

START_TEST(test_aclkey)
{
	fixture_t fixture;

	fixture_begin(&fixture, &catalog_default_options);
	fixture_zone(&fixture, "a.test", "ip4set", "a");
	fixture_zone(&fixture, "a.test", "generic", "names");
	fixture_zone(&fixture, "a.test", "aclkey", "keys");
	fixture_write(&fixture, "a", "127.0.0.2 :10:\n");
	fixture_write(&fixture, "names", "www A 127.0.0.20\nkey A 127.0.0.21\n");
	fixture_write(&fixture, "keys",
		      "key :pass\nlisted :100:\nempty :empty\n"
		      "refuse :refuse\nignore :ignore\n4 :pass\n:refuse\n");
	fixture_open(&fixture);
	must_load(&fixture, 3, 0);
	must_say(&fixture, "2.0.0.127.key.a.test", 10);
	must_say(&fixture, "2.0.0.127.KEY.a.test", 10);
	must_say(&fixture, "0.0.127.key.a.test", SAYS_NODATA);
	must_say(&fixture, "3.0.0.127.key.a.test", SAYS_NXDOMAIN);
	must_say(&fixture, "www.key.a.test", 20);
	must_say(&fixture, "2.0.0.127.key.key.a.test", SAYS_NXDOMAIN);
	must_say(&fixture, "3.0.0.127.listed.a.test", 100);
	must_say(&fixture, "2.0.0.127.empty.a.test", SAYS_NXDOMAIN);
	must_say(&fixture, "www.empty.a.test", 20);
	must_say(&fixture, "2.0.0.127.refuse.a.test", -DNS_RCODE_REFUSED);
	must_say(&fixture, "2.0.0.127.ignore.a.test", SAYS_DROPPED);
	/* no key, or none that is known */
	must_say(&fixture, "2.0.0.127.a.test", -DNS_RCODE_REFUSED);
	must_say(&fixture, "2.0.0.127.other.a.test", -DNS_RCODE_REFUSED);
	must_say(&fixture, "a.test", -DNS_RCODE_REFUSED);
	/* a key alone asks for nothing: it is above what the key opens, and that is all that is told */
	must_say(&fixture, "key.a.test", SAYS_NODATA);
	must_say(&fixture, "listed.a.test", SAYS_NODATA);
	must_say(&fixture, "refuse.a.test", -DNS_RCODE_REFUSED);
	must_say(&fixture, "ignore.a.test", -DNS_RCODE_REFUSED);
	/* a key may look like an octet */
	must_say(&fixture, "2.0.0.127.4.a.test", 10);
	/* with strangers let in, names are looked up as they are */
	fixture_write(&fixture, "keys", ":pass\nkey :pass\n");
	must_load(&fixture, 1, 0);
	must_say(&fixture, "2.0.0.127.a.test", 10);
	must_say(&fixture, "2.0.0.127.key.a.test", 10);
	must_say(&fixture, "2.0.0.127.other.a.test", SAYS_NXDOMAIN);
	must_say(&fixture, "key.a.test", 21);
	must_say(&fixture, "a.test", SAYS_NODATA);
	fixture_remove(&fixture, "a");
	fixture_remove(&fixture, "names");
	fixture_remove(&fixture, "keys");
	fixture_end(&fixture);
}
END_TEST

/* How many records are behind the answer in the reply to 127.0.0.1's query. */
static unsigned glue_count(fixture_t *fixture, const char *name)
{
	uint8_t query[ZONES_QUERY_MAX];
	uint8_t reply[ANSWER_UDP_MAX];
	answer_packet_t packet = { .query = query,
				   .client = ip6_from_ip4(0x7f000001),
				   .reply = reply,
				   .reply_room = sizeof(reply) };

	packet.query_size = zones_query(query, name, DNS_TYPE_A, DNS_CLASS_IN, 0, 0);
	fixture_answer(fixture, &packet, 1);
	return packet.reply_size < DNS_HEADER_SIZE ? 99 : get_u16(reply + 10);
}

/* Glue is made once for all clients, so no ACL may have a say in it. */
START_TEST(test_glue_has_no_acl)
{
	static const char *const acls[] = { "0/0 :refuse\n::/0 :refuse\n127.0.0.1 :pass\n",
					    "0/0 :9:\n::/0 :9:\n127.0.0.1 :pass\n",
					    "0/0 :ignore\n::/0 :ignore\n127.0.0.1 :pass\n" };
	static const char *const zones[] = { "", "a.test" };

	for (size_t i = 0; i < COUNT_OF(acls) * COUNT_OF(zones); i++) {
		fixture_t fixture;
		fixture_begin(&fixture, &catalog_default_options);
		fixture_zone(&fixture, "a.test", "generic", "a");
		fixture_zone(&fixture, zones[i % 2], "acl", "acl");
		fixture_write(&fixture, "a", "$NS 1d ns1.a.test\nns1 A 192.0.2.53\n");
		fixture_write(&fixture, "acl", acls[i / 2]);
		fixture_open(&fixture);
		must_load(&fixture, 2, 0);
		MUST(glue_count(&fixture, "ns1.a.test") == 1, "no glue behind %s", acls[i / 2]);
		fixture_remove(&fixture, "a");
		fixture_remove(&fixture, "acl");
		fixture_end(&fixture);
	}
	/* The name of a name server has no key. */
	fixture_t fixture;
	fixture_begin(&fixture, &catalog_default_options);
	fixture_zone(&fixture, "a.test", "generic", "a");
	fixture_zone(&fixture, "a.test", "aclkey", "keys");
	fixture_write(&fixture, "a", "$NS 1d ns1.a.test\nns1 A 192.0.2.53\n");
	fixture_write(&fixture, "keys", ":refuse\nkey :pass\n");
	fixture_open(&fixture);
	must_load(&fixture, 2, 0);
	ck_assert_uint_eq(glue_count(&fixture, "ns1.key.a.test"), 1);
	fixture_remove(&fixture, "a");
	fixture_remove(&fixture, "keys");
	fixture_end(&fixture);
}
END_TEST

/* A draining server says SERVFAIL to the apex SOA, and answers everything else byte for byte as it
 * did. */
START_TEST(test_drain)
{
	static const struct {
		const char *name;
		dns_type_t type;
		unsigned edns_size;
		bool is_other; /* while draining */
	} rows[] = {
		{ "a.test", DNS_TYPE_SOA, 0, true },
		{ "A.test", DNS_TYPE_SOA, 1232, true },
		{ "sub.a.test", DNS_TYPE_SOA, 0, true }, /* a zone of its own */
		{ "a.test", DNS_TYPE_A, 1232, false },
		{ "a.test", DNS_TYPE_NS, 0, false },
		{ "a.test", DNS_TYPE_ANY, 0, false },
		{ "2.0.0.127.a.test", DNS_TYPE_SOA, 0, false },
		{ "2.0.0.127.a.test", DNS_TYPE_A, 0, false },
		{ "3.0.0.127.a.test", DNS_TYPE_SOA, 0, false },
		{ "refused.test", DNS_TYPE_SOA, 1232, false },
		{ "ignored.test", DNS_TYPE_SOA, 0, false },
		{ "absent.test", DNS_TYPE_SOA, 0, false },
		{ "nowhere.test", DNS_TYPE_SOA, 0, false },
	};
	static const char *const files[] = { "a", "refuse", "ignore" };
	uint8_t query[COUNT_OF(rows)][ZONES_QUERY_MAX];
	static uint8_t replies[3][COUNT_OF(rows)][ANSWER_UDP_MAX];
	answer_packet_t packets[3][COUNT_OF(rows)] = { 0 };
	fixture_t fixture;

	fixture_begin(&fixture, &catalog_default_options);
	fixture_write(&fixture, "a", "$SOA 1h a.test a.test 7 1 1 1 60\n127.0.0.2 :4:\n");
	fixture_write(&fixture, "refuse", "127.0.0.1 :refuse\n");
	fixture_write(&fixture, "ignore", "127.0.0.1 :ignore\n");
	fixture_zone(&fixture, "a.test", "ip4set", "a");
	fixture_zone(&fixture, "sub.a.test", "ip4set", "a");
	fixture_zone(&fixture, "refused.test", "ip4set", "a");
	fixture_zone(&fixture, "refused.test", "acl", "refuse");
	fixture_zone(&fixture, "ignored.test", "ip4set", "a");
	fixture_zone(&fixture, "ignored.test", "acl", "ignore");
	fixture_zone(&fixture, "absent.test", "ip4set", "absent");
	fixture_open(&fixture);
	must_load(&fixture, 3, 1);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT_OF(rows); i++)
			packets[round][i] = (answer_packet_t){
				.query = query[i],
				.query_size = zones_query(query[i], rows[i].name, rows[i].type,
							  DNS_CLASS_IN, 0, rows[i].edns_size),
				.client = ip6_from_ip4(0x7f000001),
				.reply = replies[round][i],
				.reply_room = ANSWER_UDP_MAX,
			};
		catalog_drain(fixture.catalog, round == 1);
		/* it is not something that the next generation forgets */
		must_load(&fixture, 0, 1);
		fixture_answer(&fixture, packets[round], COUNT_OF(rows));
	}
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t size = packets[0][i].reply_size;
		bool is_same = size == packets[1][i].reply_size &&
			       memcmp(replies[0][i], replies[1][i], size) == 0;
		MUST(is_same != rows[i].is_other, "row %zu", i);
		MUST(size == packets[2][i].reply_size &&
			     memcmp(replies[0][i], replies[2][i], size) == 0,
		     "row %zu afterwards", i);
		if (!rows[i].is_other)
			continue;
		MUST(packets[0][i].rcode == DNS_RCODE_NOERROR, "row %zu before", i);
		MUST(packets[1][i].rcode == DNS_RCODE_SERVFAIL, "row %zu drained", i);
		MUST(rows[i].edns_size == 0 || memcmp(replies[1][i] + packets[1][i].reply_size - 14,
						      "\0\x0f\0\x0a\0\x0e"
						      "draining",
						      14) == 0,
		     "row %zu does not say why", i);
	}
	for (size_t i = 0; i < COUNT_OF(files); i++)
		fixture_remove(&fixture, files[i]);
	fixture_end(&fixture);
}
END_TEST

#define NEVER 0
/* 2100-01-01 12:00 UTC: what has expired when it comes would be held back. */
#define NOON 4102488000

/* A zone ends at the second that the first of its data sets does, and lives again with others. */
START_TEST(test_expiry)
{
	static const struct {
		const char *a;
		const char *b;
		time_t first_dead; /* NEVER: serves on */
	} rows[] = {
		{ "$TIMESTAMP 0 2100:01:01:12\n", "$TTL 5\n", NOON },
		{ "$TTL 60\n", "$TIMESTAMP 0 2100:01:01:12\n", NOON },
		{ "$TIMESTAMP 0 2100:01:02\n", "$TIMESTAMP 2020:01:01 +701292h\n", NOON },
		{ "$TIMESTAMP 0 2100:01:01:12:00:01\n", "$TIMESTAMP 0 2101:01:01\n", NOON + 1 },
		{ "$TIMESTAMP 2020:01:01\n", "$TIMESTAMP 0 -\n", NEVER },
	};
	fixture_t fixture;

	fixture_begin(&fixture, &catalog_default_options);
	fixture_zone(&fixture, "a.test", "ip4set", "a");
	fixture_zone(&fixture, "a.test", "combined", "b");
	fixture_zone(&fixture, "c.test", "ip4set", "c");
	fixture_write(&fixture, "c", "127.0.0.2\n");
	fixture_open(&fixture);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		static const int distances[] = { -86400, -1, 0, 1, 86400 };
		char text[100];
		(void)snprintf(text, sizeof(text), "%s127.0.0.2 :10:\n", rows[i].a);
		fixture_write(&fixture, "a", text);
		/* inside of a section it is the whole file's, too */
		(void)snprintf(text, sizeof(text), "$DATASET ip4set x\n%s127.0.0.2\n", rows[i].b);
		fixture_write(&fixture, "b", text);
		must_load(&fixture, i == 0 ? 3 : 2, 0);
		for (size_t j = 0; j < COUNT_OF(distances); j++) {
			time_t now = NOON + distances[j];
			bool is_dead = rows[i].first_dead != NEVER && now >= rows[i].first_dead;
			ip6_address_t client = { 0, 1 };
			catalog_reader_register();
			int of_a = asked_by(&fixture, fixture.context, "2.0.0.127.a.test", client,
					    now);
			int of_c = asked_by(&fixture, fixture.context, "2.0.0.127.c.test", client,
					    now);
			catalog_reader_unregister();
			MUST(of_a == (is_dead ? SAYS_SERVFAIL : 10), "row %zu, %+d: %d", i,
			     distances[j], of_a);
			ck_assert_int_eq(of_c, 2);
		}
	}
	fixture_remove(&fixture, "a");
	fixture_remove(&fixture, "b");
	fixture_remove(&fixture, "c");
	fixture_end(&fixture);
}
END_TEST

/* For whom everything is listed, each type lists what can be its key. */
START_TEST(test_always_listed)
{
	static const struct {
		const char *type;
		const char *text;
		int four;  /* what an IPv4 address is */
		int six;   /* an IPv6 address */
		int seven; /* seven nibbles of one */
		int name;
	} rows[] = {
		{ "ip4set", "", 9, SAYS_NXDOMAIN, SAYS_NXDOMAIN, SAYS_NXDOMAIN },
		{ "ip4trie", "", 9, 9, SAYS_NODATA, SAYS_NXDOMAIN }, /* with ip6_in_ip4trie */
		{ "ip6trie", "", SAYS_NODATA, 9, SAYS_NODATA, SAYS_NXDOMAIN },
		{ "ip6tset", "", SAYS_NODATA, 9, SAYS_NODATA, SAYS_NXDOMAIN },
		{ "dnset", "", 9, 9, 9, 9 },
		{ "generic", "", SAYS_NXDOMAIN, SAYS_NXDOMAIN, SAYS_NXDOMAIN, SAYS_NXDOMAIN },
		{ "combined", "$DATASET ip4set @\n$DATASET ip6trie @\n", 9, 9, SAYS_NODATA,
		  SAYS_NXDOMAIN },
		{ "combined", "$DATASET ip4set x\n", SAYS_NXDOMAIN, SAYS_NXDOMAIN, SAYS_NXDOMAIN,
		  SAYS_NXDOMAIN },
	};
	catalog_options_t options = catalog_default_options;

	options.ip6_in_ip4trie = true;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		fixture_t fixture;
		fixture_begin(&fixture, &options);
		fixture_zone(&fixture, "a.test", rows[i].type, "a");
		fixture_zone(&fixture, "a.test", "acl", "acl");
		fixture_write(&fixture, "a", rows[i].text);
		fixture_write(&fixture, "acl", "127.0.0.1 :9:\n");
		fixture_open(&fixture);
		must_load(&fixture, 2, 0);
		must_say(&fixture, "2.1.2.1.a.test", rows[i].four);
		must_say(&fixture,
			 "1.2.3.4.5.6.7.8.1.2.3.4.5.6.7.8.1.2.3.4.5.6.7.8.1.2.3.4.5.6.7.8."
			 "a.test",
			 rows[i].six);
		must_say(&fixture, "f.e.8.b.d.0.1.a.test", rows[i].seven);
		must_say(&fixture, "www.xyz.a.test", rows[i].name);
		fixture_remove(&fixture, "a");
		fixture_remove(&fixture, "acl");
		fixture_end(&fixture);
	}
}
END_TEST

/* Readers while the data change. */
#define READERS 2
#define RELOADS 60

typedef struct asker {
	const fixture_t *fixture;
	_Atomic(bool) *is_over;
	unsigned replies;
	int wrong; /* something that was never in the file; 0: none */
} asker_t;

static void *read_on(void *argument)
{
	asker_t *reader = argument;
	answer_context_t *context = answer_context_new();

	catalog_reader_register();
	while (!atomic_load(reader->is_over) || reader->replies == 0) {
		int said = asked_of(reader->fixture, context, "2.0.0.127.a.test");

		if (said != 1 && said != 2)
			reader->wrong = said;
		reader->replies++;
	}
	catalog_reader_unregister();
	answer_context_free(context);
	return NULL;
}

START_TEST(test_readers)
{
	static const char *const texts[] = { "127.0.0.2 :1:\n",
					     "127.0.0.2 :127.0.0.2:\n1.1.1.1\n" };
	_Atomic(bool) is_over = false;
	asker_t readers[READERS] = { 0 };
	pthread_t threads[READERS];
	fixture_t fixture;

	fixture_begin(&fixture, &catalog_default_options);
	fixture_zone(&fixture, "a.test", "ip4set", "a");
	fixture_write(&fixture, "a", texts[0]);
	fixture_open(&fixture);
	must_load(&fixture, 1, 0);
	for (int i = 0; i < READERS; i++) {
		readers[i].fixture = &fixture;
		readers[i].is_over = &is_over;
		ck_assert_int_eq(pthread_create(&threads[i], NULL, read_on, &readers[i]), 0);
	}
	for (int i = 0; i < RELOADS; i++) {
		fixture_write(&fixture, "a", texts[(i + 1) % 2]);
		must_load(&fixture, 1, 0);
	}
	atomic_store(&is_over, true);
	for (int i = 0; i < READERS; i++) {
		pthread_join(threads[i], NULL);
		MUST(readers[i].wrong == 0, "a reader saw %d", readers[i].wrong);
		ck_assert_uint_gt(readers[i].replies, 0);
	}
	fixture_remove(&fixture, "a");
	fixture_end(&fixture);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_servfail_until_loaded,
		test_keep_last_good,
		test_acl_order,
		test_acl_fails_closed,
		test_aclkey,
		test_glue_has_no_acl,
		test_expiry,
		test_always_listed,
		test_readers,
		test_drain,
	};

	log_set_level(LOG_LEVEL_ERROR);
	return run_tests("catalog", tests, COUNT_OF(tests));
}
