/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_NAME_SCAN_H
#define SPURN_ZONEFILE_NAME_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "dns/dns.h"
#include "index/name_coder.h"

/* Bytes behind the text that name_scan may read, whatever they are; it never uses them. */
#define NAME_SCAN_MARGIN 64

/* Bytes that name_scan wants to be left of its room for another entry: its kinds and a longest name, and
 * what it may write behind that before it knows where the name ends. */
#define NAME_SCAN_ENTRY_ROOM (1 + DNS_NAME_MAX + 64)

/* The same for name_scan_keys: a record. */
#define NAME_SCAN_RECORD_ROOM (NAME_RECORD_ROOM + NAME_RECORD_MARGIN)

/* Reads plain lines of domain names, many at once: a name as name, .name or *.name, and LF or CRLF, and
 * nothing else. Its labels are neither empty nor too long and have printable ASCII, but no backslash;
 * there is no final dot, and the line does not start with what means something else (# ; : $ ! or a
 * star that is a label or a part of one). Every data set of names takes such a line for the entry that
 * name_text.h has, with the default value in force. All other lines are left to who reads any line.
 *
 * `at` is the start of a line, and NAME_SCAN_MARGIN bytes behind `end` can be read. Writes to `names`, in
 * the order of the lines and without gaps, of each
 *     its kinds     1 byte: NAME_FOR_PLAIN, NAME_FOR_WILDCARD or both (index/name_builder.h)
 *     the name      on the wire, in lower case, with the root label
 * and the number of bytes in all to `*size`. May overwrite all `capacity` bytes of `names`.
 * Stops at the first line that is not plain or has no LF before `end`, and where less than
 * NAME_SCAN_ENTRY_ROOM bytes of `capacity` are left: `*stop` is the start of the line that was not read,
 * or `end`. Returns how many were read. Any thread. */
size_t name_scan(const char *at, const char *end, uint8_t *names, size_t capacity, size_t *size,
		 const char **stop) ATTR_NONNULL_ALL;

/* The same, but what is written of each name is its record, by `coder`, which is of a name_builder
 * (index/name_builder.h). Wants NAME_SCAN_RECORD_ROOM bytes to be left, and does not write the last
 * NAME_RECORD_MARGIN of them. The thread that has the coder. */
size_t name_scan_keys(name_coder_t *coder, const char *at, const char *end, uint8_t *records,
		      size_t capacity, size_t *size, const char **stop) ATTR_NONNULL_ALL;

#endif
