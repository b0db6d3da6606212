/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* generic: its lines, and names against a naive model. SPURN_SEED=n repeats a run. */

#include <strings.h>
#include <time.h>

#include "test.h"

#include "dataset_fixture.h"

#define LABEL_63 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

START_TEST(test_lines)
{
	static const struct {
		const char *line;
		const char *answer; /* to "a"; "nothing" where the line is to be skipped */
	} rows[] = {
		/* Addresses: the shorthand, without 127; what follows is ignored. */
		{ "a A 1.2.3.4", "1.2.3.4" },
		{ "a\t \tIN\tA  5", "0.0.0.5" },
		{ "A in a 1.2", "1.0.0.2" },
		{ "a 5 A 1.2.3", "1.2.0.3" },
		{ "a 5m In A 1", "0.0.0.1" },
		{ "a A 0", "0.0.0.0" },
		{ "a A 1.2.3.4 and so on", "1.2.3.4" },
		{ "a A 1.2.3.4#c", "1.2.3.4" },
		{ "a A 1.2.3.4;c", "1.2.3.4" },
		{ "a A 1.2.3.4:x", "1.2.3.4" },
		{ "a A 00000000000000000000001", "0.0.0.1" },
		{ "a A", "nothing" },
		{ "a A x", "nothing" },
		{ "a A 256", "nothing" },
		{ "a A 1.2.3.", "nothing" },
		{ "a A 1.2.3.4.5", "1.2.3.4" },
		{ "a A 1.2.3.4x", "1.2.3.4" },
		{ "a A 1.2.3.4/32", "1.2.3.4" },
		{ "a A :1", "nothing" },
		{ "a A #1", "nothing" },
		/* Texts: one pair of quotes goes, nothing else happens to them. */
		{ "a TXT text", "'text'" },
		{ "a txt  two  words\t# x ; y", "'two  words\t# x ; y'" },
		{ "a TXT $ $1 \\\\097", "'$ $1 \\\\097'" },
		{ "a TXT \"quoted\"", "'quoted'" },
		{ "a TXT \"x", "'\"x'" },
		{ "a TXT x\"", "'x\"'" },
		{ "a TXT \"", "'\"'" },
		{ "a TXT \"\"", "''" },
		{ "a TXT \"\"\"", "'\"'" },
		{ "a TXT \"x\" y", "'\"x\" y'" },
		{ "a TXT \"a\"\"b\"", "'a\"\"b'" },
		{ "a TXT #1", "'#1'" },
		{ "a TXT", "nothing" },
		{ "a TXT ", "nothing" },
		/* Mail servers. */
		{ "a MX 10 m.x", "mx10.m.x" },
		{ "a MX 0 M..x.", "mx0.M.x" },
		{ "a MX 65535 .", "mx65535" },
		{ "a MX 0000000000000000000000010 @", "mx10.@" },
		{ "a MX 10 m#c", "mx10.m#c" },
		{ "a MX 10 " LABEL_63, "mx10." LABEL_63 },
		{ "a MX 10 x" LABEL_63, "nothing" },
		{ "a MX 65536 m", "nothing" },
		{ "a MX 4294967306 m", "nothing" },
		{ "a MX 10", "nothing" },
		{ "a MX", "nothing" },
		{ "a MX m", "nothing" },
		{ "a MX -1 m", "nothing" },
		{ "a MX 1h m", "nothing" },
		{ "a MX 10 m extra", "nothing" },
		{ "a MX 10 m # c", "nothing" },
		{ "a MX 10 m\\999", "nothing" },
		/* TTL and class. */
		{ "a IN 5 A 1", "nothing" },
		{ "a 5 5 A 1", "nothing" },
		{ "a IN IN A 1", "nothing" },
		{ "a CH A 1", "nothing" },
		{ "a 5x A 1", "nothing" },
		{ "a 1h30m A 1", "nothing" },
		{ "a 4294967296 A 1", "nothing" },
		{ "a -5 A 1", "nothing" },
		{ "a 5", "nothing" },
		{ "a IN", "nothing" },
		{ "a 5 IN", "nothing" },
		{ "a", "nothing" },
		/* Types that are not. */
		{ "a AAAA ::1", "nothing" },
		{ "a CNAME b", "nothing" },
		{ "a NS b", "nothing" },
		{ "a TXTX b", "nothing" },
		/* Owners. */
		{ "a. A 1", "0.0.0.1" },
		{ ".a.. A 1", "0.0.0.1" },
		{ "\\097 A 1", "0.0.0.1" },
		{ "\\97 A 1", "0.0.0.1" },
		{ "\\a A 1", "0.0.0.1" },
		{ "\\065 A 1", "0.0.0.1" },
		{ "* A 1", "nothing" },
		{ "*.a A 1", "below" },
		{ "@ A 1", "nothing" },
		{ ". A 1", "nothing" },
		{ "\\999 A 1", "nothing" },
		{ "x" LABEL_63 ".a A 1", "nothing" },
		{ LABEL_63 ".a A 1", "below" },
		/* There are no default lines and no exclusions. */
		{ ":5:x", "nothing" },
		{ ":a A 1", "nothing" },
		{ "!a A 1", "nothing" },
	};

	log_set_level(LOG_LEVEL_ERROR);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		dataset_t *dataset = load_text("generic", rows[i].line);
		ck_assert_msg(strcmp(ask(dataset, "a"), rows[i].answer) == 0, "\"%s\": %s",
			      rows[i].line, ask(dataset, "a"));
		dataset_free(dataset);
	}
}
END_TEST

START_TEST(test_names)
{
	dataset_t *dataset = load_text("generic", "@ A 1\n"
						  "\\@ A 2\n"
						  "*.b A 3\n"
						  "4.3.2.1 A 4\n"
						  "c\\.d.e A 5\n"
						  "f.g.h TXT x\n" LABEL_63 ".i A 6\n"
						  ":j A 7\n");

	ck_assert_str_eq(ask(dataset, ""), "0.0.0.1");
	ck_assert_str_eq(ask(dataset, "@"), "0.0.0.2");
	/* A literal asterisk. */
	ck_assert_str_eq(ask(dataset, "*.b"), "0.0.0.3");
	ck_assert_str_eq(ask(dataset, "x.b"), "nothing");
	/* Names that look like addresses. */
	ck_assert_str_eq(ask(dataset, "4.3.2.1"), "0.0.0.4");
	ck_assert_str_eq(ask(dataset, "004.3.2.1"), "nothing");
	ck_assert_str_eq(ask(dataset, "3.2.1"), "below");
	/* A dot in a label makes no label. */
	ck_assert_str_eq(ask(dataset, "c.d.e"), "nothing");
	ck_assert_str_eq(ask(dataset, "d.e"), "nothing");
	ck_assert_str_eq(ask(dataset, "e"), "below");
	ck_assert_str_eq(ask(dataset, "F.g.H"), "'x'");
	ck_assert_str_eq(ask(dataset, "g.H"), "below");
	ck_assert_str_eq(ask(dataset, "g"), "nothing");
	ck_assert_str_eq(ask(dataset, "f.g.h.h"), "nothing");
	ck_assert_str_eq(ask(dataset, LABEL_63 ".i"), "0.0.0.6");
	ck_assert_str_eq(ask(dataset, ":j"), "0.0.0.7");
	dataset_free(dataset);
	/* The apex of a zone that has only names below. */
	dataset = load_text("generic", "a A 1");
	ck_assert_str_eq(ask(dataset, ""), "below");
	dataset_free(dataset);
	dataset = load_text("generic", "");
	ck_assert_str_eq(ask(dataset, ""), "nothing");
	ck_assert_str_eq(ask(dataset, "a"), "nothing");
	dataset_free(dataset);
}
END_TEST

/* All records of a name answer, each once; an RRset has its smallest TTL. */
START_TEST(test_rrsets)
{
	dataset_t *dataset = load_text("generic", "a 500 A 1\na 400 A 2\na 600 A 1\n"
						  "b A 9\n"
						  "a 300 TXT x\nA 350 TXT X\na TXT \"x\"\n"
						  "a 200 MX 20 m.x\na 100 MX 10 N.x\n"
						  "a 50 MX 10 n.X.\na 60 MX 5 n.x\n"
						  "c 70 MX 1 x\nc 80 MX 1 X\n");

	ck_assert_str_eq(ask(dataset, "a"), "0.0.0.1 0.0.0.2 'x' 'X' mx5.n.x mx10.n.X mx20.m.x");
	/* That of MX, which is read last. */
	ck_assert_uint_eq(ask_all(dataset, "a")->ttl_s, 50);
	ck_assert_str_eq(ask(dataset, "b"), "0.0.0.9");
	ck_assert_uint_eq(ask_all(dataset, "b")->ttl_s, 2100);
	ck_assert_str_eq(ask(dataset, "c"), "mx1.X");
	ck_assert_uint_eq(ask_all(dataset, "c")->ttl_s, 70);
	dataset_free(dataset);
}
END_TEST

/* The TTL is that of the line, or the $TTL at that place. */
START_TEST(test_ttl)
{
	static const zone_settings_t clamped = { .ttl_default_s = 300,
						 .ttl_min_s = 100,
						 .ttl_max_s = 1000 };
	const char *text = "a A 1\nb 0 A 1\nc 1 A 1\nd 5000 A 1\ne 1h IN A 1\n"
			   "$TTL 500\nf A 1\ng 0 A 1\n$TTL 0\nh A 1\n";
	static const struct {
		const char *name;
		uint32_t ttl_s;
		uint32_t clamped_s;
	} rows[] = {
		{ "a", 2100, 300 },  { "b", 2100, 300 }, { "c", 1, 100 },   { "d", 5000, 1000 },
		{ "e", 3600, 1000 }, { "f", 500, 500 },  { "g", 500, 500 }, { "h", 2100, 300 },
	};
	dataset_t *plain = load_text("generic", text);
	dataset_t *dataset = load_texts("generic", &text, 1, &clamped);

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		ck_assert_uint_eq(ask_all(plain, rows[i].name)->ttl_s, rows[i].ttl_s);
		ck_assert_uint_eq(ask_all(dataset, rows[i].name)->ttl_s, rows[i].clamped_s);
	}
	dataset_free(plain);
	dataset_free(dataset);
}
END_TEST

/* Texts up to the longest, cut behind that; the quotes do not count. */
START_TEST(test_long_text)
{
	static const unsigned sizes[] = { 254, 255,  256,          510,
					  511, 4000, DNS_TEXT_MAX, DNS_TEXT_MAX + 1,
					  6000 };

	for (unsigned i = 0; i < COUNT_OF(sizes); i++) {
		unsigned kept = sizes[i] < DNS_TEXT_MAX ? sizes[i] : DNS_TEXT_MAX;
		char line[6100];
		char expected[DNS_TEXT_MAX + 10] = "'";
		for (unsigned form = 0; form < 2; form++) {
			const char *quote = form == 0 ? "" : "\"";
			int at = snprintf(line, sizeof(line), "a TXT %s", quote);
			memset(line + at, 'x', sizes[i]);
			strcpy(line + at + sizes[i], quote);
			memset(expected + 1, 'x', kept);
			strcpy(expected + 1 + kept, "'");
			log_set_level(LOG_LEVEL_ERROR);
			dataset_t *dataset = load_text("generic", line);
			ck_assert_str_eq(ask(dataset, "a"), expected);
			dataset_free(dataset);
		}
	}
}
END_TEST

/* Many records of one name once took a time that grew with their square. */
START_TEST(test_many_records_of_one_name)
{
	enum { COUNT = 40000 };
	size_t room = (size_t)COUNT * 40;
	char *text = malloc(room);
	size_t size = 0;

	ck_assert_ptr_nonnull(text);
	for (int i = 0; i < COUNT; i++)
		size += (size_t)snprintf(text + size, room - size,
					 i % 2 == 0 ? "a A 10.%d.%d.1\n" : "a MX %d h%d.x\n",
					 i / 256, i % 256);
	clock_t start = clock();
	dataset_t *dataset = load_text("generic", text);
	/* Half a second with sanitizers; it was minutes. */
	ck_assert_int_lt((clock() - start) / CLOCKS_PER_SEC, 10);
	ck_assert_uint_eq(dataset->entries, COUNT);
	dataset_free(dataset);
	free(text);
}
END_TEST

/* ---- Random names. ---- */

#define NAMES_MAX 200

static char names[NAMES_MAX][40];

/* Up to four labels of few letters, so that many names are below others; some with bytes that sort
 * before or behind all of those. */
static const char *random_name(char name[40])
{
	static const char *const labels[] = { "a",    "b",    "aa",    "ab", "A",   "aB",
					      "\x01", "\xff", "a\x01", "-",  "b-a", "aaa" };
	unsigned depth = 1 + random_below(4);

	name[0] = '\0';
	for (unsigned i = 0; i < depth; i++) {
		if (i > 0)
			strcat(name, ".");
		strcat(name, labels[random_below(COUNT_OF(labels))]);
	}
	return name;
}

static bool is_below(const char *name, const char *parent)
{
	size_t size = strlen(name);
	size_t parent_size = strlen(parent);

	return size > parent_size && name[size - parent_size - 1] == '.' &&
	       strcasecmp(name + size - parent_size, parent) == 0;
}

static const char *model_ask(unsigned count, const char *name)
{
	static char words[20 * NAMES_MAX];
	bool has_below = false;

	words[0] = '\0';
	for (unsigned i = 0; i < count; i++) {
		if (strcasecmp(names[i], name) == 0)
			(void)snprintf(words + strlen(words), 20, "%s0.0.%u.%u",
				       words[0] != '\0' ? " " : "", i / 256, i % 256);
		has_below = has_below || is_below(names[i], name);
	}
	if (words[0] != '\0')
		return words;
	return has_below ? "below" : "nothing";
}

START_TEST(test_random)
{
	static char text[NAMES_MAX * 60];

	random_start(0);
	for (unsigned round = 0; round < 100; round++) {
		unsigned count = random_below(round % 10 == 0 ? 4 : NAMES_MAX);
		size_t size = 0;
		text[0] = '\0';
		for (unsigned i = 0; i < count; i++)
			size += (size_t)snprintf(text + size, sizeof(text) - size,
						 "%s A 0.0.%u.%u\n", random_name(names[i]), i / 256,
						 i % 256);
		dataset_t *dataset = load_text("generic", text);
		ck_assert_uint_eq(dataset->entries, count);
		for (unsigned i = 0; i < 300; i++) {
			char name[40];
			random_name(name);
			if (strcmp(ask(dataset, name), model_ask(count, name)) != 0)
				ck_abort_msg("%s: %s instead of %s in:\n%s", name,
					     ask(dataset, name), model_ask(count, name), text);
		}
		dataset_free(dataset);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_lines,  test_names,     test_rrsets,
		test_ttl,    test_long_text, test_many_records_of_one_name,
		test_random,
	};

	return run_tests("generic", tests, COUNT_OF(tests));
}
