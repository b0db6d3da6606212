/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/roster.h"

#include <stdlib.h>
#include <string.h>

/* The source at `place` of the plan's; NULL: none. */
static source_t *get(const stock_t *stock, size_t place)
{
	return place != PLAN_NONE ? stock->sources[place] : NULL;
}

/* Is there nothing that is needed and has no data? */
static bool is_there(const source_t *source)
{
	return source == NULL || source_newest(source) != NULL;
}

/* Puts the sources into the line-up that the plan says. */
static err_t line_up_as_planned(line_up_t *line_up, const plan_zone_t *zone, const stock_t *stock)
{
	line_up->sources = calloc(zone->dataset_count, sizeof(source_t *));
	if (line_up->sources == NULL)
		return ERR_NOMEM;
	line_up->count = zone->dataset_count;
	line_up->acl = get(stock, zone->acl);
	line_up->aclkey = get(stock, zone->aclkey);
	line_up->is_served = is_there(line_up->acl) && is_there(line_up->aclkey);
	for (size_t i = 0; i < zone->dataset_count; i++) {
		line_up->sources[i] = get(stock, zone->datasets[i]);
		line_up->is_served &= is_there(line_up->sources[i]);
	}
	return ERR_OK;
}

/* Puts those into it that were there before. */
static err_t line_up_as_before(line_up_t *line_up, const line_up_t *old)
{
	source_t **sources = calloc(old->count, sizeof(source_t *));

	if (sources == NULL)
		return ERR_NOMEM;
	memcpy(sources, old->sources, old->count * sizeof(source_t *));
	free(line_up->sources);
	line_up->sources = sources;
	line_up->count = old->count;
	line_up->acl = old->acl;
	line_up->aclkey = old->aclkey;
	line_up->is_served = true;
	line_up->is_behind = true;
	return ERR_OK;
}

static err_t make_line_up(roster_t *roster, const plan_zone_t *zone, const stock_t *stock,
			  const roster_t *old_roster, bool is_acl_there)
{
	static const line_up_t none;
	line_up_t *line_up = &roster->zones[zone->number];
	const line_up_t *old = &none;

	if (zone->number < old_roster->zone_count)
		old = &old_roster->zones[zone->number];
	err_t err = line_up_as_planned(line_up, zone, stock);
	if (err != ERR_OK)
		return err;
	line_up->is_of_plan = true;
	line_up->has_expired = old->has_expired;
	line_up->is_served &= is_acl_there;
	if (line_up->is_served || !old->is_served)
		return ERR_OK;
	return line_up_as_before(line_up, old);
}

err_t roster_make(roster_t *roster, const plan_t *plan, size_t zone_count, const stock_t *stock,
		  const roster_t *old)
{
	err_t err = ERR_OK;

	*roster = (roster_t){ .zones = calloc(zone_count + 1, sizeof(*roster->zones)) };
	if (roster->zones == NULL)
		return ERR_NOMEM;
	roster->zone_count = zone_count;
	roster->acl = get(stock, plan->acl);
	roster->is_served = is_there(roster->acl);
	for (size_t i = 0; i < plan->zone_count && err == ERR_OK; i++)
		err = make_line_up(roster, &plan->zones[i], stock, old, roster->is_served);
	if (!roster->is_served && old->is_served) {
		roster->acl = old->acl;
		roster->is_served = true;
	}
	if (err != ERR_OK)
		roster_clear(roster);
	return err;
}

static void mark(source_t *source)
{
	if (source != NULL)
		source->is_used = true;
}

void roster_mark(const roster_t *roster)
{
	mark(roster->acl);
	for (size_t i = 0; i < roster->zone_count; i++) {
		const line_up_t *line_up = &roster->zones[i];
		mark(line_up->acl);
		mark(line_up->aclkey);
		for (size_t j = 0; j < line_up->count; j++)
			mark(line_up->sources[j]);
	}
}

void roster_clear(roster_t *roster)
{
	for (size_t i = 0; i < roster->zone_count; i++)
		free(roster->zones[i].sources);
	free(roster->zones);
	*roster = (roster_t){ .zones = NULL };
}
