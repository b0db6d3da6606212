/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Who has to leave when another connection comes: random operations against a naive model. */

#include "test.h"

#include "base/attributes.h"
#include "net/tcp_table.h"

#define CONNECTIONS 40

#define IP4_CLIENTS 5
#define IP6_CLIENTS 4
#define CLIENTS     (IP4_CLIENTS + IP6_CLIENTS)

/* A connection; the model looks through all of them. */
typedef struct connection {
	tcp_place_t place;
	bool is_in;
	unsigned client; /* its number */
	unsigned used;   /* when it was of use last */
} connection_t;

static connection_t connections[CONNECTIONS];
static unsigned clients[CLIENTS]; /* when something happened to them last */
static unsigned now;

/* An address of a client. */
static ip6_address_t random_address(unsigned client)
{
	if (client < IP4_CLIENTS)
		return ip6_from_ip4(0x7f000000 + client);
	return (ip6_address_t){ .high = 0x20010db800000000 + client, .low = random_below(3) };
}

/* The client's connection of use longest ago, and how many it has. */
static connection_t *find_oldest(unsigned client, size_t *count)
{
	connection_t *oldest = NULL;

	*count = 0;
	for (size_t i = 0; i < CONNECTIONS; i++) {
		connection_t *one = &connections[i];
		if (!one->is_in || one->client != client)
			continue;
		*count += 1;
		if (oldest == NULL || one->used < oldest->used)
			oldest = one;
	}
	return oldest;
}

/* The connection that has to leave, and how many there are. */
static connection_t *find_first_to_leave(size_t *count)
{
	connection_t *first = NULL;
	size_t most = 0;

	*count = 0;
	for (unsigned client = 0; client < CLIENTS; client++) {
		size_t has;
		connection_t *oldest = find_oldest(client, &has);

		*count += has;
		if (has > most ||
		    (has > 0 && has == most && clients[client] < clients[first->client])) {
			most = has;
			first = oldest;
		}
	}
	return first;
}

static void leave(tcp_table_t *table, connection_t *one)
{
	tcp_table_leave(table, &one->place);
	one->is_in = false;
	clients[one->client] = ++now;
}

static void come(tcp_table_t *table, connection_t *one, size_t most, size_t most_each)
{
	unsigned client = random_below(CLIENTS);
	ip6_address_t address = random_address(client);
	size_t count;
	size_t count_each;
	connection_t *first = find_first_to_leave(&count);
	connection_t *own = find_oldest(client, &count_each);
	connection_t *wanted = count_each >= most_each ? own : count >= most ? first : NULL;
	tcp_place_t *found = tcp_table_in_the_way(table, address);

	ck_assert_ptr_eq(found, wanted != NULL ? &wanted->place : NULL);
	if (wanted != NULL)
		leave(table, wanted);
	ck_assert_ptr_null(tcp_table_in_the_way(table, address));
	ck_assert_int_eq(tcp_table_enter(table, &one->place, address), ERR_OK);
	*one = (connection_t){ one->place, true, client, ++now };
	clients[client] = now;
}

static void touch(tcp_table_t *table, connection_t *one)
{
	tcp_table_touch(table, &one->place);
	one->used = ++now;
	clients[one->client] = now;
}

START_TEST(test_random)
{
	static const struct {
		size_t most;
		size_t most_each;
	} rows[] = { { 1, 1 }, { 5, 1 }, { 20, 3 }, { 10, 100 }, { 40, 7 } };

	random_start(1);
	for (size_t row = 0; row < COUNT_OF(rows); row++) {
		tcp_table_t *table = tcp_table_new(rows[row].most, rows[row].most_each);
		size_t count;

		memset(connections, 0, sizeof(connections));
		ck_assert_ptr_nonnull(table);
		for (unsigned round = 0; round < 20000; round++) {
			connection_t *one = &connections[random_below(CONNECTIONS)];

			if (!one->is_in)
				come(table, one, rows[row].most, rows[row].most_each);
			else if (random_below(10) == 0)
				leave(table, one);
			else
				touch(table, one);
			connection_t *first = find_first_to_leave(&count);
			ck_assert_ptr_eq(tcp_table_first_to_leave(table),
					 first != NULL ? &first->place : NULL);
			ck_assert_uint_eq(tcp_table_count(table), count);
			ck_assert_uint_le(count, rows[row].most);
		}
		for (size_t i = 0; i < CONNECTIONS; i++)
			if (connections[i].is_in)
				leave(table, &connections[i]);
		ck_assert_ptr_null(tcp_table_first_to_leave(table));
		tcp_table_free(table);
	}
}
END_TEST

/* Clients who come again and again, from many addresses, do not crowd out one that has a single
 * connection and is seldom heard of. */
START_TEST(test_few_are_safe)
{
	enum { CROWD = 30, EACH = 4, MOST = 50 };
	static tcp_place_t crowd[CROWD * EACH];
	tcp_table_t *table = tcp_table_new(MOST, EACH);
	tcp_place_t quiet;

	ck_assert_int_eq(tcp_table_enter(table, &quiet, ip6_from_ip4(0x0a000001)), ERR_OK);
	for (unsigned i = 0; i < 10 * COUNT_OF(crowd); i++) {
		tcp_place_t *place = &crowd[i % COUNT_OF(crowd)];
		ip6_address_t address = ip6_from_ip4(0x7f000000 + i % CROWD);
		tcp_place_t *in_the_way = tcp_table_in_the_way(table, address);

		ck_assert_ptr_ne(in_the_way, &quiet);
		if (in_the_way != NULL)
			tcp_table_leave(table, in_the_way);
		if (place->client == NULL)
			ck_assert_int_eq(tcp_table_enter(table, place, address), ERR_OK);
	}
	ck_assert_uint_eq(tcp_table_count(table), MOST);
	for (tcp_place_t *place; (place = tcp_table_first_to_leave(table)) != NULL;)
		tcp_table_leave(table, place);
	tcp_table_free(table);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_random, test_few_are_safe };

	return run_tests("tcp_table", tests, COUNT_OF(tests));
}
