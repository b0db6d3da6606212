/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_QUERY_OPTIONS_H
#define SPURN_TOOL_QUERY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "dns/dns.h"
#include "tool/query_print.h"

/* Lists on one command line; there are some hundred in the world. */
#define QUERY_LISTS_MAX 256
/* The subject that stands for the lines of stdin. */
#define QUERY_STDIN "-"

typedef struct query_list {
	const char *text;
	uint8_t name[DNS_NAME_MAX]; /* on the wire */
} query_list_t;

/* The command line of `spurn query`, read; plain data. The strings are those of argv. */
typedef struct query_options {
	query_list_t lists[QUERY_LISTS_MAX];
	size_t list_count;     /* at least 1 */
	char **subjects;       /* at least one, NULL behind the last one; not looked into yet */
	const char *server;    /* what stands behind @; NULL: not given */
	const char *port;      /* -p; NULL: not given */
	int family;            /* AF_UNSPEC, or AF_INET (-4) or AF_INET6 (-6) */
	unsigned tries;        /* -n; at least 1 */
	unsigned timeout_ms;   /* -t; at least 1 */
	query_format_t format; /* -j, or what stdout is */
	bool is_quiet;         /* -q */
} query_options_t;

typedef enum query_parsed {
	QUERY_PARSED_RUN,  /* all is well: ask */
	QUERY_PARSED_HELP, /* help is wanted */
	QUERY_PARSED_BAD,  /* the reason has been logged, or getopt has written it */
} query_parsed_t;

/* Reads argv[0..argc), NULL behind the last one, into `*options`, which is filled in only for
 * QUERY_PARSED_RUN; reorders argv. Uses getopt: one thread at a time. */
query_parsed_t query_options_parse(int argc, char **argv,
				   query_options_t *options) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
