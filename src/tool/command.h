/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_COMMAND_H
#define SPURN_TOOL_COMMAND_H

/* A subcommand of the tool `spurn`: one file, one of these, one line in main.c. */
typedef struct command {
	const char *name;    /* as on the command line: "query" */
	const char *summary; /* what it does, for the list of all: at most 60 characters */
	const char *help;    /* what `spurn NAME --help` writes, "Usage: " first; 80 columns wide */

	/* Does it. argv[0] is "spurn NAME", so that getopt complains with that name; the messages
	 * of base/log.h have it as well. Called once in a process. -h and --help are to end in
	 * command_show_help, a wrong command line in command_refuse. Returns the exit status: 0 and
	 * 1 mean what the command says, anything from COMMAND_FAILED up that it could not tell. */
	int (*run)(int argc, char **argv);
} command_t;

/* The exit status of every command for a wrong command line, and for what could not be done. */
#define COMMAND_FAILED 2

/* Writes the help of `command` to stdout and returns 0, the exit status. */
int command_show_help(const command_t *command);

/* For a command line that is wrong, after the reason has been logged (or getopt has written it):
 * says where help is and returns COMMAND_FAILED. */
int command_refuse(const command_t *command);

#endif
