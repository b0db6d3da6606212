/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_UDP_REPLIES_H
#define SPURN_NET_UDP_REPLIES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attributes.h"

/* The replies to a batch of datagrams, and how they leave: in one call, and those of one flow in as few
 * pieces as can be. Belongs to one thread at a time; nothing is allocated after udp_replies_new. */
typedef struct udp_replies udp_replies_t;

/* Without replies. The caller frees it. NULL for want of memory. */
udp_replies_t *udp_replies_new(void);

/* NULL is fine. */
void udp_replies_free(udp_replies_t *replies);

/* Adds a reply, data[0..size), that goes to the peer of `query`, with its control messages, which
 * reply_address_turn has been through. Both must last until udp_replies_send. For at most
 * ANSWER_BATCH_MAX of them at a time, of at most ANSWER_UDP_MAX bytes. */
void udp_replies_add(udp_replies_t *replies, const struct msghdr *query, uint8_t *data,
		     size_t size) ATTR_NONNULL_ALL;

/* How many replies there are. */
unsigned udp_replies_count(const udp_replies_t *replies) ATTR_NONNULL_ALL;

/* Sends them all through the socket `fd`, without waiting, those to one peer in any order; afterwards
 * there are none. A reply whose destination the kernel refuses does not keep the others. Where it has
 * no room, nobody waits for it: what is left is given up, and the clients will ask again. Returns how
 * many replies the kernel took. */
unsigned udp_replies_send(udp_replies_t *replies, int fd) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
