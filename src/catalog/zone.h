/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_ZONE_H
#define SPURN_CATALOG_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dataset/dataset.h"
#include "dataset/several.h"
#include "dns/dns.h"
#include "dns/fragment.h"

/* Most data sets of one zone. */
#define ZONE_DATASETS_MAX SEVERAL_MAX
/* Most IPv4 addresses of one name server that are put into glue. */
#define ZONE_GLUE_MAX 8

/* The NS RRset in one of its orders, and glue for it, NULL where there is none. */
typedef struct zone_ns_set {
	dns_fragment_t *ns;
	dns_fragment_t *glue;
} zone_ns_set_t;

/* One served zone. Immutable once built. */
typedef struct zone {
	uint8_t apex[DNS_NAME_MAX]; /* on the wire, in lower case */
	uint8_t apex_size;
	uint8_t label_count;
	uint32_t number;            /* of counters; see catalog_zone_numbers */
	bool minimal_answers;       /* as in catalog_options_t */
	bool ent_is_nxdomain;       /* likewise */
	bool is_loaded;             /* all data sets are there */
	bool is_stale;              /* but newer data of one, at least, could not be loaded */
	bool has_zones_inside;      /* other zones are below the apex */
	bool has_ip4_data;          /* one of them, at least, is of IPv4 addresses */
	time_t expires;             /* when the first of them does; 0: never */
	const dataset_t *acl;       /* by address; borrowed; NULL: everybody may ask */
	const dataset_t *aclkey;    /* by key; likewise */
	const dataset_t **datasets; /* in command line order; borrowed, the array is owned */
	size_t dataset_count;

	dns_fragment_t *soa_in_answer; /* NULL without $SOA */
	dns_fragment_t *soa_in_authority;
	/* Every rotation of the NS RRset, encoded beforehand: [i] starts with server i. */
	zone_ns_set_t ns_sets[SPECIALS_NS_MAX];
	unsigned ns_count;

	/* Names below the apex under which there is a zone of its own, but which are no zone
	 * themselves: empty non-terminals (RFC 8020). On the wire, in lower case. */
	uint8_t (*ents)[DNS_NAME_MAX];
	size_t ent_count;
} zone_t;

/* An IPv4 address of a name server. */
typedef struct zone_glue {
	uint8_t address[4]; /* network byte order */
	uint32_t ttl_s;
} zone_glue_t;

/* Fills `glue` with what the served zones say of `name`, and returns how many there are. */
typedef size_t (*zone_glue_find_t)(void *context, const uint8_t *name,
				   zone_glue_t glue[ZONE_GLUE_MAX]);

/* SOA and NS of a loaded zone, those of the first data set that has one; NULL without. */
const zone_soa_t *zone_soa(const zone_t *zone) ATTR_NONNULL_ALL;
const zone_ns_t *zone_ns(const zone_t *zone) ATTR_NONNULL_ALL;

/* The serial of the SOA, or, where that has none, the time of the newest file. */
uint32_t zone_serial(const zone_t *zone) ATTR_NONNULL_ALL;

/* Encodes the SOA of the first data set that has one. Returns ERR_OK or ERR_NOMEM. */
err_t zone_build_soa(zone_t *zone) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Encodes the NS RRset of the first data set that has one, in all rotations, with glue. */
err_t zone_build_ns(zone_t *zone, zone_glue_find_t find, void *context)
	ATTR_NONNULL(1, 2) ATTR_NODISCARD;

/* Notes that the zone with apex `nested`, `label_count` labels, lies inside of this one. */
err_t zone_add_ents(zone_t *zone, const uint8_t *nested,
		    unsigned label_count) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Is `query` surely for this zone? Not if it may as well be for one that is inside of this one. */
static inline ATTR_NONNULL_ALL bool zone_is_of_query(const zone_t *zone, const dns_query_t *query)
{
	if (zone->has_zones_inside || query->label_count < zone->label_count)
		return false;
	size_t apex = query->labels[query->label_count - zone->label_count];
	return query->qname_size - apex == zone->apex_size &&
	       memcmp(query->qname + apex, zone->apex, zone->apex_size) == 0;
}

/* Are any of the data too old to be served at `now` ($TIMESTAMP)? Then the zone as a whole is. */
static inline bool zone_has_expired(const zone_t *zone, time_t now)
{
	return zone->expires != 0 && now >= zone->expires;
}

/* Is `name` (in lower case) one of the zone's `ents`? */
bool zone_is_ent(const zone_t *zone, const uint8_t *name, size_t size) ATTR_NONNULL_ALL;

/* Frees what the zone owns, but not the zone itself. */
void zone_clear(zone_t *zone) ATTR_NONNULL_ALL;

#endif
