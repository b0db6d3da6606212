/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Which zone a query is for, and the names between zones, against a naive model that compares all
 * names as text. SPURN_SEED=n repeats a run. */

#include <strings.h>

#include "test.h"

#include "base/cursor.h"
#include "catalog/generation.h"
#include "dns/name.h"

#define ZONES_MAX 60

/* A zone set as text, absolute, without final dots. */
typedef struct zones {
	char names[ZONES_MAX][300];
	size_t count;
} zones_t;

static zones_t zones;

/* A query for `name`, "" for the root. */
static dns_query_t query_for(const char *name)
{
	uint8_t packet[512] = { [5] = 1 };
	dns_query_t query;
	size_t size;

	if (name[0] == '\0')
		name = ".";
	ck_assert_int_eq(dns_name_from_text(name, strlen(name), packet + DNS_HEADER_SIZE, &size),
			 ERR_OK);
	put_u16(packet + DNS_HEADER_SIZE + size, DNS_TYPE_A);
	put_u16(packet + DNS_HEADER_SIZE + size + 2, DNS_CLASS_IN);
	ck_assert_int_eq(dns_query_parse(packet, DNS_HEADER_SIZE + size + 4, &query), DNS_PARSE_OK);
	return query;
}

/* A generation with the zones, none of which has data. */
static generation_t *build(void)
{
	generation_t *generation = generation_new(&catalog_default_options, zones.count);

	ck_assert_ptr_nonnull(generation);
	for (size_t i = 0; i < zones.count; i++) {
		zone_t *zone = &generation->zones[i];
		dns_query_t query = query_for(zones.names[i]);
		memcpy(zone->apex, query.qname, query.qname_size);
		zone->apex_size = query.qname_size;
		zone->label_count = query.label_count;
	}
	ck_assert_int_eq(generation_index(generation), ERR_OK);
	return generation;
}

/* Is `name` the same as `parent` or below it, by whole labels? */
static bool is_in(const char *name, const char *parent)
{
	size_t size = strlen(name);
	size_t parent_size = strlen(parent);

	return size >= parent_size && strcasecmp(name + size - parent_size, parent) == 0 &&
	       (size == parent_size || name[size - parent_size - 1] == '.');
}

/* Index of the zone with the longest name that `name` is in; zones.count: none. */
static size_t model_find(const char *name)
{
	size_t found = zones.count;

	for (size_t i = 0; i < zones.count; i++)
		if (is_in(name, zones.names[i]) &&
		    (found == zones.count || strlen(zones.names[i]) > strlen(zones.names[found])))
			found = i;
	return found;
}

/* Is `name`, no zone itself, above a zone? */
static bool model_is_ent(const char *name)
{
	bool is_above = false;

	for (size_t i = 0; i < zones.count; i++) {
		if (strcasecmp(zones.names[i], name) == 0)
			return false;
		is_above = is_above || is_in(zones.names[i], name);
	}
	return is_above;
}

static void check(const generation_t *generation, const char *name)
{
	dns_query_t query = query_for(name);
	const zone_t *zone = generation_find_zone(generation, &query);
	size_t expected = model_find(name);

	MUST(zone == (expected == zones.count ? NULL : &generation->zones[expected]),
	     "%s: zone %td instead of %zu", name, zone == NULL ? -1 : zone - generation->zones,
	     expected);
	if (zone != NULL)
		MUST(zone_is_ent(zone, query.qname, query.qname_size) == model_is_ent(name),
		     "%s is %san empty non-terminal", name, model_is_ent(name) ? "" : "not ");
}

static void set_zones(const char *const *names)
{
	for (zones.count = 0; names[zones.count] != NULL; zones.count++)
		strcpy(zones.names[zones.count], names[zones.count]);
}

START_TEST(test_table)
{
	static const char *const names[] = { "bl.test", "deep.er.bl.test",
					     "test2",   "a.b.c.d.e",
					     "e",       NULL };
	static const char *const asked[] = {
		"",
		"test",
		"bl.test",
		"BL.TEST",
		"x.bl.test",
		"xbl.test",
		"bl.test.x",
		"er.bl.test",
		"er.bl.Test",
		"deep.er.bl.test",
		"x.er.bl.test",
		"x.deep.er.bl.test",
		"xdeep.er.bl.test",
		"test2",
		"x.test2",
		"atest2",
		"b.c.d.e",
		"c.d.e",
		"d.e",
		"a.b.c.d.e",
		"x.a.b.c.d.e",
		"b.b.c.d.e",
		"bl\\.test",
		"x.bl\\.test",
		"e",
	};

	set_zones(names);
	generation_t *generation = build();
	for (size_t i = 0; i < COUNT_OF(asked); i++)
		check(generation, asked[i]);
	generation_free(generation);
	/* No zones at all. */
	zones.count = 0;
	generation = build();
	check(generation, "");
	check(generation, "bl.test");
	generation_free(generation);
	generation_free(NULL);
}
END_TEST

/* The longest names that there are. */
START_TEST(test_long)
{
	char name[300] = "";

	for (unsigned i = 0; i < 127; i++)
		strcat(name, i == 0 ? "a" : ".a");
	zones.count = 3;
	strcpy(zones.names[0], name);
	strcpy(zones.names[1], name + 2);
	strcpy(zones.names[2], "a.a");
	generation_t *generation = build();
	for (size_t i = 0; i < strlen(name); i += 2)
		check(generation, name + i);
	generation_free(generation);
}
END_TEST

static void random_name(char name[300], unsigned max_depth)
{
	static const char *const labels[] = { "a", "b", "bl", "A", "test", "aa" };
	unsigned depth = 1 + random_below(max_depth);

	name[0] = '\0';
	for (unsigned i = 0; i < depth; i++) {
		strcat(name, i == 0 ? "" : ".");
		strcat(name, labels[random_below(COUNT_OF(labels))]);
	}
}

START_TEST(test_random)
{
	char name[300];

	random_start(0);
	for (unsigned round = 0; round < 300; round++) {
		size_t count = random_below(ZONES_MAX);
		for (zones.count = 0; zones.count < count;) {
			bool is_new = true;
			random_name(zones.names[zones.count], 6);
			for (size_t i = 0; i < zones.count; i++)
				is_new = is_new &&
					 strcasecmp(zones.names[i], zones.names[zones.count]) != 0;
			zones.count += is_new;
		}
		generation_t *generation = build();
		for (unsigned i = 0; i < 300; i++) {
			random_name(name, 7);
			check(generation, name);
		}
		generation_free(generation);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_table, test_long, test_random };

	return run_tests("generation", tests, COUNT_OF(tests));
}
