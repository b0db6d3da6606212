/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_SPRAY_SPRAY_FLIGHTS_H
#define SPURN_SPRAY_SPRAY_FLIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

/* Queries on the way, and which of them a packet may answer: that of its socket and its ID. Pure; one
 * thread. That the question is the same as well is the caller's to see.
 *
 * Queries are numbered as they depart. A number's lower 16 bits are its place in a ring, and, multiplied
 * by an odd constant, its ID; so an ID is found without a search, no two queries on the way have the
 * same, whatever their sockets, and it comes back as late as can be: when all others have been used.
 * What is known of a query stays in its place until then, so that a second answer, or one that comes too
 * late, is told from one to nothing. A place whose query is still on the way when its turn comes again is
 * passed over. */

/* Places, and IDs. */
#define SPRAY_FLIGHTS_PLACES 65536u
/* Queries that may be on the way at once, so that there is always a place not far away. */
#define SPRAY_FLIGHTS_MAX 60000u

typedef enum spray_flight_state {
	SPRAY_FLIGHT_NONE,
	SPRAY_FLIGHT_WAITING,
	SPRAY_FLIGHT_ANSWERED,
	SPRAY_FLIGHT_LOST,
} spray_flight_state_t;

typedef struct spray_flight {
	uint64_t due_ns;  /* when it was to be sent */
	uint64_t sent_ns; /* when it was; both of the same clock */
	uint32_t number;
	uint32_t socket; /* the caller's number of it */
	spray_flight_state_t state;
} spray_flight_t;

/* All zero has no queries. */
typedef struct spray_flights {
	uint32_t next;    /* number of the next query */
	uint32_t oldest;  /* none before this one is on the way */
	uint32_t waiting; /* on the way now */
	uint16_t first_id;
	spray_flight_t places[SPRAY_FLIGHTS_PLACES];
} spray_flights_t;

/* No queries. `first_id` is the ID of the first one. */
void spray_flights_init(spray_flights_t *flights, uint16_t first_id) ATTR_NONNULL_ALL;

/* A query departs; there must be fewer than SPRAY_FLIGHTS_MAX on the way. Departures are in the order
 * of `sent_ns`. Returns its place, 0..SPRAY_FLIGHTS_PLACES - 1, which is the query's until the caller
 * gets it again from here; `*id` is what the query has to have. */
uint32_t spray_flights_depart(spray_flights_t *flights, uint32_t socket, uint64_t due_ns,
			      uint64_t sent_ns, uint16_t *id) ATTR_NONNULL_ALL;

/* The ID of the query in `place`. */
uint16_t spray_flights_id(const spray_flights_t *flights, uint32_t place) ATTR_NONNULL_ALL;

/* The place of the query that a packet with this ID, received at this socket, may answer; the state that
 * is there tells what it would be: SPRAY_FLIGHT_NONE an answer to nothing. */
spray_flight_state_t spray_flights_find(const spray_flights_t *flights, uint16_t id,
					uint32_t socket, uint32_t *place) ATTR_NONNULL_ALL;

/* The query in `place`, which is on the way, has been answered, or will not be. */
void spray_flights_land(spray_flights_t *flights, uint32_t place,
			spray_flight_state_t state) ATTR_NONNULL_ALL;

/* Finds a query that departed before `limit_ns` and is still on the way: it lands as SPRAY_FLIGHT_LOST.
 * Returns whether there is one; to be called until there is not. */
bool spray_flights_expire(spray_flights_t *flights, uint64_t limit_ns,
			  uint32_t *place) ATTR_NONNULL_ALL;

/* When the oldest query on the way departed; UINT64_MAX if there is none. */
uint64_t spray_flights_oldest_ns(spray_flights_t *flights) ATTR_NONNULL_ALL;

#endif
