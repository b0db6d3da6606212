/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What a catalog tells of itself: what is served from what, how old it is, what failed and why, and
 * that it can be asked at any time, also during loads that change everything. */

#include "test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/log.h"
#include "catalog/status.h"
#include "catalog_fixture.h"

static fixture_t fixture;

static catalog_status_t *take(void)
{
	catalog_status_t *status;

	ck_assert_int_eq(catalog_status_take(fixture.catalog, &status), ERR_OK);
	return status;
}

static void load(err_t expected)
{
	catalog_load_report_t report;

	ck_assert_int_eq(fixture_load(&fixture, &report), expected);
}

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text);

	return size >= strlen(end) && strcmp(text + size - strlen(end), end) == 0;
}

static void begin(void)
{
	fixture_begin(&fixture, &catalog_default_options);
	fixture_zone(&fixture, "A.Test.", "ip4set", "a");
	fixture_zone(&fixture, "a.test", "generic", "b");
	fixture_zone(&fixture, "a.test", "aclkey", "keys");
	fixture_zone(&fixture, "sub.a.test", "ip4set", "a");
	fixture_zone(&fixture, "", "acl", "acl");
	fixture_open(&fixture);
}

static void end(void)
{
	static const char *const files[] = { "a", "b", "keys", "acl" };

	for (size_t i = 0; i < COUNT_OF(files); i++)
		fixture_remove(&fixture, files[i]);
	fixture_end(&fixture);
}

START_TEST(test_before_loading)
{
	begin();
	catalog_status_t *status = take();
	ck_assert_uint_eq(status->generation, 1);
	ck_assert_int_ne(status->published, 0);
	ck_assert(!status->is_draining);
	ck_assert_uint_eq(status->dataset_count, 4);
	for (size_t i = 0; i < status->dataset_count; i++) {
		const status_dataset_t *dataset = &status->datasets[i];
		ck_assert(!dataset->is_loaded && !dataset->has_failed && !dataset->is_left_over);
		ck_assert_uint_eq(dataset->change.generation, 0);
		ck_assert_ptr_null(dataset->why);
	}
	ck_assert_uint_eq(status->acl, 3);
	ck_assert_uint_eq(status->zone_count, 2);
	for (size_t i = 0; i < status->zone_count; i++) {
		const status_zone_t *zone = &status->zones[i];
		ck_assert_str_eq(zone->name, i == 0 ? "a.test" : "sub.a.test");
		ck_assert_uint_eq(zone->number, i);
		ck_assert(!zone->is_loaded && !zone->is_stale && !zone->is_behind);
		ck_assert_uint_eq(zone->serial, 0);
	}
	ck_assert_uint_eq(status->zones[0].dataset_count, 3);
	ck_assert_uint_eq(status->zones[0].datasets[0], 0);
	ck_assert_uint_eq(status->zones[0].datasets[1], 1);
	ck_assert_uint_eq(status->zones[0].datasets[2], 2);
	ck_assert_uint_eq(status->zones[1].dataset_count, 1);
	ck_assert_uint_eq(status->zones[1].datasets[0], 0);
	catalog_status_free(status);
	catalog_status_free(NULL);
	catalog_drain(fixture.catalog, true);
	status = take();
	ck_assert(status->is_draining);
	catalog_status_free(status);
	end();
}
END_TEST

START_TEST(test_life_of_a_dataset)
{
	time_t start = time(NULL);

	begin();
	fixture_write(&fixture, "a", "$SOA 1 a b 77 1 1 1 1\n127.0.0.2\n127.0.0.3\n");
	fixture_write(&fixture, "keys", "key :pass\n");
	fixture_write(&fixture, "acl", "127.0.0.1 :pass\n");
	load(ERR_LOAD);
	catalog_status_t *status = take();
	ck_assert_uint_eq(status->generation, 2);
	const status_dataset_t *a = &status->datasets[0];
	const status_dataset_t *b = &status->datasets[1];
	ck_assert_str_eq(a->type, "ip4set");
	ck_assert(strncmp(a->spec, "ip4set:/", 8) == 0 && ends_with(a->spec, "/a"));
	ck_assert(a->is_loaded && !a->has_failed);
	ck_assert_uint_eq(a->entries, 2);
	ck_assert_uint_gt(a->memory, 0);
	ck_assert_int_ge(a->loaded_at, start);
	ck_assert_int_ge(a->newest, start - 1);
	ck_assert_uint_eq(a->change.generation, 2);
	ck_assert_int_ge(a->change.time, start);
	ck_assert(!b->is_loaded && b->has_failed);
	ck_assert_int_ge(b->failed_since, start);
	ck_assert(ends_with(b->why, "No such file or directory"));
	ck_assert(!status->zones[0].is_loaded && status->zones[1].is_loaded);
	ck_assert_uint_eq(status->zones[1].serial, 77);
	catalog_status_free(status);

	/* whole */
	fixture_write(&fixture, "b", "www A 127.0.0.2\n");
	load(ERR_OK);
	status = take();
	ck_assert_uint_eq(status->generation, 3);
	ck_assert(status->zones[0].is_loaded && !status->zones[0].is_stale);
	ck_assert_uint_eq(status->datasets[0].change.generation, 2);
	ck_assert_uint_eq(status->datasets[1].change.generation, 3);
	catalog_status_free(status);

	/* nothing new: no generation */
	load(ERR_OK);
	status = take();
	ck_assert_uint_eq(status->generation, 3);
	catalog_status_free(status);

	/* stale */
	fixture_write(&fixture, "b", "$TIMESTAMP 9999:01:01\nwww A 127.0.0.2\n");
	load(ERR_LOAD);
	status = take();
	b = &status->datasets[1];
	ck_assert_uint_eq(status->generation, 4);
	ck_assert(b->is_loaded && b->has_failed);
	ck_assert_uint_eq(b->entries, 1);
	ck_assert_uint_eq(b->change.generation, 3);
	ck_assert_ptr_nonnull(strstr(b->why, "$TIMESTAMP is in the future"));
	ck_assert(status->zones[0].is_stale && status->zones[0].is_loaded);
	ck_assert(!status->zones[0].is_behind && !status->zones[1].is_stale);
	catalog_status_free(status);

	/* expired: at once, and some day */
	fixture_write(&fixture, "a", "$TIMESTAMP 0 2100:01:01\n127.0.0.2\n");
	fixture_write(&fixture, "b", "www A 127.0.0.2\n");
	load(ERR_OK);
	status = take();
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(status->zones[i].expires, 4102444800);
		ck_assert(!status->zones[i].has_expired && !status->zones[i].is_stale);
		ck_assert_int_ge(status->zones[i].serial, start - 1);
	}
	catalog_status_free(status);
	end();
}
END_TEST

/* Another plan: zones come and go, and one is behind. */
START_TEST(test_plans)
{
	begin();
	fixture_write(&fixture, "a", "127.0.0.2\n");
	fixture_write(&fixture, "b", "www A 127.0.0.2\n");
	fixture_write(&fixture, "keys", "key :pass\n");
	fixture_write(&fixture, "acl", "127.0.0.1 :pass\n");
	load(ERR_OK);
	fixture_plan(&fixture, &catalog_default_options);
	fixture_zone(&fixture, "new.test", "ip4set", "a");
	fixture_zone(&fixture, "a.test", "generic", "absent");
	fixture_zone(&fixture, "a.test", "ip4set", "a");
	catalog_load_report_t report;
	ck_assert_int_eq(fixture_change(&fixture, &report), ERR_LOAD);
	catalog_status_t *status = take();
	ck_assert_uint_eq(status->zone_count, 2);
	ck_assert_str_eq(status->zones[0].name, "new.test");
	ck_assert_uint_eq(status->zones[0].number, 2);
	ck_assert(!status->zones[0].is_behind && status->zones[0].is_loaded);
	ck_assert_uint_eq(status->zones[1].number, 0);
	ck_assert(status->zones[1].is_behind && status->zones[1].is_stale);
	ck_assert(status->zones[1].is_loaded);
	/* those of the plan, and two that a.test still needs: its records, and its keys */
	ck_assert_uint_eq(status->dataset_count, 4);
	ck_assert(status->acl == PLAN_NONE);
	for (size_t i = 0; i < 4; i++)
		ck_assert(status->datasets[i].is_left_over == (i >= 2));
	ck_assert(status->datasets[1].has_failed && !status->datasets[1].is_loaded);
	catalog_status_free(status);
	end();
}
END_TEST

/* ---- at any time ---- */

#define ROUNDS 100

static _Atomic(bool) is_over;

static void *take_on(void *argument)
{
	uint64_t generation = 0;

	(void)argument;
	while (!atomic_load(&is_over)) {
		catalog_status_t *status = take();
		ck_assert_uint_ge(status->generation, generation);
		generation = status->generation;
		for (size_t i = 0; i < status->zone_count; i++)
			for (size_t j = 0; j < status->zones[i].dataset_count; j++)
				ck_assert_uint_lt(status->zones[i].datasets[j],
						  status->dataset_count);
		for (size_t i = 0; i < status->dataset_count; i++)
			ck_assert(status->datasets[i].has_failed ==
				  (status->datasets[i].why != NULL));
		catalog_status_free(status);
		catalog_log_failures(fixture.catalog);
	}
	return NULL;
}

START_TEST(test_during_loads)
{
	pthread_t thread;

	atomic_store(&is_over, false);
	begin();
	fixture_write(&fixture, "keys", "key :pass\n");
	fixture_write(&fixture, "acl", "127.0.0.1 :pass\n");
	ck_assert_int_eq(pthread_create(&thread, NULL, take_on, NULL), 0);
	for (int i = 0; i < ROUNDS; i++) {
		catalog_load_report_t report;
		char text[40];
		(void)snprintf(text, sizeof(text), "127.0.0.%d\n", i + 1);
		fixture_write(&fixture, "a", text);
		if (i % 4 == 1)
			fixture_write(&fixture, "b", "www A 127.0.0.2\n");
		else if (i % 4 == 3)
			fixture_remove(&fixture, "b");
		fixture_plan(&fixture, &catalog_default_options);
		fixture_zone(&fixture, i % 3 == 0 ? "a.test" : "b.test", "ip4set", "a");
		if (i % 5 != 0)
			fixture_zone(&fixture, "a.test", "generic", "b");
		(void)!fixture_change(&fixture, &report);
	}
	atomic_store(&is_over, true);
	pthread_join(thread, NULL);
	end();
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_before_loading,
		test_life_of_a_dataset,
		test_plans,
		test_during_loads,
	};

	log_set_level(LOG_LEVEL_ERROR);
	return run_tests("status", tests, COUNT_OF(tests));
}
