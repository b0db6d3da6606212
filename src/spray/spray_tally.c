/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "spray/spray_tally.h"

#include <stdlib.h>
#include <string.h>

#include "dns/client.h"

spray_tally_t *spray_tally_new(void)
{
	spray_tally_t *tally = calloc(1, sizeof(*tally));

	if (tally == NULL)
		return NULL;
	tally->servers = calloc(SPRAY_SERVERS_MAX, sizeof(*tally->servers));
	if (tally->servers == NULL) {
		free(tally);
		return NULL;
	}
	return tally;
}

void spray_tally_free(spray_tally_t *tally)
{
	if (tally == NULL)
		return;
	free(tally->servers);
	free(tally);
}

static bool is_same(const spray_server_t *server, bool has_nsid, const uint8_t *nsid, size_t size)
{
	return server->has_nsid == has_nsid && server->nsid_size == size &&
	       memcmp(server->nsid, nsid, size) == 0;
}

/* The place of a server among servers[0..count); count if it is not there. */
static size_t find(const spray_server_t *servers, size_t count, bool has_nsid, const uint8_t *nsid,
		   size_t size)
{
	size_t at = 0;

	while (at < count && !is_same(&servers[at], has_nsid, nsid, size))
		at++;
	return at;
}

static void count_server(spray_tally_t *tally, const uint8_t *packet, size_t packet_size)
{
	const uint8_t *nsid = packet;
	size_t size = 0;
	bool has_nsid = dns_client_nsid(packet, packet_size, &nsid, &size);

	if (size > SPRAY_NSID_MAX)
		size = SPRAY_NSID_MAX;
	/* Mostly the one that answered the query before. */
	if (tally->last < tally->server_count &&
	    is_same(&tally->servers[tally->last], has_nsid, nsid, size)) {
		tally->servers[tally->last].answered++;
		return;
	}
	size_t at = find(tally->servers, tally->server_count, has_nsid, nsid, size);
	if (at == tally->server_count && at >= SPRAY_SERVERS_MAX - 1) {
		has_nsid = false;
		size = 0;
		at = find(tally->servers, tally->server_count, has_nsid, nsid, size);
	}
	if (at == tally->server_count) {
		spray_server_t *server = &tally->servers[tally->server_count++];
		server->has_nsid = has_nsid;
		server->nsid_size = size;
		memcpy(server->nsid, nsid, size);
	}
	tally->servers[at].answered++;
	tally->last = at;
}

void spray_tally_add(spray_tally_t *tally, spray_verdict_t verdict, const uint8_t *packet,
		     size_t size, uint64_t took_us)
{
	tally->wrong_rcode += verdict == SPRAY_WRONG_RCODE;
	tally->wrong_answer += verdict == SPRAY_WRONG_RECORDS;
	tally->truncated += dns_client_is_truncated(packet);
	tally->rcodes[dns_client_rcode(packet)]++;
	histogram_add(&tally->latency, took_us);
	count_server(tally, packet, size);
}

static err_t merge_server(const spray_server_t *server, spray_result_t *result)
{
	size_t at = find(result->servers, result->server_count, server->has_nsid, server->nsid,
			 server->nsid_size);

	if (at == result->server_count) {
		spray_server_t *more =
			realloc(result->servers, (at + 1) * sizeof(result->servers[0]));
		if (more == NULL)
			return ERR_NOMEM;
		result->servers = more;
		result->server_count++;
		more[at] = *server;
		spray_nsid_text(server->nsid, server->nsid_size, more[at].text);
		return ERR_OK;
	}
	result->servers[at].answered += server->answered;
	return ERR_OK;
}

err_t spray_tally_merge(const spray_tally_t *tally, spray_result_t *result)
{
	err_t err = ERR_OK;

	result->wrong_rcode += tally->wrong_rcode;
	result->wrong_answer += tally->wrong_answer;
	result->truncated += tally->truncated;
	for (unsigned i = 0; i < SPRAY_RCODES; i++)
		result->rcodes[i] += tally->rcodes[i];
	histogram_merge(&result->latency, &tally->latency);
	for (size_t i = 0; i < tally->server_count && err == ERR_OK; i++)
		err = merge_server(&tally->servers[i], result);
	return err;
}

static int compare(const void *left, const void *right)
{
	const spray_server_t *a = left;
	const spray_server_t *b = right;

	if (a->has_nsid != b->has_nsid)
		return a->has_nsid ? -1 : 1;
	return strcmp(a->text, b->text);
}

void spray_tally_sort(spray_result_t *result)
{
	if (result->server_count > 0)
		qsort(result->servers, result->server_count, sizeof(result->servers[0]), compare);
}
