/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/zone.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "dns/name.h"

/* The serial of a zone whose SOA has none: when the newest of its files was modified, in seconds
 * since 1970, which grows with every change. */
static uint32_t newest_file(const zone_t *zone)
{
	time_t newest = 0;

	for (size_t i = 0; i < zone->dataset_count; i++)
		if (zone->datasets[i]->newest > newest)
			newest = zone->datasets[i]->newest;
	return (uint32_t)newest;
}

const zone_soa_t *zone_soa(const zone_t *zone)
{
	for (size_t i = 0; i < zone->dataset_count; i++)
		if (zone->datasets[i]->specials.soa != NULL)
			return zone->datasets[i]->specials.soa;
	return NULL;
}

const zone_ns_t *zone_ns(const zone_t *zone)
{
	for (size_t i = 0; i < zone->dataset_count; i++)
		if (zone->datasets[i]->specials.ns != NULL)
			return zone->datasets[i]->specials.ns;
	return NULL;
}

uint32_t zone_serial(const zone_t *zone)
{
	const zone_soa_t *soa = zone_soa(zone);

	return soa != NULL && soa->serial != 0 ? soa->serial : newest_file(zone);
}

static err_t encode_soa(dns_fragment_builder_t *builder, const zone_t *zone, const zone_soa_t *soa,
			uint32_t ttl_s, dns_fragment_t **fragment)
{
	dns_fragment_begin(builder, zone->apex);
	dns_fragment_record(builder, zone->apex, DNS_TYPE_SOA, ttl_s);
	dns_fragment_name(builder, soa->mname);
	dns_fragment_name(builder, soa->rname);
	writer_u32(&builder->out, zone_serial(zone));
	writer_u32(&builder->out, soa->refresh_s);
	writer_u32(&builder->out, soa->retry_s);
	writer_u32(&builder->out, soa->expire_s);
	writer_u32(&builder->out, soa->minimum_s);
	dns_fragment_record_end(builder);
	return dns_fragment_cut(builder, fragment);
}

err_t zone_build_soa(zone_t *zone)
{
	const zone_soa_t *soa = zone_soa(zone);

	if (soa == NULL)
		return ERR_OK;

	dns_fragment_builder_t *builder = malloc(sizeof(*builder));
	if (builder == NULL)
		return ERR_NOMEM;
	err_t err = encode_soa(builder, zone, soa, soa->ttl_s, &zone->soa_in_answer);
	/* How long "not listed" may be kept is the SOA's MINIMUM (RFC 2308 section 5). rbldnsd
	 * sends it as it is, not the smaller one of it and the SOA's TTL; lists rely on that. */
	if (err == ERR_OK)
		err = encode_soa(builder, zone, soa, soa->minimum_s, &zone->soa_in_authority);
	free(builder);
	return err;
}

/* Glue of every name server of a zone, by server. */
typedef struct glue_table {
	uint32_t ttl_s; /* of all of it: the smallest, as rbldnsd sends it */
	size_t counts[SPECIALS_NS_MAX];
	zone_glue_t glue[SPECIALS_NS_MAX][ZONE_GLUE_MAX];
	dns_fragment_builder_t builder;
} glue_table_t;

/* Encodes the RRset beginning with server `first`, then its glue. */
static err_t encode_ns(zone_t *zone, const zone_ns_t *ns, glue_table_t *table, unsigned first)
{
	dns_fragment_builder_t *builder = &table->builder;
	size_t glue_count = 0;

	dns_fragment_begin(builder, zone->apex);
	for (unsigned i = 0; i < ns->count; i++) {
		unsigned server = (first + i) % ns->count;
		dns_fragment_record(builder, zone->apex, DNS_TYPE_NS, ns->ttl_s);
		dns_fragment_name(builder, ns->names[server]);
		dns_fragment_record_end(builder);
		glue_count += table->counts[server];
	}
	err_t err = dns_fragment_cut(builder, &zone->ns_sets[first].ns);
	if (err != ERR_OK || glue_count == 0)
		return err;
	for (unsigned i = 0; i < ns->count; i++) {
		unsigned server = (first + i) % ns->count;
		for (size_t j = 0; j < table->counts[server]; j++) {
			const zone_glue_t *glue = &table->glue[server][j];
			dns_fragment_record(builder, ns->names[server], DNS_TYPE_A, table->ttl_s);
			writer_bytes(&builder->out, glue->address, sizeof(glue->address));
			dns_fragment_record_end(builder);
		}
	}
	err = dns_fragment_cut(builder, &zone->ns_sets[first].glue);
	/* Names that hardly compress: more than any reply could hold. */
	return err == ERR_NO_SPACE ? ERR_OK : err;
}

static void collect_glue(const zone_ns_t *ns, zone_glue_find_t find, void *context,
			 glue_table_t *table)
{
	table->ttl_s = UINT32_MAX;
	for (unsigned i = 0; i < ns->count; i++) {
		table->counts[i] = find(context, ns->names[i], table->glue[i]);
		for (size_t j = 0; j < table->counts[i]; j++)
			if (table->glue[i][j].ttl_s < table->ttl_s)
				table->ttl_s = table->glue[i][j].ttl_s;
	}
}

err_t zone_build_ns(zone_t *zone, zone_glue_find_t find, void *context)
{
	const zone_ns_t *ns = zone_ns(zone);
	err_t err = ERR_OK;

	if (ns == NULL)
		return ERR_OK;

	glue_table_t *table = malloc(sizeof(*table));
	if (table == NULL)
		return ERR_NOMEM;
	collect_glue(ns, find, context, table);
	for (unsigned i = 0; i < ns->count && err == ERR_OK; i++)
		err = encode_ns(zone, ns, table, i);
	free(table);
	zone->ns_count = err == ERR_OK ? ns->count : 0;
	return err;
}

err_t zone_add_ents(zone_t *zone, const uint8_t *nested, unsigned label_count)
{
	if (label_count <= zone->label_count + 1u)
		return ERR_OK;
	size_t added = label_count - zone->label_count - 1u;
	void *grown = realloc(zone->ents, (zone->ent_count + added) * sizeof(*zone->ents));
	if (grown == NULL)
		return ERR_NOMEM;
	zone->ents = grown;
	for (size_t i = 0; i < added; i++) {
		nested += *nested + 1;
		memcpy(zone->ents[zone->ent_count++], nested, dns_name_size(nested));
	}
	return ERR_OK;
}

bool zone_is_ent(const zone_t *zone, const uint8_t *name, size_t size)
{
	/* Zones inside of zones are few, so their names in between are too. */
	for (size_t i = 0; i < zone->ent_count; i++)
		if (dns_name_size(zone->ents[i]) == size && memcmp(zone->ents[i], name, size) == 0)
			return true;
	return false;
}

void zone_clear(zone_t *zone)
{
	for (unsigned i = 0; i < COUNT_OF(zone->ns_sets); i++) {
		free(zone->ns_sets[i].ns);
		free(zone->ns_sets[i].glue);
	}
	free(zone->soa_in_answer);
	free(zone->soa_in_authority);
	free(zone->ents);
	free(zone->datasets);
}
