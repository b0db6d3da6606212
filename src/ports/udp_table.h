/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_PORTS_UDP_TABLE_H
#define SPURN_PORTS_UDP_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

/* The UDP sockets of this machine (of the network namespace of the process), from /proc/net/udp and
 * /proc/net/udp6, see proc(5). Not from NETLINK_SOCK_DIAG: that knows nothing more which matters here, and is a
 * module of the kernel that is not there, or cannot be loaded from where this runs, in containers and in
 * kernels made small. */

typedef struct udp_entry {
	int family;          /* AF_INET or AF_INET6 */
	uint8_t address[16]; /* local; in network byte order, an IPv4 one in the first four bytes */
	uint16_t port;       /* local; never 0 */
	bool is_connected;   /* to one peer: it gets nothing from others */
	uint32_t uid;        /* of who made it */
	uint64_t inode;      /* its number in /proc/PID/fd; 0 if no process can have it */
} udp_entry_t;

/* { 0 } is empty. */
typedef struct udp_table {
	udp_entry_t *entries;
	size_t count;
	size_t capacity;
} udp_table_t;

/* Reads a line of such a file, for the family that it is of. Returns whether it is one; else (the head of
 * the table) `*entry` is as it was. Pure; any thread. */
bool udp_entry_parse(const char *line, int family, udp_entry_t *entry) ATTR_NONNULL_ALL;

/* An order of sockets, in which none is the same as another one: as for qsort. */
int udp_entry_compare(const void *one, const void *other) ATTR_NONNULL_ALL;

/* Reads all sockets that there are now, in that order, in place of what the table had. The kernel writes the
 * table in pieces, so sockets that come or go meanwhile may be missing, but no others. Returns ERR_OK, or an
 * error after it has been logged, with the table empty. The caller frees it with udp_table_free. */
err_t udp_table_read(udp_table_t *table) ATTR_NONNULL_ALL ATTR_NODISCARD;
void udp_table_free(udp_table_t *table) ATTR_NONNULL_ALL;

/* Has the table this very socket? */
bool udp_table_has(const udp_table_t *table, const udp_entry_t *entry) ATTR_NONNULL_ALL;

#endif
