/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/ip4_scan.h"

#include <stdbool.h>

#include "zonefile/ip4_scan_variants.h"

/* Where other lines come after fewer than these, it does not pay to look at a whole chunk. */
#define FEW_LINES 4

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

/* Reads one line after the other. */
static size_t scan_plainly(const char *at, const char *end, uint32_t *addresses, size_t max,
			   const char **stop)
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

static const ip4_scan_variant_t *choose_variant(void)
{
#if CPU_HAS_VARIANTS
	static const ip4_scan_variant_t *const variants[CPU_LEVELS] = {
		[CPU_SSE41] = &ip4_scan_sse41,
		[CPU_AVX2] = &ip4_scan_avx2,
	};
	return variants[cpu_level()];
#else
	return NULL;
#endif
}

/* Reads whole chunks of text. Where a group has a line that the variant does not know, it goes through
 * the plain code: that is CRLF, or the end. */
static size_t scan_chunks(const ip4_scan_variant_t *variant, const char *at, const char *end,
			  uint32_t *addresses, size_t max, const char **stop)
{
	uint16_t starts[IP4_SCAN_STARTS_MAX];
	size_t count = 0;

	*stop = at;
	while (end - *stop >= (ptrdiff_t)IP4_SCAN_CHUNK && max - count >= IP4_SCAN_STARTS_MAX) {
		at = *stop;
		size_t lines = variant->find_lines(at, starts) / IP4_SCAN_GROUP * IP4_SCAN_GROUP;
		size_t read = variant->read_lines(at, starts, lines, addresses + count);
		count += read;
		*stop = at + starts[read];
		if (read != 0 && read == lines)
			continue;
		read = scan_plainly(*stop, end, addresses + count, IP4_SCAN_GROUP, stop);
		count += read;
		if (read < IP4_SCAN_GROUP)
			break;
	}
	return count;
}

size_t ip4_scan(const char *at, const char *end, uint32_t *addresses, size_t max, const char **stop)
{
	const ip4_scan_variant_t *variant = choose_variant();
	size_t few = max < FEW_LINES ? max : FEW_LINES;
	size_t count = scan_plainly(at, end, addresses, few, stop);

	if (count < few)
		return count;
	if (variant != NULL)
		count += scan_chunks(variant, *stop, end, addresses + count, max - count, stop);
	return count + scan_plainly(*stop, end, addresses + count, max - count, stop);
}
