/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/statistics.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/zone_order.h"
#include "dns/name.h"

/* A zone that is told of. */
typedef struct told_zone {
	uint8_t apex[DNS_NAME_MAX];
	uint32_t number; /* the catalog's */
} told_zone_t;

struct statistics {
	told_zone_t *zones; /* in the order in which they are told of */
	size_t zone_count;
	const char *path; /* NULL: no file */
	bool is_relative; /* lines count from the line before */
	bool has_failed;  /* at the last line */
	time_t start;
	/* Counters of no zone, [0], and of each with a number below: as they are, as they were at
	 * the start, and at the last line. */
	size_t numbers;
	query_counts_t *counts;
	query_counts_t *at_start;
	query_counts_t *at_line;
};

/* What one zone, or all, came to in some time. */
typedef struct summary {
	uint64_t total;
	uint64_t ok;
	uint64_t nxdomain;
	uint64_t failed;
	uint64_t bytes_in;
	uint64_t bytes_out;
} summary_t;

/* Makes room for counters of zones with numbers below `numbers`. */
static err_t grow(statistics_t *statistics, size_t numbers)
{
	query_counts_t **arrays[] = { &statistics->counts, &statistics->at_start,
				      &statistics->at_line };
	size_t old_count = statistics->counts != NULL ? 1 + statistics->numbers : 0;
	size_t count = 1 + numbers;

	for (size_t i = 0; i < COUNT_OF(arrays) && count > old_count; i++) {
		query_counts_t *grown = realloc(*arrays[i], count * sizeof(*grown));
		if (grown == NULL)
			return ERR_NOMEM;
		memset(grown + old_count, 0, (count - old_count) * sizeof(*grown));
		*arrays[i] = grown;
	}
	statistics->numbers = numbers;
	return ERR_OK;
}

err_t statistics_follow(statistics_t *statistics, const catalog_t *catalog)
{
	const plan_t *plan = catalog_plan(catalog);
	told_zone_t *zones = calloc(plan->zone_count + 1, sizeof(*zones));
	size_t *order = calloc(plan->zone_count + 1, sizeof(*order));
	err_t err = zones != NULL && order != NULL ? ERR_OK : ERR_NOMEM;

	if (err == ERR_OK)
		err = zone_order_find(plan, order);
	if (err == ERR_OK)
		err = grow(statistics, catalog_zone_numbers(catalog));
	for (size_t i = 0; i < plan->zone_count && err == ERR_OK; i++) {
		const plan_zone_t *zone = &plan->zones[order[i]];
		memcpy(zones[i].apex, zone->apex, zone->apex_size);
		zones[i].number = zone->number;
	}
	free(order);
	if (err != ERR_OK) {
		free(zones);
		return err;
	}
	free(statistics->zones);
	statistics->zones = zones;
	statistics->zone_count = plan->zone_count;
	return ERR_OK;
}

err_t statistics_new(const catalog_t *catalog, const char *target, time_t now,
		     statistics_t **statistics)
{
	statistics_t *made = calloc(1, sizeof(*made));

	if (made == NULL || statistics_follow(made, catalog) != ERR_OK) {
		statistics_free(made);
		return ERR_NOMEM;
	}
	made->start = now;
	made->is_relative = target != NULL && target[0] == '+';
	if (made->is_relative)
		target++;
	if (target != NULL && target[0] != '\0')
		made->path = target;
	*statistics = made;
	return ERR_OK;
}

const query_counts_t *statistics_counted(const statistics_t *statistics, size_t *zones)
{
	*zones = statistics->numbers;
	return statistics->counts;
}

size_t statistics_zone_count(const statistics_t *statistics)
{
	return statistics->zone_count;
}

const query_counts_t *statistics_zone(const statistics_t *statistics, size_t place,
				      const uint8_t **apex)
{
	const told_zone_t *zone = &statistics->zones[place];

	*apex = zone->apex;
	return &statistics->counts[1 + zone->number];
}

void statistics_free(statistics_t *statistics)
{
	if (statistics == NULL)
		return;
	free(statistics->zones);
	free(statistics->counts);
	free(statistics->at_start);
	free(statistics->at_line);
	free(statistics);
}

query_counts_t *statistics_counts(statistics_t *statistics, size_t *zones)
{
	*zones = statistics->numbers;
	memset(statistics->counts, 0, (1 + statistics->numbers) * sizeof(*statistics->counts));
	return statistics->counts;
}

/* What came between `before` and `after`. Dropped queries count into no zone's total. */
static summary_t difference(const query_counts_t *before, const query_counts_t *after)
{
	summary_t summary = {
		.ok = after->ok - before->ok,
		.nxdomain = after->nxdomain - before->nxdomain,
		.failed = after->failed - before->failed,
		.bytes_in = after->bytes_in - before->bytes_in,
		.bytes_out = after->bytes_out - before->bytes_out,
	};

	summary.total = summary.ok + summary.nxdomain + summary.failed;
	return summary;
}

/* The sum of all zones that ever were, and of what was about none. Here dropped queries are errors. */
static summary_t total(const statistics_t *statistics, const query_counts_t *before)
{
	summary_t sum = { 0 };

	for (size_t i = 0; i <= statistics->numbers; i++) {
		summary_t one = difference(&before[i], &statistics->counts[i]);
		uint64_t dropped = statistics->counts[i].dropped - before[i].dropped;

		sum.ok += one.ok;
		sum.nxdomain += one.nxdomain;
		sum.failed += one.failed + dropped;
		sum.total += one.total + dropped;
		sum.bytes_in += one.bytes_in;
		sum.bytes_out += one.bytes_out;
	}
	return sum;
}

/* What came to a zone since `before`. Those that are counted with none have nothing of their own. */
static summary_t of_zone(const statistics_t *statistics, const told_zone_t *zone,
			 const query_counts_t *before)
{
	return difference(&before[1 + zone->number], &statistics->counts[1 + zone->number]);
}

static void log_summary(const char *what, const summary_t *summary)
{
	log_info("%s: tot=%" PRIu64 " ok=%" PRIu64 " nxd=%" PRIu64 " err=%" PRIu64 " in=%" PRIu64
		 " out=%" PRIu64,
		 what, summary->total, summary->ok, summary->nxdomain, summary->failed,
		 summary->bytes_in, summary->bytes_out);
}

void statistics_log(const statistics_t *statistics, time_t now)
{
	long long seconds = (long long)now - (long long)statistics->start;
	char name[DNS_NAME_TEXT_MAX];
	char what[DNS_NAME_TEXT_MAX + 64];
	summary_t summary;

	for (size_t i = 0; i < statistics->zone_count; i++) {
		const told_zone_t *zone = &statistics->zones[i];

		/* Both "secs" and "sec" are rbldnsd's; people's scripts look for them. */
		dns_name_to_text(zone->apex, name);
		snprintf(what, sizeof(what), "stats for %lldsecs zone %s", seconds, name);
		summary = of_zone(statistics, zone, statistics->at_start);
		log_summary(what, &summary);
	}
	snprintf(what, sizeof(what), "stats for %lldsec", seconds);
	summary = total(statistics, statistics->at_start);
	log_summary(what, &summary);
}

/* Appends text[0..size) to the file in one piece. A failure is logged, unless the last one was. */
static err_t append(statistics_t *statistics, const char *text, size_t size)
{
	/* Not waiting for the reader of a FIFO. */
	const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = open(statistics->path, flags, 0644);
	ssize_t done = -1;
	err_t err = ERR_OK;

	if (fd >= 0)
		done = write(fd, text, size);
	if (done != (ssize_t)size)
		err = done < 0 ? err_from_errno() : (err_t)-ENOSPC;
	if (fd >= 0)
		close(fd);
	if (err != ERR_OK && !statistics->has_failed)
		log_error("-s %s: cannot write statistics: %s", statistics->path, err_text(err));
	statistics->has_failed = err != ERR_OK;
	return err;
}

static void print_summary(FILE *out, const char *name, const summary_t *summary)
{
	fprintf(out, " %s:%" PRIu64 ":%" PRIu64 ":%" PRIu64 ":%" PRIu64 ":%" PRIu64, name,
		summary->total, summary->ok, summary->nxdomain, summary->bytes_in,
		summary->bytes_out);
}

void statistics_write(statistics_t *statistics, time_t now)
{
	const query_counts_t *before =
		statistics->is_relative ? statistics->at_line : statistics->at_start;
	char name[DNS_NAME_TEXT_MAX];
	char *text = NULL;
	size_t size = 0;
	summary_t summary;
	FILE *out;

	if (statistics->path == NULL)
		return;
	out = open_memstream(&text, &size);
	if (out == NULL)
		return; /* no memory: the next line will count what this one does not */
	fprintf(out, "%lld", (long long)now);
	for (size_t i = 0; i < statistics->zone_count; i++) {
		const told_zone_t *zone = &statistics->zones[i];

		dns_name_to_text(zone->apex, name);
		summary = of_zone(statistics, zone, before);
		print_summary(out, name, &summary);
	}
	summary = total(statistics, before);
	print_summary(out, "*", &summary);
	fputc('\n', out);
	/* What a lost line would have told is told by the next one. */
	if (fclose(out) == 0 && append(statistics, text, size) == ERR_OK)
		memcpy(statistics->at_line, statistics->counts,
		       (1 + statistics->numbers) * sizeof(*statistics->counts));
	free(text);
}

void statistics_mark(statistics_t *statistics, time_t now)
{
	char text[32];
	int size = snprintf(text, sizeof(text), "%lld\n", (long long)now);

	if (statistics->path != NULL)
		(void)append(statistics, text, (size_t)size);
}

void statistics_reset(statistics_t *statistics, time_t now)
{
	size_t size = (1 + statistics->numbers) * sizeof(*statistics->counts);

	statistics->start = now;
	memcpy(statistics->at_start, statistics->counts, size);
	memcpy(statistics->at_line, statistics->counts, size);
}
