/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/control_status.h"

#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_text.h"
#include "catalog/status.h"
#include "daemon/server_state.h"

/* A moment, in seconds since 1970; null for never. */
static json_t *moment(time_t time)
{
	return time != 0 ? json_integer((json_int_t)time) : json_null();
}

static json_t *text_or_null(const char *text)
{
	return text != NULL && text[0] != '\0' ? json_text(text) : json_null();
}

/* What is being loaded at the moment, and since when; null if nothing is. */
static json_t *loading(const loader_t *loader)
{
	static const struct {
		loader_reason_t reason;
		const char *name;
	} rows[] = {
		{ LOADER_START, "start" },     { LOADER_CHECK, "check" },
		{ LOADER_WATCH, "watch" },     { LOADER_ASKED, "signal" },
		{ LOADER_CONTROL, "control" },
	};
	json_t *reasons;

	if (!loader->is_running)
		return json_null();
	reasons = json_array();
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if ((loader->reasons & rows[i].reason) != 0)
			(void)json_array_append_new(reasons, json_string(rows[i].name));
	}
	return json_pack("{s:f, s:o}", "seconds", clock_monotonic_s() - loader->start_s, "reasons",
			 reasons);
}

static const char *dataset_state(const status_dataset_t *dataset)
{
	if (!dataset->is_loaded)
		return dataset->has_failed ? "failed" : "not loaded";
	if (dataset->is_broken)
		return "damaged";
	if (dataset->is_left_over)
		return "left over";
	return dataset->has_failed ? "stale" : "ok";
}

void control_status_add_counts(json_t *object, const source_change_t *change)
{
	if (change->is_counted)
		(void)json_object_update_new(
			object, json_pack("{s:I, s:I, s:I}", "added", (json_int_t)change->added,
					  "removed", (json_int_t)change->removed, "changed",
					  (json_int_t)change->changed));
}

static json_t *change(const source_change_t *change)
{
	json_t *object;

	if (change->generation == 0)
		return json_null();
	object = json_pack("{s:I, s:o}", "generation", (json_int_t)change->generation, "time",
			   moment(change->time));
	control_status_add_counts(object, change);
	return object;
}

static json_t *datasets(const catalog_status_t *status)
{
	json_t *list = json_array();

	for (size_t i = 0; i < status->dataset_count; i++) {
		const status_dataset_t *dataset = &status->datasets[i];

		(void)json_array_append_new(
			list,
			json_pack("{s:o, s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:f, s:o, s:o, s:o}",
				  "name", json_text(dataset->spec), "type", dataset->type, "state",
				  dataset_state(dataset), "entries", (json_int_t)dataset->entries,
				  "bytes", (json_int_t)dataset->memory, "mapped",
				  (json_int_t)dataset->mapped, "modified", moment(dataset->newest),
				  "loaded", moment(dataset->loaded_at), "seconds", dataset->seconds,
				  "change", change(&dataset->change), "since",
				  moment(dataset->failed_since), "why",
				  text_or_null(dataset->why)));
	}
	return list;
}

static const char *zone_state(const status_zone_t *zone)
{
	if (!zone->is_loaded)
		return "not loaded";
	if (zone->is_broken)
		return "damaged";
	if (zone->has_expired)
		return "expired";
	return zone->is_stale || zone->is_behind ? "stale" : "ok";
}

static json_t *zones(const catalog_status_t *status)
{
	json_t *list = json_array();

	for (size_t i = 0; i < status->zone_count; i++) {
		const status_zone_t *zone = &status->zones[i];
		json_t *names = json_array();

		for (size_t k = 0; k < zone->dataset_count; k++)
			(void)json_array_append_new(
				names, json_text(status->datasets[zone->datasets[k]].spec));
		(void)json_array_append_new(
			list,
			json_pack("{s:o, s:s, s:I, s:o, s:o}", "name", json_text(zone->name),
				  "state", zone_state(zone), "serial", (json_int_t)zone->serial,
				  "expires", moment(zone->expires), "data_sets", names));
	}
	return list;
}

/* Is everything served as it should be? */
static bool is_well(const server_t *server, const catalog_status_t *status)
{
	bool is_well = server->workers != NULL && server->loader.no_plan[0] == '\0';

	for (size_t i = 0; i < status->dataset_count; i++)
		is_well = is_well && !status->datasets[i].has_failed;
	for (size_t i = 0; i < status->zone_count; i++) {
		const status_zone_t *zone = &status->zones[i];

		is_well = is_well && zone->is_loaded && !zone->is_stale && !zone->is_behind &&
			  !zone->has_expired;
	}
	return is_well;
}

static json_t *describe(const server_t *server, const catalog_status_t *status)
{
	json_t *object =
		json_pack("{s:s, s:i, s:b, s:s, s:I, s:f, s:I, s:s, s:b, s:o}", "version",
			  PACKAGE_VERSION, "pid", (int)getpid(), "ok", is_well(server, status),
			  "state", server->workers != NULL ? "serving" : "starting", "now",
			  (json_int_t)time(NULL), "uptime", clock_monotonic_s() - server->start_s,
			  "workers", (json_int_t)workers_number(server->workers), "steer",
			  steering_name(udp_sockets_steering(server->setup->sockets)), "draining",
			  status->is_draining, "loading", loading(&server->loader));
	json_t *rest =
		json_pack("{s:{s:I, s:o}, s:o, s:o, s:o}", "generation", "number",
			  (json_int_t)status->generation, "published", moment(status->published),
			  "configuration_error", text_or_null(server->loader.no_plan), "zones",
			  zones(status), "data_sets", datasets(status));

	if (json_object_update_new(object, rest) == 0)
		return object;
	json_decref(object);
	return NULL;
}

void control_status_run(void *context, control_client_t *client, char *const *words, size_t count)
{
	const server_t *server = context;
	catalog_status_t *status;

	if (count > 0) {
		control_refuse(client, "status: what is '%s'? There are no arguments", words[0]);
		return;
	}
	if (catalog_status_take(server->setup->catalog, &status) != ERR_OK) {
		control_refuse(client, "status: %s", err_text(ERR_NOMEM));
		return;
	}
	control_reply(client, describe(server, status));
	catalog_status_free(status);
}
