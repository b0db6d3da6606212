/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CDB_COMPILED_WRITER_H
#define SPURN_CDB_COMPILED_WRITER_H

#include <jansson.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"

/* Writes a compiled list (see compiled_file.h), which is there when it is complete and on the disk, and not before
 * (see base/new_file.h). One thread at a time. After an error the rest does nothing, and compiled_writer_end
 * returns it. */
typedef struct compiled_writer compiled_writer_t;

/* Begins the file `path`. Returns ERR_OK, after which compiled_writer_end or compiled_writer_abandon has to be called;
 * ERR_INVAL (there is something that is no plain file); ERR_NO_SPACE (the path is too long), ERR_NOMEM or an error
 * of the system. */
err_t compiled_writer_begin(const char *path,
			    compiled_writer_t **writer) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The number of a new data set, from 0. */
unsigned compiled_writer_next(compiled_writer_t *writer) ATTR_NONNULL_ALL;

/* Adds a block to data set `number`, which must be of compiled_writer_next: block[0..size), which may be empty, NULL
 * then. `name` is one of its own in this data set, at most COMPILED_NAME_MAX bytes. Returns ERR_OK; EFBIG's error if
 * the file would be larger than a cdb may be, 4 GiB; ERR_NOMEM or an error of the system. */
err_t compiled_writer_add(compiled_writer_t *writer, unsigned number, const char *name,
			  const void *block, size_t size) ATTR_NONNULL(1, 3) ATTR_NODISCARD;

/* Completes the file with its header, whose array "datasets" must have an object for each data set, and puts it in place.
 * Adds to the header what compiled_file.h says is the container's. Takes over the reference to `header`, NULL for want
 * of memory, and frees `writer`, in any case. Returns ERR_OK; EFBIG's error, ERR_NOMEM or an error of the system: then
 * there is what was there before; or ERR_NOT_SYNCED: the new file is in place, but may not outlive a power cut. */
err_t compiled_writer_end(compiled_writer_t *writer, json_t *header) ATTR_NONNULL(1) ATTR_NODISCARD;

/* Leaves what was there before, and frees `writer`. NULL is fine. */
void compiled_writer_abandon(compiled_writer_t *writer);

#endif
