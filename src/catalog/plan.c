/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/intern.h"
#include "base/log.h"
#include "catalog/zone.h"
#include "dns/name.h"

const catalog_options_t catalog_default_options = { .ttl_default_s = 35 * 60,
						    .max_shrink_percent = 50,
						    .udp_size = DNS_EDNS_SIZE };

err_t plan_new(const catalog_options_t *options, plan_t **created)
{
	plan_t *plan = calloc(1, sizeof(*plan));

	if (plan == NULL)
		return ERR_NOMEM;
	plan->options = *options;
	plan->acl = PLAN_NONE;
	plan->zone_names = intern_new();
	plan->dataset_keys = intern_new();
	if (plan->zone_names == NULL || plan->dataset_keys == NULL) {
		plan_free(plan);
		return ERR_NOMEM;
	}
	*created = plan;
	return ERR_OK;
}

void plan_free(plan_t *plan)
{
	if (plan == NULL)
		return;
	for (size_t i = 0; i < plan->dataset_count; i++)
		zone_spec_clear(&plan->datasets[i].spec);
	for (size_t i = 0; i < plan->zone_count; i++)
		free(plan->zones[i].datasets);
	free(plan->datasets);
	free(plan->zones);
	intern_free(plan->zone_names);
	intern_free(plan->dataset_keys);
	free(plan);
}

size_t plan_open_files(const plan_t *plan)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->dataset_count; i++)
		if (plan->datasets[i].spec.type->open != NULL)
			count += plan->datasets[i].spec.file_count;
	return count;
}

plan_settings_t plan_settings_of(const catalog_options_t *options)
{
	return (plan_settings_t){
		.zone = {
			.ttl_default_s = options->ttl_default_s,
			.ttl_min_s = options->ttl_min_s,
			.ttl_max_s = options->ttl_max_s,
			.allow_host_bits = options->allow_host_bits,
			.entry_parameters = options->entry_parameters,
			.ip6_in_ip4trie = options->ip6_in_ip4trie,
			.refuse_compressed = options->refuse_compressed,
		},
		.max_shrink_percent = options->max_shrink_percent,
	};
}

plan_zone_settings_t plan_zone_settings_of(const catalog_options_t *options)
{
	return (plan_zone_settings_t){
		.minimal_answers = options->minimal_answers,
		.ent_is_nxdomain = options->ent_is_nxdomain,
	};
}

char *plan_data_key(const zone_spec_t *spec, const zone_settings_t *settings)
{
	char apex[DNS_NAME_TEXT_MAX] = "";
	char *key = NULL;

	if (spec->type->has_zones)
		dns_name_to_text(spec->apex, apex);
	if (asprintf(&key, "%u %u %u %d%d%d%d %s %s", settings->ttl_default_s, settings->ttl_min_s,
		     settings->ttl_max_s, settings->allow_host_bits, settings->entry_parameters,
		     settings->ip6_in_ip4trie, settings->refuse_compressed, apex, spec->source) < 0)
		return NULL;
	return key;
}

/* The same for a plan, in which it makes a difference, too, how much data may shrink. */
static char *dataset_key(const zone_spec_t *spec, const plan_settings_t *settings)
{
	char *data_key = plan_data_key(spec, &settings->zone);
	char *key = NULL;

	if (data_key != NULL && asprintf(&key, "%u %s", settings->max_shrink_percent, data_key) < 0)
		key = NULL;
	free(data_key);
	return key;
}

/* Finds the data set that `spec` names or makes it; then it owns what `spec` held. */
static err_t take_dataset(plan_t *plan, zone_spec_t *spec, const plan_settings_t *settings,
			  size_t *index)
{
	char *key = dataset_key(spec, settings);
	uint32_t id = 0;

	if (key == NULL)
		return ERR_NOMEM;
	err_t err = array_reserve((void **)&plan->datasets, &plan->dataset_capacity,
				  plan->dataset_count + 1, sizeof(*plan->datasets));
	if (err == ERR_OK)
		err = intern_add(plan->dataset_keys, key, strlen(key), &id);
	free(key);
	if (err != ERR_OK)
		return err;
	*index = id - 1;
	if (*index < plan->dataset_count)
		return ERR_OK;
	plan->datasets[plan->dataset_count++] = (plan_dataset_t){ *spec, *settings };
	memset(spec, 0, sizeof(*spec));
	return ERR_OK;
}

/* Finds the zone called `apex`[0..size) or adds it, without data sets. */
static err_t take_zone(plan_t *plan, const uint8_t *apex, size_t size, plan_zone_t **zone)
{
	uint32_t id = 0;

	err_t err = array_reserve((void **)&plan->zones, &plan->zone_capacity, plan->zone_count + 1,
				  sizeof(*plan->zones));
	if (err == ERR_OK)
		err = intern_add(plan->zone_names, apex, size, &id);
	if (err != ERR_OK)
		return err;
	*zone = &plan->zones[id - 1];
	if (id <= plan->zone_count)
		return ERR_OK;
	plan->zone_count++;
	**zone = (plan_zone_t){
		.apex_size = size,
		.settings = plan_zone_settings_of(&plan->options),
		.acl = PLAN_NONE,
		.aclkey = PLAN_NONE,
		.number = UINT32_MAX,
	};
	memcpy((*zone)->apex, apex, size);
	return ERR_OK;
}

/* Adds one more data set to the data of a zone. */
static err_t add_data(plan_t *plan, plan_zone_t *zone, zone_spec_t *spec,
		      const plan_settings_t *settings)
{
	size_t dataset;

	if (zone->dataset_count == ZONE_DATASETS_MAX)
		return ERR_RANGE;
	err_t err = array_reserve((void **)&zone->datasets, &zone->dataset_capacity,
				  zone->dataset_count + 1, sizeof(*zone->datasets));
	if (err == ERR_OK)
		err = take_dataset(plan, spec, settings, &dataset);
	if (err == ERR_OK)
		zone->datasets[zone->dataset_count++] = dataset;
	return err;
}

/* Gives a place that can hold one data set that of `spec`. */
static err_t set_dataset(plan_t *plan, size_t *place, zone_spec_t *spec,
			 const plan_settings_t *settings)
{
	return *place != PLAN_NONE ? ERR_INVAL : take_dataset(plan, spec, settings, place);
}

static err_t add_spec(plan_t *plan, zone_spec_t *spec, const plan_settings_t *settings)
{
	plan_zone_t *zone;

	if (spec->apex_size == 0)
		return set_dataset(plan, &plan->acl, spec, settings);
	err_t err = take_zone(plan, spec->apex, spec->apex_size, &zone);
	if (err != ERR_OK)
		return err;
	switch (spec->type->role) {
	case DATASET_ROLE_ACL:
		return set_dataset(plan, &zone->acl, spec, settings);
	case DATASET_ROLE_ACLKEY:
		return set_dataset(plan, &zone->aclkey, spec, settings);
	case DATASET_ROLE_DATA:
		break;
	}
	return add_data(plan, zone, spec, settings);
}

err_t plan_add(plan_t *plan, const char *text, const plan_settings_t *settings, char *why,
	       size_t why_size)
{
	const plan_settings_t own = plan_settings_of(&plan->options);
	zone_spec_t spec;

	err_t err = zone_spec_parse(text, &spec, why, why_size);
	if (err != ERR_OK)
		return err;
	err = add_spec(plan, &spec, settings != NULL ? settings : &own);
	if (err == ERR_RANGE)
		(void)snprintf(why, why_size, "a zone can have at most %d data sets",
			       ZONE_DATASETS_MAX);
	else if (err == ERR_INVAL)
		(void)snprintf(why, why_size,
			       "there is an ACL of this kind for the same zone already (one can "
			       "have several files: acl:file,file)");
	else if (err != ERR_OK)
		(void)snprintf(why, why_size, "%s", err_text(err));
	zone_spec_clear(&spec);
	return err;
}

err_t plan_set_zone(plan_t *plan, const char *name, const plan_zone_settings_t *settings, char *why,
		    size_t why_size)
{
	uint8_t apex[DNS_NAME_MAX];
	size_t size;
	plan_zone_t *zone;

	err_t err = zone_spec_parse_apex(name, strlen(name), apex, &size, why, why_size);
	if (err != ERR_OK)
		return err;
	err = take_zone(plan, apex, size, &zone);
	if (err != ERR_OK) {
		(void)snprintf(why, why_size, "%s", err_text(err));
		return err;
	}
	zone->settings = *settings;
	return ERR_OK;
}

/* Are both pools of the same strings in the same order? */
static bool is_equal_pool(const intern_t *pool, const intern_t *other)
{
	bool is_equal = intern_count(pool) == intern_count(other);

	for (uint32_t id = 1; is_equal && id <= intern_count(pool); id++) {
		size_t size;
		size_t other_size;
		const void *string = intern_get(pool, id, &size);
		const void *other_string = intern_get(other, id, &other_size);
		is_equal = size == other_size && memcmp(string, other_string, size) == 0;
	}
	return is_equal;
}

static bool is_equal_zone(const plan_zone_t *zone, const plan_zone_t *other)
{
	return zone->settings.minimal_answers == other->settings.minimal_answers &&
	       zone->settings.ent_is_nxdomain == other->settings.ent_is_nxdomain &&
	       zone->acl == other->acl && zone->aclkey == other->aclkey &&
	       zone->dataset_count == other->dataset_count &&
	       memcmp(zone->datasets, other->datasets,
		      zone->dataset_count * sizeof(*zone->datasets)) == 0;
}

bool plan_is_equal(const plan_t *plan, const plan_t *other)
{
	const catalog_options_t *options = &plan->options;
	const catalog_options_t *others = &other->options;

	/* Of the options only those that nobody else has a copy of. */
	if (options->version != others->version || options->limits != others->limits ||
	    options->udp_size != others->udp_size || strcmp(options->nsid, others->nsid) != 0 ||
	    plan->acl != other->acl || !is_equal_pool(plan->zone_names, other->zone_names) ||
	    !is_equal_pool(plan->dataset_keys, other->dataset_keys))
		return false;
	for (size_t i = 0; i < plan->zone_count; i++)
		if (!is_equal_zone(&plan->zones[i], &other->zones[i]))
			return false;
	return true;
}

err_t plan_finish(const plan_t *plan)
{
	char apex[DNS_NAME_TEXT_MAX];

	if (plan->zone_count == 0 && plan->acl != PLAN_NONE) {
		log_error("there is an ACL, but no zone to serve");
		return ERR_INVAL;
	}
	for (size_t i = 0; i < plan->zone_count; i++) {
		const plan_zone_t *zone = &plan->zones[i];
		bool has_acl = zone->acl != PLAN_NONE || zone->aclkey != PLAN_NONE;

		if (zone->dataset_count > 0)
			continue;
		dns_name_to_text(zone->apex, apex);
		log_error("zone %s has %sno data to serve: give a data set for it, as in "
			  "%s:ip4set:FILE",
			  apex, has_acl ? "an ACL, but " : "", apex);
		return ERR_INVAL;
	}
	return ERR_OK;
}
