/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Which query a packet answers. */

#include <stdlib.h>

#include "test.h"
#include "spray/spray_flights.h"

static spray_flights_t flights;

START_TEST(test_each_once)
{
	uint32_t place;
	uint32_t found;
	uint16_t id;

	spray_flights_init(&flights, 7);
	place = spray_flights_depart(&flights, 3, 10, 20, &id);
	ck_assert_uint_eq(id, spray_flights_id(&flights, place));
	/* Another socket, another ID. */
	ck_assert_int_eq(spray_flights_find(&flights, id, 4, &found), SPRAY_FLIGHT_NONE);
	for (unsigned bit = 0; bit < 16; bit++)
		ck_assert_int_eq(
			spray_flights_find(&flights, (uint16_t)(id ^ 1u << bit), 3, &found),
			SPRAY_FLIGHT_NONE);
	ck_assert_int_eq(spray_flights_find(&flights, id, 3, &found), SPRAY_FLIGHT_WAITING);
	ck_assert_uint_eq(found, place);
	ck_assert_uint_eq(flights.places[found].due_ns, 10);
	spray_flights_land(&flights, place, SPRAY_FLIGHT_ANSWERED);
	ck_assert_int_eq(spray_flights_find(&flights, id, 3, &found), SPRAY_FLIGHT_ANSWERED);
	ck_assert_uint_eq(flights.waiting, 0);
	ck_assert(!spray_flights_expire(&flights, UINT64_MAX, &place));
}
END_TEST

START_TEST(test_lost_in_order)
{
	uint32_t places[100];
	uint32_t place;
	uint16_t id;

	spray_flights_init(&flights, 60000);
	for (unsigned i = 0; i < COUNT_OF(places); i++)
		places[i] = spray_flights_depart(&flights, i, 0, 1000 + i, &id);
	ck_assert_uint_eq(spray_flights_oldest_ns(&flights), 1000);
	for (unsigned i = 0; i < COUNT_OF(places); i += 2)
		spray_flights_land(&flights, places[i], SPRAY_FLIGHT_ANSWERED);
	ck_assert_uint_eq(spray_flights_oldest_ns(&flights), 1001);
	ck_assert(!spray_flights_expire(&flights, 1001, &place));
	for (unsigned i = 1; i < 50; i += 2) {
		ck_assert(spray_flights_expire(&flights, 1050, &place));
		ck_assert_uint_eq(place, places[i]);
	}
	ck_assert(!spray_flights_expire(&flights, 1050, &place));
	ck_assert_uint_eq(flights.waiting, 25);
	ck_assert_int_eq(
		spray_flights_find(&flights, spray_flights_id(&flights, places[1]), 1, &place),
		SPRAY_FLIGHT_LOST);
}
END_TEST

/* Proves that IDs that a server could take one for another are not on the way together. */
START_TEST(test_neighbours_are_far)
{
	static bool is_waiting[SPRAY_FLIGHTS_PLACES];
	uint16_t id;

	spray_flights_init(&flights, 0);
	for (unsigned i = 0; i < 10000; i++) {
		(void)spray_flights_depart(&flights, 0, 0, i, &id);
		is_waiting[id] = true;
	}
	for (unsigned i = 0; i < SPRAY_FLIGHTS_PLACES; i++)
		MUST(!(is_waiting[i] && is_waiting[(uint16_t)(i + 1)]), "ID %u and the next one",
		     i);
}
END_TEST

/* Against a model: any number of queries, answered, lost and forgotten in any order; an ID is never two
 * queries', and comes back late. */
START_TEST(test_random)
{
	static struct {
		bool is_waiting;
		uint32_t socket;
		uint64_t sent_ns;
	} model[SPRAY_FLIGHTS_PLACES];
	static uint16_t ids[SPRAY_FLIGHTS_MAX];
	unsigned count = 0;
	uint64_t now_ns = 0;

	random_start(0);
	spray_flights_init(&flights, (uint16_t)random_64());
	for (unsigned step = 0; step < 600000; step++) {
		unsigned limit = step < 400000 ? 500 : SPRAY_FLIGHTS_MAX;
		uint32_t place;
		uint16_t id;
		now_ns += random_below(3);
		if (count < limit && random_below(3) != 0) {
			uint32_t socket = random_below(10);
			place = spray_flights_depart(&flights, socket, now_ns, now_ns, &id);
			MUST(!model[id].is_waiting, "an ID twice");
			model[id].is_waiting = true;
			model[id].socket = socket;
			model[id].sent_ns = now_ns;
			ids[count++] = id;
			MUST(flights.waiting == count, "%u", flights.waiting);
		} else if (count > 0) {
			/* Mostly one of the latest, so that the oldest become very old. */
			unsigned at = random_below(2) != 0 && count > 20
					      ? count - 1 - random_below(20)
					      : random_below(count);
			id = ids[at];
			ids[at] = ids[--count];
			MUST(spray_flights_find(&flights, id, model[id].socket, &place) ==
				     SPRAY_FLIGHT_WAITING,
			     "not found");
			MUST(flights.places[place].sent_ns == model[id].sent_ns, "another query");
			spray_flights_land(&flights, place, SPRAY_FLIGHT_ANSWERED);
			model[id].is_waiting = false;
		}
	}
	/* All that is left is lost, in the order in which it was sent. */
	uint64_t before_ns = 0;
	uint32_t place;
	for (unsigned lost = 0; spray_flights_expire(&flights, UINT64_MAX, &place); lost++) {
		MUST(flights.places[place].sent_ns >= before_ns && lost < count, "%u", lost);
		before_ns = flights.places[place].sent_ns;
	}
	ck_assert_uint_eq(flights.waiting, 0);
	ck_assert_uint_eq(spray_flights_oldest_ns(&flights), UINT64_MAX);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_each_once,
		test_lost_in_order,
		test_neighbours_are_far,
		test_random,
	};

	return run_tests("spray_flights", tests, COUNT_OF(tests));
}
