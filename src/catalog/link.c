/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/link.h"

#include <string.h>
#include <time.h>

#include "base/cursor.h"
#include "catalog/answer.h"
#include "dns/name.h"

/* The query for type A of `name`, as it would come in a packet. */
static size_t write_query(const uint8_t *name, uint8_t packet[DNS_PLAIN_MAX])
{
	writer_t out = { .data = packet, .size = DNS_PLAIN_MAX };

	memset(packet, 0, DNS_HEADER_SIZE);
	put_u16(packet + 4, 1); /* QDCOUNT */
	out.position = DNS_HEADER_SIZE;
	writer_bytes(&out, name, dns_name_size(name));
	writer_u16(&out, DNS_TYPE_A);
	writer_u16(&out, DNS_CLASS_IN);
	return out.position;
}

typedef struct glue_finder {
	const generation_t *generation;
	answer_context_t *context;
} glue_finder_t;

/* Glue is what this server would answer if it was asked for the name server's address by somebody
 * whom no ACL restricts: it is made once for all clients. Nor does it matter that the zone it is in may
 * have expired: the name server's address has not. */
static size_t find_glue(void *finder_pointer, const uint8_t *name, zone_glue_t glue[ZONE_GLUE_MAX])
{
	const glue_finder_t *finder = finder_pointer;
	uint8_t query[DNS_PLAIN_MAX];
	uint8_t reply[ANSWER_UDP_MAX];
	size_t query_size = write_query(name, query);
	answer_packet_t packet = {
		.query = query,
		.query_size = query_size,
		.is_exempt = true,
		.reply = reply,
		.reply_room = sizeof(reply),
	};
	answer_time_t now = { .wall_s = time(NULL) };

	answer_batch(finder->context, finder->generation, &now, &packet, 1);
	if (packet.reply_size == 0)
		return 0;
	size_t count = get_u16(reply + 6); /* ANCOUNT; only A records can be there */
	if (count > ZONE_GLUE_MAX)
		count = ZONE_GLUE_MAX;
	const uint8_t *record = reply + query_size;
	for (size_t i = 0; i < count;
	     i++, record += 16) { /* pointer, type, class, TTL, 4, address */
		glue[i].ttl_s = get_u32(record + 6);
		memcpy(glue[i].address, record + 12, sizeof(glue[i].address));
	}
	return count;
}

err_t generation_link(generation_t *generation)
{
	answer_context_t *context = answer_context_new();
	glue_finder_t finder = { .generation = generation, .context = context };
	err_t err = context != NULL ? generation_index(generation) : ERR_NOMEM;

	for (size_t i = 0; i < generation->zone_count && err == ERR_OK; i++)
		if (generation->zones[i].is_loaded)
			err = zone_build_soa(&generation->zones[i]);
	/* NS last: an answer about glue must not find half of them. */
	for (size_t i = 0; i < generation->zone_count && err == ERR_OK; i++)
		if (generation->zones[i].is_loaded)
			err = zone_build_ns(&generation->zones[i], find_glue, &finder);
	answer_context_free(context);
	return err;
}
