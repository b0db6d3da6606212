/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/loader.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

static void *run(void *argument)
{
	loader_t *loader = argument;
	double start = clock_monotonic_s();

	loader->err = catalog_load(loader->catalog, &loader->report);
	loader->seconds = clock_monotonic_s() - start;
	ev_async_send(loader->loop, &loader->ended);
	return NULL;
}

/* What has failed before, and was told of, is no news at a check. */
static bool must_tell_of_failures(const loader_t *loader)
{
	const catalog_load_report_t *report = &loader->report;

	return loader->reason == LOADER_ASKED || report->newly_failed > 0 || report->loaded > 0;
}

/* Says what came of a load that is not the first one. */
static void log_outcome(const loader_t *loader)
{
	const catalog_load_report_t *report = &loader->report;

	if (loader->err != ERR_OK && loader->err != ERR_LOAD) {
		log_error("reload: %s; all goes on as before", err_text(loader->err));
	} else if (report->failed > 0 && must_tell_of_failures(loader)) {
		log_error("reload: %zu of %zu data sets failed and stay as they were, "
			  "%zu read anew, %.2f s",
			  report->failed, report->datasets, report->loaded, loader->seconds);
	} else if (report->loaded > 0) {
		log_info("reload: %zu of %zu data sets read anew, %.2f s", report->loaded,
			 report->datasets, loader->seconds);
	} else if (report->recovered > 0) {
		log_info("reload: %zu of %zu data sets are what they were again", report->recovered,
			 report->datasets);
	} else if (loader->reason == LOADER_ASKED && !report->has_new_cookies &&
		   !report->has_bad_cookies) {
		log_info("reload: nothing changed");
	}
	if (report->has_new_cookies)
		log_info("reload: new cookie secrets are in use");
}

static void on_ended(loader_t *loader);

static void start(loader_t *loader, loader_reason_t reason)
{
	/* The system's stack size: data sets may sort. */
	const size_t stack_size = 0;
	err_t err;

	loader->reason = reason;
	loader->is_asked_again = false;
	memset(&loader->report, 0, sizeof(loader->report));
	err = thread_start(&loader->thread, "loader", stack_size, run, loader);
	/* From here on the thread, if there is one, owns what it writes. */
	loader->is_running = err == ERR_OK;
	if (!loader->is_running) {
		loader->err = err;
		on_ended(loader);
	}
}

/* The load is over, and so is its thread. */
static void on_ended(loader_t *loader)
{
	bool must_go_on;

	if (loader->reason != LOADER_START)
		log_outcome(loader);
	must_go_on = loader->done(loader->context, loader->reason, loader->err, &loader->report);
	if (loader->is_asked_again && must_go_on)
		start(loader, LOADER_ASKED);
}

static void on_ended_sent(struct ev_loop *loop, ev_async *watcher, int events)
{
	loader_t *loader = watcher->data;

	(void)loop;
	(void)events;
	pthread_join(loader->thread, NULL);
	loader->is_running = false;
	on_ended(loader);
}

void loader_init(loader_t *loader, struct ev_loop *loop, catalog_t *catalog, loader_done_t done,
		 void *context)
{
	memset(loader, 0, sizeof(*loader));
	loader->loop = loop;
	loader->catalog = catalog;
	loader->done = done;
	loader->context = context;
	ev_async_init(&loader->ended, on_ended_sent);
	loader->ended.data = loader;
	ev_async_start(loop, &loader->ended);
}

void loader_request(loader_t *loader, loader_reason_t reason)
{
	if (!loader->is_running)
		start(loader, reason);
	else if (reason == LOADER_ASKED)
		loader->is_asked_again = true;
}

bool loader_abandon(loader_t *loader)
{
	if (loader->is_running)
		pthread_detach(loader->thread);
	return loader->is_running;
}
