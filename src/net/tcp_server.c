/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/tcp_server.h"

#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

/* Connections that are accepted on one socket before it is the others' turn. */
#define ACCEPTS_MAX 32
/* Seconds without new connections when the system has no descriptors or memory for them. Those that
 * knock meanwhile wait in the backlog; without the pause we would be told of them a million times a
 * second. */
#define PAUSE_S 0.1
/* Milliseconds between two complaints about that. */
#define COMPLAINT_MS 60000
/* Most of what an option of OPT can say (RFC 7828 section 3.1). */
#define KEEPALIVE_MAX UINT16_MAX

struct tcp_server {
	tcp_host_t host;
	ev_timer pause;
	bool has_made_room;     /* since a connection was accepted last */
	uint64_t complained_ms; /* 0: never */
	size_t listener_count;
	ev_io listeners[];
};

static void pause_listeners(tcp_server_t *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		ev_io_stop(server->host.loop, &server->listeners[i]);
	ev_timer_set(&server->pause, PAUSE_S, 0);
	ev_timer_start(server->host.loop, &server->pause);
}

static void on_pause_end(struct ev_loop *loop, ev_timer *timer, int events)
{
	tcp_server_t *server = timer->data;

	(void)events;
	for (size_t i = 0; i < server->listener_count; i++)
		ev_io_start(loop, &server->listeners[i]);
}

static void complain(tcp_server_t *server, err_t err)
{
	uint64_t now_ms = clock_coarse_ms();

	if (server->complained_ms != 0 && now_ms - server->complained_ms < COMPLAINT_MS)
		return;
	server->complained_ms = now_ms;
	log_warning("cannot take a TCP connection: %s (%zu are open; ulimit -n, fs.file-max)",
		    err_text(err), tcp_table_count(server->host.table));
}

static void crowd_out(tcp_server_t *server, tcp_place_t *place)
{
	server->host.counts.crowded++;
	tcp_connection_close(tcp_connection_of(place));
}

/* Is there a connection to be accepted? Asked only when accept fails: without a free descriptor it
 * does so whether there is one or not. */
static bool is_somebody_there(int listener)
{
	struct pollfd entry = { .fd = listener, .events = POLLIN };

	return poll(&entry, 1, 0) > 0;
}

/* Nothing is left for a new connection: the first that has to leave gives its descriptor. If that was
 * no help, or there is none, we wait. Returns whether it is worth trying again at once. */
static bool make_room(tcp_server_t *server, err_t err)
{
	tcp_place_t *first = tcp_table_first_to_leave(server->host.table);

	complain(server, err);
	if (first == NULL || server->has_made_room) {
		pause_listeners(server);
		return false;
	}
	crowd_out(server, first);
	server->has_made_room = true;
	return true;
}

static void enter(tcp_server_t *server, int fd, const net_address_t *client,
		  const tcp_legacy_t *legacy)
{
	tcp_place_t *place = tcp_table_in_the_way(server->host.table, net_address_ip6(client));
	err_t err;

	if (place != NULL)
		crowd_out(server, place);
	err = tcp_connection_open(&server->host, fd, client, legacy);
	if (err != ERR_OK)
		complain(server, err);
}

/* Accepts a connection. Returns whether to ask for another one. */
static bool accept_one(tcp_server_t *server, int listener)
{
	net_address_t client;
	socklen_t size = sizeof(client);
	int fd = accept4(listener, &client.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
	err_t err;

	if (fd >= 0) {
		server->has_made_room = false;
		enter(server, fd, &client, NULL);
		return true;
	}
	switch (errno) {
	case EAGAIN:
		return false;
	case EINTR:
	/* About a connection that is gone before it came; accept(2) has the list. */
	case ECONNABORTED:
	case EPERM:
	case EPROTO:
	case ENOPROTOOPT:
	case EOPNOTSUPP:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENONET:
	case ETIMEDOUT:
		return true;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
	default: /* whatever else: not in a loop */
		err = err_from_errno();
		return is_somebody_there(listener) && make_room(server, err);
	}
}

static void on_incoming(struct ev_loop *loop, ev_io *io, int events)
{
	(void)loop;
	(void)events;
	for (unsigned i = 0; i < ACCEPTS_MAX && accept_one(io->data, io->fd); i++)
		continue;
}

/* Makes the parts of a server; tcp_server_free frees them. */
static err_t make_parts(tcp_server_t *server, const tcp_server_setup_t *setup)
{
	tcp_host_t *host = &server->host;
	uint32_t keepalive_ds = setup->limits->idle_s < KEEPALIVE_MAX / 10
					? setup->limits->idle_s * 10
					: KEEPALIVE_MAX;

	TAILQ_INIT(&host->all);
	host->loop = setup->loop;
	host->limits = *setup->limits;
	host->table = tcp_table_new(setup->limits->connections, setup->limits->per_client);
	host->records = query_records_new(setup->catalog, setup->log);
	if (host->table == NULL || host->records == NULL)
		return ERR_NOMEM;
	host->answers = tcp_answers_new(setup->catalog, host->records, (uint16_t)keepalive_ds);
	return host->answers != NULL ? ERR_OK : ERR_NOMEM;
}

err_t tcp_server_start(const tcp_server_setup_t *setup, tcp_server_t **server)
{
	size_t count;
	const int *fds = tcp_sockets_all(setup->sockets, &count);
	tcp_server_t *made = calloc(1, sizeof(*made) + count * sizeof(made->listeners[0]));
	err_t err;

	if (made == NULL || make_parts(made, setup) != ERR_OK) {
		log_error("not enough memory for TCP");
		tcp_server_free(made);
		return ERR_NOMEM;
	}
	err = tcp_sockets_listen(setup->sockets);
	if (err != ERR_OK) {
		tcp_server_free(made);
		return err;
	}
	ev_timer_init(&made->pause, on_pause_end, 0, 0);
	made->pause.data = made;
	made->listener_count = count;
	for (size_t i = 0; i < count; i++) {
		ev_io_init(&made->listeners[i], on_incoming, fds[i], EV_READ);
		made->listeners[i].data = made;
		ev_io_start(setup->loop, &made->listeners[i]);
	}
	catalog_reader_register();
	*server = made;
	return ERR_OK;
}

void tcp_server_inherit(tcp_server_t *server, int fd, const tcp_legacy_t *legacy)
{
	net_address_t client;
	socklen_t size = sizeof(client);

	if (getpeername(fd, &client.any, &size) == 0 && size == net_address_size(&client) &&
	    (client.any.sa_family == AF_INET || client.any.sa_family == AF_INET6) &&
	    legacy->input_size <= TCP_PREFIX + TCP_QUERY_MAX)
		enter(server, fd, &client, legacy);
	else
		close(fd);
}

static void stop_listeners(tcp_server_t *server)
{
	ev_timer_stop(server->host.loop, &server->pause);
	for (size_t i = 0; i < server->listener_count; i++)
		ev_io_stop(server->host.loop, &server->listeners[i]);
}

void tcp_server_leave(tcp_server_t *server, const tcp_heir_t *heir)
{
	/* Where nobody takes our place at an address, nobody else will. As many as there is room for:
	 * more can be there only if more come all the time. */
	for (size_t i = 0; i < server->listener_count; i++) {
		for (unsigned k = 0; k < server->host.limits.connections; k++) {
			if (!accept_one(server, server->listeners[i].fd))
				break;
		}
	}
	stop_listeners(server);
	if (heir != NULL)
		tcp_connection_bequeath_all(&server->host, heir);
}

size_t tcp_server_count(const tcp_server_t *server)
{
	return tcp_table_count(server->host.table);
}

void tcp_server_stop(tcp_server_t *server)
{
	tcp_place_t *place;

	if (server == NULL)
		return;
	stop_listeners(server);
	while ((place = tcp_table_first_to_leave(server->host.table)) != NULL)
		tcp_connection_finish(tcp_connection_of(place));
	catalog_reader_unregister();
}

void tcp_server_free(tcp_server_t *server)
{
	if (server == NULL)
		return;
	tcp_answers_free(server->host.answers);
	query_records_free(server->host.records);
	tcp_table_free(server->host.table);
	free(server);
}

const query_records_t *tcp_server_records(const tcp_server_t *server)
{
	return server->host.records;
}

tcp_counts_t tcp_server_counts(const tcp_server_t *server, size_t *open)
{
	*open = tcp_table_count(server->host.table);
	return server->host.counts;
}

void tcp_server_log(const tcp_server_t *server)
{
	const tcp_counts_t *counts = &server->host.counts;

	log_info("TCP connections: %" PRIu64 " accepted, %zu open; closed: %" PRIu64
		 " idle, %" PRIu64 " slow, %" PRIu64 " to make room, %" PRIu64 " no DNS",
		 counts->accepted, tcp_table_count(server->host.table), counts->idle, counts->slow,
		 counts->crowded, counts->bad);
}
