/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_NODES_H
#define SPURN_TOOL_SPRAY_NODES_H

#include "base/attributes.h"
#include "base/error.h"
#include "dataset/observer.h"

/* Entries of data sets that were not read from text, so that no line tells of them: those that a walk
 * finds. */

typedef struct spray_nodes_teller {
	/* `entry` has a value of 1, whatever it has; `subzone` (on the wire, in lower case): the names
	 * that it is for; the root: those of the zone. Valid during the call. */
	err_t (*tell)(void *context, const uint8_t *subzone, const dataset_entry_t *entry);
	void *context;
} spray_nodes_teller_t;

/* Tells of all entries of a data set, those of its parts included. Returns ERR_OK, or the first error of
 * the teller. */
err_t spray_nodes_walk(const dataset_t *dataset,
		       const spray_nodes_teller_t *teller) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Writes the name whose labels, from the top down, are key[0..key_size). */
void spray_nodes_name(const uint8_t *key, size_t key_size, uint8_t name[DNS_NAME_MAX])
	ATTR_NONNULL(3);

#endif
