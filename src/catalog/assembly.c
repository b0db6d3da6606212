/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/assembly.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "catalog/link.h"
#include "dataset/several.h"
#include "dns/name.h"

/* Lets the zone expire at `expires`, unless it does before; 0: that is no reason to. */
static void zone_expire(zone_t *zone, time_t expires)
{
	if (expires != 0 && (zone->expires == 0 || expires < zone->expires))
		zone->expires = expires;
}

static const dataset_t *newest(const source_t *source)
{
	return source != NULL ? source_newest(source) : NULL;
}

/* Is something that the zone should be served from not as new as it could be? */
static bool is_stale(const plan_zone_t *plan, const stock_t *stock, const line_up_t *line_up)
{
	if (line_up->is_behind)
		return true;
	for (size_t i = 0; i < plan->dataset_count; i++)
		if (source_is_stale(stock->sources[plan->datasets[i]]))
			return true;
	return false;
}

/* Compiled files bring more data sets than the plan could know of. */
static void report_too_many(const zone_t *zone, size_t count)
{
	char apex[DNS_NAME_TEXT_MAX];

	dns_name_to_text(zone->apex, apex);
	log_error("zone %s is not served: its compiled files have %zu data sets in all, and a zone "
		  "can have at most %d",
		  apex, count, ZONE_DATASETS_MAX);
}

/* How many data sets the sources have. */
static size_t count_datasets(const line_up_t *line_up)
{
	size_t total = 0;

	for (size_t i = 0; i < line_up->count; i++) {
		const dataset_t *dataset = source_newest(line_up->sources[i]);
		size_t count;
		(void)several_parts(&dataset, &count);
		total += count;
	}
	return total;
}

static err_t fill_datasets(const line_up_t *line_up, zone_t *zone)
{
	size_t total = count_datasets(line_up);

	zone->datasets = calloc(total, sizeof(*zone->datasets));
	if (zone->datasets == NULL)
		return ERR_NOMEM;
	if (total > ZONE_DATASETS_MAX) {
		report_too_many(zone, total);
		zone->is_loaded = false;
		return ERR_OK;
	}
	for (size_t i = 0; i < line_up->count; i++) {
		const dataset_t *dataset = source_newest(line_up->sources[i]);
		size_t count;
		const dataset_t *const *parts = several_parts(&dataset, &count);
		for (size_t j = 0; j < count; j++)
			zone->datasets[zone->dataset_count++] = parts[j];
	}
	for (size_t i = 0; i < zone->dataset_count; i++) {
		const dataset_t *dataset = zone->datasets[i];
		if (dataset == NULL)
			continue;
		zone->has_ip4_data |= dataset_type_has_ip4(dataset->type);
		zone_expire(zone, dataset->specials.expires);
	}
	return ERR_OK;
}

static err_t fill_zone(const plan_zone_t *plan, const stock_t *stock, const line_up_t *line_up,
		       zone_t *zone)
{
	uint8_t labels[DNS_LABELS_MAX];

	memcpy(zone->apex, plan->apex, plan->apex_size);
	zone->apex_size = (uint8_t)plan->apex_size;
	zone->label_count = (uint8_t)dns_name_labels(zone->apex, labels);
	zone->number = plan->number;
	zone->minimal_answers = plan->settings.minimal_answers;
	zone->ent_is_nxdomain = plan->settings.ent_is_nxdomain;
	zone->is_loaded = line_up->is_served;
	zone->is_stale = is_stale(plan, stock, line_up);
	zone->acl = newest(line_up->acl);
	zone->aclkey = newest(line_up->aclkey);
	return fill_datasets(line_up, zone);
}

err_t assembly_make(const plan_t *plan, const stock_t *stock, const roster_t *roster,
		    const dns_cookie_secrets_t *cookies, generation_t **made)
{
	generation_t *generation = generation_new(&plan->options, plan->zone_count);
	err_t err = generation != NULL ? ERR_OK : ERR_NOMEM;

	for (size_t i = 0; i < plan->zone_count && err == ERR_OK; i++) {
		const plan_zone_t *zone = &plan->zones[i];
		err = fill_zone(zone, stock, &roster->zones[zone->number], &generation->zones[i]);
	}
	if (err == ERR_OK) {
		generation->acl = newest(roster->acl);
		generation->cookies = *cookies;
		err = generation_link(generation);
	}
	if (err != ERR_OK) {
		generation_free(generation);
		return err;
	}
	*made = generation;
	return ERR_OK;
}
