/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/drain.h"

#include <stdio.h>

#include "tool/control_options.h"
#include "tool/spurnd_client.h"

static const char help_text[] =
	"Usage: spurn drain [--off] [--control PATH]\n"
	"\n"
	"Has a running spurnd answer the question of health checkers, for the SOA record\n"
	"of a zone, with SERVFAIL, and all others as ever. So a director takes it out of\n"
	"its farm while no query is lost; when no more of them come, which spurn stats\n"
	"--watch shows, spurn stop ends it.\n"
	"\n"
	"      --off            back into the farm: answer SOA as ever\n" CONTROL_OPTIONS_HELP "\n"
	"Exit status: 0 done, 2 it could not be asked to.\n";

static int run(int argc, char **argv)
{
	control_options_t options;
	json_t *reply;
	int status;

	if (!control_options_parse(&command_drain, CONTROL_OPTION_OFF, argc, argv, &options,
				   &status))
		return status;
	reply = spurnd_client_request(options.path, options.is_off ? "drain --off" : "drain",
				      "draining", SPURND_CLIENT_PATIENCE_S);
	if (reply == NULL)
		return COMMAND_FAILED;
	puts(options.is_off
		     ? "SOA is answered as ever"
		     : "SOA is answered SERVFAIL, all else as ever; spurn drain --off ends it");
	json_decref(reply);
	return 0;
}

const command_t command_drain = {
	.name = "drain",
	.summary = "have a running spurnd taken out of its farm, or back in",
	.help = help_text,
	.run = run,
};
