/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/ip4_nodes.h"

/* A way to write an IPv4 address as labels, from the top of the name down. */
typedef struct form {
	unsigned label_bits; /* of the address in each label */
	unsigned depth;      /* labels of a whole name */
	uint8_t prefix[2 * 24];
	unsigned prefix_size; /* bytes */
} form_t;

static const form_t octets = { .label_bits = 8, .depth = 4 };
/* ::ffff:192.0.2.1 */
static const form_t mapped = {
	.label_bits = 4,
	.depth = 32,
	.prefix = "\1"
		  "0\1"
		  "0\1"
		  "0\1"
		  "0\1"
		  "0\1"
		  "0\1"
		  "0\1"
		  "0\1"
		  "0\1"
		  "0"
		  "\1"
		  "0\1"
		  "0\1"
		  "0\1"
		  "0\1"
		  "0\1"
		  "0\1"
		  "0\1"
		  "0\1"
		  "0\1"
		  "0"
		  "\1"
		  "f\1"
		  "f\1"
		  "f\1"
		  "f",
	.prefix_size = 2 * 24,
};
/* 2002:c000:201::/48: behind the address any host, so even a single address is a block. */
static const form_t six_to_four = {
	.label_bits = 4,
	.depth = 32,
	.prefix = "\1"
		  "2\1"
		  "0\1"
		  "0\1"
		  "2",
	.prefix_size = 2 * 4,
};

/* The names of the IPv6 forms have names of octets above them, 0.0.0.0 and 2.0.0.2, and come in
 * order right behind those. */
#define BEFORE_MAPPED      UINT32_C(0x00000000)
#define BEFORE_SIX_TO_FOUR UINT32_C(0x02000002)

typedef struct walker {
	const ip4_index_t *index;
	const entry_values_t *values;
	const dataset_visitor_t *visitor;
	const form_t *form;
	bool is_mapped_told;
	bool is_six_to_four_told;
	err_t err;
} walker_t;

static size_t write_label(uint8_t *key, const form_t *form, uint32_t part)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *out = key + 1;

	if (form->label_bits == 4) {
		*out++ = (uint8_t)digits[part];
	} else {
		if (part >= 100)
			*out++ = (uint8_t)('0' + part / 100);
		if (part >= 10)
			*out++ = (uint8_t)('0' + part / 10 % 10);
		*out++ = (uint8_t)('0' + part % 10);
	}
	key[0] = (uint8_t)(out - key - 1);
	return (size_t)(out - key);
}

/* Tells of the block first/length. */
static void tell(walker_t *walker, uint32_t first, unsigned length, bool has_subject)
{
	const form_t *form = walker->form;
	uint8_t key[DNS_NAME_MAX];
	size_t size = form->prefix_size;

	memcpy(key, form->prefix, form->prefix_size);
	for (unsigned bits = 0; bits < length; bits += form->label_bits)
		size += write_label(key + size, form, first << bits >> (32 - form->label_bits));
	const dataset_node_t node = {
		.key = key,
		.key_size = size,
		.has_below = length < 32 || form == &six_to_four,
		.below_depth = (uint8_t)form->depth,
		.has_subject = has_subject && length < 32,
	};
	if (walker->err == ERR_OK)
		walker->err = walker->visitor->visit(walker->visitor->context, &node);
}

static void walk_form(walker_t *walker, const form_t *form);

/* Tells the IPv6 forms if the name of `next`, in octets, comes behind them. */
static void tell_ip6_forms(walker_t *walker, uint64_t next)
{
	if (walker->form != &octets || walker->visitor->skip_ip6_forms)
		return;
	if (!walker->is_mapped_told && next > BEFORE_MAPPED) {
		walker->is_mapped_told = true;
		walk_form(walker, &mapped);
	}
	if (!walker->is_six_to_four_told && next > BEFORE_SIX_TO_FOUR) {
		walker->is_six_to_four_told = true;
		walk_form(walker, &six_to_four);
	}
}

/* The shortest length of a block of whole labels that starts with `first` and ends by `last`. */
static unsigned block_length(const form_t *form, uint32_t first, uint32_t last)
{
	unsigned length = 0;

	for (; length < 32; length += form->label_bits) {
		uint32_t host = UINT32_MAX >> length;
		if ((first & host) == 0 && last - first >= host)
			break;
	}
	return length;
}

/* Are all the octets of a block single digits? Then its name is also that of a block of IPv6
 * addresses, all of which a wildcard would list: *.2 for 2.0.0.0/8 all of 2000::/4. */
static bool is_like_ip6(uint32_t first, unsigned length)
{
	for (unsigned bits = 0; bits < length; bits += 8)
		if ((first << bits >> 24) > 9)
			return false;
	return true;
}

/* Tells of a block, in parts where it cannot be told as one. */
static void tell_block(walker_t *walker, uint32_t first, unsigned length, bool has_subject,
		       bool is_spelled)
{
	unsigned part = length;

	if (is_spelled)
		part = 32;
	else if (walker->form == &octets && length < 32 && is_like_ip6(first, length))
		part = length + 8;
	if (part == length) {
		tell_ip6_forms(walker, first);
		tell(walker, first, length, has_subject);
		return;
	}
	uint64_t step = (uint64_t)1 << (32 - part);
	uint64_t end = first + ((uint64_t)1 << (32 - length));
	for (uint64_t next = first; next < end && walker->err == ERR_OK; next += step)
		tell_block(walker, (uint32_t)next, part, has_subject, is_spelled);
}

static void tell_addresses(walker_t *walker, uint32_t first, uint32_t last, bool has_subject)
{
	bool is_narrow = last - first < NODES_SPELLED_MAX;
	for (uint64_t next = first; next <= last && walker->err == ERR_OK;) {
		unsigned length = block_length(walker->form, (uint32_t)next, last);
		bool is_spelled = has_subject && (is_narrow || length >= 24);
		tell_block(walker, (uint32_t)next, length, has_subject, is_spelled);
		next += (uint64_t)1 << (32 - length);
	}
}

static void tell_range(void *context, uint32_t first, uint32_t last, uint32_t number)
{
	walker_t *walker = context;

	if (number != IP4_INDEX_NONE)
		tell_addresses(walker, first, last,
			       entry_values_has_subject(walker->values, number));
}

static void walk_form(walker_t *walker, const form_t *form)
{
	const form_t *outer = walker->form;

	walker->form = form;
	ip4_index_walk(walker->index, tell_range, walker);
	walker->form = outer;
}

err_t ip4_nodes_walk(const ip4_index_t *index, const entry_values_t *values,
		     const dataset_visitor_t *visitor)
{
	walker_t walker = { .index = index, .values = values, .visitor = visitor };

	walk_form(&walker, &octets);
	walker.form = &octets;
	tell_ip6_forms(&walker, (uint64_t)UINT32_MAX + 1);
	return walker.err;
}

err_t ip4_nodes_tell(uint32_t first, uint32_t last, bool has_subject,
		     const dataset_visitor_t *visitor)
{
	static const form_t *const forms[] = { &octets, &mapped, &six_to_four };
	walker_t walker = {
		.visitor = visitor,
		.is_mapped_told = true,
		.is_six_to_four_told = true,
	};
	unsigned count = visitor->skip_ip6_forms ? 1 : COUNT_OF(forms);

	for (unsigned i = 0; i < count; i++) {
		walker.form = forms[i];
		tell_addresses(&walker, first, last, has_subject);
	}
	return walker.err;
}
