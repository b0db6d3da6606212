/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_CATALOG_H
#define SPURN_CATALOG_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/plan.h"
#include "dns/cookie.h"

/* The catalog: which zones to serve from which files, and the generation that is served now.
 *
 * One thread at a time may load; any number of registered readers use the current generation
 * meanwhile and never wait. */
typedef struct catalog catalog_t;

/* All that is served at one moment; immutable. See catalog/generation.h for what is inside. */
typedef struct generation generation_t;

/* Zones of which no more than so many have counters of their own from the start, so that nothing of
 * what is running changes when zones come; more if the first plan has more. */
#define CATALOG_ZONES_MAX 65536

/* Whose data sets a load is to look at. */
typedef struct catalog_wish {
	const uint8_t *zone; /* its name on the wire, in lower case; NULL: all */
	/* What is held back although it could be served (see catalog/source.h) is served, and files
	 * that failed are read again even if they have not changed. */
	bool is_forced;
	/* Somebody wants it now: files are read that the gate would not let through yet. So they are
	 * if it is forced. */
	bool is_asked;
} catalog_wish_t;

/* What a load is to do; plain data. */
typedef struct catalog_request {
	/* What to serve from now on; finished. NULL: the same as before. The catalog takes it over
	 * when it has published it, and only then. */
	plan_t *next_plan;
	/* Data sets that a plan has for the first time are looked at whatever the wishes. */
	const catalog_wish_t *wishes;
	size_t wish_count;
	/* Whether files that have changed may be read yet, of data sets that nobody has asked for; see
	 * catalog/source.h. NULL: they may. */
	const struct source_gate *gate;
} catalog_request_t;

/* Everything is looked at, nothing forced. */
extern const catalog_request_t catalog_request_all;

/* What one catalog_load did. */
typedef struct catalog_load_report {
	size_t datasets;     /* that were looked at */
	size_t loaded;       /* read anew, because their files had changed, or for the first time */
	size_t failed;       /* no good; they keep their last good data, or have none */
	size_t newly_failed; /* of these, how many for a reason that is new, and has been logged */
	size_t recovered;    /* had failed, and are what they were again, without being read */
	size_t deferred;     /* were not let through by the gate, and are as before */
	/* The file of cookie secrets has others than before, or is no good, so that those from
	 * before stay. */
	bool has_new_cookies;
	bool has_bad_cookies;
	/* There is another plan in use than before; then how many zones and data sets it has that were
	 * not there before, and how many are not there any more. */
	bool has_new_plan;
	size_t zones_added;
	size_t zones_removed;
	size_t datasets_added;
	size_t datasets_removed;
} catalog_load_report_t;

/* A new catalog for `plan`, which is finished, and which it takes over if it can be made. Publishes the
 * first generation, in which every zone answers SERVFAIL, so that readers and catalog_load may begin.
 * The caller frees it. Returns ERR_OK or ERR_NOMEM. */
err_t catalog_new(plan_t *plan, catalog_t **catalog) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* How many files the data sets that it starts with keep open while they are served. Before it is loaded. */
size_t catalog_open_files(const catalog_t *catalog) ATTR_NONNULL_ALL;

/* Frees a catalog and all generations. No reader may be registered. NULL is fine. */
void catalog_free(catalog_t *catalog);

/* Lets queries with DNS cookies have replies with cookies. The secrets come from the file `path`, as
 * cookie_file_read takes it, which is looked at again by each catalog_load for all zones and must
 * outlive the catalog. Without a `path` they are `secrets`, which are copied, or, if that is NULL, one that
 * nobody else has. Returns ERR_OK, ERR_NOMEM or the error of
 * the file, which has been logged: then there are no cookies. Not during a load. */
err_t catalog_use_cookies(catalog_t *catalog, const char *path, const dns_cookie_secrets_t *secrets)
	ATTR_NONNULL(1) ATTR_NODISCARD;

/* The secrets of cookies that come from no file, and so are the same as long as the catalog lives; NULL
 * if there are none. Any thread. */
const dns_cookie_secrets_t *catalog_own_cookies(const catalog_t *catalog) ATTR_NONNULL_ALL;

/* The plan that is served. Its zones have been numbered: a zone has the same number for the life of
 * the catalog, also when it goes with one plan and comes back with another. Not during a load, which
 * may free it. */
const plan_t *catalog_plan(const catalog_t *catalog) ATTR_NONNULL_ALL;

/* How many numbers zones have been given so far: all are below. Any thread. */
size_t catalog_zone_numbers(const catalog_t *catalog) ATTR_NONNULL_ALL;

/* Zones with a number below have counters of their own: CATALOG_ZONES_MAX, or more if there were more
 * from the start. Those of others count as if they were about no zone. Any thread. */
size_t catalog_zone_room(const catalog_t *catalog) ATTR_NONNULL_ALL;

/* Sees which files are new or have changed since they were last read, and reads them; builds the next
 * generation, publishes it, waits for the readers of the old one and frees that. Each data set that was
 * read is logged with entries, bytes and seconds, each failure with its reason, once. A data set that
 * fails keeps its last good data (see catalog/source.h for what failing is), which are stale from then
 * on. New cookie secrets come with the generation; if their file is no good the old ones stay.
 *
 * With another plan, data sets that both plans have keep their data. A zone of which one data set, at
 * least, has none goes on with those that it had before, if it was served (see catalog/roster.h), or
 * answers SERVFAIL. Zones and data sets that are in the plan no more are gone afterwards.
 *
 * Takes as long as reading takes: not on a thread that anything waits for, and on one at a time. Must
 * not be called by a registered reader. Returns ERR_OK; ERR_LOAD when any data set failed (the others
 * are published all the same), the next plan is in use then as well; or ERR_NOMEM: what was served
 * goes on, and the next plan is still the caller's. `*report` is always filled in. */
err_t catalog_load(catalog_t *catalog, const catalog_request_t *request,
		   catalog_load_report_t *report) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Lets an apex SOA, as health checkers ask for it, be answered SERVFAIL from now on, or no more, and
 * changes nothing else: so that this server is taken out before it stops. Any thread; readers see it
 * soon. */
void catalog_drain(catalog_t *catalog, bool is_draining) ATTR_NONNULL_ALL;

/* Logs which data sets are stale or were never loaded, since when and why, and which zones go on with
 * others than they should have. Any thread, also during a load. */
void catalog_log_failures(catalog_t *catalog) ATTR_NONNULL_ALL;

/* Announces that the calling thread will read generations, or will no more. */
void catalog_reader_register(void);
void catalog_reader_unregister(void);

/* The current generation, for the calling registered reader, until its next catalog_read_end; wait
 * free. Keep the section short: catalog_load waits for it. */
const generation_t *catalog_read_begin(catalog_t *catalog) ATTR_NONNULL_ALL;
void catalog_read_end(catalog_t *catalog) ATTR_NONNULL_ALL;

#endif
