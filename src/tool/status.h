/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_STATUS_H
#define SPURN_TOOL_STATUS_H

#include "tool/command.h"

/* Tells how a running spurnd is. */
extern const command_t command_status;

#endif
