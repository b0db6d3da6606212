/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_WISH_LIST_H
#define SPURN_DAEMON_WISH_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "catalog/catalog.h"

/* What a load is to look at, put together from what many want: each zone stands there once. All zero
 * is an empty list. For one thread at a time. */
typedef struct wish_list {
	catalog_wish_t *wishes; /* wishes[0..count); their zones are owned */
	size_t count;
	size_t capacity;
} wish_list_t;

/* Adds a wish, which with another one for the same zone makes one that is both; its zone is copied.
 * Returns false for want of memory. */
bool wish_list_add(wish_list_t *list, const catalog_wish_t *wish) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Is there a wish for all zones? */
bool wish_list_has_all(const wish_list_t *list) ATTR_NONNULL_ALL;

/* Empties it. */
void wish_list_clear(wish_list_t *list) ATTR_NONNULL_ALL;

#endif
