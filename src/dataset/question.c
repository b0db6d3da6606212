/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/question.h"

#include <string.h>

enum { IP6_NIBBLES = 32 };

/* Reads a label of one to three digits as an octet. */
static bool read_octet(const uint8_t *label, uint32_t *octet)
{
	uint32_t value = 0;

	if (label[0] > 3)
		return false;
	for (unsigned i = 1; i <= label[0]; i++) {
		if (label[i] < '0' || label[i] > '9')
			return false;
		value = value * 10 + (uint32_t)(label[i] - '0');
	}
	*octet = value;
	return value <= 255;
}

/* The labels of 4.3.2.1 are an address in reverse; fewer of them (2.1) are its first octets. */
static void decode_octets(dataset_question_t *question)
{
	const dns_query_t *query = question->query;
	uint32_t address = 0;

	for (unsigned i = question->depth; i-- > 0;) {
		uint32_t octet;
		if (!read_octet(query->qname + query->labels[i], &octet))
			return;
		address = address << 8 | octet;
	}
	if (question->depth == 4) {
		question->has_ip4 = true;
		question->ip4 = address;
		return;
	}
	unsigned host_bits = 32 - 8 * question->depth;
	question->has_ip4_range = true;
	question->ip4_first = address << host_bits;
	question->ip4_last = question->ip4_first | (((uint32_t)1 << host_bits) - 1);
}

static bool read_nibble(const uint8_t *label, uint8_t *nibble)
{
	if (label[0] != 1)
		return false;
	if (label[1] >= '0' && label[1] <= '9')
		*nibble = (uint8_t)(label[1] - '0');
	else if (label[1] >= 'a' && label[1] <= 'f')
		*nibble = (uint8_t)(label[1] - 'a' + 10);
	else
		return false;
	return true;
}

static uint32_t join_nibbles(const uint8_t *nibbles)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < 8; i++)
		value = value << 4 | nibbles[i];
	return value;
}

/* 32 labels of one nibble each, in reverse (RFC 5782 section 2.4). */
static void decode_nibbles(dataset_question_t *question)
{
	static const uint8_t mapped[24] = { [20] = 0xf, 0xf, 0xf, 0xf };
	static const uint8_t six_to_four[4] = { 2, 0, 0, 2 };
	const dns_query_t *query = question->query;
	uint8_t nibbles[IP6_NIBBLES];

	for (unsigned i = 0; i < IP6_NIBBLES; i++)
		if (!read_nibble(query->qname + query->labels[IP6_NIBBLES - 1 - i], &nibbles[i]))
			return;
	if (memcmp(nibbles, mapped, sizeof(mapped)) == 0)
		question->ip4 = join_nibbles(nibbles + sizeof(mapped));
	else if (memcmp(nibbles, six_to_four, sizeof(six_to_four)) == 0)
		question->ip4 = join_nibbles(nibbles + sizeof(six_to_four));
	else
		return;
	question->has_ip4 = true;
}

void dataset_question_init(dataset_question_t *question, const dns_query_t *query,
			   unsigned apex_label)
{
	question->query = query;
	question->depth = apex_label;
	question->has_ip4 = false;
	question->has_ip4_range = false;
	if (question->depth >= 1 && question->depth <= 4)
		decode_octets(question);
	else if (question->depth == IP6_NIBBLES)
		decode_nibbles(question);
}
