/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_CONTROL_RELOAD_H
#define SPURN_DAEMON_CONTROL_RELOAD_H

#include "daemon/control.h"
#include "daemon/loader.h"

/* The command "reload [--force] [ZONE]" of the control socket: its client waits for the load that does
 * it, and is told what is served now that was not before it asked; if a load was running then, before
 * that one began. */

struct server; /* daemon/server_state.h */

/* One that waits. */
typedef struct control_reload control_reload_t;

/* `context` is the server_t. */
void control_reload_run(void *context, control_client_t *client, char *const *words,
			size_t count) ATTR_NONNULL_ALL;

/* Tells those who wait for it, to be called after each load. */
void control_reload_done(struct server *server, const loader_outcome_t *outcome) ATTR_NONNULL_ALL;

#endif
