/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DNS_MASTER_TEXT_H
#define SPURN_DNS_MASTER_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "dns/dns.h"

/* Names and texts as master files want them (RFC 1035 section 5.1), of any bytes: what would mean
 * something there is escaped. Pure functions; any thread. None of them writes a NUL. */

/* Most characters of a label, of a name with its final dot and of a character-string in its quotes:
 * every byte as \ddd. */
#define MASTER_LABEL_MAX  (4 * DNS_LABEL_MAX)
#define MASTER_NAME_MAX   (4 * DNS_NAME_MAX)
#define MASTER_STRING_MAX (2 + 4 * DNS_STRING_MAX)

/* Writes the label that starts with its length at `label`. Returns the number of characters. */
size_t master_text_label(const uint8_t *label, char text[MASTER_LABEL_MAX]) ATTR_NONNULL_ALL;

/* Writes a well-formed name (see dns/name.h) with its final dot. */
size_t master_text_name(const uint8_t *name, char text[MASTER_NAME_MAX]) ATTR_NONNULL_ALL;

/* Writes bytes[0..size), at most DNS_STRING_MAX of them, as a quoted character-string. */
size_t master_text_string(const uint8_t *bytes, size_t size,
			  char text[MASTER_STRING_MAX]) ATTR_NONNULL_ALL;

#endif
