/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_NETWORKS_H
#define SPURN_CATALOG_NETWORKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/ip6.h"

/* A set of networks, few and given on the command line; for many, and files of them, there is the
 * data set acl. A sorted array. All zero is the empty set. */
typedef struct networks {
	struct network {
		ip6_address_t first;
		ip6_address_t last;
	} * ranges; /* in order, disjoint; IPv4 v4-mapped */
	size_t count;
	size_t capacity;
} networks_t;

/* Adds the prefixes in `text`, separated by commas, as zone files write them: 192.0.2.0/24, 192.0.2,
 * 192.0.2.1, 2001:db8::/32, ::1. A shorter IPv6 prefix than that of the v4-mapped addresses holds
 * for IPv6 clients only, as in an acl. Returns ERR_OK; ERR_SYNTAX with a reason (static text) in
 * `*why`; or ERR_NOMEM: then some of them may have been added. */
err_t networks_add(networks_t *networks, const char *text,
		   const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Is `address` (IPv4 v4-mapped) in one of them? Any thread. */
bool networks_have(const networks_t *networks, ip6_address_t address) ATTR_NONNULL_ALL;

/* Frees what the set holds; it is empty then. */
void networks_clear(networks_t *networks) ATTR_NONNULL_ALL;

#endif
