/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_SPREAD_H
#define SPURN_TOOL_SPRAY_SPREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "spray/spray_result.h"

/* How answers are spread over the servers that gave them, and what to think of it. Pure; any thread. */

/* What is no more than this part of the mean off it is even, */
#define SPRAY_EVEN_SHARE 0.1
/* and so is what chance alone does when each query goes to any server alike: so many standard deviations
 * of the binomial distribution, which one server in 15,000 is off. */
#define SPRAY_EVEN_DEVIATIONS 4
/* Servers that have so much of all answers between them have all there is to have. */
#define SPRAY_PINNED_SHARE 0.95

typedef enum spray_verdict {
	SPRAY_UNKNOWN, /* no answer says who gave it */
	SPRAY_EVEN,    /* all servers have the same, but for what chance does */
	SPRAY_UNEVEN,  /* some have more than others */
	SPRAY_PINNED, /* few of them, at most half, have SPRAY_PINNED_SHARE; or there is only one, and
			* nobody has said so */
} spray_verdict_t;

/* Only answers with an identifier (RFC 5001) count, but for `unnamed`. */
typedef struct spray_spread {
	spray_verdict_t verdict;
	size_t servers;   /* that there are: those seen, or more if `setup.servers` says so */
	size_t seen;      /* that answered */
	bool is_told;     /* `setup.servers` says how many there are */
	size_t pinned_to; /* so few have SPRAY_PINNED_SHARE of all; 0 if SPRAY_UNKNOWN */
	uint64_t answers;
	uint64_t unnamed;   /* answers that do not say who gave them */
	uint64_t max;       /* of the server that has most */
	uint64_t min;       /* of the one that has least */
	double mean;        /* of all servers; 0 without any */
	double max_to_mean; /* max/mean: 1 is even, `servers` when one has all; 0 without any */
} spray_spread_t;

/* Works it out. Returns ERR_OK or ERR_NOMEM. */
err_t spray_spread_find(const spray_result_t *result,
			spray_spread_t *spread) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The verdict in one word, for programs: "unknown", "even", "uneven", "pinned". */
const char *spray_verdict_name(spray_verdict_t verdict);

/* Is so much off the mean that a server shows? */
bool spray_spread_is_off(const spray_spread_t *spread, uint64_t answered) ATTR_NONNULL_ALL;

/* How far off the mean: 0.5 for half as much again. 0 without answers. */
double spray_spread_deviation(const spray_spread_t *spread, uint64_t answered) ATTR_NONNULL_ALL;

/* Servers of a result, in an order for people. */
typedef struct spray_rows {
	const spray_server_t **servers; /* servers[0..count), in the result; owned */
	size_t count;
	size_t rest;           /* servers that are left out, */
	uint64_t rest_answers; /* and what they answered */
} spray_rows_t;

/* Puts them in order: named ones by their texts, in which numbers count as such ("s2", "s10"), those without
 * an identifier last; of more than `limit` those that answered most. The result must outlive the rows, which
 * the caller frees (spray_rows_clear). Returns ERR_OK or ERR_NOMEM, with empty rows. */
err_t spray_rows_make(const spray_result_t *result, size_t limit,
		      spray_rows_t *rows) ATTR_NONNULL_ALL ATTR_NODISCARD;
void spray_rows_clear(spray_rows_t *rows) ATTR_NONNULL_ALL;

#endif
