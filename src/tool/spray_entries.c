/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_entries.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/ip6.h"
#include "base/log.h"
#include "dns/name.h"
#include "tool/query_subject.h"
#include "tool/spray_nodes.h"

/* A data set that is read. */
typedef struct reading {
	spray_entries_t *entries;
	const uint8_t *apex;
	err_t err;
	/* Of the part of a combined data set that is read. */
	const dataset_loader_t *part;
	uint8_t subzone[DNS_NAME_MAX];
} reading_t;

/* ---- names ---- */

static void write_ip4(uint32_t address, uint8_t name[DNS_NAME_MAX])
{
	const uint8_t octets[4] = { (uint8_t)(address >> 24), (uint8_t)(address >> 16),
				    (uint8_t)(address >> 8), (uint8_t)address };

	query_subject_write_ip4(octets, name);
}

/* Any address of a prefix. */
static void write_ip6(spray_random_t *random, ip6_address_t address, unsigned length,
		      uint8_t name[DNS_NAME_MAX])
{
	ip6_address_t last = ip6_last(address, length);
	uint8_t octets[16];

	address.high += spray_random_to(random, last.high - address.high);
	address.low += spray_random_to(random, last.low - address.low);
	for (unsigned i = 0; i < 8; i++) {
		octets[i] = (uint8_t)(address.high >> (56 - 8 * i));
		octets[8 + i] = (uint8_t)(address.low >> (56 - 8 * i));
	}
	query_subject_write_ip6(octets, name);
}

/* Any name below another one: a label of eight letters. */
static void write_below(spray_random_t *random, uint8_t name[DNS_NAME_MAX])
{
	name[0] = 8;
	for (unsigned i = 1; i <= 8; i++)
		name[i] = (uint8_t)('a' + spray_random_to(random, 25));
	name[9] = 0;
}

uint64_t spray_entry_size(const spray_entry_t *entry)
{
	switch (entry->kind) {
	case DATASET_ENTRY_IP4:
		return (uint64_t)entry->key.ip4.last - entry->key.ip4.first + 1;
	case DATASET_ENTRY_IP6:
		return entry->key.ip6.length > 64 ? UINT64_C(1) << (128 - entry->key.ip6.length)
						  : UINT64_MAX;
	case DATASET_ENTRY_NAME:
		return entry->key.is_wildcard_only ? UINT64_MAX : 1;
	case DATASET_ENTRY_RECORD:
		break;
	}
	return 1;
}

bool spray_entries_name(spray_entries_t *entries, size_t number, uint8_t name[DNS_NAME_MAX])
{
	const spray_entry_t *entry = &entries->entries[number];
	uint8_t own[DNS_NAME_MAX] = { 0 };

	if (entry->kind == DATASET_ENTRY_IP4)
		write_ip4(entry->key.ip4.first +
				  (uint32_t)spray_random_to(&entries->random,
							    entry->key.ip4.last -
								    entry->key.ip4.first),
			  own);
	else if (entry->kind == DATASET_ENTRY_IP6)
		write_ip6(&entries->random, entry->key.ip6.address, entry->key.ip6.length, own);
	else if (entry->kind == DATASET_ENTRY_NAME && entry->key.is_wildcard_only)
		write_below(&entries->random, own);
	return query_subject_join(own, entry->name, name) == ERR_OK;
}

/* ---- choosing ---- */

static const uint8_t root[] = { 0 };

/* Copies an entry, with its name in the zone, or the zone's. Returns false if that is too long, or for want of
 * memory. */
static bool copy_entry(reading_t *reading, const uint8_t *subzone, const dataset_entry_t *entry,
		       spray_entry_t *copy)
{
	uint8_t key[DNS_NAME_MAX];
	uint8_t below[DNS_NAME_MAX];
	uint8_t whole[DNS_NAME_MAX];
	const uint8_t *own = root;

	*copy = (spray_entry_t){ .kind = entry->kind, .apex = reading->apex };
	if (entry->kind == DATASET_ENTRY_IP4) {
		copy->key.ip4.first = entry->key.ip4.first;
		copy->key.ip4.last = entry->key.ip4.last;
	} else if (entry->kind == DATASET_ENTRY_IP6) {
		copy->key.ip6.address = entry->key.ip6.address;
		copy->key.ip6.length = entry->key.ip6.length;
	} else if (entry->kind == DATASET_ENTRY_NAME) {
		copy->key.is_wildcard_only = !entry->key.name.is_plain;
		own = entry->key.name.name;
	} else {
		spray_nodes_name(entry->key.record->key, entry->key.record->key_size, key);
		own = key;
	}
	if (query_subject_join(subzone, reading->apex, below) != ERR_OK ||
	    query_subject_join(own, below, whole) != ERR_OK)
		return false;
	copy->name = malloc(dns_name_size(whole));
	if (copy->name == NULL)
		reading->err = ERR_NOMEM;
	else
		memcpy(copy->name, whole, dns_name_size(whole));
	return copy->name != NULL;
}

/* Of `seen` entries each is kept with the same chance, max / seen (Waterman's algorithm R). */
static void take_entry(reading_t *reading, const uint8_t *subzone, const dataset_entry_t *entry)
{
	spray_entries_t *entries = reading->entries;
	spray_entry_t copy;

	size_t place = entries->count;
	if (entries->seen++ >= entries->max)
		place = spray_random_to(&entries->random, entries->seen - 1);
	if (place >= entries->max || reading->err != ERR_OK)
		return;
	if (array_reserve((void **)&entries->entries, &entries->capacity, entries->count + 1,
			  sizeof(*entries->entries)) != ERR_OK) {
		reading->err = ERR_NOMEM;
		return;
	}
	if (!copy_entry(reading, subzone, entry, &copy))
		return;
	if (place < entries->count)
		free(entries->entries[place].name);
	else
		place = entries->count++;
	entries->entries[place] = copy;
}

static void on_entry(void *context, const dataset_loader_t *loader, const dataset_entry_t *entry)
{
	reading_t *reading = context;
	const uint8_t *subzone = loader == reading->part ? reading->subzone : root;

	if (entry->value != 0 || entry->kind == DATASET_ENTRY_RECORD)
		take_entry(reading, subzone, entry);
}

static err_t on_node(void *context, const uint8_t *subzone, const dataset_entry_t *entry)
{
	reading_t *reading = context;

	take_entry(reading, subzone, entry);
	return reading->err;
}

static void on_subzone(void *context, const dataset_loader_t *loader, const uint8_t *name)
{
	reading_t *reading = context;

	reading->part = loader;
	memcpy(reading->subzone, name, dns_name_size(name));
}

/* What is wrong with a file is told when it is read as the server reads it. */
static void on_problem(void *context, const dataset_loader_t *loader, const char *reason,
		       dataset_effect_t effect)
{
	(void)context;
	if (effect != DATASET_NOT_LOADED)
		return;
	if (loader->file != NULL)
		log_error("%s: %s", loader->file, reason);
	else
		log_error("%s", reason);
}

err_t spray_entries_read(spray_entries_t *entries, const uint8_t *apex,
			 const plan_dataset_t *dataset)
{
	reading_t reading = { .entries = entries, .apex = apex };
	const dataset_observer_t observer = {
		.context = &reading,
		.problem = on_problem,
		.entry = on_entry,
		.subzone = on_subzone,
	};
	const dataset_request_t request =
		zone_spec_request(&dataset->spec, &dataset->settings.zone);
	dataset_t *data;
	err_t err = dataset_load_observed(&request, &observer, &data);

	if (err != ERR_OK)
		return err;
	if (request.type->has_zones) {
		const spray_nodes_teller_t teller = { on_node, &reading };
		err = spray_nodes_walk(data, &teller);
	}
	dataset_free(data);
	return err == ERR_OK ? reading.err : err;
}

void spray_entries_clear(spray_entries_t *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		free(entries->entries[i].name);
	free(entries->entries);
	*entries = (spray_entries_t){ .max = entries->max };
}
