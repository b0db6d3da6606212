/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_EXCHANGE_TCP_H
#define SPURN_TOOL_EXCHANGE_TCP_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "net/address.h"

/* Asks one question over TCP, on a connection of its own (RFC 7766), as a client does whose reply over
 * UDP was cut, and waits for the reply, `timeout_ms` in all. The query is one that
 * dns_client_write_query made. Returns ERR_OK, and the caller frees `*reply`; or -ETIMEDOUT,
 * -ECONNREFUSED or another errno value, -EPROTO when what came was not the reply, or ERR_NOMEM. */
err_t exchange_tcp(const net_address_t *server, const uint8_t *query, size_t query_size,
		   unsigned timeout_ms, uint8_t **reply,
		   size_t *reply_size) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
