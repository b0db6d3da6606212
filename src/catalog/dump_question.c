/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/dump_question.h"

#include <string.h>

#include "dataset/ask.h"
#include "dns/name.h"

/* Decodes query->qname. */
static void decode(dump_question_t *question, const zone_t *zone, time_t now)
{
	dns_query_t *query = &question->query;

	query->qtype = DNS_TYPE_ANY;
	query->qclass = DNS_CLASS_IN;
	query->label_count = (uint8_t)dns_name_labels(query->qname, query->labels);
	query->labels[query->label_count] = (uint8_t)(query->qname_size - 1);
	question->asker = (dataset_asker_t){ .now = now };
	dataset_question_init(&question->decoded, query, &question->asker,
			      query->label_count - (unsigned)zone->label_count, zone->has_ip4_data);
}

void dump_question_key(dump_question_t *question, const zone_t *zone, time_t now,
		       const uint8_t *key, size_t key_size)
{
	dns_query_t *query = &question->query;
	size_t end = key_size;

	memset(query, 0, sizeof(*query));
	for (size_t at = 0; at < key_size; at += key[at] + 1u) {
		end -= key[at] + 1u;
		memcpy(query->qname + end, key + at, key[at] + 1u);
	}
	memcpy(query->qname + key_size, zone->apex, zone->apex_size);
	query->qname_size = (uint8_t)(key_size + zone->apex_size);
	decode(question, zone, now);
}

void dump_question_name(dump_question_t *question, const zone_t *zone, time_t now,
			const uint8_t *name)
{
	dns_query_t *query = &question->query;

	memset(query, 0, sizeof(*query));
	query->qname_size = (uint8_t)dns_name_size(name);
	memcpy(query->qname, name, query->qname_size);
	dns_name_lower(query->qname, query->qname_size);
	decode(question, zone, now);
}

void dump_question_descend(dump_question_t *question, unsigned subzone_labels, bool has_ip4_data)
{
	dataset_question_init(&question->decoded, &question->query, &question->asker,
			      question->decoded.depth - subzone_labels, has_ip4_data);
}

dataset_match_t dump_question_find(const dump_question_t *question, const dataset_t *dataset)
{
	const dataset_question_t *questions[] = { &question->decoded };
	dataset_match_t match;

	dataset_find(dataset, questions, 1, &match);
	return match;
}

bool dump_question_has_a(const dump_question_t *question, const generation_t *generation,
			 const zone_t *zone)
{
	uint8_t data[DNS_PLAIN_MAX];
	dns_reply_t reply;

	dns_reply_begin_bare(&reply, data, sizeof(data));
	if (generation_find_zone(generation, &question->query) != zone)
		return false;
	for (size_t i = 0; i < zone->dataset_count; i++) {
		const dataset_t *dataset = zone->datasets[i];
		dataset_match_t match = dump_question_find(question, dataset);
		if (match.found == DATASET_ENTRY)
			dataset_write(dataset, match.entry, &question->decoded, DNS_TYPE_A, 0,
				      &reply);
	}
	return reply.out.position > 0;
}
