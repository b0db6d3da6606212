/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/value.h"

#include <string.h>

#include "zonefile/ip4_text.h"

const zone_value_t zone_value_builtin = { .a = { 127, 0, 0, 2 } };

/* Reads what most values begin with, four octets and a colon, from behind the first colon. Returns what is behind the
 * second one; NULL if it begins otherwise, or is better looked at again. */
static const char *take_address(text_t text, uint8_t a[4])
{
	const char *at = text.at;

	for (unsigned i = 0; i < 4; i++) {
		unsigned value = 0;
		unsigned size = 0;
		unsigned digit;

		for (; at != text.end && (digit = (unsigned char)*at - (unsigned)'0') <= 9; at++) {
			value = value * 10 + digit;
			if (++size > 3)
				return NULL;
		}
		if (size == 0 || value > 255 || at == text.end || *at != (i < 3 ? '.' : ':'))
			return NULL;
		at++;
		a[i] = (uint8_t)value;
	}
	return a[0] != 0 ? at : NULL;
}

err_t zone_value_parse(text_t text, const zone_value_t *fallback, zone_value_t *value,
		       const char **why)
{
	static const uint8_t nothing[4];
	zone_value_t parsed = *fallback;
	unsigned count;

	if (!text_at(text, ':')) {
		parsed.txt = text;
		*value = parsed;
		return ERR_OK;
	}

	text.at++;
	const char *behind = take_address(text, parsed.a);
	if (behind != NULL) {
		parsed.txt = (text_t){ behind, text.end };
		text_skip_blanks(&parsed.txt);
		*value = parsed;
		return ERR_OK;
	}
	if (!ip4_text_shorthand(&text, parsed.a, &count))
		return text_reject(why, "the A value between the colons is not an IPv4 address");
	if (memcmp(parsed.a, nothing, sizeof(nothing)) == 0)
		return text_reject(why, "the A value must not be 0.0.0.0");
	if (count == 1)
		parsed.a[0] = 127;

	text_skip_blanks(&text);
	if (!text_is_empty(text)) {
		if (*text.at != ':')
			return text_reject(why,
					   "a colon must follow the A value (:127.0.0.2:text)");
		text.at++;
		text_skip_blanks(&text);
		parsed.txt = text;
	}
	*value = parsed;
	return ERR_OK;
}
