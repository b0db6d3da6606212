/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_LOAD_REPORT_H
#define SPURN_LOAD_REPORT_H

#include <stdint.h>
#include <stdio.h>

#include "base/attributes.h"
#include "engine.h"
#include "base/histogram.h"
#include "oracle.h"

/* What came of a load, as JSON for programs and as a table for people. */

#define PHASE_NAME_MAX 24
#define PHASES_MAX     16

/* A part of the time, as the one who drives the load calls it; a query belongs to the one that it was
 * sent in. */
typedef struct phase {
	char name[PHASE_NAME_MAX];
	uint64_t lost;
	uint64_t wrong;
	histogram_t latency; /* of what was answered */
} phase_t;

/* Plain data. */
typedef struct load_report {
	double seconds;
	engine_counts_t queries;
	uint64_t server_drops; /* queries that the server's sockets had no room for */
	oracle_counts_t answers;
	uint32_t first_generation; /* in an answer; 0: none yet */
	uint32_t last_generation;
	const histogram_t *latency; /* of all phases */
	const phase_t *phases;
	size_t phase_count;
} load_report_t;

/* One line. */
void load_report_json(const load_report_t *report, FILE *out) ATTR_NONNULL_ALL;

void load_report_table(const load_report_t *report, FILE *out) ATTR_NONNULL_ALL;

#endif
