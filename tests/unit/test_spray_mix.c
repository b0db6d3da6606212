/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What is asked, and how answers are judged and counted. */

#include <unistd.h>

#include "base/cursor.h"
#include "base/log.h"
#include "dns/name.h"
#include "dns/query.h"
#include "test.h"
#include "tool/spray_list.h"
#include "spray/spray_mix.h"
#include "spray/spray_tally.h"
#include "tool/spray_zones.h"

static const spray_wish_t wish_all = {
	.listed = 1000,
	.missing = 300,
	.types = { DNS_TYPE_A, DNS_TYPE_TXT, DNS_TYPE_AAAA },
	.type_count = 3,
};

static char path[] = "/tmp/spurn-spray.XXXXXX";

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert(fputs(text, file) >= 0 && fclose(file) == 0);
}

/* The names of a zone of this type, with this text. */
static err_t read_zone(const char *type, const char *text, const spray_wish_t *wish,
		       spray_names_t *names)
{
	char spec[100];
	char why[200];
	plan_t *plan;

	write_file(text);
	snprintf(spec, sizeof(spec), "bl.test:%s:%s", type, path);
	ck_assert_int_eq(plan_new(&catalog_default_options, &plan), ERR_OK);
	ck_assert_int_eq(plan_add(plan, spec, NULL, why, sizeof(why)), ERR_OK);
	memset(names, 0, sizeof(*names));
	return spray_zones_read(plan, wish, names);
}

/* Is there a name of this text among them? */
static bool has_name(const spray_name_t *names, size_t count, const char *wanted)
{
	char text[DNS_NAME_TEXT_MAX];

	for (size_t i = 0; i < count; i++) {
		dns_name_to_text(names[i].wire, text);
		if (strcmp(text, wanted) == 0)
			return true;
	}
	return false;
}

/* Proves that what is chosen is listed, what is made up is not, and that it is known which types have
 * records, whatever the type of the data. */
START_TEST(test_zones)
{
	static const struct {
		const char *type;
		const char *text;
		size_t count;
		const char *listed[4];
		size_t found;
		const char *never; /* excluded */
		unsigned with;     /* types, as bits */
	} rows[] = {
		{ "ip4set",
		  ":2:listed\n192.0.2.1\n192.0.2.2\n!192.0.2.2\n",
		  1,
		  { "1.2.0.192.bl.test" },
		  1,
		  "2.2.0.192.bl.test",
		  3 },
		{ "ip4trie", ":2:\n192.0.2.1\n", 1, { "1.2.0.192.bl.test" }, 1, "", 1 },
		{ "ip6trie",
		  ":2:x\n2001:db8::1\n",
		  1,
		  { "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.test" },
		  1,
		  "",
		  3 },
		/* the third one is any name below worse.example */
		{ "dnset",
		  ":2:x\nbad.example\n*.worse.example\n!good.worse.example\n.both.example\n",
		  3,
		  { "bad.example.bl.test", "both.example.bl.test", "worse.example.bl.test" },
		  2,
		  "good.worse.example.bl.test",
		  3 },
		/* all below the top level that is made after the pattern */
		{ "dnset", ":2:x\n*.com\nx.com\n", 2, { "x.com.bl.test" }, 1, "com.bl.test", 3 },
		{ "generic",
		  "a A 127.0.0.2\nb.c A 127.0.0.3\n",
		  2,
		  { "a.bl.test", "b.c.bl.test" },
		  2,
		  "",
		  1 },
		{ "combined",
		  "$DATASET ip4set ips @\n:2:x\n192.0.2.1\n"
		  "$DATASET dnset names\n:3:y\nbad.example\n",
		  2,
		  { "1.2.0.192.ips.bl.test", "1.2.0.192.bl.test", "bad.example.names.bl.test" },
		  2,
		  "",
		  3 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		spray_names_t names;
		spray_wish_t wish = wish_all;
		unsigned found = 0;
		wish.listed = 3; /* one name for each entry */
		MUST(read_zone(rows[i].type, rows[i].text, &wish, &names) == ERR_OK,
		     "row %zu cannot be read", i);
		MUST(names.listed_count == rows[i].count, "row %zu: %zu listed", i,
		     names.listed_count);
		MUST(names.missing_count == 300, "row %zu: %zu missing", i, names.missing_count);
		for (size_t j = 0; j < COUNT_OF(rows[i].listed) && rows[i].listed[j] != NULL; j++)
			found += has_name(names.listed, names.listed_count, rows[i].listed[j]);
		MUST(found == rows[i].found, "row %zu: %u found", i, found);
		MUST(!has_name(names.listed, names.listed_count, rows[i].never), "row %zu", i);
		for (size_t j = 0; j < names.listed_count; j++) {
			const spray_right_t *right = &names.listed[j].right;
			MUST(right->is_known && right->rcode == DNS_RCODE_NOERROR &&
				     right->with_records == rows[i].with &&
				     right->without_records == (7u & ~rows[i].with),
			     "row %zu, name %zu: %u", i, j, right->with_records);
		}
		for (size_t j = 0; j < names.missing_count; j++)
			MUST(names.missing[j].right.rcode == DNS_RCODE_NXDOMAIN &&
				     names.missing[j].right.without_records == 7,
			     "row %zu, missing %zu", i, j);
		spray_names_clear(&names);
	}
}
END_TEST

/* Proves that of several zones each has its own misses, however long their names are. */
START_TEST(test_two_zones)
{
	char specs[2][100];
	char why[200];
	spray_names_t names = { .listed = NULL };
	unsigned found[2] = { 0 };
	plan_t *plan;

	write_file(":2:x\n192.0.2.1\n");
	snprintf(specs[0], sizeof(specs[0]), "a.very.long.zone.test:ip4set:%s", path);
	snprintf(specs[1], sizeof(specs[1]), "b:ip4set:%s", path);
	ck_assert_int_eq(plan_new(&catalog_default_options, &plan), ERR_OK);
	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_eq(plan_add(plan, specs[i], NULL, why, sizeof(why)), ERR_OK);
	ck_assert_int_eq(spray_zones_read(plan, &wish_all, &names), ERR_OK);
	ck_assert_uint_eq(names.listed_count, 2);
	for (size_t i = 0; i < names.missing_count; i++) {
		char text[DNS_NAME_TEXT_MAX];
		unsigned octets[4];
		char zone[100];
		dns_name_to_text(names.missing[i].wire, text);
		ck_assert_int_eq(sscanf(text, "%u.%u.%u.%u.%99s", &octets[0], &octets[1],
					&octets[2], &octets[3], zone),
				 5);
		found[0] += strcmp(zone, "a.very.long.zone.test") == 0;
		found[1] += strcmp(zone, "b") == 0;
	}
	ck_assert_uint_eq(found[0] + found[1], 300);
	ck_assert(found[0] > 50 && found[1] > 50);
	spray_names_clear(&names);
}
END_TEST

/* Proves that an entry for many addresses is asked for with many, and none that is excluded. */
START_TEST(test_wide_entry)
{
	spray_names_t names;
	unsigned different = 0;

	ck_assert_int_eq(
		read_zone("ip4trie", ":2:x\n192.0.2.0/24\n!192.0.2.128/25\n", &wish_all, &names),
		ERR_OK);
	ck_assert_uint_gt(names.listed_count, 50);
	for (size_t i = 0; i < names.listed_count; i++) {
		char text[DNS_NAME_TEXT_MAX];
		unsigned octet;
		dns_name_to_text(names.listed[i].wire, text);
		ck_assert_int_eq(sscanf(text, "%u.2.0.192.bl.test", &octet), 1);
		ck_assert_uint_lt(octet, 128);
		different += !has_name(names.listed, i, text);
	}
	ck_assert_uint_gt(different, 30);
	spray_names_clear(&names);
}
END_TEST

/* Proves that what is nearly everywhere listed is not taken for what is not: the gap is found. */
START_TEST(test_narrow_gap)
{
	spray_names_t names;
	const spray_wish_t wish = {
		.listed = 10,
		.missing = 5,
		.types = { DNS_TYPE_A },
		.type_count = 1,
	};

	/* All but a /8: 1 in 256. */
	ck_assert_int_eq(read_zone("ip4trie", ":2:x\n0/0\n!10/8\n", &wish, &names), ERR_OK);
	for (size_t i = 0; i < names.missing_count; i++) {
		const uint8_t *wire = names.missing[i].wire;
		uint8_t labels[DNS_LABELS_MAX];
		ck_assert_uint_eq(dns_name_labels(wire, labels), 6);
		ck_assert_mem_eq(wire + labels[3], "\00210", 3);
	}
	spray_names_clear(&names);
	/* Nothing is not listed. */
	ck_assert_int_eq(read_zone("ip4trie", ":2:x\n0/0\n", &wish, &names), ERR_RANGE);
	spray_names_clear(&names);
	/* Nothing is listed. */
	ck_assert_int_eq(read_zone("ip4trie", ":2:x\n!0/0\n", &wish, &names), ERR_RANGE);
	spray_names_clear(&names);
}
END_TEST

/* Proves that of a long list any entry may be chosen, and none twice. */
START_TEST(test_sample)
{
	static char text[200000];
	spray_names_t names;
	size_t size = 0;
	size_t upper = 0;
	const spray_wish_t wish = { .listed = 1000, .types = { DNS_TYPE_A }, .type_count = 1 };

	for (unsigned i = 0; i < 10000; i++)
		size += (size_t)snprintf(text + size, sizeof(text) - size, "10.%u.%u.1\n", i / 100,
					 i % 100);
	ck_assert_int_eq(read_zone("ip4set", text, &wish, &names), ERR_OK);
	ck_assert_uint_eq(names.listed_count, 1000);
	for (size_t i = 0; i < names.listed_count; i++) {
		char name[DNS_NAME_TEXT_MAX];
		unsigned low;
		unsigned high;
		dns_name_to_text(names.listed[i].wire, name);
		ck_assert_int_eq(sscanf(name, "1.%u.%u.10.bl.test", &low, &high), 2);
		upper += high >= 50;
		for (size_t j = 0; j < i; j++)
			MUST(!dns_name_equal(names.listed[i].wire, names.listed[j].wire), "twice");
	}
	/* Half of them, give or take six standard deviations. */
	ck_assert(upper > 405 && upper < 595);
	spray_names_clear(&names);
}
END_TEST

START_TEST(test_list)
{
	static const uint8_t apex[] = "\2bl\4test";
	spray_names_t names = { .listed = NULL };

	write_file(
		"# a comment\n192.0.2.1\n\n  Bad.Example  # here, too\n2001:db8::1\n192.0.2.1\n");
	ck_assert_int_eq(spray_list_read(path, apex, true, &wish_all, &names), ERR_OK);
	ck_assert_uint_eq(names.listed_count, 3);
	ck_assert_uint_eq(names.missing_count, 300);
	ck_assert(has_name(names.listed, 3, "1.2.0.192.bl.test"));
	ck_assert(has_name(names.listed, 3, "bad.example.bl.test"));
	ck_assert(!has_name(names.missing, 300, "bad.example.bl.test"));
	ck_assert_uint_eq(names.listed[0].right.with_records, 1);
	ck_assert_uint_eq(names.listed[0].right.without_records, 0);
	spray_names_clear(&names);
	ck_assert_int_eq(spray_list_read(path, apex, false, &wish_all, &names), ERR_OK);
	ck_assert_uint_eq(names.missing_count, 0);
	ck_assert(!names.listed[0].right.is_known);
	spray_names_clear(&names);
	write_file("192.0.2.0/24\n");
	ck_assert_int_eq(spray_list_read(path, apex, true, &wish_all, &names), ERR_SYNTAX);
	write_file("\n");
	ck_assert_int_eq(spray_list_read(path, apex, true, &wish_all, &names), ERR_RANGE);
}
END_TEST

/* The name and type of a query. */
static void parse(const uint8_t *packet, size_t size, dns_query_t *query)
{
	ck_assert_int_eq(dns_query_parse(packet, size, query), DNS_PARSE_OK);
	ck_assert(query->has_nsid);
}

/* Proves that of any queries in a row the share of listed ones is what was asked for, to one query, that
 * types take turns, and that all names come. */
START_TEST(test_order)
{
	static const double ratios[] = { 0, 0.001, 0.1, 1.0 / 3, 0.5, 0.75, 0.999, 1 };
	spray_names_t names;

	ck_assert_int_eq(read_zone("dnset", ":2:x\na.example\nb.example\nc.example\nd.example\n",
				   &wish_all, &names),
			 ERR_OK);
	for (size_t i = 0; i < COUNT_OF(ratios); i++) {
		spray_mix_t *mix = spray_mix_new(&names, &wish_all, ratios[i], DNS_CLIENT_NSID);
		spray_cursor_t cursor = spray_mix_start(mix, (unsigned)i % 3, 3);
		unsigned asked[4][3] = { { 0 } };
		unsigned listed = 0;
		for (unsigned n = 1; n <= 12000; n++) {
			uint8_t packet[DNS_CLIENT_QUERY_MAX];
			spray_asked_t what;
			dns_query_t query;
			parse(packet, spray_mix_write(mix, &cursor, &what, packet), &query);
			if (query.qname[0] == 1) {
				unsigned type = query.qtype == DNS_TYPE_A     ? 0
						: query.qtype == DNS_TYPE_TXT ? 1
									      : 2;
				asked[query.qname[1] - 'a'][type]++;
				listed++;
			}
			double share = ratios[i] * n + (double)(i % 3) / 3;
			MUST(listed <= share + 1e-6 && listed > share - 1 - 1e-6,
			     "%u of %u, not %g", listed, n, ratios[i]);
		}
		for (unsigned at = 0; at < 12; at++)
			MUST(listed / 12 <= asked[at / 3][at % 3] + 1 &&
				     asked[at / 3][at % 3] <= listed / 12 + 2,
			     "%u of %u", asked[at / 3][at % 3], listed);
		spray_mix_free(mix);
	}
	spray_names_clear(&names);
}
END_TEST

/* Proves that the ratio holds for all threads together, too, to one query. */
START_TEST(test_threads_share_a_ratio)
{
	spray_names_t names;

	ck_assert_int_eq(read_zone("dnset", ":2:x\na.example\n", &wish_all, &names), ERR_OK);
	for (unsigned percent = 1; percent < 100; percent++) {
		spray_mix_t *mix =
			spray_mix_new(&names, &wish_all, percent / 100.0, DNS_CLIENT_NSID);
		unsigned listed = 0;
		for (unsigned thread = 0; thread < 7; thread++) {
			spray_cursor_t cursor = spray_mix_start(mix, thread, 7);
			for (unsigned n = 0; n < 143; n++) {
				uint8_t packet[DNS_CLIENT_QUERY_MAX];
				spray_asked_t asked;
				(void)spray_mix_write(mix, &cursor, &asked, packet);
			}
			listed += (unsigned)cursor.listed;
		}
		MUST(listed == 1001 * percent / 100, "%u of 1001 are not %u %%", listed, percent);
		spray_mix_free(mix);
	}
	spray_names_clear(&names);
}
END_TEST

/* An answer to a query, with a record or without. */
static size_t answer(uint8_t *packet, size_t size, unsigned rcode, bool has_record)
{
	put_u16(packet + 2, (uint16_t)(DNS_FLAG_QR | rcode));
	put_u16(packet + 6, has_record);
	return size;
}

START_TEST(test_judging)
{
	const spray_wish_t wish = {
		.types = { DNS_TYPE_A, DNS_TYPE_AAAA },
		.type_count = 2,
	};
	/* With a record over A, and without over AAAA; not listed; not known. */
	static const spray_right_t rights[] = {
		{ true, DNS_RCODE_NOERROR, 1, 2 },
		{ true, DNS_RCODE_NXDOMAIN, 0, 3 },
		{ .is_known = false },
	};
	static const struct {
		unsigned right;
		unsigned type;
		unsigned rcode;
		bool has_record;
		bool is_cut;
		spray_verdict_t verdict;
	} rows[] = {
		{ 0, 0, 0, true, false, SPRAY_RIGHT },
		{ 0, 0, 0, false, false, SPRAY_WRONG_RECORDS },
		{ 0, 0, 0, false, true, SPRAY_RIGHT },
		{ 0, 0, 3, false, false, SPRAY_WRONG_RCODE },
		{ 0, 0, 2, false, false, SPRAY_WRONG_RCODE },
		{ 0, 1, 0, false, false, SPRAY_RIGHT },
		{ 0, 1, 0, true, false, SPRAY_WRONG_RECORDS },
		{ 1, 0, 3, false, false, SPRAY_RIGHT },
		{ 1, 0, 0, false, false, SPRAY_WRONG_RCODE },
		{ 1, 0, 3, true, false, SPRAY_WRONG_RECORDS },
		{ 2, 0, 0, true, false, SPRAY_RIGHT },
		{ 2, 0, 0, false, false, SPRAY_RIGHT },
		{ 2, 0, 3, false, false, SPRAY_RIGHT },
		{ 2, 0, 5, false, false, SPRAY_WRONG_RCODE },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		spray_names_t names = { .listed = NULL };
		uint8_t packet[DNS_CLIENT_QUERY_MAX];
		spray_asked_t asked;
		ck_assert_int_eq(spray_names_add_listed(&names, (const uint8_t *)"\1a\2bl",
							(const uint8_t *)"\2bl",
							rights[rows[i].right]),
				 ERR_OK);
		spray_mix_t *mix = spray_mix_new(&names, &wish, 1, DNS_CLIENT_EDNS);
		spray_cursor_t cursor = spray_mix_start(mix, 0, 1);
		size_t size = 0;
		for (unsigned turn = 0; turn <= rows[i].type; turn++)
			size = spray_mix_write(mix, &cursor, &asked, packet);
		ck_assert_uint_eq(asked.type, rows[i].type);
		ck_assert(!spray_mix_is_answer(mix, asked, packet, size));
		size = answer(packet, size, rows[i].rcode, rows[i].has_record);
		if (rows[i].is_cut)
			packet[2] |= 2;
		ck_assert(spray_mix_is_answer(mix, asked, packet, size));
		MUST(spray_mix_judge(mix, asked, packet) == rows[i].verdict, "row %zu", i);
		/* Another name, another type, another class. */
		for (unsigned at = 13; at < 22; at++) {
			packet[at] ^= 0x10;
			MUST(!spray_mix_is_answer(mix, asked, packet, size), "byte %u", at);
			packet[at] ^= 0x10;
		}
		spray_mix_free(mix);
		spray_names_clear(&names);
	}
}
END_TEST

/* Counts `count` answers of the server `nsid`; NULL: of one that does not tell. */
static void count_answers(spray_tally_t *tally, const char *nsid, unsigned count)
{
	uint8_t packet[600] = { [2] = 0x84, [11] = nsid != NULL };
	size_t size = DNS_HEADER_SIZE;

	if (nsid != NULL) {
		writer_t writer = { .data = packet, .size = sizeof(packet), .position = size };
		size_t length = strlen(nsid);
		writer_u8(&writer, 0);
		writer_u16(&writer, DNS_TYPE_OPT);
		writer_u16(&writer, 1232);
		writer_u32(&writer, 0);
		writer_u16(&writer, (uint16_t)(length + 4));
		writer_u16(&writer, DNS_OPTION_NSID);
		writer_u16(&writer, (uint16_t)length);
		writer_bytes(&writer, nsid, length);
		size = writer.position;
	}
	for (unsigned i = 0; i < count; i++)
		spray_tally_add(tally, SPRAY_RIGHT, packet, size, 100);
}

START_TEST(test_servers)
{
	spray_tally_t *one = spray_tally_new();
	spray_tally_t *other = spray_tally_new();
	spray_result_t result = { .sent = 0 };
	char name[400];

	count_answers(one, "s2", 5);
	count_answers(one, NULL, 2);
	count_answers(one, "s1", 4);
	count_answers(other, "s1", 3);
	count_answers(other, "", 1);
	count_answers(other, "\\\n", 1);
	/* Of a long one the beginning counts. */
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	count_answers(other, name, 1);
	name[200] = 'y';
	count_answers(other, name, 1);
	ck_assert_int_eq(spray_tally_merge(one, &result), ERR_OK);
	ck_assert_int_eq(spray_tally_merge(other, &result), ERR_OK);
	spray_tally_sort(&result);
	static const struct {
		const char *text;
		uint64_t answered;
	} expected[] = { { "", 1 },   { "\\092\\010", 1 }, { "s1", 7 },
			 { "s2", 5 }, { NULL, 2 },         { "", 2 } };
	ck_assert_uint_eq(result.server_count, COUNT_OF(expected));
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		ck_assert_uint_eq(result.servers[i].answered, expected[i].answered);
		ck_assert_int_eq(result.servers[i].has_nsid, i < COUNT_OF(expected) - 1);
		if (expected[i].text != NULL)
			ck_assert_str_eq(result.servers[i].text, expected[i].text);
	}
	ck_assert_uint_eq(result.latency.total, 18);
	ck_assert_uint_eq(result.rcodes[0], 18);
	spray_result_clear(&result);
	spray_tally_free(one);
	spray_tally_free(other);
}
END_TEST

/* Proves that somebody who gives each answer another identifier gets no more memory than there is. */
START_TEST(test_too_many_servers)
{
	spray_tally_t *tally = spray_tally_new();
	spray_result_t result = { .sent = 0 };

	for (unsigned i = 0; i < SPRAY_SERVERS_MAX + 100; i++) {
		char name[20];
		snprintf(name, sizeof(name), "server %u", i);
		count_answers(tally, name, 1);
	}
	ck_assert_int_eq(spray_tally_merge(tally, &result), ERR_OK);
	spray_tally_sort(&result);
	ck_assert_uint_eq(result.server_count, SPRAY_SERVERS_MAX);
	ck_assert(!result.servers[SPRAY_SERVERS_MAX - 1].has_nsid);
	ck_assert_uint_eq(result.servers[SPRAY_SERVERS_MAX - 1].answered, 101);
	spray_result_clear(&result);
	spray_tally_free(tally);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_zones,
		test_two_zones,
		test_wide_entry,
		test_narrow_gap,
		test_sample,
		test_list,
		test_order,
		test_threads_share_a_ratio,
		test_judging,
		test_servers,
		test_too_many_servers,
	};
	int fd = mkstemp(path);

	if (fd < 0)
		return EXIT_FAILURE;
	close(fd);
	log_set_level(LOG_LEVEL_ERROR);
	int status = run_tests("spray_mix", tests, COUNT_OF(tests));
	unlink(path);
	return status;
}
