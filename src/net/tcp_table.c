/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/tcp_table.h"

#include <stdlib.h>

#include "base/secret_hash.h"

TAILQ_HEAD(places, tcp_place);
TAILQ_HEAD(rank, tcp_client);
LIST_HEAD(bucket, tcp_client);

struct tcp_client {
	LIST_ENTRY(tcp_client) in_bucket;
	TAILQ_ENTRY(tcp_client) in_rank;
	struct places connections; /* the one of use longest ago first */
	size_t count;
	ip6_address_t key;
};

struct tcp_table {
	size_t count;
	size_t most;
	size_t most_each;
	/* The clients with so many connections, ranks[1..rank_count), the one that something happened
	 * to longest ago first. */
	struct rank *ranks;
	size_t top_rank; /* the highest one with a client in it; 0: none */
	size_t bucket_mask;
	struct bucket buckets[];
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

tcp_table_t *tcp_table_new(size_t most, size_t most_each)
{
	size_t ranks = smaller(most, most_each) + 1;
	tcp_table_t *table;
	size_t buckets = 1;

	while (buckets < most)
		buckets *= 2;
	table = malloc(sizeof(*table) + buckets * sizeof(table->buckets[0]));
	if (table == NULL)
		return NULL;
	table->ranks = malloc(ranks * sizeof(table->ranks[0]));
	if (table->ranks == NULL) {
		free(table);
		return NULL;
	}
	table->count = 0;
	table->most = most;
	table->most_each = most_each;
	table->top_rank = 0;
	table->bucket_mask = buckets - 1;
	for (size_t i = 0; i < buckets; i++)
		LIST_INIT(&table->buckets[i]);
	for (size_t i = 0; i < ranks; i++)
		TAILQ_INIT(&table->ranks[i]);
	return table;
}

void tcp_table_free(tcp_table_t *table)
{
	if (table == NULL)
		return;
	free(table->ranks);
	free(table);
}

size_t tcp_table_count(const tcp_table_t *table)
{
	return table->count;
}

/* What counts as one client. */
static ip6_address_t key_of(ip6_address_t address)
{
	return ip6_is_mapped(address) ? address : ip6_first(address, 64);
}

/* Nothing that a client can choose. */
static size_t bucket_of(const tcp_table_t *table, ip6_address_t key)
{
	return (size_t)secret_hash(&key, sizeof(key)) & table->bucket_mask;
}

static tcp_client_t *find_client(const tcp_table_t *table, ip6_address_t key)
{
	tcp_client_t *client;

	LIST_FOREACH(client, &table->buckets[bucket_of(table, key)], in_bucket)
	{
		if (ip6_is_equal(client->key, key))
			break;
	}
	return client;
}

static tcp_place_t *oldest_of(const tcp_client_t *client)
{
	return TAILQ_FIRST(&client->connections);
}

tcp_place_t *tcp_table_first_to_leave(const tcp_table_t *table)
{
	if (table->top_rank == 0)
		return NULL;
	return oldest_of(TAILQ_FIRST(&table->ranks[table->top_rank]));
}

tcp_place_t *tcp_table_in_the_way(const tcp_table_t *table, ip6_address_t address)
{
	const tcp_client_t *client = find_client(table, key_of(address));

	if (client != NULL && client->count >= table->most_each)
		return oldest_of(client);
	return table->count >= table->most ? tcp_table_first_to_leave(table) : NULL;
}

/* Takes a client out of its rank. */
static void leave_rank(tcp_table_t *table, tcp_client_t *client)
{
	TAILQ_REMOVE(&table->ranks[client->count], client, in_rank);
}

/* Something has happened to a client, which is in no rank: it becomes the last one of its rank. */
static void enter_rank(tcp_table_t *table, tcp_client_t *client)
{
	TAILQ_INSERT_TAIL(&table->ranks[client->count], client, in_rank);
	if (client->count > table->top_rank)
		table->top_rank = client->count;
}

err_t tcp_table_enter(tcp_table_t *table, tcp_place_t *place, ip6_address_t address)
{
	ip6_address_t key = key_of(address);
	tcp_client_t *client = find_client(table, key);

	if (client == NULL) {
		client = malloc(sizeof(*client));
		if (client == NULL)
			return ERR_NOMEM;
		client->key = key;
		client->count = 0;
		TAILQ_INIT(&client->connections);
		LIST_INSERT_HEAD(&table->buckets[bucket_of(table, key)], client, in_bucket);
	} else {
		leave_rank(table, client);
	}
	place->client = client;
	TAILQ_INSERT_TAIL(&client->connections, place, in_client);
	client->count++;
	table->count++;
	enter_rank(table, client);
	return ERR_OK;
}

void tcp_table_touch(tcp_table_t *table, tcp_place_t *place)
{
	tcp_client_t *client = place->client;

	TAILQ_REMOVE(&client->connections, place, in_client);
	TAILQ_INSERT_TAIL(&client->connections, place, in_client);
	leave_rank(table, client);
	enter_rank(table, client);
}

void tcp_table_leave(tcp_table_t *table, tcp_place_t *place)
{
	tcp_client_t *client = place->client;

	leave_rank(table, client);
	TAILQ_REMOVE(&client->connections, place, in_client);
	place->client = NULL;
	table->count--;
	client->count--;
	if (client->count > 0) {
		enter_rank(table, client);
	} else {
		LIST_REMOVE(client, in_bucket);
		free(client);
	}
	/* At most one step: this client was in the rank above the one where it is now. */
	while (table->top_rank > 0 && TAILQ_EMPTY(&table->ranks[table->top_rank]))
		table->top_rank--;
}
