/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The client of load tests: that it takes nothing wrong for right. */

#include <stdlib.h>
#include <string.h>

#include "../load/oracle.h"
#include "base/cursor.h"
#include "test.h"

#define ENTRIES 1500u

static list_t list;

/* An answer made as the list says; `flags` are changed, and the record tells of `generation`. */
typedef struct answer {
	uint8_t bytes[1024];
	size_t size;
} answer_t;

static answer_t answer_to(const oracle_t *oracle, const oracle_question_t *question,
			  uint32_t generation, bool is_listed)
{
	answer_t answer;
	writer_t writer = { .data = answer.bytes, .size = sizeof(answer.bytes) };
	uint16_t type = is_listed ? question->type : DNS_TYPE_SOA;
	char text[32];

	writer.position = oracle_write(oracle, question, answer.bytes);
	put_u16(answer.bytes + 2, DNS_FLAG_QR | DNS_FLAG_AA | DNS_FLAG_RD |
					  (is_listed ? DNS_RCODE_NOERROR : DNS_RCODE_NXDOMAIN));
	put_u16(answer.bytes + (is_listed ? 6 : 8), 1);
	writer_u16(&writer, 0xc00c);
	writer_u16(&writer, type);
	writer_u16(&writer, DNS_CLASS_IN);
	writer_u32(&writer, 300);
	if (type == DNS_TYPE_A) {
		writer_u16(&writer, 4);
		writer_u32(&writer, UINT32_C(0x7f010000) + generation);
	} else if (type == DNS_TYPE_TXT) {
		int size = snprintf(text, sizeof(text), "generation %u", generation);
		writer_u16(&writer, (uint16_t)(size + 1));
		writer_u8(&writer, (uint8_t)size);
		writer_bytes(&writer, text, (size_t)size);
	} else {
		writer_u16(&writer, 22);
		writer_u16(&writer, 0); /* two roots */
		writer_u32(&writer, generation);
		for (unsigned i = 0; i < 4; i++)
			writer_u32(&writer, 60);
	}
	ck_assert(!writer.overrun);
	answer.size = writer.position;
	return answer;
}

/* Is this answer, given while 5 to 6 are in service, taken for right? */
static bool judge(const oracle_question_t *question, uint32_t generation, bool is_listed,
		  oracle_counts_t *counts)
{
	FILE *nowhere = fopen("/dev/null", "w");
	oracle_t oracle;

	oracle_init(&oracle, &list, 5, nowhere);
	oracle.announced = 6;
	answer_t answer = answer_to(&oracle, question, generation, is_listed);
	bool is_right = oracle_judge(&oracle, question, answer.bytes, answer.size);
	/* No byte of it may change, but those of TTL, the name's pointer and the SOA's times. */
	for (size_t i = 2; is_right && i < DNS_HEADER_SIZE; i++) {
		answer.bytes[i] ^= 0x40;
		ck_assert(!oracle_judge(&oracle, question, answer.bytes, answer.size));
		answer.bytes[i] ^= 0x40;
	}
	for (size_t size = 0; is_right && size < answer.size; size++)
		ck_assert(!oracle_judge(&oracle, question, answer.bytes, size));
	*counts = oracle.counts;
	fclose(nowhere);
	return is_right;
}

START_TEST(test_answers_of_generations)
{
	/* Always there, in odd ones, in even ones, never. */
	static const uint32_t numbers[] = { 3, 14, 15, 16 * 1000 };
	static const uint16_t types[] = { DNS_TYPE_A, DNS_TYPE_TXT };
	oracle_counts_t counts;

	for (unsigned i = 0; i < COUNT_OF(numbers) * COUNT_OF(types); i++) {
		oracle_question_t question = {
			.number = numbers[i / COUNT_OF(types)],
			.type = types[i % COUNT_OF(types)],
			.settled = 5,
		};
		for (uint32_t generation = 4; generation <= 7; generation++) {
			bool has = list_has(&list, question.number, generation);
			bool is_served = generation == 5 || generation == 6;
			MUST(judge(&question, generation, has, &counts) == is_served,
			     "number %u, generation %u", question.number, generation);
			MUST(!judge(&question, generation, !has, &counts),
			     "number %u, generation %u, the contrary", question.number, generation);
			ck_assert_uint_eq(counts.wrong, 1);
			ck_assert_uint_eq(counts.unlisted, has && question.number == 3);
		}
	}
}
END_TEST

START_TEST(test_soa)
{
	const oracle_question_t question = { .type = DNS_TYPE_SOA, .is_apex = true, .settled = 5 };
	oracle_counts_t counts;

	for (uint32_t generation = 4; generation <= 7; generation++)
		ck_assert_int_eq(judge(&question, generation, true, &counts),
				 generation == 5 || generation == 6);
	ck_assert(!judge(&question, 5, false, &counts));
}
END_TEST

START_TEST(test_backward)
{
	oracle_question_t question = { .number = 3, .type = DNS_TYPE_A, .settled = 5, .seen = 5 };
	oracle_counts_t counts;

	ck_assert(judge(&question, 5, true, &counts));
	ck_assert_uint_eq(counts.backward, 0);
	question.seen = 6;
	ck_assert(judge(&question, 5, true, &counts));
	ck_assert_uint_eq(counts.backward, 1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_answers_of_generations,
		test_soa,
		test_backward,
	};

	if (list_init(&list, "ip4trie", "load.test", ENTRIES, 1) != ERR_OK)
		return EXIT_FAILURE;
	return run_tests("load", tests, COUNT_OF(tests));
}
