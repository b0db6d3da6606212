/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/name_scan.h"

#include <stdbool.h>

#include "dns/name.h"
#include "index/name_builder.h"

_Static_assert(NAME_SCAN_ENTRY_ROOM >= 1 + DNS_NAME_MAX - 1 + 1 + DNS_LABEL_MAX,
	       "a label behind a name that is just short enough");

/* May the byte stand in a label of a plain line? */
static bool is_plain(uint8_t byte)
{
	return byte > ' ' && byte < 0x7f && byte != '\\' && byte != '.';
}

/* Does a line that begins with this byte, perhaps, list no name? */
static bool is_mark(char c)
{
	return c == '#' || c == ';' || c == ':' || c == '$' || c == '!' || c == '*';
}

/* Takes the mark of a wildcard off the front; returns the kinds of the entry, 0 if it is none that is
 * plain. */
static unsigned take_kinds(const char **at)
{
	if (**at == '.') {
		++*at;
		return NAME_FOR_PLAIN | NAME_FOR_WILDCARD;
	}
	if (**at == '*' && (*at)[1] == '.') {
		*at += 2;
		return NAME_FOR_WILDCARD;
	}
	return is_mark(**at) ? 0 : NAME_FOR_PLAIN;
}

/* Writes the label at `at`, and moves `at` behind it; returns false if it is none that is plain. */
static bool take_label(const char **at, const char *end, uint8_t **out)
{
	const char *from = *at;
	size_t size = 0;

	while (from + size < end && is_plain((uint8_t)from[size])) {
		if (size == DNS_LABEL_MAX)
			return false;
		size++;
		(*out)[size] = dns_lower((uint8_t)from[size - 1]);
	}
	(*out)[0] = (uint8_t)size;
	*out += 1 + size;
	*at = from + size;
	return size > 0;
}

/* Writes the name at `at`; the start of the next line, or NULL if this one is not plain. */
static const char *take_name(const char *at, const char *end, uint8_t **out)
{
	uint8_t *name = *out;

	for (;;) {
		/* What is too long by a label is written before that is known. */
		if (!take_label(&at, end, out) || *out - name >= DNS_NAME_MAX)
			return NULL;
		if (at < end && *at == '.')
			at++;
		else
			break;
	}
	*(*out)++ = 0;
	if (at < end && *at == '\r')
		at++;
	return at < end && *at == '\n' ? at + 1 : NULL;
}

size_t name_scan(const char *at, const char *end, uint8_t *names, size_t capacity, size_t *size,
		 const char **stop)
{
	uint8_t *out = names;
	size_t count = 0;

	while (capacity - (size_t)(out - names) >= NAME_SCAN_ENTRY_ROOM && at < end) {
		const char *from = at;
		uint8_t *entry = out + 1;
		unsigned kinds = take_kinds(&from);
		const char *next = kinds != 0 ? take_name(from, end, &entry) : NULL;
		if (next == NULL)
			break;
		*out = (uint8_t)kinds;
		out = entry;
		at = next;
		count++;
	}
	*size = (size_t)(out - names);
	*stop = at;
	return count;
}
