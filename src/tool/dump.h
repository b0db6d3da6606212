/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_DUMP_H
#define SPURN_TOOL_DUMP_H

#include "tool/command.h"

/* `spurn dump`: zones as master files for other name servers. */
extern const command_t command_dump;

#endif
