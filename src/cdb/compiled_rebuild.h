/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CDB_COMPILED_REBUILD_H
#define SPURN_CDB_COMPILED_REBUILD_H

#include <jansson.h>

#include "base/attributes.h"

/* The command, for a shell, that compiles the list `path` anew, made of its header: of any format, and not to be believed.
 * If its files were named relative to the directory that it was compiled in, it goes there first, and `path` is made absolute.
 * The caller frees the text. NULL for want of memory, or if the header does not say enough. */
char *compiled_rebuild_command(const char *path, const json_t *header) ATTR_NONNULL_ALL;

#endif
