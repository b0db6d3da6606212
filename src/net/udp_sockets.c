/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/udp_sockets.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "net/bound_socket.h"
#include "net/reply_address.h"

/* Bytes of queries that the kernel keeps for a socket while its worker is busy. The kernel takes twice
 * this, and 768 bytes of it for a small query: room for some 43,000. rbldnsd's 64 KiB hold 157. It is
 * for a flood on a busy machine, where a worker has to wait for its turn on a CPU: at 100,000
 * queries/s there is room for 0.4 s, which resolvers, that wait so long before they ask again, do not
 * mind. (Measured with 4 MiB: 0.1 s, and losses.) A queue that never empties gets the same answers
 * later and loses as much, whatever its size. The memory is only taken while queries are in it. */
#define UDP_RECEIVE_BUFFER (16 << 20)

struct udp_sockets {
	size_t addresses;
	size_t workers;
	int fds[]; /* [worker * addresses + address]; -1: not open */
};

/* Sets an option that is not worth failing for. */
static void wish(int fd, int level, int option, int value)
{
	/* Whatever the reason: the socket works without. */
	(void)!setsockopt(fd, level, option, &value, sizeof(value));
}

/* Options that make it faster or safer, where the system has them. */
static void set_wishes(int fd, int family)
{
	/* With privileges also beyond net.core.rmem_max, which by default is 208 KiB. */
	const int size = UDP_RECEIVE_BUFFER;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
		wish(fd, SOL_SOCKET, SO_RCVBUF, size);

	/* No path MTU discovery: no DF bit on replies, and no belief in ICMP messages that ask for
	 * smaller packets. Anybody can forge those, make replies go in fragments, and slip a forged
	 * second fragment to a resolver. No reply is long enough to need them (ANSWER_UDP_MAX). */
	wish(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
	if (family == AF_INET6)
		wish(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
}

static err_t prepare(int fd, int family)
{
	err_t err = reply_address_enable(fd, family);

	if (err == ERR_OK)
		set_wishes(fd, family);
	return err;
}

static const bound_socket_kind_t udp_kind = { SOCK_DGRAM, prepare };

err_t udp_sockets_open(const listen_set_t *addresses, size_t workers, udp_sockets_t **sockets)
{
	size_t count = addresses->count * workers;
	udp_sockets_t *opened;
	err_t err = bound_socket_probe(addresses, &udp_kind);

	if (err != ERR_OK)
		return err;
	opened = malloc(sizeof(*opened) + count * sizeof(opened->fds[0]));
	if (opened == NULL) {
		log_error("not enough memory for %zu sockets", count);
		return ERR_NOMEM;
	}
	opened->addresses = addresses->count;
	opened->workers = workers;
	for (size_t i = 0; i < count; i++)
		opened->fds[i] = -1;

	for (size_t i = 0; i < addresses->count && err == ERR_OK; i++) {
		/* The kernel numbers the sockets of an address in the order in which they are
		 * bound: the number in the group is the worker's. What steers packets over the
		 * workers (SO_ATTACH_REUSEPORT_CBPF) belongs behind this loop, once an address. */
		for (size_t worker = 0; worker < workers && err == ERR_OK; worker++) {
			err = bound_socket_open(addresses, &addresses->addresses[i], &udp_kind,
						true, &opened->fds[worker * opened->addresses + i]);
		}
	}
	if (err != ERR_OK) {
		udp_sockets_close(opened);
		return err;
	}
	*sockets = opened;
	return ERR_OK;
}

const int *udp_sockets_of_worker(const udp_sockets_t *sockets, size_t worker)
{
	return &sockets->fds[worker * sockets->addresses];
}

size_t udp_sockets_addresses(const udp_sockets_t *sockets)
{
	return sockets->addresses;
}

void udp_sockets_close(udp_sockets_t *sockets)
{
	if (sockets == NULL)
		return;
	for (size_t i = 0; i < sockets->addresses * sockets->workers; i++) {
		if (sockets->fds[i] >= 0)
			close(sockets->fds[i]);
	}
	free(sockets);
}
