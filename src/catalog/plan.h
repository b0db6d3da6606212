/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_PLAN_H
#define SPURN_CATALOG_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/zone_spec.h"
#include "dns/dns.h"
#include "zonefile/specials.h"

/* A plan: which zones to serve from which files, and how. It is made by one thread, and does not
 * change any more once a catalog has it; another one takes its place then (catalog_load). */

/* How version.bind is answered. */
typedef enum catalog_version {
	CATALOG_VERSION_FULL, /* program and version */
	CATALOG_VERSION_NAME, /* program only (-v) */
	CATALOG_VERSION_HIDE, /* REFUSED (-vv) */
} catalog_version_t;

/* Most bytes of an NSID, so that a refusal with one is not much longer than the query. */
#define CATALOG_NSID_MAX 128

/* Settings of a plan; plain data. Those of zones and data sets hold for all that have none of their
 * own. */
typedef struct catalog_options {
	uint32_t ttl_default_s; /* for data that give none (-t) */
	uint32_t ttl_min_s;     /* 0: no lower bound */
	uint32_t ttl_max_s;     /* 0: no upper bound */
	bool allow_host_bits;   /* accept 192.0.2.1/24 as 192.0.2.0/24 (-e) */
	bool entry_parameters;  /* " @ key=value" ends an entry (--entry-parameters) */
	bool ip6_in_ip4trie;    /* ip4trie has IPv6 prefixes, too (--ip6-in-ip4trie) */
	bool refuse_compressed; /* a compressed file is an error (-C) */
	bool minimal_answers;   /* no NS in AUTHORITY unless asked (-a) */
	bool ent_is_nxdomain;   /* empty non-terminals answer NXDOMAIN, against RFC 8020 */
	/* A reload may lose this share of a data set's entries, if it has a thousand or more; what
	 * would lose more is held back. 100: all of them. */
	unsigned max_shrink_percent;
	catalog_version_t version; /* what version.bind tells */
	struct limits *limits;     /* catalog/limits.h; borrowed; NULL: nothing is limited */
	/* Which of several servers this is, for NSID, id.server and hostname.bind; empty: a secret. */
	char nsid[CATALOG_NSID_MAX + 1];
	uint16_t udp_size; /* bytes of the longest reply over UDP, 512..DNS_EDNS_SIZE */
} catalog_options_t;

/* What rbldnsd does without options: TTL 35 minutes, everything else off; and replies over UDP that
 * fit every path. */
extern const catalog_options_t catalog_default_options;

/* Settings of one data set. The same files with other settings are another data set. */
typedef struct plan_settings {
	zone_settings_t zone;
	unsigned max_shrink_percent; /* as in catalog_options_t */
} plan_settings_t;

/* Settings of one zone, as in catalog_options_t. */
typedef struct plan_zone_settings {
	bool minimal_answers;
	bool ent_is_nxdomain;
} plan_zone_settings_t;

/* In the place of an index into `datasets`: none. */
#define PLAN_NONE SIZE_MAX

/* A data set, as often as zones may have it. */
typedef struct plan_dataset {
	zone_spec_t spec; /* of the zone that named it first; owned */
	plan_settings_t settings;
} plan_dataset_t;

/* A zone; its data sets by their place in `datasets`. */
typedef struct plan_zone {
	uint8_t apex[DNS_NAME_MAX]; /* on the wire, in lower case */
	size_t apex_size;
	plan_zone_settings_t settings;
	size_t acl; /* PLAN_NONE: none */
	size_t aclkey;
	size_t *datasets;
	size_t dataset_count;
	size_t dataset_capacity;
	uint32_t number; /* the catalog's: the same for the life of the process */
} plan_zone_t;

/* To be read; changed only by the functions here. */
typedef struct plan {
	catalog_options_t options;
	plan_dataset_t *datasets;
	size_t dataset_count;
	size_t dataset_capacity;
	plan_zone_t *zones; /* in the order in which they were named first */
	size_t zone_count;
	size_t zone_capacity;
	size_t acl; /* for all zones; PLAN_NONE: none */
	struct intern *zone_names;
	struct intern *dataset_keys;
} plan_t;

/* A new plan without zones; `options` is copied. The caller frees it, unless a catalog takes it
 * over. Returns ERR_OK or ERR_NOMEM. */
err_t plan_new(const catalog_options_t *options, plan_t **plan) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* NULL is fine. */
void plan_free(plan_t *plan);

/* How many files its data sets keep open while they are served: those that are mapped. */
size_t plan_open_files(const plan_t *plan) ATTR_NONNULL_ALL;

/* The settings that `options` mean for zones and data sets without any of their own, as a start for
 * those that differ in some. */
plan_settings_t plan_settings_of(const catalog_options_t *options) ATTR_NONNULL_ALL;
plan_zone_settings_t plan_zone_settings_of(const catalog_options_t *options) ATTR_NONNULL_ALL;

/* Adds a zone specification "zone:type:file,file..." as on rbldnsd's command line, with settings for
 * its data set (NULL: the plan's). A zone named again gets one more data set; "type:files" named again
 * with equal settings is loaded once and shared; ":acl:files" is the ACL of all zones. Files are not
 * opened. Returns ERR_OK; or ERR_SYNTAX (not a specification), ERR_RANGE (a zone has too many data
 * sets), ERR_INVAL (a second ACL for the same zone) or ERR_NOMEM; then nothing is added and
 * `why`[0..why_size) says what is wrong with it and what to do. */
err_t plan_add(plan_t *plan, const char *spec, const plan_settings_t *settings, char *why,
	       size_t why_size) ATTR_NONNULL(1, 2, 4) ATTR_NODISCARD;

/* Gives the zone `zone`, a domain name as text, settings of its own, before or after its data sets
 * are added; it needs at least one of those. Returns ERR_OK; or ERR_SYNTAX (no domain name, or the
 * root) or ERR_NOMEM, with a reason in `why`[0..why_size). */
err_t plan_set_zone(plan_t *plan, const char *zone, const plan_zone_settings_t *settings, char *why,
		    size_t why_size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* What a data set must have in common with another one for their data to be the same, as text: the
 * `source` of its specification, how it is read and, where its files hold data of several zones, the
 * zone. NULL for want of memory; the caller frees it. */
char *plan_data_key(const zone_spec_t *spec, const zone_settings_t *settings) ATTR_NONNULL_ALL;

/* Do both plans say the same, so that one in the place of the other would change nothing? */
bool plan_is_equal(const plan_t *plan, const plan_t *other) ATTR_NONNULL_ALL;

/* Ends the adding of zones. Returns ERR_OK; or ERR_INVAL when a zone has nothing but an ACL, which has
 * been logged. */
err_t plan_finish(const plan_t *plan) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
