/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/status.h"

#include <stdlib.h>
#include <string.h>

#include "catalog/catalog_state.h"
#include "dataset/ask.h"
#include "dns/name.h"

static err_t copy_text(const char *text, char **copy)
{
	*copy = strdup(text);
	return *copy != NULL ? ERR_OK : ERR_NOMEM;
}

static err_t take_dataset(const source_t *source, bool is_left_over, status_dataset_t *status)
{
	const dataset_t *loaded = source->loaded;
	bool is_broken = loaded != NULL && dataset_is_broken(loaded);

	*status = (status_dataset_t){
		.type = source->spec.type->name,
		.is_loaded = loaded != NULL,
		.has_failed = source->has_failed || is_broken,
		.is_broken = is_broken,
		.is_left_over = is_left_over,
	};
	if (loaded != NULL) {
		status->entries = loaded->entries;
		status->memory = loaded->memory;
		status->mapped = loaded->mapped;
		status->newest = loaded->newest;
		status->loaded_at = source->loaded_at;
		status->seconds = loaded->seconds;
		status->change = source->change;
	}
	err_t err = copy_text(source->spec.source, &status->spec);
	if (err == ERR_OK && source->has_failed) {
		status->failed_since = source->since;
		err = copy_text(source->why, &status->why);
	} else if (err == ERR_OK && is_broken) {
		status->failed_since = dataset_guard_since(loaded->guard);
		err = copy_text(dataset_guard_why(loaded->guard), &status->why);
	}
	return err;
}

static err_t take_datasets(const stock_t *stock, catalog_status_t *status)
{
	err_t err = ERR_OK;

	status->datasets = calloc(stock->count + 1, sizeof(*status->datasets));
	if (status->datasets == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < stock->count && err == ERR_OK; i++) {
		err = take_dataset(stock->sources[i], i >= stock->planned, &status->datasets[i]);
		status->dataset_count++;
	}
	return err;
}

static void add_place(status_zone_t *status, size_t place)
{
	if (place != PLAN_NONE)
		status->datasets[status->dataset_count++] = place;
}

static err_t take_zone(const plan_zone_t *plan, const line_up_t *line_up, const zone_t *zone,
		       time_t now, status_zone_t *status)
{
	char name[DNS_NAME_TEXT_MAX];

	*status = (status_zone_t){
		.number = plan->number,
		.is_loaded = zone->is_loaded,
		.is_stale = zone->is_stale,
		.has_expired = zone_has_expired(zone, now),
		.expires = zone->expires,
		.serial = zone->is_loaded ? zone_serial(zone) : 0,
		.datasets = calloc(plan->dataset_count + 2, sizeof(*status->datasets)),
		.is_behind = line_up->is_behind,
	};
	if (status->datasets == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < plan->dataset_count; i++)
		add_place(status, plan->datasets[i]);
	for (size_t i = 0; zone->is_loaded && i < zone->dataset_count; i++)
		status->is_broken |= dataset_is_broken(zone->datasets[i]);
	add_place(status, plan->acl);
	add_place(status, plan->aclkey);
	dns_name_to_text(plan->apex, name);
	return copy_text(name, &status->name);
}

static err_t take_zones(const catalog_t *catalog, catalog_status_t *status)
{
	const plan_t *plan = catalog->served.plan;
	time_t now = time(NULL);
	err_t err = ERR_OK;

	status->zones = calloc(plan->zone_count + 1, sizeof(*status->zones));
	if (status->zones == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < plan->zone_count && err == ERR_OK; i++) {
		const plan_zone_t *zone = &plan->zones[i];
		err = take_zone(zone, &catalog->served.roster.zones[zone->number],
				&catalog->served.generation->zones[i], now, &status->zones[i]);
		status->zone_count++;
	}
	return err;
}

static err_t take(const catalog_t *catalog, catalog_status_t *status)
{
	err_t err = take_datasets(&catalog->served.stock, status);

	if (err == ERR_OK)
		err = take_zones(catalog, status);
	status->acl = catalog->served.plan->acl;
	status->generation = catalog->served.generation->number;
	status->published = catalog->served.generation->published;
	status->is_draining = atomic_load(&catalog->is_draining);
	return err;
}

err_t catalog_status_take(catalog_t *catalog, catalog_status_t **taken)
{
	catalog_status_t *status = calloc(1, sizeof(*status));

	if (status == NULL)
		return ERR_NOMEM;
	(void)pthread_mutex_lock(&catalog->lock);
	err_t err = take(catalog, status);
	(void)pthread_mutex_unlock(&catalog->lock);
	if (err != ERR_OK) {
		catalog_status_free(status);
		return err;
	}
	*taken = status;
	return ERR_OK;
}

void catalog_status_free(catalog_status_t *status)
{
	if (status == NULL)
		return;
	for (size_t i = 0; i < status->dataset_count; i++) {
		free(status->datasets[i].spec);
		free(status->datasets[i].why);
	}
	for (size_t i = 0; i < status->zone_count; i++) {
		free(status->zones[i].name);
		free(status->zones[i].datasets);
	}
	free(status->datasets);
	free(status->zones);
	free(status);
}
