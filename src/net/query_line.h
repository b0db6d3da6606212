/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_QUERY_LINE_H
#define SPURN_NET_QUERY_LINE_H

#include <stddef.h>
#include <time.h>

#include "base/attributes.h"
#include "catalog/answer.h"
#include "dns/name.h"
#include "net/address.h"

/* Most bytes of a line: time, client, name, type, class, rcode, two numbers, blanks, newline. */
#define QUERY_LINE_MAX (20 + NET_ADDRESS_TEXT_MAX + DNS_NAME_TEXT_MAX + 80)

/* Writes the line of the query log (-l) for a packet that has a reply, as rbldnsd does:
 *
 *     1795312154 192.0.2.1 4.3.2.1.bl.example A IN: NOERROR/1/67
 *
 * with seconds since 1970, the client, its question (the name in the case it was sent, see
 * dns_name_to_text), and rcode, number of answers and size of the reply; a newline at its end, no
 * NUL. A message without a question that can be read counts as one for ". INVALID INVALID". Returns
 * its length. Pure; any thread. */
size_t query_line_write(time_t now, const net_address_t *client, const answer_packet_t *packet,
			char line[QUERY_LINE_MAX]) ATTR_NONNULL_ALL;

#endif
