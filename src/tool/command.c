/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/command.h"

#include <stdio.h>

#include "base/log.h"

int command_show_help(const command_t *command)
{
	fputs(command->help, stdout);
	return 0;
}

int command_refuse(const command_t *command)
{
	log_error("'spurn help %s' tells more", command->name);
	return COMMAND_FAILED;
}
