/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* acl: prefixes of clients, IPv4 and IPv6, with what becomes of their queries: a word (:refuse,
 * =refuse) or the value that they see for everything. The longest prefix decides, of equal ones the
 * first. A client that comes over IPv4 is one of IPv4 on whatever socket, and so is a v4-mapped prefix
 * in the file; shorter IPv6 prefixes (::/0) are of IPv6 clients only. */

#include <stdlib.h>
#include <string.h>

#include "dataset/acl_values.h"
#include "dataset/ip4_data.h"
#include "dataset/observer.h"
#include "dataset/types.h"
#include "index/ip4_builder.h"
#include "index/ip6_builder.h"
#include "zonefile/ip4_text.h"
#include "zonefile/ip6_text.h"

/* Bits in front of the IPv4 address in a v4-mapped one. */
#define MAPPED_LENGTH 96

typedef struct acl_data {
	ip4_index_t *ip4; /* to numbers of acl_values */
	ip6_index_t *ip6;
	ip_lines_t ip4_lines;
	ip_lines_t ip6_lines;
	entry_values_t *values;
} acl_data_t;

typedef struct acl_state {
	ip4_builder_t *ip4;
	ip6_builder_t *ip6;
	acl_values_t values;
} acl_state_t;

static err_t begin(dataset_loader_t *loader)
{
	acl_state_t *state = calloc(1, sizeof(*state));

	loader->state = state;
	if (state == NULL)
		return ERR_NOMEM;
	state->ip4 = ip4_builder_new(IP4_RULE_LONGEST_PREFIX);
	state->ip6 = ip6_builder_new();
	if (state->ip4 == NULL || state->ip6 == NULL)
		return ERR_NOMEM;
	return acl_values_begin(&state->values);
}

static void begin_file(dataset_loader_t *loader)
{
	acl_state_t *state = loader->state;

	acl_values_begin_file(&state->values);
}

static void free_data(void *freed)
{
	acl_data_t *data = freed;

	ip4_index_free(data->ip4);
	ip6_index_free(data->ip6);
	ip_lines_clear(&data->ip4_lines);
	ip_lines_clear(&data->ip6_lines);
	entry_values_free(data->values);
	free(data);
}

static void abandon(dataset_loader_t *loader)
{
	acl_state_t *state = loader->state;

	if (state == NULL)
		return;
	ip4_builder_free(state->ip4);
	ip6_builder_free(state->ip6);
	entry_values_free(state->values.values);
	free(state);
	loader->state = NULL;
}

static err_t add_ip4(dataset_loader_t *loader, text_t rest, uint32_t address, unsigned length)
{
	acl_state_t *state = loader->state;
	uint32_t last = address | (uint32_t)(UINT64_C(0xffffffff) >> length);
	uint32_t number;

	if (!ip4_data_is_range_allowed(loader, address, last))
		return ERR_SYNTAX;
	err_t err = acl_values_add(&state->values, loader, rest, &number);
	if (err == ERR_OK)
		err = ip4_builder_add(state->ip4, address, length, number);
	if (err == ERR_OK)
		dataset_observe_ip4(loader, address, last, number);
	return err;
}

static err_t add_ip6(dataset_loader_t *loader, text_t line)
{
	acl_state_t *state = loader->state;
	ip6_address_t address;
	unsigned length;
	uint32_t number;

	if (memchr(line.at, ':', text_size(line)) == NULL)
		return text_reject(&loader->why, "not an IPv4 or IPv6 address or prefix");
	err_t err = ip6_text_prefix(&line, loader->specials.settings->allow_host_bits, &address,
				    &length, &loader->why);
	/* IPv4 clients, as rbldnsd sees them on a socket for both families. */
	if (err == ERR_OK && length >= MAPPED_LENGTH && ip6_is_mapped(address))
		return add_ip4(loader, line, (uint32_t)address.low, length - MAPPED_LENGTH);
	if (err == ERR_OK)
		err = acl_values_add(&state->values, loader, line, &number);
	if (err == ERR_OK)
		err = ip6_builder_add(state->ip6, address, length, number);
	if (err == ERR_OK)
		dataset_observe_ip6(loader, address, length, number);
	return err;
}

static err_t add(dataset_loader_t *loader, text_t line)
{
	acl_state_t *state = loader->state;
	uint32_t address;
	unsigned length;

	loader->at = line.at;
	if (acl_values_is_default(line))
		return acl_values_set_default(&state->values, loader, line);
	if (!ip4_text_is_next(line))
		return add_ip6(loader, line);
	err_t err = ip4_text_prefix(&line, loader->specials.settings->allow_host_bits, &address,
				    &length, &loader->why);
	return err == ERR_OK ? add_ip4(loader, line, address, length) : err;
}

static err_t finish(dataset_loader_t *loader, void **finished, size_t *memory)
{
	acl_state_t *state = loader->state;
	entry_values_t *values = state->values.values;
	acl_data_t *data = calloc(1, sizeof(*data));

	if (data == NULL)
		return ERR_NOMEM;
	err_t err = ip4_builder_finish(state->ip4, entry_values_sets(values),
				       acl_values_last(&state->values), &data->ip4);
	if (err == ERR_OK)
		err = ip6_builder_finish(state->ip6, &data->ip6);
	if (err == ERR_OK)
		err = entry_values_seal(values, loader);
	if (err != ERR_OK) {
		free_data(data);
		return err;
	}
	data->values = values;
	state->values.values = NULL;
	ip4_builder_take_lines(state->ip4, &data->ip4_lines);
	ip6_builder_take_lines(state->ip6, &data->ip6_lines);
	*memory = sizeof(*data) + ip4_index_size(data->ip4) + ip6_index_size(data->ip6) +
		  data->ip4_lines.size + data->ip6_lines.size + entry_values_memory(values);
	*finished = data;
	return ERR_OK;
}

acl_verdict_t acl_lookup(const dataset_t *acl, ip6_address_t client)
{
	const acl_data_t *data = acl->data;
	uint32_t number = ip6_is_mapped(client) ? ip4_index_lookup(data->ip4, (uint32_t)client.low)
						: ip6_index_lookup(data->ip6, client);

	return acl_values_verdict(acl, data->values, number);
}

static err_t compare(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	const acl_data_t *a = old->data;
	const acl_data_t *b = next->data;
	entry_changes_t entries = { acl_values_side(a->values), acl_values_side(b->values), changes,
				    ERR_OK };

	ip4_lines_compare(a->ip4, &a->ip4_lines, b->ip4, &b->ip4_lines, entry_changes_visit,
			  &entries);
	ip6_lines_compare(a->ip6, &a->ip6_lines, b->ip6, &b->ip6_lines, entry_changes_visit,
			  &entries);
	return entries.err;
}

const dataset_type_t dataset_acl = {
	.name = "acl",
	.role = DATASET_ROLE_ACL,
	.begin = begin,
	.begin_file = begin_file,
	.take = acl_values_take,
	.add = add,
	.finish = finish,
	.abandon = abandon,
	.free = free_data,
	.compare = compare,
};
