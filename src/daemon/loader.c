/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/loader.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/plural.h"
#include "base/thread.h"

static void *run(void *argument)
{
	loader_t *loader = argument;
	double start = clock_monotonic_s();
	const catalog_request_t request = {
		.next_plan = loader->next_plan,
		.wishes = loader->wishes.wishes,
		.wish_count = loader->wishes.count,
		.gate = loader->hooks.gate,
	};

	loader->err = catalog_load(loader->catalog, &request, &loader->report);
	loader->seconds = clock_monotonic_s() - start;
	ev_async_send(loader->loop, &loader->ended);
	return NULL;
}

/* What has failed before, and was told of, is no news to who did not ask. */
static bool must_tell_of_failures(const loader_t *loader)
{
	const catalog_load_report_t *report = &loader->report;

	return (loader->reasons & LOADER_ON_DEMAND) != 0 || report->newly_failed > 0 ||
	       report->loaded > 0;
}

/* Says what came of a load that is not the first one. */
static void log_outcome(const loader_t *loader)
{
	const catalog_load_report_t *report = &loader->report;

	if (report->has_new_plan)
		log_info("reload: zones: %zu added, %zu removed; data sets: %zu added, %zu removed",
			 report->zones_added, report->zones_removed, report->datasets_added,
			 report->datasets_removed);
	if (loader->err != ERR_OK && loader->err != ERR_LOAD) {
		log_error("reload: %s; all goes on as before", err_text(loader->err));
	} else if (report->failed > 0 && must_tell_of_failures(loader)) {
		log_error("reload: %zu of %zu data set%s failed and stay as they were, "
			  "%zu read anew, %.2f s",
			  report->failed, report->datasets, plural(report->datasets),
			  report->loaded, loader->seconds);
	} else if (report->loaded > 0) {
		log_info("reload: %zu of %zu data set%s read anew, %.2f s", report->loaded,
			 report->datasets, plural(report->datasets), loader->seconds);
	} else if (report->recovered > 0) {
		log_info("reload: %zu of %zu data set%s are what they were again",
			 report->recovered, report->datasets, plural(report->datasets));
	} else if ((loader->reasons & LOADER_ON_DEMAND) != 0 && !report->has_new_plan &&
		   !report->has_new_cookies && !report->has_bad_cookies) {
		log_info("reload: nothing changed");
	}
	if (report->has_new_cookies)
		log_info("reload: new cookie secrets are in use");
}

/* Finds out which plan the load is for. */
static void find_plan(loader_t *loader)
{
	err_t err;

	loader->next_plan = NULL;
	if (loader->hooks.plan == NULL || (loader->reasons & LOADER_ON_DEMAND) == 0 ||
	    !wish_list_has_all(&loader->wishes))
		return;
	loader->no_plan[0] = '\0';
	err = loader->hooks.plan(loader->hooks.context, &loader->next_plan, loader->no_plan);
	if (err != ERR_OK && loader->no_plan[0] == '\0')
		strcpy(loader->no_plan, "there is not enough memory");
}

/* Starts the load that was asked for. */
static void start(loader_t *loader)
{
	/* The system's stack size: data sets may sort. */
	const size_t stack_size = 0;
	err_t err;

	ev_timer_stop(loader->loop, &loader->gather);
	loader->number++;
	loader->reasons = loader->next_reasons;
	loader->wishes = loader->next_wishes;
	loader->next_reasons = 0;
	loader->next_wishes = (wish_list_t){ .wishes = NULL };
	memset(&loader->report, 0, sizeof(loader->report));
	loader->seconds = 0;
	find_plan(loader);
	loader->start_s = clock_monotonic_s();
	loader->is_running = true;
	err = thread_start(&loader->thread, "loader", stack_size, run, loader);
	/* From here on the thread, if there is one, owns what it writes: it may have ended already.
	 * Without one the load ends as others do, when those who wait for it know that they do. */
	loader->has_thread = err == ERR_OK;
	if (!loader->has_thread) {
		loader->err = err;
		ev_async_send(loader->loop, &loader->ended);
	}
}

/* The load is over, and so is its thread. */
static void on_ended(struct ev_loop *loop, ev_async *watcher, int events)
{
	loader_t *loader = watcher->data;
	bool must_go_on;

	(void)loop;
	(void)events;
	if (loader->has_thread)
		pthread_join(loader->thread, NULL);
	loader->is_running = false;
	loader->has_thread = false;
	wish_list_clear(&loader->wishes);
	if (loader->err != ERR_OK && loader->err != ERR_LOAD)
		plan_free(loader->next_plan); /* the catalog has not taken it over */
	loader->next_plan = NULL;
	if ((loader->reasons & LOADER_START) == 0)
		log_outcome(loader);
	const loader_outcome_t outcome = {
		.number = loader->number,
		.reasons = loader->reasons,
		.err = loader->err,
		.no_plan = loader->no_plan,
		.report = &loader->report,
		.seconds = loader->seconds,
	};
	must_go_on = loader->hooks.done(loader->hooks.context, &outcome);
	if (must_go_on && loader->next_reasons != 0 && !loader->is_running)
		start(loader);
}

static void on_gathered(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	start(timer->data);
}

/* Lets others come, before the load starts that was asked for. */
static void gather(loader_t *loader)
{
	double now_s = clock_monotonic_s();
	double rest_s;

	if (!ev_is_active(&loader->gather))
		loader->gather_s = now_s;
	rest_s = loader->gather_s + LOADER_GATHER_MAX_S - now_s;
	if (rest_s > LOADER_GATHER_S)
		rest_s = LOADER_GATHER_S;
	ev_timer_stop(loader->loop, &loader->gather);
	ev_timer_set(&loader->gather, rest_s > 0 ? rest_s : 0, 0);
	ev_timer_start(loader->loop, &loader->gather);
}

void loader_init(loader_t *loader, struct ev_loop *loop, catalog_t *catalog,
		 const loader_hooks_t *hooks)
{
	memset(loader, 0, sizeof(*loader));
	loader->loop = loop;
	loader->catalog = catalog;
	loader->hooks = *hooks;
	ev_async_init(&loader->ended, on_ended);
	loader->ended.data = loader;
	ev_async_start(loop, &loader->ended);
	ev_timer_init(&loader->gather, on_gathered, 0, 0);
	loader->gather.data = loader;
}

void loader_clear(loader_t *loader)
{
	wish_list_clear(&loader->wishes);
	wish_list_clear(&loader->next_wishes);
}

uint64_t loader_request(loader_t *loader, const loader_request_t *request)
{
	const catalog_wish_t wish = {
		.zone = request->zone,
		.is_forced = request->is_forced,
		.is_asked = request->reason != LOADER_CHECK && request->reason != LOADER_WATCH,
	};
	uint64_t ticket = loader->number + 1;

	if ((loader->is_running && request->reason == LOADER_CHECK) ||
	    !wish_list_add(&loader->next_wishes, &wish))
		return 0;
	loader->next_reasons |= request->reason;
	if (loader->is_running)
		return ticket;
	if ((request->reason & LOADER_ON_DEMAND) != 0)
		gather(loader);
	else
		start(loader);
	return ticket;
}

bool loader_abandon(loader_t *loader)
{
	if (loader->has_thread)
		pthread_detach(loader->thread);
	return loader->has_thread;
}
