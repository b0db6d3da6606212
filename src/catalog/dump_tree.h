/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_DUMP_TREE_H
#define SPURN_CATALOG_DUMP_TREE_H

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/dump.h"
#include "catalog/dump_writer.h"
#include "catalog/generation.h"

/* What a dump of one zone's data could not say; plain data. */
typedef struct dump_losses {
	size_t starred;     /* names left out: one of their labels is a star */
	size_t one_subject; /* wildcards whose texts name one address for all */
	size_t too_big;     /* names of whose RRsets one has more than 64 KiB */
} dump_losses_t;

/* Writes all of a zone but its SOA and NS, and counts up in `*losses`. Returns ERR_OK, ERR_NOMEM or
 * an errno value. */
err_t dump_tree_write(const generation_t *generation, const zone_t *zone,
		      const dump_options_t *options, dump_writer_t *writer,
		      dump_losses_t *losses) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
