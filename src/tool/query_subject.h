/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_QUERY_SUBJECT_H
#define SPURN_TOOL_QUERY_SUBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dns/dns.h"

/* What is asked for: an address or a name, as a client of a list asks for it (RFC 5782). */

/* Writes the name of the subject `text` to `name`, on the wire: of an IPv4 address its octets in
 * reverse order, of an IPv6 address its nibbles, of a domain name itself. Returns ERR_OK; ERR_SYNTAX
 * or ERR_RANGE when it is none of them, with a reason in `*why` (static text, to be read behind the
 * subject). */
err_t query_subject_parse(const char *text, uint8_t name[DNS_NAME_MAX],
			  const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Writes the name of an address, whose octets are in network byte order. */
void query_subject_write_ip4(const uint8_t octets[4], uint8_t name[DNS_NAME_MAX]) ATTR_NONNULL_ALL;
void query_subject_write_ip6(const uint8_t octets[16], uint8_t name[DNS_NAME_MAX]) ATTR_NONNULL_ALL;

/* Is `text` an IPv4 or IPv6 address? */
bool query_subject_is_address(const char *text) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Writes the name of `subject` in `list`, all on the wire. Returns ERR_OK, or ERR_RANGE when that
 * is longer than a name may be. */
err_t query_subject_join(const uint8_t *subject, const uint8_t *list,
			 uint8_t name[DNS_NAME_MAX]) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
