/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_TCP_SOCKETS_H
#define SPURN_NET_TCP_SOCKETS_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "net/inherited_sockets.h"
#include "net/listen.h"

/* The TCP sockets of a server, one for each address, on which connections come in. */
typedef struct tcp_sockets tcp_sockets_t;

/* Opens and binds them, as udp_sockets_open does, `inherited` included; connections to those that are
 * opened are refused until tcp_sockets_listen.
 * Ports below 1024 need privileges at this moment. The caller closes `*sockets`. Returns ERR_OK,
 * ERR_NOMEM or an errno value; then nothing is open and the reason, with what to do, has been
 * logged. */
err_t tcp_sockets_open(const listen_set_t *addresses, inherited_sockets_t *inherited,
		       tcp_sockets_t **sockets) ATTR_NONNULL(1, 3) ATTR_NODISCARD;

/* Lets connections come. Returns ERR_OK or an errno value, logged. */
err_t tcp_sockets_listen(const tcp_sockets_t *sockets) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The descriptors, which do not wait, one for each address; they stay owned by `sockets`. */
const int *tcp_sockets_all(const tcp_sockets_t *sockets, size_t *count) ATTR_NONNULL_ALL;

/* Closes them. NULL is fine. */
void tcp_sockets_close(tcp_sockets_t *sockets);

#endif
