/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_SPRAY_SPRAY_UDP_H
#define SPURN_SPRAY_SPRAY_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dns/client.h"
#include "net/address.h"
#include "spray/spray_pace.h"
#include "spray/spray_sockets.h"

/* Sends queries over UDP at its pace, whether or not they are answered, and knows of each one what became
 * of it: none is sent again, or not counted. What is asked, and what is an answer, is the asker's
 * business. One thread; after spray_udp_new nothing is allocated. */
typedef struct spray_udp spray_udp_t;

/* Queries that are sent, or answers that are received, in one call. */
#define SPRAY_BATCH 64u

/* Who asks; copied. Queries are known by their place, below SPRAY_FLIGHTS_PLACES (spray_flights.h). */
typedef struct spray_asker {
	void *context;
	/* Writes a new query and returns its size. Its first two bytes, the ID, need not be written. */
	size_t (*write)(void *context, uint32_t place, uint8_t packet[DNS_CLIENT_QUERY_MAX]);
	/* Does a packet with the right ID, from where the query went, answer the query? To be asked
	 * again for second answers, and late ones. */
	bool (*is_answer)(void *context, uint32_t place, const uint8_t *packet, size_t size);
	/* It did, `took_us` after the query was due; without a rate, after it was sent. */
	void (*answered)(void *context, uint32_t place, const uint8_t *packet, size_t size,
			 uint64_t took_us);
	/* Nothing came in time, or the query could not be sent. */
	void (*lost)(void *context, uint32_t place);
} spray_asker_t;

/* Plain data. */
typedef struct spray_udp_setup {
	net_address_t server;
	spray_policy_t policy;
	uint32_t sockets;     /* as in spray_sockets_new */
	unsigned in_flight;   /* queries on the way at most, up to SPRAY_FLIGHTS_MAX */
	uint64_t patience_ns; /* then a query is lost */
	/* An answer's time is that since its query was sent, also where there is a rate, and not since it was due. */
	bool is_since_sent;
	spray_ports_t *ports;  /* outlives this */
	uint64_t *port_counts; /* queries from each of PORT_COUNT ports are counted here */
} spray_udp_setup_t;

/* As in spray_result_t. */
typedef struct spray_udp_counts {
	uint64_t sent;
	uint64_t answered;
	uint64_t lost;
	uint64_t late;
	uint64_t duplicates;
	uint64_t strange;
	uint64_t refused;
	uint64_t unsendable;
	uint64_t held;
} spray_udp_counts_t;

/* Opens what sockets are open from the start. Returns ERR_OK; ERR_RANGE if there are not as many ports;
 * ERR_NOMEM; or an errno value. */
err_t spray_udp_new(const spray_udp_setup_t *setup, const spray_asker_t *asker,
		    spray_udp_t **udp) ATTR_NONNULL_ALL ATTR_NODISCARD;
/* NULL is fine. */
void spray_udp_free(spray_udp_t *udp);

/* Sends what is due by `pace` (one batch of it), and receives what is there; NULL sends nothing. `*work` tells
 * how many packets that were. Returns ERR_OK, or what keeps queries from being sent for ever. */
err_t spray_udp_step(spray_udp_t *udp, spray_pace_t *pace, unsigned *work)
	ATTR_NONNULL(1, 3) ATTR_NODISCARD;

/* When there is something to be done though nothing comes in: a query is due, or lost; UINT64_MAX: never.
 * Of spray_udp_now_ns. */
uint64_t spray_udp_wake_ns(spray_udp_t *udp, const spray_pace_t *pace) ATTR_NONNULL(1);

/* A descriptor that poll finds readable when something has come in; for somebody else's loop. */
int spray_udp_fd(const spray_udp_t *udp) ATTR_NONNULL_ALL;

/* Waits until something comes in, or until `until_ns`. */
void spray_udp_wait(spray_udp_t *udp, uint64_t until_ns) ATTR_NONNULL_ALL;

/* Gives up what is still on the way: it is lost. */
void spray_udp_give_up(spray_udp_t *udp) ATTR_NONNULL_ALL;

/* Queries on the way. */
unsigned spray_udp_waiting(const spray_udp_t *udp) ATTR_NONNULL_ALL;

/* What has been counted so far; sent = answered + lost + waiting. */
const spray_udp_counts_t *spray_udp_counts(const spray_udp_t *udp) ATTR_NONNULL_ALL;

/* Packets that the sockets had no room for; of sockets that are kept. Asks the kernel about each. */
uint64_t spray_udp_drops(const spray_udp_t *udp) ATTR_NONNULL_ALL;

/* Nanoseconds of the clock that all times here are of. Any thread. */
uint64_t spray_udp_now_ns(void);

#endif
