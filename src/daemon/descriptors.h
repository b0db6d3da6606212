/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_DESCRIPTORS_H
#define SPURN_DAEMON_DESCRIPTORS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

/* Sees that the process may have descriptors for `*connections` connections beside `sockets` sockets, the
 * `files` files that data sets keep open (twice, as the old ones are open while they are loaded anew), and
 * what else it opens. Raises the limit (RLIMIT_NOFILE) if need be: the soft one, and with privileges the hard
 * one. If that is not allowed, `*connections`, unless it is 0, is lowered to what is, at least 1, and a warning
 * says so. A warning also says if there is no room for the others. */
void descriptors_provide(size_t sockets, size_t files, uint32_t *connections) ATTR_NONNULL_ALL;

/* Raises the limit of files that the process may open to `wanted`, the soft one, and with privileges the
 * hard one, as far as that is allowed. Returns what it is now. */
size_t descriptors_raise(size_t wanted);

#endif
