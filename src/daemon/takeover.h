/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_TAKEOVER_H
#define SPURN_DAEMON_TAKEOVER_H

#include <stdbool.h>

#include "daemon/control.h"
#include "daemon/server_state.h"

/* How a spurnd leaves its place to the next one (spurnd --replace), seen from the one that goes; the
 * other side is daemon/predecessor.h. Over the control socket, a line each way:
 *
 *     successor     predecessor
 *     take-over ->
 *               <-  {"take_over": 1, "version": ..., "sockets": 9, ...}: the manifest
 *               <-  {"descriptors": 9}, with so many descriptors, which say themselves what they are;
 *                   as many lines as it takes
 *     (opens what is new)
 *     lend      ->  with descriptors, if it has opened UDP sockets that take queries from one of ours,
 *                   a wildcard: we serve them until it can
 *               <-  {"lent": true}
 *     (gives up its privileges, loads: seconds to minutes)
 *     (answers)
 *     ready     ->
 *                   (answers what waits, and then nothing more)
 *               <-  {"left": true}
 *               <-  {"connection": {"age_ms": 5, "input": "001d"}}, with its descriptor, for each TCP
 *                   connection, when it has nothing to be sent
 *               <-  {"ended": true}, and the end of the connection with that of the process
 *
 * Both have the same sockets, whose queues live on, so whoever receives a query answers it, and
 * there is no moment at which nobody does. If the successor ends before it has said "ready" the
 * predecessor goes on as if nothing had been. If the predecessor ends first, the successor still
 * starts: what comes meanwhile waits in the sockets. Either learns it from the connection. */

/* The format of the manifest, for spurnds of other versions. */
#define TAKEOVER_FORMAT 1

/* What the successor says when it answers, also over TCP or not. */
#define TAKEOVER_READY     "ready"
#define TAKEOVER_READY_UDP "ready udp"

/* And with the sockets that it lends. */
#define TAKEOVER_LEND "lend"

/* The control socket's command. */
void takeover_run(void *context, control_client_t *client, char *const *words, size_t count);

/* Has a successor taken our place? Then what is the server's (pid file, control socket) is not ours any
 * more. */
bool takeover_is_done(const server_t *server) ATTR_NONNULL_ALL;

/* Is there a successor that is not ready yet? Then it will need what is ours when it is. */
bool takeover_is_pending(const server_t *server) ATTR_NONNULL_ALL;

/* The server ends: tells the successor, if there is one, and frees what there is of it. */
void takeover_end(server_t *server) ATTR_NONNULL_ALL;

#endif
