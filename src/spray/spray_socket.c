/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "spray/spray_socket.h"

#include <linux/sock_diag.h>
#include <unistd.h>

/* Bytes of answers that wait for us: what the server answers while we have no processor must not be
 * lost. A limit, not memory that is taken. */
#define RECEIVE_BUFFER (16 << 20)

static err_t prepare(int fd, const net_address_t *server, uint16_t port, bool is_kept)
{
	const int on = 1;
	const int size = RECEIVE_BUFFER;
	net_address_t source = { 0 };

	if (server->any.sa_family == AF_INET6) {
		source.ip6.sin6_family = AF_INET6;
		source.ip6.sin6_port = htons(port);
		if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
			return err_from_errno();
	} else {
		source.ip4.sin_family = AF_INET;
		source.ip4.sin_port = htons(port);
	}
	if (is_kept && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
		(void)!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, &source.any, net_address_size(&source)) != 0)
		return err_from_errno();
	if (connect(fd, &server->any, net_address_size(server)) != 0)
		return err_from_errno();
	return ERR_OK;
}

err_t spray_socket_open(const net_address_t *server, uint16_t port, bool is_kept, int *fd)
{
	*fd = socket(server->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return err_from_errno();
	err_t err = prepare(*fd, server, port, is_kept);
	if (err != ERR_OK)
		close(*fd);
	return err;
}

uint64_t spray_socket_drops(int fd)
{
	uint32_t memory[SK_MEMINFO_VARS] = { 0 };
	socklen_t size = sizeof(memory);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &size) != 0)
		return 0;
	return memory[SK_MEMINFO_DROPS];
}
