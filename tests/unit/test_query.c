/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Queries: what is parsed, what is dropped or malformed, and when a query has EDNS. Every packet is parsed from a
 * block of its exact size, so that a sanitizer sees any read outside of it. */

#include "test.h"

#include "base/cursor.h"
#include "dns/query.h"

#define PACKET_MAX 65535

/* A packet while it is made. */
static uint8_t packet_data[PACKET_MAX];
static writer_t packet;

static void begin(uint16_t flags, unsigned qdcount, unsigned ancount, unsigned nscount,
		  unsigned arcount)
{
	packet = (writer_t){ .data = packet_data, .size = sizeof(packet_data) };
	writer_u16(&packet, 0xbeef);
	writer_u16(&packet, flags);
	writer_u16(&packet, (uint16_t)qdcount);
	writer_u16(&packet, (uint16_t)ancount);
	writer_u16(&packet, (uint16_t)nscount);
	writer_u16(&packet, (uint16_t)arcount);
}

/* A record; its name is given as it shall stand in the packet. */
static void record(const char *owner, size_t owner_size, unsigned type, unsigned class,
		   uint32_t ttl, unsigned rdlength, unsigned rdata_size)
{
	writer_bytes(&packet, owner, owner_size);
	writer_u16(&packet, (uint16_t)type);
	writer_u16(&packet, (uint16_t) class);
	writer_u32(&packet, ttl);
	writer_u16(&packet, (uint16_t)rdlength);
	while (rdata_size-- > 0)
		writer_u8(&packet, 0x29);
}

static void question(const char *name, size_t name_size)
{
	writer_bytes(&packet, name, name_size);
	writer_u16(&packet, DNS_TYPE_TXT);
	writer_u16(&packet, DNS_CLASS_IN);
}

#define NAME                                                                                       \
	"\1"                                                                                       \
	"2\1"                                                                                      \
	"0\1"                                                                                      \
	"0\3"                                                                                      \
	"127\2Bl\7eXaMple"

/* A query for TXT 2.0.0.127.Bl.eXaMple. */
static void ordinary(unsigned ancount, unsigned nscount, unsigned arcount)
{
	begin(DNS_FLAG_RD, 1, ancount, nscount, arcount);
	question(NAME, sizeof(NAME));
}

static dns_parse_t parse_bytes(const uint8_t *data, size_t size, dns_query_t *query)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	MUST(copy != NULL, "no memory");
	memcpy(copy, data, size);
	memset(query, 0xcc, sizeof(*query));
	dns_parse_t result = dns_query_parse(copy, size, query);
	free(copy);
	return result;
}

static dns_parse_t parse(dns_query_t *query)
{
	return parse_bytes(packet_data, packet.position, query);
}

START_TEST(test_ordinary)
{
	static const uint8_t labels[] = { 0, 2, 4, 6, 10, 13, 21 };
	dns_query_t query;

	ordinary(0, 0, 0);
	ck_assert_int_eq(parse(&query), DNS_PARSE_OK);
	ck_assert_uint_eq(query.id, 0xbeef);
	ck_assert_uint_eq(query.flags, DNS_FLAG_RD);
	ck_assert_uint_eq(query.qtype, DNS_TYPE_TXT);
	ck_assert_uint_eq(query.qclass, DNS_CLASS_IN);
	ck_assert_uint_eq(query.question_size, sizeof(NAME) + 4);
	ck_assert_uint_eq(query.qname_size, sizeof(NAME));
	ck_assert_mem_eq(query.qname,
			 "\1"
			 "2\1"
			 "0\1"
			 "0\3"
			 "127\2bl\7example",
			 sizeof(NAME));
	ck_assert_uint_eq(query.label_count, COUNT_OF(labels) - 1);
	ck_assert_mem_eq(query.labels, labels, sizeof(labels));
	ck_assert(!query.has_edns);
	ck_assert(!query.edns_do);
}
END_TEST

START_TEST(test_root)
{
	dns_query_t query;

	begin(0, 1, 0, 0, 0);
	question("", 1);
	ck_assert_int_eq(parse(&query), DNS_PARSE_OK);
	ck_assert_uint_eq(query.label_count, 0);
	ck_assert_uint_eq(query.labels[0], 0);
	ck_assert_uint_eq(query.qname_size, 1);
	ck_assert_uint_eq(query.qname[0], 0);
	ck_assert_uint_eq(query.question_size, 5);
}
END_TEST

/* Names at their limits. Parts: how many labels of which size, then one more. */
START_TEST(test_names)
{
	static const struct {
		unsigned count;
		unsigned size;
		unsigned last;
		bool is_good;
	} cases[] = {
		{ 1, 63, 0, true },
		{ 1, 64, 0, false }, /* 01 in the upper bits: not a length (RFC 1035 4.1.4) */
		{ 1, 127, 0, false },
		{ 1, 128, 0, false },
		{ 1, 191, 0, false },
		{ 3, 63, 60, true },  /* 254 bytes */
		{ 3, 63, 61, true },  /* 255 */
		{ 3, 63, 62, false }, /* 256 */
		{ 4, 63, 0, false },
		{ 126, 1, 0, true },
		{ 126, 1, 1, true }, /* 127 labels, 255 bytes */
		{ 126, 1, 2, false },
		{ 127, 1, 1, false },
		{ 1000, 63, 0, false },
		{ 30000, 1, 0, false },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		dns_query_t query;

		begin(0, 1, 0, 0, 0);
		for (unsigned label = 0; label <= cases[i].count; label++) {
			unsigned size = label < cases[i].count ? cases[i].size : cases[i].last;

			if (size > 0)
				writer_u8(&packet, (uint8_t)size);
			for (unsigned j = 0; j < size; j++)
				writer_u8(&packet, 'Z');
		}
		size_t name_size = packet.position + 1 - DNS_HEADER_SIZE;
		question("", 1);
		MUST(!packet.overrun, "row %zu does not fit", i);
		MUST(parse(&query) == (cases[i].is_good ? DNS_PARSE_OK : DNS_PARSE_FORMERR),
		     "row %zu", i);
		if (!cases[i].is_good)
			continue;
		ck_assert_uint_eq(query.qname_size, name_size);
		ck_assert_uint_eq(query.label_count, cases[i].count + (cases[i].last > 0));
		ck_assert_uint_eq(query.labels[query.label_count], name_size - 1);
	}
}
END_TEST

/* Packets that get no reply, and packets whose reply is that they make no sense. */
START_TEST(test_senseless)
{
	static const struct {
		dns_parse_t expected;
		const char *packet;
		size_t size;
	} cases[] = {
#define DROPPED(text) { DNS_PARSE_DROP, text, sizeof(text) - 1 }
#define MALFORMED(text)                                                                            \
	{                                                                                          \
		DNS_PARSE_FORMERR, text, sizeof(text) - 1                                          \
	}
		DROPPED(""),
		DROPPED("\0"),
		DROPPED("\0\1\0\0\0\1\0\0\0\0\0"),
		/* a reply, alone and with every other bit */
		DROPPED("\0\1\x80\0\0\1\0\0\0\0\0\0\0\0\1\0\1"),
		DROPPED("\0\1\xff\xff\0\1\0\0\0\0\0\0\0\0\1\0\1"),
		DROPPED("\0\1\x80\0\0\0\0\0\0\0\0\0"),
		/* a header alone, with and without a question counted */
		MALFORMED("\0\1\0\0\0\1\0\0\0\0\0\0"),
		MALFORMED("\0\1\0\0\0\0\0\0\0\0\0\0"),
		/* no question, two questions, 65535 questions */
		MALFORMED("\0\1\0\0\0\0\0\0\0\0\0\0\0\0\1\0\1"),
		MALFORMED("\0\1\0\0\0\2\0\0\0\0\0\0\0\0\1\0\1\0\0\1\0\1"),
		MALFORMED("\0\1\0\0\xff\xff\0\0\0\0\0\0\0\0\1\0\1"),
		/* compression pointers: to itself, behind itself, to the header, cut short */
		MALFORMED("\0\1\0\0\0\1\0\0\0\0\0\0\xc0\x0c\0\1\0\1\0\0\0"),
		MALFORMED("\0\1\0\0\0\1\0\0\0\0\0\0\1a\xc0\x0c\0\1\0\1"),
		MALFORMED("\0\1\0\0\0\1\0\0\0\0\0\0\xc0\x12\0\1\0\1\0\0\0\1\0\1"),
		MALFORMED("\0\1\0\0\0\1\0\0\0\0\0\0\xc0\0\0\1\0\1\0\0\0"),
		MALFORMED("\0\1\0\0\0\1\0\0\0\0\0\0\1a\1b\xc0"),
		/* a label that would need the rest of the packet and one byte more */
		MALFORMED("\0\1\0\0\0\1\0\0\0\0\0\0\6a\0\1\0\1"),
		MALFORMED("\0\1\0\0\0\1\0\0\0\0\0\0\5a\0\1\0\1"),
		/* the name takes the place of type and class */
		MALFORMED("\0\1\0\0\0\1\0\0\0\0\0\0\4a\0\1\0\1"),
		MALFORMED("\0\1\0\0\0\1\0\0\0\0\0\0\1a\0\0\1\0"),
#undef DROPPED
#undef MALFORMED
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		dns_query_t query;

		MUST(parse_bytes((const uint8_t *)cases[i].packet, cases[i].size, &query) ==
			     cases[i].expected,
		     "row %zu", i);
		if (cases[i].expected == DNS_PARSE_FORMERR)
			MUST(query.question_size == 0 && !query.has_edns && query.id == 1,
			     "row %zu: a question", i);
	}
}
END_TEST

/* OPT counts also behind no question and behind several. */
START_TEST(test_other_numbers_of_questions)
{
	for (unsigned count = 0; count < 10; count++) {
		dns_query_t query;

		begin(0, count, 0, 0, 1);
		for (unsigned i = 0; i < count; i++)
			question(NAME, sizeof(NAME));
		record("", 1, DNS_TYPE_OPT, 1400, 0x8000, 0, 0);
		MUST(parse(&query) == (count == 1 ? DNS_PARSE_OK : DNS_PARSE_FORMERR), "%u", count);
		MUST(query.has_edns && query.edns_size == 1400, "%u: EDNS", count);
		MUST((query.question_size > 0) == (count == 1), "%u: question", count);
	}
}
END_TEST

/* Every value of the second 16 bits. */
START_TEST(test_flags)
{
	for (unsigned flags = 0; flags <= 0xffff; flags++) {
		dns_query_t query;
		dns_parse_t expected = DNS_PARSE_OK;

		if ((flags & 0x8000) != 0) /* QR */
			expected = DNS_PARSE_DROP;
		else if ((flags & 0x7e00) != 0) /* opcode, AA, TC */
			expected = DNS_PARSE_NOTIMP;
		begin((uint16_t)flags, 1, 0, 0, 1);
		question(NAME, sizeof(NAME));
		record("", 1, DNS_TYPE_OPT, 4096, 0x8000, 0, 0);
		MUST(parse(&query) == expected, "flags %04x", flags);
		if (expected == DNS_PARSE_DROP)
			continue;
		MUST(query.flags == flags, "flags %04x became %04x", flags, query.flags);
		MUST(query.question_size == sizeof(NAME) + 4 && query.id == 0xbeef,
		     "flags %04x: no question", flags);
		MUST(query.has_edns && query.edns_do, "flags %04x: EDNS", flags);
	}
}
END_TEST

/* A query cut after every byte: malformed until its question is whole; then one without EDNS, until
 * it can be seen that there is an OPT record, which has to be whole. */
START_TEST(test_cut)
{
	dns_query_t query;

	ordinary(0, 0, 1);
	size_t question_end = packet.position;
	record("", 1, DNS_TYPE_OPT, 1400, 0x8000, 20, 0);
	writer_bytes(&packet,
		     "\0\3\0\0\0\x0a\0\x08"
		     "cookie..\xff\xff\0\0",
		     20);
	for (size_t size = 0; size <= packet.position; size++) {
		dns_parse_t result = parse_bytes(packet_data, size, &query);
		dns_parse_t expected = DNS_PARSE_FORMERR;

		if (size < DNS_HEADER_SIZE)
			expected = DNS_PARSE_DROP;
		else if (size == packet.position ||
			 (size >= question_end && size < question_end + 3))
			expected = DNS_PARSE_OK;
		MUST(result == expected, "%zu bytes", size);
		if (size < question_end)
			continue;
		MUST(query.has_edns == (size >= question_end + 3), "EDNS at %zu bytes", size);
		MUST(query.question_size == sizeof(NAME) + 4, "question at %zu bytes", size);
	}
	MUST(query.has_nsid && query.cookie_size == 8 && query.edns_do, "options");
}
END_TEST

START_TEST(test_edns_values)
{
	dns_query_t query;

	random_start(3);
	for (unsigned size = 0; size <= 0xffff; size++) {
		/* extended RCODE (meaningless in a query), version, DO, Z */
		uint32_t ttl = (uint32_t)random_64();

		ordinary(0, 0, 1);
		record("", 1, DNS_TYPE_OPT, size, ttl, 0, 0);
		MUST(parse(&query) == DNS_PARSE_OK, "size %u", size);
		MUST(query.has_edns && query.edns_size == size, "size %u became %u", size,
		     query.edns_size);
		MUST(query.edns_version == (ttl >> 16 & 0xff), "version of %08x", ttl);
		MUST(query.edns_do == ((ttl & 0x8000) != 0), "DO of %08x", ttl);
	}
}
END_TEST

/* OPT in places where it counts and where it does not. */
#define OPT   "\0\0\x29\4\xd0\0\0\0\0\0\0"
#define OTHER "\0\0\x29\xff\xff\0\1\x80\0\0\0" /* another OPT: version 1, DO, 65535 */
#define TSIG  "\1k\0\0\xfa\0\xff\0\0\0\0\0\3abc"
#define A_PTR "\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x0a\0\0\1"
static const struct {
	const char *what;
	const char *records;
	size_t size;
	unsigned counts[3];
	enum { NO_EDNS, EDNS, MALFORMED } says;
} edns_places[] = {
#define RECORDS(text) text, sizeof(text) - 1
	{ "alone", RECORDS(OPT), { 0, 0, 1 }, EDNS },
	{ "garbage behind it", RECORDS(OPT "\xff\xff\xff"), { 0, 0, 1 }, EDNS },
	{ "first of two", RECORDS(OPT OTHER), { 0, 0, 2 }, MALFORMED },
	{ "first of many, counted wrongly", RECORDS(OPT), { 0, 0, 65535 }, EDNS },
	{ "behind TSIG", RECORDS(TSIG OPT), { 0, 0, 2 }, EDNS },
	{ "before TSIG", RECORDS(OPT TSIG), { 0, 0, 2 }, EDNS },
	{ "behind an answer", RECORDS(A_PTR OPT), { 1, 0, 1 }, EDNS },
	{ "behind an authority", RECORDS(A_PTR OPT), { 0, 1, 1 }, EDNS },
	{ "behind all", RECORDS(A_PTR TSIG A_PTR OPT), { 1, 1, 2 }, EDNS },
	{ "behind an OPT in ANSWER", RECORDS(OTHER OPT), { 1, 0, 1 }, EDNS },
	{ "behind an OPT in AUTHORITY", RECORDS(OTHER OPT), { 0, 1, 1 }, EDNS },
	{ "behind one with an owner", RECORDS("\1a" OTHER OPT), { 0, 0, 2 }, MALFORMED },
	/* not counted, or not as an additional record */
	{ "not counted", RECORDS(OPT), { 0, 0, 0 }, NO_EDNS },
	{ "counted as an answer", RECORDS(OPT), { 1, 0, 0 }, NO_EDNS },
	{ "counted as an authority", RECORDS(OPT), { 0, 1, 0 }, NO_EDNS },
	{ "one record too early", RECORDS(OPT), { 1, 0, 1 }, NO_EDNS },
	{ "behind 65535 that are not there", RECORDS(OPT), { 65535, 65535, 1 }, NO_EDNS },
	{ "not there", RECORDS(""), { 0, 0, 1 }, NO_EDNS },
	/* the owner must be the root, and not by way of a pointer to it */
	{ "a label before it", RECORDS("\1a" OPT), { 0, 0, 1 }, MALFORMED },
	{ "owned by the question",
	  RECORDS("\xc0\x0c\0\x29\4\xd0\0\0\0\0\0\0"),
	  { 0, 0, 1 },
	  MALFORMED },
	{ "a pointer to a root",
	  RECORDS("\xc0\x21\0\x29\4\xd0\0\0\0\0\0\0"),
	  { 0, 0, 1 },
	  MALFORMED },
	{ "owner of an unknown kind", RECORDS("\x40" OPT), { 0, 0, 1 }, NO_EDNS },
	{ "owner of another unknown kind", RECORDS("\x80" OPT), { 0, 0, 1 }, NO_EDNS },
	/* RDATA beyond the end of the packet */
	{ "RDLENGTH 1", RECORDS("\0\0\x29\4\xd0\0\0\0\0\0\1"), { 0, 0, 1 }, MALFORMED },
	{ "RDLENGTH 65535", RECORDS("\0\0\x29\4\xd0\0\0\0\0\xff\xff"), { 0, 0, 1 }, MALFORMED },
	{ "RDLENGTH 65535 before it",
	  RECORDS("\0\0\1\0\1\0\0\0\0\xff\xff" OPT),
	  { 0, 0, 2 },
	  NO_EDNS },
	{ "inside of other RDATA",
	  RECORDS("\0\0\x10\0\1\0\0\0\0\0\x0b" OPT),
	  { 0, 0, 2 },
	  NO_EDNS },
/* options fill RDATA; of most it does not matter what they hold */
#define OPTIONS(size, text) RECORDS("\0\0\x29\4\xd0\0\0\0\0\0" size text)
	{ "an unknown option", OPTIONS("\6", "\xff\xff\0\2\0\0"), { 0, 0, 1 }, EDNS },
	{ "three options", OPTIONS("\x0c", "\0\3\0\0\0\x0b\0\0\0\x0f\0\0"), { 0, 0, 1 }, EDNS },
	{ "NSID and keepalive with data",
	  OPTIONS("\x0c", "\0\3\0\2no\0\x0b\0\2\0\1"),
	  { 0, 0, 1 },
	  EDNS },
	{ "an option longer than RDATA",
	  OPTIONS("\6", "\xff\xff\0\3\0\0"),
	  { 0, 0, 1 },
	  MALFORMED },
	{ "half the head of an option", OPTIONS("\2", "\xff\xff"), { 0, 0, 1 }, MALFORMED },
	{ "a byte behind the options",
	  OPTIONS("\7", "\xff\xff\0\2\0\0\0"),
	  { 0, 0, 1 },
	  MALFORMED },
	{ "a cookie without data", OPTIONS("\4", "\0\x0a\0\0"), { 0, 0, 1 }, MALFORMED },
	{ "a cookie of 7 bytes",
	  OPTIONS("\x0b", "\0\x0a\0\7"
			  "1234567"),
	  { 0, 0, 1 },
	  MALFORMED },
	{ "a cookie of 8 bytes",
	  OPTIONS("\x0c", "\0\x0a\0\x08"
			  "12345678"),
	  { 0, 0, 1 },
	  EDNS },
	{ "a cookie of 9 bytes",
	  OPTIONS("\x0d", "\0\x0a\0\x09"
			  "123456789"),
	  { 0, 0, 1 },
	  MALFORMED },
	{ "a cookie of 15 bytes",
	  OPTIONS("\x13", "\0\x0a\0\x0f"
			  "123456789012345"),
	  { 0, 0, 1 },
	  MALFORMED },
	{ "a cookie of 16 bytes",
	  OPTIONS("\x14", "\0\x0a\0\x10"
			  "1234567890123456"),
	  { 0, 0, 1 },
	  EDNS },
	{ "a cookie of 40 bytes",
	  OPTIONS("\x2c", "\0\x0a\0\x28"
			  "1234567890123456789012345678901234567890"),
	  { 0, 0, 1 },
	  EDNS },
	{ "a cookie of 41 bytes",
	  OPTIONS("\x2d", "\0\x0a\0\x29"
			  "12345678901234567890123456789012345678901"),
	  { 0, 0, 1 },
	  MALFORMED },
	{ "a good cookie and a bad one",
	  OPTIONS("\x10", "\0\x0a\0\x08"
			  "12345678"
			  "\0\x0a\0\0"),
	  { 0, 0, 1 },
	  MALFORMED },
#undef OPTIONS
	/* other types at the root */
	{ "type 40", RECORDS("\0\0\x28\4\xd0\0\0\0\0\0\0"), { 0, 0, 1 }, NO_EDNS },
	{ "type 0x2900", RECORDS("\0\x29\0\4\xd0\0\0\0\0\0\0"), { 0, 0, 1 }, NO_EDNS },
#undef RECORDS
};

START_TEST(test_edns_places)
{
	for (size_t i = 0; i < COUNT_OF(edns_places); i++) {
		const char *what = edns_places[i].what;
		bool is_malformed = edns_places[i].says == MALFORMED;
		dns_query_t query;

		ordinary(edns_places[i].counts[0], edns_places[i].counts[1],
			 edns_places[i].counts[2]);
		writer_bytes(&packet, edns_places[i].records, edns_places[i].size);
		MUST(parse(&query) == (is_malformed ? DNS_PARSE_FORMERR : DNS_PARSE_OK), "%s",
		     what);
		MUST(query.has_edns == (edns_places[i].says != NO_EDNS), "%s", what);
		if (!query.has_edns)
			MUST(!query.edns_do, "%s", what);
		else if (!is_malformed)
			MUST(query.edns_size == 1232 && query.edns_version == 0 && !query.edns_do,
			     "%s: another OPT", what);
	}
}
END_TEST

/* Random records, of which the maker knows what they are. */
START_TEST(test_edns_random)
{
	static const char *const owners[] = { "", "\1a", "\xc0\x0c", "\3abc\xc0\x0c" };
	static const size_t owner_sizes[] = { 1, 3, 2, 6 };

	random_start(1);
	for (int i = 0; i < 100000; i++) {
		unsigned counts[3] = { random_below(3), random_below(3), random_below(4) };
		unsigned total = counts[0] + counts[1] + counts[2];
		unsigned present = random_below(8);
		unsigned expected = 0; /* EDNS size; 0: none */
		bool is_good = true;
		dns_query_t query;

		ordinary(counts[0], counts[1], counts[2]);
		for (unsigned j = 0; j < present; j++) {
			unsigned owner = random_below(8);
			unsigned type = random_below(2) == 0 ? DNS_TYPE_OPT : random_below(300);
			unsigned rdata_size = random_below(2) * random_below(40);

			owner = owner < COUNT_OF(owners) ? owner : 0;
			record(owners[owner], owner_sizes[owner], type, 1000 + j, 0, rdata_size,
			       rdata_size);
			if (type != DNS_TYPE_OPT || j >= total || j < counts[0] + counts[1])
				continue;
			/* RDATA of 0x29 in each byte is no option that ends. */
			is_good = is_good && expected == 0 && owner == 0 && rdata_size == 0;
			if (expected == 0)
				expected = 1000 + j;
		}
		MUST(parse(&query) == (is_good ? DNS_PARSE_OK : DNS_PARSE_FORMERR), "packet %d", i);
		MUST(query.has_edns == (expected != 0), "packet %d: EDNS", i);
		MUST(!is_good || expected == 0 || query.edns_size == expected, "packet %d: size",
		     i);
	}
}
END_TEST

/* Counts of 65535 cost no more than the packet has bytes. Were it otherwise, this would not end
 * before its time is up. */
START_TEST(test_counts)
{
	dns_query_t query;

	ordinary(65535, 65535, 65535);
	for (int i = 0; i < 1000000; i++)
		MUST(dns_query_parse(packet_data, packet.position, &query) == DNS_PARSE_OK &&
			     !query.has_edns,
		     "without records");
	while (packet.position + 11 <= packet.size)
		record("", 1, DNS_TYPE_OPT, 1232, 0, 0, 0);
	for (int i = 0; i < 1000; i++)
		MUST(dns_query_parse(packet_data, packet.position, &query) == DNS_PARSE_OK &&
			     !query.has_edns,
		     "with as many as there can be");
}
END_TEST

/* Good queries, damaged: no read outside of the packet, and what is said of a query is so. */
START_TEST(test_random)
{
	uint8_t damaged[600];

	random_start(2);
	for (int i = 0; i < 200000; i++) {
		dns_query_t query;

		ordinary(random_below(2), 0, 1);
		record(NAME, sizeof(NAME), DNS_TYPE_A, 1, 0, 4, 4);
		record("", 1, DNS_TYPE_OPT, 1232, 0, 30, 30);
		memcpy(damaged, packet_data, packet.position);
		size_t size = packet.position;
		for (unsigned j = random_below(6); j > 0; j--)
			damaged[random_below((unsigned)size)] = (uint8_t)random_64();
		if (random_below(3) == 0)
			size = random_below((unsigned)size + 1);
		dns_parse_t result = parse_bytes(damaged, size, &query);
		if (result == DNS_PARSE_DROP || query.question_size == 0)
			continue;
		MUST(query.qname_size >= 1 && query.qname_size <= DNS_NAME_MAX, "packet %d", i);
		MUST(query.question_size == query.qname_size + 4 &&
			     DNS_HEADER_SIZE + (size_t)query.question_size <= size,
		     "packet %d: question", i);
		unsigned at = 0;
		for (unsigned label = 0; label < query.label_count; label++) {
			MUST(query.labels[label] == at && query.qname[at] >= 1 &&
				     query.qname[at] <= 63,
			     "packet %d: label %u", i, label);
			at += query.qname[at] + 1u;
		}
		MUST(query.labels[query.label_count] == at && query.qname[at] == 0 &&
			     at + 1 == query.qname_size,
		     "packet %d: root", i);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_ordinary,    test_root,   test_names,       test_senseless,
		test_flags,       test_cut,    test_edns_values, test_edns_places,
		test_edns_random, test_counts, test_random,      test_other_numbers_of_questions,
	};

	return run_tests("query", tests, COUNT_OF(tests));
}
