/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_LIST_H
#define SPURN_TOOL_SPRAY_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "spray/spray_names.h"

/* Adds names from a plain list, "-" for stdin: an address or a name a line, as clients ask for it; blank
 * lines and what follows a '#' are skipped, and the file may be compressed. All are asked for below `apex`
 * (on the wire). `are_listed`: somebody says so; then it is right if they are answered, over type A with a
 * record, and if what is made up is not. Else nothing is known to be right, and nothing is made up.
 *
 * Returns ERR_OK; or an error after it has been logged. */
err_t spray_list_read(const char *path, const uint8_t *apex, bool are_listed,
		      const spray_wish_t *wish,
		      spray_names_t *names) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
