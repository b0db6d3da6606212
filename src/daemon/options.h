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
#include "daemon/config.h"
#include "daemon/sandbox.h"
#include "daemon/settings.h"
#include "net/listen.h"
#include "net/steering.h"
#include "net/tcp_connection.h"

/* What spurnd was asked for, read; to be freed with options_free. The strings are those of argv and of
 * the configuration file. */
typedef struct options {
	/* All that was given outside of zones, in this order, the command line last: of two values for one
	 * setting the later one counts. Owned. */
	assignment_t *given;
	size_t given_count;
	size_t given_capacity;
	listen_set_t listen;       /* -b, -4, -6; at least one, unless is_dump */
	limits_options_t limits;   /* --rate-limit..., --key-quota; owns what `exempt` holds */
	catalog_options_t catalog; /* -t -e -a -A -v -C --ent --nsid ... */
	const char *config_file;   /* --config; NULL: none */
	config_t *config;          /* what is in that; owned */
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
	bool is_watched;           /* --watch, and what it is without that option */
	unsigned workers;          /* --workers; 1..WORKERS_MAX */
	steering_t steering;       /* --steer */
	int facility;              /* -F; syslog(3)'s number */
	bool has_cookies;          /* --cookies, and what it is without that option */
	sandbox_mode_t sandbox;    /* --sandbox */
	bool is_foreground;        /* -n */
	bool is_dump;              /* -d: write the zones to stdout instead of serving them */
	bool is_check;             /* --check-config: look whether all is well, and that is all */
	bool is_quick;             /* -q: serve before the first load */
	bool is_replacing;         /* --replace: take the place of the one that is running */
	int family;                /* -4, -6; AF_UNSPEC: any */
	unsigned hides;            /* how often -v was given */
	char host[CATALOG_NSID_MAX + 1]; /* the name of this host: the NSID unless there is one */
	char **zones;      /* zones[0..zone_count): specifications, not looked into yet */
	size_t zone_count; /* those of the configuration file come on top */
} options_t;

typedef enum options_result {
	OPTIONS_RUN,   /* all is well: serve */
	OPTIONS_SHOWN, /* help or version was asked for, and has been written to stdout */
	OPTIONS_BAD,   /* the reason, with what to do, has been logged */
} options_result_t;

/* Reads the command line argv[0..argc), argv[0] being the program's name, and the configuration file
 * that it names, if any, into `*options`; puts the zones behind the options in `argv`. Names of hosts
 * and services are looked up; nothing else of the system is touched. Uses getopt: one thread at a time. Only for OPTIONS_RUN is all of
 * `*options` filled in; the caller frees it in any case. */
options_result_t options_parse(int argc, char **argv,
			       options_t *options) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Reads text[0..size), the configuration file of `start` as it is now, into `*next`, as options_parse did
 * then, together with the same command line. Addresses are not looked up, and `next->listen` is empty. The caller frees `*next` in any case. Returns ERR_OK; or an error, and what
 * is wrong has been logged. */
err_t options_reread(const options_t *start, const char *text, size_t size,
		     options_t *next) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Changes the root directory, then the directory, as the options say: see privileges_confine. */
err_t options_confine(const options_t *options) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Frees what the options own, and what limits their answers. */
void options_free(options_t *options) ATTR_NONNULL_ALL;

/* The assignment to the setting called `name` that counts, or NULL. */
const assignment_t *options_find(const options_t *options, const char *name) ATTR_NONNULL_ALL;

/* Writes what messages call the setting of that name, which was given: as it was. */
void options_name(const options_t *options, const char *setting,
		  char name[SETTING_NAME_MAX]) ATTR_NONNULL_ALL;

#endif
