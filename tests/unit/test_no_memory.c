/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* A reload for which there is not enough memory, wherever it ends: what was served is served on, and the
 * next reload does what this one could not. Our own calls of malloc and its kin come here (the linker's
 * --wrap); those of libraries do not. */

#include "test.h"

#include "answer_zones.h"
#include "catalog/status.h"

/* Calls that still succeed; negative: all. */
static long calls_left = -1;
static bool has_failed;
/* Does only one call fail, or do all from there on? */
static bool fails_once;

static bool must_fail(void)
{
	if (calls_left < 0)
		return false;
	if (calls_left > 0) {
		calls_left--;
		return false;
	}
	has_failed = true;
	calls_left = fails_once ? -1 : 0;
	return true;
}

/* The linker's names. NOLINTBEGIN(bugprone-reserved-identifier) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
	return must_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return must_fail() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
	return must_fail() ? NULL : __real_realloc(block, size);
}

char *__wrap_strdup(const char *text)
{
	return must_fail() ? NULL : __real_strdup(text);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static fixture_t fixture;

/* What a zone says of 127.0.0.1: the last byte of the A record, or a negated rcode. */
static int says(const char *zone)
{
	uint8_t query[ZONES_QUERY_MAX];
	uint8_t reply[ANSWER_UDP_MAX];
	char name[60];
	answer_packet_t packet = {
		.query = query,
		.client = ip6_from_ip4(0x7f000001),
		.reply = reply,
		.reply_room = sizeof(reply),
	};

	(void)snprintf(name, sizeof(name), "1.0.0.127.%s", zone);
	packet.query_size = zones_query(query, name, DNS_TYPE_A, DNS_CLASS_IN, 0, 0);
	fixture_answer(&fixture, &packet, 1);
	return packet.rcode != 0 ? -packet.rcode : reply[packet.query_size + 15];
}

static void begin(void)
{
	calls_left = -1;
	has_failed = false;
	fixture_begin(&fixture, &catalog_default_options);
	fixture_write(&fixture, "a", "$SOA 1 a b 1 1 1 1 1\n$NS 1 ns.a.test\n127.0.0.1 :1:\n");
	fixture_write(&fixture, "b", "127.0.0.1 :2:\n");
	fixture_zone(&fixture, "a.test", "ip4set", "a");
	fixture_zone(&fixture, "b.test", "ip4trie", "b");
	fixture_open(&fixture);
	catalog_load_report_t report;
	ck_assert_int_eq(fixture_load(&fixture, &report), ERR_OK);
}

static void end(void)
{
	fixture_remove(&fixture, "a");
	fixture_remove(&fixture, "b");
	fixture_end(&fixture);
}

/* Loads new data, and another plan if there is one, with `calls` that succeed. Returns whether that was
 * enough. */
static bool try_load(plan_t *next_plan, long calls)
{
	catalog_load_report_t report;
	catalog_request_t request = catalog_request_all;
	catalog_status_t *status;

	fixture_write(&fixture, "a", "127.0.0.1 :11:\n");
	request.next_plan = next_plan;
	calls_left = calls;
	err_t err = catalog_load(fixture.catalog, &request, &report);
	calls_left = -1;
	bool was_enough = !has_failed;
	MUST(!was_enough || err == ERR_OK, "%ld calls: %d", calls, err);
	ck_assert(err == ERR_OK || err == ERR_LOAD || err == ERR_NOMEM);
	ck_assert(err != ERR_NOMEM || !report.has_new_plan);

	/* Old or new, and b.test may be gone, if there is a new plan. */
	int of_a = says("a.test");
	MUST(of_a == 1 || of_a == 11, "%ld calls: a.test says %d", calls, of_a);
	int of_b = says("b.test");
	ck_assert_int_eq(of_b, report.has_new_plan ? -DNS_RCODE_REFUSED : 2);
	int of_c = says("c.test");
	if (report.has_new_plan)
		ck_assert(of_c == 2 || of_c == -DNS_RCODE_SERVFAIL);
	else
		ck_assert_int_eq(of_c, -DNS_RCODE_REFUSED);
	ck_assert_int_eq(catalog_status_take(fixture.catalog, &status), ERR_OK);
	ck_assert_uint_eq(status->zone_count, 2);
	catalog_status_free(status);

	/* The next one has memory. */
	request.next_plan = err == ERR_NOMEM ? next_plan : NULL;
	ck_assert_int_eq(catalog_load(fixture.catalog, &request, &report), ERR_OK);
	ck_assert_int_eq(says("a.test"), 11);
	ck_assert_int_eq(says("b.test"), next_plan != NULL ? -DNS_RCODE_REFUSED : 2);
	ck_assert_int_eq(says("c.test"), next_plan != NULL ? 2 : -DNS_RCODE_REFUSED);
	return was_enough;
}

static void try_all(bool has_new_plan)
{
	for (int round = 0; round < 2; round++) {
		bool was_enough = false;
		fails_once = round == 0;
		for (long calls = 0; !was_enough; calls++) {
			begin();
			if (has_new_plan) {
				fixture_plan(&fixture, &catalog_default_options);
				fixture_zone(&fixture, "c.test", "ip4set", "b");
				fixture_zone(&fixture, "a.test", "ip4set", "a");
			}
			plan_t *plan = fixture.plan;
			fixture.plan = NULL;
			was_enough = try_load(plan, calls);
			end();
			ck_assert_int_gt(calls < 10000, 0);
		}
	}
}

START_TEST(test_reload)
{
	try_all(false);
}
END_TEST

START_TEST(test_plan)
{
	try_all(true);
}
END_TEST

/* The start fails, and leaves nothing behind. */
START_TEST(test_start)
{
	bool was_enough = false;

	fails_once = true;
	for (long calls = 0; !was_enough; calls++) {
		catalog_t *catalog;
		plan_t *plan = NULL;
		char why[100];
		has_failed = false;
		calls_left = calls;
		err_t err = plan_new(&catalog_default_options, &plan);
		bool has_plan = err == ERR_OK;
		if (err == ERR_OK)
			err = plan_add(plan, "a.test:ip4set:a", NULL, why, sizeof(why));
		if (err == ERR_OK)
			err = plan_add(plan, "a.test:acl:b,c", NULL, why, sizeof(why));
		if (err == ERR_OK)
			err = catalog_new(plan, &catalog);
		calls_left = -1;
		was_enough = !has_failed;
		ck_assert_int_eq(err, was_enough ? ERR_OK : ERR_NOMEM);
		if (err == ERR_OK)
			catalog_free(catalog);
		else if (has_plan)
			plan_free(plan);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_reload, test_plan, test_start };

	log_set_level(LOG_LEVEL_ERROR);
	return run_tests("no_memory", tests, COUNT_OF(tests));
}
