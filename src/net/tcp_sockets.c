/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/tcp_sockets.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/log.h"
#include "net/socket_groups.h"

/* Connections that the kernel keeps ready while we are busy; beyond that it lets them knock again. A
 * tenth of a second at 10,000 connections a second. The kernel's own limit (net.core.somaxconn) is
 * 4096. What answers a flood of SYNs is the kernel's, too: SYN cookies. */
#define BACKLOG 1024

/* Bytes that the kernel keeps for a connection in either direction, which it doubles for its own
 * needs. Left alone it would go up to 4 and 6 MB for a client that does not read, and thousands of
 * those are a way to fill a host's memory. A client that does read takes 64 KiB, the longest reply, in
 * each round trip. */
#define SEND_BUFFER    (64 << 10)
#define RECEIVE_BUFFER (16 << 10)

struct tcp_sockets {
	socket_groups_t groups;
};

/* What is set here connections inherit. */
static err_t prepare(int fd, int family)
{
	const int on = 1;
	const int send_size = SEND_BUFFER;
	const int receive_size = RECEIVE_BUFFER;

	(void)family;
	/* Replies leave at once: we put together what belongs together. With Nagle's algorithm the
	 * second of two replies would wait for the client to acknowledge the first, up to 40 ms. */
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
		return err_from_errno();
	/* Not worth failing for. TCP_DEFER_ACCEPT is not wished for: connections on which nothing
	 * comes would wait in the kernel, out of reach of our limits. */
	(void)!setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_size, sizeof(send_size));
	(void)!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_size, sizeof(receive_size));
	return ERR_OK;
}

static const bound_socket_kind_t tcp_kind = { SOCK_STREAM | SOCK_NONBLOCK, prepare };

err_t tcp_sockets_open(const listen_set_t *addresses, inherited_sockets_t *inherited,
		       tcp_sockets_t **sockets)
{
	/* There is one for each address, which one thread serves, so nothing has to be steered. (The
	 * kernel steers connections, not queries, where there are several.) */
	const socket_group_wish_t wish = { &tcp_kind, 1, STEERING_HASH };
	tcp_sockets_t *opened = calloc(1, sizeof(*opened));
	err_t err;

	if (opened == NULL) {
		log_error("not enough memory");
		return ERR_NOMEM;
	}
	err = socket_groups_open(&opened->groups, addresses, &wish, inherited);
	if (err != ERR_OK) {
		free(opened);
		return err;
	}
	*sockets = opened;
	return ERR_OK;
}

err_t tcp_sockets_listen(const tcp_sockets_t *sockets)
{
	for (size_t i = 0; i < sockets->groups.fd_count; i++) {
		if (listen(sockets->groups.fds[i], BACKLOG) != 0) {
			err_t err = err_from_errno();

			log_error("cannot take TCP connections: %s", err_text(err));
			return err;
		}
	}
	return ERR_OK;
}

const int *tcp_sockets_all(const tcp_sockets_t *sockets, size_t *count)
{
	*count = sockets->groups.fd_count;
	return sockets->groups.fds;
}

void tcp_sockets_close(tcp_sockets_t *sockets)
{
	if (sockets == NULL)
		return;
	socket_groups_close(&sockets->groups);
	free(sockets);
}
