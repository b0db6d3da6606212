/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/tcp_table.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct tcp_client {
	struct cds_list_head in_bucket;
	struct cds_list_head in_rank;
	struct cds_list_head connections; /* the one of use longest ago first */
	size_t count;
	ip6_address_t key;
};

struct tcp_table {
	size_t count;
	size_t most;
	size_t most_each;
	/* The clients with so many connections, ranks[1..rank_count), the one that something happened
	 * to longest ago first. */
	struct cds_list_head *ranks;
	size_t top_rank; /* the highest one with a client in it; 0: none */
	/* Where clients are found is nothing that a client can choose. */
	uint8_t secret[crypto_shorthash_KEYBYTES];
	size_t bucket_mask;
	struct cds_list_head buckets[]; /* and the ranks */
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
	table = malloc(sizeof(*table) + (buckets + ranks) * sizeof(table->buckets[0]));
	if (table == NULL)
		return NULL;
	table->count = 0;
	table->most = most;
	table->most_each = most_each;
	table->ranks = table->buckets + buckets;
	table->top_rank = 0;
	/* May be called again and again; if it fails, keys are random nevertheless. */
	(void)!sodium_init();
	crypto_shorthash_keygen(table->secret);
	table->bucket_mask = buckets - 1;
	for (size_t i = 0; i < buckets + ranks; i++)
		CDS_INIT_LIST_HEAD(&table->buckets[i]);
	return table;
}

void tcp_table_free(tcp_table_t *table)
{
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

static size_t bucket_of(const tcp_table_t *table, ip6_address_t key)
{
	uint8_t hash[crypto_shorthash_BYTES];
	size_t number;

	crypto_shorthash(hash, (const uint8_t *)&key, sizeof(key), table->secret);
	memcpy(&number, hash, sizeof(number));
	return number & table->bucket_mask;
}

static tcp_client_t *find_client(const tcp_table_t *table, ip6_address_t key)
{
	tcp_client_t *client;

	cds_list_for_each_entry(client, &table->buckets[bucket_of(table, key)], in_bucket)
	{
		if (ip6_is_equal(client->key, key))
			return client;
	}
	return NULL;
}

static tcp_place_t *oldest_of(const tcp_client_t *client)
{
	return cds_list_first_entry(&client->connections, tcp_place_t, in_client);
}

tcp_place_t *tcp_table_first_to_leave(const tcp_table_t *table)
{
	if (table->top_rank == 0)
		return NULL;
	return oldest_of(
		cds_list_first_entry(&table->ranks[table->top_rank], tcp_client_t, in_rank));
}

tcp_place_t *tcp_table_in_the_way(const tcp_table_t *table, ip6_address_t address)
{
	const tcp_client_t *client = find_client(table, key_of(address));

	if (client != NULL && client->count >= table->most_each)
		return oldest_of(client);
	return table->count >= table->most ? tcp_table_first_to_leave(table) : NULL;
}

/* Something has happened to a client, which is in no rank: it becomes the last one of its rank. */
static void enter_rank(tcp_table_t *table, tcp_client_t *client)
{
	cds_list_add_tail(&client->in_rank, &table->ranks[client->count]);
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
		CDS_INIT_LIST_HEAD(&client->connections);
		cds_list_add(&client->in_bucket, &table->buckets[bucket_of(table, key)]);
	} else {
		cds_list_del(&client->in_rank);
	}
	place->client = client;
	cds_list_add_tail(&place->in_client, &client->connections);
	client->count++;
	table->count++;
	enter_rank(table, client);
	return ERR_OK;
}

void tcp_table_touch(tcp_table_t *table, tcp_place_t *place)
{
	tcp_client_t *client = place->client;

	cds_list_del(&place->in_client);
	cds_list_add_tail(&place->in_client, &client->connections);
	cds_list_del(&client->in_rank);
	enter_rank(table, client);
}

void tcp_table_leave(tcp_table_t *table, tcp_place_t *place)
{
	tcp_client_t *client = place->client;

	cds_list_del(&place->in_client);
	cds_list_del(&client->in_rank);
	place->client = NULL;
	table->count--;
	client->count--;
	if (client->count > 0) {
		enter_rank(table, client);
	} else {
		cds_list_del(&client->in_bucket);
		free(client);
	}
	/* At most one step: this client was in the rank above the one where it is now. */
	while (table->top_rank > 0 && cds_list_empty(&table->ranks[table->top_rank]))
		table->top_rank--;
}
