/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_CONFIG_READER_H
#define SPURN_DAEMON_CONFIG_READER_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "daemon/config.h"

/* Fills the empty `config`, whose name is set, from text[0..size), which is changed: see
 * config_parse, whose work this is. On failure it may be filled in part. */
err_t config_reader_run(config_t *config, char *text, size_t size) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
