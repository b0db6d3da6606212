/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_PORTS_FORWARDERS_H
#define SPURN_TOOL_PORTS_FORWARDERS_H

#include <stddef.h>

#include "base/attributes.h"
#include "ports/port_audit.h"
#include "ports/port_set.h"

/* Forwarders that choose their source ports themselves. The kernel keeps reserved ports from sockets that ask
 * for no port, and not from those that ask for one, so these have to be told as well. Which ones these are was
 * measured; dnsmasq (without --min-port), knot-resolver and dnsdist leave it to the kernel. */
typedef struct ports_forwarder {
	const char *process; /* its name in the kernel */
	const char *name;    /* its own */
	const char *file;    /* where the lines go */
	/* The lines that have it avoid the ports of `ports`, which is not empty. The caller frees them. NULL
	 * for want of memory. */
	char *(*lines)(const port_set_t *ports);
} ports_forwarder_t;

/* The forwarder of this kind that is among the listeners, from number `*at` on, where the next call goes on; 0
 * for the first one. NULL if there is no other one. Pure; any thread. */
const ports_forwarder_t *ports_forwarder_next(const port_audit_t *audit,
					      size_t *at) ATTR_NONNULL_ALL;

#endif
