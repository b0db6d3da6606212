/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/generation.h"

#include <stdlib.h>
#include <string.h>

#include "dns/name.h"

generation_t *generation_new(const catalog_options_t *options, size_t zone_count)
{
	generation_t *generation = calloc(1, sizeof(*generation));
	size_t slot_count = 8;

	while (slot_count < 2 * zone_count)
		slot_count *= 2;
	if (generation == NULL)
		return NULL;
	generation->options = *options;
	generation->zone_count = zone_count;
	generation->slot_mask = slot_count - 1;
	generation->zones = calloc(zone_count + 1, sizeof(*generation->zones));
	generation->slots = calloc(slot_count, sizeof(*generation->slots));
	if (generation->zones == NULL || generation->slots == NULL) {
		generation_free(generation);
		return NULL;
	}
	return generation;
}

void generation_free(generation_t *generation)
{
	if (generation == NULL)
		return;
	for (size_t i = 0; generation->zones != NULL && i < generation->zone_count; i++)
		zone_clear(&generation->zones[i]);
	free(generation->zones);
	free(generation->slots);
	dns_cookie_secrets_wipe(&generation->cookies);
	free(generation);
}

/* Extends the hash of a name by the label in front of it (FNV-1a). The zones are the operator's, so
 * there is nothing that a stranger could make collide: a table that never changes is probed. */
static uint32_t hash_label(uint32_t hash, const uint8_t *label)
{
	for (unsigned i = 0; i <= *label; i++)
		hash = (hash ^ label[i]) * 16777619u;
	return hash;
}

#define HASH_START 2166136261u

static const zone_t *find_slot(const generation_t *generation, uint32_t hash, const uint8_t *name,
			       size_t size)
{
	for (size_t i = hash & generation->slot_mask;; i = (i + 1) & generation->slot_mask) {
		if (generation->slots[i] == 0)
			return NULL;
		const zone_t *zone = &generation->zones[generation->slots[i] - 1];
		if (zone->apex_size == size && memcmp(zone->apex, name, size) == 0)
			return zone;
	}
}

/* Looks for every suffix of the name, the shortest first, and keeps the longest found. */
const zone_t *generation_find_zone(const generation_t *generation, const dns_query_t *query)
{
	const zone_t *found = NULL;
	uint32_t hash = HASH_START;
	unsigned most = generation->label_max < query->label_count ? generation->label_max
								   : query->label_count;

	for (unsigned n = 1; n <= most; n++) {
		unsigned i = query->label_count - n;
		const uint8_t *name = query->qname + query->labels[i];
		hash = hash_label(hash, name);
		const zone_t *zone = find_slot(generation, hash, name,
					       (size_t)query->qname_size - query->labels[i]);
		if (zone != NULL)
			found = zone;
	}
	return found;
}

static void add_slot(generation_t *generation, size_t zone_index)
{
	const zone_t *zone = &generation->zones[zone_index];
	uint8_t labels[DNS_LABELS_MAX];
	uint32_t hash = HASH_START;
	unsigned label_count = dns_name_labels(zone->apex, labels);

	if (label_count > generation->label_max)
		generation->label_max = label_count;
	for (unsigned i = label_count; i-- > 0;)
		hash = hash_label(hash, zone->apex + labels[i]);
	size_t slot = hash & generation->slot_mask;
	while (generation->slots[slot] != 0)
		slot = (slot + 1) & generation->slot_mask;
	generation->slots[slot] = (uint32_t)zone_index + 1;
}

/* Finds the zone that `nested` lies in, and tells it of the names in between. */
static err_t add_nested(generation_t *generation, const zone_t *nested)
{
	dns_query_t parent;
	const uint8_t *name = nested->apex + nested->apex[0] + 1;

	parent.qname_size = (uint8_t)(nested->apex_size - nested->apex[0] - 1);
	memcpy(parent.qname, name, parent.qname_size);
	parent.label_count = (uint8_t)dns_name_labels(name, parent.labels);
	const zone_t *zone = generation_find_zone(generation, &parent);
	if (zone == NULL)
		return ERR_OK;
	zone_t *outer = &generation->zones[zone - generation->zones];
	outer->has_zones_inside = true;
	return zone_add_ents(outer, nested->apex, nested->label_count);
}

err_t generation_index(generation_t *generation)
{
	err_t err = ERR_OK;

	for (size_t i = 0; i < generation->zone_count; i++)
		add_slot(generation, i);
	for (size_t i = 0; i < generation->zone_count && err == ERR_OK; i++)
		err = add_nested(generation, &generation->zones[i]);
	return err;
}
