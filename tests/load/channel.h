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

/* Messages to a DNS server and back over TCP connections, one after the other. On the thread of the loop;
 * nothing ever waits. */
typedef struct channel channel_t;

/* What a channel tells. */
typedef struct channel_owner {
	void *context;
	void (*received)(void *context, channel_t *channel, const uint8_t *packet, size_t size);
	/* A connection has ended, or could not be made: whatever had been sent and not answered is to
	 * be sent again, on the next one. */
	void (*ended)(void *context, channel_t *channel);
} channel_owner_t;

/* Makes a channel; `owner` is kept. `number` is the owner's. Returns ERR_OK or ERR_NOMEM. */
err_t channel_new(struct ev_loop *loop, const net_address_t *server, unsigned number,
		  const channel_owner_t *owner,
		  channel_t **channel) ATTR_NONNULL_ALL ATTR_NODISCARD;

unsigned channel_number(const channel_t *channel) ATTR_NONNULL_ALL;

/* Is there room for another message of `size` bytes? */
bool channel_has_room(const channel_t *channel, size_t size) ATTR_NONNULL_ALL;

/* Sends a message, for which it connects if it has to. Returns ERR_OK if it is on its way; -EAGAIN if there is
 * no room for it now, or no connection can be had. */
err_t channel_send(channel_t *channel, const uint8_t *packet,
		   size_t size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Connections begun. */
uint64_t channel_connects(const channel_t *channel) ATTR_NONNULL_ALL;

/* NULL is fine. */
void channel_free(channel_t *channel);

#endif
