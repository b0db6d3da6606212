/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_SPRAY_SPRAY_SOCKETS_H
#define SPURN_SPRAY_SPRAY_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "spray/spray_ports.h"
#include "spray/spray_result.h"

/* The source-port policies: which socket a query leaves from, and when sockets are opened and closed.
 * What a socket is, the opener says, so that policies can be tested without any. One thread. */
typedef struct spray_sockets spray_sockets_t;

/* Opens and closes them. `number` is that of the socket here, from 0. */
typedef struct spray_opener {
	void *context;
	/* Makes a socket on this port. Returns ERR_OK; -EADDRINUSE if somebody has the port; or what
	 * ends the run. */
	err_t (*open)(void *context, uint32_t number, uint16_t port, int *fd);
	void (*close)(void *context, uint32_t number, int fd);
} spray_opener_t;

/* Sockets of a policy: `max` of them, for SPRAY_PER_QUERY at a time. `ports` is shared with other threads
 * and outlives the sockets; the opener is copied. Opens none. NULL for want of memory; the caller frees
 * them. */
spray_sockets_t *spray_sockets_new(spray_policy_t policy, uint32_t max, spray_ports_t *ports,
				   const spray_opener_t *opener) ATTR_NONNULL_ALL;

/* Closes all of them. NULL is fine. */
void spray_sockets_free(spray_sockets_t *sockets);

/* Opens what the policy has open from the start. Returns ERR_OK; ERR_RANGE if there are not as many
 * ports; or the opener's error. */
err_t spray_sockets_open(spray_sockets_t *sockets) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Chooses a socket for the next queries: `*socket` may have the next `*run` of the `left` ones (at least
 * 1) that are left of the `batch` to be sent now. Returns ERR_OK; -EAGAIN if a query, of this thread or
 * of another one, has to be done before there is a socket; ERR_RANGE if there are no ports at all; or the opener's error. */
err_t spray_sockets_choose(spray_sockets_t *sockets, unsigned batch, unsigned left,
			   uint32_t *socket, unsigned *run) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* A query of this socket has been answered, or is lost. */
void spray_sockets_done(spray_sockets_t *sockets, uint32_t socket) ATTR_NONNULL_ALL;

int spray_sockets_fd(const spray_sockets_t *sockets, uint32_t socket) ATTR_NONNULL_ALL;
uint16_t spray_sockets_port(const spray_sockets_t *sockets, uint32_t socket) ATTR_NONNULL_ALL;

/* How many are open. But for SPRAY_PER_QUERY their numbers are below. */
uint32_t spray_sockets_open_count(const spray_sockets_t *sockets) ATTR_NONNULL_ALL;

#endif
