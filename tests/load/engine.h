/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_LOAD_ENGINE_H
#define SPURN_LOAD_ENGINE_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dns/client.h"
#include "net/address.h"

/* Sends queries to a DNS server at a steady rate, whether or not it answers, and knows of each one what
 * became of it: there is no query that is sent again over UDP, or not counted. What is asked, and what
 * is a right answer, is the asker's business. On the caller's thread, with libev. Over UDP it is the engine of
 * `spurn spray` (spray/spray_udp.h); what there is beside it is TCP (stream.h). */
typedef struct engine engine_t;

#define ENGINE_TICKET_MAX 32

/* Who asks; all pointers are kept. `ticket` is room for ENGINE_TICKET_MAX bytes that the asker keeps
 * with each query. */
typedef struct engine_asker {
	void *context;
	/* Makes up a new query. */
	void (*choose)(void *context, void *ticket);
	/* Writes the query of a ticket, always the same, and returns its size. The ID, its first two
	 * bytes, is the engine's. */
	size_t (*write)(void *context, const void *ticket, uint8_t packet[DNS_CLIENT_QUERY_MAX]);
	/* An answer with the right ID came, `took_us` after the query was sent. */
	void (*answered)(void *context, const void *ticket, const uint8_t *packet, size_t size,
			 uint64_t took_us);
	/* Nothing came in time. */
	void (*lost)(void *context, const void *ticket);
} engine_asker_t;

/* Plain data. */
typedef struct engine_setup {
	net_address_t server;
	unsigned udp_sockets; /* each with a port of its own; each takes the same share of the rate
			       * as each TCP connection */
	unsigned tcp_connections;
	double rate;          /* queries a second; 0: as fast as they are answered */
	unsigned waiting_max; /* queries on the way at most */
	double patience_s;    /* then a query is lost */
} engine_setup_t;

/* Plain data. */
typedef struct engine_counts {
	uint64_t sent;
	uint64_t answered;
	uint64_t lost;
	uint64_t late;      /* answers to what was lost */
	uint64_t strange;   /* packets that answer no query, or one a second time */
	uint64_t refused;   /* ICMP: nobody listens on the port */
	uint64_t skipped;   /* were due when the engine had to wait, for the CPU or for answers */
	uint64_t own_drops; /* answers that the engine's sockets had no room for */
	uint64_t tcp_sent;  /* of `sent` */
	uint64_t tcp_again; /* asked again on another connection, as the server closed the first */
	uint64_t tcp_connects; /* connections made */
} engine_counts_t;

/* Makes an engine that begins to send when its loop runs. Returns ERR_OK, ERR_NOMEM or an errno value. */
err_t engine_new(struct ev_loop *loop, const engine_setup_t *setup, const engine_asker_t *asker,
		 engine_t **engine) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Sends no more queries. When nothing is on the way any more, ev_break is called on the loop. */
void engine_finish(engine_t *engine) ATTR_NONNULL_ALL;

/* What has been counted up to now; what was sent is answered, lost, or on the way. */
void engine_count(const engine_t *engine, engine_counts_t *counts) ATTR_NONNULL_ALL;

/* NULL is fine. */
void engine_free(engine_t *engine);

#endif
