/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/udp_sockets.h"

#include <stdlib.h>

#include "base/log.h"
#include "net/bound_socket.h"
#include "net/reply_address.h"
#include "net/socket_groups.h"

/* Bytes of queries that the kernel keeps for a socket while its worker is busy. The kernel takes twice
 * this, and 768 bytes of it for a small query: room for some 43,000. rbldnsd's 64 KiB hold 157. It is
 * for a flood on a busy machine, where a worker has to wait for its turn on a CPU: at 100,000
 * queries/s there is room for 0.4 s, which resolvers, that wait so long before they ask again, do not
 * mind. (Measured with 4 MiB: 0.1 s, and losses.) A queue that never empties gets the same answers
 * later and loses as much, whatever its size. The memory is only taken while queries are in it. */
#define UDP_RECEIVE_BUFFER (16 << 20)

struct udp_sockets {
	socket_groups_t groups;
	size_t workers;
	size_t *starts;  /* of each worker's in `of_workers`, and the end of the last one's */
	int *of_workers; /* descriptors, worker by worker; one that is shared stands there again */
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

/* Hands the sockets of a group out. Writes those of worker number `worker` to `fds`; returns how many,
 * at least one.
 *
 * Usually there is one for each worker. If there are more they are dealt out like cards: those behind
 * get nothing new, unless the kernel's hash says so, but something may wait in them, and to close one
 * would lose what comes at that moment. If there are fewer, workers share; the kernel gives each query
 * to one of them. */
static size_t deal(const socket_groups_t *groups, const socket_group_t *group, size_t worker,
		   size_t workers, int *fds)
{
	const int *all = groups->fds + group->first;
	size_t count = 0;

	for (size_t i = worker % group->count; i < group->count; i += workers)
		fds[count++] = all[i];
	return count;
}

/* Fills in whose sockets are whose. */
static err_t deal_all(udp_sockets_t *sockets)
{
	const socket_groups_t *groups = &sockets->groups;
	/* Those that nobody shares, and at most one a worker and address that is shared. */
	size_t most = groups->fd_count + groups->count * sockets->workers;
	size_t count = 0;

	sockets->starts = malloc((sockets->workers + 1) * sizeof(*sockets->starts));
	sockets->of_workers = malloc(most * sizeof(*sockets->of_workers));
	if (sockets->starts == NULL || sockets->of_workers == NULL) {
		log_error("not enough memory for %zu sockets", groups->fd_count);
		return ERR_NOMEM;
	}
	for (size_t worker = 0; worker < sockets->workers; worker++) {
		sockets->starts[worker] = count;
		for (size_t i = 0; i < groups->count; i++)
			count += deal(groups, &groups->groups[i], worker, sockets->workers,
				      sockets->of_workers + count);
	}
	sockets->starts[sockets->workers] = count;
	return ERR_OK;
}

err_t udp_sockets_open(const listen_set_t *addresses, const udp_workers_t *workers,
		       inherited_sockets_t *inherited, udp_sockets_t **sockets)
{
	const socket_group_wish_t wish = { &udp_kind, workers->count, workers->steering };
	udp_sockets_t *opened = calloc(1, sizeof(*opened));
	err_t err;

	if (opened == NULL) {
		log_error("not enough memory");
		return ERR_NOMEM;
	}
	opened->workers = workers->count;
	err = socket_groups_open(&opened->groups, addresses, &wish, inherited);
	if (err == ERR_OK)
		err = deal_all(opened);
	if (err != ERR_OK) {
		udp_sockets_close(opened);
		return err;
	}
	*sockets = opened;
	return ERR_OK;
}

void udp_sockets_steer(udp_sockets_t *sockets)
{
	socket_groups_steer(&sockets->groups);
}

steering_t udp_sockets_steering(const udp_sockets_t *sockets)
{
	return sockets->groups.steering;
}

const int *udp_sockets_of_worker(const udp_sockets_t *sockets, size_t worker, size_t *count)
{
	*count = sockets->starts[worker + 1] - sockets->starts[worker];
	return sockets->of_workers + sockets->starts[worker];
}

size_t udp_sockets_addresses(const udp_sockets_t *sockets)
{
	return sockets->groups.count;
}

const int *udp_sockets_all(const udp_sockets_t *sockets, size_t *count)
{
	*count = sockets->groups.fd_count;
	return sockets->groups.fds;
}

size_t udp_sockets_taking(const udp_sockets_t *sockets, int *fds, size_t most)
{
	const socket_groups_t *groups = &sockets->groups;
	size_t found = 0;

	for (size_t i = 0; i < groups->count; i++) {
		const socket_group_t *group = &groups->groups[i];

		for (size_t k = 0; group->is_taking && k < group->count && found < most; k++)
			fds[found++] = groups->fds[group->first + k];
	}
	return found;
}

void udp_sockets_close(udp_sockets_t *sockets)
{
	if (sockets == NULL)
		return;
	socket_groups_close(&sockets->groups);
	free(sockets->starts);
	free(sockets->of_workers);
	free(sockets);
}
