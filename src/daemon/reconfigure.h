/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_RECONFIGURE_H
#define SPURN_DAEMON_RECONFIGURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/plan.h"
#include "daemon/options.h"

/* The configuration file while spurnd runs: it is read again when a reload is asked for. For the main
 * thread. */
typedef struct reconfigure {
	const options_t *start; /* what was asked for at the start */
	char *path;       /* where the file is for who has no privileges; owned; NULL: nowhere */
	char *text;       /* of the file that is in use; owned */
	uint32_t check_s; /* -c, as that and the command line say */
} reconfigure_t;

/* To be called before the root directory is changed. `start`, which has a configuration file, must
 * outlive `*reconfigure`. Returns ERR_OK, and the caller clears it, or ERR_NOMEM. */
err_t reconfigure_init(reconfigure_t *reconfigure,
		       const options_t *start) ATTR_NONNULL_ALL ATTR_NODISCARD;
void reconfigure_clear(reconfigure_t *reconfigure) ATTR_NONNULL_ALL;

/* Warns if the file cannot be read, now that privileges are gone. */
void reconfigure_probe(const reconfigure_t *reconfigure) ATTR_NONNULL_ALL;

/* Reads the file again. If it has changed and is good, `*plan` is what it and the command line say now,
 * which the caller takes over, and what cannot change before the next start has been logged. If it has
 * not, `*plan` is NULL. Returns ERR_OK; or an error, after all that is wrong has been logged, the first
 * of it also in `why`[0..size): then all goes on as before. */
err_t reconfigure_plan(reconfigure_t *reconfigure, plan_t **plan, char *why,
		       size_t size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Says that the last plan could not be put into use: the file counts as changed, then. */
void reconfigure_forget(reconfigure_t *reconfigure) ATTR_NONNULL_ALL;

#endif
