/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_WATCH_H
#define SPURN_TOOL_SPRAY_WATCH_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "spray/spray_engine.h"

/* Starts the run and looks on until it is over, with a line on the terminal; SIGINT and SIGTERM end it, a
 * second one does not wait for answers. `is_json`: a program reads what is written. Returns ERR_OK; or an
 * errno value: then it has not been started. */
err_t spray_watch(spray_engine_t *engine, const spray_setup_t *setup,
		  bool is_json) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
