/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/wish_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "dns/name.h"

static bool is_same(const uint8_t *a, const uint8_t *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return dns_name_size(a) == dns_name_size(b) && memcmp(a, b, dns_name_size(a)) == 0;
}

bool wish_list_add(wish_list_t *list, const catalog_wish_t *wish)
{
	const uint8_t *zone = wish->zone;
	uint8_t *copy = NULL;

	for (size_t i = 0; i < list->count; i++) {
		catalog_wish_t *there = &list->wishes[i];
		if (!is_same(there->zone, zone))
			continue;
		there->is_forced |= wish->is_forced;
		there->is_asked |= wish->is_asked;
		return true;
	}
	if (zone != NULL) {
		copy = malloc(dns_name_size(zone));
		if (copy == NULL)
			return false;
		memcpy(copy, zone, dns_name_size(zone));
	}
	if (array_reserve((void **)&list->wishes, &list->capacity, list->count + 1,
			  sizeof(*list->wishes)) != ERR_OK) {
		free(copy);
		return false;
	}
	list->wishes[list->count] = *wish;
	list->wishes[list->count++].zone = copy;
	return true;
}

bool wish_list_has_all(const wish_list_t *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->wishes[i].zone == NULL)
			return true;
	}
	return false;
}

void wish_list_clear(wish_list_t *list)
{
	for (size_t i = 0; i < list->count; i++)
		free((uint8_t *)(uintptr_t)list->wishes[i].zone);
	free(list->wishes);
	*list = (wish_list_t){ .wishes = NULL };
}
