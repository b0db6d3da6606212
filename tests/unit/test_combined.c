/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* combined: which of its data sets a name is looked up in, and what a section has of the file around
 * it. */

#include "test.h"

#include "dataset/ask.h"
#include "dataset_fixture.h"

typedef struct row {
	const char *name; /* below the zone; an IPv6 address behind `six:` stands for its nibbles */
	const char *answer;
} row_t;

/* As ask, for `six:ADDRESS` or `six:ADDRESS.sub` too. */
static const char *ask_name(const dataset_t *dataset, const char *name)
{
	char text[150] = "";
	char address[60];
	uint8_t bytes[16];

	if (strncmp(name, "six:", 4) != 0)
		return ask(dataset, name);
	size_t size = strcspn(name + 4, "/");
	memcpy(address, name + 4, size);
	address[size] = '\0';
	ck_assert_int_eq(inet_pton(AF_INET6, address, bytes), 1);
	for (unsigned i = 32; i-- > 0;)
		(void)snprintf(text + 2 * (31 - i), 3, "%x.",
			       (unsigned)(bytes[i / 2] >> (i % 2 == 0 ? 4 : 0) & 0xf));
	if (name[4 + size] == '/')
		strcat(text, name + 4 + size + 1);
	else
		text[63] = '\0';
	return ask(dataset, text);
}

static void must_answer(const dataset_t *dataset, const row_t *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *got = ask_name(dataset, rows[i].name);
		MUST(strcmp(got, rows[i].answer) == 0, "%s: %s instead of %s", rows[i].name, got,
		     rows[i].answer);
	}
}

static void check_text(const char *text, const row_t *rows, size_t count)
{
	dataset_t *dataset = load_text("combined", text);

	must_answer(dataset, rows, count);
	dataset_free(dataset);
}

/* A name belongs to the deepest subzone that it ends in, and to no other. An empty answer is that of
 * a name that is there, but has nothing: the subzone's own. */
START_TEST(test_subzones)
{
	static const row_t rows[] = {
		{ "1.0.0.10", "127.0.0.2 'zone'" },
		{ "1.0.0.10.a", "127.0.0.2 'a'" },
		{ "1.0.0.10.b.a", "127.0.0.2 'b.a'" },
		{ "1.0.0.10.A", "127.0.0.2 'a'" },
		{ "1.0.0.10.B.a", "127.0.0.2 'b.a'" },
		/* no way from a subzone to what is around it */
		{ "2.0.0.10", "127.0.0.2 'zone'" },
		{ "2.0.0.10.a", "nothing" },
		{ "2.0.0.10.b.a", "nothing" },
		{ "1.0.0.10.c.a", "nothing" },
		{ "1.0.0.10.x", "nothing" },
		{ "1.0.0.10.aa", "nothing" },
		/* three labels and a subzone that makes four */
		{ "3.0.0.10", "nothing" },
		{ "0.0.10.a", "below" },
		{ "0.0.11.a", "nothing" },
		{ "", "" },
		{ "a", "" },
		{ "b.a", "" },
		{ "c.a", "nothing" },
		/* above a subzone there is none: an empty non-terminal */
		{ "e", "below" },
		{ "d.e", "below" },
		{ "c.d.e", "" },
		{ "1.0.0.10.c.d.e", "127.0.0.2 'deep'" },
		{ "1.0.0.10.d.e", "nothing" },
		{ "x.d.e", "nothing" },
	};

	check_text("$DATASET ip4set @\n:2:zone\n10.0.0.1\n10.0.0.2\n"
		   "$DATASET ip4trie:name a\n:2:a\n10.0.0.1\n"
		   "$DATASET ip4set:b.a:more B.A. # comment\n:2:b.a\n10.0.0.1\n"
		   "#$dataset ip4set c.d.e\n:2:deep\n10.0.0.1\n",
		   rows, COUNT_OF(rows));
}
END_TEST

/* Several data sets of a subzone, several subzones of a data set, and each only once. */
START_TEST(test_members)
{
	static const row_t rows[] = {
		{ "1.0.0.10.a", "127.0.0.2 127.0.0.3 'first' 'second'" },
		{ "1.0.0.10.b", "127.0.0.2 'first'" },
		{ "1.0.0.10.c", "127.0.0.3 'second'" },
		{ "1.0.0.10", "127.0.0.2 'first'" },
		{ "www.a", "127.0.0.9" },
		{ "www.b", "nothing" },
		{ "1.0.0.10.nowhere", "nothing" },
	};

	log_set_level(LOG_LEVEL_ERROR);
	check_text("$DATASET ip4set a b @ b a @ B.\n:2:first\n10.0.0.1\n"
		   "$DATASET ip4set a c\n:3:second\n10.0.0.1\n"
		   "$DATASET generic a\nwww A 127.0.0.9\n"
		   "$DATASET ip4set\n:4:of no subzone\n10.0.0.1\n"
		   "$DATASET ip4set # nowhere\n:4:of no subzone\n10.0.0.1\n",
		   rows, COUNT_OF(rows));
}
END_TEST

/* What comes before the first $DATASET, and what one section leaves to the next. */
START_TEST(test_inheritance)
{
	static const row_t rows[] = {
		{ "1.0.0.10.a", "127.0.0.5 '<one two>'" },
		{ "1.0.0.10.b", "127.0.0.2 '<one $2>'" },
		{ "1.0.0.10.c", "127.0.0.2" },
		/* $MAXRANGE4 goes on in all sections */
		{ "1.0.1.10.a", "127.0.0.5 '<one two>'" },
		{ "1.0.1.10.b", "nothing" },
		{ "1.0.1.10.c", "nothing" },
	};
	static const char text[] = "$1 one\n$TTL 100\n"
				   "$DATASET ip4trie a\n"
				   ":5:<$1 $2>\n$2 two\n$1 other\n$TTL 200\n"
				   "10.0.0.1\n10.1.0.0/16\n"
				   "$MAXRANGE4 256\n"
				   "$DATASET ip4trie b\n"
				   "10.0.0.1 <$1 $2>\n10.1.0.0/16\n"
				   "$SOA 0 ns.x a.x 1 1 1 1 1\n$NS 0 ns.x\n"
				   "$DATASET ip4trie c\n"
				   "10.0.0.1\n10.1.0.0/16\n";
	dataset_t *dataset;

	log_set_level(LOG_LEVEL_ERROR);
	dataset = load_text("combined", text);
	must_answer(dataset, rows, COUNT_OF(rows));
	ck_assert_uint_eq(ask_all(dataset, "1.0.0.10.a")->ttl_s, 200);
	ck_assert_uint_eq(ask_all(dataset, "1.0.0.10.b")->ttl_s, 100);
	ck_assert_ptr_nonnull(dataset->specials.soa);
	ck_assert_uint_eq(dataset->specials.soa->ttl_s, 100);
	ck_assert_ptr_nonnull(dataset->specials.ns);
	ck_assert_uint_eq(dataset->entries, 4);
	dataset_free(dataset);
}
END_TEST

/* IPv4 in IPv6 names: the data sets of the subzone decide what such a name means. */
START_TEST(test_ip4_in_ip6)
{
	static const row_t rows[] = {
		{ "six:::ffff:10.0.0.1/both", "127.0.0.2 'four'" },
		{ "six:2002:a00:1::/both", "127.0.0.2 127.0.0.3 'four' 'six'" },
		{ "six:::ffff:10.0.0.1/four", "127.0.0.2 'four'" },
		{ "six:2002:a00:1::/four", "127.0.0.2 'four'" },
		{ "six:::ffff:10.0.0.1/six", "127.0.0.3 'six'" },
		{ "six:2002:a00:1::/six", "127.0.0.3 'six'" },
		{ "six:::ffff:10.0.0.1", "127.0.0.3 'six'" },
	};

	check_text("$DATASET ip4set both four\n:2:four\n10.0.0.1\n"
		   "$DATASET ip6trie both six @\n:3:six\n::ffff:a00:1\n2002:a00:1::\n",
		   rows, COUNT_OF(rows));
}
END_TEST

START_TEST(test_odd_subzones)
{
	static const row_t rows[] = {
		{ "1.0.0.10.a.b", "127.0.0.2" }, { "1.0.0.10.as", "127.0.0.2" },
		{ "1.0.0.10.@;x", "127.0.0.2" }, { "1.0.0.10.ok", "127.0.0.2" },
		{ "1.0.0.10", "nothing" },
	};

	log_set_level(LOG_LEVEL_ERROR);
	check_text("$unknown x\n"
		   "$DATASET\n$DATASET #x\n" /* no effect */
		   "$DATASET ip4set a..b a\\115 @;x "
		   "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx ok\n"
		   "$DATASET\n"
		   "10.0.0.1\n",
		   rows, COUNT_OF(rows));
}
END_TEST

/* What the whole file must not be served for. */
START_TEST(test_refused)
{
	static const char *const texts[] = {
		"10.0.0.1\n",
		":2:x\n$DATASET ip4set @\n",
		"garbage\n",
		"$DATASET ip4sett @\n",
		"$DATASET IP4SET @\n",
		"$DATASET :x @\n",
		"$DATASET combined @\n",
		"$DATASET acl @\n",
		"$DATASET aclkey @\n",
		"$DATASET ip4set @\n10.0.0.1\n$DATASET nothing @\n",
		"$TIMESTAMP 9999:01:01\n",
		"$DATASET ip4set @\n10.0.0.1\n$TIMESTAMP 9999:01:01\n",
	};

	log_begin();
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		MUST(load_texts("combined", &texts[i], 1, &default_settings) == NULL, "%s",
		     texts[i]);
	ck_assert_ptr_nonnull(strstr(log_end(), "0:1: "));
}
END_TEST

/* Sections end with their file, subzones do not. */
START_TEST(test_files)
{
	static const char *const texts[] = { "$TTL 7\n$DATASET ip4set a\n10.0.0.1\n",
					     "$DATASET ip4set a b\n:3:\n10.0.0.2\n" };
	static const char *const bad[] = { "$DATASET ip4set a\n10.0.0.1\n", "10.0.0.2\n" };
	static const row_t rows[] = {
		{ "1.0.0.10.a", "127.0.0.2" },
		{ "2.0.0.10.a", "127.0.0.3" },
		{ "1.0.0.10.b", "nothing" },
		{ "2.0.0.10.b", "127.0.0.3" },
	};
	dataset_t *dataset = load_texts("combined", texts, 2, &default_settings);

	must_answer(dataset, rows, COUNT_OF(rows));
	ck_assert_uint_eq(ask_all(dataset, "2.0.0.10.b")->ttl_s, 7);
	dataset_free(dataset);
	log_begin();
	ck_assert_ptr_null(load_texts("combined", bad, 2, &default_settings));
	(void)log_end();
	dataset = load_text("combined", "");
	ck_assert_str_eq(ask(dataset, "a"), "nothing");
	dataset_free(dataset);
}
END_TEST

/* Many sections, and names of as many labels as there can be. */
START_TEST(test_many)
{
	enum { SECTIONS = 10000, LINE = 60 };
	char *text = malloc((size_t)SECTIONS * LINE);
	char name[300];
	size_t size = 0;

	ck_assert_ptr_nonnull(text);
	for (unsigned i = 0; i < SECTIONS; i++)
		size += (size_t)snprintf(text + size, LINE,
					 "$DATASET ip4set s%u.t%u\n10.0.0.1 :1.2.%u.%u:\n", i,
					 i % 7, i / 256, i % 256);
	dataset_t *dataset = load_text("combined", text);
	free(text);
	/* Of which an IPv4 index, however small, takes 10 KB. */
	ck_assert_uint_lt(dataset->memory / SECTIONS, 12 * 1024);
	for (unsigned i = 0; i < SECTIONS; i += 37) {
		char value[20];
		(void)snprintf(name, sizeof(name), "1.0.0.10.s%u.t%u", i, i % 7);
		(void)snprintf(value, sizeof(value), "1.2.%u.%u", i / 256, i % 256);
		ck_assert_str_eq(ask(dataset, name), value);
		(void)snprintf(name, sizeof(name), "1.0.0.10.s%u.t%u", i, (i + 1) % 7);
		ck_assert_str_eq(ask(dataset, name), "nothing");
	}
	/* 120 labels and the zone */
	size = 0;
	for (unsigned i = 0; i < 118; i++)
		size += (size_t)snprintf(name + size, 3, "0.");
	strcpy(name + size, "s9.t2");
	ck_assert_str_eq(ask(dataset, name), "nothing");
	dataset_free(dataset);
}
END_TEST

/* A batch of questions for several subzones, each in its own place. */
START_TEST(test_batch)
{
	enum { COUNT = 150 };
	static uint8_t packets[COUNT][512];
	static dns_query_t queries[COUNT];
	static dataset_question_t questions[COUNT];
	const dataset_question_t *asked[COUNT];
	dataset_match_t matches[COUNT];
	dataset_t *dataset = load_text("combined", "$DATASET ip4set a b\n10.0.0.0/24\n"
						   "$DATASET ip4set b c.c\n10.0.1.0/24\n");
	static const char *const subzones[] = { "", ".a", ".b", ".c", ".c.c" };
	static const bool has[5][2] = {
		{ false, false }, { true, false }, { true, true },
		{ false, false }, { false, true },
	};

	random_start(1);
	for (unsigned round = 0; round < 50; round++) {
		unsigned zone[COUNT];
		unsigned net[COUNT];
		for (unsigned i = 0; i < COUNT; i++) {
			char name[60];
			zone[i] = random_below(5);
			net[i] = random_below(2);
			(void)snprintf(name, sizeof(name), "%u.%u.0.10%s", random_below(256),
				       net[i], subzones[zone[i]]);
			size_t size = fixture_query(name, packets[i]);
			ck_assert_int_eq(dns_query_parse(packets[i], size, &queries[i]),
					 DNS_PARSE_OK);
			dataset_question_init(&questions[i], &queries[i], &fixture_asker,
					      queries[i].label_count - 2u, false);
			asked[i] = &questions[i];
		}
		dataset_find(dataset, asked, COUNT, matches);
		for (unsigned i = 0; i < COUNT; i++)
			MUST((matches[i].found == DATASET_ENTRY) == has[zone[i]][net[i]],
			     "round %u, question %u: %d", round, i, (int)matches[i].found);
	}
	dataset_free(dataset);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_subzones, test_members, test_inheritance, test_ip4_in_ip6, test_odd_subzones,
		test_refused,  test_files,   test_many,        test_batch,
	};

	return run_tests("combined", tests, COUNT_OF(tests));
}
