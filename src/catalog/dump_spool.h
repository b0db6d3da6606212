/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_DUMP_SPOOL_H
#define SPURN_CATALOG_DUMP_SPOOL_H

#include "base/attributes.h"
#include "base/error.h"
#include "dataset/dataset.h"

/* The nodes of one walk, kept so that they can be taken one by one: data sets tell of theirs all at
 * once, and to merge several of them, one has to look at the next node of each. Keys are kept as
 * the bytes in which they differ from the one before. Plain data; all zero is an empty one. */
typedef struct dump_spool {
	uint8_t *bytes;
	size_t size;
	size_t capacity;
	size_t count;     /* of nodes */
	bool is_unsorted; /* they did not come in the order of their keys */

	/* While filling: the last key; while taking: the key of the node that was taken. */
	uint8_t key[DNS_NAME_MAX];
	size_t key_size;
	size_t position; /* of the node to take next */
} dump_spool_t;

/* Frees what it holds; all zero is fine. */
void dump_spool_clear(dump_spool_t *spool) ATTR_NONNULL_ALL;

/* Appends a node. Returns ERR_OK or ERR_NOMEM. */
err_t dump_spool_add(dump_spool_t *spool,
		     const dataset_node_t *node) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* After the last dump_spool_add: sorts the nodes, if need be, by dns_name_key_compare, and goes to
 * the first one. Returns ERR_OK or ERR_NOMEM. */
err_t dump_spool_rewind(dump_spool_t *spool) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Takes the next node. Its key is that of the spool, so it is valid until the next call. Returns
 * false, and leaves `*node` alone, when there is none. */
bool dump_spool_take(dump_spool_t *spool, dataset_node_t *node) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
