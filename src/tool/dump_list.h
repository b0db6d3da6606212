/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_DUMP_LIST_H
#define SPURN_TOOL_DUMP_LIST_H

#include "base/attributes.h"

/* `spurn dump OUT.cdb`: a compiled list written back as zone files. */

#define DUMP_LIST_ANY (-1L)

typedef struct dump_list_options {
	const char *path;      /* of the list */
	const char *directory; /* for a file of each data set; NULL: one of them to stdout */
	long number; /* of the only data set to write; DUMP_LIST_ANY: no one in particular */
} dump_list_options_t;

/* Does it, and says on stderr what is in the way. Returns the exit status: 0 done, 1 the list cannot be read, or
 * not all that it has can be said in zone files; COMMAND_FAILED. */
int dump_list(const dump_list_options_t *options) ATTR_NONNULL_ALL;

#endif
