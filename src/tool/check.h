/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_CHECK_H
#define SPURN_TOOL_CHECK_H

#include "tool/command.h"

/* spurn check: what is wrong or suspicious in zone files. */
extern const command_t command_check;

#endif
