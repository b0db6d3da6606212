/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_STATUS_H
#define SPURN_CATALOG_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/catalog.h"
#include "catalog/source.h"

/* What a catalog serves at one moment, in plain data for people and programs to be told. All times
 * are in seconds since 1970, 0 standing for never. */

/* A data set. */
typedef struct status_dataset {
	char *spec;       /* "type:file,file...", as the plan has it */
	const char *type; /* static text */
	bool is_loaded;   /* is there something to serve? Else the next seven are 0 */
	uint64_t entries;
	size_t memory;    /* bytes */
	size_t mapped;    /* of these: a file's, which all who map it share */
	time_t newest;    /* when the newest of its files was modified */
	time_t loaded_at; /* when it was read */
	double seconds;   /* that reading it took */
	source_change_t change;
	/* Are the newest data no good? Then it is stale or, unless is_loaded, was never loaded. */
	bool has_failed;
	/* And what there is to serve cannot be asked, as its file was changed in place: its zones
	 * answer SERVFAIL (dataset/guard.h). */
	bool is_broken;
	time_t failed_since;
	char *why; /* NULL unless has_failed */
	/* The plan has it no more, but a zone goes on with it until what the plan has instead can be
	 * loaded. */
	bool is_left_over;
} status_dataset_t;

/* A zone. */
typedef struct status_zone {
	char *name;      /* as text, in lower case, without a final dot */
	uint32_t number; /* see catalog_plan */
	bool is_loaded;  /* false: answers SERVFAIL */
	bool is_stale; /* newer data could not be loaded, or not all data sets that it should have */
	bool has_expired; /* and answers SERVFAIL for that */
	bool is_broken;   /* so does it where one of its data sets is */
	time_t expires;
	uint32_t serial; /* 0 unless is_loaded */
	size_t *datasets; /* what it should be served from; by place in `datasets` below, ACLs last */
	size_t dataset_count;
	bool is_behind; /* but it goes on with those that it had before */
} status_zone_t;

typedef struct catalog_status {
	uint64_t generation; /* counted from 1 */
	time_t published;
	bool is_draining;
	status_dataset_t *datasets;
	size_t dataset_count;
	size_t acl;           /* that of all zones, by place in `datasets`; PLAN_NONE: none */
	status_zone_t *zones; /* in the plan's order */
	size_t zone_count;
} catalog_status_t;

/* Takes down the status of `catalog`. Any thread, also during a load, of which nothing is seen before
 * it is published, but for what fails. The caller frees it. Returns ERR_OK or ERR_NOMEM. */
err_t catalog_status_take(catalog_t *catalog,
			  catalog_status_t **status) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* NULL is fine. */
void catalog_status_free(catalog_status_t *status);

#endif
