/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_PORTS_PORT_SET_H
#define SPURN_PORTS_PORT_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

/* Sets of port numbers (host byte order), and the texts that have them: the kernel's list, as in
 * net.ipv4.ip_local_reserved_ports ("53,100-200"), and lines as in /etc/services. All of it is pure; any
 * thread. What the machine says is in ports/port_system.h. */

/* Ports that there are, 0 included. */
#define PORT_COUNT 65536u
/* Bytes for the reason why a text has no ports in it. */
#define PORT_REASON_MAX 160

/* From `first` to `last`, both included; first <= last. */
typedef struct port_range {
	uint16_t first;
	uint16_t last;
} port_range_t;

/* Plain data, 8 kB: { 0 } is empty, and = copies. */
typedef struct port_set {
	uint64_t words[PORT_COUNT / 64];
} port_set_t;

/* All ports. */
extern const port_range_t port_range_all;

/* How many ports a range has: 1 to PORT_COUNT. */
unsigned port_range_size(port_range_t range);
bool port_range_has(port_range_t range, uint16_t port);

/* Puts ports in, or takes them out; those that are in, or not, already are fine. */
void port_set_add(port_set_t *set, port_range_t range) ATTR_NONNULL_ALL;
void port_set_remove(port_set_t *set, port_range_t range) ATTR_NONNULL_ALL;
void port_set_add_set(port_set_t *set, const port_set_t *other) ATTR_NONNULL_ALL;
void port_set_remove_set(port_set_t *set, const port_set_t *other) ATTR_NONNULL_ALL;

bool port_set_has(const port_set_t *set, uint16_t port) ATTR_NONNULL_ALL;

/* Are all ports of `other` in the set? */
bool port_set_has_set(const port_set_t *set, const port_set_t *other) ATTR_NONNULL_ALL;

/* How many ports of `range` are in the set. */
unsigned port_set_count(const port_set_t *set, port_range_t range) ATTR_NONNULL_ALL;

/* Finds the first ports in a row that are in the set, of those from `from` on: as many as are there side by
 * side. Returns whether there are any; only then `*range` is filled in. All rows, from the lowest:
 *	for (unsigned at = 0; port_set_next(set, at, &range); at = range.last + 1u) */
bool port_set_next(const port_set_t *set, unsigned from, port_range_t *range) ATTR_NONNULL_ALL;

/* Reads a range, "49152-65535", or one port, "53": decimal digits only. Returns ERR_OK; or ERR_SYNTAX or
 * ERR_RANGE, with `*range` unchanged and the reason, in words, in `reason`. */
err_t port_range_parse(const char *text, size_t size, port_range_t *range,
		       char reason[PORT_REASON_MAX]) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Puts in the ports of the list `text`[0..size): ports and ranges with a comma between them, as the kernel
 * takes them, or blanks and newlines. An empty list is fine. Numbers with leading zeros are refused, for
 * the kernel takes them for octal ones. Returns ERR_OK; or ERR_SYNTAX or ERR_RANGE, with `*set` unchanged
 * and the reason, in words, in `reason`. */
err_t port_set_parse(port_set_t *set, const char *text, size_t size,
		     char reason[PORT_REASON_MAX]) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Puts in the ports of a file's text: each line is such a list, or one of /etc/services ("domain 53/udp"),
 * of whatever protocol. '#' begins a comment. Errors as in port_set_parse, with the number of the line in
 * the reason. */
err_t port_set_parse_lines(port_set_t *set, const char *text, size_t size,
			   char reason[PORT_REASON_MAX]) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The set as the kernel's list, with as few ranges as there can be; "" if it is empty. The caller frees
 * it. NULL for want of memory. */
char *port_set_text(const port_set_t *set) ATTR_NONNULL_ALL;

#endif
