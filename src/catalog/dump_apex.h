/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_DUMP_APEX_H
#define SPURN_CATALOG_DUMP_APEX_H

#include "base/attributes.h"
#include "catalog/dump_writer.h"
#include "catalog/generation.h"

/* Writes the zone's SOA and NS. A zone needs both, and BIND loads no zone with a name server inside
 * of it that has no address. So what is missing gets a stand-in, what would stop the zone is left
 * out, and a comment and a warning tell of it. */
void dump_apex_write(const generation_t *generation, const zone_t *zone,
		     dump_writer_t *writer) ATTR_NONNULL_ALL;

/* Writes the delegation of `nested`, the zone that the writer's owner is the apex of: to its name
 * servers outside of `zone`, or to a stand-in. */
void dump_apex_delegate(const zone_t *zone, const zone_t *nested,
			dump_writer_t *writer) ATTR_NONNULL_ALL;

#endif
