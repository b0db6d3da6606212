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

/* The catalog: which zones to serve from which files, and the generation that is served now.
 *
 * One thread at a time may change the catalog (add zones, load); any number of registered readers
 * use the current generation meanwhile and never wait. */
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
} catalog_wish_t;

/* What a load is to do; plain data. */
typedef struct catalog_request {
	/* What to serve from now on; finished. NULL: the same as before. The catalog takes it over
	 * when it has published it, and only then. */
	plan_t *next_plan;
	/* Data sets that a plan has for the first time are looked at whatever the wishes. */
	const catalog_wish_t *wishes;
	size_t wish_count;
} catalog_request_t;

/* What one catalog_load did. */
typedef struct catalog_load_report {
	size_t datasets;     /* in the catalog */
	size_t loaded;       /* read anew, because their files had changed */
	size_t failed;       /* no good; they keep their last good data, or have none */
	size_t newly_failed; /* of these, how many for a reason that is new, and has been logged */
	size_t recovered;    /* had failed, and are what they were again, without being read */
	/* The file of cookie secrets has others than before, or is no good, so that those from
	 * before stay. */
	bool has_new_cookies;
	bool has_bad_cookies;
} catalog_load_report_t;

/* A new catalog without zones; the caller frees it. Returns ERR_OK or ERR_NOMEM. */
err_t catalog_new(const catalog_options_t *options,
		  catalog_t **catalog) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Frees a catalog and all generations. No reader may be registered. NULL is fine. */
void catalog_free(catalog_t *catalog);

/* Adds a zone specification "zone:type:file,file..." as on rbldnsd's command line. A zone named
 * again gets one more data set; "type:files" named again is loaded once and shared; ":acl:files" is
 * the ACL of all zones. Files are not opened. Returns ERR_OK; or ERR_SYNTAX (not a specification),
 * ERR_RANGE (a zone has too many data sets), ERR_INVAL (a second ACL for the same zone) or ERR_NOMEM;
 * then nothing is added and `why`[0..why_size) says what is wrong with it and what to do. */
err_t catalog_add_zone(catalog_t *catalog, const char *spec, char *why,
		       size_t why_size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Ends the adding of zones and publishes the first generation, in which every zone answers
 * SERVFAIL, so that readers and catalog_load may begin. Returns ERR_OK; ERR_INVAL when a zone has
 * nothing but an ACL, which has been logged; or ERR_NOMEM. */
err_t catalog_open(catalog_t *catalog) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Lets queries with DNS cookies have replies with cookies, once the catalog has been opened. The
 * secrets come from the file `path`, as cookie_file_read takes it, which is looked at again by each
 * catalog_load and must outlive the catalog. NULL: a secret that nobody else has. Returns ERR_OK,
 * ERR_NOMEM or the error of the file, which has been logged: then there are no cookies. */
err_t catalog_use_cookies(catalog_t *catalog, const char *path) ATTR_NONNULL(1) ATTR_NODISCARD;

/* How many different zones and data sets there are. */
size_t catalog_zone_count(const catalog_t *catalog) ATTR_NONNULL_ALL;
size_t catalog_dataset_count(const catalog_t *catalog) ATTR_NONNULL_ALL;

/* The name of zone number `zone` (below catalog_zone_count), on the wire, in lower case. Zones are
 * numbered in the order in which they were named first, as in answer_packet_t. */
const uint8_t *catalog_zone_apex(const catalog_t *catalog, size_t zone) ATTR_NONNULL_ALL;

/* Reads the files that are new or have changed since they were last read, builds the next
 * generation, publishes it, waits for the readers of the old one and frees that. Each data set that
 * was read is logged with entries, bytes and seconds, each failure with its reason, once. A data set
 * that fails keeps its last good data (see catalog/source.h for what failing is), which are stale from
 * then on; one that never had any makes its zones answer SERVFAIL.
 * New cookie secrets come with the generation; if their file is no good the old ones stay.
 * Takes as long as reading takes: not on a thread that anything waits for. Must not be called by a
 * registered reader. Returns ERR_OK; ERR_LOAD when any data set failed (the others are published
 * all the same); or ERR_NOMEM (what was served goes on). `*report` is always filled in. */
err_t catalog_load(catalog_t *catalog,
		   catalog_load_report_t *report) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Logs which data sets are stale or were never loaded, since when and why. Any thread, also during a
 * load. */
void catalog_log_failures(catalog_t *catalog) ATTR_NONNULL_ALL;

/* Announces that the calling thread will read generations, or will no more. */
void catalog_reader_register(void);
void catalog_reader_unregister(void);

/* The current generation, for the calling registered reader, until its next catalog_read_end; wait
 * free. The catalog must have been opened. Keep the section short: catalog_load waits for it. */
const generation_t *catalog_read_begin(catalog_t *catalog) ATTR_NONNULL_ALL;
void catalog_read_end(catalog_t *catalog) ATTR_NONNULL_ALL;

#endif
