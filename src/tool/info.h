/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_INFO_H
#define SPURN_TOOL_INFO_H

#include "tool/command.h"

/* `spurn info`: what is in a compiled list. */
extern const command_t command_info;

#endif
