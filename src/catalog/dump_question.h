/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_DUMP_QUESTION_H
#define SPURN_CATALOG_DUMP_QUESTION_H

#include <stdbool.h>

#include "base/attributes.h"
#include "catalog/generation.h"
#include "dataset/dataset.h"

/* A name as a question to data sets, as if a client had asked. Not to be copied or moved. */
typedef struct dump_question {
	dns_query_t query;
	dataset_asker_t asker; /* a client without an ACL entry */
	dataset_question_t decoded;
} dump_question_t;

/* Asks for the name with that key (see dataset_node_t) in `zone`; with its apex it must be at most
 * DNS_NAME_MAX bytes long. `now` is in seconds since 1970. */
void dump_question_key(dump_question_t *question, const zone_t *zone, time_t now,
		       const uint8_t *key, size_t key_size) ATTR_NONNULL_ALL;

/* Asks for `name`, which must lie in `zone`. */
void dump_question_name(dump_question_t *question, const zone_t *zone, time_t now,
			const uint8_t *name) ATTR_NONNULL_ALL;

/* Turns a question to the zone, which it must have been until now, into one to a subzone. */
void dump_question_descend(dump_question_t *question, unsigned subzone_labels,
			   bool has_ip4_data) ATTR_NONNULL_ALL;

/* What a data set has for it. */
dataset_match_t dump_question_find(const dump_question_t *question,
				   const dataset_t *dataset) ATTR_NONNULL_ALL;

/* Does `zone` itself, not one inside of it, have an A record for it? */
bool dump_question_has_a(const dump_question_t *question, const generation_t *generation,
			 const zone_t *zone) ATTR_NONNULL_ALL;

#endif
