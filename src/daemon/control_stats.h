/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_CONTROL_STATS_H
#define SPURN_DAEMON_CONTROL_STATS_H

#include "daemon/control.h"

/* The command "stats" of the control socket: what has been counted, as doc/spurn.1 has it. `context`
 * is the server_t. */
void control_stats_run(void *context, control_client_t *client, char *const *words,
		       size_t count) ATTR_NONNULL_ALL;

#endif
