/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_nodes.h"

#include <string.h>

#include "dataset/several.h"
#include "dns/name.h"

/* Labels of addresses: octets and nibbles. */
#define IP4_LABELS 4
#define IP6_LABELS 32

typedef struct walk {
	const spray_nodes_teller_t *teller;
	uint8_t subzone[DNS_NAME_MAX];
} walk_t;

void spray_nodes_name(const uint8_t *key, size_t key_size, uint8_t name[DNS_NAME_MAX])
{
	size_t end = key_size;

	name[end] = 0;
	for (size_t at = 0; at < key_size; at += 1u + key[at]) {
		end -= 1u + key[at];
		memcpy(name + end, key + at, 1u + key[at]);
	}
}

/* The addresses whose names are below the node's. */
static dataset_entry_t ip4_below(const dataset_node_t *node)
{
	dataset_entry_t entry = { .kind = DATASET_ENTRY_IP4, .value = 1 };
	unsigned bits = 32;
	uint32_t first = 0;

	for (size_t at = 0; at < node->key_size; at += 1u + node->key[at]) {
		uint32_t octet = 0;
		for (unsigned i = 1; i <= node->key[at]; i++)
			octet = octet * 10 + (node->key[at + i] - '0');
		bits -= 8;
		first |= (octet & 0xff) << bits;
	}
	entry.key.ip4.first = first;
	entry.key.ip4.last = first | (uint32_t)((UINT64_C(1) << bits) - 1);
	return entry;
}

static dataset_entry_t ip6_below(const dataset_node_t *node)
{
	dataset_entry_t entry = { .kind = DATASET_ENTRY_IP6, .value = 1 };
	ip6_address_t address = { .high = 0 };
	unsigned length = 0;

	for (size_t at = 0; at + 1 < node->key_size; at += 2, length += 4) {
		uint8_t digit = node->key[at + 1];
		uint64_t nibble = digit - (digit <= '9' ? (unsigned)'0' : 'a' - 10u);
		if (length < 64)
			address.high |= nibble << (60 - length);
		else
			address.low |= nibble << (124 - length);
	}
	entry.key.ip6.address = address;
	entry.key.ip6.length = length;
	return entry;
}

static err_t visit(void *context, const dataset_node_t *node)
{
	const walk_t *walk = context;
	uint8_t name[DNS_NAME_MAX];
	dataset_entry_t entry = { .kind = DATASET_ENTRY_NAME, .value = 1 };

	spray_nodes_name(node->key, node->key_size, name);
	entry.key.name.name = name;
	entry.key.name.is_plain = !node->has_below;
	entry.key.name.is_wildcard = node->has_below;
	if (node->has_below && node->below_depth == IP4_LABELS)
		entry = ip4_below(node);
	else if (node->has_below && node->below_depth == IP6_LABELS)
		entry = ip6_below(node);
	return walk->teller->tell(walk->teller->context, walk->subzone, &entry);
}

/* Walks a data set, or those inside of it. */
static err_t walk_part(walk_t *walk, const dataset_t *dataset)
{
	const dataset_visitor_t visitor = {
		.visit = visit,
		.context = walk,
		.skip_ip6_forms = true,
	};
	dataset_part_t part;
	err_t err = ERR_OK;

	spray_nodes_name(NULL, 0, walk->subzone);
	if (dataset->type->part == NULL)
		return dataset->type->walk(dataset, &visitor);
	for (size_t i = 0; err == ERR_OK && dataset->type->part(dataset, i, &part); i++) {
		spray_nodes_name(part.key, part.key_size, walk->subzone);
		err = part.dataset->type->walk(part.dataset, &visitor);
	}
	return err;
}

err_t spray_nodes_walk(const dataset_t *dataset, const spray_nodes_teller_t *teller)
{
	walk_t walk = { .teller = teller };
	err_t err = ERR_OK;
	size_t count;
	const dataset_t *const *parts = several_parts(&dataset, &count);

	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = walk_part(&walk, parts[i]);
	return err;
}
