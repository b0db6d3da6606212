/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/timestamp.h"

/* Reads a number of at most `digits` digits, and one separator behind it if there is one. */
static bool take_field(text_t *text, unsigned digits, int *value)
{
	unsigned count = 0;

	*value = 0;
	while (count < digits && !text_is_empty(*text) && *text->at >= '0' && *text->at <= '9') {
		*value = *value * 10 + (*text->at - '0');
		text->at++;
		count++;
	}
	if (text_at(*text, ':') || text_at(*text, '-'))
		text->at++;
	return count > 0;
}

static bool is_none(text_t word)
{
	return text_size(word) == 1 && (*word.at == '0' || *word.at == '-');
}

bool timestamp_parse(text_t word, time_t *moment)
{
	struct tm given = { .tm_mday = 0 };

	*moment = 0;
	if (is_none(word))
		return true;
	if (!take_field(&word, 4, &given.tm_year) || !take_field(&word, 2, &given.tm_mon) ||
	    !take_field(&word, 2, &given.tm_mday))
		return false;
	if (!text_is_empty(word) && !take_field(&word, 2, &given.tm_hour))
		return false;
	if (!text_is_empty(word) && !take_field(&word, 2, &given.tm_min))
		return false;
	if (!text_is_empty(word) && !take_field(&word, 2, &given.tm_sec))
		return false;
	if (!text_is_empty(word) || given.tm_year < 1970)
		return false;
	given.tm_year -= 1900;
	given.tm_mon--;
	/* timegm makes the first of March of the 30th of February: what it has to change is none. */
	struct tm normal = given;
	*moment = timegm(&normal);
	return normal.tm_mon == given.tm_mon && normal.tm_mday == given.tm_mday &&
	       normal.tm_hour == given.tm_hour && normal.tm_min == given.tm_min &&
	       normal.tm_sec == given.tm_sec;
}
