/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/control_stats.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/json_text.h"
#include "daemon/server_state.h"
#include "dns/name.h"

/* A counter as JSON has it: exact for the next hundred thousand years. */
static json_t *counter(uint64_t number)
{
	return json_integer((json_int_t)number);
}

static json_t *messages(const message_counts_t *counts)
{
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "received", counter(counts->received),
		"answered", counter(counts->answered), "dropped", counter(counts->dropped),
		"send_errors", counter(counts->send_errors), "limit_dropped",
		counter(counts->limit_dropped), "limit_truncated", counter(counts->limit_truncated),
		"over_quota", counter(counts->over_quota), "log_lines_lost",
		counter(counts->lines_lost));
}

static json_t *queries(const query_counts_t *counts)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "noerror", counter(counts->ok),
			 "nxdomain", counter(counts->nxdomain), "failed", counter(counts->failed),
			 "dropped", counter(counts->dropped), "bytes_in", counter(counts->bytes_in),
			 "bytes_out", counter(counts->bytes_out));
}

static json_t *rates(const server_t *server)
{
	return json_pack("{s:f, s:f, s:f}", "1s", query_rates_of(&server->rates, 1), "10s",
			 query_rates_of(&server->rates, 10), "60s",
			 query_rates_of(&server->rates, 60));
}

static json_t *zones(const server_t *server)
{
	json_t *list = json_array();

	for (size_t i = 0; i < statistics_zone_count(server->statistics); i++) {
		const uint8_t *apex;
		const query_counts_t *counts = statistics_zone(server->statistics, i, &apex);
		char name[DNS_NAME_TEXT_MAX];
		json_t *zone = queries(counts);

		dns_name_to_text(apex, name);
		(void)json_object_set_new(zone, "name", json_text(name));
		(void)json_array_append_new(list, zone);
	}
	return list;
}

/* All queries, whatever they were about: also zones that are not there any more. */
static json_t *sum(server_t *server)
{
	size_t numbers;
	const query_counts_t *counts = statistics_counted(server->statistics, &numbers);
	query_counts_t all = { 0 };

	for (size_t i = 0; i <= numbers; i++) {
		all.ok += counts[i].ok;
		all.nxdomain += counts[i].nxdomain;
		all.failed += counts[i].failed;
		all.dropped += counts[i].dropped;
		all.bytes_in += counts[i].bytes_in;
		all.bytes_out += counts[i].bytes_out;
	}
	return queries(&all);
}

static json_t *workers(const server_t *server)
{
	json_t *list = json_array();

	for (size_t i = 0; i < workers_number(server->workers); i++) {
		message_counts_t counts = { 0 };

		workers_count_one(server->workers, i, &counts);
		(void)json_array_append_new(list, messages(&counts));
	}
	return list;
}

/* null where there is no TCP, or not yet. */
static json_t *tcp(const server_t *server)
{
	message_counts_t counts = { 0 };
	tcp_counts_t connections;
	json_t *object;
	size_t open;

	if (server->tcp == NULL)
		return json_null();
	query_records_sum(tcp_server_records(server->tcp), &counts);
	connections = tcp_server_counts(server->tcp, &open);
	object = messages(&counts);
	(void)json_object_set_new(
		object, "connections",
		json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "open", counter(open), "accepted",
			  counter(connections.accepted), "idle", counter(connections.idle), "slow",
			  counter(connections.slow), "crowded", counter(connections.crowded), "bad",
			  counter(connections.bad)));
	return object;
}

void control_stats_run(void *context, control_client_t *client, char *const *words, size_t count)
{
	server_t *server = context;
	message_counts_t counts;

	if (count > 0) {
		control_refuse(client, "stats: what is '%s'? There are no arguments", words[0]);
		return;
	}
	counts = server_count_messages(server);
	server_count_queries(server);
	control_reply(client,
		      json_pack("{s:s, s:i, s:f, s:o, s:o, s:o, s:o, s:o, s:o}", "version",
				PACKAGE_VERSION, "pid", (int)getpid(), "uptime",
				clock_monotonic_s() - server->start_s, "rates", rates(server),
				"messages", messages(&counts), "queries", sum(server), "zones",
				zones(server), "workers", workers(server), "tcp", tcp(server)));
}
