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

/* The sockets of one kind that a server listens on: a group for each address, whose sockets are all
 * bound to it. */

/* fds[first..first + count) of the groups. */
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
} socket_groups_t;

/* Opens and binds `each` sockets of `kind` (at least 1) for each address of `set`, in its order. An
 * address that has a port which any other socket of this host uses is refused.
 *
 * What is in `inherited` (NULL: nothing) is taken instead: all that are bound to an address of `set`,
 * however many there are; and in groups of their own behind these all that are bound to an address
 * which `set` serves by a wildcard, for what waits in them is ours as well. Others stay there.
 *
 * The caller closes the groups. Returns ERR_OK, ERR_NOMEM or an errno value; then none is open, and the
 * reason, with what to do, has been logged. */
err_t socket_groups_open(socket_groups_t *groups, const listen_set_t *set,
			 const bound_socket_kind_t *kind, size_t each,
			 inherited_sockets_t *inherited) ATTR_NONNULL(1, 2, 3) ATTR_NODISCARD;

/* Closes all of them; the groups are empty then. */
void socket_groups_close(socket_groups_t *groups) ATTR_NONNULL_ALL;

#endif
