/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_COMPILE_H
#define SPURN_TOOL_COMPILE_H

#include "tool/command.h"

/* `spurn compile`: zone files into one file that spurnd maps. */
extern const command_t command_compile;

#endif
