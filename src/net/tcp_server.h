/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_TCP_SERVER_H
#define SPURN_NET_TCP_SERVER_H

#include <ev.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/catalog.h"
#include "net/query_records.h"
#include "net/tcp_connection.h"
#include "net/tcp_sockets.h"

/* DNS over TCP (RFC 7766) on an event loop. All functions are for the loop's thread. */
typedef struct tcp_server tcp_server_t;

/* What a server works with; plain data, nothing of it is the server's own. */
typedef struct tcp_server_setup {
	struct ev_loop *loop;
	catalog_t *catalog;
	const tcp_sockets_t *sockets;
	const tcp_limits_t *limits;
	query_log_t *log; /* NULL: none */
} tcp_server_setup_t;

/* Lets connections come, and answers from then on. Makes the calling thread a reader of the catalog.
 * What is in `setup` must outlive the server. The caller stops and then frees `*server`. Returns
 * ERR_OK, ERR_NOMEM or an errno value; then the reason has been logged. */
err_t tcp_server_start(const tcp_server_setup_t *setup,
		       tcp_server_t **server) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Takes over `fd`, a connection of another server with the same sockets, which has been left to us
 * with `legacy`. If it is none, or none any more, it is closed. */
void tcp_server_inherit(tcp_server_t *server, int fd, const tcp_legacy_t *legacy) ATTR_NONNULL_ALL;

/* Takes no more connections, but for those that wait to be taken at this moment. Those that there are
 * are left to `heir`, which must live until tcp_server_stop, as soon as they have nothing to be
 * sent. NULL: there is none, they stay. */
void tcp_server_leave(tcp_server_t *server, const tcp_heir_t *heir) ATTR_NONNULL(1);

/* How many connections there are. */
size_t tcp_server_count(const tcp_server_t *server) ATTR_NONNULL_ALL;

/* Takes no more connections, and ends those that there are: what has come is answered, as far as
 * that takes no waiting. The thread is no reader any more. Counts stay. NULL is fine. */
void tcp_server_stop(tcp_server_t *server);

/* Frees a stopped server. NULL is fine. */
void tcp_server_free(tcp_server_t *server);

/* What has been written down about queries. */
const query_records_t *tcp_server_records(const tcp_server_t *server) ATTR_NONNULL_ALL;

/* What became of connections, and how many there are now, in `*open`. */
tcp_counts_t tcp_server_counts(const tcp_server_t *server, size_t *open) ATTR_NONNULL_ALL;

/* Logs what became of connections. */
void tcp_server_log(const tcp_server_t *server) ATTR_NONNULL_ALL;

#endif
