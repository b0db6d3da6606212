/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_json.h"

#include <math.h>

#include "base/json_text.h"
#include "tool/json.h"
#include "tool/rcode.h"
#include "tool/spray_spread.h"
#include "tool/spray_words.h"

/* For want of memory these do nothing. */

static void add_count(json_t *object, const char *name, uint64_t count)
{
	(void)json_object_set_new(object, name, json_integer((json_int_t)count));
}

static void add_real(json_t *object, const char *name, double number)
{
	(void)json_object_set_new(object, name, json_real(number));
}

static void add_flag(json_t *object, const char *name, bool is_set)
{
	(void)json_object_set_new(object, name, json_boolean(is_set));
}

static json_t *setup_object(const spray_setup_t *setup)
{
	json_t *object = json_object();

	json_add_text(object, "server", setup->target);
	json_add_text(object, "zone", setup->zone);
	json_add_text(object, "types", setup->types);
	json_add_text(object, "policy", spray_policy_name(setup->policy));
	add_count(object, "sockets", setup->sockets);
	add_count(object, "threads", setup->threads);
	(void)json_object_set_new(object, "rate",
				  setup->rate > 0 ? json_real(setup->rate) : json_null());
	(void)json_object_set_new(object, "seconds",
				  setup->seconds > 0 ? json_real(setup->seconds) : json_null());
	(void)json_object_set_new(object, "count",
				  setup->count > 0 ? json_integer((json_int_t)setup->count)
						   : json_null());
	add_count(object, "in_flight", setup->in_flight);
	add_real(object, "patience", setup->patience_s);
	(void)json_object_set_new(object, "hit_ratio",
				  setup->hit_ratio >= 0 ? json_real(setup->hit_ratio)
							: json_null());
	add_flag(object, "judged", setup->is_judged);
	add_flag(object, "edns", setup->has_edns);
	add_flag(object, "nsid", setup->has_nsid);
	(void)json_object_set_new(object, "servers",
				  setup->servers > 0 ? json_integer(setup->servers) : json_null());
	return object;
}

/* The rcodes that came, by their names. */
static json_t *rcodes_object(const spray_result_t *result)
{
	json_t *object = json_object();
	char number[8];

	for (unsigned i = 0; i < SPRAY_RCODES; i++) {
		snprintf(number, sizeof(number), "%u", i);
		if (result->rcodes[i] > 0)
			add_count(object, rcode_name(i) != NULL ? rcode_name(i) : number,
				  result->rcodes[i]);
	}
	return object;
}

/* Microseconds; null without answers. */
static json_t *latency_object(const histogram_t *latency)
{
	json_t *object;

	if (latency->total == 0)
		return json_null();
	object = json_object();
	add_count(object, "p50", histogram_percentile(latency, 0.5));
	add_count(object, "p90", histogram_percentile(latency, 0.9));
	add_count(object, "p99", histogram_percentile(latency, 0.99));
	add_count(object, "p99.9", histogram_percentile(latency, 0.999));
	add_count(object, "max", latency->max_us);
	return object;
}

static json_t *ports_object(const spray_result_t *result)
{
	const spray_setup_t *setup = &result->setup;
	json_t *object = json_object();
	json_t *taken = json_array();

	for (size_t i = 0; i < result->taken_count; i++) {
		json_t *port = json_object();
		const char *service = result->taken[i].service;

		add_count(port, "port", result->taken[i].port);
		json_add_text(port, "service", service[0] != '\0' ? service : NULL);
		(void)json_array_append_new(taken, port);
	}
	add_count(object, "first", setup->port_first);
	add_count(object, "last", setup->port_last);
	add_count(object, "usable", setup->ports_usable);
	add_count(object, "reserved", setup->ports_reserved);
	add_count(object, "avoided", setup->ports_avoided);
	add_count(object, "used", result->ports_used);
	add_count(object, "max", result->port_max);
	add_real(object, "entropy", result->port_entropy_bits);
	add_real(object, "entropy_max", result->ports_used > 0 ? log2(result->ports_used) : 0);
	(void)json_object_set_new(object, "taken", taken);
	return object;
}

/* The bytes of an identifier, as dig writes them. */
static json_t *hex_text(const uint8_t *bytes, size_t size)
{
	char text[2 * SPRAY_NSID_MAX + 1] = "";

	for (size_t i = 0; i < size && i < SPRAY_NSID_MAX; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return json_string(text);
}

static json_t *servers_array(const spray_result_t *result)
{
	json_t *array = json_array();

	for (size_t i = 0; i < result->server_count; i++) {
		const spray_server_t *server = &result->servers[i];
		json_t *object = json_object();

		(void)json_object_set_new(object, "nsid",
					  server->has_nsid ? json_text(server->text) : json_null());
		(void)json_object_set_new(
			object, "nsid_hex",
			server->has_nsid ? hex_text(server->nsid, server->nsid_size) : json_null());
		add_count(object, "answered", server->answered);
		(void)json_array_append_new(array, object);
	}
	return array;
}

static json_t *spread_object(const spray_spread_t *spread)
{
	json_t *object = json_object();
	bool is_known = spread->verdict != SPRAY_UNKNOWN;

	add_count(object, "servers", spread->servers);
	add_count(object, "seen", spread->seen);
	add_count(object, "answered", spread->answers);
	add_count(object, "unnamed", spread->unnamed);
	add_count(object, "max", spread->max);
	add_count(object, "min", spread->min);
	(void)json_object_set_new(object, "mean", is_known ? json_real(spread->mean) : json_null());
	(void)json_object_set_new(object, "max_to_mean",
				  is_known ? json_real(spread->max_to_mean) : json_null());
	json_add_text(object, "verdict", spray_verdict_name(spread->verdict));
	(void)json_object_set_new(object, "pinned_to",
				  is_known ? json_integer((json_int_t)spread->pinned_to)
					   : json_null());
	return object;
}

/* Queries that were answered, or were not, and packets that were no answers. */
static void add_counts(json_t *object, const spray_result_t *result)
{
	add_count(object, "sent", result->sent);
	add_count(object, "answered", result->answered);
	add_count(object, "lost", result->lost);
	add_count(object, "wrong_rcode", result->wrong_rcode);
	add_count(object, "wrong_answer", result->wrong_answer);
	add_count(object, "truncated", result->truncated);
	(void)json_object_set_new(object, "rcodes", rcodes_object(result));
	add_count(object, "late", result->late);
	add_count(object, "duplicates", result->duplicates);
	add_count(object, "strange", result->strange);
	add_count(object, "refused", result->refused);
	add_count(object, "unsendable", result->unsendable);
	add_count(object, "held", result->held);
	add_count(object, "unsent", result->unsent);
	add_count(object, "own_drops", result->own_drops);
}

json_t *spray_json(const spray_result_t *result)
{
	spray_spread_t spread;
	json_t *object;

	if (spray_spread_find(result, &spread) != ERR_OK)
		return NULL;
	object = json_object();
	(void)json_object_set_new(object, "setup", setup_object(&result->setup));
	add_flag(object, "interrupted", result->is_interrupted);
	add_real(object, "seconds", result->seconds);
	add_real(object, "waited_seconds", result->waited_seconds);
	add_real(object, "user_seconds", result->user_s);
	add_real(object, "system_seconds", result->system_s);
	add_real(object, "rate", result->seconds > 0 ? (double)result->sent / result->seconds : 0);
	add_counts(object, result);
	(void)json_object_set_new(object, "latency_us", latency_object(&result->latency));
	(void)json_object_set_new(object, "ports", ports_object(result));
	(void)json_object_set_new(object, "servers", servers_array(result));
	(void)json_object_set_new(object, "spread", spread_object(&spread));
	return object;
}
