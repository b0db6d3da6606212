/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_SPRAY_SPRAY_SOCKET_H
#define SPURN_SPRAY_SPRAY_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "net/address.h"

/* A UDP socket with a source port of our choice. Any thread. */

/* Makes one to `server` with the local port `port`, on all addresses as name servers have theirs, so that
 * it is somebody else's if anybody has it on any address. It is connected: the kernel keeps out what comes
 * from elsewhere, and tells if nobody listens there. `is_kept`: it is for many queries, and gets room for
 * their answers. Over IPv6 IPv4's ports are left alone. Returns ERR_OK, and the caller closes `*fd`;
 * -EADDRINUSE; or another errno value. */
err_t spray_socket_open(const net_address_t *server, uint16_t port, bool is_kept,
			int *fd) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Packets that the kernel has thrown away, as nobody read them in time. */
uint64_t spray_socket_drops(int fd);

#endif
