/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_ZONE_SPEC_H
#define SPURN_CATALOG_ZONE_SPEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dataset/dataset.h"
#include "dns/dns.h"

/* A zone specification of the command line, "zone:type:file,file...", taken apart. */
typedef struct zone_spec {
	uint8_t apex[DNS_NAME_MAX]; /* on the wire, in lower case */
	size_t apex_size;           /* 0: for all zones, as an ACL can be (":acl:file") */
	const dataset_type_t *type;
	char *source; /* "type:file,file...", as written: names the data set; owned */
	char **files; /* NUL-terminated paths; owned */
	size_t file_count;
} zone_spec_t;

/* Reads a specification. Returns ERR_OK, and the caller frees `*spec` with zone_spec_clear; or
 * ERR_SYNTAX or ERR_NOMEM, with `why`[0..why_size) telling what is wrong. */
err_t zone_spec_parse(const char *text, zone_spec_t *spec, char *why,
		      size_t why_size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Reads the name of a zone, text[0..size), onto the wire, in lower case. Returns ERR_OK or, for what
 * is no domain name and for the root, ERR_SYNTAX, with `why`[0..why_size) telling that. */
err_t zone_spec_parse_apex(const char *text, size_t size, uint8_t apex[DNS_NAME_MAX],
			   size_t *apex_size, char *why,
			   size_t why_size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Makes `*copy` a specification of its own. Returns ERR_OK, and the caller frees it; or ERR_NOMEM. */
err_t zone_spec_copy(const zone_spec_t *spec, zone_spec_t *copy) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* To read the data set of a specification. Points into both. */
static inline ATTR_NONNULL_ALL dataset_request_t zone_spec_request(const zone_spec_t *spec,
								   const zone_settings_t *settings)
{
	return (dataset_request_t){
		.type = spec->type,
		.spec = spec->source,
		.files = (const char *const *)spec->files,
		.file_count = spec->file_count,
		.settings = settings,
		.apex = spec->apex_size > 0 ? spec->apex : NULL,
	};
}

/* Frees what the specification owns, and empties it. */
void zone_spec_clear(zone_spec_t *spec) ATTR_NONNULL_ALL;

#endif
