/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_SPECIALS_H
#define SPURN_ZONEFILE_SPECIALS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dns/dns.h"
#include "zonefile/template.h"
#include "zonefile/text.h"

/* The lines that start with a dollar sign: what they say of a data set as a whole. */

/* Name servers of one zone; more are ignored with a warning, as in rbldnsd. */
#define SPECIALS_NS_MAX 32

/* How the command line wants zone files read; plain data. */
typedef struct zone_settings {
	uint32_t ttl_default_s; /* for data that give none */
	uint32_t ttl_min_s;     /* 0: no bound */
	uint32_t ttl_max_s;     /* 0: no bound */
	bool entry_parameters;  /* " @ key=value" ends an entry, see zonefile/conditions.h */
	bool ip6_in_ip4trie;    /* an ip4trie holds IPv6 prefixes, too */
	bool allow_host_bits;   /* 192.0.2.1/24 means 192.0.2.0/24 instead of being an error */
	bool refuse_compressed; /* a compressed file is an error */
} zone_settings_t;

/* Start of authority (RFC 1035 section 3.3.13); names on the wire. */
typedef struct zone_soa {
	uint8_t mname[DNS_NAME_MAX];
	uint8_t rname[DNS_NAME_MAX];
	uint32_t ttl_s;
	uint32_t serial; /* 0: take the time of the newest file */
	uint32_t refresh_s;
	uint32_t retry_s;
	uint32_t expire_s;
	uint32_t minimum_s;
} zone_soa_t;

typedef struct zone_ns {
	uint32_t ttl_s;
	bool is_broken; /* its line had something that is no name: the TTL is 0, whatever the default */
	unsigned count;
	uint8_t names[SPECIALS_NS_MAX][DNS_NAME_MAX]; /* on the wire, distinct */
} zone_ns_t;

/* All specials of one data set. Owns what it points to. */
typedef struct zone_specials {
	const zone_settings_t *settings;
	time_t now;          /* when reading began, in seconds since 1970 */
	unsigned broken;     /* which keywords had a line that could not be read, as bits */
	time_t written;      /* $TIMESTAMP: when that was, the last one of them; 0: there is none */
	time_t expires;      /* $TIMESTAMP: the data are not to be served from then on; 0: no end */
	uint32_t ttl_s;      /* $TTL, clamped; the default where none was given */
	uint64_t max_range4; /* $MAXRANGE4: most addresses of one entry */
	zone_soa_t *soa;     /* NULL without a valid $SOA */
	zone_ns_t *ns;       /* NULL without a valid $NS */
	template_variables_t variables;
} zone_specials_t;

/* `settings` must outlive the specials. `now` is the time in seconds since 1970. */
void specials_init(zone_specials_t *specials, const zone_settings_t *settings,
		   time_t now) ATTR_NONNULL_ALL;
/* For a section of a file: starts with the $TTL, $MAXRANGE4 and variables of `outer`, of which it
 * makes copies. Returns ERR_OK or ERR_NOMEM. */
err_t specials_inherit(zone_specials_t *specials,
		       const zone_specials_t *outer) ATTR_NONNULL_ALL ATTR_NODISCARD;
void specials_clear(zone_specials_t *specials) ATTR_NONNULL_ALL;

/* Does the line start with `$`, `#$`, `;$` or `:$`? Then moves `line` behind the dollar sign. */
bool specials_is_line(text_t *line) ATTR_NONNULL_ALL;

/* The bit of $DATASET in `broken`, for combined data sets, which read it themselves. */
#define SPECIALS_BROKEN_DATASET 1u
/* The same of $QUOTA, for aclkey. */
#define SPECIALS_BROKEN_QUOTA (1u << 6)
/* Of a keyword that nobody knows, such as one that is misspelt. */
#define SPECIALS_BROKEN_OTHER (1u << 7)

/* The keyword of one of the bits of `broken`, of which at least one is set, as "$SOA"; "$" for
 * SPECIALS_BROKEN_OTHER. */
const char *specials_broken_keyword(unsigned broken);

/* Reads the rest of such a line. Of $SOA, $NS, $= and $0..$9 the first valid one counts, of $TTL
 * the last. A line that cannot be read is noted in `broken`. Returns ERR_OK; ERR_SYNTAX with a
 * reason (static text) in `*why`, the line then has no effect; ERR_RANGE with a reason when it has
 * only a part of its effect; ERR_LOAD with a reason why none of the data must be served; or
 * ERR_NOMEM. */
err_t specials_parse(zone_specials_t *specials, text_t line,
		     const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Why data of the future are not served. */
extern const char specials_why_future[];

/* The TTL that a TTL of zone data means: the default for 0, and within the bounds. */
static inline ATTR_NONNULL_ALL uint32_t specials_ttl(const zone_settings_t *settings,
						     uint32_t ttl_s)
{
	if (ttl_s == 0)
		return settings->ttl_default_s;
	if (ttl_s < settings->ttl_min_s)
		return settings->ttl_min_s;
	return settings->ttl_max_s != 0 && ttl_s > settings->ttl_max_s ? settings->ttl_max_s
								       : ttl_s;
}

/* Reads a TTL of zone data: clamped to the settings, 0 standing for the current $TTL. Returns false
 * when it is not one. */
bool specials_parse_ttl(const zone_specials_t *specials, text_t word,
			uint32_t *ttl_s) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
