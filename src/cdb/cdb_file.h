/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CDB_CDB_FILE_H
#define SPURN_CDB_CDB_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "zonefile/file_source.h"

/* A constant database (D. J. Bernstein's cdb) that is there already, mapped read-only: whoever made it. Nothing in
 * it is believed: whatever it says, nothing outside of it is read. But the file is not ours: if somebody makes it
 * shorter while it is mapped, reading what is gone is SIGBUS. */
typedef struct cdb_file cdb_file_t;

/* Maps the file `path`, and takes its stamp if `stamp` is not NULL. The caller closes `*file`. Returns ERR_OK;
 * ERR_CORRUPT (no cdb, the beginning of one, or larger than one may be); ERR_INVAL (no plain file); ERR_CHANGED
 * (while it was opened); ERR_NOMEM or an error of the system. */
err_t cdb_file_open(const char *path, cdb_file_t **file, file_stamp_t *stamp)
	ATTR_NONNULL(1, 2) ATTR_NODISCARD;

/* NULL is fine. */
void cdb_file_close(cdb_file_t *file);

/* Finds the first record with this key, and sets `*value` to what it has, in the mapping. Any number of threads
 * at a time. Returns false if there is none, or none that is whole: then `*value` is unchanged. */
bool cdb_file_find(const cdb_file_t *file, const void *key, size_t key_size, const void **value,
		   size_t *value_size) ATTR_NONNULL_ALL;

/* Calls `visit` for all records, in the order of the file; key and value are in the mapping, and not NULL. Ends with
 * the first error that it returns. Returns that; ERR_OK; or ERR_CORRUPT at the first record that is not whole. */
err_t cdb_file_walk(const cdb_file_t *file,
		    err_t (*visit)(void *context, const void *key, size_t key_size,
				   const void *value, size_t value_size),
		    void *context) ATTR_NONNULL(1, 2) ATTR_NODISCARD;

/* For cdb_search.h: what tinycdb has of it, to be copied. */
struct cdb;
const struct cdb *cdb_file_cdb(const cdb_file_t *file) ATTR_NONNULL_ALL;

/* The whole mapping, and its size in bytes. */
const void *cdb_file_memory(const cdb_file_t *file, size_t *size) ATTR_NONNULL_ALL;

#endif
