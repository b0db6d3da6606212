/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "catalog/catalog.h"
#include "catalog/dump.h"
#include "catalog/limits.h"
#include "daemon/control_socket.h"
#include "daemon/check_config.h"
#include "daemon/daemonize.h"
#include "daemon/doors.h"
#include "daemon/exit_status.h"
#include "daemon/notify.h"
#include "daemon/options.h"
#include "daemon/options_plan.h"
#include "daemon/predecessor.h"
#include "daemon/privileges.h"
#include "daemon/reconfigure.h"
#include "daemon/sandbox.h"
#include "daemon/server.h"

/* Blocks of at least that many bytes are mapped on their own, and go back to the system as soon as
 * they are freed. Unless it is set, the C library learns from the first big block that is freed to
 * keep such blocks in its heap, up to 32 MiB: 3 million addresses, loaded anew twice, then hold 13.8
 * MB instead of 8.5 MB. */
#define MAPPED_BLOCK_MIN (128 << 10)

static const char program[] = "spurnd";

/* Makes a catalog of the zones that were asked for, with what limits its answers. Files are not
 * opened. */
static exit_status_t make_catalog(options_t *options, catalog_t **catalog)
{
	plan_t *plan;

	if (limits_new(&options->limits, &options->catalog.limits) != ERR_OK) {
		log_error("not enough memory for --rate-limit-table %zu", options->limits.slots);
		return EXIT_STATUS_FAILED;
	}
	err_t err = options_plan_make(options, &plan);
	if (err != ERR_OK)
		return err == ERR_NOMEM ? EXIT_STATUS_FAILED : EXIT_STATUS_USAGE;
	if (catalog_new(plan, catalog) != ERR_OK) {
		log_error("not enough memory");
		plan_free(plan);
		return EXIT_STATUS_FAILED;
	}
	return EXIT_STATUS_OK;
}

/* Makes the log of -l, if there is one to make: `*log` stays as it is otherwise. */
static err_t make_query_log(const options_t *options, query_log_t **log)
{
	const char *target = options->query_log;

	if (target == NULL || target[0] == '\0' || strcmp(target, "+") == 0)
		return ERR_OK;
	return query_log_new(target, log);
}

/* Reads the cookie secrets, or makes one, unless a predecessor had one, if there shall be cookies:
 * before anything is served, also with -q. */
static err_t use_cookies(const options_t *options, const doors_t *doors, catalog_t *catalog)
{
	const dns_cookie_secrets_t *secrets = NULL;
	err_t err;

	if (!options->has_cookies)
		return ERR_OK;
	if (doors->predecessor != NULL)
		secrets = predecessor_cookies(doors->predecessor);
	err = catalog_use_cookies(catalog, options->cookie_file, secrets);
	if (err == ERR_NOMEM)
		log_error("%s", err_text(err));
	return err;
}

/* Gives up what is not needed from here on. */
static err_t give_up(const options_t *options, const identity_t *identity,
		     const reconfigure_t *reconfigure)
{
	err_t err = options_confine(options);

	if (err == ERR_OK)
		err = privileges_drop(identity);
	if (err == ERR_OK && options->config != NULL)
		reconfigure_probe(reconfigure);
	return err == ERR_OK ? sandbox_enter(options->sandbox) : err;
}

/* Does what needs privileges, gives them up, and serves. The order matters: ports below 1024 and
 * the pid file need root, and the pid file's path is one of the old root directory. A second spurnd
 * fails at the ports, before it could overwrite the first one's pid file. */
static exit_status_t serve(const options_t *options, const identity_t *identity, catalog_t *catalog,
			   background_t *background)
{
	exit_status_t status = EXIT_STATUS_FAILED;
	uid_t uid = identity->must_change ? identity->uid : geteuid();
	server_end_t end = { .is_loading = false };
	bool has_config = options->config != NULL;
	reconfigure_t reconfigure = { 0 };
	query_log_t *log = NULL;
	doors_t doors;

	if (doors_open(&doors, options, identity, catalog_open_files(catalog)) != ERR_OK)
		return EXIT_STATUS_FAILED;
	if ((!has_config || reconfigure_init(&reconfigure, options) == ERR_OK) &&
	    doors_open_files(&doors, options, identity) == ERR_OK &&
	    make_query_log(options, &log) == ERR_OK &&
	    give_up(options, identity, &reconfigure) == ERR_OK &&
	    use_cookies(options, &doors, catalog) == ERR_OK) {
		const server_setup_t setup = {
			.catalog = catalog,
			.limits = options->catalog.limits,
			.sockets = doors.udp,
			.tcp_sockets = doors.tcp,
			.tcp_limits = &doors.limits,
			.socket_count = doors.socket_count,
			.workers = options->workers,
			.check_s = options->check_s,
			.is_watched = options->is_watched,
			.cookie_file = options->cookie_file,
			/* It would be for a silence which there is not. */
			.is_quick = options->is_quick && doors.predecessor == NULL,
			.statistics = options->statistics,
			.log = log,
			.reconfigure = has_config ? &reconfigure : NULL,
			.control = doors.control.listener,
			.uid = uid,
			.background = background,
			.predecessor = doors.predecessor,
			.pidfile = &doors.pidfile,
		};
		/* Like the zone files: as the user, in the new root. */
		if (log != NULL)
			query_log_open(log);
		status = server_run(&setup, &end);
	}
	doors_leave_files(&doors, &end);
	/* A load in the middle may take minutes, and what it works on cannot be freed. */
	if (end.is_loading)
		_exit((int)status);
	query_log_free(log);
	reconfigure_clear(&reconfigure);
	doors_close(&doors);
	return status;
}

/* -d: writes the zones to stdout, if all of them can be loaded. Needs no privileges, and so gives
 * none up. */
static exit_status_t dump(const options_t *options, catalog_t *catalog)
{
	const dump_options_t how = { .now = time(NULL) };
	catalog_load_report_t report;

	log_set_level(LOG_LEVEL_WARNING);
	if (options_confine(options) != ERR_OK)
		return EXIT_STATUS_FAILED;
	err_t err = catalog_load(catalog, &catalog_request_all, &report);
	if (err == ERR_OK)
		err = dump_write(catalog, &how, stdout);
	if (err == ERR_OK)
		return EXIT_STATUS_OK;
	if (err != ERR_LOAD) /* else the reason has been logged */
		log_error("dump: %s", err_text(err));
	return EXIT_STATUS_FAILED;
}

/* Is there somebody to replace, if that is what we are for? Only asked by who may go into the
 * background. */
static err_t look_for_predecessor(const options_t *options, const identity_t *identity,
				  bool *is_there)
{
	const char *path = control_socket_path(options->control, identity);

	*is_there = false;
	if (!options->is_replacing)
		return ERR_OK;
	if (path != NULL)
		return options->is_foreground ? ERR_OK : predecessor_look(path, is_there);
	log_error("--replace finds the running spurnd by its control socket: give --control PATH, "
		  "to both of them");
	return ERR_INVAL;
}

/* Becomes the process that is to serve, in the foreground or not. */
static err_t enter_background(const options_t *options, const identity_t *identity,
			      background_t *background)
{
	bool has_predecessor;
	err_t err = look_for_predecessor(options, identity, &has_predecessor);

	if (err != ERR_OK)
		return err;
	/* A service manager that waits to be told watches this very process: no fork then. But if it
	 * watches another one, which is to be replaced, we were started for that alone, and it waits
	 * for our end. */
	if (!has_predecessor) {
		if (background_attach(options->is_foreground ? NULL : program, options->facility,
				      background) ||
		    options->is_foreground)
			return ERR_OK;
	}
	err = background_fork(program, options->facility, identity, background);
	if (err == ERR_OK && has_predecessor)
		background->manager = notify_connect();
	return err;
}

/* Dumps or serves, as `options` say. */
static exit_status_t run(options_t *options)
{
	background_t background = BACKGROUND_NONE;
	char name[SETTING_NAME_MAX];
	identity_t identity;
	catalog_t *catalog;
	exit_status_t status;

	options_name(options, "user", name);
	if (!options->is_dump && privileges_find(options->user, name, &identity) != ERR_OK)
		return EXIT_STATUS_USAGE;
	status = make_catalog(options, &catalog);
	if (status != EXIT_STATUS_OK)
		return status;
	if (options->is_dump) {
		status = dump(options, catalog);
		catalog_free(catalog);
		return status;
	}

	/* The pid file is readable by all, and writable by its owner alone. */
	umask(S_IWGRP | S_IWOTH);
	if (enter_background(options, &identity, &background) == ERR_OK) {
		server_hold_signals();
		status = serve(options, &identity, catalog, &background);
	} else {
		status = EXIT_STATUS_FAILED;
	}
	catalog_free(catalog);
	return status;
}

int main(int argc, char **argv)
{
	exit_status_t status = EXIT_STATUS_OK;
	options_t options;

	log_set_program(program);
#ifdef M_MMAP_THRESHOLD /* glibc */
	mallopt(M_MMAP_THRESHOLD, MAPPED_BLOCK_MIN);
#endif
	switch (options_parse(argc, argv, &options)) {
	case OPTIONS_SHOWN:
		break;
	case OPTIONS_BAD:
		status = options.is_check ? EXIT_STATUS_FAILED : EXIT_STATUS_USAGE;
		break;
	case OPTIONS_RUN:
		status = options.is_check ? check_config(&options) : run(&options);
		break;
	}
	options_free(&options);
	return (int)status;
}
