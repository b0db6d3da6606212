/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Any bytes as a packet: no crash, and what comes back is a whole reply to that query, no longer
 * than it may be. The entry point is libFuzzer's; replay.c calls it for files. */

#include <stdint.h>

#include "../unit/catalog_fixture.h"
#include "../unit/message.h"
#include "base/log.h"
#include "catalog/limits.h"

static const char ip4set[] = "$SOA 1h ns1.bl.test hostmaster.bl.test 7 1h 15m 7d 10m\n"
			     "$NS 1d ns1.bl.test ns2.BL.test ns.deep.er.bl.test a.ns.other.test\n"
			     ":127.0.0.2:Listed: $ and once more $\n"
			     "127.0.0.2\n10.0.0.0/8\n!10.1.0.0/16\n"
			     "10.2.3.4 :4:one\n10.2.3.4 :5:two\n10.2.3.4 :6:\n";
static const char ip4trie[] = "$SOA 1h ns.deep.er.bl.test h.bl.test 7 1h 15m 7d 10m\n"
			      "0/0 :9:all of $\n192.0.2.0/25 :3\n!192.0.2.64/26\n";

static const char ip6trie[] = ":6:six $\n2001:db8::/32\n!2001:db8:1::/48\n::1\n2002::/16 :7\n";
static const char dnset[] = ":8:name $\nexample.com\n.a.test\n*.b.test :9\n!x.b.test\n"
			    "*.com :10:$\n\\000\\255.x\n";
static const char combined[] = "$DATASET ip4set a @\n0/1\n$DATASET ip6tset a b.a\n1:2:3:4\n"
			       "$DATASET dnset a\n*.x @ key=require\n$DATASET generic @\n@ A 1\n";
static const char acl[] = ":pass\n127.0.0.0/28 :ignore\n127.0.0.16/28 :refuse\n"
			  "127.0.0.32/28 :empty\n127.0.0.48/28 :5:you, $\n::/1 :refuse\n";
static const char aclkey[] = ":pass\nkey :pass\nrefused :refuse\nlisted :4:$\n"
			     "$QUOTA 1/d\nonce :pass\n";

/* Always the same, so that a corpus can have good cookies. The time is 1970. */
static const char secrets[] =
	"000102030405060708090a0b0c0d0e0f\nf0e0d0c0b0a090807060504030201000\n";

/* Names with more records than fit 512 and 1232 bytes. */
static void write_generic(const fixture_t *fixture)
{
	char text[8000] = "@ A 192.0.2.1\nns1 A 192.0.2.53\nns1 50 A 192.0.2.54\nns2 A 192.0.2.55\n"
			  "a.b.c TXT deep\nmx MX 10 mail.bl.test\nmx MX 20 .\nempty TXT \"\"\n";
	size_t size = strlen(text);

	/* A text of several strings, for UDP and for TCP. */
	size += (size_t)snprintf(text + size, sizeof(text) - size,
				 "long TXT %0600d\nlonger TXT %01800d\n", 1, 2);
	for (int i = 0; i < 100; i++)
		size += (size_t)snprintf(text + size, sizeof(text) - size,
					 "many A 10.0.0.%d\n%s A 10.0.1.%d\n", i,
					 i < 40 ? "some" : "many", i);
	fixture_write(fixture, "generic", text);
}

/* Clients from 127.0.0.240 on are at their limit, and the clock stands still. */
static limits_t *make_limits(void)
{
	static limits_options_t options;
	limits_t *limits;
	unsigned over = 0;
	const char *why;

	options = limits_default_options;
	options.slip = 1;
	options.ip4_length = 32;
	fixture_require(rate_parse("1/d", 3, &options.rate, &why) == ERR_OK &&
				networks_add(&options.exempt,
					     "127.0.0.0/25,127.0.0.128/26,127.0.0.192/27,"
					     "127.0.0.224/28",
					     &why) == ERR_OK &&
				limits_new(&options, &limits) == ERR_OK,
			"no limits");
	for (uint32_t i = 240; i < 256; i++)
		(void)!limits_ask_reply(limits, ip6_from_ip4(0x7f000000u | i), &over, 0);
	return limits;
}

/* Loads the zones, once. The files are not needed any more then. */
static fixture_t *load(void)
{
	static const struct {
		const char *name;
		const char *text;
	} files[] = {
		{ "ip4set", ip4set }, { "ip4trie", ip4trie },   { "ip6trie", ip6trie },
		{ "dnset", dnset },   { "combined", combined }, { "acl", acl },
		{ "aclkey", aclkey }, { "secrets", secrets },
	};
	static const struct {
		const char *zone;
		const char *type;
		const char *file;
	} zones[] = {
		{ "bl.test", "ip4set", "ip4set" },
		{ "bl.test", "generic", "generic" },
		{ "deep.er.bl.test", "ip4trie", "ip4trie" },
		{ "missing.test", "ip4tset", "missing" },
		{ "six.test", "ip6trie", "ip6trie" },
		{ "all.test", "ip4set", "ip4set" },
		{ "all.test", "ip6trie", "ip6trie" },
		{ "all.test", "dnset", "dnset" },
		{ "all.test", "combined", "combined" },
		{ "all.test", "acl", "acl" },
		{ "all.test", "aclkey", "aclkey" },
	};
	static fixture_t fixture;
	static fixture_path_t secrets_path;
	catalog_load_report_t report;

	log_set_level(LOG_LEVEL_ERROR);
	catalog_options_t options = catalog_default_options;
	options.entry_parameters = true;
	options.limits = make_limits();
	/* No longer: a reply without a question shall not be much longer than the query. */
	memcpy(options.nsid, "n", 2);
	fixture_begin(&fixture, &options);
	for (unsigned i = 0; i < COUNT_OF(files); i++)
		fixture_write(&fixture, files[i].name, files[i].text);
	write_generic(&fixture);
	for (unsigned i = 0; i < COUNT_OF(zones); i++)
		fixture_zone(&fixture, zones[i].zone, zones[i].type, zones[i].file);
	fixture_open(&fixture);
	fixture_require(fixture_load(&fixture, &report) == ERR_LOAD, "not one is missing");
	fixture_require(report.failed == 1, "not loaded");
	secrets_path = fixture_path(&fixture, "secrets");
	fixture_require(catalog_use_cookies(fixture.catalog, secrets_path.text, NULL) == ERR_OK,
			"no cookies");
	for (unsigned i = 0; i < COUNT_OF(files); i++)
		fixture_remove(&fixture, files[i].name);
	fixture_remove(&fixture, "generic");
	(void)rmdir(fixture.directory);
	return &fixture;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Asks over UDP and then over TCP. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static fixture_t *fixture;
	static uint8_t reply[ANSWER_TCP_MAX];
	/* The ID, which is echoed and means nothing, says who asks. */
	answer_packet_t packet = {
		.query = data,
		.query_size = size,
		.reply = reply,
		.reply_room = ANSWER_UDP_MAX,
		.client = ip6_from_ip4(0x7f000000u | (size > 0 ? data[0] : 0)),
		.keepalive_ds = 100,
	};
	message_t message;
	const char *error;

	if (fixture == NULL)
		fixture = load();
	fixture_answer(fixture, &packet, 1);
	if (packet.reply_size == 0)
		return 0;
	error = message_check_reply(&message, data, size, reply, packet.reply_size);
	fixture_require(error == NULL, error);
	packet.transport = ANSWER_TCP;
	packet.reply_room = ANSWER_TCP_MAX;
	fixture_answer(fixture, &packet, 1);
	fixture_require(packet.reply_size > 0, "answered over UDP and not over TCP");
	error = message_check_tcp_reply(&message, data, size, reply, packet.reply_size);
	fixture_require(error == NULL, error);
	return 0;
}
