/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "oracle.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "dns/name.h"

/* Wrong answers that are described. */
#define COMPLAINTS_MAX 10

/* Numbers behind the list's that are asked about, too. */
#define UNLISTED_SPAN (1u << 20)

/* What an answer says. */
typedef struct findings {
	uint16_t flags;
	bool is_listed;
	uint32_t generation; /* 0: it does not tell */
} findings_t;

/* SplitMix64 (Steele et al., 2014). */
static uint64_t random_64(oracle_t *oracle)
{
	uint64_t z = oracle->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

void oracle_init(oracle_t *oracle, const list_t *list, uint32_t generation, FILE *complaints)
{
	*oracle = (oracle_t){
		.list = list,
		.complaints = complaints,
		.settled = generation,
		.announced = generation,
		.random = list->seed,
	};
}

void oracle_choose(oracle_t *oracle, oracle_question_t *question)
{
	const uint32_t rounds = oracle->list->span / 16;
	uint64_t random = random_64(oracle);
	uint32_t kind = random & 15;
	uint32_t round = (uint32_t)((random >> 32) % rounds);

	*question = (oracle_question_t){
		.settled = oracle->settled,
		.seen = oracle->seen,
		.type = random & 16 ? DNS_TYPE_A : DNS_TYPE_TXT,
		.is_apex = kind == 0,
	};
	/* As many questions about what changes as about what is always listed or never. */
	if (kind == 0)
		question->type = DNS_TYPE_SOA;
	else if (kind < 6)
		question->number = round * 16 + (uint32_t)(random >> 8) % 14;
	else if (kind < 11)
		question->number = round * 16 + 14 + (random >> 8 & 1);
	else
		question->number = oracle->list->span + (uint32_t)(random >> 32) % UNLISTED_SPAN;
}

size_t oracle_write(const oracle_t *oracle, const oracle_question_t *question,
		    uint8_t packet[ORACLE_PACKET_MAX])
{
	const list_t *list = oracle->list;
	writer_t writer = { .data = packet, .size = ORACLE_PACKET_MAX };
	uint8_t name[DNS_NAME_MAX];
	size_t size = list->apex_size;

	if (question->is_apex)
		memcpy(name, list->apex, size);
	else
		size = list_name(list, question->number, name);
	writer_u32(&writer, DNS_FLAG_RD);
	writer_u16(&writer, 1);
	writer_u16(&writer, 0);
	writer_u32(&writer, 0);
	writer_bytes(&writer, name, size);
	writer_u16(&writer, question->type);
	writer_u16(&writer, DNS_CLASS_IN);
	return writer.position;
}

/* The generation in a record's data; 0 if there is none that could be. */
static uint32_t generation_in(uint16_t type, const uint8_t *data, size_t size)
{
	char text[32];

	if (type == DNS_TYPE_A)
		return size == 4 && data[0] == 127 && data[1] == 1 ? get_u16(data + 2) : 0;
	if (type == DNS_TYPE_SOA)
		return size > 20 && get_u32(data + size - 20) <= LIST_GENERATION_MAX
			       ? get_u32(data + size - 20)
			       : 0;
	if (type != DNS_TYPE_TXT || size <= 12 || size >= sizeof(text) || data[0] != size - 1 ||
	    memcmp(data + 1, "generation ", 11) != 0)
		return 0;
	memcpy(text, data + 12, size - 12);
	text[size - 12] = '\0';
	return (uint32_t)strtoul(text, NULL, 10);
}

/* Reads an answer as it has to be: the question as it was asked, one record that answers it, or the SOA
 * alone. Returns false if it is none of that, with the flags filled in if it has some. */
static bool read_answer(const oracle_t *oracle, const oracle_question_t *question,
			const uint8_t *answer, size_t size, findings_t *findings)
{
	uint8_t asked[ORACLE_PACKET_MAX];
	size_t asked_size = oracle_write(oracle, question, asked);
	reader_t reader = { .data = answer, .size = size };

	*findings = (findings_t){ 0 };
	if (size < DNS_HEADER_SIZE)
		return false;
	findings->flags = get_u16(answer + 2);
	if (size < asked_size || get_u16(answer + 4) != 1 || get_u16(answer + 10) != 0 ||
	    memcmp(answer + DNS_HEADER_SIZE, asked + DNS_HEADER_SIZE,
		   asked_size - DNS_HEADER_SIZE) != 0)
		return false;
	findings->is_listed = get_u16(answer + 6) == 1;
	if (get_u16(answer + 6) + get_u16(answer + 8) != 1)
		return false;
	reader_skip(&reader, asked_size);
	dns_name_skip(&reader);
	uint16_t type = reader_u16(&reader);
	reader_skip(&reader, 2 + 4); /* class and TTL */
	size_t data_size = reader_u16(&reader);
	const uint8_t *data = answer + reader.position;
	reader_skip(&reader, data_size);
	if (reader.overrun || reader.position != size)
		return false;
	if (type != (findings->is_listed ? question->type : DNS_TYPE_SOA))
		return false;
	findings->generation = generation_in(type, data, data_size);
	return findings->generation != 0;
}

static bool is_right(const oracle_t *oracle, const oracle_question_t *question,
		     const findings_t *findings)
{
	bool must_be_listed =
		question->is_apex || list_has(oracle->list, question->number, findings->generation);
	uint16_t flags = DNS_FLAG_QR | DNS_FLAG_AA | DNS_FLAG_RD |
			 (must_be_listed ? DNS_RCODE_NOERROR : DNS_RCODE_NXDOMAIN);

	return findings->generation >= question->settled &&
	       findings->generation <= oracle->announced && findings->flags == flags &&
	       findings->is_listed == must_be_listed;
}

static void complain(const oracle_t *oracle, const oracle_question_t *question,
		     const uint8_t *answer, size_t size, const findings_t *findings)
{
	uint8_t packet[ORACLE_PACKET_MAX];
	char name[DNS_NAME_TEXT_MAX];

	if (oracle->counts.wrong + oracle->counts.backward > COMPLAINTS_MAX)
		return;
	oracle_write(oracle, question, packet);
	dns_name_to_text(packet + DNS_HEADER_SIZE, name);
	fprintf(oracle->complaints,
		"%s type %u: flags %04x, generation %u, when %u to %u were in service and %u had "
		"been seen:",
		name, question->type, findings->flags, findings->generation, question->settled,
		oracle->announced, question->seen);
	for (size_t i = 0; i < size; i++)
		fprintf(oracle->complaints, " %02x", answer[i]);
	fputc('\n', oracle->complaints);
}

/* A wrong answer: what kind of wrong? */
static void count_wrong(oracle_t *oracle, const oracle_question_t *question,
			const findings_t *findings)
{
	uint16_t rcode = findings->flags & 15;

	oracle->counts.wrong++;
	if (rcode != DNS_RCODE_NOERROR && rcode != DNS_RCODE_NXDOMAIN)
		oracle->counts.failed++;
	else if (rcode == DNS_RCODE_NXDOMAIN &&
		 list_has(oracle->list, question->number, oracle->announced) &&
		 list_has(oracle->list, question->number, question->settled))
		oracle->counts.unlisted++;
}

bool oracle_judge(oracle_t *oracle, const oracle_question_t *question, const uint8_t *answer,
		  size_t size)
{
	findings_t findings;

	if (!read_answer(oracle, question, answer, size, &findings) ||
	    !is_right(oracle, question, &findings)) {
		count_wrong(oracle, question, &findings);
		complain(oracle, question, answer, size, &findings);
		return false;
	}
	if (oracle->seen_first == 0)
		oracle->seen_first = findings.generation;
	if (findings.generation > oracle->seen)
		oracle->seen = findings.generation;
	if (findings.generation < question->seen) {
		oracle->counts.backward++;
		complain(oracle, question, answer, size, &findings);
	}
	return true;
}
