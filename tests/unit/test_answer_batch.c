/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Batches: a packet gets the same reply alone and among others, and damaged packets get none or a
 * whole one, no longer than the same question would get when asked properly. No reply leaves that was written from
 * data that have changed meanwhile. */

#include "test.h"

#include "answer_zones.h"
#include "catalog/generation.h"
#include "divert.h"
#include "message.h"

/* Queries for all zones, of all kinds. */
static const struct {
	const char *name;
	unsigned type;
} questions[] = {
	{ "2.0.0.127.bl.test", DNS_TYPE_A },
	{ "2.0.0.127.bl.test", DNS_TYPE_TXT },
	{ "1.1.1.10.bl.test", DNS_TYPE_ANY },
	{ "9.2.0.192.BL.test", DNS_TYPE_A },
	{ "7.2.0.192.bl.test", DNS_TYPE_A },
	{ "4.3.2.1.bl.test", DNS_TYPE_A },
	{ "2.1.bl.test", DNS_TYPE_A },
	{ "www.bl.test", DNS_TYPE_A },
	{ "mx.bl.test", DNS_TYPE_MX },
	{ "b.bl.test", DNS_TYPE_TXT },
	{ "c20.bl.test", DNS_TYPE_A },
	{ "c40.bl.test", DNS_TYPE_A },
	{ "c73.bl.test", DNS_TYPE_A },
	{ "c80.bl.test", DNS_TYPE_ANY },
	{ "bl.test", DNS_TYPE_SOA },
	{ "bl.test", DNS_TYPE_NS },
	{ "bl.test", DNS_TYPE_ANY },
	{ "e.bl.test", DNS_TYPE_A },
	{ "4.3.2.1.n.e.bl.test", DNS_TYPE_A },
	{ "4.100.51.198.n.e.bl.test", DNS_TYPE_TXT },
	{ "n.e.bl.test", DNS_TYPE_NS },
	{ "ns.test", DNS_TYPE_NS },
	{ "ns.test", DNS_TYPE_A },
	{ "x.s01.ns.test", DNS_TYPE_A },
	{ "1.2.3.4.absent.test", DNS_TYPE_A },
	{ "other.example", DNS_TYPE_A },
	{ "", DNS_TYPE_NS },
};

static fixture_t fixture;

/* A packet in a block of its exact size, and the place for its reply. */
typedef struct exchange {
	uint8_t *query;
	size_t query_size;
	uint8_t *reply;
	size_t reply_size;
} exchange_t;

static exchange_t exchange_new(const uint8_t *query, size_t size)
{
	exchange_t made = { .query = malloc(size > 0 ? size : 1), .query_size = size };

	made.reply = malloc(ANSWER_UDP_MAX);
	MUST(made.query != NULL && made.reply != NULL, "no memory");
	memcpy(made.query, query, size);
	return made;
}

static void exchange_free(exchange_t *exchange)
{
	free(exchange->query);
	free(exchange->reply);
}

/* Starts all rotations over. */
static void renew_context(void)
{
	answer_context_free(fixture.context);
	fixture.context = answer_context_new();
	MUST(fixture.context != NULL, "no memory");
}

/* Answers them in batches of `size`. */
static void answer_all(exchange_t *exchanges, size_t count, size_t size)
{
	renew_context();
	for (size_t first = 0; first < count; first += size) {
		answer_packet_t packets[ANSWER_BATCH_MAX];
		size_t batch = count - first < size ? count - first : size;

		for (size_t i = 0; i < batch; i++)
			packets[i] = (answer_packet_t){
				.query = exchanges[first + i].query,
				.query_size = exchanges[first + i].query_size,
				.reply = exchanges[first + i].reply,
				.reply_room = ANSWER_UDP_MAX,
				.reply_size = 12345,
			};
		fixture_answer(&fixture, packets, batch);
		for (size_t i = 0; i < batch; i++)
			exchanges[first + i].reply_size = packets[i].reply_size;
	}
}

static size_t random_question(uint8_t query[ZONES_QUERY_MAX])
{
	static const unsigned edns_sizes[] = { 0, 0, 512, 1232, 4096, 65535 };
	size_t which = random_below(COUNT_OF(questions));

	return zones_query(query, questions[which].name, questions[which].type, DNS_CLASS_IN,
			   random_below(8) == 0 ? (unsigned)random_64() & 0xffff : DNS_FLAG_RD,
			   edns_sizes[random_below(COUNT_OF(edns_sizes))]);
}

#define EXCHANGES 4000

START_TEST(test_batches)
{
	static const size_t sizes[] = { 2, 3, 63, 64 };
	static exchange_t alone[EXCHANGES];
	static exchange_t together[EXCHANGES];
	size_t answered = 0;

	random_start(1);
	for (size_t i = 0; i < EXCHANGES; i++) {
		uint8_t query[ZONES_QUERY_MAX];
		size_t size = random_question(query);

		if (random_below(16) == 0)
			size = random_below((unsigned)size); /* no answer */
		alone[i] = exchange_new(query, size);
		together[i] = exchange_new(query, size);
	}
	answer_all(alone, EXCHANGES, 1);
	for (size_t s = 0; s < COUNT_OF(sizes); s++) {
		answer_all(together, EXCHANGES, sizes[s]);
		for (size_t i = 0; i < EXCHANGES; i++)
			MUST(alone[i].reply_size == together[i].reply_size &&
				     memcmp(alone[i].reply, together[i].reply,
					    alone[i].reply_size) == 0,
			     "packet %zu in batches of %zu", i, sizes[s]);
	}
	for (size_t i = 0; i < EXCHANGES; i++) {
		static message_t message;
		const char *error = NULL;

		if (alone[i].reply_size > 0) {
			answered++;
			error = message_check_reply(&message, alone[i].query, alone[i].query_size,
						    alone[i].reply, alone[i].reply_size);
		}
		MUST(error == NULL, "packet %zu: %s", i, error);
		exchange_free(&alone[i]);
		exchange_free(&together[i]);
	}
	ck_assert_uint_gt(answered, EXCHANGES / 2);
}
END_TEST

/* An empty batch is one, too. */
START_TEST(test_empty_batch)
{
	fixture_answer(&fixture, NULL, 0);
}
END_TEST

/* Changes a packet in one of the ways that packets are wrong. */
static size_t damage(uint8_t packet[ZONES_QUERY_MAX], size_t size)
{
	static const uint8_t odd[] = { 0, 1, 0x29, 0x3f, 0x40, 0x80, 0xc0, 0x0c, 0xff };
	unsigned at = random_below((unsigned)size);

	switch (random_below(8)) {
	case 0:
		packet[at] ^= (uint8_t)(1u << random_below(8));
		break;
	case 1:
		packet[at] = (uint8_t)random_64();
		break;
	case 2:
		packet[at] = odd[random_below(COUNT_OF(odd))];
		break;
	case 3: /* a count */
		put_u16(packet + 4 + (size_t)(2 * random_below(4)),
			random_below(2) == 0 ? UINT16_MAX : (uint16_t)random_below(4));
		break;
	case 4: /* cut short */
		return at;
	case 5: /* longer */
		while (size < ZONES_QUERY_MAX && random_below(40) > 0)
			packet[size++] = (uint8_t)random_64();
		break;
	case 6: /* bytes taken out */
		memmove(packet + at, packet + at + 1, size - at - 1);
		return size - 1;
	default: /* bytes twice */
		if (size == ZONES_QUERY_MAX)
			break;
		memmove(packet + at + 1, packet + at, size - at);
		return size + 1;
	}
	return size;
}

static void answer_one(exchange_t *exchange)
{
	answer_all(exchange, 1, 1);
}

/* Bytes of the reply to the same question in a flawless packet: with a buffer of any size, and room
 * for an extended error, where the damaged one seemed to have EDNS, else without. */
static size_t honest_size(const message_t *message)
{
	uint8_t query[ZONES_QUERY_MAX];
	writer_t out = { .data = query, .size = sizeof(query) };

	writer_bytes(&out, "\0\0\1\0\0", 5);
	writer_u8(&out, (uint8_t)message->counts[0]);
	writer_bytes(&out, "\0\0\0\0\0", 5);
	writer_u8(&out, message->opt != NULL);
	writer_bytes(&out, message->data + 12, message->question_end - 12);
	if (message->opt != NULL)
		writer_bytes(&out, "\0\0\x29\xff\xff\0\0\0\0\0\0", DNS_OPT_SIZE);
	exchange_t honest = exchange_new(query, out.position);
	answer_one(&honest);
	exchange_free(&honest);
	return honest.reply_size + (message->opt != NULL ? DNS_OPTION_HEAD + 2 : 0);
}

#define DAMAGED 20000

START_TEST(test_damaged)
{
	static message_t message;
	unsigned replies = 0;
	unsigned silences = 0;

	random_start(2);
	for (unsigned i = 0; i < DAMAGED; i++) {
		uint8_t query[ZONES_QUERY_MAX];
		size_t size = random_question(query);

		for (unsigned j = 1 + random_below(4); j > 0 && size > 0; j--)
			size = damage(query, size);
		exchange_t exchange = exchange_new(query, size);
		answer_one(&exchange);
		if (exchange.reply_size > 0) {
			const char *error =
				message_check_reply(&message, exchange.query, exchange.query_size,
						    exchange.reply, exchange.reply_size);
			MUST(error == NULL, "packet %u: %s", i, error);
			MUST(exchange.reply_size <= honest_size(&message),
			     "packet %u: longer than an honest reply", i);
			replies++;
		} else {
			silences++;
		}
		exchange_free(&exchange);
	}
	/* Neither was avoided. */
	ck_assert_uint_gt(replies, DAMAGED / 4);
	ck_assert_uint_gt(silences, DAMAGED / 20);
}
END_TEST

/* Names of up to 127 labels, in every zone and of no zone. */
START_TEST(test_long_names)
{
	static const char *const zones[] = { "\2bl\4test", "\1n\1e\2bl\4test", "\2ns\4test",
					     "\7example" };
	static message_t message;

	random_start(3);
	for (unsigned i = 0; i < 127 * COUNT_OF(zones); i++) {
		const char *zone = zones[i % COUNT_OF(zones)];
		size_t zone_size = strlen(zone) + 1;
		uint8_t query[ZONES_QUERY_MAX] = { 0, 0, 0, 0, 0, 1 };
		size_t size = DNS_HEADER_SIZE;

		for (unsigned j = 0; j < i / COUNT_OF(zones) &&
				     size - DNS_HEADER_SIZE + 2 + zone_size <= DNS_NAME_MAX;
		     j++) {
			query[size++] = 1;
			query[size++] = (uint8_t)('0' + random_below(2));
		}
		memcpy(query + size, zone, zone_size);
		size += zone_size;
		memcpy(query + size, "\0\1\0\1", 4);
		exchange_t exchange = exchange_new(query, size + 4);
		answer_one(&exchange);
		const char *error =
			message_check_reply(&message, exchange.query, exchange.query_size,
					    exchange.reply, exchange.reply_size);
		MUST(error == NULL, "name %u: %s", i, error);
		exchange_free(&exchange);
	}
}
END_TEST

/* ---- A list that is changed in place while a batch is answered. ---- */

/* The type of the list, but that its file grows behind the write that comes when there are none left. */
static dataset_type_t changing_type;
static const dataset_type_t *list_type;
static unsigned writes_left;

static void change_list(void)
{
	FILE *file = fopen(fixture_path(&fixture, "list").text, "a");

	MUST(file != NULL && fputs("# more\n", file) >= 0 && fclose(file) == 0, "cannot write");
}

static void write_and_change(const dataset_t *dataset, uint32_t entry,
			     const dataset_question_t *question, dns_type_t type, unsigned rotation,
			     dns_reply_t *reply)
{
	list_type->write(dataset, entry, question, type, rotation, reply);
	if (writes_left > 0 && --writes_left == 0)
		change_list();
}

/* The list's data set, which is the generation's own. */
static dataset_t *find_list(void)
{
	dataset_t *list = NULL;

	catalog_reader_register();
	const generation_t *generation = catalog_read_begin(fixture.catalog);
	for (size_t z = 0; z < generation->zone_count; z++) {
		const zone_t *zone = &generation->zones[z];
		for (size_t d = 0; d < zone->dataset_count; d++) {
			const dataset_t *dataset = zone->datasets[d]; /* NULL: it is absent */
			if (dataset != NULL && strcmp(dataset->type->name, "ip4set") == 0)
				list = (dataset_t *)(uintptr_t)dataset;
		}
	}
	catalog_read_end(fixture.catalog);
	catalog_reader_unregister();
	MUST(list != NULL, "no list");
	return list;
}

/* Has it a guard, as if the list were mapped. */
static void guard_list(dataset_t *list)
{
	fixture_path_t path = fixture_path(&fixture, "list");
	const char *const files[] = { path.text };
	file_stamp_t stamp;

	MUST(file_stamp_get(path.text, &stamp) == ERR_OK &&
		     dataset_guard_new(files, &stamp, NULL, 1, &list->guard) == ERR_OK,
	     "no guard");
}

/* Is the question for the zone that has the list? */
static bool is_for_list(const char *name)
{
	size_t size = strlen(name);

	return size >= 7 && strcasecmp(name + size - 7, "bl.test") == 0 &&
	       strstr(name, "n.e.bl.test") == NULL;
}

static void check_reply(const exchange_t *sound, const exchange_t *found, size_t number)
{
	const char *name = questions[number].name;

	if (is_for_list(name))
		MUST((found->reply[3] & 15) == DNS_RCODE_SERVFAIL && found->reply[7] == 0,
		     "%s is answered", name);
	else
		MUST(found->reply_size == sound->reply_size &&
			     memcmp(found->reply, sound->reply, found->reply_size) == 0,
		     "%s is answered in another way", name);
}

/* Whether the first or a later one of its replies was written meanwhile: all of the zone's become SERVFAIL, also
 * those that another data set of it has the answer to, and none else. */
START_TEST(test_changed_meanwhile)
{
	dataset_t *list = find_list();
	exchange_t sound[COUNT_OF(questions)];
	exchange_t found[COUNT_OF(questions)];

	for (size_t i = 0; i < COUNT_OF(questions); i++) {
		uint8_t query[ZONES_QUERY_MAX];
		size_t size = zones_query(query, questions[i].name, questions[i].type, DNS_CLASS_IN,
					  DNS_FLAG_RD, 1232);
		sound[i] = exchange_new(query, size);
		found[i] = exchange_new(query, size);
	}
	answer_all(sound, COUNT_OF(sound), COUNT_OF(sound));
	list_type = list->type;
	changing_type = *list_type;
	changing_type.write = write_and_change;
	list->type = &changing_type;
	for (unsigned writes = 1; writes <= 4; writes++) {
		diversion_t diversion;
		char text[1000];

		guard_list(list);
		writes_left = writes;
		divert(&diversion, stderr);
		answer_all(found, COUNT_OF(found), COUNT_OF(found));
		collect(&diversion, text, sizeof(text));
		ck_assert_ptr_nonnull(strstr(text, "changed in place"));
		ck_assert_uint_eq(writes_left, 0);
		for (size_t i = 0; i < COUNT_OF(questions); i++)
			check_reply(&sound[i], &found[i], i);
		dataset_guard_free(list->guard);
		list->guard = NULL;
	}
	list->type = list_type;
	for (size_t i = 0; i < COUNT_OF(questions); i++) {
		exchange_free(&sound[i]);
		exchange_free(&found[i]);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_batches, test_empty_batch, test_damaged, test_long_names,
				 test_changed_meanwhile };

	zones_begin(&fixture, &catalog_default_options);
	zones_load(&fixture);
	int status = run_tests("answer_batch", tests, COUNT_OF(tests));
	zones_end(&fixture);
	return status;
}
