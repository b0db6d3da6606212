/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_DUMP_H
#define SPURN_CATALOG_DUMP_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/catalog.h"

/* What is served, as master files (RFC 1035 section 5) for a name server that has no lists: BIND
 * and NSD answer from them as spurnd does, wildcards (RFC 4592) and empty non-terminals included. */

typedef struct dump_options {
	time_t now;          /* seconds since 1970: what answers are given now */
	bool skip_ip6_forms; /* leave out the names ::ffff:192.0.2.1 and 2002:c000:201::/48 of IPv4
			      * entries: two names in three */
} dump_options_t;

/* Writes all zones of the catalog's current generation to `out`, one behind the other, each from its $ORIGIN on. What
 * master files cannot say is left out; a comment in the dump and a warning tell of it. Memory does
 * not grow with the data, unless a zone has several data sets: then by about 30 bytes for a name.
 * Returns ERR_OK; ERR_LOAD when a zone has no data or they have expired, which has been logged, and
 * nothing has been written; ERR_NOMEM; ERR_CHANGED when a file that is mapped was changed in place
 * meanwhile; or an errno value when writing failed. */
err_t dump_write(catalog_t *catalog, const dump_options_t *options,
		 FILE *out) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
