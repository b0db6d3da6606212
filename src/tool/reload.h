/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_RELOAD_H
#define SPURN_TOOL_RELOAD_H

#include "tool/command.h"

/* Has a running spurnd load files that have changed. */
extern const command_t command_reload;

#endif
