/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_OPTIONS_H
#define SPURN_TOOL_SPRAY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "catalog/plan.h"
#include "ports/port_set.h"
#include "spray/spray_names.h"
#include "spray/spray_result.h"

/* The command line of `spurn spray`, read; plain data. The strings are those of argv. */
typedef struct spray_options {
	/* Policy, threads, rate, seconds, count, patience, types, hit ratio (< 0: not given), EDNS and
	 * NSID are as given, or the defaults; the rest is to be filled in. `in_flight` is 0 if it is not
	 * given. */
	spray_setup_t setup;
	dns_type_t types[SPRAY_TYPES_MAX];
	unsigned type_count;
	const char *policy; /* the option that gave it; NULL: none did */
	const char *server; /* what stands behind @ */
	const char *port;   /* NULL: not given */
	int family;         /* AF_UNSPEC, or AF_INET (-4) or AF_INET6 (-6) */
	const char *list;   /* --list; NULL: words are zone specifications */
	char **words;  /* zone specifications, or with --list one zone; NULL behind the last one */
	size_t sample; /* names that are asked for, at most */
	bool has_port_range;
	port_range_t port_range;
	port_set_t avoid;          /* all of --avoid */
	catalog_options_t catalog; /* how zone files are read */
	bool is_json;
	const char *svg; /* NULL: none */
} spray_options_t;

typedef enum spray_parsed {
	SPRAY_PARSED_RUN,  /* all is well */
	SPRAY_PARSED_HELP, /* help is wanted */
	SPRAY_PARSED_BAD,  /* the reason has been logged, or getopt has written it */
} spray_parsed_t;

/* Reads argv[0..argc), NULL behind the last one; reorders argv. Uses getopt: one thread at a time. */
spray_parsed_t spray_options_parse(int argc, char **argv,
				   spray_options_t *options) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
