/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/control_commands.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/control_reload.h"
#include "daemon/control_stats.h"
#include "daemon/control_status.h"
#include "daemon/takeover.h"

static void run_drain(void *context, control_client_t *client, char *const *words, size_t count)
{
	const server_t *server = context;
	bool is_draining = count == 0;

	if (count > 1 || (count == 1 && strcmp(words[0], "--off") != 0)) {
		control_refuse(client, "drain: what is '%s'? It is drain [--off]",
			       words[count - 1]);
		return;
	}
	catalog_drain(server->setup->catalog, is_draining);
	log_info("%s",
		 is_draining ? "draining: SOA is answered SERVFAIL, all else as ever (spurn drain)"
			     : "not draining any more (spurn drain --off)");
	control_reply(client, json_pack("{s:b}", "draining", is_draining));
}

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
	{ "drain", run_drain },         { "reload", control_reload_run },
	{ "stats", control_stats_run }, { "status", control_status_run },
	{ "stop", run_stop },           { "take-over", takeover_run },
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
