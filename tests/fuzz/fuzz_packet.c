/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Any bytes as a packet: no crash, and what comes back is a whole reply to that query, no longer
 * than it may be. The entry point is libFuzzer's; replay.c calls it for files. */

#include <stdint.h>

#include "../unit/catalog_fixture.h"
#include "../unit/message.h"
#include "base/log.h"

static const char ip4set[] = "$SOA 1h ns1.bl.test hostmaster.bl.test 7 1h 15m 7d 10m\n"
			     "$NS 1d ns1.bl.test ns2.BL.test ns.deep.er.bl.test a.ns.other.test\n"
			     ":127.0.0.2:Listed: $ and once more $\n"
			     "127.0.0.2\n10.0.0.0/8\n!10.1.0.0/16\n"
			     "10.2.3.4 :4:one\n10.2.3.4 :5:two\n10.2.3.4 :6:\n";
static const char ip4trie[] = "$SOA 1h ns.deep.er.bl.test h.bl.test 7 1h 15m 7d 10m\n"
			      "0/0 :9:all of $\n192.0.2.0/25 :3\n!192.0.2.64/26\n";

/* Names with more records than fit 512 and 1232 bytes. */
static void write_generic(const fixture_t *fixture)
{
	char text[8000] = "@ A 192.0.2.1\nns1 A 192.0.2.53\nns1 50 A 192.0.2.54\nns2 A 192.0.2.55\n"
			  "a.b.c TXT deep\nmx MX 10 mail.bl.test\nmx MX 20 .\nempty TXT \"\"\n";
	size_t size = strlen(text);

	for (int i = 0; i < 100; i++)
		size += (size_t)snprintf(text + size, sizeof(text) - size,
					 "many A 10.0.0.%d\n%s A 10.0.1.%d\n", i,
					 i < 40 ? "some" : "many", i);
	fixture_write(fixture, "generic", text);
}

/* Loads the zones, once. The files are not needed any more then. */
static fixture_t *load(void)
{
	static fixture_t fixture;
	catalog_load_report_t report;

	log_set_level(LOG_LEVEL_ERROR);
	fixture_begin(&fixture, &catalog_default_options);
	fixture_write(&fixture, "ip4set", ip4set);
	fixture_write(&fixture, "ip4trie", ip4trie);
	write_generic(&fixture);
	fixture_zone(&fixture, "bl.test", "ip4set", "ip4set");
	fixture_zone(&fixture, "bl.test", "generic", "generic");
	fixture_zone(&fixture, "deep.er.bl.test", "ip4trie", "ip4trie");
	fixture_zone(&fixture, "missing.test", "ip4tset", "missing");
	fixture_require(catalog_open(fixture.catalog) == ERR_OK, "not opened");
	fixture_require(catalog_load(fixture.catalog, &report) == ERR_LOAD, "not one is missing");
	fixture_require(report.loaded == 3 && report.failed == 1, "not loaded");
	fixture_remove(&fixture, "ip4set");
	fixture_remove(&fixture, "ip4trie");
	fixture_remove(&fixture, "generic");
	(void)rmdir(fixture.directory);
	return &fixture;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static fixture_t *fixture;
	uint8_t reply[ANSWER_UDP_MAX];
	answer_packet_t packet = { .query = data, .query_size = size, .reply = reply };
	message_t message;

	if (fixture == NULL)
		fixture = load();
	fixture_answer(fixture, &packet, 1);
	if (packet.reply_size == 0)
		return 0;
	const char *error = message_check_reply(&message, data, size, reply, packet.reply_size);
	fixture_require(error == NULL, error);
	return 0;
}
