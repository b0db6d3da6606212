/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/stop.h"

#include <unistd.h>

#include "tool/control_options.h"
#include "tool/spurnd_client.h"

static const char help_text[] =
	"Usage: spurn stop [--control PATH]\n"
	"\n"
	"Ends the running spurnd, in peace: what it has received is answered. Waits until\n"
	"the process is gone and its ports are free. In a farm, let it be taken out\n"
	"before: see spurn drain.\n"
	"\n" CONTROL_OPTIONS_HELP "\n"
	"Exit status: 0 it has ended, 2 it could not be asked to.\n";

static int run(int argc, char **argv)
{
	control_options_t options;
	int status;

	if (!control_options_parse(&command_stop, 0, argc, argv, &options, &status))
		return status;
	int fd = spurnd_client_connect(options.path);
	if (fd < 0)
		return COMMAND_FAILED;
	int process = spurnd_client_process(fd);
	json_t *reply = spurnd_client_ask(fd, "stop", "stopping", SPURND_CLIENT_PATIENCE_S);
	if (reply != NULL)
		spurnd_client_wait_end(fd, process, "stopping");
	else if (process >= 0)
		close(process);
	status = reply != NULL ? 0 : COMMAND_FAILED;
	json_decref(reply);
	close(fd);
	return status;
}

const command_t command_stop = {
	.name = "stop",
	.summary = "end the running spurnd, and wait until it is gone",
	.help = help_text,
	.run = run,
};
