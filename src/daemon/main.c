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
#include "daemon/control.h"
#include "daemon/control_socket.h"
#include "daemon/check_config.h"
#include "daemon/daemonize.h"
#include "daemon/descriptors.h"
#include "daemon/exit_status.h"
#include "daemon/options.h"
#include "daemon/options_plan.h"
#include "daemon/pidfile.h"
#include "daemon/privileges.h"
#include "daemon/reconfigure.h"
#include "daemon/sandbox.h"
#include "daemon/server.h"
#include "net/tcp_sockets.h"
#include "net/udp_sockets.h"

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

/* Reads the cookie secrets, or makes one, if there shall be cookies: before anything is served, also
 * with -q. */
static err_t use_cookies(const options_t *options, catalog_t *catalog)
{
	err_t err;

	if (!options->has_cookies)
		return ERR_OK;
	err = catalog_use_cookies(catalog, options->cookie_file);
	if (err == ERR_NOMEM)
		log_error("%s", err_text(err));
	return err;
}

/* The sockets that a server listens on. */
typedef struct doors {
	udp_sockets_t *udp;
	tcp_sockets_t *tcp; /* NULL: no TCP */
	tcp_limits_t limits;
	control_socket_t control;
} doors_t;

static void close_doors(doors_t *doors)
{
	udp_sockets_close(doors->udp);
	tcp_sockets_close(doors->tcp);
	control_socket_close(&doors->control);
}

/* Opens the ports. UDP comes first: who is there already is most likely to have that. */
static err_t open_doors(const options_t *options, const identity_t *identity, doors_t *doors)
{
	size_t control =
		control_socket_is_wanted(options->control, identity) ? CONTROL_CLIENTS_SURE : 0;

	*doors = (doors_t){ .limits = options->tcp, .control = CONTROL_SOCKET_NONE };
	if (!options->has_no_tcp)
		descriptors_provide(options->listen.count * (options->workers + 1) + control,
				    &doors->limits.connections);
	err_t err = udp_sockets_open(&options->listen, options->workers, NULL, &doors->udp);
	if (err == ERR_OK && !options->has_no_tcp)
		err = tcp_sockets_open(&options->listen, NULL, &doors->tcp);
	if (err != ERR_OK)
		close_doors(doors);
	return err;
}

/* Gives up what is not needed from here on. */
static err_t give_up(const options_t *options, const identity_t *identity,
		     const reconfigure_t *reconfigure)
{
	err_t err = privileges_confine(options->root, options->workdir);

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
	pidfile_t pidfile = PIDFILE_NONE;
	exit_status_t status = EXIT_STATUS_FAILED;
	bool is_loading = false;
	bool has_config = options->config != NULL;
	reconfigure_t reconfigure = { 0 };
	query_log_t *log = NULL;
	doors_t doors;

	if (open_doors(options, identity, &doors) != ERR_OK)
		return EXIT_STATUS_FAILED;
	if ((!has_config || reconfigure_init(&reconfigure, options) == ERR_OK) &&
	    (options->pidfile == NULL || pidfile_open(options->pidfile, &pidfile) == ERR_OK) &&
	    pidfile_write(&pidfile) == ERR_OK &&
	    make_query_log(options, &log) == ERR_OK &&
	    control_socket_open(options->control, identity, options->root != NULL,
				&doors.control) == ERR_OK &&
	    give_up(options, identity, &reconfigure) == ERR_OK &&
	    use_cookies(options, catalog) == ERR_OK) {
		const server_setup_t setup = {
			.catalog = catalog,
			.limits = options->catalog.limits,
			.sockets = doors.udp,
			.tcp_sockets = doors.tcp,
			.tcp_limits = &doors.limits,
			.workers = options->workers,
			.check_s = options->check_s,
			.is_watched = options->is_watched,
			.cookie_file = options->cookie_file,
			.is_quick = options->is_quick,
			.statistics = options->statistics,
			.log = log,
			.reconfigure = has_config ? &reconfigure : NULL,
			.control = doors.control.listener,
			.background = background,
		};
		/* Like the zone files: as the user, in the new root. */
		if (log != NULL)
			query_log_open(log);
		status = server_run(&setup, &is_loading);
	}
	pidfile_remove(&pidfile);
	control_socket_close(&doors.control);
	/* A load in the middle may take minutes, and what it works on cannot be freed. */
	if (is_loading)
		_exit((int)status);
	query_log_free(log);
	reconfigure_clear(&reconfigure);
	close_doors(&doors);
	return status;
}

/* -d: writes the zones to stdout, if all of them can be loaded. Needs no privileges, and so gives
 * none up. */
static exit_status_t dump(const options_t *options, catalog_t *catalog)
{
	const dump_options_t how = { .now = time(NULL) };
	catalog_load_report_t report;

	log_set_level(LOG_LEVEL_WARNING);
	if (privileges_confine(options->root, options->workdir) != ERR_OK)
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
	/* A service manager that waits to be told watches this very process: no fork then. */
	if (background_attach(options->is_foreground ? NULL : program, options->facility,
			      &background) ||
	    options->is_foreground ||
	    background_fork(program, options->facility, &identity, &background) == ERR_OK) {
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
