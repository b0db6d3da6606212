/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Whole small files of ip6trie and ip6tset, loaded and asked. */

#include "test.h"

#include "dataset_fixture.h"

START_TEST(test_ip6trie)
{
	dataset_t *dataset = load_text("ip6trie", "::/0 all $\n"
						  "2001:db8::/32 :8:\n"
						  "2001:db8:1 :48:\n"
						  "2001:DB8:1:: :9:first $\n"
						  "2001:db8:1:: :10:\n"
						  "!2001:db8:1::/128\n"
						  "!2001:db8:2\n"
						  "2001:db8:2 :2:\n"
						  "2001:db8:2::5 :5\n"
						  "::1 :1:$\n"
						  "::ffff:7f00:2:3\n"
						  "2001:db8:3::1/64\n"
						  ":6:six $\n"
						  "1:2:3:4:5:6:7:8:7:glued\n"
						  "2001:db8:4:::4:$\n"
						  "ff00/8\n");

	ck_assert_str_eq(ask_ip6(dataset, "1::", 32), "127.0.0.2 'all 1::'");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8::", 32), "127.0.0.8");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:ffff::1", 32), "127.0.0.8");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:1::1", 32), "127.0.0.48");
	/* Of equal prefixes the first. */
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:1::", 32), "127.0.0.9 'first 2001:db8:1::'");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:2::", 32), "nothing");
	/* The text is that of the default line, of which there is none yet. */
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:2::5", 32), "127.0.0.5");
	/* Lines that start with `::` are addresses. */
	ck_assert_str_eq(ask_ip6(dataset, "::1", 32), "127.0.0.1 '::1'");
	/* Host bits. */
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:3::1", 32), "127.0.0.8");
	ck_assert_str_eq(ask_ip6(dataset, "1:2:3:4:5:6:7:8", 32), "127.0.0.7 'glued'");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:4::", 32), "127.0.0.4 '2001:db8:4::'");
	ck_assert_str_eq(ask_ip6(dataset, "ff02::fb", 32), "127.0.0.6 'six ff02::fb'");
	/* Never a dotted quad. */
	ck_assert_str_eq(ask_ip6(dataset, "::ffff:1.2.3.4", 32), "127.0.0.2 'all ::ffff:102:304'");
	/* Other names. */
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:1::", 31), "below");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:2::", 12), "below");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:2:1::", 16), "nothing");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:2::10", 31), "nothing");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:2::", 31), "below");
	ck_assert_str_eq(ask(dataset, "2"), "below");
	ck_assert_str_eq(ask(dataset, "www"), "nothing");
	ck_assert_str_eq(ask(dataset, "4.3.2.1"), "below");
	ck_assert_str_eq(ask(dataset, "10.0.0.127"), "nothing");
	ck_assert_uint_eq(dataset->entries, 14);
	dataset_free(dataset);
}
END_TEST

START_TEST(test_ip6tset)
{
	dataset_t *dataset = load_text("ip6tset", "2001:db8:1:2 :9:ignored\n"
						  "!2001:db8:1:2::77\n"
						  ":8:the value $\n"
						  ":9:not this\n"
						  "2001:db8:1:3#c\n"
						  "0:0:0:0\n"
						  "!0:0:0:0:0:0:0:1\n"
						  "!2001:db8:1:3\n"
						  "!2001:db8:1:3::/64\n"
						  "2001:db8:1:4::\n"
						  "2001:db8:1:5/64\n"
						  "2001:db8:2\n"
						  "::2\n"
						  "! 2001:db8:9:9::9 no such /64\n");

	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:1:2::", 32),
			 "127.0.0.8 'the value 2001:db8:1:2::'");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:1:2::76", 32),
			 "127.0.0.8 'the value 2001:db8:1:2::76'");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:1:2::77", 32), "nothing");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:1:3:ffff:ffff:ffff:ffff", 32),
			 "127.0.0.8 'the value 2001:db8:1:3:ffff:ffff:ffff:ffff'");
	ck_assert_str_eq(ask_ip6(dataset, "::2", 32), "127.0.0.8 'the value ::2'");
	ck_assert_str_eq(ask_ip6(dataset, "::1", 32), "nothing");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:1:4::", 32), "nothing");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:1:5::", 32), "nothing");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:2::", 32), "nothing");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:9:9::9", 32), "nothing");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:1:2::", 16), "below");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:1:2::77", 31), "below");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:9:9::9", 16), "nothing");
	ck_assert_uint_eq(dataset->entries, 6);
	dataset_free(dataset);
}
END_TEST

/* All that is left of a /124 are exclusions: nothing is below. */
START_TEST(test_nothing_below)
{
	char text[1000] = "2001:db8:1:2\n";
	dataset_t *dataset;

	for (unsigned i = 0; i < 16; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
			       "!2001:db8:1:2::4%x\n", i);
	dataset = load_text("ip6tset", text);
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:1:2::40", 31), "nothing");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:1:2::40", 30), "below");
	dataset_free(dataset);
}
END_TEST

START_TEST(test_files)
{
	static const struct {
		const char *type;
		const char *texts[3];
		const char *answers[2]; /* to 1:2:3:4:: and 1:2:3:5:: */
	} rows[] = {
		/* The default value begins anew in each file, but for ip6tset. */
		{ "ip6trie",
		  { ":4:four\n1:2:3:4", "1:2:3:5 t", "" },
		  { "127.0.0.4 'four'", "127.0.0.2 't'" } },
		{ "ip6tset",
		  { "1:2:3:4", ":4:four\n1:2:3:5", ":5:five" },
		  { "127.0.0.4 'four'", "127.0.0.4 'four'" } },
		/* Entries are pooled. */
		{ "ip6trie",
		  { "1:2:3:4", "!1:2:3:4::", "1:2:3::/48 :5:" },
		  { "nothing", "127.0.0.5" } },
		{ "ip6tset", { "!1:2:3:4::", "1:2:3:4\n1:2:3:5", "" }, { "nothing", "127.0.0.2" } },
		{ "ip6tset", { "", "", "" }, { "nothing", "nothing" } },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		dataset_t *dataset = load_texts(rows[i].type, rows[i].texts, 3, &default_settings);

		ck_assert_ptr_nonnull(dataset);
		ck_assert_str_eq(ask_ip6(dataset, "1:2:3:4::", 32), rows[i].answers[0]);
		ck_assert_str_eq(ask_ip6(dataset, "1:2:3:5::", 32), rows[i].answers[1]);
		dataset_free(dataset);
	}
}
END_TEST

/* More questions than are looked up at once, of all kinds. */
START_TEST(test_batch)
{
	enum { COUNT = 300 };
	dataset_t *dataset = load_text("ip6trie", "2001:db8::/32\n!2001:db8::5\n");
	static uint8_t packets[COUNT][512];
	static dns_query_t queries[COUNT];
	static dataset_question_t questions[COUNT];
	const dataset_question_t *pointers[COUNT];
	dataset_match_t matches[COUNT + 1];
	static const struct {
		const char *name;
		dataset_found_t found;
	} kinds[] = {
		{ "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2",
		  DATASET_ENTRY },
		{ "5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2",
		  DATASET_NOTHING },
		{ "1.0.0.2", DATASET_BELOW },
		{ "3", DATASET_NOTHING },
		{ "g", DATASET_NOTHING },
	};

	for (unsigned i = 0; i < COUNT; i++) {
		size_t size = fixture_query(kinds[i % COUNT_OF(kinds)].name, packets[i]);

		ck_assert_int_eq(dns_query_parse(packets[i], size, &queries[i]), DNS_PARSE_OK);
		dataset_question_init(&questions[i], &queries[i], &fixture_asker,
				      queries[i].label_count - 2u, false);
		pointers[i] = &questions[i];
	}
	for (unsigned count = 0; count <= COUNT; count++) {
		memset(matches, 0x55, sizeof(matches));
		dataset->type->find(dataset->data, pointers, count, matches);
		for (unsigned i = 0; i < count; i++)
			MUST(matches[i].found == kinds[i % COUNT_OF(kinds)].found,
			     "question %u of %u", i, count);
		MUST((int)matches[count].found == 0x55555555, "match %u is touched", count);
	}
	dataset_free(dataset);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_ip6trie, test_ip6tset, test_nothing_below, test_files,
				 test_batch };

	log_set_level(LOG_LEVEL_ERROR);
	return run_tests("ip6_data", tests, COUNT_OF(tests));
}
