/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_INHERITED_SOCKETS_H
#define SPURN_NET_INHERITED_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "net/address.h"

/* Listening sockets that another server on this host has handed over, and goes on to use until we are
 * ready: what waits in them waits for either. Nothing is believed that was said about them; the kernel
 * knows what they are. One thread at a time. */
typedef struct inherited_sockets inherited_sockets_t;

/* New ones, of which there are none yet; the caller frees them. Returns ERR_OK or ERR_NOMEM. */
err_t inherited_sockets_new(inherited_sockets_t **sockets) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Closes those that nobody took, and frees the rest. NULL is fine. */
void inherited_sockets_free(inherited_sockets_t *sockets);

/* Adds the descriptor `fd`, which belongs to `sockets` from here on, whatever comes of it. Returns
 * ERR_OK; ERR_INVAL when it is no bound UDP socket and no TCP socket that listens; ERR_NOMEM; or an
 * errno value. */
err_t inherited_sockets_add(inherited_sockets_t *sockets, int fd) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* How many of `type` (SOCK_DGRAM or SOCK_STREAM) that are bound to `address` have not been taken. */
size_t inherited_sockets_count(const inherited_sockets_t *sockets, int type,
			       const net_address_t *address) ATTR_NONNULL_ALL;

/* Takes these: the caller has to close them. They stand in `fds`, which has room for
 * inherited_sockets_count, in the order in which they were added. */
void inherited_sockets_take(inherited_sockets_t *sockets, int type, const net_address_t *address,
			    int *fds) ATTR_NONNULL_ALL;

/* Finds an address to which sockets of `type` are bound that nobody took, but that get what would
 * come to `fd`, bound to `wide`, if they were closed; and that clients of `wide` may have asked so
 * far. Whoever has `wide` takes them, and so no queue is lost. Returns false if there is none. */
bool inherited_sockets_within(const inherited_sockets_t *sockets, int type,
			      const net_address_t *wide, int fd,
			      net_address_t *address) ATTR_NONNULL_ALL;

/* Is there one of `type`, taken or not, that may keep us from being the only ones at `address`: on
 * the same port, where one of the two is a wildcard, or both are equal? */
bool inherited_sockets_overlap(const inherited_sockets_t *sockets, int type,
			       const net_address_t *address) ATTR_NONNULL_ALL;

/* Is there one of `type`, taken or not, that gets what is sent to `address` unless a socket is bound to
 * just that? */
bool inherited_sockets_cover(const inherited_sockets_t *sockets, int type,
			     const net_address_t *address) ATTR_NONNULL_ALL;

#endif
