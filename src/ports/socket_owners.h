/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_PORTS_SOCKET_OWNERS_H
#define SPURN_PORTS_SOCKET_OWNERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/error.h"
#include "ports/udp_table.h"

/* Bytes of a process's name as the kernel keeps it, its end included. */
#define SOCKET_OWNER_NAME 16

/* A process that has a socket open. */
typedef struct socket_owner {
	uint64_t inode; /* of the socket */
	pid_t pid;
	char name[SOCKET_OWNER_NAME];
} socket_owner_t;

/* Who has which socket; { 0 } is empty. By inode, and then by pid; each pair once. */
typedef struct socket_owners {
	socket_owner_t *owners;
	size_t count;
	size_t capacity;
	/* Not all processes could be looked into: not root, or a root without CAP_SYS_PTRACE. So a socket
	 * without an owner may have one. If false, none has it but the kernel (WireGuard, VXLAN), or a
	 * process that is out of sight, in another PID namespace. */
	bool is_partial;
} socket_owners_t;

/* Finds the processes that have sockets of `table` open, from /proc/PID/fd. Looks at all open files of the
 * machine: some microseconds for each. Returns ERR_OK, or an error after it has been logged. The caller
 * frees `*owners`, which is { 0 } before, with socket_owners_free in any case. */
err_t socket_owners_find(const udp_table_t *table,
			 socket_owners_t *owners) ATTR_NONNULL_ALL ATTR_NODISCARD;
void socket_owners_free(socket_owners_t *owners) ATTR_NONNULL_ALL;

/* The owners of the socket `inode`: `*count` of them, side by side; NULL if there are none. */
const socket_owner_t *socket_owners_of(const socket_owners_t *owners, uint64_t inode,
				       size_t *count) ATTR_NONNULL_ALL;

#endif
