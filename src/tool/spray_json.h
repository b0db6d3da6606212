/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_JSON_H
#define SPURN_TOOL_SPRAY_JSON_H

#include <jansson.h>

#include "base/attributes.h"
#include "spray/spray_result.h"

/* What a run came to as a JSON object, for programs: exact counts, and what there is not is null. spurn(1),
 * MEASURING SERVERS, has its members. The caller owns it; json_write_line writes it. For want of memory
 * NULL, or an object without some of them. */
json_t *spray_json(const spray_result_t *result) ATTR_NONNULL_ALL;

#endif
