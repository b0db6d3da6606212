/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/value.h"

#include <string.h>

#include "zonefile/ip4_text.h"

const zone_value_t zone_value_builtin = { .a = { 127, 0, 0, 2 } };

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
