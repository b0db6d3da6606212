/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/server.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/plural.h"
#include "daemon/control_commands.h"
#include "daemon/descriptors.h"
#include "daemon/reconfigure.h"
#include "daemon/server_service.h"
#include "daemon/server_state.h"
#include "daemon/server_watch.h"
#include "daemon/takeover.h"

/* How long a successor waits for the process that started it to go, and how often it looks, in
 * seconds. It is at its end then, so this takes milliseconds. */
#define PARTING_MAX_S  5.0
#define PARTING_LOOK_S 0.005

/* Tells the statistics what has been counted up to now. */
void server_count_queries(server_t *server)
{
	size_t zones;
	query_counts_t *counts = statistics_counts(server->statistics, &zones);

	workers_count_queries(server->workers, zones, counts);
	if (server->tcp != NULL)
		query_records_sum_queries(tcp_server_records(server->tcp), zones, counts);
}

/* The same for messages. */
message_counts_t server_count_messages(const server_t *server)
{
	message_counts_t counts = { 0 };

	workers_count(server->workers, &counts);
	if (server->tcp != NULL)
		query_records_sum(tcp_server_records(server->tcp), &counts);
	return counts;
}

/* For those who look at it again and again. */
static void count_for_watch(void *server, message_counts_t *sum)
{
	*sum = server_count_messages(server);
}

/* What limits have come to, if there are any. */
static void log_limits(server_t *server, const message_counts_t *counts)
{
	if (server->workers == NULL)
		return;
	limit_watch_tell(&server->limit_watch);
	if (limits_have_rate(server->setup->limits) || counts->over_quota > 0)
		log_info("limits: %" PRIu64 " replies dropped, %" PRIu64 " truncated, %" PRIu64
			 " queries over the quota of their key",
			 counts->limit_dropped, counts->limit_truncated, counts->over_quota);
}

static void log_counts(server_t *server)
{
	message_counts_t counts = server_count_messages(server);

	log_info("queries: %" PRIu64 " received, %" PRIu64 " answered, %" PRIu64
		 " dropped, %" PRIu64 " replies not sent",
		 counts.received, counts.answered, counts.dropped, counts.send_errors);
	if (server->tcp != NULL)
		tcp_server_log(server->tcp);
	log_limits(server, &counts);
	server_count_queries(server);
	statistics_log(server->statistics, time(NULL));
}

static void report_log(const server_t *server)
{
	if (server->setup->log != NULL)
		query_log_report(server->setup->log, server_count_messages(server).lines_lost);
}

static void fail(server_t *server)
{
	server->status = EXIT_STATUS_FAILED;
	ev_break(server->loop, EVBREAK_ALL);
}

/* Starts all that answers. */
static err_t start_answering(server_t *server)
{
	const server_setup_t *setup = server->setup;
	err_t err = workers_start(setup->catalog, setup->sockets, setup->workers, setup->log,
				  &server->workers);

	if (err == ERR_OK && setup->tcp_sockets != NULL) {
		const tcp_server_setup_t tcp = {
			.loop = server->loop,
			.catalog = setup->catalog,
			.sockets = setup->tcp_sockets,
			.limits = setup->tcp_limits,
			.log = setup->log,
		};
		err = tcp_server_start(&tcp, &server->tcp);
	}
	return err;
}

/* Nobody else answers; from here on nobody waits for us. */
static void settle(server_t *server)
{
	const server_setup_t *setup = server->setup;
	size_t addresses = udp_sockets_addresses(setup->sockets);
	/* Not the catalog's plan: a load may be running already. */
	size_t zones = statistics_zone_count(server->statistics);

	log_info("version " PACKAGE_VERSION " started (%zu socket%s, %zu zone%s, %zu worker%s)",
		 addresses, plural(addresses), zones, plural(zones), setup->workers,
		 plural(setup->workers));
	background_release(setup->background);
}

/* The predecessor answers no more, and has let go of the control socket. */
static void on_left(void *context)
{
	server_t *server = context;

	if (control_commands_start(server) != ERR_OK)
		log_error("not enough memory for the control socket");
	settle(server);
}

static void on_connection(void *context, int fd, const tcp_legacy_t *legacy)
{
	server_t *server = context;

	tcp_server_inherit(server->tcp, fd, legacy);
}

/* The service manager has to know it is this process which it shall watch before the predecessor ends:
 * else the service would end with that. */
static void displace(server_t *server)
{
	const server_setup_t *setup = server->setup;
	const predecessor_events_t events = {
		.on_left = on_left,
		.on_connection = server->tcp != NULL ? on_connection : NULL,
		.context = server,
	};

	service_take_over(&server->service, predecessor_watchdog_us(setup->predecessor));
	service_ready(&server->service);
	predecessor_replace(setup->predecessor, server->loop, &events);
}

static void on_parting(struct ev_loop *loop, ev_timer *timer, int events)
{
	server_t *server = timer->data;
	bool is_late = clock_monotonic_s() - server->parting_s > PARTING_MAX_S;

	(void)events;
	if (!background_is_alone(server->setup->background) && !is_late)
		return;
	ev_timer_stop(loop, timer);
	displace(server);
}

/* Takes the place of the one that answers beside us. */
static void replace_predecessor(server_t *server)
{
	const server_setup_t *setup = server->setup;

	/* It must not find its own number when it goes. */
	if (pidfile_write(setup->pidfile) != ERR_OK) {
		fail(server);
		return;
	}
	if (server->service.fd < 0) {
		displace(server);
		return;
	}
	/* As long as we are our parent's child, and not the manager's, it would take us for a
	 * stranger, whose end it does not wait for when it stops the service. */
	background_release(setup->background);
	server->parting_s = clock_monotonic_s();
	ev_timer_init(&server->parting, on_parting, 0, PARTING_LOOK_S);
	server->parting.data = server;
	ev_timer_start(server->loop, &server->parting);
}

/* Starts to answer. No other thread may be running yet. */
static void become_ready(server_t *server)
{
	const server_setup_t *setup = server->setup;

	background_enter(setup->background);
	if (start_answering(server) != ERR_OK) {
		fail(server);
		return;
	}
	server_count_queries(server);
	statistics_reset(server->statistics, time(NULL));
	statistics_mark(server->statistics, time(NULL));
	query_rates_start(&server->rates, server->loop, count_for_watch, server);
	limit_watch_start(&server->limit_watch, server->loop, setup->limits, count_for_watch,
			  server);
	server_watch_start(server);
	if (server->check.repeat > 0)
		ev_timer_start(server->loop, &server->check);
	if (setup->predecessor != NULL) {
		/* From here on we are there for all of them. */
		udp_sockets_steer(setup->sockets);
		replace_predecessor(server);
		return;
	}
	service_ready(&server->service);
	settle(server);
}

/* After the first load: `err` and `report` are those of catalog_load. */
static void log_first_load(const server_t *server, err_t err, const catalog_load_report_t *report)
{
	if (err == ERR_LOAD) {
		log_error("%zu of %zu data set%s could not be loaded%s", report->failed,
			  report->datasets, plural(report->datasets),
			  server->setup->is_quick ? "; their zones answer SERVFAIL" : "");
	} else if (err != ERR_OK) {
		log_error("loading: %s", err_text(err));
	}
}

static bool on_loaded(void *context, const loader_outcome_t *outcome)
{
	server_t *server = context;

	if (outcome->report->has_new_plan &&
	    statistics_follow(server->statistics, server->setup->catalog) != ERR_OK)
		log_error("not enough memory for the statistics of new zones");
	if (outcome->err != ERR_OK && outcome->err != ERR_LOAD &&
	    server->setup->reconfigure != NULL)
		reconfigure_forget(server->setup->reconfigure);
	if (outcome->report->has_new_plan)
		server_watch_renew(server);
	control_reload_done(server, outcome);
	service_loaded(&server->service, outcome->number);
	if ((outcome->reasons & LOADER_START) == 0)
		return true;
	log_first_load(server, outcome->err, outcome->report);
	if (server->setup->is_quick)
		return true;
	if (outcome->err != ERR_OK)
		fail(server);
	else
		become_ready(server);
	return server->status == EXIT_STATUS_OK;
}

/* Looks files up at another interval, if it is one. */
static void set_check(server_t *server, uint32_t check_s)
{
	if (server->check.repeat == check_s)
		return;
	ev_timer_stop(server->loop, &server->check);
	ev_timer_set(&server->check, check_s, check_s);
	if (check_s > 0 && server->workers != NULL)
		ev_timer_start(server->loop, &server->check);
}

/* Before a load that somebody asked for: what does the configuration file say now? */
static err_t on_plan(void *context, plan_t **plan, char *why)
{
	server_t *server = context;
	reconfigure_t *reconfigure = server->setup->reconfigure;
	uint32_t none = 0;
	err_t err = reconfigure_plan(reconfigure, plan, why, LOADER_WHY_MAX);

	if (err == ERR_OK)
		set_check(server, reconfigure->check_s);
	if (*plan != NULL)
		descriptors_provide(server->setup->socket_count, plan_open_files(*plan), &none);
	return err;
}

/* Has all files looked at. Returns the ticket of loader_request. */
static uint64_t load(server_t *server, loader_reason_t reason)
{
	const loader_request_t request = { .reason = reason };
	uint64_t ticket = loader_request(&server->loader, &request);

	if (ticket != 0 || reason == LOADER_CHECK)
		return ticket;
	log_error("cannot load: not enough memory");
	if (reason == LOADER_START)
		fail(server);
	return 0;
}

static void on_check(struct ev_loop *loop, ev_timer *watcher, int events)
{
	server_t *server = watcher->data;

	(void)loop;
	(void)events;
	server_count_queries(server);
	statistics_write(server->statistics, time(NULL));
	report_log(server);
	file_watch_look(server->watch);
	(void)load(server, LOADER_CHECK);
}

static void on_hangup(struct ev_loop *loop, ev_signal *watcher, int events)
{
	server_t *server = watcher->data;

	(void)loop;
	(void)events;
	if (server->setup->log != NULL)
		query_log_open(server->setup->log);
	report_log(server);
	service_reloading(&server->service, load(server, LOADER_ASKED));
}

void server_stop(server_t *server)
{
	ev_break(server->loop, EVBREAK_ALL);
}

void server_leave(server_t *server)
{
	ev_timer_stop(server->loop, &server->check);
	service_leave(&server->service);
	control_close(server->control);
	workers_stop(server->workers);
}

static void on_stop(struct ev_loop *loop, ev_signal *watcher, int events)
{
	(void)loop;
	(void)events;
	log_info("stopping on %s", watcher->signum == SIGTERM ? "SIGTERM" : "SIGINT");
	server_stop(watcher->data);
}

static void on_count(struct ev_loop *loop, ev_signal *watcher, int events)
{
	server_t *server = watcher->data;
	time_t now = time(NULL);

	(void)loop;
	(void)events;
	log_counts(server);
	catalog_log_failures(server->setup->catalog);
	report_log(server);
	if (server->workers == NULL)
		return; /* the file begins when there is something to count */
	statistics_write(server->statistics, now);
	if (watcher->signum == SIGUSR2) {
		statistics_reset(server->statistics, now);
		statistics_mark(server->statistics, now);
	}
}

static void watch_signal(server_t *server, ev_signal *watcher, int number,
			 void (*callback)(struct ev_loop *, ev_signal *, int))
{
	ev_signal_init(watcher, callback, number);
	watcher->data = server;
	ev_signal_start(server->loop, watcher);
}

/* Blocks or unblocks the signals that server_run takes. */
static void mask_signals(int how)
{
	static const int signals[] = { SIGHUP, SIGTERM, SIGINT, SIGUSR1, SIGUSR2 };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < COUNT_OF(signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(how, &set, NULL);
}

void server_hold_signals(void)
{
	/* The reader of our stderr may go away; and a limit on the size of files (setrlimit) is no
	 * reason to stop answering. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	mask_signals(SIG_BLOCK);
}

/* Makes the watchers. Returns ERR_OK or ERR_NOMEM. */
static err_t watch(server_t *server)
{
	loader_hooks_t hooks = {
		.plan = server->setup->reconfigure != NULL ? on_plan : NULL,
		.done = on_loaded,
		.context = server,
	};
	ev_tstamp check_s = server->setup->check_s;

	/* Not as the environment says: it is not always that of the one who rules the daemon. */
	server->loop = ev_default_loop(EVFLAG_AUTO | EVFLAG_NOENV);
	if (server->loop == NULL)
		return ERR_NOMEM;
	server_service_begin(server);
	err_t err = server_watch_begin(server);
	if (err != ERR_OK)
		return err;
	hooks.gate = &server->gate;
	loader_init(&server->loader, server->loop, server->setup->catalog, &hooks);
	ev_timer_init(&server->check, on_check, check_s, check_s);
	server->check.data = server;
	watch_signal(server, &server->hangup, SIGHUP, on_hangup);
	watch_signal(server, &server->stop[0], SIGTERM, on_stop);
	watch_signal(server, &server->stop[1], SIGINT, on_stop);
	watch_signal(server, &server->count[0], SIGUSR1, on_count);
	watch_signal(server, &server->count[1], SIGUSR2, on_count);
	mask_signals(SIG_UNBLOCK);
	return ERR_OK;
}

static void server_free(server_t *server)
{
	if (server == NULL)
		return;
	loader_clear(&server->loader);
	control_free(server->control);
	workers_free(server->workers);
	tcp_server_free(server->tcp);
	(void)!file_watch_free(server->watch);
	statistics_free(server->statistics);
	free(server);
}

/* NULL for want of memory. */
static server_t *server_new(const server_setup_t *setup)
{
	/* Not on the stack: a load that is left behind still writes to it. */
	server_t *server = calloc(1, sizeof(*server));

	if (server == NULL)
		return NULL;
	server->setup = setup;
	server->start_s = clock_monotonic_s();
	if (watch(server) != ERR_OK ||
	    statistics_new(setup->catalog, setup->statistics, time(NULL), &server->statistics) !=
		    ERR_OK ||
	    /* A predecessor has the control socket until it goes. */
	    (setup->predecessor == NULL && control_commands_start(server) != ERR_OK)) {
		server_free(server);
		return NULL;
	}
	return server;
}

/* Stops to answer, and says what came of it all. */
static void stop(server_t *server)
{
	if (server->workers == NULL)
		return;
	workers_stop(server->workers);
	tcp_server_stop(server->tcp);
	log_counts(server);
	report_log(server);
	statistics_write(server->statistics, time(NULL));
	statistics_mark(server->statistics, time(NULL));
}

exit_status_t server_run(const server_setup_t *setup, server_end_t *end)
{
	server_t *server = server_new(setup);
	exit_status_t status;

	*end = (server_end_t){ .is_loading = false };
	if (server == NULL) {
		log_error("not enough memory");
		return EXIT_STATUS_FAILED;
	}

	/* Each of the three may fail, and the last would forget that. */
	if (setup->is_quick)
		become_ready(server);
	if (server->status == EXIT_STATUS_OK)
		(void)load(server, LOADER_START);
	if (server->status == EXIT_STATUS_OK)
		ev_run(server->loop, 0);

	end->is_replaced = takeover_is_done(server);
	end->is_awaited = takeover_is_pending(server);
	takeover_end(server);
	predecessor_disconnect(setup->predecessor);
	service_stopping(&server->service);
	control_stop(server->control);
	stop(server);
	status = server->status;
	/* The load asks the watch. */
	end->is_loading = loader_abandon(&server->loader) || !file_watch_free(server->watch);
	if (!end->is_loading) {
		server->watch = NULL;
		service_end(&server->service);
		ev_loop_destroy(server->loop);
		server_free(server);
	}
	return status;
}
