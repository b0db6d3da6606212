/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_CATALOG_STATE_H
#define SPURN_CATALOG_CATALOG_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/intern.h"
#include "catalog/catalog.h"
#include "catalog/generation.h"
#include "catalog/plan.h"
#include "catalog/publication.h"
#include "catalog/roster.h"
#include "catalog/stock.h"

/* What is in a catalog: for catalog.c, which changes it, and status.c, which tells of it.
 *
 * Only the thread that loads changes anything, and holds the lock while it changes what `served` has,
 * and what of its sources is said there to be under the lock (catalog/source.h). So that thread may
 * read all without the lock, and any other thread all of `served` with it. What goes out of use is
 * freed after the lock has been let go. */
struct catalog {
	publication_t publication;
	_Atomic(bool) is_draining;
	_Atomic(size_t) zone_numbers; /* intern_count(zone_names) */
	size_t zone_room;
	pthread_mutex_t lock;

	/* All of one generation, the current one. */
	struct {
		plan_t *plan;
		stock_t stock;
		roster_t roster;
		const generation_t *generation;
	} served;

	/* Of the thread that loads. */
	intern_t *zone_names;      /* of all zones that ever were: number + 1 is the string's */
	const char *cookie_path;   /* NULL: the secrets never change */
	file_state_t cookie_state; /* of the file, when it was read */
	bool is_cookie_file_exposed;
	dns_cookie_secrets_t cookies; /* of the next generation */
	uint64_t generations;         /* that have been published */
};

#endif
