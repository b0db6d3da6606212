/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_QUERY_RATES_H
#define SPURN_DAEMON_QUERY_RATES_H

#include <ev.h>
#include <stdint.h>

#include "base/attributes.h"
#include "net/message_counters.h"

/* How many queries have come each second lately: looks at the counters once a second. All functions
 * are for the loop's thread. */

/* Seconds that it remembers. */
#define QUERY_RATES_MAX_S 60

typedef struct query_rates {
	ev_timer timer;
	void (*count)(void *context, message_counts_t *sum);
	void *context;
	/* The last looks, the newest at `newest`. */
	struct {
		double time_s;
		uint64_t received;
	} looks[QUERY_RATES_MAX_S + 1];
	unsigned newest;
	unsigned filled;
} query_rates_t;

/* Begins to look, in place; `count` adds what has happened so far to `*sum`. */
void query_rates_start(query_rates_t *rates, struct ev_loop *loop,
		       void (*count)(void *context, message_counts_t *sum),
		       void *context) ATTR_NONNULL_ALL;

/* Adds a look; for query_rates_start, and tests. */
void query_rates_look(query_rates_t *rates, double now_s, uint64_t received) ATTR_NONNULL_ALL;

/* Queries received per second on the average of the last `seconds`, 1..QUERY_RATES_MAX_S, or of as
 * many as there are; 0 before there is one. */
double query_rates_of(const query_rates_t *rates, unsigned seconds) ATTR_NONNULL_ALL;

#endif
