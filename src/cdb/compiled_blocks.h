/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CDB_COMPILED_BLOCKS_H
#define SPURN_CDB_COMPILED_BLOCKS_H

#include <jansson.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "cdb/cdb_file.h"

/* The blocks of a compiled list; a part of compiled_file.h. */

/* Block `name` of data set `number`, as it is, if it is aligned; NULL if there is none. Any thread. */
const void *compiled_blocks_find(const cdb_file_t *cdb, size_t number, const char *name,
				 size_t *size) ATTR_NONNULL_ALL;

/* Proves that all blocks are what the header says. Where there are two CPUs, two threads work on that. Returns ERR_OK;
 * ERR_CORRUPT, with the reason in why[0..why_size); or ERR_CHANGED, if the file becomes shorter meanwhile, without one. */
err_t compiled_blocks_check(cdb_file_t *cdb, const json_t *header, char *why,
			    size_t why_size) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
