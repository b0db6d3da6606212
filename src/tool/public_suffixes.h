/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_PUBLIC_SUFFIXES_H
#define SPURN_TOOL_PUBLIC_SUFFIXES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

/* Names under which anyone can have a name: com, co.uk. From the list at publicsuffix.org, as it is
 * installed on this machine. */
typedef struct public_suffixes public_suffixes_t;

/* The list, or NULL where there is none. The caller frees it; NULL is fine. */
public_suffixes_t *public_suffixes_load(void);
void public_suffixes_free(public_suffixes_t *suffixes);

/* Is `name` (on the wire, in lower case) in the list? */
bool public_suffixes_has(const public_suffixes_t *suffixes, const uint8_t *name) ATTR_NONNULL_ALL;

#endif
