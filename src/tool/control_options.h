/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_CONTROL_OPTIONS_H
#define SPURN_TOOL_CONTROL_OPTIONS_H

#include <stdbool.h>

#include "base/attributes.h"
#include "tool/command.h"

/* The command line of the commands that talk to spurnd; plain data. */
typedef struct control_options {
	const char *path; /* --control */
	bool is_json;     /* --json */
	bool is_forced;   /* --force */
	bool is_off;      /* --off */
	bool is_watching; /* --watch */
	const char *word; /* what is no option; NULL: nothing */
} control_options_t;

/* Which options a command has, besides --control and --help; flags. */
enum {
	CONTROL_OPTION_JSON = 1 << 0,
	CONTROL_OPTION_FORCE = 1 << 1,
	CONTROL_OPTION_OFF = 1 << 2,
	CONTROL_OPTION_WATCH = 1 << 3,
	CONTROL_OPTION_WORD = 1 << 4,
};

/* Lines of their help, for each command's. */
#define CONTROL_OPTIONS_HELP                                                                       \
	"      --control PATH   the socket of spurnd, as in spurnd --control;\n"                   \
	"                       /run/spurn/control.sock\n"                                         \
	"  -h, --help           this text\n"

/* Reads the command line. Returns whether to go on; if not, `*status` is what to exit with, and all
 * has been said. */
bool control_options_parse(const command_t *command, unsigned accepted, int argc, char **argv,
			   control_options_t *options, int *status) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
