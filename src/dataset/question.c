/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/question.h"

#include <stddef.h>

#include "index/bits.h"

enum { IP6_NIBBLES = 32 };

/* Reads a label of one to three digits as an octet, all of them at once: nearly every query for an
 * address has four. */
static bool read_octet(const uint8_t *label, uint32_t *octet)
{
	_Static_assert(sizeof(((dns_query_t *)NULL)->qname) > DNS_NAME_MAX,
		       "four bytes from any label of an address on can be read");
	uint32_t word = bits_load_32(label);
	unsigned missing = 3 - (word & 0xff); /* digits; of a longer label this is a huge number */

	if (missing > 2)
		return false;
	/* The last digit is moved to the highest byte, and what is missing in front is zero. */
	uint32_t digits =
		(word >> 8 << 8 * missing & 0xffffff) ^ (0x303030u << 8 * missing & 0xffffff);
	if (((digits | (digits + 0x767676u)) & 0x808080u) != 0)
		return false; /* one is over 9 */
	*octet = (digits & 0xff) * 100 + (digits >> 8 & 0xff) * 10 + (digits >> 16);
	return *octet <= 255;
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

/* Reads four labels of one hexadecimal digit each, the first one as the lowest four bits of 16. False
 * if one is something else. */
static bool read_four_nibbles(const uint8_t *labels, uint64_t *nibbles)
{
	/* A lane of 16 bits for each label: its length, and above it the digit. A lane reaches 0x8000 by
	 * adding what its digit lacks for it. */
	const uint64_t ones = UINT64_MAX / 0xffff;
	uint64_t word = bits_load_64(labels);
	uint64_t digits = word >> 8 & ones * 0xff;
	uint64_t is_figure =
		(digits + ones * (0x8000 - '0')) & ~(digits + ones * (0x8000 - '9' - 1));
	uint64_t is_letter =
		(digits + ones * (0x8000 - 'a')) & ~(digits + ones * (0x8000 - 'f' - 1));

	if ((word & ones * 0xff) != ones ||
	    ((is_figure | is_letter) & ones * 0x8000) != ones * 0x8000)
		return false;
	uint64_t values = (digits & ones * 0xf) + 9 * (digits >> 6 & ones);
	*nibbles = (values | values >> 12 | values >> 24 | values >> 36) & 0xffff;
	return true;
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

/* The same for all nibbles of an address. */
static bool decode_all_nibbles(dataset_question_t *question)
{
	const uint8_t *labels = question->query->qname + question->query->labels[0];
	uint64_t halves[2] = { 0, 0 }; /* the lower one first */

	for (unsigned i = 0; i < IP6_NIBBLES; i += 4) {
		uint64_t nibbles;
		if (!read_four_nibbles(labels + (size_t)(2 * i), &nibbles))
			return false;
		halves[i / 16] |= nibbles << (4 * i % 64);
	}
	question->ip6 = (ip6_address_t){ .high = halves[1], .low = halves[0] };
	return true;
}

/* Reads the labels as nibbles in reverse (RFC 5782 section 2.4), from the left of the address on. */
static bool decode_nibbles(dataset_question_t *question)
{
	const dns_query_t *query = question->query;
	ip6_address_t address = { 0, 0 };

	if (question->depth == IP6_NIBBLES)
		return decode_all_nibbles(question);

	for (unsigned i = 0; i < question->depth; i++) {
		uint8_t nibble;
		if (!read_nibble(query->qname + query->labels[question->depth - 1 - i], &nibble))
			return false;
		if (i < IP6_NIBBLES / 2)
			address.high |= (uint64_t)nibble << (60 - 4 * i);
		else
			address.low |= (uint64_t)nibble << (124 - 4 * i);
	}
	question->ip6 = address;
	return true;
}

/* IPv6 addresses that stand for IPv4 ones: what they begin with, and how many bits that is. The IPv4
 * address comes next. */
typedef struct ip4_form {
	ip6_address_t first;
	unsigned length;
} ip4_form_t;

static const ip4_form_t ip4_forms[] = {
	{ { .low = UINT64_C(0xffff00000000) }, 96 },      /* v4-mapped */
	{ { .high = UINT64_C(0x2002000000000000) }, 16 }, /* 6to4 */
};

/* The IPv4 address, or those below, of an IPv6 name that is of such a form, as far as it goes. (A name
 * that has octets below it, too, has at most three nibbles: then it is all IPv4 addresses.) */
static void derive_ip4(dataset_question_t *question)
{
	ip6_address_t ip6 = question->ip6;

	for (unsigned i = 0; i < COUNT_OF(ip4_forms); i++) {
		const ip4_form_t *form = &ip4_forms[i];
		unsigned given = question->ip6_length;
		unsigned known = given < form->length ? given : form->length;

		if (!ip6_is_equal(ip6_first(ip6, known), ip6_first(form->first, known)))
			continue;
		uint32_t ip4 = (uint32_t)ip6_shift_right(ip6, 96 - form->length).low;
		if (question->depth == IP6_NIBBLES) {
			question->has_ip4 = true;
			question->ip4 = ip4;
			continue;
		}
		question->has_ip4_range = true;
		question->ip4_first = ip4;
		question->ip4_last = ip4;
		if (given - known < 32)
			question->ip4_last |= UINT32_MAX >> (given - known);
	}
}

void dataset_question_init(dataset_question_t *question, const dns_query_t *query,
			   const dataset_asker_t *asker, unsigned apex_label, bool has_ip4_data)
{
	question->query = query;
	question->asker = asker;
	question->depth = apex_label;
	question->has_ip4 = false;
	question->has_ip4_range = false;
	question->has_ip6 = false;
	question->has_ip6_range = false;
	if (question->depth == 0 || question->depth > IP6_NIBBLES)
		return;
	if (question->depth <= 4)
		decode_octets(question);
	if (!decode_nibbles(question))
		return;
	question->ip6_length = (uint8_t)(4 * question->depth);
	derive_ip4(question);
	/* Below ::ffff:0:0/96 nothing is found in IPv6 data that stand beside IPv4 data. */
	bool is_hidden = has_ip4_data && ip6_is_mapped(question->ip6);
	question->has_ip6 = question->depth == IP6_NIBBLES && !is_hidden;
	question->has_ip6_range = question->depth < IP6_NIBBLES && !is_hidden;
}
