/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_LIMIT_WATCH_H
#define SPURN_DAEMON_LIMIT_WATCH_H

#include <ev.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "catalog/limits.h"
#include "net/message_counters.h"

/* Lets people know, in the log, whom limits hit: soon after it begins, and then once a minute as long
 * as it goes on. And keeps the limits' tables swept. All of it in the main thread. */
typedef struct limit_watch {
	ev_timer timer;
	limits_t *limits;
	/* Adds what all threads have counted so far to `*sum`. */
	void (*count)(void *context, message_counts_t *sum);
	void *context;
	message_counts_t told; /* the counts that the log has been told of */
	unsigned ticks;        /* since the start */
	unsigned silent_until; /* ticks */
} limit_watch_t;

/* Starts to watch `limits`, as a timer of `loop`. The watch must not move then. */
void limit_watch_start(limit_watch_t *watch, struct ev_loop *loop, limits_t *limits,
		       void (*count)(void *context, message_counts_t *sum), void *context)
	ATTR_NONNULL(1, 2, 3, 4);

/* Logs whom limits have hit since it was last told of, if there are any; however short that is ago. */
void limit_watch_tell(limit_watch_t *watch) ATTR_NONNULL_ALL;

#endif
