/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_SPRAY_FIXTURE_H
#define SPURN_TESTS_UNIT_SPRAY_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "base/attributes.h"
#include "spray/spray_result.h"

/* Results of runs that never were. */

/* One without answers yet: queries for 10 s from a pool. */
static inline void result_start(spray_result_t *result)
{
	memset(result, 0, sizeof(*result));
	result->setup = (spray_setup_t){
		.policy = SPRAY_POOL,
		.sockets = 2500,
		.threads = 1,
		.rate = 400,
		.seconds = 10,
		.in_flight = 1000,
		.patience_s = 5,
		.target = "192.0.2.100/53",
		.zone = "bl.example",
		.types = "A",
		.hit_ratio = 0.5,
		.is_judged = true,
		.has_edns = true,
		.has_nsid = true,
		.port_first = 32768,
		.port_last = 60999,
		.ports_usable = 28232,
	};
	result->seconds = 10;
	result->user_s = 0.004;
	result->system_s = 0.012;
	result->ports_used = 2048;
	result->port_max = 4;
	result->port_entropy_bits = 10.75;
}

/* Answers of one more server, in 1 ms each; nsid NULL: of who does not say. */
static inline void result_add(spray_result_t *result, const void *nsid, size_t size,
			      uint64_t answered)
{
	spray_server_t *server;

	result->servers =
		realloc(result->servers, (result->server_count + 1) * sizeof(*result->servers));
	server = &result->servers[result->server_count++];
	memset(server, 0, sizeof(*server));
	server->has_nsid = nsid != NULL;
	server->nsid_size = size;
	if (nsid != NULL)
		memcpy(server->nsid, nsid, size);
	spray_nsid_text(server->nsid, size, server->text);
	server->answered = answered;
	result->sent += answered;
	result->answered += answered;
	result->rcodes[0] += answered;
	for (uint64_t i = 0; i < answered; i++)
		histogram_add(&result->latency, 1000);
}

/* A server for each of counts[0..count): s1, s2, ... */
static inline void result_add_all(spray_result_t *result, const unsigned *counts, size_t count)
{
	char name[16];

	for (size_t i = 0; i < count; i++) {
		int size = snprintf(name, sizeof(name), "s%zu", i + 1);
		result_add(result, name, (size_t)size, counts[i]);
	}
}

#endif
