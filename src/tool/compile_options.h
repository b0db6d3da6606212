/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_COMPILE_OPTIONS_H
#define SPURN_TOOL_COMPILE_OPTIONS_H

#include <stdint.h>

#include "base/attributes.h"
#include "catalog/plan.h"

/* The command line of `spurn compile`. */

extern const char compile_help[];

typedef struct compile_options {
	catalog_options_t catalog; /* how files are read */
	const char *output;
	uint32_t jobs;
	char **specs; /* in argv, NULL behind the last one */
} compile_options_t;

/* How reading the command line ended. */
typedef enum compile_parsed {
	COMPILE_RUN,
	COMPILE_HELP,
	COMPILE_BAD, /* which has been logged */
} compile_parsed_t;

compile_parsed_t compile_options_parse(int argc, char **argv,
				       compile_options_t *options) ATTR_NONNULL_ALL;

#endif
