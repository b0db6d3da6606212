/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/tcp_connection.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* Rounds of replies to one connection before it is the others' turn. One is enough for all queries
 * that fit into the input, unless replies are long. */
#define ROUNDS_MAX 4
/* Times that a connection is read when the server stops. */
#define LAST_READS_MAX 64

const tcp_limits_t tcp_default_limits = {
	.connections = 1000,
	.per_client = 100,
	.idle_s = 10,
	.message_s = 5,
	.total_s = 600,
};

/* What it waits for; see the header. */
typedef enum tcp_wait {
	WAIT_QUERY,
	WAIT_REST,
	WAIT_TAKEN,
	WAIT_END,
} tcp_wait_t;

struct tcp_connection {
	ev_io io;
	ev_timer timer;
	tcp_place_t place;
	TAILQ_ENTRY(tcp_connection) in_all;
	tcp_host_t *host;
	net_address_t client;
	tcp_wait_t wait;
	int events;        /* that io is set for */
	uint64_t since_ms; /* it waits for that */
	uint64_t born_ms;
	bool has_ended;      /* the client will not send any more */
	tcp_stream_t stream; /* last: its input is not cleared */
};

tcp_connection_t *tcp_connection_of(tcp_place_t *place)
{
	return (tcp_connection_t *)(void *)((char *)place - offsetof(tcp_connection_t, place));
}

static message_counters_t *counters_of(const tcp_connection_t *connection)
{
	return &connection->host->records->messages;
}

static void count_unsent(const tcp_connection_t *connection, const tcp_output_t *output)
{
	unsigned rest;

	(void)tcp_output_replies(output, &rest);
	counter_add(&counters_of(connection)->send_errors, rest);
}

/* Frees a connection, but for its descriptor. */
static void let_go(tcp_connection_t *connection)
{
	tcp_host_t *host = connection->host;

	ev_io_stop(host->loop, &connection->io);
	ev_timer_stop(host->loop, &connection->timer);
	tcp_table_leave(host->table, &connection->place);
	TAILQ_REMOVE(&host->all, connection, in_all);
	if (connection->stream.unsent.data != NULL)
		count_unsent(connection, &connection->stream.unsent);
	tcp_stream_clear(&connection->stream);
	free(connection);
}

void tcp_connection_close(tcp_connection_t *connection)
{
	int fd = connection->io.fd;

	let_go(connection);
	close(fd);
}

/* ---- bytes ---- */

/* Reads once. Returns how many bytes came: 0 also at the end, or when there is nothing; -1 if the
 * connection is broken. */
static ssize_t receive(tcp_connection_t *connection)
{
	size_t room;
	uint8_t *place = tcp_stream_input(&connection->stream, &room);
	ssize_t size = recv(connection->io.fd, place, room, MSG_DONTWAIT);

	if (size < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (size == 0)
		connection->has_ended = true;
	connection->stream.input_size += (size_t)size;
	return size;
}

/* Sends as much of `output` as the kernel takes. Returns false if the connection is broken. */
static bool transmit(const tcp_connection_t *connection, tcp_output_t *output)
{
	unsigned rest;
	unsigned before = tcp_output_replies(output, &rest);
	bool is_open = true;

	while (output->sent < output->size) {
		ssize_t sent = send(connection->io.fd, output->data + output->sent,
				    output->size - output->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent >= 0) {
			output->sent += (size_t)sent;
		} else if (errno != EINTR) {
			is_open = errno == EAGAIN;
			break;
		}
	}
	counter_add(&counters_of(connection)->answered, tcp_output_replies(output, &rest) - before);
	return is_open;
}

/* Makes a round of replies, and sends what the kernel takes. Returns false if the connection is
 * broken, or there is no memory for what it does not take. */
static bool answer(tcp_connection_t *connection)
{
	const answer_time_t now = { .wall_s = time(NULL), .steady_ms = clock_coarse_ms() };
	tcp_stream_t *stream = &connection->stream;
	tcp_output_t output =
		tcp_stream_answer(stream, connection->host->answers, &connection->client, &now);
	bool is_open = transmit(connection, &output);

	query_records_flush(connection->host->records);
	if (is_open && tcp_stream_keep(stream, &output) == ERR_OK)
		return true;
	count_unsent(connection, &output);
	return false;
}

/* Sends what is unsent, and answers what has come, as far as the client takes it. `*is_of_use` is
 * set when a round was made, or taken to its end. Returns false if the connection is broken. */
static bool exchange(tcp_connection_t *connection, bool *is_of_use)
{
	tcp_stream_t *stream = &connection->stream;

	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		if (stream->unsent.data != NULL) {
			if (!transmit(connection, &stream->unsent))
				return false;
			if (stream->unsent.sent < stream->unsent.size)
				return true;
			tcp_stream_clear(stream);
			*is_of_use = true;
		}
		if (!tcp_stream_has_query(stream))
			return true;
		if (!answer(connection))
			return false;
		*is_of_use = true;
	}
	return true;
}

/* ---- waiting ---- */

static uint64_t deadline_ms(const tcp_connection_t *connection)
{
	const tcp_limits_t *limits = &connection->host->limits;
	bool is_idle = connection->wait == WAIT_QUERY;
	uint64_t deadline = connection->since_ms +
			    1000 * (uint64_t)(is_idle ? limits->idle_s : limits->message_s);
	uint64_t end = connection->born_ms + 1000 * (uint64_t)limits->total_s;

	/* Replies that are there may be taken. */
	if ((is_idle || connection->wait == WAIT_REST) && end < deadline)
		return end;
	return deadline;
}

static void set_timer(tcp_connection_t *connection, uint64_t now_ms)
{
	uint64_t deadline = deadline_ms(connection);
	/* Behind the deadline: clock_coarse_ms is a tick behind the loop's clock. */
	double after_s = deadline > now_ms ? (double)(deadline - now_ms) / 1e3 + 0.01 : 0;

	ev_timer_stop(connection->host->loop, &connection->timer);
	ev_timer_set(&connection->timer, after_s, 0);
	ev_timer_start(connection->host->loop, &connection->timer);
}

static void set_events(tcp_connection_t *connection, int events)
{
	if (connection->events == events)
		return;
	connection->events = events;
	ev_io_stop(connection->host->loop, &connection->io);
	ev_io_set(&connection->io, connection->io.fd, events);
	ev_io_start(connection->host->loop, &connection->io);
}

/* Waits for `wait`, from now on if `is_new` or it was something else before. */
static void wait_for(tcp_connection_t *connection, tcp_wait_t wait, bool is_new)
{
	uint64_t now_ms = clock_coarse_ms();

	if (is_new || wait != connection->wait)
		connection->since_ms = now_ms;
	connection->wait = wait;
	set_events(connection, wait == WAIT_TAKEN ? EV_WRITE : EV_READ);
	set_timer(connection, now_ms);
}

/* Says that no more replies will come, and waits for the client to close. */
static void end(tcp_connection_t *connection)
{
	connection->stream.input_size = 0;
	if (connection->has_ended || shutdown(connection->io.fd, SHUT_WR) != 0)
		tcp_connection_close(connection);
	else
		wait_for(connection, WAIT_END, true);
}

static bool is_old(const tcp_connection_t *connection)
{
	uint64_t age_ms = clock_coarse_ms() - connection->born_ms;

	return age_ms >= 1000 * (uint64_t)connection->host->limits.total_s;
}

/* Offers the connection to the host's heir. It may be gone then. */
static void bequeath(tcp_connection_t *connection)
{
	const tcp_heir_t *heir = connection->host->heir;
	const tcp_legacy_t legacy = {
		.age_ms = clock_coarse_ms() - connection->born_ms,
		.input = connection->stream.input,
		.input_size = connection->stream.input_size,
	};

	if ((connection->wait == WAIT_QUERY || connection->wait == WAIT_REST) &&
	    heir->take(heir->context, connection->io.fd, &legacy))
		let_go(connection);
}

void tcp_connection_bequeath_all(tcp_host_t *host, const tcp_heir_t *heir)
{
	tcp_connection_t *next;

	host->heir = heir;
	for (tcp_connection_t *connection = TAILQ_FIRST(&host->all); connection != NULL;
	     connection = next) {
		next = TAILQ_NEXT(connection, in_all);
		bequeath(connection);
	}
}

/* Decides what to wait for after an exchange. May close the connection. */
static void settle(tcp_connection_t *connection, bool is_of_use)
{
	tcp_stream_t *stream = &connection->stream;

	if (is_of_use)
		tcp_table_touch(connection->host->table, &connection->place);
	if (stream->unsent.data != NULL || tcp_stream_has_query(stream)) {
		wait_for(connection, WAIT_TAKEN, is_of_use);
	} else if (stream->is_bad) {
		connection->host->counts.bad++;
		end(connection);
	} else if (connection->has_ended) {
		tcp_connection_close(connection);
	} else if (is_of_use && is_old(connection)) {
		connection->host->counts.idle++;
		end(connection);
	} else {
		wait_for(connection, stream->input_size > 0 ? WAIT_REST : WAIT_QUERY, is_of_use);
		if (connection->host->heir != NULL)
			bequeath(connection);
	}
}

static void on_event(struct ev_loop *loop, ev_io *io, int events)
{
	tcp_connection_t *connection = io->data;
	bool is_of_use = false;

	(void)loop;
	if ((events & EV_READ) != 0 && receive(connection) < 0) {
		tcp_connection_close(connection);
	} else if (connection->wait == WAIT_END) {
		connection->stream.input_size = 0;
		if (connection->has_ended)
			tcp_connection_close(connection);
	} else if (!exchange(connection, &is_of_use)) {
		tcp_connection_close(connection);
	} else {
		settle(connection, is_of_use);
	}
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	tcp_connection_t *connection = timer->data;
	uint64_t now_ms = clock_coarse_ms();

	(void)loop;
	(void)events;
	if (now_ms < deadline_ms(connection)) {
		set_timer(connection, now_ms);
		return;
	}
	if (connection->wait == WAIT_QUERY)
		connection->host->counts.idle++;
	else if (connection->wait != WAIT_END)
		connection->host->counts.slow++;
	tcp_connection_close(connection);
}

err_t tcp_connection_open(tcp_host_t *host, int fd, const net_address_t *client,
			  const tcp_legacy_t *legacy)
{
	tcp_connection_t *connection = malloc(sizeof(*connection));

	if (connection == NULL) {
		close(fd);
		return ERR_NOMEM;
	}
	memset(connection, 0, offsetof(tcp_connection_t, stream.input));
	connection->host = host;
	connection->client = *client;
	connection->born_ms = clock_coarse_ms();
	ev_io_init(&connection->io, on_event, fd, 0);
	connection->io.data = connection;
	ev_timer_init(&connection->timer, on_timer, 0, 0);
	connection->timer.data = connection;
	if (tcp_table_enter(host->table, &connection->place, net_address_ip6(client)) != ERR_OK) {
		free(connection);
		close(fd);
		return ERR_NOMEM;
	}
	TAILQ_INSERT_TAIL(&host->all, connection, in_all);
	if (legacy != NULL) {
		connection->born_ms -= legacy->age_ms;
		memcpy(connection->stream.input, legacy->input, legacy->input_size);
		connection->stream.input_size = legacy->input_size;
	} else {
		host->counts.accepted++;
	}
	wait_for(connection, connection->stream.input_size > 0 ? WAIT_REST : WAIT_QUERY, true);
	return ERR_OK;
}

void tcp_connection_finish(tcp_connection_t *connection)
{
	bool is_of_use;
	bool goes_on = connection->wait != WAIT_END;

	for (unsigned i = 0; goes_on && i < LAST_READS_MAX; i++) {
		goes_on = exchange(connection, &is_of_use) &&
			  connection->stream.unsent.data == NULL && !connection->stream.is_bad &&
			  receive(connection) > 0;
	}
	tcp_connection_close(connection);
}
