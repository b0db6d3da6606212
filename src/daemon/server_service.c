/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/server_service.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/plural.h"
#include "catalog/status.h"
#include "daemon/notify.h"

/* The main loop is well if it comes here; workers may still hang. */
static bool is_well(void *context)
{
	const server_t *server = context;

	return workers_are_taking(server->workers);
}

/* "Serving 3 zones, 1200000 entries; 1 data set stale". */
static void write_status(void *context, char status[SERVICE_STATUS_MAX])
{
	const server_t *server = context;
	catalog_status_t *taken;
	char failures[64] = "";
	uint64_t entries = 0;
	size_t failed = 0;

	if (catalog_status_take(server->setup->catalog, &taken) != ERR_OK)
		return;
	for (size_t i = 0; i < taken->dataset_count; i++) {
		entries += taken->datasets[i].entries;
		failed += taken->datasets[i].has_failed;
	}
	if (failed > 0)
		(void)snprintf(failures, sizeof(failures), "; %zu data set%s stale or not loaded",
			       failed, plural(failed));
	(void)snprintf(status, SERVICE_STATUS_MAX, "%s %zu zone%s, %" PRIu64 " entr%s%s",
		       taken->is_draining ? "Draining" : "Serving", taken->zone_count,
		       plural(taken->zone_count), entries, entries == 1 ? "y" : "ies", failures);
	catalog_status_free(taken);
}

void server_service_begin(server_t *server)
{
	background_t *background = server->setup->background;
	const service_hooks_t hooks = {
		.is_well = is_well,
		.write_status = write_status,
		.context = server,
	};

	service_begin(&server->service, server->loop, background->manager, notify_watchdog_us(),
		      server->setup->predecessor != NULL, &hooks);
	background->manager = -1;
}
