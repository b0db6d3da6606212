/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_NAME_TEXT_H
#define SPURN_ZONEFILE_NAME_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dns/dns.h"
#include "zonefile/text.h"

/* Domain names as rbldnsd's zone files list them, and as TXT records show them. */

/* An entry of a list of names. */
typedef struct name_text {
	bool is_plain;              /* the name itself */
	bool is_wildcard;           /* all names below it */
	uint8_t name[DNS_NAME_MAX]; /* on the wire, in lower case */
} name_text_t;

/* Reads an entry up to a blank or the end of the text, and moves `text` behind it:
 *     name      the name itself
 *     *.name    all names below it
 *     .name     both
 * The name is as dns_name_from_text has it, but not the root. A value or comment cannot be glued to
 * it: a.com#c is a name. A star anywhere else is a character like others, so * is a name of one
 * label, and *.*.name is all that is below *.name.
 * Returns ERR_OK, or ERR_SYNTAX and a reason in `*why` (static text); `text` and the entry are then
 * undefined. */
err_t name_text_entry(text_t *text, name_text_t *entry,
		      const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Bytes that name_text_write may need: every byte as \ddd. */
#define NAME_TEXT_SIZE (4 * DNS_NAME_MAX)

/* Writes the name whose labels begin at name[labels[0]] .. name[labels[count - 1]], the topmost
 * last, as rbldnsd does in texts: without a final dot, with a backslash before each of @ $ ; " . \
 * inside of a label, and other than printable ASCII as \ddd. Not NUL-terminated. Returns the number
 * of bytes. */
size_t name_text_write(const uint8_t *name, const uint8_t *labels, unsigned count,
		       char text[NAME_TEXT_SIZE]) ATTR_NONNULL_ALL;

/* Bytes that name_text_write_line may need. */
#define NAME_LINE_TEXT_SIZE (3 + NAME_TEXT_SIZE)

/* Writes the name the same way as name_text_entry reads it at the start of a line, where some characters
 * would begin something else: itself, or with *. or . before it. A name without labels is the root: "." */
size_t name_text_write_line(const uint8_t *name, const uint8_t *labels, unsigned count,
			    bool is_plain, bool is_wildcard,
			    char text[NAME_LINE_TEXT_SIZE]) ATTR_NONNULL_ALL;

#endif
