/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_ANSWER_ZONES_H
#define SPURN_TESTS_UNIT_ANSWER_ZONES_H

#include "base/cursor.h"
#include "base/log.h"
#include "catalog_fixture.h"
#include "dns/dns.h"

/* The zones that the tests of answers ask, and queries for them:
 *
 *     bl.test         a list, with SOA, name servers and glue, and names beside it
 *     n.e.bl.test     another list inside of it, with neither SOA nor NS
 *     ns.test         32 name servers whose names hardly compress
 *     absent.test     its file is missing
 */

static const char zones_list[] = "$SOA 1h ns1.bl.test hostmaster.bl.test 7 1h 15m 7d 10m\n"
				 "$NS 1d ns1.bl.test ns.other.test\n"
				 "$TTL 5m\n"
				 ":127.0.0.2:Listed $\n"
				 "127.0.0.2\n"
				 "10.1.1.1 :5:five\n"
				 "10.1.1.1 :6:six\n"
				 "192.0.2.0/24 :9:\n"
				 "!192.0.2.7\n";
static const char zones_names[] = "@ 100 A 127.0.0.1\n"
				  "ns1 50 A 192.0.2.53\n"
				  "www 60 A 192.0.2.80\n"
				  "a.b 60 TXT \"\"\n"
				  "mx 60 MX 10 mail.bl.test\n"
				  /* what the list has, too */
				  "1.1.1.10 200 A 127.0.0.5\n";
static const char zones_nested[] = ":4:any\n0/0\n!198.51.100.0/24\n";

/* ENTRIES_MAX names: cN has N A records. */
#define ZONES_MANY 80

static inline void zones_write_many(const fixture_t *fixture)
{
	static char text[100000];
	size_t size = 0;

	for (int i = 1; i <= ZONES_MANY; i++)
		for (int j = 0; j < i; j++)
			size += (size_t)snprintf(text + size, sizeof(text) - size,
						 "c%02d A 10.0.%d.%d\n", i, i, j);
	fixture_write(fixture, "many", text);
}

/* 32 name servers of 98 labels, each with 8 addresses: more glue than can be encoded. */
static inline void zones_write_servers(const fixture_t *fixture)
{
	static char text[100000];
	size_t size = (size_t)snprintf(text, sizeof(text), "$NS 1d");
	char labels[200] = "";

	for (int i = 0; i < 96; i++)
		memcpy(labels + (size_t)(2 * i), "x.", 3);
	for (int i = 0; i < 32; i++)
		size += (size_t)snprintf(text + size, sizeof(text) - size, " %ss%02d.ns.test",
					 labels, i);
	for (int i = 0; i < 32 * 8; i++)
		size += (size_t)snprintf(text + size, sizeof(text) - size, "\n%ss%02d A 10.0.0.%d",
					 labels, i / 8, i);
	fixture_require(size + 1 < sizeof(text), "text too long");
	memcpy(text + size, "\n", 2);
	fixture_write(fixture, "servers", text);
}

static const char *const zones_files[] = { "list", "names", "nested", "many", "servers" };

/* A catalog with all zones, not yet loaded. */
static inline void zones_begin(fixture_t *fixture, const catalog_options_t *options)
{
	log_set_level(LOG_LEVEL_ERROR);
	fixture_begin(fixture, options);
	fixture_write(fixture, "list", zones_list);
	fixture_write(fixture, "names", zones_names);
	fixture_write(fixture, "nested", zones_nested);
	zones_write_many(fixture);
	zones_write_servers(fixture);
	fixture_zone(fixture, "BL.test", "ip4set", "list");
	fixture_zone(fixture, "bl.test.", "generic", "names");
	fixture_zone(fixture, "bl.test", "generic", "many");
	fixture_zone(fixture, "n.e.bl.test", "ip4trie", "nested");
	fixture_zone(fixture, "ns.test", "generic", "servers");
	fixture_zone(fixture, "absent.test", "ip4tset", "absent");
	fixture_open(fixture);
}

static inline void zones_load(fixture_t *fixture)
{
	catalog_load_report_t report;

	fixture_require(fixture_load(fixture, &report) == ERR_LOAD, "not one is absent");
	fixture_require(report.datasets == 6 && report.loaded == 5 && report.failed == 1,
			"not loaded");
}

static inline void zones_end(fixture_t *fixture)
{
	for (size_t i = 0; i < COUNT_OF(zones_files); i++)
		fixture_remove(fixture, zones_files[i]);
	fixture_end(fixture);
}

#define ZONES_QUERY_MAX 300

/* Writes a query for a name of labels with dots between ("" is the root), with EDNS unless
 * `edns_size` is 0. Returns its size. */
static inline size_t zones_query(uint8_t query[ZONES_QUERY_MAX], const char *name, unsigned type,
				 unsigned class, unsigned flags, unsigned edns_size)
{
	writer_t out = { .data = query, .size = ZONES_QUERY_MAX };

	writer_u16(&out, 0x1234);
	writer_u16(&out, (uint16_t)flags);
	writer_u16(&out, 1);
	writer_u32(&out, 0);
	writer_u16(&out, edns_size > 0);
	while (*name != '\0') {
		size_t size = strcspn(name, ".");

		writer_u8(&out, (uint8_t)size);
		writer_bytes(&out, name, size);
		name += size + (name[size] == '.');
	}
	writer_u8(&out, 0);
	writer_u16(&out, (uint16_t)type);
	writer_u16(&out, (uint16_t) class);
	if (edns_size > 0) {
		writer_bytes(&out, "\0\0\x29", 3);
		writer_u16(&out, (uint16_t)edns_size);
		writer_bytes(&out, "\0\0\0\0\0\0", 6);
	}
	fixture_require(!out.overrun, "query too long");
	return out.position;
}

#endif
