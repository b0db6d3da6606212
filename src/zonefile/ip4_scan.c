/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/ip4_scan.h"

#include <stdbool.h>

/* Reads a number of one to three digits and moves `at` behind it. What is no digit ends it, so that no
 * line can have us read more than a few bytes behind its text. */
static bool take_octet(const char **at, uint32_t *address)
{
	const char *from = *at;
	unsigned value = (unsigned char)(from[0] - '0');
	unsigned digit;

	if (value > 9)
		return false;
	*at = from + 1;
	if ((digit = (unsigned char)(from[1] - '0')) <= 9) {
		value = value * 10 + digit;
		*at = from + 2;
		if ((digit = (unsigned char)(from[2] - '0')) <= 9) {
			value = value * 10 + digit;
			*at = from + 3;
		}
	}
	*address = *address << 8 | value;
	return value <= 255;
}

/* The start of the line behind the plain one at `at`, or NULL if that is not one. */
static const char *take_line(const char *at, const char *end, uint32_t *address)
{
	*address = 0;
	for (unsigned i = 0; i < 3; i++)
		if (!take_octet(&at, address) || *at++ != '.')
			return NULL;
	if (!take_octet(&at, address))
		return NULL;
	if (*at == '\r')
		at++;
	return at < end && *at == '\n' ? at + 1 : NULL;
}

size_t ip4_scan(const char *at, const char *end, uint32_t *addresses, size_t max, const char **stop)
{
	size_t count = 0;

	while (count < max) {
		uint32_t address;
		const char *next = take_line(at, end, &address);
		if (next == NULL)
			break;
		addresses[count++] = address;
		at = next;
	}
	*stop = at;
	return count;
}
