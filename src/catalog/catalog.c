/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/catalog.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "catalog/assembly.h"
#include "catalog/catalog_state.h"
#include "catalog/cookie_file.h"
#include "catalog/look.h"
#include "dns/dns.h"
#include "dns/name.h"

const catalog_request_t catalog_request_all = {
	.wishes = &(const catalog_wish_t){ .zone = NULL },
	.wish_count = 1,
};

/* What a load makes to take the place of what is served. */
typedef struct next {
	plan_t *plan;
	stock_t stock;
	roster_t roster;
	generation_t *generation;
} next_t;

/* ---- publishing ---- */

/* Tells of a zone that goes on with what it had before, or does so no more. */
static void log_behind(const plan_zone_t *zone, const line_up_t *line_up, const roster_t *old)
{
	bool was_behind = zone->number < old->zone_count && old->zones[zone->number].is_behind;
	char apex[DNS_NAME_TEXT_MAX];

	if (line_up->is_behind == was_behind)
		return;
	dns_name_to_text(zone->apex, apex);
	if (line_up->is_behind)
		log_error(
			"zone %s: not all of its data sets could be loaded; it goes on with those "
			"that it had before until they are",
			apex);
	else
		log_info("zone %s: is served from all of its data sets", apex);
}

/* Makes the generation of `next`, which has the plan and its stock. */
static err_t assemble(catalog_t *catalog, next_t *next)
{
	err_t err = roster_make(&next->roster, next->plan, catalog_zone_numbers(catalog),
				&next->stock, &catalog->served.roster);

	if (err != ERR_OK)
		return err;
	err = assembly_make(next->plan, &next->stock, &next->roster, &catalog->cookies,
			    &next->generation);
	if (err != ERR_OK) {
		roster_clear(&next->roster);
		return err;
	}
	next->generation->number = catalog->generations + 1;
	next->generation->published = time(NULL);
	next->generation->is_draining = &catalog->is_draining;
	return ERR_OK;
}

/* Puts what is new in the place of what is old, under the lock. `old`[0..) has room for as many data
 * sets as there are sources; returns how many are to be freed, with the lock let go. */
static size_t settle(catalog_t *catalog, const next_t *next, dataset_t **old)
{
	size_t count = 0;

	catalog->served.plan = next->plan;
	catalog->served.stock = next->stock;
	catalog->served.roster = next->roster;
	catalog->served.generation = next->generation;
	for (size_t i = 0; i < next->stock.count; i++) {
		old[count] = source_settle(next->stock.sources[i], next->generation->number);
		count += old[count] != NULL;
	}
	return count;
}

/* Serves the generation of `next`, and frees what nothing needs any more. */
static void publish(catalog_t *catalog, next_t *next, dataset_t **old_data)
{
	stock_t old_stock = catalog->served.stock;
	roster_t old_roster = catalog->served.roster;
	plan_t *old_plan = catalog->served.plan;
	const generation_t *old = publication_swap(&catalog->publication, next->generation);

	stock_mark_unused(&next->stock);
	roster_mark(&next->roster);
	(void)pthread_mutex_lock(&catalog->lock);
	size_t unused = stock_cut(&next->stock);
	size_t count = settle(catalog, next, old_data);
	(void)pthread_mutex_unlock(&catalog->lock);
	catalog->generations++;
	for (size_t i = 0; i < next->plan->zone_count; i++) {
		const plan_zone_t *zone = &next->plan->zones[i];
		log_behind(zone, &next->roster.zones[zone->number], &old_roster);
	}

	generation_free((generation_t *)(uintptr_t)old);
	roster_clear(&old_roster);
	for (size_t i = 0; i < count; i++)
		dataset_free(old_data[i]);
	for (size_t i = 0; i < unused; i++)
		source_free(next->stock.sources[next->stock.count + i]);
	if (old_stock.sources != next->stock.sources)
		free(old_stock.sources);
	if (old_plan != next->plan)
		plan_free(old_plan);
}

/* Makes a generation of what has been loaded and lets it be served. If it cannot be made, all stays as
 * it was. */
static err_t assemble_and_publish(catalog_t *catalog, next_t *next)
{
	dataset_t **old_data = calloc(next->stock.count + 1, sizeof(dataset_t *));
	err_t err = old_data != NULL ? assemble(catalog, next) : ERR_NOMEM;

	if (err == ERR_OK)
		publish(catalog, next, old_data);
	free(old_data);
	return err;
}

/* ---- the plan ---- */

/* Gives every zone of the plan its number. */
static err_t number_zones(catalog_t *catalog, plan_t *plan)
{
	err_t err = ERR_OK;

	for (size_t i = 0; i < plan->zone_count && err == ERR_OK; i++) {
		plan_zone_t *zone = &plan->zones[i];
		uint32_t id = 0;
		err = intern_add(catalog->zone_names, zone->apex, zone->apex_size, &id);
		zone->number = id - 1;
	}
	atomic_store(&catalog->zone_numbers, intern_count(catalog->zone_names));
	return err;
}

err_t catalog_new(plan_t *plan, catalog_t **created)
{
	catalog_t *catalog = calloc(1, sizeof(*catalog));
	next_t next = { .plan = plan };

	if (catalog == NULL)
		return ERR_NOMEM;
	(void)pthread_mutex_init(&catalog->lock, NULL); /* cannot fail on Linux */
	catalog->zone_room =
		plan->zone_count > CATALOG_ZONES_MAX ? plan->zone_count : CATALOG_ZONES_MAX;
	catalog->zone_names = intern_new();
	err_t err = catalog->zone_names != NULL ? ERR_OK : ERR_NOMEM;
	if (err == ERR_OK)
		err = number_zones(catalog, plan);
	if (err == ERR_OK)
		err = stock_make(&next.stock, plan, &catalog->served.stock);
	if (err == ERR_OK)
		err = assemble_and_publish(catalog, &next);
	if (err != ERR_OK) {
		stock_drop(&next.stock, &catalog->served.stock);
		catalog_free(catalog);
		return err;
	}
	*created = catalog;
	return ERR_OK;
}

size_t catalog_open_files(const catalog_t *catalog)
{
	return plan_open_files(catalog->served.plan);
}

void catalog_free(catalog_t *catalog)
{
	static const stock_t none;

	if (catalog == NULL)
		return;
	generation_free((generation_t *)(uintptr_t)atomic_load(&catalog->publication.current));
	roster_clear(&catalog->served.roster);
	stock_drop(&catalog->served.stock, &none);
	plan_free(catalog->served.plan);
	intern_free(catalog->zone_names);
	(void)pthread_mutex_destroy(&catalog->lock);
	dns_cookie_secrets_wipe(&catalog->cookies);
	free(catalog);
}

const plan_t *catalog_plan(const catalog_t *catalog)
{
	return catalog->served.plan;
}

size_t catalog_zone_numbers(const catalog_t *catalog)
{
	return atomic_load(&catalog->zone_numbers);
}

size_t catalog_zone_room(const catalog_t *catalog)
{
	return catalog->zone_room;
}

/* ---- cookies ---- */

/* Reads the file of cookie secrets, which there is. */
static err_t read_cookies(catalog_t *catalog)
{
	bool was_exposed = catalog->is_cookie_file_exposed;
	file_state_t state = file_state_get(catalog->cookie_path);
	err_t err = cookie_file_read(catalog->cookie_path, &catalog->cookies,
				     &catalog->is_cookie_file_exposed);

	if (err == ERR_OK && catalog->is_cookie_file_exposed && !was_exposed)
		log_warning("%s: every user may read or change it; whoever knows a cookie secret "
			    "can forge cookies: chmod o= and change it",
			    catalog->cookie_path);
	if (err == ERR_OK)
		catalog->cookie_state = state;
	return err;
}

err_t catalog_use_cookies(catalog_t *catalog, const char *path, const dns_cookie_secrets_t *secrets)
{
	next_t next = { .plan = catalog->served.plan, .stock = catalog->served.stock };
	err_t err = ERR_OK;

	catalog->cookie_path = path;
	if (path != NULL)
		err = read_cookies(catalog);
	else if (secrets != NULL)
		catalog->cookies = *secrets;
	else
		dns_cookie_secrets_random(&catalog->cookies);
	if (err == ERR_OK)
		return assemble_and_publish(catalog, &next);
	catalog->cookie_path = NULL;
	return err;
}

const dns_cookie_secrets_t *catalog_own_cookies(const catalog_t *catalog)
{
	return catalog->cookie_path == NULL && catalog->cookies.count > 0 ? &catalog->cookies
									  : NULL;
}

/* The gate for what is no zone's own: NULL if somebody asked for all there is. */
static const source_gate_t *gate_for_all(const catalog_request_t *request)
{
	for (size_t i = 0; i < request->wish_count; i++) {
		const catalog_wish_t *wish = &request->wishes[i];
		if (wish->zone == NULL && (wish->is_asked || wish->is_forced))
			return NULL;
	}
	return request->gate;
}

/* Is the file of cookie secrets complete, as far as the gate knows? */
static bool may_read_cookies(const catalog_t *catalog, const source_gate_t *gate)
{
	file_state_t state = file_state_get(catalog->cookie_path);

	return gate == NULL || file_state_is_equal(&state, &catalog->cookie_state) ||
	       gate->may_read(gate->context, catalog->cookie_path, &state);
}

/* Looks at the file of cookie secrets again. Returns whether the secrets are others than those of
 * the current generation. */
static bool reload_cookies(catalog_t *catalog, const source_gate_t *gate,
			   catalog_load_report_t *report)
{
	if (catalog->cookie_path == NULL || !may_read_cookies(catalog, gate))
		return false;
	if (read_cookies(catalog) != ERR_OK) {
		log_error("%s: the cookie secrets that were read before stay in use",
			  catalog->cookie_path);
		report->has_bad_cookies = true;
	}
	return !dns_cookie_secrets_equal(&catalog->cookies, &catalog->served.generation->cookies);
}

/* ---- loading ---- */

/* Does the request ask for all zones? */
static bool is_about_all(const catalog_request_t *request)
{
	for (size_t i = 0; i < request->wish_count; i++)
		if (request->wishes[i].zone == NULL)
			return true;
	return false;
}

/* Tells of zones whose data are not served any more for their age, or are again. */
static void log_expiry(catalog_t *catalog)
{
	const generation_t *generation = catalog->served.generation;
	char apex[DNS_NAME_TEXT_MAX];
	time_t now = time(NULL);

	for (size_t i = 0; i < generation->zone_count; i++) {
		const zone_t *zone = &generation->zones[i];
		line_up_t *line_up = &catalog->served.roster.zones[zone->number];
		bool has_expired = zone_has_expired(zone, now);
		if (has_expired == line_up->has_expired)
			continue;
		line_up->has_expired = has_expired;
		dns_name_to_text(zone->apex, apex);
		if (has_expired)
			log_error(
				"zone %s: its data have expired ($TIMESTAMP); it answers SERVFAIL "
				"until newer data are loaded",
				apex);
		else
			log_info("zone %s: its data are served again", apex);
	}
}

/* Counts what comes and goes with another plan. */
static void compare_plans(const catalog_t *catalog, const next_t *next,
			  catalog_load_report_t *report)
{
	const roster_t *roster = &catalog->served.roster;
	size_t datasets_kept = stock_count_shared(&next->stock, &catalog->served.stock);
	size_t zones_kept = 0;

	for (size_t i = 0; i < next->plan->zone_count; i++) {
		uint32_t number = next->plan->zones[i].number;
		zones_kept += number < roster->zone_count && roster->zones[number].is_of_plan;
	}
	report->has_new_plan = true;
	report->zones_added = next->plan->zone_count - zones_kept;
	report->zones_removed = catalog->served.plan->zone_count - zones_kept;
	report->datasets_added = next->stock.planned - datasets_kept;
	report->datasets_removed = catalog->served.stock.planned - datasets_kept;
}

/* Prepares what is to be next, with nothing in it that is not served yet. */
static err_t prepare(catalog_t *catalog, plan_t *plan, next_t *next)
{
	*next = (next_t){ .plan = catalog->served.plan, .stock = catalog->served.stock };
	if (plan == NULL || plan_is_equal(plan, catalog->served.plan))
		return ERR_OK;
	err_t err = number_zones(catalog, plan);
	if (err == ERR_OK)
		err = stock_make(&next->stock, plan, &catalog->served.stock);
	if (err == ERR_OK)
		next->plan = plan;
	return err;
}

/* Drops what has been made in vain. */
static void abandon(catalog_t *catalog, next_t *next)
{
	for (size_t i = 0; i < next->stock.count; i++) {
		dataset_free(next->stock.sources[i]->next);
		next->stock.sources[i]->next = NULL;
	}
	if (next->plan == catalog->served.plan)
		return;
	stock_drop(&next->stock, &catalog->served.stock);
	stock_allow(&catalog->served.stock, catalog->served.plan);
}

/* Loads and publishes what has been prepared. */
static err_t load(catalog_t *catalog, next_t *next, const catalog_request_t *request,
		  catalog_load_report_t *report)
{
	bool has_new_plan = next->plan != catalog->served.plan;
	catalog_load_report_t changes = { .has_new_plan = false };
	bool is_other;

	if (has_new_plan)
		compare_plans(catalog, next, &changes);
	err_t err = look_at_sources(next->plan, &next->stock, request, &catalog->lock, report,
				    &is_other);
	if (err != ERR_OK)
		return err;
	bool has_new_cookies =
		is_about_all(request) && reload_cookies(catalog, gate_for_all(request), report);
	if (!has_new_plan && !is_other && !has_new_cookies)
		return ERR_OK;
	err = assemble_and_publish(catalog, next);
	if (err != ERR_OK)
		return err;
	report->has_new_cookies = has_new_cookies;
	report->has_new_plan = changes.has_new_plan;
	report->zones_added = changes.zones_added;
	report->zones_removed = changes.zones_removed;
	report->datasets_added = changes.datasets_added;
	report->datasets_removed = changes.datasets_removed;
	return ERR_OK;
}

err_t catalog_load(catalog_t *catalog, const catalog_request_t *request,
		   catalog_load_report_t *report)
{
	next_t next;

	*report = (catalog_load_report_t){ .datasets = 0 };
	err_t err = prepare(catalog, request->next_plan, &next);
	if (err != ERR_OK)
		return err;
	err = load(catalog, &next, request, report);
	if (err != ERR_OK) {
		abandon(catalog, &next);
		return err;
	}
	if (request->next_plan != catalog->served.plan)
		plan_free(request->next_plan); /* it says what is served already */
	log_expiry(catalog);
	return report->failed > 0 ? ERR_LOAD : ERR_OK;
}

void catalog_drain(catalog_t *catalog, bool is_draining)
{
	atomic_store(&catalog->is_draining, is_draining);
}

void catalog_log_failures(catalog_t *catalog)
{
	char apex[DNS_NAME_TEXT_MAX];

	(void)pthread_mutex_lock(&catalog->lock);
	for (size_t i = 0; i < catalog->served.stock.planned; i++)
		source_log_failure(catalog->served.stock.sources[i]);
	for (size_t i = 0; i < catalog->served.plan->zone_count; i++) {
		const plan_zone_t *zone = &catalog->served.plan->zones[i];
		if (!catalog->served.roster.zones[zone->number].is_behind)
			continue;
		dns_name_to_text(zone->apex, apex);
		log_warning("zone %s: goes on with the data sets that it had before, for not all "
			    "of its own could be loaded",
			    apex);
	}
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
