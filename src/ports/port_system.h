/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_PORTS_PORT_SYSTEM_H
#define SPURN_PORTS_PORT_SYSTEM_H

#include "base/attributes.h"
#include "base/error.h"
#include "ports/port_set.h"

/* What this machine says of ports: its kernel (of the network namespace of the calling thread), its
 * database of services, and files. The services' database is libc's (/etc/services, or what nsswitch.conf
 * says), which keeps it in static memory: one thread at a time. */

#define PORT_SYSTEM_RANGE    "/proc/sys/net/ipv4/ip_local_port_range"
#define PORT_SYSTEM_RESERVED "/proc/sys/net/ipv4/ip_local_reserved_ports"

/* Bytes for the name of a service. */
#define PORT_SERVICE_MAX 64

/* The ports of which the kernel takes one for a socket that asks for none (the ephemeral range), over IPv4
 * and IPv6. Returns ERR_OK, or an error after it has been logged. */
err_t port_system_range(port_range_t *range) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Puts in the ports that the kernel keeps free of sockets that ask for none. Returns ERR_OK, or an error
 * after it has been logged, with `*set` unchanged. */
err_t port_system_add_reserved(port_set_t *set) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Puts in the UDP ports of all services that the machine knows. */
void port_system_add_services(port_set_t *set) ATTR_NONNULL_ALL;

/* Writes the name of the service that has the UDP port `port`, cut if it is longer, and returns it; "" if it
 * has none. */
const char *port_system_service(uint16_t port, char name[PORT_SERVICE_MAX]) ATTR_NONNULL_ALL;

/* Puts in what an option's argument means: a list ("53,100-200": digits, commas, hyphens and blanks), or the
 * path of a file (./53 is one) with lists or lines of /etc/services, see port_set_parse_lines. `option` is what
 * messages call it, as in "--avoid". Returns ERR_OK, or an error after it has been logged, with `*set`
 * unchanged. */
err_t port_system_add_argument(port_set_t *set, const char *option,
			       const char *text) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
