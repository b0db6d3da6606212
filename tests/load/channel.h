/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_LOAD_CHANNEL_H
#define SPURN_LOAD_CHANNEL_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "net/address.h"

/* Messages to a DNS server and back: a UDP socket, or TCP connections one after the other. On the
 * thread of the loop; nothing ever waits. */
typedef struct channel channel_t;

/* What a channel tells. */
typedef struct channel_owner {
	void *context;
	void (*received)(void *context, channel_t *channel, const uint8_t *packet, size_t size);
	/* A TCP connection has ended, or could not be made: whatever had been sent and not answered is
	 * to be sent again, on the next one. UDP: nobody listens on the port (ICMP). */
	void (*refused)(void *context, channel_t *channel);
} channel_owner_t;

/* Makes a channel; `owner` is kept. `number` is the owner's. Returns ERR_OK, ERR_NOMEM or an errno
 * value. */
err_t channel_new(struct ev_loop *loop, const net_address_t *server, bool is_tcp, unsigned number,
		  const channel_owner_t *owner,
		  channel_t **channel) ATTR_NONNULL_ALL ATTR_NODISCARD;

unsigned channel_number(const channel_t *channel) ATTR_NONNULL_ALL;
bool channel_is_tcp(const channel_t *channel) ATTR_NONNULL_ALL;

/* Sends a message. TCP connects first if it has to. Returns ERR_OK if it is on its way; -EAGAIN if there
 * is no room for it now; -ECONNREFUSED (UDP) if the one before was for nobody, and this one has not been
 * sent. */
err_t channel_send(channel_t *channel, const uint8_t *packet,
		   size_t size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Packets that the kernel has thrown away, as nobody read them in time. */
uint64_t channel_drops(const channel_t *channel) ATTR_NONNULL_ALL;

/* TCP connections begun. */
uint64_t channel_connects(const channel_t *channel) ATTR_NONNULL_ALL;

/* NULL is fine. */
void channel_free(channel_t *channel);

#endif
