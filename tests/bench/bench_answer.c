/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Measures answer_batch, which is all that spurnd does between receiving and sending, on lists of
 * addresses and of names: for what is listed and what is not, and for the names above them, with
 * empty non-terminals as RFC 8020 wants them and as rbldnsd has them. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../unit/answer_zones.h"

#define ENTRIES 100000
#define QUERIES (ANSWER_BATCH_MAX * 200)
/* Of each batch the best round counts, so that others who use the machine do not. */
#define ROUNDS 25

static uint64_t random_state = 1;

static uint64_t random_64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Lists have one entry in each of some areas: a /24, a /64 or a domain. `levels` is how many labels
 * a name has below the zone; names with one less are those of areas. */

static void ip4_entry(char *text, uint64_t area)
{
	sprintf(text, "%u.%u.%u.1\n", (unsigned)(1 + area % 220), (unsigned)(area >> 8 & 255),
		(unsigned)(area >> 16 & 255));
}

static void ip4_name(char *text, uint64_t area, bool is_whole)
{
	sprintf(text, "%s%u.%u.%u.ip4.test", is_whole ? "1." : "", (unsigned)(area >> 16 & 255),
		(unsigned)(area >> 8 & 255), (unsigned)(1 + area % 220));
}

static void ip6_entry(char *text, uint64_t area)
{
	sprintf(text, "2a%02x:%x:%x:%x:0:0:0:1\n", (unsigned)(area & 255),
		(unsigned)(area >> 8 & 0xffff), (unsigned)(area >> 24 & 0xffff),
		(unsigned)(area >> 40 & 0xffff));
}

static void ip6_name(char *text, uint64_t area, bool is_whole)
{
	uint64_t high = (uint64_t)0x2a << 56 | (area & 255) << 48 | (area >> 8 & 0xffff) << 32 |
			(area >> 24 & 0xffff) << 16 | (area >> 40 & 0xffff);

	text += sprintf(text, "%s", is_whole ? "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0." : "");
	for (unsigned i = 0; i < 16; i++, high >>= 4)
		text += sprintf(text, "%x.", (unsigned)(high & 15));
	strcpy(text, "ip6.test");
}

static void dns_entry(char *text, uint64_t area)
{
	sprintf(text, "www.d%u.%s\n", (unsigned)(area >> 8 & 0xffffff), area & 1 ? "com" : "org");
}

static void dns_name(char *text, uint64_t area, bool is_whole)
{
	sprintf(text, "%sd%u.%s.names.test", is_whole ? "www." : "",
		(unsigned)(area >> 8 & 0xffffff), area & 1 ? "com" : "org");
}

static const struct {
	const char *zone;
	const char *type;
	void (*entry)(char *text, uint64_t area);
	void (*name)(char *text, uint64_t area, bool is_whole);
} kinds[] = {
	{ "ip4.test", "ip4set", ip4_entry, ip4_name },
	{ "ip6.test", "ip6trie", ip6_entry, ip6_name },
	{ "names.test", "dnset", dns_entry, dns_name },
};

static const struct {
	const char *what;
	bool is_listed; /* something in the area is */
	bool is_whole;
} subjects[] = {
	{ "listed", true, true },
	{ "not listed", false, true },
	{ "above what is listed", true, false },
	{ "above what is not", false, false },
};

static uint64_t areas[COUNT_OF(kinds)][ENTRIES];
static uint8_t queries[QUERIES][ZONES_QUERY_MAX];
static size_t sizes[QUERIES];

static void begin(fixture_t *fixture, bool ent_is_nxdomain)
{
	catalog_options_t options = catalog_default_options;
	catalog_load_report_t report;

	options.ent_is_nxdomain = ent_is_nxdomain;
	log_set_level(LOG_LEVEL_ERROR);
	fixture_begin(fixture, &options);
	for (size_t k = 0; k < COUNT_OF(kinds); k++) {
		char *text = malloc(ENTRIES * 64);
		size_t size = (size_t)sprintf(text, "$SOA 1h ns.test a.ns.test 1 1h 1h 1w 1h\n");

		for (size_t i = 0; i < ENTRIES; i++) {
			kinds[k].entry(text + size, areas[k][i]);
			size += strlen(text + size);
		}
		fixture_write(fixture, kinds[k].type, text);
		free(text);
		fixture_zone(fixture, kinds[k].zone, kinds[k].type, kinds[k].type);
	}
	fixture_open(fixture);
	fixture_require(fixture_load(fixture, &report) == ERR_OK, "not loaded");
	for (size_t k = 0; k < COUNT_OF(kinds); k++)
		fixture_remove(fixture, kinds[k].type);
}

static void make_queries(size_t kind, size_t subject)
{
	for (size_t i = 0; i < QUERIES; i++) {
		uint64_t area = random_64();
		char name[DNS_NAME_MAX + 1];

		if (subjects[subject].is_listed)
			area = areas[kind][area % ENTRIES];
		kinds[kind].name(name, area, subjects[subject].is_whole);
		sizes[i] = zones_query(queries[i], name, DNS_TYPE_A, DNS_CLASS_IN, DNS_FLAG_RD, 0);
	}
}

/* Nanoseconds that a batch takes. */
static double time_batch(fixture_t *fixture, size_t first)
{
	static uint8_t replies[ANSWER_BATCH_MAX][ANSWER_UDP_MAX];
	const answer_time_t now = { 0 };
	answer_packet_t packets[ANSWER_BATCH_MAX];

	for (size_t i = 0; i < ANSWER_BATCH_MAX; i++)
		packets[i] = (answer_packet_t){
			.query = queries[first + i],
			.query_size = sizes[first + i],
			.reply = replies[i],
			.reply_room = ANSWER_UDP_MAX,
		};
	double start = now_ns();
	answer_batch(fixture->context, catalog_read_begin(fixture->catalog), &now, packets,
		     ANSWER_BATCH_MAX);
	catalog_read_end(fixture->catalog);
	return now_ns() - start;
}

/* Nanoseconds for an answer of each of two catalogs, which take turns. */
static void measure(fixture_t fixtures[2], double answer_ns[2])
{
	static double best[2][QUERIES];

	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned f = 0; f < 2; f++)
			for (size_t i = 0; i < QUERIES; i += ANSWER_BATCH_MAX) {
				double ns = time_batch(&fixtures[f], i);

				if (round == 0 || ns < best[f][i])
					best[f][i] = ns;
			}
	for (unsigned f = 0; f < 2; f++) {
		answer_ns[f] = 0;
		for (size_t i = 0; i < QUERIES; i += ANSWER_BATCH_MAX)
			answer_ns[f] += best[f][i] / QUERIES;
	}
}

int main(void)
{
	fixture_t fixtures[2];

	for (size_t k = 0; k < COUNT_OF(kinds); k++)
		for (size_t i = 0; i < ENTRIES; i++)
			areas[k][i] = random_64();
	begin(&fixtures[0], false);
	begin(&fixtures[1], true);
	catalog_reader_register();
	printf("| time for an answer | `nodata` | `nxdomain` | ratio |\n| --- | --- | --- | --- "
	       "|\n");
	for (size_t k = 0; k < COUNT_OF(kinds); k++)
		for (size_t s = 0; s < COUNT_OF(subjects); s++) {
			double ns[2];

			make_queries(k, s);
			measure(fixtures, ns);
			printf("| %s, %s | %.0f ns | %.0f ns | %.2f |\n", kinds[k].type,
			       subjects[s].what, ns[0], ns[1], ns[0] / ns[1]);
		}
	catalog_reader_unregister();
	fixture_end(&fixtures[0]);
	fixture_end(&fixtures[1]);
	return 0;
}
