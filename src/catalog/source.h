/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_SOURCE_H
#define SPURN_CATALOG_SOURCE_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/zone_spec.h"
#include "dataset/dataset.h"

/* Where a data set of the command line comes from, and what there is of it.
 *
 * Nothing good is lost: whatever is wrong with new data, the last good ones stay, and are stale from
 * then on, until the files are right again. Wrong is what dataset_load refuses, and what is good in
 * itself but looks like an accident beside what is served (source.c, is_held_back). A failure is
 * logged when it begins and when its reason changes, not each time that somebody looks. Files that
 * have not changed since they failed are not read again, unless it is for a reason that may go away by
 * itself. */

/* How a file was found, to be compared later. */
typedef struct source_file {
	err_t err; /* there was none to be found; else the stamp counts */
	file_stamp_t stamp;
} source_file_t;

typedef struct source {
	zone_spec_t spec;     /* of the zone that named it first; owned */
	dataset_t *loaded;    /* what is served; NULL: nothing yet */
	dataset_t *next;      /* what takes its place with the next generation; NULL: nothing */
	source_file_t *files; /* as they were at the failure */

	/* Of the newest data; under the lock of the rules, but for the thread that loads. */
	bool has_failed;
	bool is_lasting; /* as in dataset_attempt_t */
	time_t since;    /* when they began to fail, in seconds since 1970 */
	char why[sizeof(((dataset_attempt_t *)NULL)->why)];
} source_t;

/* What holds for all sources. */
typedef struct source_rules {
	const zone_settings_t *settings;
	unsigned max_shrink_percent; /* as catalog_options_t has it */
	pthread_mutex_t *lock;
} source_rules_t;

/* What came of looking at a source. */
typedef enum source_outcome {
	SOURCE_UNCHANGED,    /* nothing is new */
	SOURCE_LOADED,       /* `next` is */
	SOURCE_RECOVERED,    /* the files that are served are back */
	SOURCE_STILL_FAILED, /* for the reason that is known */
	SOURCE_FAILED,       /* for a new one, which has been logged */
} source_outcome_t;

/* Makes a source of `spec`, and empties that. Returns ERR_OK, and the caller calls source_clear; or
 * ERR_NOMEM. */
err_t source_init(source_t *source, zone_spec_t *spec) ATTR_NONNULL_ALL ATTR_NODISCARD;
void source_clear(source_t *source) ATTR_NONNULL_ALL;

/* Reads the files, if they are others than those that are served and those that failed. For the
 * thread that loads. */
source_outcome_t source_load(source_t *source, const source_rules_t *rules) ATTR_NONNULL_ALL;

/* Is there something to serve, but nothing newer could be? For the thread that loads. */
static inline bool source_is_stale(const source_t *source)
{
	return source->has_failed && source->loaded != NULL;
}

/* Logs since when the newest data fail, and why, if they do. Any thread that holds the lock. */
void source_log_failure(const source_t *source) ATTR_NONNULL_ALL;

#endif
