/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_LISTEN_H
#define SPURN_NET_LISTEN_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "net/address.h"

/* Most addresses to listen on. rbldnsd takes 20. A worker asks the kernel about all of them each
 * time that it has nothing to do, which is cheap for some dozens; a host with more binds a
 * wildcard. */
#define LISTEN_MAX 64

/* The addresses to listen on, each once, in the order in which they were asked for; plain data. A
 * zeroed one is empty. */
typedef struct listen_set {
	net_address_t addresses[LISTEN_MAX];
	size_t count;
} listen_set_t;

/* Adds what `text`, the value of -b, stands for: "address[/port]".
 *
 * The address is numeric, IPv4 in any form of inet_aton (127.2) and IPv6 with or without
 * [brackets], or a host name, which may stand for several addresses, or "*" for both wildcards. An
 * IPv4-mapped IPv6 address is taken as the IPv4 address it is. The port is a number or the name of
 * a UDP service; without one it is 53. `family` is AF_UNSPEC, or AF_INET or AF_INET6 to want only
 * those. Addresses that are already there are not added again. May ask the host's resolver, so it
 * may take seconds.
 *
 * Returns ERR_OK; ERR_SYNTAX (not of this form), ERR_INVAL (no such host or service, or no address
 * of the family), ERR_RANGE (a port out of range, an address that nobody can be answered from, or
 * more than LISTEN_MAX) or ERR_NOMEM; then nothing is added, and `why`[0..why_size) says what is
 * wrong with it and what to do. */
err_t listen_add(listen_set_t *set, const char *text, int family, char *why,
		 size_t why_size) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
