/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_DRAIN_H
#define SPURN_TOOL_DRAIN_H

#include "tool/command.h"

/* Has a running spurnd taken out of a farm. */
extern const command_t command_drain;

#endif
