/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/rate.h"

#include <string.h>
#include <strings.h>

/* Takes the digits at `*at` off. More than nine are no number that anything here can be. Returns
 * false when there are none. */
static bool take_number(const char **at, const char *end, uint64_t *number)
{
	const char *first = *at;

	for (*number = 0; *at != end && **at >= '0' && **at <= '9'; (*at)++)
		if (*number <= UINT32_MAX)
			*number = *number * 10 + (uint64_t)(**at - '0');
	return *at != first;
}

/* Takes "/UNIT" off, if there is one. Returns false when the unit is none. */
static bool take_unit(const char **at, const char *end, uint64_t *seconds)
{
	static const struct {
		char letters[2];
		uint32_t seconds;
	} units[] = {
		{ "sS", 1 },
		{ "mM", 60 },
		{ "hH", 60 * 60 },
		{ "dD", 24 * 60 * 60 },
	};

	*seconds = 1;
	if (*at == end || **at != '/')
		return true;
	if (end - *at < 2)
		return false;
	for (size_t i = 0; i < COUNT_OF(units); i++) {
		if (memchr(units[i].letters, (*at)[1], sizeof(units[i].letters)) != NULL) {
			*seconds = units[i].seconds;
			*at += 2;
			return true;
		}
	}
	return false;
}

err_t rate_parse(const char *text, size_t size, rate_t *rate, const char **why)
{
	const char *end = text + size;
	uint64_t count;
	uint64_t seconds;
	uint64_t burst;

	if (size == strlen("none") && strncasecmp(text, "none", size) == 0) {
		*rate = (rate_t){ 0 };
		return ERR_OK;
	}
	*why = "a rate is a number with a unit of s, m, h or d, and maybe a burst, as in 20, 20/s, "
	       "1000/h or 20/s:100; none for no limit";
	if (!take_number(&text, end, &count) || !take_unit(&text, end, &seconds))
		return ERR_SYNTAX;
	burst = count;
	if (text != end && (*text++ != ':' || !take_number(&text, end, &burst)))
		return ERR_SYNTAX;
	if (text != end)
		return ERR_SYNTAX;
	*why = "a rate, and a burst, is at least 1; none is for no limit";
	if (count == 0 || burst == 0)
		return ERR_RANGE;
	*why = "a rate is at most 100000 per second";
	if (count > RATE_MAX_PER_S * seconds)
		return ERR_RANGE;
	*why = "a burst is at most what the rate comes to in a day";
	if (burst > UINT32_MAX || burst * seconds > count * RATE_SPAN_MAX_S)
		return ERR_RANGE;
	rate->interval = (seconds * RATE_TICKS_PER_S + count / 2) / count;
	rate->span = burst * rate->interval;
	return ERR_OK;
}
