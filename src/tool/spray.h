/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_H
#define SPURN_TOOL_SPRAY_H

#include "tool/command.h"

/* `spurn spray`. */
extern const command_t command_spray;

#endif
