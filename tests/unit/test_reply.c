/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Replies: their limit to the byte, RRsets that are whole or not there, one TTL for each, no record
 * twice. They are decoded by message.h, which shares no code with the writer. */

#include "test.h"

#include "dns/reply.h"
#include "message.h"

#define CAPACITY 1232

static const uint8_t apex[] = "\2bl\4test";

/* A query for TXT a.bl.test, RD set, with EDNS of `edns_size` bytes unless that is 0. */
typedef struct asked {
	uint8_t packet[64];
	size_t size;
	dns_query_t query;
} asked_t;

static asked_t ask(unsigned edns_size, uint16_t flags)
{
	asked_t asked = { .size = 0 };
	writer_t out = { .data = asked.packet, .size = sizeof(asked.packet) };

	writer_u16(&out, 0xabcd);
	writer_u16(&out, flags);
	writer_u16(&out, 1);
	writer_u32(&out, 0);
	writer_u16(&out, edns_size > 0);
	writer_bytes(&out, "\1A\2bL\4test", 11);
	writer_u16(&out, DNS_TYPE_TXT);
	writer_u16(&out, DNS_CLASS_IN);
	if (edns_size > 0) {
		writer_bytes(&out, "\0\0\x29", 3);
		writer_u16(&out, (uint16_t)edns_size);
		writer_bytes(&out, "\0\0\x80\0\0\0", 6);
	}
	asked.size = out.position;
	MUST(dns_query_parse(asked.packet, asked.size, &asked.query) != DNS_PARSE_DROP, "query");
	return asked;
}

/* Bytes of a reply before its first record. */
#define HEAD_SIZE (DNS_HEADER_SIZE + 11 + 4)

static const dns_reply_options_t no_options;

/* The buffer has the exact size, so that a sanitizer sees what is written behind it. */
static uint8_t *begin(dns_reply_t *reply, const asked_t *asked, size_t capacity)
{
	uint8_t *data = malloc(capacity);

	MUST(data != NULL, "no memory");
	memset(reply, 0xcc, sizeof(*reply));
	dns_reply_begin(reply, &asked->query, asked->packet, &no_options, data,
			dns_reply_udp_limit(&asked->query, capacity));
	return data;
}

static void decode(message_t *message, const uint8_t *data, size_t size)
{
	const char *error = message_decode(message, data, size);

	MUST(error == NULL, "%s", error);
}

START_TEST(test_header)
{
	static const struct {
		uint16_t query;
		uint16_t set; /* by the answer */
		unsigned rcode;
		uint16_t reply;
		unsigned extended; /* upper bits of the rcode, in OPT */
	} cases[] = {
		{ 0x0000, 0, DNS_RCODE_NOERROR, 0x8000, 0 },
		{ 0x0100, 0, DNS_RCODE_NOERROR, 0x8100, 0 },
		/* RA, Z, AD, CD and rcode of the query are not copied */
		{ 0x01ff, DNS_FLAG_AA, DNS_RCODE_NXDOMAIN, 0x8503, 0 },
		{ 0x00ff, DNS_FLAG_TC, DNS_RCODE_REFUSED, 0x8205, 0 },
		{ 0x0100, 0, DNS_RCODE_BADVERS, 0x8100, 1 },
	};
	static message_t message;

	for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
		bool has_edns = i % 2 != 0;
		asked_t asked = ask(has_edns ? 1232 : 0, cases[i / 2].query);
		dns_reply_t reply;
		uint8_t *data = begin(&reply, &asked, CAPACITY);

		reply.flags |= cases[i / 2].set;
		reply.rcode = (uint8_t)cases[i / 2].rcode;
		size_t size = dns_reply_finish(&reply);
		decode(&message, data, size);
		ck_assert_uint_eq(message.id, 0xabcd);
		ck_assert_uint_eq(message.flags, cases[i / 2].reply);
		ck_assert_uint_eq(size, HEAD_SIZE + (has_edns ? DNS_OPT_SIZE : 0u));
		ck_assert_uint_eq(message.record_count, has_edns);
		ck_assert_mem_eq(data + 12, asked.packet + 12, HEAD_SIZE - 12);
		if (has_edns) {
			ck_assert_uint_eq(message.opt->class, 1232);
			ck_assert_uint_eq(message.opt->ttl, cases[i / 2].extended << 24 | 0x8000);
		}
		free(data);
	}
}
END_TEST

/* Adds TXT records, all different, of `size` bytes together (14 at least). */
static void add_bytes(dns_reply_t *reply, size_t size)
{
	uint8_t rdata[256] = { 0 };
	uint8_t number = 0;

	while (size > 0) {
		size_t take = size < 12 + sizeof(rdata) ? size : 12 + sizeof(rdata);

		if (size - take > 0 && size - take < 14)
			take -= 14; /* leave enough for a last one */
		rdata[0] = (uint8_t)(take - 12 - 1);
		rdata[1] = number++;
		dns_reply_add(reply, DNS_TYPE_TXT, DNS_CLASS_IN, 60, rdata, take - 12);
		size -= take;
	}
}

/* Every EDNS size up to more than the buffer has: a reply of exactly the limit is sent, one with a
 * byte more is not. */
START_TEST(test_limit)
{
	static message_t message;

	for (unsigned edns = 0; edns <= 1300; edns++) {
		asked_t asked = ask(edns, 0);
		size_t limit = edns < 512 ? 512 : edns < CAPACITY ? edns : CAPACITY;
		size_t room = limit - HEAD_SIZE - (edns > 0 ? DNS_OPT_SIZE : 0);

		for (unsigned over = 0; over < 2; over++) {
			dns_reply_t reply;
			uint8_t *data = begin(&reply, &asked, CAPACITY);

			dns_reply_rrset(&reply);
			add_bytes(&reply, room + over);
			dns_reply_rrset_end(&reply);
			size_t size = dns_reply_finish(&reply);
			decode(&message, data, size);
			if (over == 0) {
				MUST(size == limit, "EDNS %u: %zu bytes", edns, size);
				MUST(message.counts[1] > 1, "EDNS %u: no records", edns);
				MUST((message.flags & DNS_FLAG_TC) == 0, "EDNS %u: TC", edns);
			} else {
				MUST(message.counts[1] == 0, "EDNS %u: a part is there", edns);
				MUST((message.flags & DNS_FLAG_TC) != 0, "EDNS %u: no TC", edns);
				MUST(size == limit - room, "EDNS %u: %zu bytes", edns, size);
			}
			MUST((message.opt != NULL) == (edns > 0), "EDNS %u: OPT", edns);
			free(data);
		}
	}
}
END_TEST

/* EDNS sizes that nobody has a buffer for change nothing. */
START_TEST(test_edns_sizes)
{
	for (unsigned edns = 1232; edns <= 65535; edns++) {
		asked_t asked = ask(edns, 0);
		dns_reply_t reply;
		uint8_t data[CAPACITY];

		dns_reply_begin(&reply, &asked.query, asked.packet, &no_options, data,
				dns_reply_udp_limit(&asked.query, sizeof(data)));
		MUST(reply.out.size == CAPACITY - DNS_OPT_SIZE, "EDNS %u", edns);
	}
}
END_TEST

/* What was there before an RRset that does not fit stays, what comes after may still fit. */
START_TEST(test_dropped_between)
{
	static message_t message;
	asked_t asked = ask(0, 0);
	dns_reply_t reply;
	uint8_t *data = begin(&reply, &asked, CAPACITY);

	dns_reply_rrset(&reply);
	dns_reply_add(&reply, DNS_TYPE_A, DNS_CLASS_IN, 1, "\x7f\0\0\2", 4);
	dns_reply_rrset_end(&reply);
	dns_reply_rrset(&reply);
	add_bytes(&reply, 2000);
	dns_reply_rrset_end(&reply);
	dns_reply_rrset(&reply);
	dns_reply_add(&reply, DNS_TYPE_MX, DNS_CLASS_IN, 2, "\0\5\0", 3);
	dns_reply_rrset_end(&reply);
	/* an empty one is nothing */
	dns_reply_rrset(&reply);
	dns_reply_rrset_end(&reply);
	decode(&message, data, dns_reply_finish(&reply));
	ck_assert_uint_eq(message.flags, DNS_FLAG_QR | DNS_FLAG_TC);
	ck_assert_uint_eq(message.counts[1], 2);
	ck_assert_uint_eq(message.records[0].type, DNS_TYPE_A);
	ck_assert_uint_eq(message.records[0].ttl, 1);
	ck_assert_uint_eq(message.records[1].type, DNS_TYPE_MX);
	ck_assert_uint_eq(message.records[1].ttl, 2);
	ck_assert(message_same_name(message.records[1].owner.bytes, message.records[1].owner.size,
				    (const uint8_t *)"\1a\2bl\4test", 11));
	free(data);
}
END_TEST

typedef struct added {
	uint32_t ttl;
	const char *text; /* of the TXT */
} added_t;

/* Sends `list` as one RRset, and compares with what must come: each text once, in the order in
 * which it came first, all with the smallest TTL. */
static void check_rrset(const added_t *list, size_t count, unsigned row)
{
	static message_t message;
	asked_t asked = ask(1232, 0);
	const char *texts[16] = { NULL };
	uint32_t ttl = UINT32_MAX;
	size_t distinct = 0;
	dns_reply_t reply;
	uint8_t *data = begin(&reply, &asked, CAPACITY);

	dns_reply_rrset(&reply);
	for (size_t i = 0; i < count; i++) {
		uint8_t rdata[256];
		size_t j = 0;

		rdata[0] = (uint8_t)strlen(list[i].text);
		memcpy(rdata + 1, list[i].text, rdata[0]);
		dns_reply_add(&reply, DNS_TYPE_TXT, DNS_CLASS_IN, list[i].ttl, rdata,
			      1u + rdata[0]);
		while (j < distinct && strcmp(texts[j], list[i].text) != 0)
			j++;
		if (j == distinct)
			texts[distinct++] = list[i].text;
		if (list[i].ttl < ttl)
			ttl = list[i].ttl;
	}
	dns_reply_rrset_end(&reply);
	decode(&message, data, dns_reply_finish(&reply));
	MUST(message.counts[1] == distinct, "row %u: %u records", row, message.counts[1]);
	for (size_t i = 0; i < distinct; i++) {
		const message_record_t *record = &message.records[i];

		MUST(record->ttl == ttl, "row %u: TTL %u of record %zu", row, record->ttl, i);
		MUST(record->rdata[0] == strlen(texts[i]) &&
			     memcmp(record->rdata + 1, texts[i], record->rdata[0]) == 0,
		     "row %u: record %zu", row, i);
	}
	free(data);
}

START_TEST(test_rrset)
{
	static const added_t cases[][4] = {
		/* one TTL */
		{ { 60, "a" } },
		{ { 60, "a" }, { 60, "b" }, { 60, "c" } },
		{ { 0, "a" }, { 0, "b" } },
		{ { UINT32_MAX, "a" }, { UINT32_MAX, "b" } },
		/* the smallest, wherever it stands */
		{ { 50, "a" }, { 60, "b" }, { 70, "c" } },
		{ { 70, "a" }, { 60, "b" }, { 50, "c" } },
		{ { 60, "a" }, { 50, "b" }, { 50, "c" } },
		{ { 60, "a" }, { 50, "b" }, { 60, "c" } },
		{ { UINT32_MAX, "a" }, { 0, "b" } },
		{ { 0, "a" }, { UINT32_MAX, "b" } },
		/* a repetition adds nothing but its TTL */
		{ { 60, "a" }, { 60, "a" } },
		{ { 60, "a" }, { 50, "a" } },
		{ { 50, "a" }, { 60, "a" } },
		{ { 60, "a" }, { 50, "a" }, { 60, "b" }, { 50, "b" } },
		{ { 60, "a" }, { 60, "b" }, { 1, "a" } },
		/* nearly repetitions */
		{ { 60, "a" }, { 60, "A" }, { 60, "ab" }, { 60, "b" } },
		{ { 60, "" }, { 60, "a" }, { 60, "" } },
	};

	for (unsigned i = 0; i < COUNT_OF(cases); i++) {
		size_t count = 0;

		while (count < 4 && cases[i][count].text != NULL)
			count++;
		check_rrset(cases[i], count, i);
	}
}
END_TEST

START_TEST(test_rrset_random)
{
	static const char *const texts[] = { "a", "b", "c", "abc", "abd", "" };
	static const uint32_t ttls[] = { 0, 1, 60, 61, UINT32_MAX };

	random_start(1);
	for (unsigned i = 0; i < 20000; i++) {
		added_t list[16];
		size_t count = 1 + random_below(COUNT_OF(list));

		for (size_t j = 0; j < count; j++)
			list[j] = (added_t){ ttls[random_below(COUNT_OF(ttls))],
					     texts[random_below(COUNT_OF(texts))] };
		check_rrset(list, count, i);
	}
}
END_TEST

/* RDATA that differs only where a shorter one ends, and records of another RRset, are not taken for
 * repetitions. */
START_TEST(test_not_repeated)
{
	static message_t message;
	asked_t asked = ask(0, 0);
	dns_reply_t reply;
	uint8_t *data = begin(&reply, &asked, CAPACITY);

	for (int i = 0; i < 2; i++) {
		dns_reply_rrset(&reply);
		dns_reply_add(&reply, DNS_TYPE_MX, DNS_CLASS_IN, 60, "\0\5\1a\0", 5);
		dns_reply_add(&reply, DNS_TYPE_MX, DNS_CLASS_IN, 60, "\0\5\0", 3);
		dns_reply_add(&reply, DNS_TYPE_MX, DNS_CLASS_IN, 60, "\0\5\1a\1b\0", 7);
		dns_reply_rrset_end(&reply);
	}
	decode(&message, data, dns_reply_finish(&reply));
	ck_assert_uint_eq(message.counts[1], 6);
	free(data);

	/* Not well-formed, but then bytes are bytes. */
	data = begin(&reply, &asked, CAPACITY);
	dns_reply_rrset(&reply);
	for (size_t size = 5; size > 0; size--)
		dns_reply_add(&reply, DNS_TYPE_TXT, DNS_CLASS_IN, 60, "\4abcd", size);
	ck_assert_uint_eq(reply.rrset_count, 5);
	free(data);
}
END_TEST

/* RRsets without a message around them: also the record at the very start is told from a new one, and
 * the last byte is used. */
START_TEST(test_bare)
{
	static uint8_t data[65535];
	enum { MOST = sizeof(data) / 16 };
	dns_reply_t reply;

	memset(&reply, 0xcc, sizeof(reply));
	dns_reply_begin_bare(&reply, data, sizeof(data));
	dns_reply_rrset(&reply);
	for (unsigned i = 0; i < 2 * MOST; i++) {
		uint8_t address[4] = { 10, 0, (uint8_t)(i % MOST >> 8), (uint8_t)(i % MOST) };
		dns_reply_add(&reply, DNS_TYPE_A, DNS_CLASS_IN, 60, address, 4);
	}
	dns_reply_rrset_end(&reply);
	ck_assert_uint_eq(reply.flags & DNS_FLAG_TC, 0);
	ck_assert_uint_eq(reply.rrset_count, MOST);
	ck_assert_uint_eq(reply.out.position, MOST * 16);
}
END_TEST

/* As many records as fit over TCP, some of them repeated, at once or much later; for a few numbers of
 * records more than for others. */
START_TEST(test_long_rrset)
{
	static uint8_t data[65535];
	static bool is_in[4000];
	asked_t asked = ask(0, 0);
	dns_reply_t reply;

	random_start(2);
	for (unsigned bound = 1; bound <= COUNT_OF(is_in); bound += bound < 40 ? 1 : 180) {
		unsigned distinct = 0;

		memset(is_in, 0, sizeof(is_in));
		memset(&reply, 0xcc, sizeof(reply));
		dns_reply_begin(&reply, &asked.query, asked.packet, &no_options, data,
				sizeof(data));
		/* An RRset before it, with some of the same records. */
		for (unsigned rrset = 0; rrset < 2; rrset++) {
			dns_reply_rrset(&reply);
			for (unsigned i = 0; i < (rrset == 0 ? 40 : 2 * bound); i++) {
				unsigned number = rrset == 0 ? i : random_below(bound);
				uint8_t address[4] = { 10, 0, (uint8_t)(number >> 8),
						       (uint8_t)number };
				dns_reply_add(&reply, DNS_TYPE_A, DNS_CLASS_IN, 60, address, 4);
				distinct += rrset == 1 && !is_in[number];
				is_in[number] = rrset == 1 || is_in[number];
			}
			if (rrset == 0)
				memset(is_in, 0, sizeof(is_in));
			MUST(reply.rrset_count == (rrset == 0 ? 40 : distinct), "of %u: %u, not %u",
			     bound, reply.rrset_count, distinct);
			dns_reply_rrset_end(&reply);
		}
		MUST((reply.flags & DNS_FLAG_TC) == 0, "%u: cut", bound);
		size_t size = dns_reply_finish(&reply);
		MUST(size == HEAD_SIZE + (40 + distinct) * 16, "%u: %zu bytes", bound, size);
	}
}
END_TEST

/* A fragment is added as a whole or leaves no trace, and the caller decides on TC. */
START_TEST(test_fragment_fits)
{
	static dns_fragment_builder_t builder;
	static message_t message;
	static const uint8_t names[3][12] = { "\3ns1\5other", "\3ns2\5other", "\3ns3\5other" };
	dns_fragment_t *fragment;

	dns_fragment_begin(&builder, apex);
	for (unsigned i = 0; i < 3; i++) {
		dns_fragment_record(&builder, apex, DNS_TYPE_NS, 3600);
		dns_fragment_name(&builder, names[i]);
		dns_fragment_record_end(&builder);
	}
	ck_assert_int_eq(dns_fragment_cut(&builder, &fragment), ERR_OK);
	ck_assert_uint_eq(dns_fragment_count(fragment), 3);
	/* ->apex, type to RDLENGTH, name: the first in full, then its own label and a pointer */
	const size_t fragment_size = 3 * (2 + 10) + 11 + 2 * 6;

	for (unsigned over = 0; over < 2; over++) {
		asked_t asked = ask(600, 0);
		dns_reply_t reply;
		uint8_t *data = begin(&reply, &asked, CAPACITY);
		size_t fill = 600 - HEAD_SIZE - DNS_OPT_SIZE - fragment_size + over;

		dns_reply_rrset(&reply);
		add_bytes(&reply, fill);
		dns_reply_rrset_end(&reply);
		bool is_added = dns_reply_fragment(&reply, DNS_AUTHORITY, fragment,
						   DNS_HEADER_SIZE + 2, reply.out.position);
		ck_assert_int_eq(is_added, over == 0);
		size_t size = dns_reply_finish(&reply);
		ck_assert_uint_eq(size, over == 0 ? 600 : 600 - fragment_size + 1);
		decode(&message, data, size);
		ck_assert_uint_eq(message.flags, DNS_FLAG_QR);
		ck_assert_uint_eq(message.counts[2], over == 0 ? 3 : 0);
		ck_assert_uint_eq(message.counts[3], 1);
		free(data);
	}
	free(fragment);
}
END_TEST

/* The longest question still leaves room in the smallest reply. */
START_TEST(test_longest_question)
{
	static message_t message;
	uint8_t packet[DNS_HEADER_SIZE + 255 + 4] = { 0, 1, 0, 0, 0, 1 };
	dns_query_t query;
	dns_reply_t reply;

	for (unsigned i = 0; i < 127; i++)
		memcpy(packet + 12 + 2 * i, "\1X", 2);
	memcpy(packet + 12 + 255, "\0\1\0\1", 4);
	ck_assert_int_eq(dns_query_parse(packet, sizeof(packet), &query), DNS_PARSE_OK);
	uint8_t *data = malloc(DNS_PLAIN_MAX);
	dns_reply_begin(&reply, &query, packet, &no_options, data, DNS_PLAIN_MAX);
	dns_reply_rrset(&reply);
	for (uint8_t i = 0; i < 15; i++)
		dns_reply_add(&reply, DNS_TYPE_A, DNS_CLASS_IN, 60, (uint8_t[]){ 127, 0, 0, i }, 4);
	dns_reply_rrset_end(&reply);
	decode(&message, data, dns_reply_finish(&reply));
	ck_assert_uint_eq(message.counts[1], 15); /* 271 + 15 * 16 = 511 */
	ck_assert_uint_eq(message.records[14].owner.size, 255);
	free(data);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_header,     test_limit,         test_edns_sizes,       test_dropped_between,
		test_rrset,      test_rrset_random,  test_not_repeated,     test_bare,
		test_long_rrset, test_fragment_fits, test_longest_question,
	};

	return run_tests("reply", tests, COUNT_OF(tests));
}
