/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_JSON_H
#define SPURN_TOOL_JSON_H

#include <jansson.h>

#include "base/attributes.h"

/* Adds a member to an object: the text `value`, whatever bytes it has (see json_text); none if that is
 * NULL. */
void json_add_text(json_t *object, const char *name, const char *value) ATTR_NONNULL(2);

/* The elements of `array`, which are objects, by the text of their member `name`: an object, which the caller owns. Of
 * several with the same text it has the first. NULL for `array` is fine: it is empty then. Returns NULL for want
 * of memory. */
json_t *json_by_text(const json_t *array, const char *name) ATTR_NONNULL(2);

/* Writes an object on a line of stdout, and frees it. If there was no memory to make it, ends the
 * process, after saying so. */
void json_write_line(json_t *object);

#endif
