/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/zone_order.h"

#include <stdlib.h>

#include "base/intern.h"
#include "dns/name.h"

/* In the order, a zone always stands before all that it is inside of: when it is put in, before the
 * first of them that are there; and those that are put in later, being around it, behind it. So the
 * first of them is the nearest one, and there is no need to look through the order for it. */

/* The nearest zone that zone number `zone` is inside of, and which is before it in the plan; the plan's
 * number of zones: none. `names` has the zones' names as its first strings. */
static err_t find_outer(const plan_t *plan, intern_t *names, size_t zone, size_t *outer)
{
	const uint8_t *name = plan->zones[zone].apex;
	size_t size = plan->zones[zone].apex_size;

	*outer = plan->zone_count;
	while (*name != 0) {
		uint32_t id = 0;
		size -= 1u + *name;
		name += 1u + *name;
		err_t err = intern_add(names, name, size, &id);
		if (err != ERR_OK)
			return err;
		if (id <= zone) {
			*outer = id - 1;
			break;
		}
	}
	return ERR_OK;
}

/* Sorts with a list that is linked both ways: next[i] is behind zone i, and the list begins and ends at
 * place `zone_count`. */
static err_t sort(const plan_t *plan, intern_t *names, size_t *next, size_t *previous)
{
	size_t end = plan->zone_count;
	err_t err = ERR_OK;
	uint32_t id;

	for (size_t i = 0; i < plan->zone_count && err == ERR_OK; i++)
		err = intern_add(names, plan->zones[i].apex, plan->zones[i].apex_size, &id);
	next[end] = end;
	previous[end] = end;
	for (size_t i = 0; i < plan->zone_count && err == ERR_OK; i++) {
		size_t behind;
		err = find_outer(plan, names, i, &behind);
		if (err != ERR_OK)
			break;
		next[i] = behind;
		previous[i] = previous[behind];
		next[previous[i]] = i;
		previous[behind] = i;
	}
	return err;
}

err_t zone_order_find(const plan_t *plan, size_t *order)
{
	size_t end = plan->zone_count;
	size_t *next = calloc(end + 1, sizeof(*next));
	size_t *previous = calloc(end + 1, sizeof(*previous));
	intern_t *names = intern_new();
	err_t err = ERR_NOMEM;

	if (next != NULL && previous != NULL && names != NULL)
		err = sort(plan, names, next, previous);
	for (size_t zone = end, i = 0; i < end && err == ERR_OK; i++) {
		zone = next[zone];
		order[i] = zone;
	}
	intern_free(names);
	free(next);
	free(previous);
	return err;
}
