/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/human.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

const char *human_count(uint64_t number, char text[HUMAN_MAX])
{
	char digits[HUMAN_MAX];
	size_t count = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, number);
	char *at = text;

	for (size_t i = 0; i < count; i++) {
		if (i > 0 && (count - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return text;
}

const char *human_bytes(uint64_t bytes, char text[HUMAN_MAX])
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double number = (double)bytes;
	size_t unit = 0;

	while (number >= 999.5 && unit + 1 < COUNT_OF(units)) {
		number /= 1000;
		unit++;
	}
	snprintf(text, HUMAN_MAX, unit > 0 && number < 9.95 ? "%.1f %s" : "%.0f %s", number,
		 units[unit]);
	return text;
}

/* Seconds in words, short ones with `digits` behind the point. */
static const char *words(double seconds, int digits, char text[HUMAN_MAX])
{
	static const struct {
		double limit; /* below it, this row counts */
		double unit;
		const char *name;
	} rows[] = {
		{ 120, 1, "s" },
		{ 7200, 60, "min" },
		{ 172800, 3600, "h" },
		{ 0, 86400, "d" },
	};
	size_t row = 0;

	if (!(seconds > 0))
		seconds = 0;
	while (seconds >= rows[row].limit && row + 1 < COUNT_OF(rows))
		row++;
	snprintf(text, HUMAN_MAX, "%.*f %s", seconds < 9.995 ? digits : 0, seconds / rows[row].unit,
		 rows[row].name);
	return text;
}

const char *human_duration(double seconds, char text[HUMAN_MAX])
{
	return words(seconds, 2, text);
}

const char *human_age(double seconds, char text[HUMAN_MAX])
{
	return words(seconds, 0, text);
}

const char *human_rate(double number, char text[HUMAN_MAX])
{
	if (number >= 99.95)
		return human_count((uint64_t)(number + 0.5), text);
	snprintf(text, HUMAN_MAX, "%.1f", number > 0 ? number : 0);
	return text;
}
