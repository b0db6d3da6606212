/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_STATS_H
#define SPURN_TOOL_STATS_H

#include "tool/command.h"

/* Tells what a running spurnd has answered. */
extern const command_t command_stats;

#endif
