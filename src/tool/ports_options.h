/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_PORTS_OPTIONS_H
#define SPURN_TOOL_PORTS_OPTIONS_H

#include <stdbool.h>

#include "base/attributes.h"
#include "ports/port_audit.h"

/* The command line of `spurn ports`, read; plain data. The strings are those of argv. */
typedef struct ports_options {
	port_question_t question; /* without what the machine says: see below */
	bool is_range_given;      /* else question.range is not filled in */
	bool is_json;
	bool is_fix;
	const char *directory; /* for the file; NULL: the system's */
} ports_options_t;

typedef enum ports_parsed {
	PORTS_PARSED_RUN,  /* all is well */
	PORTS_PARSED_HELP, /* help is wanted */
	PORTS_PARSED_BAD,  /* the reason has been logged, or getopt has written it */
} ports_parsed_t;

/* Reads argv[0..argc) into `*options`. Uses getopt: one thread at a time. The caller frees `*options` with
 * ports_options_free in any case. */
ports_parsed_t ports_options_parse(int argc, char **argv,
				   ports_options_t *options) ATTR_NONNULL_ALL ATTR_NODISCARD;
void ports_options_free(ports_options_t *options) ATTR_NONNULL_ALL;

#endif
