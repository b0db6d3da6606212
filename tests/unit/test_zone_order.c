/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The order in which zones are told of, against a model that looks through all of it. SPURN_SEED=n
 * repeats a run. */

#include "test.h"

#include "daemon/zone_order.h"
#include "dns/name.h"

#define ZONES_MAX 60

static plan_t *new_plan(void)
{
	plan_t *plan;

	ck_assert_int_eq(plan_new(&catalog_default_options, &plan), ERR_OK);
	return plan;
}

static void add(plan_t *plan, const char *zone)
{
	char spec[300];
	char why[100];

	(void)snprintf(spec, sizeof(spec), "%s:ip4set:f", zone);
	ck_assert_int_eq(plan_add(plan, spec, NULL, why, sizeof(why)), ERR_OK);
}

/* Is the zone `inner` inside of the zone `outer`, which is another one? */
static bool is_inside(const plan_zone_t *inner, const plan_zone_t *outer)
{
	for (const uint8_t *label = inner->apex; *label != 0; label += *label + 1) {
		size_t size = inner->apex_size - (size_t)(label - inner->apex);
		if (size == outer->apex_size && memcmp(label, outer->apex, size) == 0)
			return label != inner->apex;
	}
	return false;
}

/* The order by the letter of the contract. */
static void model_order(const plan_t *plan, size_t *order)
{
	for (size_t zone = 0; zone < plan->zone_count; zone++) {
		size_t place = 0;
		while (place < zone && !is_inside(&plan->zones[zone], &plan->zones[order[place]]))
			place++;
		memmove(order + place + 1, order + place, (zone - place) * sizeof(*order));
		order[place] = zone;
	}
}

static void check(const plan_t *plan)
{
	size_t order[ZONES_MAX];
	size_t expected[ZONES_MAX];

	ck_assert_int_eq(zone_order_find(plan, order), ERR_OK);
	model_order(plan, expected);
	for (size_t i = 0; i < plan->zone_count; i++)
		MUST(order[i] == expected[i], "place %zu: %zu, not %zu", i, order[i], expected[i]);
}

START_TEST(test_table)
{
	static const char *const zones[] = {
		"b.test", "a.test",  "x.b.test", "z.x.b.test", "y.z.x.b.test", "x.x.b.test",
		"test",   "xb.test", "c.test",   "x.test",     NULL,
	};
	plan_t *plan = new_plan();

	check(plan);
	for (size_t i = 0; zones[i] != NULL; i++) {
		add(plan, zones[i]);
		check(plan);
	}
	plan_free(plan);
}
END_TEST

START_TEST(test_random)
{
	static const char *const labels[] = { "a", "b", "ab", "A" };

	random_start(0);
	for (unsigned round = 0; round < 500; round++) {
		plan_t *plan = new_plan();
		for (unsigned count = random_below(ZONES_MAX); count > 0; count--) {
			char name[100] = "test";
			for (unsigned depth = random_below(6); depth > 0; depth--) {
				char longer[100];
				(void)snprintf(longer, sizeof(longer), "%s.%.80s",
					       labels[random_below(COUNT_OF(labels))], name);
				memcpy(name, longer, sizeof(name));
			}
			add(plan, name);
		}
		check(plan);
		plan_free(plan);
	}
}
END_TEST

/* A search through all for each would take a minute. */
START_TEST(test_many)
{
	plan_t *plan = new_plan();
	char name[60];
	size_t *order = calloc(65536, sizeof(*order));

	add(plan, "test");
	for (unsigned i = 1; i < 65536; i++) {
		(void)snprintf(name, sizeof(name), "z%u.test", i);
		add(plan, name);
	}
	ck_assert_int_eq(zone_order_find(plan, order), ERR_OK);
	for (size_t i = 0; i < 65536; i++)
		MUST(order[i] == (i + 1) % 65536, "place %zu: %zu", i, order[i]);
	free(order);
	plan_free(plan);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_table, test_random, test_many };

	return run_tests("zone_order", tests, COUNT_OF(tests));
}
