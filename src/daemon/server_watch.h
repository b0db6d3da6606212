/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_SERVER_WATCH_H
#define SPURN_DAEMON_SERVER_WATCH_H

#include "base/attributes.h"
#include "base/error.h"
#include "daemon/server_state.h"

/* The server's watch on the files that it serves: those of the catalog's plan, and the cookie secrets.
 * Files that are new and complete are loaded, and files that are being written are kept from loads
 * that nobody asked for. */

/* Begins to watch: sets server->watch and server->gate. Before the first load. Returns ERR_OK or an error, which has been logged. */
err_t server_watch_begin(server_t *server) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Tells of changes from now on. Without a thread, which is logged, it never will. */
void server_watch_start(server_t *server) ATTR_NONNULL_ALL;

/* To be called when another plan is served; not during a load. */
void server_watch_renew(server_t *server) ATTR_NONNULL_ALL;

#endif
