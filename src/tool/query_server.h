/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_QUERY_SERVER_H
#define SPURN_TOOL_QUERY_SERVER_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "net/listen.h"

/* Which server is asked. */

/* Adds the addresses of the server `text`, what stands behind @ on the command line: an address or
 * a host's name, and a port as "host/port" (as spurnd's -b has it), "host:port" or "[address]:port".
 * Where `text` has no port it is `port`, or 53 if that is NULL. `family` and the result are those of
 * listen_add. */
err_t query_server_parse(const char *text, const char *port, int family, listen_set_t *servers,
			 char *why, size_t why_size) ATTR_NONNULL(1, 4, 5) ATTR_NODISCARD;

/* Adds the name servers of `path`, which is like /etc/resolv.conf; without any that of this host, as
 * resolvers have it (resolv.conf(5)). */
err_t query_server_default(const char *path, const char *port, int family, listen_set_t *servers,
			   char *why, size_t why_size) ATTR_NONNULL(1, 4, 5) ATTR_NODISCARD;

#endif
