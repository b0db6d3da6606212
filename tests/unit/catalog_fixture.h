/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_CATALOG_FIXTURE_H
#define SPURN_TESTS_UNIT_CATALOG_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/answer.h"
#include "catalog/catalog.h"

/* A catalog of zone files that a test writes into a directory of its own, and a thread to ask it.
 * Whatever fails ends the program: there is nothing to test then. */

typedef struct fixture {
	char directory[64];
	plan_t *plan; /* until fixture_open, and from fixture_plan to fixture_change */
	catalog_t *catalog;
	answer_context_t *context;
} fixture_t;

/* Not every test needs all of these functions. */
#define FIXTURE_FUNCTION static __attribute__((unused))

FIXTURE_FUNCTION void fixture_require(bool is_good, const char *what)
{
	if (is_good)
		return;
	fprintf(stderr, "catalog fixture: %s\n", what);
	abort();
}

/* The path of a file in the directory. */
typedef struct fixture_path {
	char text[300];
} fixture_path_t;

FIXTURE_FUNCTION fixture_path_t fixture_path(const fixture_t *fixture, const char *name)
{
	fixture_path_t path;

	(void)snprintf(path.text, sizeof(path.text), "%s/%s", fixture->directory, name);
	return path;
}

/* Writes a file; one that is there already is replaced by renaming, as operators do it. */
FIXTURE_FUNCTION void fixture_write(const fixture_t *fixture, const char *name, const char *text)
{
	fixture_path_t path = fixture_path(fixture, name);
	fixture_path_t fresh = fixture_path(fixture, ".new");
	FILE *file = fopen(fresh.text, "w");

	fixture_require(file != NULL, "cannot write a zone file");
	fixture_require(fputs(text, file) >= 0 && fclose(file) == 0, "cannot write a zone file");
	fixture_require(rename(fresh.text, path.text) == 0, "cannot rename a zone file");
}

FIXTURE_FUNCTION void fixture_remove(const fixture_t *fixture, const char *name)
{
	fixture_path_t path = fixture_path(fixture, name);

	(void)unlink(path.text);
}

/* A plan without zones; there is no catalog yet. */
FIXTURE_FUNCTION void fixture_begin(fixture_t *fixture, const catalog_options_t *options)
{
	const char *parent = getenv("TMPDIR");

	(void)snprintf(fixture->directory, sizeof(fixture->directory), "%s/spurn.XXXXXX",
		       parent != NULL && strlen(parent) < 40 ? parent : "/tmp");
	fixture_require(mkdtemp(fixture->directory) != NULL, "cannot make a directory");
	fixture_require(plan_new(options, &fixture->plan) == ERR_OK, "no plan");
	fixture->catalog = NULL;
	fixture->context = answer_context_new();
	fixture_require(fixture->context != NULL, "no context");
}

/* Adds a zone with one data set, of one file. */
FIXTURE_FUNCTION void fixture_zone(fixture_t *fixture, const char *zone, const char *type,
				   const char *name)
{
	char why[200];
	char spec[300];

	(void)snprintf(spec, sizeof(spec), "%s:%s:%s/%s", zone, type, fixture->directory, name);
	fixture_require(plan_add(fixture->plan, spec, NULL, why, sizeof(why)) == ERR_OK, spec);
}

/* Makes the catalog of the plan. */
FIXTURE_FUNCTION void fixture_open(fixture_t *fixture)
{
	fixture_require(plan_finish(fixture->plan) == ERR_OK, "no good plan");
	fixture_require(catalog_new(fixture->plan, &fixture->catalog) == ERR_OK, "no catalog");
	fixture->plan = NULL;
}

/* Begins another plan, for fixture_zone. */
FIXTURE_FUNCTION void fixture_plan(fixture_t *fixture, const catalog_options_t *options)
{
	plan_free(fixture->plan);
	fixture_require(plan_new(options, &fixture->plan) == ERR_OK, "no plan");
}

/* Loads that plan, and what has changed. Returns what catalog_load does. */
FIXTURE_FUNCTION err_t fixture_change(fixture_t *fixture, catalog_load_report_t *report)
{
	catalog_request_t request = catalog_request_all;

	fixture_require(plan_finish(fixture->plan) == ERR_OK, "no good plan");
	request.next_plan = fixture->plan;
	fixture->plan = NULL;
	return catalog_load(fixture->catalog, &request, report);
}

/* Loads what has changed. Returns what catalog_load does. */
FIXTURE_FUNCTION err_t fixture_load(const fixture_t *fixture, catalog_load_report_t *report)
{
	return catalog_load(fixture->catalog, &catalog_request_all, report);
}

/* Answers packets as a worker does. */
FIXTURE_FUNCTION void fixture_answer(fixture_t *fixture, answer_packet_t *packets, size_t count)
{
	const answer_time_t now = { 0 };

	catalog_reader_register();
	answer_batch(fixture->context, catalog_read_begin(fixture->catalog), &now, packets, count);
	catalog_read_end(fixture->catalog);
	catalog_reader_unregister();
}

/* Frees all; the files that were written must have been removed. */
FIXTURE_FUNCTION void fixture_end(fixture_t *fixture)
{
	answer_context_free(fixture->context);
	catalog_free(fixture->catalog);
	plan_free(fixture->plan);
	fixture_require(rmdir(fixture->directory) == 0, "files were left behind");
}

#endif
