/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/exchange.h"

#include <poll.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "dns/client.h"
#include "tool/exchange_tcp.h"

/* Bytes of a UDP datagram at most. */
#define REPLY_MAX 65535

/* A question on the way. */
typedef struct flight {
	exchange_t *exchange; /* NULL: this place is free */
	unsigned tries;       /* so far */
	double deadline_s;    /* of the present one */
	size_t query_size;
	uint8_t query[DNS_CLIENT_QUERY_MAX];
} flight_t;

typedef struct runner {
	const exchange_setup_t *setup;
	struct pollfd *sockets; /* one for each server, connected to it; -1: not open */
	size_t in_flight;
	err_t err; /* what ends the whole run */
	flight_t flights[EXCHANGE_WINDOW];
	uint8_t reply[REPLY_MAX];
} runner_t;

/* Makes the socket to a server, unless it is there. It is connected, so that only replies from there
 * come in, and that we hear when nothing listens there. */
static err_t open_socket(runner_t *runner, size_t server)
{
	const net_address_t *address = &runner->setup->servers[server];
	struct pollfd *entry = &runner->sockets[server];

	if (entry->fd >= 0)
		return ERR_OK;
	int fd = socket(address->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_from_errno();
	if (connect(fd, &address->any, net_address_size(address)) != 0) {
		err_t err = err_from_errno();
		close(fd);
		return err;
	}
	*entry = (struct pollfd){ .fd = fd, .events = POLLIN };
	return ERR_OK;
}

static void land(runner_t *runner, flight_t *flight)
{
	flight->exchange = NULL;
	runner->in_flight--;
}

/* Sends the query to the server whose turn it is. */
static err_t send_once(runner_t *runner, flight_t *flight)
{
	size_t server = flight->tries++ % runner->setup->server_count;

	flight->exchange->server = server;
	flight->deadline_s = clock_monotonic_s() + runner->setup->timeout_ms / 1e3;
	err_t err = open_socket(runner, server);
	if (err != ERR_OK)
		return err;
	/* The first call may only deliver the error that an earlier query met. */
	for (unsigned i = 0; i < 2; i++) {
		ssize_t sent = send(runner->sockets[server].fd, flight->query, flight->query_size,
				    MSG_NOSIGNAL);
		/* A full queue is a lost packet like any other. */
		if (sent >= 0 || errno == EAGAIN || errno == ENOBUFS)
			return ERR_OK;
		err = err_from_errno();
	}
	return err;
}

/* Begins the next try, as the last one came to `err`; gives the question up after the last. */
static void try_again(runner_t *runner, flight_t *flight, err_t err)
{
	while (err != ERR_OK && flight->tries < runner->setup->tries)
		err = send_once(runner, flight);
	if (err == ERR_OK)
		return;
	flight->exchange->err = err;
	land(runner, flight);
}

/* An ID that no question on the way has. */
static uint16_t unused_id(const runner_t *runner)
{
	for (;;) {
		uint16_t id = (uint16_t)randombytes_uniform(UINT16_MAX + 1);
		bool is_used = false;
		for (size_t i = 0; i < EXCHANGE_WINDOW; i++) {
			const flight_t *flight = &runner->flights[i];
			if (flight->exchange != NULL && get_u16(flight->query) == id)
				is_used = true;
		}
		if (!is_used)
			return id;
	}
}

static void start(runner_t *runner, exchange_t *exchange)
{
	flight_t *flight = runner->flights;
	uint16_t id = unused_id(runner);

	while (flight->exchange != NULL)
		flight++;
	flight->exchange = exchange;
	flight->tries = 0;
	flight->query_size =
		dns_client_write_query(flight->query, id, exchange->name, exchange->type);
	runner->in_flight++;
	try_again(runner, flight, (err_t)-ETIMEDOUT);
}

/* Gives reply[0..size) to the question that it answers. Anything else is not for us. */
static void take_reply(runner_t *runner, size_t server, size_t size)
{
	for (size_t i = 0; i < EXCHANGE_WINDOW; i++) {
		flight_t *flight = &runner->flights[i];
		exchange_t *exchange = flight->exchange;
		if (exchange == NULL || !dns_client_is_reply(flight->query, runner->reply, size))
			continue;
		exchange->reply = malloc(size);
		if (exchange->reply == NULL) {
			runner->err = ERR_NOMEM;
			return;
		}
		memcpy(exchange->reply, runner->reply, size);
		exchange->reply_size = size;
		exchange->server = server; /* it may be the late one of an earlier try */
		exchange->err = ERR_OK;
		land(runner, flight);
		return;
	}
}

/* All that are waiting for this server have failed: the error does not tell which one it is for. */
static void fail_server(runner_t *runner, size_t server, err_t err)
{
	for (size_t i = 0; i < EXCHANGE_WINDOW; i++) {
		flight_t *flight = &runner->flights[i];
		if (flight->exchange != NULL && flight->exchange->server == server)
			try_again(runner, flight, err);
	}
}

static void receive(runner_t *runner, size_t server)
{
	/* Bounded, so that a flood of strangers' packets cannot keep us from our clock. */
	for (unsigned i = 0; i < 2 * EXCHANGE_WINDOW && runner->err == ERR_OK; i++) {
		ssize_t size = recv(runner->sockets[server].fd, runner->reply, REPLY_MAX, 0);
		if (size >= 0) {
			take_reply(runner, server, (size_t)size);
		} else if (errno == EAGAIN) {
			return;
		} else if (errno != EINTR) {
			fail_server(runner, server, err_from_errno());
			return;
		}
	}
}

/* Waits for the next reply or the next deadline. */
static void wait_for_any(runner_t *runner)
{
	double now_s = clock_monotonic_s();
	double next_s = now_s + 1;

	for (size_t i = 0; i < EXCHANGE_WINDOW; i++) {
		const flight_t *flight = &runner->flights[i];
		if (flight->exchange != NULL && flight->deadline_s < next_s)
			next_s = flight->deadline_s;
	}
	int wait_ms = next_s > now_s ? (int)((next_s - now_s) * 1e3) + 1 : 0;
	if (poll(runner->sockets, (nfds_t)runner->setup->server_count, wait_ms) > 0) {
		for (size_t server = 0; server < runner->setup->server_count; server++)
			if (runner->sockets[server].fd >= 0 && runner->sockets[server].revents != 0)
				receive(runner, server);
	}
	now_s = clock_monotonic_s();
	for (size_t i = 0; i < EXCHANGE_WINDOW; i++) {
		flight_t *flight = &runner->flights[i];
		if (flight->exchange != NULL && flight->deadline_s <= now_s)
			try_again(runner, flight, (err_t)-ETIMEDOUT);
	}
}

static runner_t *runner_new(const exchange_setup_t *setup)
{
	runner_t *runner = calloc(1, sizeof(*runner));

	if (runner == NULL)
		return NULL;
	runner->setup = setup;
	runner->sockets = calloc(setup->server_count, sizeof(*runner->sockets));
	if (runner->sockets == NULL) {
		free(runner);
		return NULL;
	}
	for (size_t i = 0; i < setup->server_count; i++)
		runner->sockets[i].fd = -1; /* which poll passes over */
	return runner;
}

static void runner_free(runner_t *runner)
{
	for (size_t i = 0; i < runner->setup->server_count; i++) {
		if (runner->sockets[i].fd >= 0)
			close(runner->sockets[i].fd);
	}
	free(runner->sockets);
	free(runner);
}

/* Asks for a reply that was cut again over TCP. */
static err_t ask_over_tcp(const exchange_setup_t *setup, exchange_t *exchange)
{
	uint16_t id = (uint16_t)randombytes_uniform(UINT16_MAX + 1);
	uint8_t query[DNS_CLIENT_QUERY_MAX];
	size_t size = dns_client_write_query(query, id, exchange->name, exchange->type);
	uint8_t *reply;
	size_t reply_size;
	err_t err = exchange_tcp(&setup->servers[exchange->server], query, size, setup->timeout_ms,
				 &reply, &reply_size);

	if (err != ERR_OK)
		return err;
	free(exchange->reply);
	exchange->reply = reply;
	exchange->reply_size = reply_size;
	return ERR_OK;
}

/* Does so for all. A server that has no TCP, or lets us wait, is not asked a second time. */
static err_t finish_over_tcp(const exchange_setup_t *setup, exchange_t *exchanges, size_t count)
{
	err_t *errors = calloc(setup->server_count, sizeof(*errors)); /* of the servers */

	if (errors == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		exchange_t *exchange = &exchanges[i];
		err_t *err = &errors[exchange->server];

		if (exchange->err != ERR_OK || !dns_client_is_truncated(exchange->reply))
			continue;
		if (*err == ERR_OK)
			*err = ask_over_tcp(setup, exchange);
		exchange->tcp_err = *err;
	}
	free(errors);
	return ERR_OK;
}

err_t exchange_run(const exchange_setup_t *setup, exchange_t *exchanges, size_t count)
{
	runner_t *runner = runner_new(setup);
	size_t started = 0;

	for (size_t i = 0; i < count; i++) {
		exchanges[i].reply = NULL;
		exchanges[i].reply_size = 0;
		exchanges[i].tcp_err = ERR_OK;
	}
	if (runner == NULL)
		return ERR_NOMEM;
	while (runner->err == ERR_OK && (started < count || runner->in_flight > 0)) {
		while (started < count && runner->in_flight < EXCHANGE_WINDOW)
			start(runner, &exchanges[started++]);
		if (runner->in_flight > 0)
			wait_for_any(runner);
	}
	err_t err = runner->err;
	runner_free(runner);
	return err == ERR_OK ? finish_over_tcp(setup, exchanges, count) : err;
}

void exchange_clear(exchange_t *exchanges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(exchanges[i].reply);
		exchanges[i].reply = NULL;
	}
}
