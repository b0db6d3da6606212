/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/look.h"

#include <stdlib.h>

#include "dns/name.h"

/* How a source is to be looked at. */
typedef enum look {
	LOOK_AWAY,
	LOOK, /* as far as the gate lets it */
	LOOK_ASKED,
	LOOK_FORCED,
} look_t;

/* Which data set is to be looked at, by its place; PLAN_NONE: none. */
static void wish_for(look_t *looks, size_t dataset, look_t look)
{
	if (dataset != PLAN_NONE && looks[dataset] < look)
		looks[dataset] = look;
}

/* Notes which data sets a wish is about. */
static void obey_wish(const plan_t *plan, const catalog_wish_t *wish, look_t *looks)
{
	look_t look = wish->is_asked ? LOOK_ASKED : LOOK;

	if (wish->is_forced)
		look = LOOK_FORCED;
	for (size_t i = 0; i < plan->dataset_count && wish->zone == NULL; i++)
		wish_for(looks, i, look);
	for (size_t i = 0; i < plan->zone_count && wish->zone != NULL; i++) {
		const plan_zone_t *zone = &plan->zones[i];
		if (!dns_name_equal(zone->apex, wish->zone))
			continue;
		wish_for(looks, zone->acl, look);
		wish_for(looks, zone->aclkey, look);
		for (size_t j = 0; j < zone->dataset_count; j++)
			wish_for(looks, zone->datasets[j], look);
	}
}

/* Reads one source if its files have changed. Returns whether the next generation differs for it. */
static bool load_source(source_t *source, const source_rules_t *rules,
			catalog_load_report_t *report)
{
	bool was_stale = source_is_stale(source);

	report->datasets++;
	switch (source_load(source, rules)) {
	case SOURCE_UNCHANGED:
		break;
	case SOURCE_DEFERRED:
		report->deferred++;
		break;
	case SOURCE_LOADED:
		report->loaded++;
		break;
	case SOURCE_RECOVERED:
		report->recovered++;
		break;
	case SOURCE_FAILED:
		report->newly_failed++;
		report->failed++;
		break;
	case SOURCE_STILL_FAILED:
		report->failed++;
		break;
	}
	return source->next != NULL || source_is_stale(source) != was_stale;
}

err_t look_at_sources(const plan_t *plan, const stock_t *stock, const catalog_request_t *request,
		      pthread_mutex_t *lock, catalog_load_report_t *report, bool *is_other)
{
	look_t *looks = calloc(stock->planned + 1, sizeof(*looks));

	*is_other = false;
	if (looks == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < request->wish_count; i++)
		obey_wish(plan, &request->wishes[i], looks);
	for (size_t i = 0; i < stock->planned; i++) {
		source_t *source = stock->sources[i];
		const source_rules_t rules = {
			.lock = lock,
			.is_forced = looks[i] == LOOK_FORCED,
			.gate = looks[i] < LOOK_ASKED ? request->gate : NULL,
		};
		if (looks[i] != LOOK_AWAY || source_is_untried(source))
			*is_other |= load_source(source, &rules, report);
	}
	free(looks);
	return ERR_OK;
}
