/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_UDP_SOCKETS_H
#define SPURN_NET_UDP_SOCKETS_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "net/inherited_sockets.h"
#include "net/listen.h"
#include "net/steering.h"

/* The UDP sockets of a server: for each address one per worker, all of an address bound to the same
 * port (SO_REUSEPORT), so that the queries can be spread over the workers. Those that were inherited are
 * as many as the most workers that there were up to now; then a worker has several. Where none could be
 * added to too few, it shares one. */
typedef struct udp_sockets udp_sockets_t;

/* Who shall serve them; plain data. */
typedef struct udp_workers {
	size_t count; /* at least 1 */
	steering_t steering;
} udp_workers_t;

/* Opens and binds the sockets for `workers`. Each is told the destination of
 * what it receives (net/reply_address.h). Ports below 1024 need privileges at this moment.
 *
 * A port that any other socket of this host uses is refused, also where that one would share it:
 * two servers that share a port each answer a part of the queries, and nobody knows which. But what
 * `inherited` (NULL: nothing) has for these addresses is taken, see net/socket_groups.h.
 *
 * :: serves IPv4 clients too, as in rbldnsd (unless net.ipv6.bindv6only is set), but not when
 * 0.0.0.0 is there with the same port: then each has its own family.
 *
 * The caller closes `*sockets`. Returns ERR_OK, ERR_NOMEM or an errno value; then nothing is open
 * and the reason, with what to do, has been logged. */
err_t udp_sockets_open(const listen_set_t *addresses, const udp_workers_t *workers,
		       inherited_sockets_t *inherited, udp_sockets_t **sockets)
	ATTR_NONNULL(1, 2, 4) ATTR_NODISCARD;

/* Spreads what comes from now on over the workers, in the way that they were opened for. To be called when
 * these serve sockets that were inherited, or go on to do so after all, in which case another process may have
 * steered them otherwise. Where the kernel does not let us, which has been logged, it goes by its hash. */
void udp_sockets_steer(udp_sockets_t *sockets) ATTR_NONNULL_ALL;

/* The way in which they are steered; STEERING_HASH also if the kernel does not know how. */
steering_t udp_sockets_steering(const udp_sockets_t *sockets) ATTR_NONNULL_ALL;

/* The descriptors that worker number `worker` serves, at least one; each is served by somebody. They
 * stay owned by `sockets`. */
const int *udp_sockets_of_worker(const udp_sockets_t *sockets, size_t worker,
				 size_t *count) ATTR_NONNULL_ALL;

/* How many addresses there are. */
size_t udp_sockets_addresses(const udp_sockets_t *sockets) ATTR_NONNULL_ALL;

/* All descriptors, those of an address in the order in which they were bound. */
const int *udp_sockets_all(const udp_sockets_t *sockets, size_t *count) ATTR_NONNULL_ALL;

/* Finds those that were opened and get from now on what an inherited wildcard has got up to now: nobody
 * answers it before a worker serves them. At most `most` go to `fds`; returns how many. */
size_t udp_sockets_taking(const udp_sockets_t *sockets, int *fds, size_t most) ATTR_NONNULL_ALL;

/* Closes all of them. No worker may be running. NULL is fine. */
void udp_sockets_close(udp_sockets_t *sockets);

#endif
