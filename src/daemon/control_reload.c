/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/control_reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_text.h"
#include "catalog/status.h"
#include "daemon/control_status.h"
#include "daemon/server_state.h"
#include "dns/name.h"

/* Zones that are named to who asks for another one. */
#define NAMED_MAX 20
/* Bytes for them. */
#define NAMES_SIZE 4096

struct control_reload {
	control_reload_t *next;
	server_t *server;
	control_client_t *client;
	uint64_t ticket;     /* the loader's */
	uint64_t generation; /* changes up to this one are not news */
	double start_s;      /* when it asked */
	const char *zone;    /* as text; NULL: all; owned */
	json_t *changes;     /* that loads brought until now */
};

/* Which data sets matter, by their place in the status; NULL: all. */
static const status_zone_t *find_zone(const catalog_status_t *status, const char *name)
{
	for (size_t i = 0; i < status->zone_count; i++) {
		if (strcmp(status->zones[i].name, name) == 0)
			return &status->zones[i];
	}
	return NULL;
}

static size_t dataset_count(const catalog_status_t *status, const status_zone_t *zone)
{
	return zone != NULL ? zone->dataset_count : status->dataset_count;
}

static const status_dataset_t *dataset_at(const catalog_status_t *status, const status_zone_t *zone,
					  size_t place)
{
	return &status->datasets[zone != NULL ? zone->datasets[place] : place];
}

/* What the last load of a data set that changed anything did. */
static json_t *describe_change(const status_dataset_t *dataset)
{
	const source_change_t *change = &dataset->change;
	json_t *object = json_pack(
		"{s:o, s:I, s:I, s:I, s:f}", "data_set", json_text(dataset->spec), "generation",
		(json_int_t)change->generation, "time", (json_int_t)change->time, "entries",
		(json_int_t)dataset->entries, "seconds", dataset->seconds);

	control_status_add_counts(object, change);
	return object;
}

/* Takes down what is new since the last look. */
static void collect(control_reload_t *reload, const catalog_status_t *status,
		    const status_zone_t *zone)
{
	for (size_t i = 0; i < dataset_count(status, zone); i++) {
		const status_dataset_t *dataset = dataset_at(status, zone, i);

		if (dataset->change.generation > reload->generation)
			(void)json_array_append_new(reload->changes, describe_change(dataset));
	}
	reload->generation = status->generation;
}

static json_t *failures(const catalog_status_t *status, const status_zone_t *zone)
{
	json_t *list = json_array();

	for (size_t i = 0; i < dataset_count(status, zone); i++) {
		const status_dataset_t *dataset = dataset_at(status, zone, i);

		if (dataset->has_failed)
			(void)json_array_append_new(list,
						    json_pack("{s:o, s:b, s:I, s:o}", "data_set",
							      json_text(dataset->spec), "is_loaded",
							      dataset->is_loaded, "since",
							      (json_int_t)dataset->failed_since,
							      "why", json_text(dataset->why)));
	}
	return list;
}

/* When and in what there was the last change; null if there has been none. */
static json_t *last_change(const catalog_status_t *status, const status_zone_t *zone)
{
	const status_dataset_t *last = NULL;

	for (size_t i = 0; i < dataset_count(status, zone); i++) {
		const status_dataset_t *dataset = dataset_at(status, zone, i);

		if (dataset->change.generation > (last != NULL ? last->change.generation : 0))
			last = dataset;
	}
	return last != NULL ? describe_change(last) : json_null();
}

/* What is about no data set. */
static void add_outcome(json_t *object, const loader_outcome_t *outcome, bool is_all)
{
	const catalog_load_report_t *report = outcome->report;

	if (outcome->err != ERR_OK && outcome->err != ERR_LOAD)
		(void)json_object_set_new(object, "load_error", json_text(err_text(outcome->err)));
	if (is_all && outcome->no_plan[0] != '\0')
		(void)json_object_set_new(object, "configuration_error",
					  json_text(outcome->no_plan));
	if (report->has_new_plan)
		(void)json_object_set_new(
			object, "configuration",
			json_pack("{s:I, s:I, s:I, s:I}", "zones_added",
				  (json_int_t)report->zones_added, "zones_removed",
				  (json_int_t)report->zones_removed, "data_sets_added",
				  (json_int_t)report->datasets_added, "data_sets_removed",
				  (json_int_t)report->datasets_removed));
	if (is_all && (report->has_new_cookies || report->has_bad_cookies))
		(void)json_object_set_new(object, "cookie_secrets",
					  json_string(report->has_new_cookies ? "new" : "failed"));
}

static json_t *describe(const control_reload_t *reload, const loader_outcome_t *outcome,
			const catalog_status_t *status, const status_zone_t *zone)
{
	json_t *failed = failures(status, zone);
	bool is_all = zone == NULL;
	bool is_ok =
		json_array_size(failed) == 0 &&
		(outcome->err == ERR_OK || outcome->err == ERR_LOAD) &&
		(!is_all || (outcome->no_plan[0] == '\0' && !outcome->report->has_bad_cookies));
	json_t *object =
		json_pack("{s:b, s:o, s:I, s:I, s:f, s:O, s:o, s:o}", "ok", is_ok, "zone",
			  is_all ? json_null() : json_text(zone->name), "generation",
			  (json_int_t)status->generation, "now", (json_int_t)time(NULL), "seconds",
			  clock_monotonic_s() - reload->start_s, "changes", reload->changes,
			  "failures", failed, "last_change", last_change(status, zone));

	if (object != NULL)
		add_outcome(object, outcome, is_all);
	return object;
}

/* Takes it off the list, and frees it. */
static void forget(control_reload_t *reload)
{
	control_reload_t **link = &reload->server->reloads;

	while (*link != reload)
		link = &(*link)->next;
	*link = reload->next;
	json_decref(reload->changes);
	free((char *)(uintptr_t)reload->zone);
	free(reload);
}

static void on_gone(void *context)
{
	forget(context);
}

/* Answers, if the load was what it waits for. */
static void tell(control_reload_t *reload, const loader_outcome_t *outcome,
		 const catalog_status_t *status)
{
	const status_zone_t *zone = reload->zone != NULL ? find_zone(status, reload->zone) : NULL;
	control_client_t *client = reload->client;

	if (reload->zone != NULL && zone == NULL) {
		control_refuse(client, "the zone %s is not there any more", reload->zone);
		forget(reload);
		return;
	}
	collect(reload, status, zone);
	if (reload->ticket > outcome->number)
		return;
	control_reply(client, describe(reload, outcome, status, zone));
	forget(reload);
}

void control_reload_done(server_t *server, const loader_outcome_t *outcome)
{
	control_reload_t *next = server->reloads;
	catalog_status_t *status;

	if (next == NULL)
		return;
	if (catalog_status_take(server->setup->catalog, &status) != ERR_OK) {
		/* Loaded or not: who waits must not wait for ever. */
		while (server->reloads != NULL) {
			control_refuse(server->reloads->client, "reload: %s; the log has more",
				       err_text(ERR_NOMEM));
			forget(server->reloads);
		}
		return;
	}
	while (next != NULL) {
		control_reload_t *reload = next;

		next = reload->next;
		tell(reload, outcome, status);
	}
	catalog_status_free(status);
}

/* There is no such zone; which ones are there? */
static void refuse_zone(control_client_t *client, const catalog_status_t *status, const char *zone)
{
	char names[NAMES_SIZE] = "";
	size_t size = 0;
	size_t count = 0;

	while (count < status->zone_count && count < NAMED_MAX &&
	       size + DNS_NAME_TEXT_MAX < sizeof(names)) {
		size += (size_t)snprintf(names + size, sizeof(names) - size, "%s%s",
					 count > 0 ? ", " : "", status->zones[count].name);
		count++;
	}
	if (count < status->zone_count)
		snprintf(names + size, sizeof(names) - size, " and %zu more",
			 status->zone_count - count);
	control_refuse(client, "there is no zone %s; there are: %s", zone, names);
}

/* Reads a zone's name, and writes it as the status has it. */
static bool parse_zone(const char *word, uint8_t name[DNS_NAME_MAX], char text[DNS_NAME_TEXT_MAX])
{
	size_t size;

	if (dns_name_from_text(word, strlen(word), name, &size) != ERR_OK)
		return false;
	dns_name_lower(name, size);
	dns_name_to_text(name, text);
	return true;
}

/* Has a load made, and waits for it. */
static void start(server_t *server, control_client_t *client, const loader_request_t *request,
		  const char *zone, uint64_t generation)
{
	control_reload_t *reload = calloc(1, sizeof(*reload));
	const control_wait_t wait = { .on_gone = on_gone, .context = reload };

	if (reload != NULL) {
		reload->server = server;
		reload->client = client;
		reload->generation = generation;
		reload->start_s = clock_monotonic_s();
		reload->zone = zone != NULL ? strdup(zone) : NULL;
		reload->changes = json_array();
		reload->next = server->reloads;
		server->reloads = reload;
		if (reload->changes != NULL && (zone == NULL || reload->zone != NULL))
			reload->ticket = loader_request(&server->loader, request);
	}
	if (reload != NULL && reload->ticket != 0) {
		service_reloading(&server->service, reload->ticket);
		control_wait(client, &wait);
		return;
	}
	if (reload != NULL)
		forget(reload);
	control_refuse(client, "reload: %s", err_text(ERR_NOMEM));
}

void control_reload_run(void *context, control_client_t *client, char *const *words, size_t count)
{
	server_t *server = context;
	loader_request_t request = { .reason = LOADER_CONTROL };
	const char *word = NULL;
	char zone[DNS_NAME_TEXT_MAX];
	uint8_t name[DNS_NAME_MAX];
	catalog_status_t *status;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(words[i], "--force") == 0) {
			request.is_forced = true;
		} else if (word == NULL && words[i][0] != '-') {
			word = words[i];
		} else {
			control_refuse(client,
				       "reload: what is '%s'? It is reload [--force] [ZONE]",
				       words[i]);
			return;
		}
	}
	if (catalog_status_take(server->setup->catalog, &status) != ERR_OK) {
		control_refuse(client, "reload: %s", err_text(ERR_NOMEM));
		return;
	}
	if (word != NULL && (!parse_zone(word, name, zone) || find_zone(status, zone) == NULL)) {
		refuse_zone(client, status, word);
	} else {
		request.zone = word != NULL ? name : NULL;
		start(server, client, &request, word != NULL ? zone : NULL, status->generation);
	}
	catalog_status_free(status);
}
