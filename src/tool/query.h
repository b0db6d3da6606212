/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_QUERY_H
#define SPURN_TOOL_QUERY_H

#include "tool/command.h"

/* `spurn query`: asks lists for addresses and names. */
extern const command_t command_query;

#endif
