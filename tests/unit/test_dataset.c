/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Whole small files of every type, loaded and asked. */

#include <fcntl.h>
#include <sys/stat.h>

#include "test.h"

#include "dataset_fixture.h"

/* ---- Which entry wins. ---- */

START_TEST(test_ip4set)
{
	dataset_t *dataset = load_text("ip4set", "10.0.0.0/8 :8:eight $\n"
						 "10.1/16 :16:\n"
						 "10.1.2/24 :24:\n"
						 "10.1.2.0/25 :25:\n"
						 "10.1.2.4 :32:host\n"
						 "10.1.2.4 :33:host2\n"
						 "10.1.2.4 :32:host\n"
						 "!10.2/16\n"
						 "10.2.3.4 :4:\n"
						 "!10.1.2.64-95 :x\n"
						 "10.1.2.70\n"
						 "11.0-1 :11:\n"
						 "255.255.255.255 :1:$\n"
						 "0.0.0.0 :1:$\n");

	ck_assert_str_eq(ask_ip4(dataset, "10.9.9.9"), "127.0.0.8 'eight 10.9.9.9'");
	ck_assert_str_eq(ask_ip4(dataset, "10.1.9.9"), "127.0.0.16");
	ck_assert_str_eq(ask_ip4(dataset, "10.1.2.200"), "127.0.0.24");
	ck_assert_str_eq(ask_ip4(dataset, "10.1.2.3"), "127.0.0.25");
	/* One level: all distinct values. */
	ck_assert_str_eq(ask_ip4(dataset, "10.1.2.4"),
			 "127.0.0.25 127.0.0.32 127.0.0.33 'host' 'host2'");
	/* An exclusion wins on its level, and hides coarser ones, and loses against finer ones. */
	ck_assert_str_eq(ask_ip4(dataset, "10.1.2.64"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "10.1.2.70"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "10.1.2.95"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "10.1.2.96"), "127.0.0.25");
	ck_assert_str_eq(ask_ip4(dataset, "10.2.3.5"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "10.2.3.4"), "127.0.0.4");
	ck_assert_str_eq(ask_ip4(dataset, "11.1.255.255"), "127.0.0.11");
	ck_assert_str_eq(ask_ip4(dataset, "11.2.0.0"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "255.255.255.255"), "127.0.0.1 '255.255.255.255'");
	ck_assert_str_eq(ask_ip4(dataset, "0.0.0.0"), "127.0.0.1 '0.0.0.0'");
	/* Other names. */
	ck_assert_str_eq(ask(dataset, "3.2.10"), "below");
	ck_assert_str_eq(ask(dataset, "4.2.10"), "nothing");
	ck_assert_str_eq(ask(dataset, "2.11"), "nothing");
	ck_assert_str_eq(ask(dataset, "255"), "below");
	ck_assert_str_eq(ask(dataset, "5.4.3.2.10"), "nothing");
	ck_assert_str_eq(ask(dataset, "www"), "nothing");
	ck_assert_uint_eq(dataset->entries, 14);
	dataset_free(dataset);
}
END_TEST

START_TEST(test_ip4trie)
{
	dataset_t *dataset = load_text("ip4trie", "0/0 all $\n"
						  "10/8 :8:\n"
						  "10.1.2.0/25 :25:\n"
						  "10.1.2.0/25 :26:\n"
						  "!10.1.2.0/25\n"
						  "10.1.2.64/26\n"
						  "!10.2/16\n"
						  "10.2/16 :2:\n"
						  "10.2.3.4 :4\n"
						  "1.2.3.4-5\n"
						  "1\n");

	ck_assert_str_eq(ask_ip4(dataset, "1.2.3.4"), "127.0.0.2 'all 1.2.3.4'");
	ck_assert_str_eq(ask_ip4(dataset, "255.255.255.255"), "127.0.0.2 'all 255.255.255.255'");
	ck_assert_str_eq(ask_ip4(dataset, "10.9.9.9"), "127.0.0.8");
	/* Of equal prefixes the first. */
	ck_assert_str_eq(ask_ip4(dataset, "10.1.2.3"), "127.0.0.25");
	ck_assert_str_eq(ask_ip4(dataset, "10.1.2.64"), "127.0.0.2");
	ck_assert_str_eq(ask_ip4(dataset, "10.2.3.5"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "10.2.3.4"), "127.0.0.4");
	dataset_free(dataset);
}
END_TEST

START_TEST(test_ip4tset)
{
	dataset_t *dataset = load_text("ip4tset", "1.2.3.4 :9:ignored\n"
						  "1.2.3.5\n"
						  ":8:the value $\n"
						  ":9:not this\n"
						  "1.2.3.6#c\n"
						  "!1.2.3.5\n"
						  "1.2.4\n"
						  "1.2.5.0/24\n"
						  "1.2.6.1-2\n"
						  "1.2.3.4\n");

	ck_assert_str_eq(ask_ip4(dataset, "1.2.3.4"), "127.0.0.8 'the value 1.2.3.4'");
	ck_assert_str_eq(ask_ip4(dataset, "1.2.3.5"), "127.0.0.8 'the value 1.2.3.5'");
	ck_assert_str_eq(ask_ip4(dataset, "1.2.3.6"), "127.0.0.8 'the value 1.2.3.6'");
	ck_assert_str_eq(ask_ip4(dataset, "1.2.4.0"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "1.2.5.0"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "1.2.6.1"), "nothing");
	ck_assert_uint_eq(dataset->entries, 4);
	dataset_free(dataset);
}
END_TEST

/* ---- Values that come again. ---- */

/* Texts of all lengths, which differ in one byte only: each three times, with others in between. */
START_TEST(test_similar_values)
{
	enum { LENGTHS = 80, LINES = 3 * LENGTHS * LENGTHS / 2 };
	static char text[LINES * (LENGTHS + 16)];
	char expected[LENGTHS + 16], address[16];
	char *at = text;
	unsigned count = 0;

	for (unsigned i = 0; i < 3; i++)
		for (unsigned length = 1; length < LENGTHS; length++)
			for (unsigned place = 0; place < length; place++, count++) {
				at += sprintf(at, "10.%u.%u.%u %0*d\n", i, length, place,
					      (int)length, 0);
				at[(int)place - (int)length - 1] = 'x';
			}
	dataset_t *dataset = load_text("ip4trie", text);
	ck_assert_uint_eq(dataset->entries, count);
	for (unsigned i = 0; i < 3; i++)
		for (unsigned length = 1; length < LENGTHS; length++)
			for (unsigned place = 0; place < length; place++) {
				(void)snprintf(address, sizeof(address), "10.%u.%u.%u", i, length,
					       place);
				int head = sprintf(expected, "127.0.0.2 '%0*d'", (int)length, 0) -
					   (int)length - 1;
				expected[head + (int)place] = 'x';
				ck_assert_str_eq(ask_ip4(dataset, address), expected);
			}
	dataset_free(dataset);
}
END_TEST

/* ---- Several files, and what they share. ---- */

START_TEST(test_files)
{
	static const struct {
		const char *type;
		const char *texts[3];
		const char *answers[2]; /* to 1.2.3.4 and 1.2.3.5 */
	} rows[] = {
		/* The default value begins anew in each file, but for ip4tset. */
		{ "ip4set",
		  { ":4:four\n1.2.3.4", "1.2.3.5", "" },
		  { "127.0.0.4 'four'", "127.0.0.2" } },
		{ "ip4trie",
		  { ":4:four\n1.2.3.4", "1.2.3.5 t", "" },
		  { "127.0.0.4 'four'", "127.0.0.2 't'" } },
		{ "ip4tset",
		  { "1.2.3.4", ":4:four\n1.2.3.5", ":5:five" },
		  { "127.0.0.4 'four'", "127.0.0.4 'four'" } },
		/* Within a file each is that of the entries behind it, and it inherits nothing. */
		{ "ip4set",
		  { ":4:four\n1.2.3.4\n:5\n1.2.3.5", "", "" },
		  { "127.0.0.4 'four'", "127.0.0.5" } },
		{ "ip4set",
		  { ":4:four\n1.2.3.4 :6\n:bogus:x\n1.2.3.5 :7:", "", "" },
		  { "127.0.0.6 'four'", "127.0.0.7" } },
		{ "ip4trie",
		  { ":4:$\n1.2.3.4\n1.2.3.5 =x", "", "" },
		  { "127.0.0.4 '1.2.3.4'", "127.0.0.4 'x'" } },
		/* Entries are pooled. */
		{ "ip4set", { "!1.2.3.4", "", "1.2.3.4\n1.2.3.5" }, { "nothing", "127.0.0.2" } },
		{ "ip4trie",
		  { "1.2.3.4 :4:", "!1.2.3.4\n!1.2.3.5", "1.2.3.5" },
		  { "127.0.0.4", "nothing" } },
		/* So are variables and the base template, wherever they stand. */
		{ "ip4set",
		  { "1.2.3.4 $1", "$1 one\n$= <$=>", "1.2.3.5 $1 $\n$1 two" },
		  { "'", "" } },
		/* $MAXRANGE4 holds for what follows, exclusions too. */
		{ "ip4set",
		  { "1.2.3.4/31\n$MAXRANGE4 1", "!1.2.3.4/31\n1.2/16\n!1.2.3.5", "" },
		  { "127.0.0.2", "nothing" } },
		{ "ip4trie",
		  { "$MAXRANGE4 /32\n1.2.3.4/31", "1.2.3.5", "" },
		  { "nothing", "127.0.0.2" } },
		/* Files without anything. */
		{ "ip4set", { "", "\n \n\t\n", "1.2.3.4" }, { "127.0.0.2", "nothing" } },
		{ "ip4tset", { "", "", "" }, { "nothing", "nothing" } },
		{ "generic",
		  { "", "4.3.2.1 A 1", "4.3.2.1 A 2" },
		  { "0.0.0.1 0.0.0.2", "nothing" } },
	};

	log_set_level(LOG_LEVEL_ERROR);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		dataset_t *dataset = load_texts(rows[i].type, rows[i].texts, 3, &default_settings);
		ck_assert_ptr_nonnull(dataset);
		if (rows[i].answers[0][0] == '\'') {
			ck_assert_str_eq(ask_ip4(dataset, "1.2.3.4"), "127.0.0.2 '<$1>'");
			ck_assert_str_eq(ask_ip4(dataset, "1.2.3.5"), "127.0.0.2 '<$1 $>'");
		} else {
			ck_assert_msg(strcmp(ask_ip4(dataset, "1.2.3.4"), rows[i].answers[0]) == 0,
				      "row %zu: %s", i, ask_ip4(dataset, "1.2.3.4"));
			ck_assert_msg(strcmp(ask_ip4(dataset, "1.2.3.5"), rows[i].answers[1]) == 0,
				      "row %zu: %s", i, ask_ip4(dataset, "1.2.3.5"));
		}
		dataset_free(dataset);
	}
}
END_TEST

START_TEST(test_specials)
{
	const char *texts[] = { "$TTL 60\n$SOA 0 a b 1 2 3 4 5\n1.2.3.4 $1\n",
				"$SOA 0 c d 1 2 3 4 5\n$NS 0 ns\n$TTL 30\n$1 one\n" };
	dataset_t *dataset = load_texts("ip4set", texts, 2, &default_settings);

	ck_assert_str_eq(ask_ip4(dataset, "1.2.3.4"), "127.0.0.2 'one'");
	/* The last $TTL is that of all entries, $SOA and $NS have that of their place. */
	ck_assert_uint_eq(ask_all(dataset, "4.3.2.1")->ttl_s, 30);
	ck_assert_uint_eq(dataset->specials.soa->ttl_s, 60);
	ck_assert_mem_eq(dataset->specials.soa->mname, "\1a", 3);
	ck_assert_uint_eq(dataset->specials.ns->ttl_s, 60);
	ck_assert_uint_eq(dataset->entries, 1);
	ck_assert_uint_gt(dataset->memory, 0);
	dataset_free(dataset);
}
END_TEST

START_TEST(test_host_bits)
{
	static const zone_settings_t allowing = { .ttl_default_s = 2100, .allow_host_bits = true };
	const char *text = "1.2.3.4/24\n";
	static const char *const types[] = { "ip4set", "ip4trie" };

	log_set_level(LOG_LEVEL_ERROR);
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		dataset_t *dataset = load_text(types[i], text);
		ck_assert_str_eq(ask_ip4(dataset, "1.2.3.4"), "nothing");
		dataset_free(dataset);
		dataset = load_texts(types[i], &text, 1, &allowing);
		ck_assert_str_eq(ask_ip4(dataset, "1.2.3.255"), "127.0.0.2");
		dataset_free(dataset);
	}
}
END_TEST

/* ---- Messages. ---- */

/* Removes each "DIRECTORY/" from what was logged. */
static const char *logged(const char *directory)
{
	static char text[8000];
	const char *from = log_end();
	size_t size = strlen(directory);
	size_t at = 0;

	while (*from != '\0') {
		if (strncmp(from, directory, size) == 0)
			from += size + 1;
		else
			text[at++] = *from++;
	}
	text[at] = '\0';
	return text;
}

/* How many lines. */
static unsigned count_lines(const char *text)
{
	unsigned count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

START_TEST(test_bad_lines)
{
	const char *text = "# a comment\n"
			   "1.2.3.4\n"
			   "bogus\n"
			   "1.2.3.5 :0:\n"
			   "$TTL x\n"
			   ":bogus:\n"
			   "\n"
			   "1.2.3.4/24\n"
			   "1.2.3.6 :6:\n";
	fixture_path_t path = fixture_path("");
	char directory[64];

	strcpy(directory, fixture_directory);
	(void)path;
	log_begin();
	dataset_t *dataset = load_text("ip4set", text);
	const char *messages = logged(directory);
	ck_assert_str_eq(ask_ip4(dataset, "1.2.3.4"), "127.0.0.2");
	ck_assert_str_eq(ask_ip4(dataset, "1.2.3.5"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "1.2.3.6"), "127.0.0.6");
	ck_assert_uint_eq(dataset->entries, 2);
	dataset_free(dataset);
	/* file:line: reason; nothing is suppressed yet. */
	ck_assert_uint_eq(count_lines(messages), 5);
	static const char *const starts[] = { "test: 0:3: ", "test: 0:4: ", "test: 0:5: ",
					      "test: 0:6: ", "test: 0:8: " };
	for (size_t i = 0; i < COUNT_OF(starts); i++) {
		ck_assert_msg(strncmp(messages, starts[i], strlen(starts[i])) == 0, "%s", messages);
		messages = strchr(messages, '\n') + 1;
	}
}
END_TEST

/* At most five reports for all files together, and then how many more there would have been. */
START_TEST(test_suppressed)
{
	const char *texts[] = { "x\nx\nx\n", "x\nx\nx\n1.2.3.4\nx\n" };

	for (unsigned more = 0; more < 2; more++) {
		log_begin();
		dataset_t *dataset = load_texts("ip4set", texts, 1 + more, &default_settings);
		const char *messages = log_end();
		ck_assert_ptr_nonnull(dataset);
		ck_assert_uint_eq(dataset->entries, more);
		dataset_free(dataset);
		ck_assert_uint_eq(count_lines(messages), more == 0 ? 3 : 6);
		ck_assert_int_eq(
			strstr(messages, "test: spec: 2 more problems not shown\n") != NULL, more);
	}
	log_begin();
	dataset_free(load_text("ip4set", "x\nx\nx\nx\nx\nx\n"));
	ck_assert_ptr_nonnull(strstr(log_end(), "test: spec: 1 more problem not shown\n"));
}
END_TEST

/* A line that is taken in spite of what is wrong with it, and one that says too much. */
START_TEST(test_warnings)
{
	static char text[70000];

	enum { MOST = DNS_TEXT_MAX };
	char *at = text;
	at += sprintf(at, "1.2.3.4 ");
	memset(at, 'x', MOST + 1);
	at += MOST + 1;
	at += sprintf(at, "\n:5:");
	memset(at, 'y', MOST + 1);
	sprintf(at + MOST + 1, "\n1.2.3.5\n1.2.3.6 ");
	size_t size = strlen(text);
	memset(text + size, 'z', 40000);
	strcpy(text + size + 40000, "\n1.2.3.7\n");
	log_begin();
	dataset_t *dataset = load_text("ip4set", text);
	const char *messages = log_end();
	ck_assert_uint_eq(strlen(ask_ip4(dataset, "1.2.3.4")), strlen("127.0.0.2 ''") + MOST);
	ck_assert_uint_eq(strlen(ask_ip4(dataset, "1.2.3.5")), strlen("127.0.0.5 ''") + MOST);
	ck_assert_uint_eq(strlen(ask_ip4(dataset, "1.2.3.6")), strlen("127.0.0.5 ''") + MOST);
	ck_assert_uint_eq(strlen(ask_ip4(dataset, "1.2.3.7")), strlen("127.0.0.5 ''") + MOST);
	ck_assert_uint_eq(dataset->entries, 4);
	dataset_free(dataset);
	/* The text of each entry, of the default line, and the long line as such. */
	ck_assert_msg(count_lines(messages) == 4, "%s", messages);
	ck_assert_ptr_nonnull(strstr(messages, ":4: longer than 32 KiB"));
}
END_TEST

/* Files that cannot be read fail the load, with a reason. */
START_TEST(test_failures)
{
	static const struct {
		const char *name;
		const char *reason;
	} rows[] = {
		{ "missing", "No such file or directory" },
		{ "directory", "Is a directory" },
		{ "fifo", "is not a regular file" },
		{ "gzip", "is compressed" },
	};
	fixture_path_t directory = fixture_path("directory");
	fixture_path_t fifo = fixture_path("fifo");
	fixture_path_t good = fixture_path("good");

	ck_assert_int_eq(mkdir(directory.text, 0700), 0);
	ck_assert_int_eq(mkfifo(fifo.text, 0600), 0);
	fixture_write("gzip", "\x1f\x8b\x08", 3);
	/* With everything that must be freed again. */
	static const char text[] = "$SOA 1 a b 1 1 1 1 1\n$NS 5 a\n$1 one\n$= x\n1.2.3.4 :5:x\n";
	fixture_write("good", text, strlen(text));
	static const char *const types[] = { "ip4set", "ip4tset", "ip4trie", "generic" };
	for (size_t i = 0; i < COUNT_OF(rows) * COUNT_OF(types); i++) {
		const char *type = types[i / COUNT_OF(rows)];
		fixture_path_t bad = fixture_path(rows[i % COUNT_OF(rows)].name);
		const char *const files[] = { good.text, bad.text, good.text };
		dataset_t *dataset = NULL;
		log_begin();
		const dataset_request_t request =
			request_of(type, "the spec", files, 3, &default_settings);
		err_t err = dataset_load(&request, NULL, &dataset);
		const char *messages = log_end();
		ck_assert_int_eq(err, ERR_LOAD);
		ck_assert_ptr_null(dataset);
		ck_assert_ptr_nonnull(strstr(messages, "test: the spec: "));
		ck_assert_ptr_nonnull(strstr(messages, bad.text));
		ck_assert_msg(strstr(messages, rows[i % COUNT_OF(rows)].reason) != NULL, "%s",
			      messages);
	}
	fixture_remove((const char *const[]){ "directory", "fifo", "gzip", "good", NULL });
}
END_TEST

/* ---- Time. ---- */

START_TEST(test_outdated)
{
	fixture_path_t one = fixture_path("one");
	fixture_path_t two = fixture_path("two");
	const char *const files[] = { one.text, two.text };
	dataset_t *dataset;

	fixture_write("one", "1.2.3.4\n", 8);
	fixture_write("two", "1.2.3.5\n", 8);
	struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 2000 } };
	ck_assert_int_eq(utimensat(AT_FDCWD, one.text, times, 0), 0);
	times[1].tv_sec = 1500;
	ck_assert_int_eq(utimensat(AT_FDCWD, two.text, times, 0), 0);
	const dataset_request_t request = request_of("ip4set", "spec", files, 2, &default_settings);
	ck_assert_int_eq(dataset_load(&request, NULL, &dataset), ERR_OK);
	ck_assert_int_eq(dataset->newest, 2000);
	ck_assert(!dataset_is_outdated(dataset, files));
	/* A nanosecond later, of the same size; back again; another file; none. */
	times[1].tv_nsec = 1;
	ck_assert_int_eq(utimensat(AT_FDCWD, two.text, times, 0), 0);
	ck_assert(dataset_is_outdated(dataset, files));
	times[1].tv_nsec = 0;
	ck_assert_int_eq(utimensat(AT_FDCWD, two.text, times, 0), 0);
	ck_assert(!dataset_is_outdated(dataset, files));
	fixture_write("three", "1.2.3.6\n", 8);
	fixture_path_t three = fixture_path("three");
	ck_assert_int_eq(utimensat(AT_FDCWD, three.text, times, 0), 0);
	ck_assert_int_eq(rename(three.text, two.text), 0);
	ck_assert(dataset_is_outdated(dataset, files));
	ck_assert_int_eq(remove(two.text), 0);
	ck_assert(dataset_is_outdated(dataset, files));
	dataset_free(dataset);
	dataset_free(NULL);
	fixture_remove((const char *const[]){ "one", NULL });
}
END_TEST

START_TEST(test_types)
{
	static const char *const types[] = { "ip4set",  "ip4tset", "ip4trie", "ip6trie",
					     "ip6tset", "dnset",   "dnhash",  "generic" };

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		const dataset_type_t *type = dataset_type_find(types[i], strlen(types[i]));
		ck_assert_ptr_nonnull(type);
		ck_assert_str_eq(type->name, types[i]);
	}
	ck_assert_ptr_null(dataset_type_find("ip4sets", 7));
	ck_assert_ptr_null(dataset_type_find("ip4set", 5));
	ck_assert_ptr_null(dataset_type_find("IP4SET", 6));
	ck_assert_ptr_null(dataset_type_find("", 0));
	ck_assert_ptr_null(dataset_type_find("dnsets", 6));
}
END_TEST

/* More questions at once than are looked up at once, of all kinds. */
START_TEST(test_batch)
{
	enum { COUNT = 200 };
	static uint8_t packet[512];
	static dns_query_t queries[COUNT];
	static dataset_question_t questions[COUNT];
	static const dataset_question_t *pointers[COUNT];
	static dataset_match_t matches[COUNT];
	dataset_t *dataset = load_text("ip4set", "1.2.3.0-99\n");

	for (unsigned i = 0; i < COUNT; i++) {
		char name[30];
		(void)snprintf(name, sizeof(name),
			       i % 3 == 0   ? "%u.3.2.1"
			       : i % 3 == 1 ? "%u"
					    : "x%u",
			       i);
		size_t size = fixture_query(name, packet);
		ck_assert_int_eq(dns_query_parse(packet, size, &queries[i]), DNS_PARSE_OK);
		dataset_question_init(&questions[i], &queries[i], &fixture_asker,
				      queries[i].label_count - 2u, true);
		pointers[i] = &questions[i];
	}
	for (unsigned count = 0; count <= COUNT; count++) {
		memset(matches, 0x55, sizeof(matches));
		dataset->type->find(dataset->data, pointers, count, matches);
		for (unsigned i = 0; i < count; i++) {
			dataset_found_t expected = DATASET_NOTHING;
			if (i % 3 == 0 && i < 100)
				expected = DATASET_ENTRY;
			if (i == 1)
				expected = DATASET_BELOW;
			MUST(matches[i].found == expected, "question %u of %u", i, count);
		}
		if (count < COUNT)
			MUST((int)matches[count].found == 0x55555555, "match %u is touched", count);
	}
	dataset_free(dataset);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_ip4set,         test_ip4trie,   test_ip4tset,
				 test_similar_values, test_files,     test_specials,
				 test_host_bits,      test_bad_lines, test_suppressed,
				 test_warnings,       test_failures,  test_outdated,
				 test_types,          test_batch };

	return run_tests("dataset", tests, COUNT_OF(tests));
}
