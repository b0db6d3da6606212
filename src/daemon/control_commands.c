/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/control_commands.h"

#include <unistd.h>

#include "base/log.h"
#include "daemon/control_stats.h"

/* The connection stays open until the process ends, which tells the client when that is. */
static void run_stop(void *context, control_client_t *client, char *const *words, size_t count)
{
	server_t *server = context;

	if (count > 0) {
		control_refuse(client, "stop: what is '%s'? There are no arguments", words[0]);
		return;
	}
	control_reply_keep(client, json_pack("{s:b, s:i}", "stopping", 1, "pid", (int)getpid()));
	log_info("stopping on request (spurn stop)");
	server_stop(server);
}

/* In the order of the alphabet. */
static const control_command_t commands[] = {
	{ "stats", control_stats_run },
	{ "stop", run_stop },
};

err_t control_commands_start(server_t *server)
{
	const control_setup_t setup = {
		.loop = server->loop,
		.listener = server->setup->control,
		.commands = commands,
		.command_count = COUNT_OF(commands),
		.context = server,
		.limits = control_default_limits,
	};

	return setup.listener >= 0 ? control_start(&setup, &server->control) : ERR_OK;
}
