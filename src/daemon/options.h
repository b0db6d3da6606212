/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_OPTIONS_H
#define SPURN_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "catalog/catalog.h"
#include "catalog/limits.h"
#include "daemon/sandbox.h"
#include "daemon/settings.h"
#include "net/listen.h"
#include "net/tcp_connection.h"

/* What spurnd was asked for, read; to be freed with options_free. The strings are those of argv. */
typedef struct options {
	/* All that was given, in this order: what comes later counts. Owned. */
	assignment_t *given;
	size_t given_count;
	size_t given_capacity;
	listen_set_t listen;       /* -b, -4, -6; at least one, unless is_dump */
	limits_options_t limits;   /* --rate-limit..., --key-quota; owns what `exempt` holds */
	catalog_options_t catalog; /* -t -e -a -A -v -C --ent --nsid ... */
	const char *user;          /* -u; NULL: not given */
	const char *root;          /* -r; NULL: no chroot */
	const char *workdir;       /* -w; NULL: stay */
	const char *pidfile;       /* -p; NULL: none */
	const char *control;       /* --control; NULL: not given */
	const char *statistics;    /* -s; NULL: no file of statistics */
	const char *query_log;     /* -l; NULL: none */
	const char *cookie_file;   /* --cookie-secret; NULL: none */
	bool has_no_tcp;           /* --no-tcp */
	tcp_limits_t tcp;          /* --tcp-... */
	uint32_t check_s;          /* -c; seconds between two checks of the files; 0: none */
	unsigned workers;          /* --workers; 1..WORKERS_MAX */
	int facility;              /* -F; syslog(3)'s number */
	bool has_cookies;          /* --cookies, and what it is without that option */
	sandbox_mode_t sandbox;    /* --sandbox */
	bool is_foreground;        /* -n */
	bool is_dump;              /* -d: write the zones to stdout instead of serving them */
	bool is_quick;             /* -q: serve before the first load */
	int family;                /* -4, -6; AF_UNSPEC: any */
	unsigned hides;            /* how often -v was given */
	char **zones;              /* zones[0..zone_count): specifications, not looked into yet */
	size_t zone_count;         /* at least 1 */
} options_t;

typedef enum options_result {
	OPTIONS_RUN,   /* all is well: serve */
	OPTIONS_SHOWN, /* help or version was asked for, and has been written to stdout */
	OPTIONS_BAD,   /* the reason, with what to do, has been logged */
} options_result_t;

/* Reads the command line argv[0..argc), argv[0] being the program's name, into `*options`; puts the
 * zones behind the options in `argv`. Names of hosts and services are looked up; nothing else of
 * the system is touched. Uses getopt: one thread at a time. Only for OPTIONS_RUN is all of
 * `*options` filled in; the caller frees it in any case. */
options_result_t options_parse(int argc, char **argv,
			       options_t *options) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Frees what the options own, and what limits their answers. */
void options_free(options_t *options) ATTR_NONNULL_ALL;

/* The assignment to the setting called `name` that counts, or NULL. */
const assignment_t *options_find(const options_t *options, const char *name) ATTR_NONNULL_ALL;

#endif
