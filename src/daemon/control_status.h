/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_CONTROL_STATUS_H
#define SPURN_DAEMON_CONTROL_STATUS_H

#include "catalog/source.h"
#include "daemon/control.h"

/* The command "status" of the control socket: what is served, and whether all is well, as doc/spurn.1
 * has it. `context` is the server_t. */
void control_status_run(void *context, control_client_t *client, char *const *words,
			size_t count) ATTR_NONNULL_ALL;

/* Adds to `object`, which may be NULL, the members that tell how many entries a change has added, removed
 * and changed; none if they have not been counted, as there was nothing before to compare with. */
void control_status_add_counts(json_t *object, const source_change_t *change) ATTR_NONNULL(2);

#endif
