/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_CONTROL_STATUS_H
#define SPURN_DAEMON_CONTROL_STATUS_H

#include "daemon/control.h"

/* The command "status" of the control socket: what is served, and whether all is well, as doc/spurn.1
 * has it. `context` is the server_t. */
void control_status_run(void *context, control_client_t *client, char *const *words,
			size_t count) ATTR_NONNULL_ALL;

#endif
