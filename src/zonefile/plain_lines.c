/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/plain_lines.h"

#include <assert.h>

#include "zonefile/ip4_scan.h"
#include "zonefile/name_scan.h"

_Static_assert(PLAIN_LINES_MARGIN >= IP4_SCAN_MARGIN && PLAIN_LINES_MARGIN >= NAME_SCAN_MARGIN,
	       "all find what they may read");
_Static_assert(PLAIN_LINES_ROOM_MIN >= NAME_SCAN_ENTRY_ROOM, "a line of any length fits");

const char *plain_lines_scan(plain_kind_t kind, const char *at, const char *end, void *entries,
			     size_t room, plain_lines_t *lines)
{
	const char *stop = at;

	assert(kind != PLAIN_NONE && room >= PLAIN_LINES_ROOM_MIN);
	lines->entries = entries;
	if (kind == PLAIN_IP4) {
		lines->count = ip4_scan(at, end, entries, room / sizeof(uint32_t), &stop);
		lines->size = lines->count * sizeof(uint32_t);
	} else {
		lines->count = name_scan(at, end, entries, room, &lines->size, &stop);
	}
	return stop;
}
