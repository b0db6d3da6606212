/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/exchange_tcp.h"

#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cursor.h"
#include "dns/client.h"

/* Bytes of the length before a message (RFC 1035 section 4.2.2). */
#define PREFIX 2

/* Waits until something can be done with the connection. */
static err_t wait_for(int fd, short events, double deadline_s)
{
	for (;;) {
		struct pollfd entry = { .fd = fd, .events = events };
		double left_s = deadline_s - clock_monotonic_s();
		int found;

		if (left_s <= 0)
			return (err_t)-ETIMEDOUT;
		found = poll(&entry, 1, (int)(left_s * 1e3) + 1);
		if (found > 0)
			return ERR_OK;
		if (found < 0 && errno != EINTR)
			return err_from_errno();
	}
}

static err_t connect_to(int fd, const net_address_t *server, double deadline_s)
{
	int error;
	socklen_t size = sizeof(error);
	err_t err;

	if (connect(fd, &server->any, net_address_size(server)) == 0)
		return ERR_OK;
	if (errno != EINPROGRESS)
		return err_from_errno();
	err = wait_for(fd, POLLOUT, deadline_s);
	if (err != ERR_OK)
		return err;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
		return err_from_errno();
	return (err_t)-error;
}

/* Sends or receives data[0..size), all of it. */
static err_t transfer(int fd, bool is_sent, uint8_t *data, size_t size, double deadline_s)
{
	while (size > 0) {
		ssize_t done =
			is_sent ? send(fd, data, size, MSG_NOSIGNAL) : recv(fd, data, size, 0);
		err_t err = ERR_OK;

		if (done > 0) {
			data += done;
			size -= (size_t)done;
		} else if (done == 0) {
			err = (err_t)-ECONNRESET; /* closed before the end */
		} else if (errno == EAGAIN) {
			err = wait_for(fd, is_sent ? POLLOUT : POLLIN, deadline_s);
		} else if (errno != EINTR) {
			err = err_from_errno();
		}
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

/* Receives a message. */
static err_t receive(int fd, double deadline_s, uint8_t **reply, size_t *reply_size)
{
	uint8_t prefix[PREFIX];
	err_t err = transfer(fd, false, prefix, sizeof(prefix), deadline_s);

	if (err != ERR_OK)
		return err;
	*reply_size = get_u16(prefix);
	*reply = malloc(*reply_size + 1);
	if (*reply == NULL)
		return ERR_NOMEM;
	err = transfer(fd, false, *reply, *reply_size, deadline_s);
	if (err != ERR_OK)
		free(*reply);
	return err;
}

err_t exchange_tcp(const net_address_t *server, const uint8_t *query, size_t query_size,
		   unsigned timeout_ms, uint8_t **reply, size_t *reply_size)
{
	double deadline_s = clock_monotonic_s() + timeout_ms / 1e3;
	uint8_t message[PREFIX + DNS_CLIENT_QUERY_MAX];
	int fd = socket(server->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	err_t err;

	if (fd < 0)
		return err_from_errno();
	put_u16(message, (uint16_t)query_size);
	memcpy(message + PREFIX, query, query_size);
	err = connect_to(fd, server, deadline_s);
	if (err == ERR_OK)
		err = transfer(fd, true, message, PREFIX + query_size, deadline_s);
	if (err == ERR_OK)
		err = receive(fd, deadline_s, reply, reply_size);
	close(fd);
	if (err == ERR_OK && !dns_client_is_reply(query, *reply, *reply_size)) {
		free(*reply);
		err = (err_t)-EPROTO;
	}
	return err;
}
