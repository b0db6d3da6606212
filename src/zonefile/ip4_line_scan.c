/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/ip4_line_scan.h"

#include <stdbool.h>

#include "zonefile/line_rest.h"

/* Behind so many addresses in a row that have nothing behind them ip4_scan is to have a try. */
#define ALONE_MAX 64u

/* Reads a number of one to three digits up to `max` and moves `at` behind it. */
static inline bool take_number(const char **at, unsigned max, unsigned *number)
{
	const char *from = *at;
	unsigned value = (unsigned char)(from[0] - '0');
	unsigned size = 1;
	unsigned digit;

	if (value > 9)
		return false;
	for (; size < 3 && (digit = (unsigned char)(from[size] - '0')) <= 9; size++)
		value = value * 10 + digit;
	*at = from + size;
	*number = value;
	return value <= max;
}

/* Reads the prefix and moves `at` behind it. Reads at most 20 bytes, as what is no digit ends it. */
static inline bool take_prefix(const char **at, ip4_line_t *line)
{
	unsigned numbers = 0;
	unsigned number;
	unsigned length;

	line->address = 0;
	do {
		if (numbers > 0)
			++*at;
		if (!take_number(at, 255, &number))
			return false;
		numbers++;
		line->address |= (uint32_t)number << (32 - 8 * numbers);
	} while (numbers < 4 && **at == '.');
	length = 8 * numbers;
	if (**at == '/') {
		++*at;
		if (!take_number(at, 32, &length) || length == 0)
			return false;
	} else if (numbers == 1) {
		return false;
	}
	line->length = (uint8_t)length;
	return (line->address & (uint32_t)(UINT64_C(0xffffffff) >> length)) == 0;
}

/* May it stand right behind a prefix, and what follows is still to be read here? */
static inline bool may_follow(char c)
{
	return c == '\n' || text_is_blank(c) || c == ':' || c == '#' || c == ';' || c == '\r';
}

/* The start of the line behind the one at `at`, or NULL if that is to be read otherwise. */
static inline const char *take_line(const char *at, const char *end, ip4_line_t *line)
{
	const char *start = at;

	if (!take_prefix(&at, line) || !may_follow(*at))
		return NULL;
	return line_rest_take(start, at, end, &line->size, &line->rest);
}

size_t ip4_line_scan(const char *at, const char *end, ip4_line_t *lines, size_t max,
		     const char **stop)
{
	const char *start = at;
	size_t count = 0;
	unsigned alone = 0;

	while (count < max && alone < ALONE_MAX && at < end) {
		ip4_line_t *line = &lines[count];
		const char *next = take_line(at, end, line);

		if (next == NULL)
			break;
		line->at = (uint32_t)(at - start);
		alone = line->length == 32 && line->rest == line->size ? alone + 1 : 0;
		at = next;
		count++;
	}
	*stop = at;
	return count;
}
