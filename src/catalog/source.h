/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_SOURCE_H
#define SPURN_CATALOG_SOURCE_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/plan.h"
#include "dataset/dataset.h"

/* Where a data set of the plan comes from, and what there is of it. It stays the same one as long as
 * plans have it, and longer if a zone cannot do without it yet (catalog/roster.h).
 *
 * Nothing good is lost: whatever is wrong with new data, the last good ones stay, and are stale from
 * then on, until the files are right again. Wrong is what dataset_load refuses, and what is good in
 * itself but looks like an accident beside what is served (source.c, is_held_back). A failure is
 * logged when it begins and when its reason changes, not each time that somebody looks. Files that
 * have not changed since they failed are not read again, unless it is for a reason that may go away by
 * itself, or somebody insists (is_forced). Who insists also gets what is held back, but never files
 * that cannot be read to their end. */

/* Who says whether a file may be read, or may be incomplete; plain data. */
typedef struct source_gate {
	/* May the file `path` be read, as it was found just now in `state`? On the thread that loads;
	 * may wait for the disk. */
	bool (*may_read)(void *context, const char *path, const file_state_t *state);
	void *context;
} source_gate_t;

/* How the data of a data set last became others than they were. */
typedef struct source_change {
	uint64_t generation; /* the first one that has them, from 1; 0: there has been none */
	time_t time;         /* in seconds since 1970 */
	bool is_counted; /* there were data before, and they have been compared: then these count */
	uint64_t added;  /* entries */
	uint64_t removed;
	uint64_t changed; /* the same address or name, with another value */
} source_change_t;

typedef struct source {
	zone_spec_t spec;         /* owned; of its zone nothing counts */
	plan_settings_t settings; /* those of the zone are what its data are read with */
	/* Changed under the lock of the rules. */
	dataset_t *loaded;      /* what is served; NULL: nothing yet */
	time_t loaded_at;       /* when that was read, in seconds since 1970 */
	source_change_t change; /* to that, from what was served before */

	dataset_t *next; /* what takes its place with the next generation; NULL: nothing */
	time_t next_at;
	source_change_t next_change; /* without generation and time */
	file_state_t *files;         /* as they were at the failure */
	file_state_t *found;         /* as they are, of source_load */

	/* Of the newest data; under the lock of the rules, but for the thread that loads. */
	bool has_failed;
	bool is_lasting; /* as in dataset_attempt_t */
	time_t since;    /* when they began to fail, in seconds since 1970 */
	char why[sizeof(((dataset_attempt_t *)NULL)->why)];

	bool is_used; /* by a plan or a zone; see catalog/stock.h */
} source_t;

/* How to look at a source. */
typedef struct source_rules {
	pthread_mutex_t *lock;
	bool is_forced;
	const source_gate_t *gate; /* NULL: all files may be read */
} source_rules_t;

/* What came of looking at a source. */
typedef enum source_outcome {
	SOURCE_UNCHANGED,    /* nothing is new */
	SOURCE_DEFERRED,     /* something may be, but is not to be read yet */
	SOURCE_LOADED,       /* `next` is */
	SOURCE_RECOVERED,    /* the files that are served are back */
	SOURCE_STILL_FAILED, /* for the reason that is known */
	SOURCE_FAILED,       /* for a new one, which has been logged */
} source_outcome_t;

/* A new source of the data set that `plan` describes, which is copied. Returns ERR_OK, and the caller
 * frees it with source_free; or ERR_NOMEM. */
err_t source_new(const plan_dataset_t *plan, source_t **source) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Frees a source with all data; no reader may have them. NULL is fine. */
void source_free(source_t *source);

/* Lets the data shrink by so much from now on; if that is something else than before, what failed is
 * worth another try. For the thread that loads. */
void source_allow(source_t *source, unsigned max_shrink_percent) ATTR_NONNULL_ALL;

/* Reads the files, if they are others than those that are served and those that failed, and the gate
 * lets them all through. For the thread that loads. */
source_outcome_t source_load(source_t *source, const source_rules_t *rules) ATTR_NONNULL_ALL;

/* Is there something to serve, but nothing newer could be? For the thread that loads. */
static inline bool source_is_stale(const source_t *source)
{
	return source->has_failed && source->loaded != NULL;
}

/* What the next generation has of the source; NULL: nothing yet. For the thread that loads. */
static inline const dataset_t *source_newest(const source_t *source)
{
	return source->next != NULL ? source->next : source->loaded;
}

/* Has nobody looked at the files yet? For the thread that loads. */
static inline bool source_is_untried(const source_t *source)
{
	return source_newest(source) == NULL && !source->has_failed;
}

/* After the generation `number` has been published: puts `next`, if there is something, in the place of
 * what was served, and returns that, for the caller to free once it has let go of the lock, which it
 * holds. NULL: nothing is to be freed. */
dataset_t *source_settle(source_t *source, uint64_t number) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Logs since when the newest data fail, and why, if they do. Any thread that holds the lock. */
void source_log_failure(const source_t *source) ATTR_NONNULL_ALL;

#endif
