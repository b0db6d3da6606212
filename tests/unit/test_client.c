/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The client's side of the wire: the bytes of a query, which replies belong to it, and the records of
 * replies, whatever they hold. Every packet is read from a block of its exact size, so that a
 * sanitizer sees any read outside of it. SPURN_SEED=n repeats a run. */

#include "test.h"

#include "dns/client.h"
#include "dns/name.h"

#define NAME "\2Bl\7example\0"

/* A reply to a query for TXT bl.example with the ID 0x1234: flags, counts, question, records. */
#define QUESTION "\2bl\7eXample\0\0\20\0\1"
#define RECORD   "\xc0\x0c\0\20\0\1\1\2\3\4\0\3\2ab"
#define REPLY    "\x12\x34\x84\0\0\1\0\1\0\0\0\0" QUESTION RECORD

static uint8_t query[DNS_CLIENT_QUERY_MAX];

static size_t make_query(void)
{
	return dns_client_write_query(query, 0x1234, (const uint8_t *)NAME, DNS_TYPE_TXT);
}

START_TEST(test_write)
{
	static const char expected[] =
		"\x12\x34\1\0\0\1\0\0\0\0\0\1" NAME "\0\20\0\1\0\0\x29\x04\xd0\0\0\0\0\0";
	uint8_t longest[DNS_NAME_MAX] = { 0 };

	/* The two literals' NULs: NAME's own is the root, the last one is the string's end. */
	ck_assert_uint_eq(make_query(), sizeof(expected));
	ck_assert_mem_eq(query, expected, sizeof(expected));
	for (size_t at = 0; at + 2 < sizeof(longest); at += 2)
		longest[at] = 1;
	ck_assert_uint_eq(dns_name_size(longest), DNS_NAME_MAX);
	ck_assert_uint_eq(dns_client_write(query, 0, longest, DNS_TYPE_A, DNS_CLIENT_NSID),
			  DNS_CLIENT_QUERY_MAX);
}
END_TEST

START_TEST(test_write_edns)
{
	static const char plain[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0" NAME "\0\20\0\1";
	static const char nsid[] =
		"\x12\x34\1\0\0\1\0\0\0\0\0\1" NAME "\0\20\0\1\0\0\x29\x04\xd0\0\0\0\0\0\4\0\3\0\0";

	ck_assert_uint_eq(dns_client_write(query, 0x1234, (const uint8_t *)NAME, DNS_TYPE_TXT,
					   DNS_CLIENT_NO_EDNS),
			  sizeof(plain) - 1);
	ck_assert_mem_eq(query, plain, sizeof(plain) - 1);
	ck_assert_uint_eq(dns_client_write(query, 0x1234, (const uint8_t *)NAME, DNS_TYPE_TXT,
					   DNS_CLIENT_NSID),
			  sizeof(nsid) - 1);
	ck_assert_mem_eq(query, nsid, sizeof(nsid) - 1);
}
END_TEST

/* The packet in a block of its size. */
static uint8_t *copy(const char *bytes, size_t size)
{
	uint8_t *packet = malloc(size > 0 ? size : 1);

	ck_assert_ptr_nonnull(packet);
	memcpy(packet, bytes, size);
	return packet;
}

START_TEST(test_is_reply)
{
	static const char reply[] = REPLY;
	static const struct {
		unsigned at;
		char value;
		bool is_reply;
	} changes[] = {
		{ 0, 0x13, false },  { 1, 0x35, false },   /* ID */
		{ 2, 0x04, false },  { 2, '\x8c', false }, /* a query; another opcode */
		{ 2, '\x86', true }, { 3, '\x83', true },  /* TC; RA and NXDOMAIN */
		{ 5, 2, false },     { 5, 0, false },      /* questions */
		{ 13, 'B', true },   { 13, 'x', false },   /* the name */
		{ 12, 1, false },    { 15, 6, false },     /* lengths of labels */
		{ 24, 0x30, false }, { 24, 1, false },     /* type */
		{ 26, 3, false },                          /* class */
	};
	const size_t least = DNS_HEADER_SIZE + sizeof(QUESTION) - 1;

	make_query();
	for (size_t size = 0; size < sizeof(reply); size++) {
		uint8_t *packet = copy(reply, size);
		ck_assert(dns_client_is_reply(query, packet, size) == (size >= least));
		free(packet);
	}
	for (size_t i = 0; i < COUNT_OF(changes); i++) {
		uint8_t *packet = copy(reply, sizeof(reply) - 1);
		packet[changes[i].at] = (uint8_t)changes[i].value;
		ck_assert_msg(dns_client_is_reply(query, packet, sizeof(reply) - 1) ==
				      changes[i].is_reply,
			      "change %zu", i);
		free(packet);
	}
}
END_TEST

START_TEST(test_header_alone)
{
	uint8_t *packet = copy("\x12\x34\x80\1\0\0\0\0\0\0\0\0", DNS_HEADER_SIZE);
	dns_record_t record;

	make_query();
	ck_assert(dns_client_is_reply(query, packet, DNS_HEADER_SIZE));
	ck_assert_int_eq((int)dns_client_rcode(packet), 1);
	ck_assert(!dns_client_is_truncated(packet));
	dns_answers_t answers = dns_client_answers(packet, DNS_HEADER_SIZE);
	ck_assert(!dns_answers_next(&answers, &record) && !answers.reader.overrun);
	packet[3] = 0; /* NOERROR says something about a question, so there has to be one */
	ck_assert(!dns_client_is_reply(query, packet, DNS_HEADER_SIZE));
	free(packet);
}
END_TEST

START_TEST(test_answers)
{
	static const char reply[] = "\x12\x34\x86\3\0\1\0\2\0\1\0\0" QUESTION RECORD
				    "\3www\xc0\x0c\0\1\0\3\0\0\0\0\0\0" RECORD;
	size_t size = sizeof(reply) - 1;
	dns_record_t record;

	for (size_t cut = DNS_HEADER_SIZE + sizeof(QUESTION) - 1; cut <= size; cut++) {
		uint8_t *packet = copy(reply, cut);
		dns_answers_t answers = dns_client_answers(packet, cut);
		size_t first = DNS_HEADER_SIZE + sizeof(QUESTION) - 1 + sizeof(RECORD) - 1;
		size_t second = first + 16;

		ck_assert(dns_client_is_truncated(packet));
		ck_assert_int_eq((int)dns_client_rcode(packet), DNS_RCODE_NXDOMAIN);
		ck_assert(dns_answers_next(&answers, &record) == (cut >= first));
		if (cut >= first) {
			ck_assert_uint_eq(record.type, DNS_TYPE_TXT);
			ck_assert_uint_eq(record.class, DNS_CLASS_IN);
			ck_assert_uint_eq(record.ttl_s, 0x01020304);
			ck_assert_uint_eq(record.rdata_size, 3);
			ck_assert_mem_eq(record.rdata, "\2ab", 3);
			ck_assert(dns_answers_next(&answers, &record) == (cut >= second));
		}
		if (cut >= second) {
			ck_assert_uint_eq(record.type, DNS_TYPE_A);
			ck_assert_uint_eq(record.class, DNS_CLASS_CH);
			ck_assert_uint_eq(record.rdata_size, 0);
			/* What is behind the answers is not theirs. */
			ck_assert(!dns_answers_next(&answers, &record));
		}
		ck_assert(answers.reader.overrun == (cut < second));
		free(packet);
	}
}
END_TEST

/* Any bytes behind a good header: every record lies in the packet, and there is an end. */
START_TEST(test_error)
{
#define OPT(rdlength) "\0\0\x29\4\xd0\0\0\0\0\0" rdlength
	static const struct {
		const char *counts; /* of answers, authority, additional */
		const char *records;
		size_t size;
		int code; /* -1: none */
		const char *text;
	} rows[] = {
#define ROW(counts, records) counts, records, sizeof(records) - 1
		{ ROW("\0\0\0\0\0\0", ""), -1, "" },
		{ ROW("\0\0\0\0\0\1", OPT("\0")), -1, "" },
		{ ROW("\0\0\0\0\0\1", OPT("\6") "\0\17\0\2\0\24"), 20, "" },
		{ ROW("\0\1\0\0\0\1", RECORD OPT("\11") "\0\17\0\5\1\0abc"), 256, "abc" },
		{ ROW("\0\1\0\1\0\2", RECORD RECORD RECORD OPT("\6") "\0\17\0\2\0\3"), 3, "" },
		/* behind other options; the first one counts */
		{ ROW("\0\0\0\0\0\1", OPT("\21") "\0\3\0\1x"
						 "\0\17\0\2\0\4"
						 "\0\17\0\2\0\5"),
		  4, "" },
		/* too short, cut off, missing */
		{ ROW("\0\0\0\0\0\1", OPT("\5") "\0\17\0\1\0"), -1, "" },
		{ ROW("\0\0\0\0\0\1", OPT("\6") "\0\17\0\3\0\4"), -1, "" },
		{ ROW("\0\0\0\0\0\1", OPT("\3") "\0\17\0"), -1, "" },
		{ ROW("\0\0\0\0\0\1", OPT("\6") "\0\17\0\2\0"), -1, "" },
		{ ROW("\0\1\0\0\0\1", OPT("\6") "\0\17\0\2\0\4"), 4, "" },
		{ ROW("\0\2\0\0\0\0", RECORD), -1, "" },
#undef ROW
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char bytes[200] = "\x12\x34\x84\0\0\1";
		size_t size = 6;
		dns_client_error_t error = { 0 };

		memcpy(bytes + size, rows[i].counts, 6);
		memcpy(bytes + size + 6, QUESTION, sizeof(QUESTION) - 1);
		size += 6 + sizeof(QUESTION) - 1;
		memcpy(bytes + size, rows[i].records, rows[i].size);
		uint8_t *packet = copy(bytes, size + rows[i].size);
		bool is_found = dns_client_error(packet, size + rows[i].size, &error);
		ck_assert_msg(is_found == (rows[i].code >= 0), "row %zu", i);
		if (is_found) {
			ck_assert_int_eq(error.code, rows[i].code);
			ck_assert_uint_eq(error.text_size, strlen(rows[i].text));
			ck_assert_mem_eq(error.text, rows[i].text, error.text_size);
		}
		free(packet);
	}
}
END_TEST

START_TEST(test_nsid)
{
	static const struct {
		const char *options;
		size_t size;
		const char *nsid; /* NULL: none */
	} rows[] = {
		{ "", 0, NULL },           { "\0\3\0\0", 4, "" },
		{ "\0\3\0\2s1", 6, "s1" }, { "\0\17\0\2\0\4\0\3\0\2s1", 12, "s1" },
		{ "\0\12\0\1x", 5, NULL }, { "\0\3\0\2s", 5, NULL },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		static const char head[] =
			"\x12\x34\x84\0\0\1\0\0\0\0\0\1" QUESTION "\0\0\x29\x04\xd0\0\0\0\0\0";
		char bytes[200];
		size_t size = sizeof(head) - 1;
		const uint8_t *nsid = NULL;
		size_t nsid_size = 0;

		memcpy(bytes, head, size);
		bytes[size++] = (char)rows[i].size;
		memcpy(bytes + size, rows[i].options, rows[i].size);
		uint8_t *packet = copy(bytes, size + rows[i].size);
		bool is_found = dns_client_nsid(packet, size + rows[i].size, &nsid, &nsid_size);
		ck_assert_msg(is_found == (rows[i].nsid != NULL), "row %zu", i);
		if (is_found) {
			ck_assert_uint_eq(nsid_size, strlen(rows[i].nsid));
			ck_assert_mem_eq(nsid, rows[i].nsid, nsid_size);
		}
		free(packet);
	}
}
END_TEST

START_TEST(test_random)
{
	static const char reply[] = REPLY RECORD RECORD;
	unsigned good = 0;

	random_start(0);
	make_query();
	for (unsigned i = 0; i < 300000; i++) {
		size_t size = sizeof(reply) - 1 - random_below(i % 3 == 0 ? 20 : 1);
		uint8_t *packet = copy(reply, size);
		dns_record_t record;
		unsigned count = 0;

		packet[7] = (uint8_t)(1 + random_below(4));
		for (unsigned change = random_below(4); change-- > 0;)
			packet[12 + random_below((unsigned)size - 12)] = (uint8_t)random_64();
		if (dns_client_is_reply(query, packet, size)) {
			dns_answers_t answers = dns_client_answers(packet, size);
			while (dns_answers_next(&answers, &record)) {
				MUST(record.rdata >= packet && record.rdata_size <= size &&
					     record.rdata + record.rdata_size <= packet + size,
				     "outside of the packet");
				count++;
			}
			MUST(count <= packet[7], "more than there are");
			good += count > 0;
		}
		free(packet);
	}
	ck_assert_uint_gt(good, 1000);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_write,   test_write_edns, test_is_reply, test_header_alone,
		test_answers, test_error,      test_nsid,     test_random,
	};

	return run_tests("client", tests, COUNT_OF(tests));
}
