/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_PUBLICATION_H
#define SPURN_CATALOG_PUBLICATION_H

#include <stdatomic.h>

#include "base/attributes.h"
#include "catalog/catalog.h"

/* The one pointer that readers and the loader share, and read-copy-update around it (liburcu; P.
 * McKenney, "Is Parallel Programming Hard", chapter 9).
 *
 * Not promised: that all readers see a new generation at the same moment. While publication_swap
 * runs, some still answer from the old one. */
typedef struct publication {
	_Atomic(const generation_t *) current;
} publication_t;

/* Makes `next` the current generation, waits until no reader can still hold the one before it, and
 * returns that. Not to be called by a registered reader. */
const generation_t *publication_swap(publication_t *publication, const generation_t *next)
	ATTR_NONNULL(1) ATTR_NODISCARD;

/* For readers, between publication_register and publication_unregister, which they call on their
 * own thread: the current generation, until publication_end. Wait-free. */
void publication_register(void);
void publication_unregister(void);
const generation_t *publication_begin(publication_t *publication) ATTR_NONNULL_ALL;
void publication_end(publication_t *publication) ATTR_NONNULL_ALL;

#endif
