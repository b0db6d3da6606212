/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_JSON_H
#define SPURN_TOOL_JSON_H

#include <stdint.h>
#include <stdio.h>

#include "base/attributes.h"

/* Writes `text` as a JSON string (RFC 8259 section 7), quotes included: valid whatever bytes it has.
 * Those that are not UTF-8 come out as U+FFFD. */
void json_write_string(FILE *out, const char *text) ATTR_NONNULL_ALL;

#endif
