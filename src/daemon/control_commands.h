/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_CONTROL_COMMANDS_H
#define SPURN_DAEMON_CONTROL_COMMANDS_H

#include "daemon/server_state.h"

/* Lets clients in on the control socket of the server's setup, if there is one, to ask for what
 * there is a command for; each is a function of its own (daemon/control_*.c), and a line in the table
 * in control_commands.c. server->control is to be stopped and freed by the caller. Returns ERR_OK,
 * ERR_NOMEM or an errno value. */
err_t control_commands_start(server_t *server) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
