/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The catalog: which specifications it takes, SERVFAIL until there are data, and that data once
 * good are served until there are better ones, to readers that never wait. */

#include "test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "answer_zones.h"

START_TEST(test_add_zone)
{
	static const struct {
		const char *spec;
		err_t err;
		size_t zones; /* in the catalog afterwards */
		size_t datasets;
	} cases[] = {
		{ "bl.test:ip4set:a", ERR_OK, 1, 1 },
		/* the same zone, the same data set, and files that only look the same */
		{ "BL.Test.:ip4set:b", ERR_OK, 1, 2 },
		{ "bl.test:ip4trie:a", ERR_OK, 1, 3 },
		{ "other.test:ip4set:a", ERR_OK, 2, 3 },
		{ "other.test:ip4set:a,b", ERR_OK, 2, 4 },
		{ "bl.test:ip4set:a", ERR_OK, 2, 4 },
		/* empty items, and colons between files */
		{ "third.test:generic:,c,,d:e,", ERR_OK, 3, 5 },
		/* not a specification: nothing is added */
		{ "", ERR_SYNTAX, 3, 5 },
		{ "bl.test", ERR_SYNTAX, 3, 5 },
		{ "bl.test:ip4set", ERR_SYNTAX, 3, 5 },
		{ "bl.test:ip4set:", ERR_SYNTAX, 3, 5 },
		{ "bl.test:ip4set:,:,", ERR_SYNTAX, 3, 5 },
		{ ":ip4set:f", ERR_SYNTAX, 3, 5 },
		{ ".:ip4set:f", ERR_SYNTAX, 3, 5 },
		{ "..:ip4set:f", ERR_SYNTAX, 3, 5 },
		{ "x.test::f", ERR_SYNTAX, 3, 5 },
		{ "x.test:ip4:f", ERR_SYNTAX, 3, 5 },
		{ "x.test:ip4sets:f", ERR_SYNTAX, 3, 5 },
		{ "x.test:IP4SET:f", ERR_SYNTAX, 3, 5 },
		{ "this-label-of-64-characters-is-one-more-than-there-can-be-in-all."
		  "x.test:ip4set:f",
		  ERR_SYNTAX, 3, 5 },
	};
	catalog_t *catalog;
	char why[100];

	ck_assert_int_eq(catalog_new(&catalog_default_options, &catalog), ERR_OK);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		why[0] = '\0';
		err_t err = catalog_add_zone(catalog, cases[i].spec, why, sizeof(why));
		MUST(err == cases[i].err, "%s: error %d", cases[i].spec, err);
		MUST((err == ERR_OK) == (why[0] == '\0'), "%s: why not?", cases[i].spec);
		MUST(catalog_zone_count(catalog) == cases[i].zones, "%s: zones", cases[i].spec);
		MUST(catalog_dataset_count(catalog) == cases[i].datasets, "%s: data sets",
		     cases[i].spec);
	}
	/* A short `why` is cut. */
	ck_assert_int_eq(catalog_add_zone(catalog, "x", why, 1), ERR_SYNTAX);
	ck_assert_str_eq(why, "");
	catalog_free(catalog);
	catalog_free(NULL);
}
END_TEST

START_TEST(test_too_many_datasets)
{
	catalog_t *catalog;
	char why[100];
	char spec[50];

	ck_assert_int_eq(catalog_new(&catalog_default_options, &catalog), ERR_OK);
	for (int i = 0; i <= 256; i++) {
		snprintf(spec, sizeof(spec), "bl.test:ip4set:%d", i);
		ck_assert_int_eq(catalog_add_zone(catalog, spec, why, sizeof(why)),
				 i < 256 ? ERR_OK : ERR_RANGE);
	}
	ck_assert_uint_eq(catalog_dataset_count(catalog), 256);
	ck_assert_int_eq(catalog_add_zone(catalog, "other.test:ip4set:256", why, sizeof(why)),
			 ERR_OK);
	catalog_free(catalog);
}
END_TEST

/* What a zone says to an A query: the last byte of the A record, or one of these. */
enum { SAYS_NXDOMAIN = -DNS_RCODE_NXDOMAIN, SAYS_SERVFAIL = -DNS_RCODE_SERVFAIL };

static int asked_of(const fixture_t *fixture, answer_context_t *context, const char *name)
{
	uint8_t query[ZONES_QUERY_MAX];
	uint8_t reply[ANSWER_UDP_MAX];
	answer_packet_t packet = { .query = query, .reply = reply };

	packet.query_size = zones_query(query, name, DNS_TYPE_A, DNS_CLASS_IN, 0, 0);
	answer_batch(context, catalog_read_begin(fixture->catalog), 0, &packet, 1);
	catalog_read_end(fixture->catalog);
	if (packet.reply_size < DNS_HEADER_SIZE || (reply[3] & 0xf) != 0)
		return packet.reply_size == 0 ? -100 : -(reply[3] & 0xf);
	return reply[7] == 1 ? reply[packet.query_size + 15] : -200 - reply[7];
}

static void must_say(fixture_t *fixture, const char *name, int expected)
{
	catalog_reader_register();
	int said = asked_of(fixture, fixture->context, name);
	catalog_reader_unregister();
	MUST(said == expected, "%s says %d, not %d", name, said, expected);
}

static void must_load(const fixture_t *fixture, size_t loaded, size_t failed)
{
	catalog_load_report_t report = { 99, 99, 99 };
	err_t err = catalog_load(fixture->catalog, &report);

	ck_assert_int_eq(err, failed > 0 ? ERR_LOAD : ERR_OK);
	ck_assert_uint_eq(report.datasets, catalog_dataset_count(fixture->catalog));
	ck_assert_uint_eq(report.loaded, loaded);
	ck_assert_uint_eq(report.failed, failed);
}

START_TEST(test_servfail_until_loaded)
{
	fixture_t fixture;

	fixture_begin(&fixture, &catalog_default_options);
	fixture_zone(&fixture, "a.test", "ip4set", "one");
	fixture_zone(&fixture, "b.test", "ip4set", "one"); /* shared */
	fixture_zone(&fixture, "c.test", "ip4set", "one");
	fixture_zone(&fixture, "c.test", "generic", "two");
	ck_assert_uint_eq(catalog_dataset_count(fixture.catalog), 2);
	ck_assert_int_eq(catalog_open(fixture.catalog), ERR_OK);
	must_say(&fixture, "2.0.0.127.a.test", SAYS_SERVFAIL);
	must_say(&fixture, "a.test", SAYS_SERVFAIL);
	must_say(&fixture, "d.test", -DNS_RCODE_REFUSED);
	/* no file is there, then one, then both */
	must_load(&fixture, 0, 2);
	must_say(&fixture, "2.0.0.127.a.test", SAYS_SERVFAIL);
	fixture_write(&fixture, "one", ":4:\n127.0.0.2\n");
	must_load(&fixture, 1, 1);
	must_say(&fixture, "2.0.0.127.a.test", 4);
	must_say(&fixture, "2.0.0.127.b.test", 4);
	must_say(&fixture, "2.0.0.127.c.test", SAYS_SERVFAIL); /* it could be half of the truth */
	fixture_write(&fixture, "two", "www A 192.0.2.9\n");
	must_load(&fixture, 1, 0);
	must_say(&fixture, "2.0.0.127.c.test", 4);
	must_say(&fixture, "www.c.test", 9);
	must_say(&fixture, "www.a.test", SAYS_NXDOMAIN);
	/* an empty file is a list without entries */
	fixture_write(&fixture, "one", "");
	must_load(&fixture, 1, 0);
	must_say(&fixture, "2.0.0.127.c.test", SAYS_NXDOMAIN);
	fixture_remove(&fixture, "one");
	fixture_remove(&fixture, "two");
	fixture_end(&fixture);
}
END_TEST

/* Whatever goes wrong with a reload, the last good data are served, and the next good ones taken. */
START_TEST(test_keep_last_good)
{
	static const char gzip[] = "\x1f\x8b\x08 cut short";
	fixture_t fixture;

	fixture_begin(&fixture, &catalog_default_options);
	fixture_zone(&fixture, "a.test", "ip4set", "a");
	fixture_zone(&fixture, "b.test", "ip4trie", "b");
	fixture_write(&fixture, "a", "127.0.0.2 :10:\n");
	fixture_write(&fixture, "b", "127.0.0.2 :20:\n");
	ck_assert_int_eq(catalog_open(fixture.catalog), ERR_OK);
	must_load(&fixture, 2, 0);
	for (int round = 0; round < 4; round++) {
		fixture_path_t path = fixture_path(&fixture, "a");
		char text[40];

		/* nothing has changed */
		must_load(&fixture, 0, 0);
		/* a breaks, in a way of each round, while b changes */
		fixture_remove(&fixture, "a");
		if (round == 1)
			ck_assert_int_eq(mkdir(path.text, 0700), 0);
		else if (round == 2)
			ck_assert_int_eq(mkfifo(path.text, 0600), 0);
		else if (round == 3)
			fixture_write(&fixture, "a", gzip);
		snprintf(text, sizeof(text), "127.0.0.2 :%d:\n", 21 + round);
		fixture_write(&fixture, "b", text);
		must_load(&fixture, 1, 1);
		must_say(&fixture, "2.0.0.127.a.test", 10 + round);
		must_say(&fixture, "2.0.0.127.b.test", 21 + round);
		/* still broken, nothing else new */
		must_load(&fixture, 0, 1);
		must_say(&fixture, "2.0.0.127.a.test", 10 + round);
		must_say(&fixture, "2.0.0.127.b.test", 21 + round);
		/* mended */
		ck_assert(remove(path.text) == 0 || round == 0);
		snprintf(text, sizeof(text), "127.0.0.2 :%d:\n", 11 + round);
		fixture_write(&fixture, "a", text);
		must_load(&fixture, 1, 0);
		must_say(&fixture, "2.0.0.127.a.test", 11 + round);
	}
	fixture_remove(&fixture, "a");
	fixture_remove(&fixture, "b");
	fixture_end(&fixture);
}
END_TEST

/* Readers while the data change. */
#define READERS 2
#define RELOADS 60

typedef struct asker {
	const fixture_t *fixture;
	_Atomic(bool) *is_over;
	unsigned replies;
	int wrong; /* something that was never in the file; 0: none */
} asker_t;

static void *read_on(void *argument)
{
	asker_t *reader = argument;
	answer_context_t *context = answer_context_new();

	catalog_reader_register();
	while (!atomic_load(reader->is_over) || reader->replies == 0) {
		int said = asked_of(reader->fixture, context, "2.0.0.127.a.test");

		if (said != 1 && said != 2)
			reader->wrong = said;
		reader->replies++;
	}
	catalog_reader_unregister();
	answer_context_free(context);
	return NULL;
}

START_TEST(test_readers)
{
	static const char *const texts[] = { "127.0.0.2 :1:\n",
					     "127.0.0.2 :127.0.0.2:\n1.1.1.1\n" };
	_Atomic(bool) is_over = false;
	asker_t readers[READERS] = { 0 };
	pthread_t threads[READERS];
	fixture_t fixture;

	fixture_begin(&fixture, &catalog_default_options);
	fixture_zone(&fixture, "a.test", "ip4set", "a");
	fixture_write(&fixture, "a", texts[0]);
	ck_assert_int_eq(catalog_open(fixture.catalog), ERR_OK);
	must_load(&fixture, 1, 0);
	for (int i = 0; i < READERS; i++) {
		readers[i].fixture = &fixture;
		readers[i].is_over = &is_over;
		ck_assert_int_eq(pthread_create(&threads[i], NULL, read_on, &readers[i]), 0);
	}
	for (int i = 0; i < RELOADS; i++) {
		fixture_write(&fixture, "a", texts[(i + 1) % 2]);
		must_load(&fixture, 1, 0);
	}
	atomic_store(&is_over, true);
	for (int i = 0; i < READERS; i++) {
		pthread_join(threads[i], NULL);
		MUST(readers[i].wrong == 0, "a reader saw %d", readers[i].wrong);
		ck_assert_uint_gt(readers[i].replies, 0);
	}
	fixture_remove(&fixture, "a");
	fixture_end(&fixture);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_add_zone,       test_too_many_datasets, test_servfail_until_loaded,
		test_keep_last_good, test_readers,
	};

	log_set_level(LOG_LEVEL_ERROR);
	return run_tests("catalog", tests, COUNT_OF(tests));
}
