/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_SOCKET_GROUPS_H
#define SPURN_NET_SOCKET_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "net/bound_socket.h"
#include "net/inherited_sockets.h"
#include "net/listen.h"
#include "net/steering.h"

/* The sockets of one kind that a server listens on: a group for each address, whose sockets are all
 * bound to it. */

/* What groups shall be like; plain data. */
typedef struct socket_group_wish {
	const bound_socket_kind_t *kind;
	size_t each;         /* sockets of a group, at least 1 */
	steering_t steering; /* which of them gets what comes; STEERING_HASH if there is one */
} socket_group_wish_t;

/* fds[first..first + count) of the groups. Those that were inherited may be fewer or more than wished. */
typedef struct socket_group {
	size_t first;
	size_t count;
	bool is_taking; /* it was opened, and gets what an inherited wildcard has got up to now */
} socket_group_t;

/* Plain data; a zeroed one is empty. */
typedef struct socket_groups {
	socket_group_t *groups;
	size_t count;
	size_t capacity;
	int *fds; /* of a group in the order in which they were bound */
	size_t fd_count;
	size_t fd_capacity;
	size_t each;         /* as wished */
	steering_t steering; /* as wished; STEERING_HASH if the kernel knows no other */
} socket_groups_t;

/* Opens and binds the sockets of `wish` for each address of `set`, in its order. An address that has a
 * port which any other socket of this host uses is refused.
 *
 * What is in `inherited` (NULL: nothing) is taken instead: all that are bound to an address of `set`,
 * however many there are; and in groups of their own behind these all that are bound to an address
 * which `set` serves by a wildcard, for what waits in them is ours as well. Others stay there. To a
 * group of too few more are added, if whose they were lets us and they can be kept from getting
 * anything before socket_groups_steer: that is, not with STEERING_HASH.
 *
 * The caller closes the groups. Returns ERR_OK, ERR_NOMEM or an errno value; then none is open, and the
 * reason, with what to do, has been logged. */
err_t socket_groups_open(socket_groups_t *groups, const listen_set_t *set,
			 const socket_group_wish_t *wish, inherited_sockets_t *inherited)
	ATTR_NONNULL(1, 2, 3) ATTR_NODISCARD;

/* Steers as wished, also in groups that were inherited, or that another process has steered otherwise:
 * what comes is spread over the first `each` sockets of a group. Where the kernel does not let us, which
 * is logged once, it goes by its hash. */
void socket_groups_steer(socket_groups_t *groups) ATTR_NONNULL_ALL;

/* Closes all of them; the groups are empty then. */
void socket_groups_close(socket_groups_t *groups) ATTR_NONNULL_ALL;

#endif
