/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/attributes.h"
#include "base/log.h"
#include "tool/check.h"
#include "tool/command.h"
#include "tool/compile.h"
#include "tool/drain.h"
#include "tool/dump.h"
#include "tool/info.h"
#include "tool/ports.h"
#include "tool/query.h"
#include "tool/reload.h"
#include "tool/spray.h"
#include "tool/stats.h"
#include "tool/status.h"
#include "tool/stop.h"

/* Bytes of "spurn NAME". */
#define FULL_NAME_MAX 64

static int help_run(int argc, char **argv);

static const command_t command_help = {
	.name = "help",
	.summary = "tell how to use spurn, or one of its commands",
	.help = "Usage: spurn help [COMMAND]\n"
		"\n"
		"Lists the commands of spurn, or tells how to use one of them.\n",
	.run = help_run,
};

/* All that spurn can do, in the order of the alphabet. */
static const command_t *const commands[] = {
	&command_check, &command_compile, &command_drain, &command_dump,   &command_help,
	&command_info,  &command_ports,   &command_query, &command_reload, &command_spray,
	&command_stats, &command_status,  &command_stop,
};

static const command_t *find(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

/* Says that there is no command `name`, and which ones there are. */
static int refuse_name(const char *name)
{
	char names[COUNT_OF(commands) * FULL_NAME_MAX] = "";

	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		strcat(names, i > 0 ? ", " : "");
		strcat(names, commands[i]->name);
	}
	log_error("there is no command '%s'; there are: %s", name, names);
	return COMMAND_FAILED;
}

static void list_commands(FILE *out)
{
	fputs("Usage: spurn COMMAND [options] ...\n"
	      "       spurn help COMMAND\n"
	      "       spurn --version\n"
	      "\n"
	      "The tool beside spurnd, the DNS blocklist server. Commands:\n",
	      out);
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n"
	      "Exit status: 0 yes or done, 1 no (see the command), 2 an error.\n",
	      out);
}

static int help_run(int argc, char **argv)
{
	const command_t *command;

	if (argc < 2) {
		list_commands(stdout);
		return 0;
	}
	if (argc > 2) {
		log_error("help for one command at a time, please");
		return command_refuse(&command_help);
	}
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
		return command_show_help(&command_help);
	command = find(argv[1]);
	return command != NULL ? command_show_help(command) : refuse_name(argv[1]);
}

/* Runs the command that argv[1] names. */
static int run(int argc, char **argv)
{
	static char full_name[FULL_NAME_MAX]; /* for messages until the end of the process */
	const command_t *command = find(argv[1]);

	if (command == NULL)
		return refuse_name(argv[1]);
	snprintf(full_name, sizeof(full_name), "spurn %s", command->name);
	log_set_program(full_name);
	argv[1] = full_name;
	return command->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	int status = 0;

	log_set_program("spurn");
	if (argc < 2) {
		list_commands(stderr);
		return COMMAND_FAILED;
	}
	if (strcmp(argv[1], "--version") == 0)
		puts("spurn " PACKAGE_VERSION);
	else if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
		list_commands(stdout);
	else
		status = run(argc, argv);
	/* An answer that did not reach its reader (a full disk) is none. */
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		log_error("cannot write to stdout: %s", strerror(errno));
		return COMMAND_FAILED;
	}
	return status;
}
