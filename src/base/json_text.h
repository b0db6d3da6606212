/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_JSON_TEXT_H
#define SPURN_BASE_JSON_TEXT_H

#include <jansson.h>
#include <stddef.h>

#include "base/attributes.h"

/* A JSON string of `text`, whatever bytes it has: those that are not UTF-8 (RFC 3629) become U+FFFD.
 * Names of files, and reasons that have them, may be anything. The caller owns it. NULL for want of
 * memory. Any thread. */
json_t *json_text(const char *text) ATTR_NONNULL_ALL;

/* The same for text[0..size), which may have NULs in it. */
json_t *json_text_of(const char *text, size_t size) ATTR_NONNULL_ALL;

#endif
