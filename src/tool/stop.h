/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_STOP_H
#define SPURN_TOOL_STOP_H

#include "tool/command.h"

/* Ends a running spurnd. */
extern const command_t command_stop;

#endif
