/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/catalog.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/log.h"
#include "catalog/cookie_file.h"
#include "catalog/generation.h"
#include "catalog/link.h"
#include "catalog/publication.h"
#include "catalog/source.h"
#include "catalog/zone_spec.h"
#include "dns/dns.h"
#include "dns/name.h"

/* In the place of an index into `sources`. */
#define NO_SOURCE SIZE_MAX

/* A zone of the command line; its data sets by their place in `sources`. */
typedef struct zone_plan {
	uint8_t apex[DNS_NAME_MAX];
	size_t apex_size;
	size_t acl; /* NO_SOURCE: none */
	size_t aclkey;
	bool has_expired; /* as far as the log knows */
	size_t *sources;
	size_t source_count;
	size_t source_capacity;
} zone_plan_t;

struct catalog {
	catalog_options_t options;
	zone_settings_t settings;
	const char *cookie_path; /* NULL: the secrets never change */
	bool is_cookie_file_exposed;
	dns_cookie_secrets_t cookies; /* of the next generation */
	publication_t publication;
	/* Sources serve `loaded` in the current generation; while the next one is made, `next` is
	 * what takes its place. At most two generations exist at a time, so nothing needs to be
	 * counted. */
	source_t *sources;
	pthread_mutex_t lock; /* of what sources tell about failures; see catalog/source.h */
	size_t source_count;
	size_t source_capacity;
	size_t acl; /* for all zones; NO_SOURCE: none */
	zone_plan_t *zones;
	size_t zone_count;
	size_t zone_capacity;
};

err_t catalog_new(const catalog_options_t *options, catalog_t **created)
{
	catalog_t *catalog = calloc(1, sizeof(*catalog));

	if (catalog == NULL)
		return ERR_NOMEM;
	catalog->options = *options;
	catalog->acl = NO_SOURCE;
	(void)pthread_mutex_init(&catalog->lock, NULL); /* cannot fail on Linux */
	catalog->settings = (zone_settings_t){
		.ttl_default_s = options->ttl_default_s,
		.ttl_min_s = options->ttl_min_s,
		.ttl_max_s = options->ttl_max_s,
		.allow_host_bits = options->allow_host_bits,
		.entry_parameters = options->entry_parameters,
		.ip6_in_ip4trie = options->ip6_in_ip4trie,
		.refuse_compressed = options->refuse_compressed,
	};
	*created = catalog;
	return ERR_OK;
}

static void free_generation(const generation_t *generation)
{
	generation_free((generation_t *)(uintptr_t)generation);
}

void catalog_free(catalog_t *catalog)
{
	if (catalog == NULL)
		return;
	free_generation(atomic_load(&catalog->publication.current));
	for (size_t i = 0; i < catalog->source_count; i++)
		source_clear(&catalog->sources[i]);
	for (size_t i = 0; i < catalog->zone_count; i++)
		free(catalog->zones[i].sources);
	free(catalog->sources);
	free(catalog->zones);
	(void)pthread_mutex_destroy(&catalog->lock);
	dns_cookie_secrets_wipe(&catalog->cookies);
	free(catalog);
}

/* Finds the source that `spec` names or makes it; then it owns what `spec` held. */
static err_t take_source(catalog_t *catalog, zone_spec_t *spec, size_t *index)
{
	for (size_t i = 0; i < catalog->source_count; i++) {
		if (strcmp(catalog->sources[i].spec.source, spec->source) == 0) {
			*index = i;
			return ERR_OK;
		}
	}
	err_t err = array_reserve((void **)&catalog->sources, &catalog->source_capacity,
				  catalog->source_count + 1, sizeof(*catalog->sources));
	if (err != ERR_OK)
		return err;
	err = source_init(&catalog->sources[catalog->source_count], spec);
	if (err == ERR_OK)
		*index = catalog->source_count++;
	return err;
}

static zone_plan_t *find_zone(const catalog_t *catalog, const uint8_t *apex)
{
	for (size_t i = 0; i < catalog->zone_count; i++)
		if (dns_name_equal(catalog->zones[i].apex, apex))
			return &catalog->zones[i];
	return NULL;
}

/* Adds a zone without data sets. */
static err_t add_zone(catalog_t *catalog, const zone_spec_t *spec, zone_plan_t **zone)
{
	err_t err = array_reserve((void **)&catalog->zones, &catalog->zone_capacity,
				  catalog->zone_count + 1, sizeof(*catalog->zones));
	if (err != ERR_OK)
		return err;
	*zone = &catalog->zones[catalog->zone_count++];
	**zone = (zone_plan_t){ .acl = NO_SOURCE, .aclkey = NO_SOURCE };
	memcpy((*zone)->apex, spec->apex, spec->apex_size);
	(*zone)->apex_size = spec->apex_size;
	return ERR_OK;
}

/* Adds one more data set to the data of a zone. */
static err_t add_data(catalog_t *catalog, zone_plan_t *zone, zone_spec_t *spec)
{
	size_t source;

	if (zone->source_count == ZONE_DATASETS_MAX)
		return ERR_RANGE;
	err_t err = array_reserve((void **)&zone->sources, &zone->source_capacity,
				  zone->source_count + 1, sizeof(*zone->sources));
	if (err == ERR_OK)
		err = take_source(catalog, spec, &source);
	if (err == ERR_OK)
		zone->sources[zone->source_count++] = source;
	return err;
}

/* Gives a place that can hold one data set that of `spec`. */
static err_t set_source(catalog_t *catalog, size_t *place, zone_spec_t *spec)
{
	return *place != NO_SOURCE ? ERR_INVAL : take_source(catalog, spec, place);
}

static err_t add_spec(catalog_t *catalog, zone_spec_t *spec)
{
	if (spec->apex_size == 0)
		return set_source(catalog, &catalog->acl, spec);

	zone_plan_t *zone = find_zone(catalog, spec->apex);
	err_t err = zone != NULL ? ERR_OK : add_zone(catalog, spec, &zone);
	if (err != ERR_OK)
		return err;
	switch (spec->type->role) {
	case DATASET_ROLE_ACL:
		return set_source(catalog, &zone->acl, spec);
	case DATASET_ROLE_ACLKEY:
		return set_source(catalog, &zone->aclkey, spec);
	case DATASET_ROLE_DATA:
		break;
	}
	return add_data(catalog, zone, spec);
}

err_t catalog_add_zone(catalog_t *catalog, const char *text, char *why, size_t why_size)
{
	zone_spec_t spec;

	err_t err = zone_spec_parse(text, &spec, why, why_size);
	if (err != ERR_OK)
		return err;
	err = add_spec(catalog, &spec);
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

size_t catalog_zone_count(const catalog_t *catalog)
{
	return catalog->zone_count;
}

const uint8_t *catalog_zone_apex(const catalog_t *catalog, size_t zone)
{
	return catalog->zones[zone].apex;
}

size_t catalog_dataset_count(const catalog_t *catalog)
{
	return catalog->source_count;
}

/* Lets the zone expire at `expires`, unless it does before; 0: that is no reason to. */
static void zone_expire(zone_t *zone, time_t expires)
{
	if (expires != 0 && (zone->expires == 0 || expires < zone->expires))
		zone->expires = expires;
}

/* What the next generation has of a source; NULL: nothing yet. */
static const dataset_t *dataset_of(const catalog_t *catalog, size_t number)
{
	const source_t *source = &catalog->sources[number];

	return source->next != NULL ? source->next : source->loaded;
}

/* Sets `*acl` to the ACL of a source. As long as it is not there, the zone is not either: it must not
 * be open to everybody. */
static void set_acl(const catalog_t *catalog, size_t number, zone_t *zone, const dataset_t **acl)
{
	if (number == NO_SOURCE)
		return;
	*acl = dataset_of(catalog, number);
	if (*acl == NULL)
		zone->is_loaded = false;
}

static err_t fill_zone(const catalog_t *catalog, const zone_plan_t *plan, zone_t *zone)
{
	uint8_t labels[DNS_LABELS_MAX];
	const dataset_t *acl;

	zone->datasets = calloc(plan->source_count, sizeof(*zone->datasets));
	if (zone->datasets == NULL)
		return ERR_NOMEM;
	memcpy(zone->apex, plan->apex, plan->apex_size);
	zone->apex_size = (uint8_t)plan->apex_size;
	zone->label_count = (uint8_t)dns_name_labels(zone->apex, labels);
	zone->dataset_count = plan->source_count;
	zone->is_loaded = true;
	for (size_t i = 0; i < plan->source_count; i++) {
		zone->datasets[i] = dataset_of(catalog, plan->sources[i]);
		zone->has_ip4_data |=
			catalog->sources[plan->sources[i]].spec.type->key == DATASET_KEY_IP4;
		zone->is_stale |= source_is_stale(&catalog->sources[plan->sources[i]]);
		if (zone->datasets[i] == NULL)
			zone->is_loaded = false;
		else
			zone_expire(zone, zone->datasets[i]->specials.expires);
	}
	set_acl(catalog, plan->acl, zone, &zone->acl);
	set_acl(catalog, plan->aclkey, zone, &zone->aclkey);
	set_acl(catalog, catalog->acl, zone, &acl);
	return ERR_OK;
}

/* Makes a generation of what has been loaded and lets it be served. */
static err_t publish(catalog_t *catalog)
{
	generation_t *next = generation_new(&catalog->options, catalog->zone_count);
	err_t err = next != NULL ? ERR_OK : ERR_NOMEM;

	for (size_t i = 0; i < catalog->zone_count && err == ERR_OK; i++)
		err = fill_zone(catalog, &catalog->zones[i], &next->zones[i]);
	if (err == ERR_OK && catalog->acl != NO_SOURCE)
		next->acl = dataset_of(catalog, catalog->acl);
	if (err == ERR_OK) {
		next->cookies = catalog->cookies;
		err = generation_link(next);
	}
	if (err != ERR_OK) {
		generation_free(next);
		return err;
	}
	free_generation(publication_swap(&catalog->publication, next));
	return ERR_OK;
}

err_t catalog_open(catalog_t *catalog)
{
	char apex[DNS_NAME_TEXT_MAX];

	if (catalog->zone_count == 0 && catalog->acl != NO_SOURCE) {
		log_error("there is an ACL, but no zone to serve");
		return ERR_INVAL;
	}
	for (size_t i = 0; i < catalog->zone_count; i++) {
		if (catalog->zones[i].source_count > 0)
			continue;
		dns_name_to_text(catalog->zones[i].apex, apex);
		log_error("zone %s has an ACL, but no data to serve: give a data set for it, as in "
			  "%s:ip4set:FILE",
			  apex, apex);
		return ERR_INVAL;
	}
	return publish(catalog);
}

/* Reads the file of cookie secrets, which there is. */
static err_t read_cookies(catalog_t *catalog)
{
	bool was_exposed = catalog->is_cookie_file_exposed;
	err_t err = cookie_file_read(catalog->cookie_path, &catalog->cookies,
				     &catalog->is_cookie_file_exposed);

	if (err == ERR_OK && catalog->is_cookie_file_exposed && !was_exposed)
		log_warning("%s: every user may read or change it; whoever knows a cookie secret "
			    "can forge cookies: chmod o= and change it",
			    catalog->cookie_path);
	return err;
}

err_t catalog_use_cookies(catalog_t *catalog, const char *path)
{
	err_t err = ERR_OK;

	catalog->cookie_path = path;
	if (path != NULL)
		err = read_cookies(catalog);
	else
		dns_cookie_secrets_random(&catalog->cookies);
	if (err == ERR_OK)
		return publish(catalog);
	catalog->cookie_path = NULL;
	return err;
}

/* Looks at the file of cookie secrets again. Returns whether the secrets are others than those of
 * the current generation. */
static bool reload_cookies(catalog_t *catalog, catalog_load_report_t *report)
{
	const generation_t *generation = atomic_load(&catalog->publication.current);

	if (catalog->cookie_path == NULL)
		return false;
	if (read_cookies(catalog) != ERR_OK) {
		log_error("%s: the cookie secrets that were read before stay in use",
			  catalog->cookie_path);
		report->has_bad_cookies = true;
	}
	return !dns_cookie_secrets_equal(&catalog->cookies, &generation->cookies);
}

/* Reads one source if its files have changed. Returns whether the next generation differs for it. */
static bool load_source(catalog_t *catalog, source_t *source, catalog_load_report_t *report)
{
	const source_rules_t rules = {
		.settings = &catalog->settings,
		.max_shrink_percent = catalog->options.max_shrink_percent,
		.lock = &catalog->lock,
	};
	bool was_stale = source_is_stale(source);

	switch (source_load(source, &rules)) {
	case SOURCE_UNCHANGED:
		break;
	case SOURCE_LOADED:
		report->loaded++;
		break;
	case SOURCE_RECOVERED:
		report->recovered++;
		break;
	case SOURCE_FAILED:
		report->newly_failed++;
		report->failed++;
		break;
	case SOURCE_STILL_FAILED:
		report->failed++;
		break;
	}
	return source->next != NULL || source_is_stale(source) != was_stale;
}

/* After publishing: what is new takes the place of what is old. Or, after a failure: what is new is
 * dropped. */
static void settle_sources(catalog_t *catalog, bool is_published)
{
	for (size_t i = 0; i < catalog->source_count; i++) {
		source_t *source = &catalog->sources[i];
		if (source->next == NULL)
			continue;
		dataset_free(is_published ? source->loaded : source->next);
		(void)pthread_mutex_lock(&catalog->lock);
		if (is_published)
			source->loaded = source->next;
		(void)pthread_mutex_unlock(&catalog->lock);
		source->next = NULL;
	}
}

/* Tells of zones whose data are not served any more for their age, or are again. */
static void log_expiry(catalog_t *catalog)
{
	const generation_t *generation = atomic_load(&catalog->publication.current);
	char apex[DNS_NAME_TEXT_MAX];
	time_t now = time(NULL);

	for (size_t i = 0; i < catalog->zone_count; i++) {
		zone_plan_t *plan = &catalog->zones[i];
		bool has_expired = zone_has_expired(&generation->zones[i], now);
		if (has_expired == plan->has_expired)
			continue;
		plan->has_expired = has_expired;
		dns_name_to_text(plan->apex, apex);
		if (has_expired)
			log_error(
				"zone %s: its data have expired ($TIMESTAMP); it answers SERVFAIL "
				"until newer data are loaded",
				apex);
		else
			log_info("zone %s: its data are served again", apex);
	}
}

err_t catalog_load(catalog_t *catalog, catalog_load_report_t *report)
{
	err_t result = ERR_OK;
	bool is_other = false;

	*report = (catalog_load_report_t){ .datasets = catalog->source_count };
	for (size_t i = 0; i < catalog->source_count; i++)
		is_other |= load_source(catalog, &catalog->sources[i], report);
	if (report->failed > 0)
		result = ERR_LOAD;
	bool has_new_cookies = reload_cookies(catalog, report);
	if (is_other || has_new_cookies) {
		err_t err = publish(catalog);
		settle_sources(catalog, err == ERR_OK);
		report->has_new_cookies = has_new_cookies && err == ERR_OK;
		if (err != ERR_OK)
			result = err;
	}
	log_expiry(catalog);
	return result;
}

void catalog_log_failures(catalog_t *catalog)
{
	(void)pthread_mutex_lock(&catalog->lock);
	for (size_t i = 0; i < catalog->source_count; i++)
		source_log_failure(&catalog->sources[i]);
	(void)pthread_mutex_unlock(&catalog->lock);
}

void catalog_reader_register(void)
{
	publication_register();
}

void catalog_reader_unregister(void)
{
	publication_unregister();
}

const generation_t *catalog_read_begin(catalog_t *catalog)
{
	return publication_begin(&catalog->publication);
}

void catalog_read_end(catalog_t *catalog)
{
	publication_end(&catalog->publication);
}
