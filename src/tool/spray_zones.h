/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_ZONES_H
#define SPURN_TOOL_SPRAY_ZONES_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/plan.h"
#include "spray/spray_names.h"

/* Adds names of zones that are served from files, and what spurnd answers to them. The files are read twice:
 * with a look at each entry, to choose some; and as the server reads them, to be asked about each name that
 * is chosen or made up. So what is right is what the server's own code says, whatever the type of the data
 * and however entries exclude each other. `plan` is finished, and is used up in any case.
 *
 * Returns ERR_OK; or an error after it has been logged: ERR_LOAD (files cannot be read), ERR_INVAL (an
 * access list: answers would depend on who asks), ERR_RANGE (nothing is listed, or nothing is not) or
 * ERR_NOMEM. */
err_t spray_zones_read(plan_t *plan, const spray_wish_t *wish,
		       spray_names_t *names) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
