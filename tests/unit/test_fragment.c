/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Fragments: whatever names go in, in whatever order and wherever they are copied to, the same names
 * come out. message.h decodes them and takes no pointer that does not lead backwards. */

#include "test.h"

#include "dns/fragment.h"
#include "message.h"

#define NAMES_MAX 32
#define REACH     16384 /* bytes of a message that pointers can lead to */

/* Name servers, as $NS gives them. */
typedef struct servers {
	uint8_t names[NAMES_MAX][DNS_NAME_MAX];
	unsigned count;
} servers_t;

/* A name from labels with dots between; "" is the root. */
static void to_wire(const char *text, uint8_t *name)
{
	while (*text != '\0') {
		size_t size = strcspn(text, ".");

		*name++ = (uint8_t)size;
		memcpy(name, text, size);
		name += size;
		text += size + (text[size] == '.');
	}
	*name = 0;
}

static size_t wire_size(const uint8_t *name)
{
	size_t size = 0;

	while (name[size] != 0)
		size += name[size] + 1u;
	return size + 1;
}

/* Large: not for the stack. */
static dns_fragment_builder_t builder;
static message_t message;
static uint8_t data[20000];

/* NS and glue as the zone makes them: two fragments of one builder, beginning with server `first`;
 * server i has i % 3 addresses. `*glue` is NULL where the builder has no room for it. */
static void build(const servers_t *servers, const uint8_t *apex, unsigned first,
		  dns_fragment_t **ns, dns_fragment_t **glue)
{
	dns_fragment_begin(&builder, apex);
	for (unsigned i = 0; i < servers->count; i++) {
		dns_fragment_record(&builder, apex, DNS_TYPE_NS, 3600);
		dns_fragment_name(&builder, servers->names[(first + i) % servers->count]);
		dns_fragment_record_end(&builder);
	}
	ck_assert_int_eq(dns_fragment_cut(&builder, ns), ERR_OK);
	for (unsigned i = 0; i < servers->count; i++) {
		unsigned server = (first + i) % servers->count;

		for (unsigned j = 0; j < server % 3; j++) {
			dns_fragment_record(&builder, servers->names[server], DNS_TYPE_A, 60);
			writer_u32(&builder.out, server << 8 | j);
			dns_fragment_record_end(&builder);
		}
	}
	err_t err = dns_fragment_cut(&builder, glue);
	if (err == ERR_NO_SPACE)
		*glue = NULL;
	else
		ck_assert_int_eq(err, ERR_OK);
}

/* Starts a message: a question for `prefix` labels below the apex, and `answers` A records. Returns
 * where the apex stands. */
static size_t start_message(writer_t *out, const uint8_t *apex, unsigned prefix, unsigned answers)
{
	*out = (writer_t){ .data = data, .size = sizeof(data) };
	writer_bytes(out, "\0\1\x80\0\0\1", 6);
	writer_u16(out, (uint16_t)answers);
	writer_u32(out, 0); /* NSCOUNT and ARCOUNT; see end_message */
	for (unsigned i = 0; i < prefix; i++)
		writer_bytes(out, "\1P", 2);
	size_t apex_offset = out->position;

	writer_bytes(out, apex, wire_size(apex));
	writer_bytes(out, "\0\1\0\1", 4);
	for (unsigned i = 0; i < answers; i++)
		writer_bytes(out, "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\2", 16);
	return apex_offset;
}

static void end_message(const writer_t *out, unsigned nscount, unsigned arcount)
{
	MUST(!out->overrun, "does not fit the buffer");
	put_u16(data + 8, (uint16_t)nscount);
	put_u16(data + 10, (uint16_t)arcount);
	const char *error = message_decode(&message, data, out->position);
	MUST(error == NULL, "%s", error);
}

static bool is_name(const message_name_t *name, const uint8_t *expected)
{
	return message_same_name(name->bytes, name->size, expected, wire_size(expected));
}

/* Copies both fragments into a message and looks whether they say what they were made from. */
static void check_copy(const servers_t *servers, const uint8_t *apex, unsigned first,
		       const dns_fragment_t *ns, const dns_fragment_t *glue, unsigned prefix,
		       unsigned answers)
{
	writer_t out;
	size_t apex_offset = start_message(&out, apex, prefix, answers);
	size_t base = out.position;

	dns_fragment_write(ns, &out, apex_offset, base);
	if (glue != NULL)
		dns_fragment_write(glue, &out, apex_offset, base);
	end_message(&out, dns_fragment_count(ns), glue != NULL ? dns_fragment_count(glue) : 0);
	const message_record_t *record = message.records + answers;
	MUST(message.counts[2] == servers->count, "%u NS", message.counts[2]);
	for (unsigned i = 0; i < servers->count; i++, record++) {
		MUST(is_name(&record->owner, apex), "owner of NS %u", i);
		MUST(record->type == DNS_TYPE_NS && record->class == 1 && record->ttl == 3600,
		     "NS %u", i);
		MUST(is_name(&record->names[0], servers->names[(first + i) % servers->count]),
		     "name of NS %u", i);
	}
	for (unsigned i = 0; i < servers->count && glue != NULL; i++) {
		unsigned server = (first + i) % servers->count;

		for (unsigned j = 0; j < server % 3; j++, record++) {
			MUST(is_name(&record->owner, servers->names[server]), "owner of glue %u",
			     i);
			MUST(record->type == DNS_TYPE_A && record->ttl == 60 &&
				     get_u32(record->rdata) == (server << 8 | j),
			     "glue %u", i);
		}
	}
	MUST(record == message.records + message.record_count, "more records");
}

/* All rotations, at several places of a message. */
static void check_servers(const servers_t *servers, const uint8_t *apex)
{
	static const unsigned prefixes[] = { 0, 1, 4, 32 };
	static const unsigned answers[] = { 0, 1, 19, 60 };

	for (unsigned first = 0; first < servers->count; first++) {
		dns_fragment_t *ns;
		dns_fragment_t *glue;

		build(servers, apex, first, &ns, &glue);
		for (unsigned i = 0; i < COUNT_OF(prefixes) * COUNT_OF(answers); i++)
			check_copy(servers, apex, first, ns, glue, prefixes[i % COUNT_OF(prefixes)],
				   answers[i / COUNT_OF(prefixes)]);
		free(ns);
		free(glue);
	}
}

START_TEST(test_names)
{
	static const char *const apexes[] = { "test", "bl.test", "a.b.c.d.e.bl.test", "x.x.x" };
	static const char *const cases[][6] = {
		{ "ns1.bl.test", "ns2.bl.test" },
		{ "ns1.elsewhere.example", "ns2.elsewhere.example", "ns1.other.example" },
		/* the apex, its parents, the root */
		{ "bl.test" },
		{ "test", "bl.test", "" },
		{ "" },
		{ "", "x", "" },
		{ "c.d.e.bl.test", "d.e.bl.test", "e.bl.test", "a.b.c.d.e.bl.test" },
		/* each other's parents and children, in both directions */
		{ "a.ns.x", "ns.x", "x", "b.a.ns.x", "c.b.a.ns.x", "a.ns.x" },
		{ "x", "x.x", "x.x.x", "x.x.x.x" },
		{ "x.x.x.x", "x.x.x", "x.x", "x" },
		/* mixed case */
		{ "NS1.BL.Test", "ns1.bl.TEST", "Ns2.bL.tEST", "BL.test" },
		{ "Q.Elsewhere", "r.eLSEWHERE" },
		/* what only looks the same */
		{ "l.test", "abl.test", "bl.testx", "bl.tes" },
		{ "[.bl.test", "{.bl.test", "@.x", "`.x" },
		{ "ab.c", "a.bc", "abc", "a.b.c" },
	};

	for (size_t i = 0; i < COUNT_OF(cases) * COUNT_OF(apexes); i++) {
		static servers_t servers;
		uint8_t apex[DNS_NAME_MAX];

		to_wire(apexes[i % COUNT_OF(apexes)], apex);
		servers.count = 0;
		for (unsigned j = 0; j < 6 && cases[i / COUNT_OF(apexes)][j] != NULL; j++)
			to_wire(cases[i / COUNT_OF(apexes)][j], servers.names[servers.count++]);
		check_servers(&servers, apex);
	}
}
END_TEST

/* 32 names of 255 bytes: of the longest labels, and of the most. They differ at the front, so all
 * share their end, or at the end, so none does. */
START_TEST(test_long_names)
{
	static const unsigned label_sizes[] = { 63, 1, 7 };

	for (unsigned i = 0; i < 2 * COUNT_OF(label_sizes); i++) {
		static servers_t servers;
		unsigned label_size = label_sizes[i / 2];
		uint8_t apex[DNS_NAME_MAX];

		servers.count = NAMES_MAX;
		for (unsigned j = 0; j < NAMES_MAX; j++) {
			uint8_t *name = servers.names[j];
			unsigned at = 0;

			memset(name, 'n', DNS_NAME_MAX);
			while (at < 254) {
				unsigned rest = 254 - at - 1;
				name[at] = (uint8_t)(rest < label_size ? rest : label_size);
				at += name[at] + 1u;
			}
			name[254] = 0;
			name[i % 2 == 0 ? 1 : 253] = (uint8_t)('a' + j);
		}
		ck_assert_uint_eq(wire_size(servers.names[31]), 255);
		to_wire("n.n.n.n.n", apex);
		for (unsigned first = 0; first < NAMES_MAX; first += 5) {
			dns_fragment_t *ns;
			dns_fragment_t *glue;

			build(&servers, apex, first, &ns, &glue);
			check_copy(&servers, apex, first, ns, glue, 3, 5);
			free(ns);
			free(glue);
		}
	}
}
END_TEST

/* Random names of few different labels, so that they have much in common. */
static void random_name(uint8_t name[DNS_NAME_MAX], unsigned labels_max)
{
	static const char *const labels[] = { "a", "A", "b", "ns", "nS", "test", "a-longer-label" };
	unsigned count = random_below(labels_max + 1);

	while (count-- > 0) {
		const char *label = labels[random_below(COUNT_OF(labels))];
		*name++ = (uint8_t)strlen(label);
		name = (uint8_t *)stpcpy((char *)name, label);
	}
	*name = 0;
}

START_TEST(test_random_names)
{
	random_start(1);
	for (int i = 0; i < 100; i++) {
		static servers_t servers;
		uint8_t apex[DNS_NAME_MAX];

		do
			random_name(apex, 8);
		while (apex[0] == 0);
		servers.count = 1 + random_below(i % 10 == 0 ? NAMES_MAX : 6);
		for (unsigned j = 0; j < servers.count; j++)
			random_name(servers.names[j], i % 2 == 0 ? 4 : 16);
		check_servers(&servers, apex);
	}
}
END_TEST

/* Names are compressed as far as they can be. */
START_TEST(test_bytes)
{
	static const char expected[] =
		"\xc0\x0e\0\6\0\1\0\0\x0e\x10\0\x22"       /* owner: the apex at 14 */
		"\3ns1\xc0\x0e"                            /* mname */
		"\5admin\xc0\x11"                          /* rname: admin.test */
		"\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5" /* serial to minimum */
		"\xc0\x0e\0\2\0\1\0\0\0\1\0\2\xc0\x27"     /* NS ns1.bl.test: the mname at 39 */
		"\xc0\x0e\0\2\0\1\0\0\0\1\0\1\0";          /* NS . */
	static const uint8_t apex[] = "\2bl\4test";
	dns_fragment_t *soa;
	dns_fragment_t *ns;
	writer_t out;

	dns_fragment_begin(&builder, apex);
	dns_fragment_record(&builder, (const uint8_t *)"\2BL\4TEST", DNS_TYPE_SOA, 3600);
	dns_fragment_name(&builder, (const uint8_t *)"\3ns1\2bl\4test");
	dns_fragment_name(&builder, (const uint8_t *)"\5admin\4test");
	for (uint32_t i = 1; i <= 5; i++)
		writer_u32(&builder.out, i);
	dns_fragment_record_end(&builder);
	ck_assert_int_eq(dns_fragment_cut(&builder, &soa), ERR_OK);
	dns_fragment_record(&builder, apex, DNS_TYPE_NS, 1);
	dns_fragment_name(&builder, (const uint8_t *)"\3NS1\2bl\4test");
	dns_fragment_record_end(&builder);
	dns_fragment_record(&builder, apex, DNS_TYPE_NS, 1);
	dns_fragment_name(&builder, (const uint8_t *)"");
	dns_fragment_record_end(&builder);
	ck_assert_int_eq(dns_fragment_cut(&builder, &ns), ERR_OK);
	ck_assert_uint_eq(dns_fragment_count(soa), 1);
	ck_assert_uint_eq(dns_fragment_count(ns), 2);

	size_t apex_offset = start_message(&out, apex, 1, 0);
	size_t base = out.position;
	ck_assert_uint_eq(base, 27);
	dns_fragment_write(soa, &out, apex_offset, base);
	dns_fragment_write(ns, &out, apex_offset, base);
	ck_assert_uint_eq(out.position - base, sizeof(expected) - 1);
	ck_assert_mem_eq(data + base, expected, sizeof(expected) - 1);
	end_message(&out, 1, 2);
	free(soa);
	free(ns);
}
END_TEST

/* More names and pointers than the builder remembers: then it compresses less, not wrongly. */
START_TEST(test_many_records)
{
	static const uint8_t apex[] = "\2bl\4test";
	dns_fragment_t *fragment;
	writer_t out;

	dns_fragment_begin(&builder, apex);
	for (unsigned i = 0; i < 390; i++) {
		dns_fragment_record(&builder, apex, DNS_TYPE_NS, 1);
		dns_fragment_name(&builder, (const uint8_t *)"\1a\1b\1c\1d");
		dns_fragment_record_end(&builder);
	}
	ck_assert_int_eq(dns_fragment_cut(&builder, &fragment), ERR_OK);
	ck_assert_uint_eq(dns_fragment_count(fragment), 390);
	size_t apex_offset = start_message(&out, apex, 2, 3);
	dns_fragment_write(fragment, &out, apex_offset, out.position);
	end_message(&out, 390, 0);
	for (unsigned i = 3; i < message.record_count; i++) {
		MUST(is_name(&message.records[i].owner, apex), "owner %u", i);
		MUST(is_name(&message.records[i].names[0], (const uint8_t *)"\1a\1b\1c\1d"),
		     "name %u", i);
	}
	free(fragment);
}
END_TEST

/* What outgrows the builder is an error when it is cut, and the builder can start over. */
START_TEST(test_no_space)
{
	static const uint8_t apex[] = "\2bl\4test";
	dns_fragment_t *fragment = NULL;
	uint8_t text[256] = { 255 };

	for (unsigned extra = 0; extra < 2; extra++) {
		dns_fragment_begin(&builder, apex);
		/* 59 * 268 + 188 = 16000 */
		for (unsigned i = 0; i < 59; i++) {
			dns_fragment_record(&builder, apex, DNS_TYPE_TXT, 1);
			writer_bytes(&builder.out, text, sizeof(text));
			dns_fragment_record_end(&builder);
		}
		dns_fragment_record(&builder, apex, DNS_TYPE_TXT, 1);
		writer_bytes(&builder.out, text, 176 + extra);
		dns_fragment_record_end(&builder);
		/* a record with nothing in it does not fit either */
		if (extra > 0)
			dns_fragment_record(&builder, apex, DNS_TYPE_TXT, 1);
		ck_assert_int_eq(dns_fragment_cut(&builder, &fragment),
				 extra == 0 ? ERR_OK : ERR_NO_SPACE);
		if (extra == 0)
			free(fragment);
		fragment = NULL;
	}
	dns_fragment_begin(&builder, apex);
	ck_assert_int_eq(dns_fragment_cut(&builder, &fragment), ERR_OK);
	ck_assert_uint_eq(dns_fragment_count(fragment), 0);
	free(fragment);
}
END_TEST

/* Nothing is written where there is not room for all. */
START_TEST(test_room)
{
	static const uint8_t apex[] = "\2bl\4test";
	servers_t servers = { .count = 3 };
	dns_fragment_t *ns;
	dns_fragment_t *glue;
	writer_t out;

	to_wire("ns1.bl.test", servers.names[0]);
	to_wire("ns2.bl.test", servers.names[1]);
	to_wire("ns.example", servers.names[2]);
	build(&servers, apex, 0, &ns, &glue);
	size_t apex_offset = start_message(&out, apex, 4, 0);
	size_t base = out.position;
	dns_fragment_write(ns, &out, apex_offset, base);
	size_t needed = out.position - base;

	for (size_t room = 0; room <= needed; room++) {
		/* On the heap, so that a sanitizer sees a write behind its end. */
		uint8_t *exact = malloc(base + room);
		writer_t small = { .data = exact, .size = base + room, .position = base };

		dns_fragment_write(ns, &small, apex_offset, base);
		MUST(small.overrun == (room < needed), "room for %zu", room);
		MUST(small.position == (room < needed ? base : base + needed), "at %zu", room);
		free(exact);
	}
	free(ns);
	free(glue);
}
END_TEST

/* Pointers reach 16 KiB; a fragment that would need more of them is left out, not misdirected. */
START_TEST(test_reach)
{
	static const uint8_t apex[] = "\2bl\4test";
	servers_t servers = { .count = 2 };
	dns_fragment_t *ns;
	dns_fragment_t *glue;
	writer_t out;

	to_wire("ns1.example", servers.names[0]);
	to_wire("ns2.example", servers.names[1]);
	build(&servers, apex, 0, &ns, &glue);
	size_t apex_offset = start_message(&out, apex, 0, 0);
	size_t start = out.position;
	dns_fragment_write(ns, &out, apex_offset, start);
	size_t ns_size = out.position - start;

	for (unsigned over = 0; over < 2; over++) {
		apex_offset = start_message(&out, apex, 0, 0);
		/* one TXT record fills the message up to where the fragment goes */
		size_t rdata_size = REACH - ns_size - out.position - 12 + over;
		writer_bytes(&out, "\xc0\x0c\0\x29\0\1\0\0\0\0", 10);
		writer_u16(&out, (uint16_t)rdata_size);
		out.position += rdata_size;
		size_t base = out.position;
		dns_fragment_write(ns, &out, apex_offset, base);
		ck_assert_int_eq(out.overrun, over);
		ck_assert_uint_eq(out.position, over == 0 ? REACH : base);
		if (over > 0)
			continue;
		message = (message_t){ .data = data, .size = out.position, .at = base };
		for (unsigned i = 0; i < servers.count; i++) {
			ck_assert(message_read_record(&message, 2));
			ck_assert(is_name(&message.records[i].owner, apex));
			ck_assert(is_name(&message.records[i].names[0], servers.names[i]));
		}
	}
	free(ns);
	free(glue);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_names,        test_long_names, test_random_names, test_bytes,
		test_many_records, test_no_space,   test_room,         test_reach,
	};

	return run_tests("fragment", tests, COUNT_OF(tests));
}
