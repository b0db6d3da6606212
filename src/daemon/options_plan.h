/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_OPTIONS_PLAN_H
#define SPURN_DAEMON_OPTIONS_PLAN_H

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/plan.h"
#include "daemon/options.h"

/* Makes a finished plan of the zones on the command line and in the configuration file. A zone or data
 * set of the file has the settings that are its own there, and what the zone around it, the file and
 * the command line say otherwise. The caller frees it. Returns ERR_OK; ERR_SYNTAX, when all that is
 * wrong has been logged; or ERR_NOMEM, which has been logged, too. */
err_t options_plan_make(const options_t *options, plan_t **plan) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
