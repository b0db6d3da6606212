/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What is counted where: by the number of a zone, also when the plan changes, and with room for zones
 * that never come, which costs nothing. */

#include "test.h"

#include <sys/mman.h>
#include <unistd.h>

#include "catalog_fixture.h"
#include "net/query_records.h"

static fixture_t fixture;

static void begin(void)
{
	fixture_begin(&fixture, &catalog_default_options);
	fixture_zone(&fixture, "a.test", "ip4set", "a");
	fixture_zone(&fixture, "b.test", "ip4set", "a");
	fixture_open(&fixture);
}

/* Counts a reply of `size` bytes about the zone. */
static void count(query_records_t *records, uint32_t zone, size_t size)
{
	const net_address_t client = { .ip4 = { .sin_family = AF_INET } };
	const answer_packet_t packet = { .query_size = 1, .reply_size = size, .zone = zone };

	query_records_add(records, 0, &client, &packet);
}

START_TEST(test_numbers)
{
	begin();
	query_records_t *records = query_records_new(fixture.catalog, NULL);
	size_t room = catalog_zone_room(fixture.catalog);
	query_counts_t *sums = calloc(1 + room, sizeof(*sums));

	ck_assert_uint_eq(room, CATALOG_ZONES_MAX);
	count(records, 0, 10);
	count(records, 1, 20);
	count(records, (uint32_t)room - 1, 30);
	/* none, and for want of room */
	count(records, ANSWER_NO_ZONE, 40);
	count(records, (uint32_t)room, 50);
	query_records_drop(records, 7);
	query_records_sum_queries(records, room, sums);
	ck_assert_uint_eq(sums[0].bytes_out, 90);
	ck_assert_uint_eq(sums[0].dropped, 1);
	ck_assert_uint_eq(sums[1].bytes_out, 10);
	ck_assert_uint_eq(sums[2].bytes_out, 20);
	ck_assert_uint_eq(sums[room].bytes_out, 30);
	/* Sums are added up, of as many as are asked for. */
	query_records_sum_queries(records, 1, sums);
	ck_assert_uint_eq(sums[0].bytes_out, 180);
	ck_assert_uint_eq(sums[1].bytes_out, 20);
	ck_assert_uint_eq(sums[2].bytes_out, 20);
	free(sums);
	query_records_free(records);
	query_records_free(NULL);
	fixture_end(&fixture);
}
END_TEST

/* How many pages of the counters there are in memory. */
static size_t resident(const query_records_t *records)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t pages = ((1 + records->zone_room) * sizeof(records->queries[0]) + page - 1) / page;
	unsigned char *in_core = calloc(pages, 1);
	size_t found = 0;

	ck_assert_int_eq(mincore(records->queries, pages * page, in_core), 0);
	for (size_t i = 0; i < pages; i++)
		found += in_core[i] & 1;
	free(in_core);
	return found;
}

START_TEST(test_room_costs_nothing)
{
	begin();
	query_records_t *records = query_records_new(fixture.catalog, NULL);
	query_counts_t sums[3] = { 0 };

	ck_assert_uint_eq(resident(records), 0);
	count(records, 0, 10);
	count(records, 1, 10);
	count(records, ANSWER_NO_ZONE, 10);
	query_records_sum_queries(records, 2, sums);
	ck_assert_uint_eq(resident(records), 1);
	query_records_free(records);
	fixture_end(&fixture);
}
END_TEST

/* More zones than there would be room for later. */
START_TEST(test_many_zones)
{
	char name[30];

	fixture_begin(&fixture, &catalog_default_options);
	for (unsigned i = 0; i <= CATALOG_ZONES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "z%u.test", i);
		fixture_zone(&fixture, name, "ip4set", "a");
	}
	fixture_open(&fixture);
	ck_assert_uint_eq(catalog_zone_room(fixture.catalog), CATALOG_ZONES_MAX + 1);
	ck_assert_uint_eq(catalog_zone_numbers(fixture.catalog), CATALOG_ZONES_MAX + 1);
	query_records_t *records = query_records_new(fixture.catalog, NULL);
	count(records, CATALOG_ZONES_MAX, 5);
	ck_assert_uint_eq(atomic_load(&records->queries[1 + CATALOG_ZONES_MAX].bytes_out), 5);
	query_records_free(records);
	fixture_end(&fixture);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_numbers, test_room_costs_nothing, test_many_zones };

	return run_tests("query_records", tests, COUNT_OF(tests));
}
