/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_LOAD_UDP_DROPS_H
#define SPURN_LOAD_UDP_DROPS_H

#include <stdint.h>

/* Datagrams that the UDP sockets bound to this port, in our network namespace, whosever they are, have
 * had no room for since they were opened. */
uint64_t udp_drops(unsigned port);

#endif
