/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "spray/spray_flights.h"

#include <string.h>

/* Queries that follow each other have IDs so far apart that one which a server has changed a little (the
 * next number, another bit) does not hit a query that is on the way: near 65,536 divided by the golden
 * ratio. Its inverse takes an ID back to the number. */
#define ID_STEP    40503u
#define ID_INVERSE 30599u

_Static_assert((uint16_t)(ID_STEP *ID_INVERSE) == 1, "the one undoes the other");

#define PLACE_MASK (SPRAY_FLIGHTS_PLACES - 1)

void spray_flights_init(spray_flights_t *flights, uint16_t first_id)
{
	memset(flights, 0, sizeof(*flights));
	flights->first_id = first_id;
}

uint32_t spray_flights_depart(spray_flights_t *flights, uint32_t socket, uint64_t due_ns,
			      uint64_t sent_ns, uint16_t *id)
{
	spray_flight_t *flight = &flights->places[flights->next & PLACE_MASK];

	while (flight->state == SPRAY_FLIGHT_WAITING)
		flight = &flights->places[++flights->next & PLACE_MASK];
	*flight = (spray_flight_t){
		.due_ns = due_ns,
		.sent_ns = sent_ns,
		.number = flights->next,
		.socket = socket,
		.state = SPRAY_FLIGHT_WAITING,
	};
	*id = spray_flights_id(flights, flights->next);
	flights->waiting++;
	return flights->next++ & PLACE_MASK;
}

uint16_t spray_flights_id(const spray_flights_t *flights, uint32_t place)
{
	return (uint16_t)(place * ID_STEP + flights->first_id);
}

spray_flight_state_t spray_flights_find(const spray_flights_t *flights, uint16_t id,
					uint32_t socket, uint32_t *place)
{
	*place = ((uint32_t)(uint16_t)(id - flights->first_id) * ID_INVERSE) & PLACE_MASK;
	const spray_flight_t *flight = &flights->places[*place];
	return flight->socket == socket ? flight->state : SPRAY_FLIGHT_NONE;
}

void spray_flights_land(spray_flights_t *flights, uint32_t place, spray_flight_state_t state)
{
	flights->places[place].state = state;
	flights->waiting--;
}

/* The oldest query on the way; NULL if there is none. What has landed is passed over for good: over time
 * that is one step for each query. */
static const spray_flight_t *oldest(spray_flights_t *flights)
{
	while (flights->oldest != flights->next) {
		const spray_flight_t *flight = &flights->places[flights->oldest & PLACE_MASK];
		if (flight->number == flights->oldest && flight->state == SPRAY_FLIGHT_WAITING)
			return flight;
		flights->oldest++;
	}
	return NULL;
}

bool spray_flights_expire(spray_flights_t *flights, uint64_t limit_ns, uint32_t *place)
{
	const spray_flight_t *flight = oldest(flights);

	if (flight == NULL || flight->sent_ns >= limit_ns)
		return false;
	*place = flight->number & PLACE_MASK;
	spray_flights_land(flights, *place, SPRAY_FLIGHT_LOST);
	return true;
}

uint64_t spray_flights_oldest_ns(spray_flights_t *flights)
{
	const spray_flight_t *flight = oldest(flights);

	return flight != NULL ? flight->sent_ns : UINT64_MAX;
}
