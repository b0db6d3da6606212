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
#include "list_kinds.h"
#include "measure.h"

#define ENTRIES 100000
#define QUERIES (ANSWER_BATCH_MAX * 200)
/* Of each batch the best round counts, so that others who use the machine do not. */
#define ROUNDS 25

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

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

static uint64_t areas[LIST_KINDS][ENTRIES];
static uint8_t queries[QUERIES][ZONES_QUERY_MAX];
static size_t sizes[QUERIES];

static void begin(fixture_t *fixture, bool ent_is_nxdomain)
{
	catalog_options_t options = catalog_default_options;
	catalog_load_report_t report;

	options.ent_is_nxdomain = ent_is_nxdomain;
	log_set_level(LOG_LEVEL_ERROR);
	fixture_begin(fixture, &options);
	for (size_t k = 0; k < LIST_KINDS; k++) {
		char *text = malloc(ENTRIES * LIST_LINE_MAX);
		size_t size = (size_t)sprintf(text, "$SOA 1h ns.test a.ns.test 1 1h 1h 1w 1h\n");

		for (size_t i = 0; i < ENTRIES; i++) {
			list_kinds[k].entry(text + size, areas[k][i]);
			size += strlen(text + size);
		}
		fixture_write(fixture, list_kinds[k].type, text);
		free(text);
		fixture_zone(fixture, list_kinds[k].zone, list_kinds[k].type, list_kinds[k].type);
	}
	fixture_open(fixture);
	fixture_require(fixture_load(fixture, &report) == ERR_OK, "not loaded");
	for (size_t k = 0; k < LIST_KINDS; k++)
		fixture_remove(fixture, list_kinds[k].type);
}

static void make_queries(size_t kind, size_t subject)
{
	for (size_t i = 0; i < QUERIES; i++) {
		uint64_t area = measure_random();
		char name[DNS_NAME_MAX + 1];

		if (subjects[subject].is_listed)
			area = areas[kind][area % ENTRIES];
		list_kinds[kind].name(name, area, subjects[subject].is_whole);
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

	for (size_t k = 0; k < LIST_KINDS; k++)
		for (size_t i = 0; i < ENTRIES; i++)
			areas[k][i] = measure_random();
	begin(&fixtures[0], false);
	begin(&fixtures[1], true);
	catalog_reader_register();
	printf("| time for an answer | `nodata` | `nxdomain` | ratio |\n| --- | --- | --- | --- "
	       "|\n");
	for (size_t k = 0; k < LIST_KINDS; k++)
		for (size_t s = 0; s < COUNT_OF(subjects); s++) {
			double ns[2];

			make_queries(k, s);
			measure(fixtures, ns);
			printf("| %s, %s | %.0f ns | %.0f ns | %.2f |\n", list_kinds[k].type,
			       subjects[s].what, ns[0], ns[1], ns[0] / ns[1]);
		}
	catalog_reader_unregister();
	fixture_end(&fixtures[0]);
	fixture_end(&fixtures[1]);
	return 0;
}
