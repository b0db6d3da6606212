/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/number.h"

#include <string.h>

bool number_parse(const char *text, size_t size, uint64_t min, uint64_t max, uint64_t *number)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++) {
		if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value))
			return false;
	}
	if (size == 0 || value < min || value > max)
		return false;
	*number = value;
	return true;
}

bool number_parse_unsigned(const char *text, unsigned min, unsigned max, unsigned *number)
{
	uint64_t value;

	if (!number_parse(text, strlen(text), min, max, &value))
		return false;
	*number = (unsigned)value;
	return true;
}
