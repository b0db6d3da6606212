/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/control_options.h"

#include <getopt.h>
#include <stddef.h>

#include "base/log.h"
#include "daemon/control_socket.h"

enum { OPTION_CONTROL = 256, OPTION_FORCE, OPTION_OFF, OPTION_WATCH };

/* All options that there are, and the flag of those that not all commands have. */
static const struct {
	struct option option;
	unsigned flag;
} rows[] = {
	{ { "control", required_argument, NULL, OPTION_CONTROL }, 0 },
	{ { "help", no_argument, NULL, 'h' }, 0 },
	{ { "json", no_argument, NULL, 'j' }, CONTROL_OPTION_JSON },
	{ { "force", no_argument, NULL, OPTION_FORCE }, CONTROL_OPTION_FORCE },
	{ { "off", no_argument, NULL, OPTION_OFF }, CONTROL_OPTION_OFF },
	{ { "watch", optional_argument, NULL, OPTION_WATCH }, CONTROL_OPTION_WATCH },
};

/* Takes one option in. Returns false if there is none of that kind. */
static bool take(int letter, control_options_t *options)
{
	switch (letter) {
	case OPTION_CONTROL:
		options->path = optarg;
		return true;
	case 'j':
		options->is_json = true;
		return true;
	case OPTION_FORCE:
		options->is_forced = true;
		return true;
	case OPTION_OFF:
		options->is_off = true;
		return true;
	case OPTION_WATCH:
		options->is_watching = true;
		options->word = optarg;
		return true;
	default:
		return false;
	}
}

bool control_options_parse(const command_t *command, unsigned accepted, int argc, char **argv,
			   control_options_t *options, int *status)
{
	struct option known[COUNT_OF(rows) + 1];
	const char *letters = (accepted & CONTROL_OPTION_JSON) != 0 ? "jh" : "h";
	size_t count = 0;
	int letter;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (rows[i].flag == 0 || (accepted & rows[i].flag) != 0)
			known[count++] = rows[i].option;
	}
	known[count] = (struct option){ NULL, 0, NULL, 0 };
	*options = (control_options_t){ .path = CONTROL_SOCKET_PATH };
	while ((letter = getopt_long(argc, argv, letters, known, NULL)) != -1) {
		if (letter == 'h') {
			*status = command_show_help(command);
			return false;
		}
		if (!take(letter, options)) {
			*status = command_refuse(command);
			return false;
		}
	}
	if (optind < argc && options->word == NULL &&
	    ((accepted & CONTROL_OPTION_WORD) != 0 || options->is_watching))
		options->word = argv[optind++];
	if (optind == argc)
		return true;
	log_error("what is '%s'?", argv[optind]);
	*status = command_refuse(command);
	return false;
}
