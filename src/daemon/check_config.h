/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_CHECK_CONFIG_H
#define SPURN_DAEMON_CHECK_CONFIG_H

#include "base/attributes.h"
#include "daemon/exit_status.h"
#include "daemon/options.h"

/* --check-config: writes what would be served to stdout, and sees whether the user is there and the
 * files of zones and the cookie secrets can be read: started by root as that user, in its root
 * directory, which the process keeps; else as whoever asks. Opens no port. Returns EXIT_STATUS_OK; or
 * EXIT_STATUS_FAILED, and all that is wrong has been logged. */
exit_status_t check_config(const options_t *options) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
