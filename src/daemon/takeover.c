/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/takeover.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/passed_descriptors.h"
#include "net/tcp_stream.h"

/* Seconds for TCP connections to get where they can be handed over: to have their replies taken. */
#define LEAVE_S 5
/* Seconds between two looks at how far that is. */
#define LOOK_S 0.01

typedef enum takeover_state {
	TAKEOVER_PENDING, /* the successor has the sockets, and loads */
	TAKEOVER_LEAVING, /* it answers; we do so no more, but for what we have of TCP */
	TAKEOVER_DONE,    /* all is said */
} takeover_state_t;

struct takeover {
	server_t *server;
	control_client_t *client; /* NULL: the successor is gone, or all is said */
	int pid;                  /* the successor's */
	takeover_state_t state;
	tcp_heir_t heir;
	ev_timer look;
	double end_s; /* clock_monotonic_s, when we go whatever there is */
	/* Sockets that were lent to us, and that nobody serves yet. */
	int lent[PASSED_DESCRIPTORS_MAX];
	size_t lent_count;
	/* Connections that were handed over, but may not have been sent yet. */
	int *given;
	size_t given_count;
	size_t given_capacity;
};

bool takeover_is_done(const server_t *server)
{
	return server->takeover != NULL && server->takeover->state != TAKEOVER_PENDING;
}

bool takeover_is_pending(const server_t *server)
{
	return server->takeover != NULL && server->takeover->state == TAKEOVER_PENDING;
}

static void takeover_free(takeover_t *takeover)
{
	ev_timer_stop(takeover->server->loop, &takeover->look);
	takeover->server->takeover = NULL;
	for (size_t i = 0; i < takeover->lent_count; i++)
		close(takeover->lent[i]);
	for (size_t i = 0; i < takeover->given_count; i++)
		close(takeover->given[i]);
	free(takeover->given);
	free(takeover);
}

void takeover_end(server_t *server)
{
	takeover_t *takeover = server->takeover;

	if (takeover == NULL)
		return;
	if (takeover->client != NULL)
		control_refuse(takeover->client, "spurnd is stopping");
	takeover_free(takeover);
}

/* ---- leaving ---- */

/* All is said: what is left is to end. */
static void finish(takeover_t *takeover)
{
	takeover->state = TAKEOVER_DONE;
	ev_timer_stop(takeover->server->loop, &takeover->look);
	/* The end of the connection is that of the process. */
	if (takeover->client != NULL)
		control_reply_keep(takeover->client, json_pack("{s:b}", "ended", 1));
	takeover->client = NULL;
	server_stop(takeover->server);
}

static void on_look(struct ev_loop *loop, ev_timer *timer, int events)
{
	takeover_t *takeover = timer->data;
	const tcp_server_t *tcp = takeover->server->tcp;
	bool has_connections =
		tcp != NULL && takeover->heir.take != NULL && tcp_server_count(tcp) > 0;

	(void)loop;
	(void)events;
	if (takeover->client == NULL || clock_monotonic_s() >= takeover->end_s ||
	    (!has_connections && control_is_sent(takeover->client)))
		finish(takeover);
}

/* Hands a TCP connection over. */
static bool take_connection(void *context, int fd, const tcp_legacy_t *legacy)
{
	takeover_t *takeover = context;
	char digits[2 * (TCP_PREFIX + TCP_QUERY_MAX) + 1];
	json_t *message;

	if (takeover->client == NULL ||
	    array_reserve((void **)&takeover->given, &takeover->given_capacity,
			  takeover->given_count + 1, sizeof(*takeover->given)) != ERR_OK)
		return false;
	sodium_bin2hex(digits, sizeof(digits), legacy->input, legacy->input_size);
	message = json_pack("{s:{s:I, s:s}}", "connection", "age_ms", (json_int_t)legacy->age_ms,
			    "input", digits);
	if (message == NULL || !control_send(takeover->client, message, &fd, 1))
		return false;
	takeover->given[takeover->given_count++] = fd;
	return true;
}

/* The successor answers: we do no more, once we have answered what has come. */
static void leave(takeover_t *takeover, bool has_tcp)
{
	server_t *server = takeover->server;

	log_info("process %d has taken over; this one ends", takeover->pid);
	takeover->state = TAKEOVER_LEAVING;
	takeover->heir.take = has_tcp ? take_connection : NULL;
	takeover->heir.context = takeover;
	takeover->end_s = clock_monotonic_s() + LEAVE_S;
	server_leave(server);
	if (!control_send(takeover->client, json_pack("{s:b}", "left", 1), NULL, 0))
		log_error("not enough memory");
	if (server->tcp != NULL)
		tcp_server_leave(server->tcp, has_tcp ? &takeover->heir : NULL);
	ev_timer_start(server->loop, &takeover->look);
}

/* ---- what the successor says ---- */

static void on_descriptors(void *context, const int *fds, size_t count)
{
	takeover_t *takeover = context;

	for (size_t i = 0; i < count; i++) {
		if (takeover->lent_count < COUNT_OF(takeover->lent))
			takeover->lent[takeover->lent_count++] = fds[i];
		else
			close(fds[i]);
	}
}

/* Serves what was lent. If the successor fails it stays with us: what comes to these sockets came to
 * ours before, and to close them would lose some of it. */
static void serve_lent(takeover_t *takeover)
{
	bool is_served =
		takeover->lent_count > 0 && workers_add(takeover->server->workers, takeover->lent,
							takeover->lent_count) == ERR_OK;

	if (is_served)
		takeover->lent_count = 0;
	if (!control_send(takeover->client, json_pack("{s:b}", "lent", is_served), NULL, 0))
		log_error("not enough memory");
}

static void on_line(void *context, char *line)
{
	takeover_t *takeover = context;
	bool is_ready = strcmp(line, TAKEOVER_READY) == 0;

	if (takeover->state != TAKEOVER_PENDING)
		return;
	if (is_ready || strcmp(line, TAKEOVER_READY_UDP) == 0)
		leave(takeover, is_ready);
	else if (strcmp(line, TAKEOVER_LEND) == 0)
		serve_lent(takeover);
}

static void on_gone(void *context)
{
	takeover_t *takeover = context;

	takeover->client = NULL;
	if (takeover->state != TAKEOVER_PENDING)
		return; /* on_look comes to it */
	/* It may have been about to say that it is ready, or have added sockets. */
	pidfile_reclaim(takeover->server->setup->pidfile);
	udp_sockets_steer(takeover->server->setup->sockets);
	log_warning("process %d, which was to take over, has ended before it could; this one goes "
		    "on as before",
		    takeover->pid);
	takeover_free(takeover);
}

/* ---- the command ---- */

/* May this client have our sockets? Only who could stop us anyway, and take the place. */
static bool is_allowed(const control_client_t *client, uid_t own_uid, int *pid)
{
	uid_t uid;
	pid_t process;

	if (!control_client_is_of(client, &uid, &process))
		return false;
	*pid = (int)process;
	return uid == 0 || uid == own_uid;
}

/* Sends the sockets fds[0..count). */
static bool send_sockets(control_client_t *client, const int *fds, size_t count)
{
	while (count > 0) {
		size_t some = count < PASSED_DESCRIPTORS_MAX ? count : PASSED_DESCRIPTORS_MAX;

		if (!control_send(client, json_pack("{s:I}", "descriptors", (json_int_t)some), fds,
				  some))
			return false;
		fds += some;
		count -= some;
	}
	return true;
}

/* The secrets of cookies, unless they come from a file, as JSON. */
static json_t *cookies_of(const catalog_t *catalog)
{
	const dns_cookie_secrets_t *secrets = catalog_own_cookies(catalog);
	char digits[2 * DNS_COOKIE_SECRET_SIZE + 1];
	json_t *array = json_array();

	for (size_t i = 0; secrets != NULL && i < secrets->count; i++) {
		sodium_bin2hex(digits, sizeof(digits), secrets->secrets[i], DNS_COOKIE_SECRET_SIZE);
		(void)json_array_append_new(array, json_string(digits));
	}
	sodium_memzero(digits, sizeof(digits));
	return array;
}

/* Sends the manifest, and then all sockets. */
static bool hand_over(const server_t *server, control_client_t *client)
{
	const server_setup_t *setup = server->setup;
	size_t udp_count;
	size_t tcp_count = 0;
	size_t lent_count;
	const int *lent = workers_lent(server->workers, &lent_count);
	const int *udp = udp_sockets_all(setup->sockets, &udp_count);
	const int *tcp =
		setup->tcp_sockets != NULL ? tcp_sockets_all(setup->tcp_sockets, &tcp_count) : NULL;
	json_t *manifest = json_pack("{s:i, s:s, s:i, s:I, s:I, s:o}", "take_over", TAKEOVER_FORMAT,
				     "version", PACKAGE_VERSION, "pid", (int)getpid(), "sockets",
				     (json_int_t)(udp_count + lent_count + tcp_count + 1),
				     "watchdog_us", (json_int_t)server->service.watchdog_us,
				     "cookies", cookies_of(setup->catalog));

	return manifest != NULL && control_send(client, manifest, NULL, 0) &&
	       send_sockets(client, udp, udp_count) && send_sockets(client, lent, lent_count) &&
	       send_sockets(client, tcp, tcp_count) && send_sockets(client, &setup->control, 1);
}

void takeover_run(void *context, control_client_t *client, char *const *words, size_t count)
{
	server_t *server = context;
	takeover_t *takeover;
	int pid = 0;

	if (count > 0) {
		control_refuse(client, "take-over: what is '%s'? There are no arguments", words[0]);
		return;
	}
	if (!is_allowed(client, server->setup->uid, &pid)) {
		control_refuse(client, "only root, and the user that spurnd runs as, may do this");
		return;
	}
	if (server->takeover != NULL) {
		control_refuse(client,
			       "process %d is about to take over already: wait for it, or end "
			       "it (kill %d)",
			       server->takeover->pid, server->takeover->pid);
		return;
	}
	if (server->workers == NULL) {
		control_refuse(client,
			       "it does not answer yet, for it is still loading: wait until "
			       "it does, or stop it");
		return;
	}
	takeover = calloc(1, sizeof(*takeover));
	if (takeover == NULL || !hand_over(server, client)) {
		free(takeover);
		control_refuse(client, "it has no memory for this");
		return;
	}
	takeover->server = server;
	takeover->client = client;
	takeover->pid = pid;
	ev_timer_init(&takeover->look, on_look, LOOK_S, LOOK_S);
	takeover->look.data = takeover;
	server->takeover = takeover;
	const control_wait_t wait = {
		.on_gone = on_gone,
		.on_line = on_line,
		.on_descriptors = on_descriptors,
		.context = takeover,
	};
	control_wait(client, &wait);
	log_info("process %d is about to take over (--replace)", pid);
}
