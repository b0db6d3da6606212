/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_STATISTICS_H
#define SPURN_DAEMON_STATISTICS_H

#include <time.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/catalog.h"
#include "net/query_counters.h"

/* What is told about queries, zone by zone, in rbldnsd's words: to the log on signals, and to the
 * statistics file (-s).
 *
 * Workers only ever count on. So to reset the counters is to remember where they stood, and to take
 * that off from then on. The counters as they are at `now` are put into statistics_counts before each
 * of the functions that take a `now`, but for statistics_new. All functions are for one thread at a
 * time. */
typedef struct statistics statistics_t;

/* Statistics of the zones of the plan that `catalog` has now, which begin at `now` with counters at
 * zero. `target` as for -s: a path, opened anew for each line; NULL or empty for none; "+" before it
 * makes lines count from the line before instead of from the start or last reset. It must outlive the
 * statistics. The caller frees `*statistics`. Returns ERR_OK or ERR_NOMEM. */
err_t statistics_new(const catalog_t *catalog, const char *target, time_t now,
		     statistics_t **statistics) ATTR_NONNULL(1, 4) ATTR_NODISCARD;

/* Tells of the zones that the catalog's plan has now, when that has become another one. Zones that it
 * had before and has no more count for the sum of all. Not during a load. Returns ERR_OK, or
 * ERR_NOMEM: then it tells of those that there were. */
err_t statistics_follow(statistics_t *statistics,
			const catalog_t *catalog) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Where the counters as they are go: counts[0..*zones], for query_records_sum_queries, all zero. */
query_counts_t *statistics_counts(statistics_t *statistics, size_t *zones) ATTR_NONNULL_ALL;

/* What was put there: counts[0] for no zone, counts[1 + number] for zones with a number below
 * `*zones`, also those that are not there any more. */
const query_counts_t *statistics_counted(const statistics_t *statistics,
					 size_t *zones) ATTR_NONNULL_ALL;

/* The zones that it tells of, and one of them by its place below that number: its name on the wire in
 * `*apex`, and what was put into statistics_counts for it. Valid until statistics_follow. */
size_t statistics_zone_count(const statistics_t *statistics) ATTR_NONNULL_ALL;
const query_counts_t *statistics_zone(const statistics_t *statistics, size_t place,
				      const uint8_t **apex) ATTR_NONNULL_ALL;

/* NULL is fine. */
void statistics_free(statistics_t *statistics);

/* Logs a line for each zone, and one for all queries:
 *
 *     stats for 60secs zone bl.example: tot=3 ok=2 nxd=1 err=0 in=99 out=201
 *     stats for 60sec: tot=4 ok=2 nxd=1 err=1 in=132 out=234
 *
 * Queries that got no reply count as errors in the last line, and in those of zones only by their
 * bytes. Zones stand in the order of the plan, but those inside of others before these. */
void statistics_log(const statistics_t *statistics, time_t now) ATTR_NONNULL_ALL;

/* Appends the same to the file, on one line, if there is a file:
 *
 *     1795312248 bl.example:3:2:1:99:201 *:4:2:1:132:234
 *
 * A failure is logged, once until it works again. */
void statistics_write(statistics_t *statistics, time_t now) ATTR_NONNULL_ALL;

/* Appends a bare time to the file: here counters start from zero, or end. */
void statistics_mark(statistics_t *statistics, time_t now) ATTR_NONNULL_ALL;

/* Lets counting begin anew at `now`. */
void statistics_reset(statistics_t *statistics, time_t now) ATTR_NONNULL_ALL;

#endif
