/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What limits do to replies: for which clients, which replies, and what is told of it. The clock is
 * the test's own. */

#include "catalog/limits.h"

#include "base/log.h"
#include "catalog_fixture.h"
#include "test.h"

static fixture_t fixture;
static limits_options_t options;
static limits_t *limits;
static uint64_t now_ms;

static rate_t rate_of(const char *text)
{
	const char *why;
	rate_t rate;

	MUST(rate_parse(text, strlen(text), &rate, &why) == ERR_OK, "%s: %s", text, why);
	return rate;
}

/* A server of bl.test (192.0.2.1 is listed), and of keys.test, the same with the keys `keys`. */
static void begin(const char *keys)
{
	catalog_options_t catalog = catalog_default_options;
	catalog_load_report_t report;

	MUST(limits_new(&options, &limits) == ERR_OK, "no limits");
	catalog.limits = limits;
	fixture_begin(&fixture, &catalog);
	fixture_write(&fixture, "list", "192.0.2.1 :2:listed\n");
	fixture_write(&fixture, "keys", keys);
	fixture_zone(&fixture, "bl.test", "ip4set", "list");
	fixture_zone(&fixture, "keys.test", "ip4set", "list");
	fixture_zone(&fixture, "keys.test", "aclkey", "keys");
	fixture_zone(&fixture, "more.test", "ip4set", "list");
	fixture_zone(&fixture, "more.test", "aclkey", "keys");
	fixture_open(&fixture);
	MUST(fixture_load(&fixture, &report) == ERR_OK, "not loaded");
	now_ms = 1000000;
}

static void end(void)
{
	fixture_remove(&fixture, "list");
	fixture_remove(&fixture, "keys");
	fixture_end(&fixture);
	limits_free(limits);
	networks_clear(&options.exempt);
	options = limits_default_options;
}

/* The last reply. */
static struct {
	answer_packet_t packet;
	uint8_t query[300];
	uint8_t reply[ANSWER_UDP_MAX];
} last;

/* Asks for the A record of `name` from `client`. Returns what became of it: "+" data or a negative
 * reply, "t" truncated, "-" nothing, "r" refused. */
static char ask(const char *name, ip6_address_t client, answer_transport_t transport)
{
	static const uint8_t head[] = { 0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
	static const uint8_t tail[] = { 0, 1, 0, 1 };
	const answer_time_t now = { .wall_s = 1, .steady_ms = now_ms };
	size_t size = sizeof(head);

	memcpy(last.query, head, sizeof(head));
	while (*name != '\0') {
		size_t label = strcspn(name, ".");

		last.query[size++] = (uint8_t)label;
		memcpy(last.query + size, name, label);
		size += label;
		name += label + (name[label] == '.');
	}
	last.query[size++] = 0;
	memcpy(last.query + size, tail, sizeof(tail));
	size += sizeof(tail);
	last.packet = (answer_packet_t){
		.query = last.query,
		.query_size = size,
		.client = client,
		.transport = transport,
		.reply = last.reply,
		.reply_room = sizeof(last.reply),
	};
	catalog_reader_register();
	answer_batch(fixture.context, catalog_read_begin(fixture.catalog), &now, &last.packet, 1);
	catalog_read_end(fixture.catalog);
	catalog_reader_unregister();
	if (last.packet.reply_size == 0)
		return '-';
	if ((last.reply[2] & 2) != 0) {
		/* as long as the question, and nothing else */
		MUST(last.packet.reply_size == size && last.packet.rcode == 0, "a truncated reply");
		return 't';
	}
	return last.packet.rcode == DNS_RCODE_REFUSED ? 'r' : '+';
}

#define LISTED "1.2.0.192.bl.test"

/* What becomes of `count` questions for a listed name, one sign for each. */
static const char *ask_often(ip6_address_t client, unsigned count)
{
	static char signs[100];

	for (unsigned i = 0; i < count; i++)
		signs[i] = ask(LISTED, client, ANSWER_UDP);
	signs[count] = '\0';
	return signs;
}

static ip6_address_t ip4(uint32_t address)
{
	return ip6_from_ip4(address);
}

static ip6_address_t ip6(uint64_t high, uint64_t low)
{
	return (ip6_address_t){ high, low };
}

START_TEST(test_no_limits)
{
	begin(":pass\n");
	for (unsigned i = 0; i < 1000; i++)
		MUST(ask(LISTED, ip4(1), ANSWER_UDP) == '+', "limited without a limit");
	ck_assert_int_eq(last.packet.limited, ANSWER_NOT_LIMITED);
	end();
}
END_TEST

START_TEST(test_prefixes)
{
	options.rate = rate_of("2:3");
	begin(":pass\n");
	ck_assert_str_eq(ask_often(ip4(0xc0000201), 7), "+++-t-t");
	/* the same /24, and those beside it */
	ck_assert_str_eq(ask_often(ip4(0xc00002ff), 2), "-t");
	ck_assert_str_eq(ask_often(ip4(0xc0000300), 4), "+++-");
	ck_assert_str_eq(ask_often(ip4(0xc00001ff), 4), "+++t");
	/* the same /56, and those beside it */
	ck_assert_str_eq(ask_often(ip6(0x20010db800000100, 1), 4), "+++-");
	ck_assert_str_eq(ask_often(ip6(0x20010db8000001ff, 7), 1), "t");
	ck_assert_str_eq(ask_often(ip6(0x20010db800000200, 1), 3), "+++");
	ck_assert_str_eq(ask_often(ip6(0x20010db8000000ff, 1), 3), "+++");
	/* two in a second */
	now_ms += 499;
	ck_assert_str_eq(ask_often(ip4(0xc0000201), 1), "-");
	now_ms += 1;
	ck_assert_str_eq(ask_often(ip4(0xc0000201), 2), "+t");
	now_ms += 1000;
	ck_assert_str_eq(ask_often(ip4(0xc0000201), 3), "++-");
	end();
}
END_TEST

START_TEST(test_lengths)
{
	options.rate = rate_of("1");
	options.slip = 0;
	options.ip4_length = 32;
	options.ip6_length = 64;
	begin(":pass\n");
	ck_assert_str_eq(ask_often(ip4(0xc0000201), 5), "+----");
	ck_assert_str_eq(ask_often(ip4(0xc0000202), 2), "+-");
	ck_assert_str_eq(ask_often(ip6(0x20010db800000101, 1), 2), "+-");
	ck_assert_str_eq(ask_often(ip6(0x20010db800000101, 2), 1), "-");
	ck_assert_str_eq(ask_often(ip6(0x20010db800000102, 1), 2), "+-");
	end();
}
END_TEST

START_TEST(test_slip)
{
	static const struct {
		unsigned slip;
		const char *signs;
	} rows[] = {
		{ 0, "+--------" }, { 1, "+tttttttt" }, { 2, "+-t-t-t-t" }, { 3, "+--t--t--" }
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		options.rate = rate_of("1");
		options.slip = rows[i].slip;
		begin(":pass\n");
		ck_assert_str_eq(ask_often(ip4(0x01020304), 9), rows[i].signs);
		end();
	}
	/* An error comes as it is. */
	options.rate = rate_of("1");
	options.slip = 1;
	begin(":pass\n");
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(ask("elsewhere.test", ip4(7), ANSWER_UDP), 'r');
	ck_assert_int_eq(last.packet.limited, ANSWER_TRUNCATED);
	end();
}
END_TEST

START_TEST(test_exempt)
{
	const char *why;

	options.rate = rate_of("1");
	MUST(networks_add(&options.exempt, "127/8,2001:db8::/32", &why) == ERR_OK, "%s", why);
	begin(":pass\n");
	ck_assert_str_eq(ask_often(ip4(0x7f000001), 6), "++++++");
	ck_assert_str_eq(ask_often(ip6(0x20010db812345678, 1), 6), "++++++");
	ck_assert_str_eq(ask_often(ip6(0x20010db912345678, 1), 3), "+-t");
	ck_assert_str_eq(ask_often(ip4(0x80000001), 3), "+-t");
	/* over TCP nobody is limited, nor counted */
	for (unsigned i = 0; i < 5; i++) {
		ck_assert_int_eq(ask(LISTED, ip4(0x80000001), ANSWER_TCP), '+');
		ck_assert_int_eq(ask(LISTED, ip4(0x80000101), ANSWER_TCP), '+');
	}
	ck_assert_str_eq(ask_often(ip4(0x80000101), 1), "+");
	end();
}
END_TEST

#define KEYS                                                                                       \
	":refuse\ndefault :pass\nlisted :9:\nnone :refuse\n$QUOTA 3/h\nthree :pass\nother :pass\n" \
	"$QUOTA none\nfree :pass\n$QUOTA default # again\nlast :pass\n"

static const char *ask_key(const char *key, const char *zone, unsigned count)
{
	static char signs[100];
	char name[100];

	snprintf(name, sizeof(name), "1.2.0.192.%s%s%s", key, key[0] != '\0' ? "." : "", zone);
	for (unsigned i = 0; i < count; i++)
		signs[i] = ask(name, ip4(i), i % 2 == 0 ? ANSWER_TCP : ANSWER_UDP);
	signs[count] = '\0';
	return signs;
}

START_TEST(test_quotas)
{
	options.key_quota = rate_of("1/h:5");
	begin(KEYS);
	ck_assert_str_eq(ask_key("default", "keys.test", 7), "+++++rr");
	ck_assert_int_eq(last.packet.limited, ANSWER_OVER_QUOTA);
	ck_assert_str_eq(ask_key("last", "keys.test", 6), "+++++r");
	ck_assert_str_eq(ask_key("listed", "keys.test", 6), "+++++r");
	ck_assert_str_eq(ask_key("three", "keys.test", 4), "+++r");
	ck_assert_str_eq(ask_key("free", "keys.test", 50),
			 "++++++++++++++++++++++++++++++++++++++++++++++++++");
	/* two zones with the same file, one quota; letter case means nothing */
	ck_assert_str_eq(ask_key("oTHer", "keys.test", 2), "++");
	ck_assert_str_eq(ask_key("Other", "more.test", 2), "+r");
	/* no key at all, and one that is refused anyway */
	ck_assert_str_eq(ask_key("", "bl.test", 10), "++++++++++");
	ck_assert_str_eq(ask_key("none", "keys.test", 10), "rrrrrrrrrr");
	ck_assert_int_eq(last.packet.limited, ANSWER_NOT_LIMITED);
	now_ms += 3600000 / 3;
	ck_assert_str_eq(ask_key("three", "keys.test", 2), "+r");
	end();
}
END_TEST

/* A reload lets nobody start anew, and a new quota holds at once. */
START_TEST(test_reload)
{
	catalog_load_report_t report;

	begin("$QUOTA 3/h\nthree :pass\n");
	ck_assert_str_eq(ask_key("three", "keys.test", 4), "+++r");
	fixture_write(&fixture, "keys", ":pass\n# longer\n$QUOTA 3/h\nthree :pass\n");
	MUST(fixture_load(&fixture, &report) == ERR_OK && report.loaded == 1, "no reload");
	ck_assert_str_eq(ask_key("three", "keys.test", 2), "rr");
	fixture_write(&fixture, "keys", "$QUOTA 3/h:5\nthree :pass\n");
	MUST(fixture_load(&fixture, &report) == ERR_OK && report.loaded == 1, "no reload");
	ck_assert_str_eq(ask_key("three", "keys.test", 3), "++r");
	end();
}
END_TEST

/* What gets no reply for want of the prefix's rate does not count for the key. */
START_TEST(test_prefix_before_key)
{
	options.rate = rate_of("1/h:4");
	options.slip = 0;
	begin("$QUOTA 6/h\nkey :pass\n");
	for (unsigned i = 0; i < 10; i++)
		ck_assert_int_eq(ask("1.2.0.192.key.keys.test", ip4(0x01020304), ANSWER_UDP),
				 i < 4 ? '+' : '-');
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(ask("1.2.0.192.key.keys.test", ip4(0x02020304), ANSWER_UDP),
				 i < 2 ? '+' : 'r');
	ck_assert_int_eq(ask("1.2.0.192.key.keys.test", ip4(0x02020304), ANSWER_UDP), '-');
	end();
}
END_TEST

START_TEST(test_told)
{
	char text[LIMITS_TEXT_MAX];
	unsigned found = 0;

	options.rate = rate_of("1/h");
	begin("$QUOTA 1/h\ndotted\\key :pass\n");
	ck_assert_uint_eq(limits_tell_prefixes(limits, text), 0);
	ck_assert_str_eq(text, "");
	(void)ask_often(ip4(0xc0000207), 50);
	ck_assert_uint_eq(limits_tell_prefixes(limits, text), 1);
	ck_assert_str_eq(text, "192.0.2.0/24");
	ck_assert_uint_eq(limits_tell_prefixes(limits, text), 0);
	(void)ask_often(ip6(0x20010db8000000ff, 9), 50);
	ck_assert_uint_eq(limits_tell_prefixes(limits, text), 1);
	ck_assert_str_eq(text, "2001:db8::/56");
	/* More than there are places for: some of them, each once. */
	for (uint32_t i = 0; i < 1000; i++)
		(void)ask_often(ip4(0x0a000000 + i * 256), 3);
	ck_assert_uint_eq(limits_tell_prefixes(limits, text), NOTICE_BOARD_PLACES);
	for (const char *at = text; (at = strstr(at, ".0/24")) != NULL; at++)
		found++;
	ck_assert_uint_eq(found, NOTICE_BOARD_PLACES);
	ck_assert_uint_eq(limits_tell_keys(limits, text), 0);
	(void)ask_key("dotted\\key", "keys.test", 4);
	ck_assert_uint_eq(limits_tell_keys(limits, text), 1);
	ck_assert_str_eq(text, "dotted\\\\key");
	/* Sweeping forgets nobody whose time is not over. */
	limits_sweep(limits, now_ms);
	ck_assert_int_ne(ask(LISTED, ip4(0xc0000207), ANSWER_UDP), '+');
	end();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_no_limits, test_prefixes, test_lengths,           test_slip, test_exempt,
		test_quotas,    test_reload,   test_prefix_before_key, test_told,
	};

	options = limits_default_options;
	log_set_level(LOG_LEVEL_ERROR);
	return run_tests("limits", tests, COUNT_OF(tests));
}
