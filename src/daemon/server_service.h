/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_SERVER_SERVICE_H
#define SPURN_DAEMON_SERVER_SERVICE_H

#include "base/attributes.h"
#include "daemon/server_state.h"

/* Has the service manager, if there is one, told of this server (daemon/service.h): takes the connection
 * to it over from server->setup->background. */
void server_service_begin(server_t *server) ATTR_NONNULL_ALL;

#endif
