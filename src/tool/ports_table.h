/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_PORTS_TABLE_H
#define SPURN_TOOL_PORTS_TABLE_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "ports/port_audit.h"

/* The table of `spurn ports`, and words for what is in it. */

/* Bytes for a chance in percent. */
#define PORTS_PERCENT_MAX 16

/* Writes the services, a row for each, to stdout. Returns ERR_OK or ERR_NOMEM. One thread at a time. */
err_t ports_table_write(const port_audit_t *audit) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* 8.9 %, 0.012 %; neither 0 % nor 100 % of what is not quite that. Writes to `text` and returns that. */
const char *ports_percent(double chance, char text[PORTS_PERCENT_MAX]) ATTR_NONNULL_ALL;

/* The name of a user, or the number if there is none; the text is valid until the next call. One thread at
 * a time. */
const char *ports_user_name(uint32_t uid);

#endif
