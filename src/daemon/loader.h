/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_LOADER_H
#define SPURN_DAEMON_LOADER_H

#include <ev.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/catalog.h"
#include "catalog/source.h"
#include "daemon/wish_list.h"

/* Loads the catalog in a thread of its own, so that nothing waits meanwhile. Each load has its own
 * thread, which ends with it: there is none while nothing is loaded. However many requests come while
 * it runs, one more load follows, which does what all of them want: files may have changed behind the
 * back of the one that runs. Those that come on demand wait a moment for others that come with them
 * (LOADER_GATHER_S), so that a storm of signals makes few loads even where each is quick. All functions
 * are for the main thread. */
typedef struct loader loader_t;

/* Why there is a load; flags, for there may be several reasons. */
typedef enum loader_reason {
	LOADER_START = 1 << 0,   /* the first one */
	LOADER_CHECK = 1 << 1,   /* it was time to look for changed files (-c) */
	LOADER_WATCH = 1 << 2,   /* files were seen to change */
	LOADER_ASKED = 1 << 3,   /* somebody asked for it (SIGHUP) */
	LOADER_CONTROL = 1 << 4, /* or in more words (spurn reload) */
} loader_reason_t;

/* Reasons of those who want to hear what came of it, also if that is nothing. */
#define LOADER_ON_DEMAND ((unsigned)LOADER_ASKED | (unsigned)LOADER_CONTROL)

/* Seconds without another request until a load on demand begins, and since the first one at most. What
 * a person does not notice; and what a loop over a hundred `spurn reload` takes. */
#define LOADER_GATHER_S     0.02
#define LOADER_GATHER_MAX_S 0.5

/* What somebody wants; plain data. */
typedef struct loader_request {
	loader_reason_t reason;
	const uint8_t *zone; /* as in catalog_wish_t; copied */
	bool is_forced;      /* as there */
} loader_request_t;

/* Bytes for the reason why there is no plan. */
#define LOADER_WHY_MAX 512

/* What came of a load; plain data, valid during the call. */
typedef struct loader_outcome {
	uint64_t
		number; /* of this load: all requests with that ticket, or a smaller one, are done */
	unsigned reasons; /* flags of loader_reason_t */
	/* That of catalog_load; or why there was no thread, and then the report is empty. */
	err_t err;
	/* Why the plan is one from before, although there should have been a new one when this was
	 * asked for last; what the plan is about has been loaded. Empty: all is well. */
	const char *no_plan;
	const catalog_load_report_t *report;
	double seconds;
} loader_outcome_t;

/* What the loader calls, in the main loop. */
typedef struct loader_hooks {
	/* Right before a load that is on demand and about all zones: is there another plan? Sets
	 * `*plan`, which is NULL, to that, which the loader takes over. Returns ERR_OK; or an error,
	 * after logging, with a reason in `why`[0..LOADER_WHY_MAX): then the plan stays. May be NULL. */
	err_t (*plan)(void *context, plan_t **plan, char *why);
	/* After each load, when no thread is running. Returns whether to go on with the next load, if
	 * one was asked for meanwhile. */
	bool (*done)(void *context, const loader_outcome_t *outcome);
	void *context;
	/* For what nobody asked for (LOADER_CHECK, LOADER_WATCH), also if somebody has asked for something
	 * else in the same load: which files may be read. May be NULL. */
	const source_gate_t *gate;
} loader_hooks_t;

struct loader {
	struct ev_loop *loop;
	ev_async ended; /* the thread is through with its load */
	catalog_t *catalog;
	loader_hooks_t hooks;

	ev_timer gather;
	double gather_s; /* clock_monotonic_s, when the first one came that it is active for */
	pthread_t thread;
	bool is_running;
	bool has_thread;
	double start_s;   /* clock_monotonic_s, when it began */
	uint64_t number;  /* of the load that is running, or was the last one; from 1 */
	unsigned reasons; /* of that, flags */
	wish_list_t wishes;
	plan_t *next_plan;
	char no_plan[LOADER_WHY_MAX]; /* as in loader_outcome_t */

	/* What those want who asked while it was running. */
	unsigned next_reasons; /* 0: nobody did */
	wish_list_t next_wishes;

	/* Written by the thread before it sends `ended`, read after it has been joined. */
	err_t err;
	catalog_load_report_t report;
	double seconds;
};

/* Prepares a loader in place; it must not be moved afterwards. The caller calls loader_clear, unless a
 * load was abandoned. */
void loader_init(loader_t *loader, struct ev_loop *loop, catalog_t *catalog,
		 const loader_hooks_t *hooks) ATTR_NONNULL_ALL;
void loader_clear(loader_t *loader) ATTR_NONNULL_ALL;

/* Starts a load, maybe in a moment or, while one is running, has one follow it. A LOADER_CHECK is dropped then, for the
 * next will come. Logs what comes of it, but for LOADER_START, and where nobody is interested in that
 * nothing changed. Returns the request's ticket: the number of the load that will have done it; 0 if
 * it was dropped, or for want of memory. `hooks.done` is called later, never from here. */
uint64_t loader_request(loader_t *loader, const loader_request_t *request) ATTR_NONNULL_ALL;

/* Lets go of a load that is running, and returns whether one was: it cannot be stopped, and it will
 * go on to use the loader, its loop and its catalog. So free nothing then, and leave the process
 * with _exit. No function may be called afterwards. */
bool loader_abandon(loader_t *loader) ATTR_NONNULL_ALL;

#endif
