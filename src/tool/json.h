/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_JSON_H
#define SPURN_TOOL_JSON_H

#include <stddef.h>
#include <stdio.h>

#include "base/attributes.h"

/* Writes `text` as a JSON string (RFC 8259 section 7), quotes included: valid whatever bytes it has.
 * Those that are not UTF-8 come out as U+FFFD. */
void json_write_string(FILE *out, const char *text) ATTR_NONNULL_ALL;

/* The same for text[0..size), which may have NULs in it and must have one behind it. */
void json_write_bytes(FILE *out, const char *text, size_t size) ATTR_NONNULL_ALL;

#endif
