/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_PLAIN_LINES_H
#define SPURN_ZONEFILE_PLAIN_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "dns/dns.h"
#include "zonefile/ip4_line_scan.h"
#include "zonefile/ip6_line_scan.h"
#include "zonefile/name_line_scan.h"
#include "zonefile/text.h"

/* Plain lines: an address or a name, and nothing else; or a prefix or a name with a value. Most lines of
 * large lists are, so they are read many at once; all others, and those of types whose plain lines nobody
 * knows, one by one. */

typedef enum plain_kind {
	PLAIN_NONE,      /* all lines are read one by one */
	PLAIN_IP4,       /* zonefile/ip4_scan.h */
	PLAIN_IP4_LINES, /* those, and zonefile/ip4_line_scan.h */
	PLAIN_IP6_LINES, /* zonefile/ip6_line_scan.h */
	PLAIN_IP6_WORDS, /* only four words of those */
	PLAIN_IP_LINES,  /* those of PLAIN_IP4_LINES and of PLAIN_IP6_LINES */
	PLAIN_NAMES,     /* zonefile/name_scan.h, and zonefile/name_line_scan.h */
} plain_kind_t;

/* Which lines are read many at once, and as what. */
typedef struct plain_form {
	plain_kind_t kind;
	/* For PLAIN_NAMES: makes keys of the names where another thread reads ahead, which has it then;
	 * NULL: names are as they are. */
	struct name_coder *coder;
} plain_form_t;

/* Some that stand one behind the other. */
typedef struct plain_lines {
	size_t count;
	/* uint32_t addresses; or PLAIN_NAMES: as name_scan writes them, or name_scan_keys if `has_keys`; */
	const void *entries;
	size_t size; /* bytes of the entries */
	bool has_keys;
	bool has_64s; /* those are the upper halves of IPv6 /64s, uint64_t */
	const ip4_line_t
		*ip4; /* or, unless NULL, these instead, some of which are of PLAIN_IP4_LINES, */
	const ip6_line_t *ip6; /* or these, */
	const uint8_t *names;  /* or these, as name_line_scan writes them, */
	const char *text; /* with the text that their places are in; of names, the first line's */
} plain_lines_t;

/* The text of the first line, one of `lines->ip4`, `lines->ip6` or `lines->names`, as line readers give it
 * out. */
text_t plain_lines_text(const plain_lines_t *lines) ATTR_NONNULL_ALL;

/* Takes the first `count` lines away, which are of those. */
void plain_lines_skip(plain_lines_t *lines, size_t count) ATTR_NONNULL_ALL;

/* Bytes behind the text that plain_lines_scan may read, and never uses. */
#define PLAIN_LINES_MARGIN 64

/* Bytes that plain_lines_scan needs at least to read a line. */
#define PLAIN_LINES_ROOM_MIN 640

/* May a line of `size` bytes, without its LF, be plain? If not, there is no need to scan it. */
static inline bool plain_lines_may_be(plain_kind_t kind, size_t size)
{
	switch (kind) {
	case PLAIN_IP4:
		return size < sizeof("255.255.255.255\r");
	case PLAIN_IP4_LINES:
	case PLAIN_IP6_LINES:
	case PLAIN_IP6_WORDS:
	case PLAIN_IP_LINES:
	case PLAIN_NAMES:
		return size <= LINE_REST_LINE_MAX;
	default:
		return false;
	}
}

/* Reads plain lines of `form`, whose kind is not PLAIN_NONE, from `at` on, the start of a line, into `room`
 * bytes at `entries` (aligned for uint64_t), all of which it may overwrite. PLAIN_LINES_MARGIN bytes
 * behind `end` can be read. Stops at the first line that is not plain or has no LF before `end`, or
 * when there is no room for more. Sets `*lines`, whose count may be 0, and returns the start of the
 * line that was not read, or `end`. Any thread that may use the coder. */
const char *plain_lines_scan(plain_form_t form, const char *at, const char *end, void *entries,
			     size_t room, plain_lines_t *lines) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
