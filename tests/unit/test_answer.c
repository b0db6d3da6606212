/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Whole replies, byte for byte, and what the options change in them. */

#include "test.h"

#include "answer_zones.h"
#include "message.h"

enum { A = 1, NS = 2, SOA = 6, MX = 15, TXT = 16, AAAA = 28, AXFR = 252, ANY = 255, CAA = 257 };
enum { IN = 1, CH = 3, NONE = 254 };

/* One query and its reply. Records are written as hexadecimal bytes, 'text', @ or @N (a pointer to
 * byte N of the zone apex in the question), ! (remember this place) and ^ (a pointer to it); behind
 * a + the options of OPT follow. */
typedef struct row {
	const char *qname;
	const char *apex;
	unsigned qtype;
	unsigned qclass;
	unsigned edns_size; /* 0: none, and none in the reply */
	unsigned query_flags;
	unsigned flags;
	unsigned counts[3]; /* without OPT */
	const char *records;
} row_t;

static void add_pointer(writer_t *out, size_t target)
{
	writer_u16(out, (uint16_t)(0xc000u | target));
}

/* Writes records in the notation above. */
static void assemble(writer_t *out, const char *text, size_t apex_offset)
{
	size_t place = 0;

	while (*text != '\0' && *text != '+') {
		char c = *text++;
		unsigned byte;

		if (c == ' ')
			continue;
		if (c == '!') {
			place = out->position;
		} else if (c == '^') {
			add_pointer(out, place);
		} else if (c == '@') {
			bool is_digit = *text >= '0' && *text <= '9' && text[1] == ' ';
			add_pointer(out, apex_offset + (is_digit ? (size_t)(*text++ - '0') : 0));
		} else if (c == '\'') {
			size_t size = strcspn(text, "'");
			writer_bytes(out, text, size);
			text += size + 1;
		} else {
			ck_assert_int_eq(sscanf(text - 1, "%2x", &byte), 1);
			writer_u8(out, (uint8_t)byte);
			text++;
		}
	}
}

/* The reply that a row wants to `query`. */
static size_t expected_reply(const row_t *row, const uint8_t *query, size_t query_size,
			     uint8_t *reply)
{
	writer_t out = { .data = reply, .size = ANSWER_UDP_MAX };
	size_t question_end = query_size - (row->edns_size > 0 ? DNS_OPT_SIZE : 0);
	size_t apex_size = row->apex[0] != '\0' ? strlen(row->apex) + 2 : 1;

	writer_bytes(&out, query, question_end);
	put_u16(reply + 2, (uint16_t)row->flags);
	for (unsigned i = 0; i < 3; i++)
		put_u16(reply + 6 + (size_t)(2 * i), (uint16_t)row->counts[i]);
	assemble(&out, row->records, question_end - 4 - apex_size);
	if (row->edns_size > 0) {
		put_u16(reply + 10, (uint16_t)(row->counts[2] + 1));
		writer_bytes(&out, "\0\0\x29\4\xd0\0\0\0\0\0\0", DNS_OPT_SIZE);
		size_t opt_end = out.position;
		const char *opt_options = strchr(row->records, '+');
		if (opt_options != NULL)
			assemble(&out, opt_options + 1, 0);
		put_u16(reply + opt_end - 2, (uint16_t)(out.position - opt_end));
	}
	return out.position;
}

static size_t answer(fixture_t *fixture, const uint8_t *query, size_t query_size, uint8_t *reply)
{
	answer_packet_t packet = { .query = query,
				   .query_size = query_size,
				   .reply = reply,
				   .reply_room = ANSWER_UDP_MAX };

	/* A new context: servers and records begin to rotate at the first. */
	answer_context_free(fixture->context);
	fixture->context = answer_context_new();
	memset(reply, 0xee, ANSWER_UDP_MAX);
	fixture_answer(fixture, &packet, 1);
	return packet.reply_size;
}

static void check_rows(fixture_t *fixture, const row_t *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const row_t *row = &rows[i];
		uint8_t query[ZONES_QUERY_MAX];
		uint8_t reply[ANSWER_UDP_MAX];
		uint8_t expected[ANSWER_UDP_MAX];
		static message_t message;
		size_t query_size = zones_query(query, row->qname, row->qtype, row->qclass,
						row->query_flags, row->edns_size);
		size_t size = answer(fixture, query, query_size, reply);
		size_t expected_size = expected_reply(row, query, query_size, expected);

		if (size != expected_size || memcmp(reply, expected, size) != 0) {
			fprintf(stderr, "row %zu, %s:\n", i, row->qname);
			for (size_t j = 0; j < size; j++)
				fprintf(stderr, "%02x%s", reply[j], j + 1 < size ? " " : "\n");
			for (size_t j = 0; j < expected_size; j++)
				fprintf(stderr, "%02x%s", expected[j],
					j + 1 < expected_size ? " " : "  expected\n");
		}
		ck_assert_uint_eq(size, expected_size);
		ck_assert_mem_eq(reply, expected, size);
		/* The rows themselves could be wrong in the same way as the code. */
		const char *error = message_check_reply(&message, query, query_size, reply, size);
		MUST(error == NULL, "row %zu: %s", i, error);
	}
}

/* Of bl.test. The NS RRset turns with each use, also within one reply. */
#define SOA_NEGATIVE            "@ 0006 0001 00000258 " SOA_DATA
#define SOA_ANSWER              "@ 0006 0001 00000e10 " SOA_DATA
#define SOA_DATA                "0027 03'ns1'@ 0a'hostmaster'@ 00000007 00000e10 00000384 00093a80 00000258 "
#define NS_HEAD                 "@ 0002 0001 00015180 "
#define NS_FIRST                NS_HEAD "0006 !03'ns1'@ " NS_HEAD "000b 02'ns'05'other'@3 "
#define NS_TURNED               NS_HEAD "000b 02'ns'05'other'@3 " NS_HEAD "0006 !03'ns1'@ "
#define GLUE                    "^ 0001 0001 00000032 0004 c0000235 "
#define ERROR(number)           "+ 000f 0002 00" number " "
#define A_OF(ttl, address)      "c00c 0001 0001 " ttl " 0004 " address " "
#define TXT_OF(ttl, size, text) "c00c 0010 0001 " ttl " 00" size " " text " "

static const row_t listed_rows[] = {
	/* listed */
	{ "2.0.0.127.bl.test",
	  "bl.test",
	  A,
	  IN,
	  0,
	  0x0100,
	  0x8500,
	  { 1, 2, 1 },
	  A_OF("0000012c", "7f000002") NS_FIRST GLUE },
	{ "2.0.0.127.bl.test",
	  "bl.test",
	  TXT,
	  IN,
	  1232,
	  0,
	  0x8400,
	  { 1, 2, 1 },
	  TXT_OF("0000012c", "11", "10'Listed 127.0.0.2'") NS_FIRST GLUE },
	/* two values, one of them in two data sets: one TTL, the smaller one, for all */
	{ "1.1.1.10.bl.test",
	  "bl.test",
	  A,
	  IN,
	  512,
	  0,
	  0x8400,
	  { 2, 2, 1 },
	  A_OF("000000c8", "7f000005") A_OF("000000c8", "7f000006") NS_FIRST GLUE },
	{ "1.1.1.10.bl.test",
	  "bl.test",
	  ANY,
	  IN,
	  0,
	  0,
	  0x8400,
	  { 2, 2, 1 },
	  A_OF("000000c8", "7f000005") A_OF("000000c8", "7f000006") NS_FIRST GLUE },
	/* ANY is any: the first RRset that there is */
	{ "a.b.bl.test",
	  "bl.test",
	  ANY,
	  IN,
	  0,
	  0,
	  0x8400,
	  { 1, 2, 1 },
	  TXT_OF("0000003c", "01", "00") NS_FIRST GLUE },
	{ "mx.bl.test",
	  "bl.test",
	  ANY,
	  IN,
	  0,
	  0,
	  0x8400,
	  { 1, 2, 1 },
	  "c00c 000f 0001 0000003c 0010 000a 04'mail'02'bl'04'test'00" NS_FIRST GLUE },
	/* zeros in front, and an IPv6 name of an IPv4 address */
	{ "002.0.00.127.bl.test",
	  "bl.test",
	  A,
	  IN,
	  0,
	  0,
	  0x8400,
	  { 1, 2, 1 },
	  A_OF("0000012c", "7f000002") NS_FIRST GLUE },
	{ "2.0.0.0.0.0.F.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.test",
	  "bl.test",
	  A,
	  IN,
	  0,
	  0,
	  0x8400,
	  { 1, 2, 1 },
	  A_OF("0000012c", "7f000002") NS_FIRST GLUE },
	/* the case of the question stays */
	{ "WwW.bL.TeSt",
	  "bl.test",
	  A,
	  IN,
	  0,
	  0x01f0,
	  0x8500,
	  { 1, 2, 1 },
	  A_OF("0000003c", "c0000250") NS_FIRST GLUE },
	{ "mx.bl.test",
	  "bl.test",
	  MX,
	  IN,
	  0,
	  0,
	  0x8400,
	  { 1, 2, 1 },
	  "c00c 000f 0001 0000003c 0010 000a 04'mail'02'bl'04'test'00" NS_FIRST GLUE },
	/* an empty text is one */
	{ "a.b.bl.test",
	  "bl.test",
	  TXT,
	  IN,
	  0,
	  0,
	  0x8400,
	  { 1, 2, 1 },
	  TXT_OF("0000003c", "01", "00") NS_FIRST GLUE },
};

static const row_t negative_rows[] = {
	/* listed, but not with this type */
	{ "2.0.0.127.bl.test", "bl.test", AAAA, IN, 0, 0, 0x8400, { 0, 1, 0 }, SOA_NEGATIVE },
	{ "2.0.0.127.bl.test", "bl.test", CAA, IN, 1232, 0, 0x8400, { 0, 1, 0 }, SOA_NEGATIVE },
	{ "2.0.0.127.bl.test", "bl.test", NS, IN, 0, 0, 0x8400, { 0, 1, 0 }, SOA_NEGATIVE },
	{ "1.2.0.192.bl.test", "bl.test", TXT, IN, 0, 0, 0x8400, { 0, 1, 0 }, SOA_NEGATIVE },
	/* empty non-terminals: of octets, of names, above a nested zone */
	{ "0.0.127.bl.test", "bl.test", A, IN, 0, 0, 0x8400, { 0, 1, 0 }, SOA_NEGATIVE },
	{ "127.bl.test", "bl.test", A, IN, 0, 0, 0x8400, { 0, 1, 0 }, SOA_NEGATIVE },
	{ "B.bl.test", "bl.test", A, IN, 0, 0, 0x8400, { 0, 1, 0 }, SOA_NEGATIVE },
	{ "e.bl.test", "bl.test", ANY, IN, 0, 0, 0x8400, { 0, 1, 0 }, SOA_NEGATIVE },
	/* not listed, excluded, no address, one label too many */
	{ "1.0.0.127.bl.test", "bl.test", A, IN, 0, 0x0100, 0x8503, { 0, 1, 0 }, SOA_NEGATIVE },
	{ "7.2.0.192.bl.test", "bl.test", A, IN, 1232, 0, 0x8403, { 0, 1, 0 }, SOA_NEGATIVE },
	{ "256.0.0.127.bl.test", "bl.test", A, IN, 0, 0, 0x8403, { 0, 1, 0 }, SOA_NEGATIVE },
	{ "0002.0.0.127.bl.test", "bl.test", A, IN, 0, 0, 0x8403, { 0, 1, 0 }, SOA_NEGATIVE },
	{ "1.2.0.0.127.bl.test", "bl.test", A, IN, 0, 0, 0x8403, { 0, 1, 0 }, SOA_NEGATIVE },
	{ "1.bl.test", "bl.test", A, IN, 0, 0, 0x8403, { 0, 1, 0 }, SOA_NEGATIVE },
};

static const row_t apex_rows[] = {
	/* the apex */
	{ "bl.test",
	  "bl.test",
	  A,
	  IN,
	  0,
	  0,
	  0x8400,
	  { 1, 2, 1 },
	  A_OF("00000064", "7f000001") NS_FIRST GLUE },
	{ "bl.test", "bl.test", SOA, IN, 0, 0, 0x8400, { 1, 2, 1 }, SOA_ANSWER NS_FIRST GLUE },
	{ "bl.test", "bl.test", ANY, IN, 0, 0, 0x8400, { 1, 2, 1 }, SOA_ANSWER NS_FIRST GLUE },
	{ "bl.test", "bl.test", NS, IN, 0, 0, 0x8400, { 2, 2, 1 }, NS_FIRST NS_TURNED GLUE },
	{ "bl.test", "bl.test", TXT, IN, 0, 0, 0x8400, { 0, 1, 0 }, SOA_NEGATIVE },
};

static const row_t nested_rows[] = {
	/* a nested zone, with neither SOA nor NS; nothing of the outer one shines through */
	{ "2.0.0.127.n.e.bl.test",
	  "n.e.bl.test",
	  A,
	  IN,
	  0,
	  0,
	  0x8400,
	  { 1, 0, 0 },
	  A_OF("00000834", "7f000004") },
	{ "1.100.51.198.n.e.bl.test", "n.e.bl.test", A, IN, 0, 0, 0x8403, { 0, 0, 0 }, "" },
	{ "n.e.bl.test", "n.e.bl.test", SOA, IN, 0, 0, 0x8400, { 0, 0, 0 }, "" },
	{ "www.n.e.bl.test", "n.e.bl.test", A, IN, 0, 0, 0x8403, { 0, 0, 0 }, "" },
};

static const row_t other_rows[] = {
	/* nobody's zone, and one without data */
	{ "", "", NS, IN, 0, 0, 0x8005, { 0, 0, 0 }, "" },
	{ "test", "test", A, IN, 1232, 0x0100, 0x8105, { 0, 0, 0 }, ERROR("14") },
	{ "xbl.test", "test", A, IN, 0, 0, 0x8005, { 0, 0, 0 }, "" },
	{ "2.0.0.127.absent.test", "absent.test", A, IN, 512, 0, 0x8002, { 0, 0, 0 }, ERROR("0e") },
	{ "absent.test", "absent.test", SOA, IN, 0, 0, 0x8002, { 0, 0, 0 }, "" },
	/* classes */
	{ "www.bl.test",
	  "bl.test",
	  A,
	  ANY,
	  0,
	  0,
	  0x8000,
	  { 1, 2, 1 },
	  A_OF("0000003c", "c0000250") NS_FIRST GLUE },
	{ "www.bl.test", "bl.test", A, CH, 0, 0, 0x8005, { 0, 0, 0 }, "" },
	{ "www.bl.test", "bl.test", A, CH, 512, 0, 0x8005, { 0, 0, 0 }, ERROR("15") },
	{ "www.bl.test", "bl.test", A, NONE, 0, 0, 0x8005, { 0, 0, 0 }, "" },
	{ "www.bl.test", "bl.test", A, NONE, 512, 0, 0x8005, { 0, 0, 0 }, ERROR("15") },
	{ "www.bl.test", "bl.test", A, 0, 0, 0, 0x8005, { 0, 0, 0 }, "" },
	{ "id.server", "test", TXT, CH, 0, 0, 0x8005, { 0, 0, 0 }, "" },
	{ "version.bind", "test", ANY, CH, 0, 0, 0x8005, { 0, 0, 0 }, "" },
	/* types and flags that are not for us; opcode and RD come back */
	{ "bl.test", "bl.test", AXFR, IN, 0, 0x0100, 0x8104, { 0, 0, 0 }, "" },
	{ "bl.test", "bl.test", AXFR, IN, 512, 0, 0x8004, { 0, 0, 0 }, ERROR("15") },
	{ "bl.test", "bl.test", SOA, IN, 512, 0x2000, 0xa004, { 0, 0, 0 }, ERROR("15") },
	{ "bl.test", "bl.test", SOA, IN, 0, 0x2100, 0xa104, { 0, 0, 0 }, "" },
	{ "bl.test", "bl.test", SOA, IN, 0, 0x7900, 0xf904, { 0, 0, 0 }, "" },
	{ "bl.test", "bl.test", SOA, IN, 0, 0x0700, 0x8104, { 0, 0, 0 }, "" },
};

START_TEST(test_replies)
{
	fixture_t fixture;

	zones_begin(&fixture, &catalog_default_options);
	zones_load(&fixture);
	check_rows(&fixture, listed_rows, COUNT_OF(listed_rows));
	check_rows(&fixture, negative_rows, COUNT_OF(negative_rows));
	check_rows(&fixture, apex_rows, COUNT_OF(apex_rows));
	check_rows(&fixture, nested_rows, COUNT_OF(nested_rows));
	check_rows(&fixture, other_rows, COUNT_OF(other_rows));
	zones_end(&fixture);
}
END_TEST

/* -a and the empty non-terminals of old. */
START_TEST(test_options)
{
	static const row_t rows[] = {
		{ "www.bl.test",
		  "bl.test",
		  A,
		  IN,
		  0,
		  0,
		  0x8400,
		  { 1, 0, 0 },
		  A_OF("0000003c", "c0000250") },
		{ "bl.test", "bl.test", NS, IN, 0, 0, 0x8400, { 2, 0, 0 }, NS_FIRST },
		{ "1.0.0.127.bl.test", "bl.test", A, IN, 0, 0, 0x8403, { 0, 1, 0 }, SOA_NEGATIVE },
		{ "0.0.127.bl.test", "bl.test", A, IN, 0, 0, 0x8403, { 0, 1, 0 }, SOA_NEGATIVE },
		{ "b.bl.test", "bl.test", A, IN, 0, 0, 0x8403, { 0, 1, 0 }, SOA_NEGATIVE },
		{ "e.bl.test", "bl.test", A, IN, 0, 0, 0x8403, { 0, 1, 0 }, SOA_NEGATIVE },
		{ "bl.test", "bl.test", AAAA, IN, 0, 0, 0x8400, { 0, 1, 0 }, SOA_NEGATIVE },
		{ "version.bind", "bind", TXT, CH, 0, 0, 0x8005, { 0, 0, 0 }, "" },
	};
	catalog_options_t options = catalog_default_options;
	fixture_t fixture;

	options.minimal_answers = true;
	options.ent_is_nxdomain = true;
	options.version = CATALOG_VERSION_HIDE;
	zones_begin(&fixture, &options);
	zones_load(&fixture);
	check_rows(&fixture, rows, COUNT_OF(rows));
	zones_end(&fixture);
}
END_TEST

/* What the server tells of itself in class CH, and that the options rule only their part of it. */
START_TEST(test_identity)
{
	static const struct {
		catalog_version_t version;
		const char *nsid;
		const char *name;
		const char *text; /* NULL: REFUSED */
	} rows[] = {
		{ CATALOG_VERSION_FULL, "", "version.bind", "spurn " PACKAGE_VERSION },
		{ CATALOG_VERSION_FULL, "", "VERSION.SERVER", "spurn " PACKAGE_VERSION },
		{ CATALOG_VERSION_NAME, "", "version.bind", "spurn" },
		{ CATALOG_VERSION_NAME, "", "VERSION.SERVER", "spurn" },
		{ CATALOG_VERSION_HIDE, "a", "version.bind", NULL },
		{ CATALOG_VERSION_HIDE, "a", "version.server", NULL },
		{ CATALOG_VERSION_FULL, "", "id.server", NULL },
		{ CATALOG_VERSION_FULL, "", "hostname.bind", NULL },
		{ CATALOG_VERSION_HIDE, "mx1.example", "id.server", "mx1.example" },
		{ CATALOG_VERSION_FULL, "\xff \x01", "HostName.Bind", "\xff \x01" },
		{ CATALOG_VERSION_FULL, "a", "server", NULL },
		{ CATALOG_VERSION_FULL, "a", "x.id.server", NULL },
		{ CATALOG_VERSION_FULL, "a", "id.bind", NULL },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		catalog_options_t options = catalog_default_options;
		uint8_t query[ZONES_QUERY_MAX];
		uint8_t reply[ANSWER_UDP_MAX];
		static message_t message;
		fixture_t fixture;

		options.version = rows[i].version;
		strcpy(options.nsid, rows[i].nsid);
		zones_begin(&fixture, &options);
		size_t query_size = zones_query(query, rows[i].name, TXT, CH, 0, 0);
		size_t size = answer(&fixture, query, query_size, reply);
		zones_end(&fixture);
		ck_assert_ptr_null(message_decode(&message, reply, size));
		if (rows[i].text == NULL) {
			ck_assert_uint_eq(message.flags, 0x8005);
			ck_assert_uint_eq(message.record_count, 0);
			continue;
		}
		ck_assert_uint_eq(message.flags, 0x8000);
		ck_assert_uint_eq(message.record_count, 1);
		const message_record_t *record = &message.records[0];
		ck_assert_uint_eq(record->class, CH);
		ck_assert_uint_eq(record->ttl, 0);
		ck_assert_uint_eq(record->rdata[0], strlen(rows[i].text));
		ck_assert_uint_eq(record->rdata_size, 1 + strlen(rows[i].text));
		ck_assert_mem_eq(record->rdata + 1, rows[i].text, strlen(rows[i].text));
	}
}
END_TEST

/* NSID comes with any reply to a query that asks for it, but for BADVERS: of another version of EDNS
 * nobody knows what its options mean. */
START_TEST(test_nsid)
{
	static const char *const names[] = { "2.0.0.127.bl.test", "3.0.0.127.bl.test", "test",
					     "absent.test" };

	for (size_t i = 0; i < 2 * COUNT_OF(names); i++) {
		catalog_options_t options = catalog_default_options;
		uint8_t query[ZONES_QUERY_MAX];
		uint8_t reply[ANSWER_UDP_MAX];
		static message_t message;
		fixture_t fixture;
		bool is_badvers = i % 2 == 1;

		memset(options.nsid, 'n', CATALOG_NSID_MAX);
		zones_begin(&fixture, &options);
		zones_load(&fixture);
		size_t size = zones_query(query, names[i / 2], A, IN, 0, 512);
		query[size - DNS_OPT_SIZE + 6] = is_badvers;
		put_u16(query + size - 2, 6);
		memcpy(query + size, "\0\3\0\2xx", 6); /* what it holds is ignored */
		size = answer(&fixture, query, size + 6, reply);
		zones_end(&fixture);
		ck_assert_ptr_null(message_decode(&message, reply, size));
		ck_assert_ptr_nonnull(message.opt);
		ck_assert_uint_eq(message.opt->ttl, is_badvers ? 0x01000000 : 0);
		if (is_badvers) {
			ck_assert_uint_eq(message.opt->rdata_size, 0);
			continue;
		}
		ck_assert_uint_ge(message.opt->rdata_size, 4 + CATALOG_NSID_MAX);
		ck_assert_mem_eq(message.opt->rdata, "\0\3\0\200", 4);
		ck_assert_mem_eq(message.opt->rdata + 4, options.nsid, CATALOG_NSID_MAX);
	}
}
END_TEST

/* A version of EDNS that is not there yet (RFC 6891 section 6.1.3). */
START_TEST(test_badvers)
{
	static const char *const names[] = { "2.0.0.127.bl.test", "test", "absent.test" };
	fixture_t fixture;

	zones_begin(&fixture, &catalog_default_options);
	zones_load(&fixture);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		uint8_t query[ZONES_QUERY_MAX];
		uint8_t reply[ANSWER_UDP_MAX];
		size_t size = zones_query(query, names[i], A, IN, 0x0100, 4096);
		uint8_t expected[ZONES_QUERY_MAX];

		query[size - DNS_OPT_SIZE + 6] = 1; /* version */
		memcpy(expected, query, size);
		put_u16(expected + 2, 0x8100);
		memcpy(expected + size - DNS_OPT_SIZE, "\0\0\x29\4\xd0\1\0\0\0\0\0", DNS_OPT_SIZE);
		ck_assert_uint_eq(answer(&fixture, query, size, reply), size);
		ck_assert_mem_eq(reply, expected, size);
	}
	zones_end(&fixture);
}
END_TEST

/* N A records for every N: all of them or, with TC, none; NS and glue only where there is room. */
START_TEST(test_limits)
{
	static const unsigned edns_sizes[] = { 0, 1, 512, 513, 600, 1231, 1232, 1233, 65535 };
	static message_t message;
	fixture_t fixture;

	zones_begin(&fixture, &catalog_default_options);
	zones_load(&fixture);
	for (unsigned i = 0; i < ZONES_MANY * COUNT_OF(edns_sizes); i++) {
		unsigned count = i / COUNT_OF(edns_sizes) + 1;
		unsigned edns = edns_sizes[i % COUNT_OF(edns_sizes)];
		unsigned limit = edns < 512 ? 512 : edns < 1232 ? edns : 1232;
		uint8_t query[ZONES_QUERY_MAX];
		uint8_t reply[ANSWER_UDP_MAX];
		char name[20];

		snprintf(name, sizeof(name), "c%02u.bl.test", count);
		size_t query_size = zones_query(query, name, A, IN, 0, edns);
		size_t size = answer(&fixture, query, query_size, reply);
		const char *error = message_check_reply(&message, query, query_size, reply, size);
		MUST(error == NULL, "%s, EDNS %u: %s", name, edns, error);
		MUST((message.opt != NULL) == (edns > 0), "%s, EDNS %u: OPT", name, edns);
		/* the query has OPT already */
		unsigned needed = (unsigned)query_size + 16 * count;
		bool has_ns = needed + 12 + 6 + 12 + 11 <= limit;
		bool has_glue = needed + 12 + 6 + 12 + 11 + 16 <= limit;
		if (needed > limit) {
			MUST(message.flags == 0x8600, "%s, EDNS %u: no TC", name, edns);
			MUST(size == query_size, "%s, EDNS %u: more than TC", name, edns);
			continue;
		}
		MUST(message.flags == 0x8400, "%s, EDNS %u: TC", name, edns);
		MUST(message.counts[1] == count, "%s, EDNS %u: A", name, edns);
		MUST(message.counts[2] == (has_ns ? 2 : 0), "%s, EDNS %u: NS", name, edns);
		MUST(message.counts[3] == (unsigned)has_glue + (edns > 0), "%s, EDNS %u: glue",
		     name, edns);
	}
	zones_end(&fixture);
}
END_TEST

/* Name servers and glue that nothing can hold: the NS RRset with TC, or left out, and the other
 * zones are not affected. */
START_TEST(test_many_servers)
{
	static message_t message;
	uint8_t query[ZONES_QUERY_MAX];
	uint8_t reply[ANSWER_UDP_MAX];
	char name[300] = "";
	fixture_t fixture;

	zones_begin(&fixture, &catalog_default_options);
	zones_load(&fixture);
	size_t query_size = zones_query(query, "ns.test", NS, IN, 0, 1232);
	size_t size = answer(&fixture, query, query_size, reply);
	ck_assert_ptr_null(message_check_reply(&message, query, query_size, reply, size));
	ck_assert_uint_eq(message.flags, 0x8600);
	ck_assert_uint_eq(size, query_size);

	for (int i = 0; i < 96; i++)
		strcat(name, "x.");
	strcat(name, "s31.ns.test");
	query_size = zones_query(query, name, A, IN, 0, 1232);
	size = answer(&fixture, query, query_size, reply);
	ck_assert_ptr_null(message_check_reply(&message, query, query_size, reply, size));
	ck_assert_uint_eq(message.flags, 0x8400);
	ck_assert_uint_eq(message.counts[1], 8);
	ck_assert_uint_eq(message.record_count, 9);
	zones_end(&fixture);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_replies, test_options, test_identity,     test_nsid,
		test_badvers, test_limits,  test_many_servers,
	};

	return run_tests("answer", tests, COUNT_OF(tests));
}
