/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_entries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/ip6.h"
#include "base/log.h"
#include "dataset/observer.h"
#include "dns/name.h"
#include "tool/query_subject.h"
#include "tool/spray_random.h"

/* A data set that is read. */
typedef struct reading {
	spray_entries_t *entries;
	const uint8_t *apex;
	err_t err;
	spray_random_t random;
	/* Of the part of a combined data set that is read. */
	const dataset_loader_t *part;
	uint8_t subzone[DNS_NAME_MAX];
} reading_t;

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

/* A name, or for a wildcard one below it. */
static bool write_name(const uint8_t *listed, bool is_plain, uint8_t name[DNS_NAME_MAX])
{
	static const uint8_t below[] = { 5, 'b', 'e', 'l', 'o', 'w' };
	size_t size = is_plain ? 0 : sizeof(below);

	if (size + dns_name_size(listed) > DNS_NAME_MAX)
		return false;
	memcpy(name, below, size);
	memcpy(name + size, listed, dns_name_size(listed));
	return true;
}

/* A key has the labels from the top down. */
static void write_key(const uint8_t *key, size_t key_size, uint8_t name[DNS_NAME_MAX])
{
	size_t end = key_size;

	name[end] = 0;
	for (size_t at = 0; at < key_size; at += 1u + key[at]) {
		end -= 1u + key[at];
		memcpy(name + end, key + at, 1u + key[at]);
	}
}

static bool write_entry(spray_random_t *random, const dataset_entry_t *entry,
			uint8_t name[DNS_NAME_MAX])
{
	switch (entry->kind) {
	case DATASET_ENTRY_IP4:
		write_ip4(entry->key.ip4.first +
				  (uint32_t)spray_random_to(random, entry->key.ip4.last -
									    entry->key.ip4.first),
			  name);
		return true;
	case DATASET_ENTRY_IP6:
		write_ip6(random, entry->key.ip6.address, entry->key.ip6.length, name);
		return true;
	case DATASET_ENTRY_NAME:
		return write_name(entry->key.name.name, entry->key.name.is_plain, name);
	case DATASET_ENTRY_RECORD:
		write_key(entry->key.record->key, entry->key.record->key_size, name);
		return true;
	}
	return false;
}

/* The name of an entry in its zone; NULL if that is too long, or for want of memory. */
static uint8_t *full_name(reading_t *reading, const dataset_loader_t *loader,
			  const dataset_entry_t *entry)
{
	uint8_t own[DNS_NAME_MAX];
	uint8_t below[DNS_NAME_MAX];
	uint8_t whole[DNS_NAME_MAX];
	const uint8_t *zone = reading->apex;

	if (loader == reading->part) {
		if (query_subject_join(reading->subzone, reading->apex, below) != ERR_OK)
			return NULL;
		zone = below;
	}
	if (!write_entry(&reading->random, entry, own) ||
	    query_subject_join(own, zone, whole) != ERR_OK)
		return NULL;
	uint8_t *name = malloc(dns_name_size(whole));
	if (name == NULL)
		reading->err = ERR_NOMEM;
	else
		memcpy(name, whole, dns_name_size(whole));
	return name;
}

/* Of `seen` entries each is kept with the same chance, max / seen (Waterman's algorithm R). */
static void on_entry(void *context, const dataset_loader_t *loader, const dataset_entry_t *entry)
{
	reading_t *reading = context;
	spray_entries_t *entries = reading->entries;

	if (entry->value == 0 && entry->kind != DATASET_ENTRY_RECORD)
		return;
	size_t place = entries->count;
	if (entries->seen++ >= entries->max)
		place = spray_random_to(&reading->random, entries->seen - 1);
	if (place >= entries->max || reading->err != ERR_OK)
		return;
	uint8_t *name = full_name(reading, loader, entry);
	if (name == NULL)
		return;
	if (place < entries->count) {
		free(entries->names[place]);
	} else if (array_reserve((void **)&entries->names, &entries->capacity, place + 1,
				 sizeof(*entries->names)) != ERR_OK) {
		free(name);
		reading->err = ERR_NOMEM;
		return;
	} else {
		entries->count++;
	}
	entries->names[place] = name;
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

static void on_line(void *context, const dataset_loader_t *loader, text_t line)
{
	(void)context;
	(void)loader;
	(void)line;
}

static void on_default_line(void *context, const dataset_loader_t *loader,
			    const zone_value_t *value, bool is_used)
{
	(void)context;
	(void)loader;
	(void)value;
	(void)is_used;
}

static void on_value(void *context, const dataset_loader_t *loader, text_t text,
		     const zone_value_t *value)
{
	(void)context;
	(void)loader;
	(void)text;
	(void)value;
}

static void on_end(void *context, const dataset_loader_t *loader)
{
	(void)context;
	(void)loader;
}

err_t spray_entries_read(spray_entries_t *entries, const uint8_t *apex,
			 const plan_dataset_t *dataset)
{
	reading_t reading = { .entries = entries, .apex = apex };
	const dataset_observer_t observer = {
		.context = &reading,
		.problem = on_problem,
		.line = on_line,
		.special = on_line,
		.default_line = on_default_line,
		.value = on_value,
		.ignored = on_line,
		.entry = on_entry,
		.subzone = on_subzone,
		.end = on_end,
	};
	const zone_spec_t *spec = &dataset->spec;
	dataset_t *data;
	err_t err =
		dataset_load_observed(spec->type, spec->source, (const char *const *)spec->files,
				      spec->file_count, &dataset->settings.zone, &observer, &data);

	if (err != ERR_OK)
		return err;
	dataset_free(data);
	return reading.err;
}

void spray_entries_clear(spray_entries_t *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		free(entries->names[i]);
	free(entries->names);
	*entries = (spray_entries_t){ .max = entries->max };
}
