/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_LOADER_H
#define SPURN_DAEMON_LOADER_H

#include <ev.h>
#include <pthread.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/catalog.h"

/* Loads the catalog in a thread of its own, so that nothing waits meanwhile. Each load has its own
 * thread, which ends with it: there is none while nothing is loaded. All functions are for the main
 * thread. */
typedef struct loader loader_t;

/* Why there is a load: decides what is said about it. */
typedef enum loader_reason {
	LOADER_START, /* the first one */
	LOADER_CHECK, /* it was time to look for changed files (-c) */
	LOADER_ASKED, /* somebody asked for it (SIGHUP) */
} loader_reason_t;

/* Called in the main loop after each load, when no thread is running; `err` and `report` are those
 * of catalog_load, or `err` says why there was no thread, and `report` is empty. Returns whether to
 * go on with the next load, if one was asked for meanwhile. */
typedef bool (*loader_done_t)(void *context, loader_reason_t reason, err_t err,
			      const catalog_load_report_t *report);

struct loader {
	struct ev_loop *loop;
	ev_async ended; /* the thread is through with its load */
	catalog_t *catalog;
	loader_done_t done;
	void *context;

	pthread_t thread;
	bool is_running;
	bool is_asked_again; /* while it was running */
	loader_reason_t reason;

	/* Written by the thread before it sends `ended`, read after it has been joined. */
	err_t err;
	catalog_load_report_t report;
	double seconds;
};

/* Prepares a loader in place; it must not be moved afterwards. */
void loader_init(loader_t *loader, struct ev_loop *loop, catalog_t *catalog, loader_done_t done,
		 void *context) ATTR_NONNULL(1, 2, 3, 4);

/* Starts a load. While one is running, any number of LOADER_ASKED makes one more of them after it,
 * for files may have changed behind its back; a LOADER_CHECK is dropped, for the next will come.
 * Logs what comes of it, but for LOADER_START, and for a LOADER_CHECK that found nothing changed.
 */
void loader_request(loader_t *loader, loader_reason_t reason) ATTR_NONNULL_ALL;

/* Lets go of a load that is running, and returns whether one was: it cannot be stopped, and it will
 * go on to use the loader, its loop and its catalog. So free nothing then, and leave the process
 * with _exit. No function may be called afterwards. */
bool loader_abandon(loader_t *loader) ATTR_NONNULL_ALL;

#endif
