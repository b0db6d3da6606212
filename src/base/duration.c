/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/duration.h"

/* Seconds in `unit`, or 0 if it is none. */
static uint32_t unit_seconds(char unit)
{
	switch (unit) {
	case 's':
	case 'S':
		return 1;
	case 'm':
	case 'M':
		return 60;
	case 'h':
	case 'H':
		return 60 * 60;
	case 'd':
	case 'D':
		return 24 * 60 * 60;
	case 'w':
	case 'W':
		return 7 * 24 * 60 * 60;
	default:
		return 0;
	}
}

err_t duration_parse(const char *text, size_t size, uint32_t *seconds)
{
	uint64_t number = 0;
	size_t at = 0;
	for (; at < size && text[at] >= '0' && text[at] <= '9'; at++) {
		/* Stays over the limit once it is there, however many digits follow. */
		if (number <= UINT32_MAX)
			number = number * 10 + (uint64_t)(text[at] - '0');
	}
	if (at == 0)
		return ERR_SYNTAX;

	uint32_t unit = 1;
	if (at < size)
		unit = unit_seconds(text[at++]);
	if (unit == 0 || at != size)
		return ERR_SYNTAX;
	if (number * unit > UINT32_MAX)
		return ERR_RANGE;
	*seconds = (uint32_t)number * unit;
	return ERR_OK;
}
