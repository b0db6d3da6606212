/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/json_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/attributes.h"

/* U+FFFD as UTF-8, and its size. */
#define REPLACEMENT      "\xef\xbf\xbd"
#define REPLACEMENT_SIZE 3

/* Bytes of the character at[0..size) as UTF-8 (RFC 3629 section 4), 0 when it is none. */
static size_t utf8_size(const unsigned char *at, size_t size)
{
	/* For each first byte: size, and the least and greatest second byte. */
	static const struct {
		unsigned char from, to, size, least, greatest;
	} rows[] = {
		{ 0x00, 0x7f, 1, 0, 0 },       { 0xc2, 0xdf, 2, 0x80, 0xbf },
		{ 0xe0, 0xe0, 3, 0xa0, 0xbf }, { 0xe1, 0xec, 3, 0x80, 0xbf },
		{ 0xed, 0xed, 3, 0x80, 0x9f }, { 0xee, 0xef, 3, 0x80, 0xbf },
		{ 0xf0, 0xf0, 4, 0x90, 0xbf }, { 0xf1, 0xf3, 4, 0x80, 0xbf },
		{ 0xf4, 0xf4, 4, 0x80, 0x8f },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (at[0] < rows[i].from || at[0] > rows[i].to)
			continue;
		if (rows[i].size == 1)
			return 1;
		if (rows[i].size > size || at[1] < rows[i].least || at[1] > rows[i].greatest)
			return 0;
		for (size_t k = 2; k < rows[i].size; k++)
			if (at[k] < 0x80 || at[k] > 0xbf)
				return 0;
		return rows[i].size;
	}
	return 0;
}

json_t *json_text_of(const char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)text;
	const unsigned char *end = at + size;
	json_t *made = json_stringn(text, size); /* NULL if it is not UTF-8 */
	char *clean;
	size_t clean_size = 0;

	if (made != NULL)
		return made;
	clean = malloc(size * REPLACEMENT_SIZE + 1);
	if (clean == NULL)
		return NULL;
	while (at != end) {
		size_t one = utf8_size(at, (size_t)(end - at));

		memcpy(clean + clean_size, one > 0 ? (const char *)at : REPLACEMENT,
		       one > 0 ? one : REPLACEMENT_SIZE);
		clean_size += one > 0 ? one : REPLACEMENT_SIZE;
		at += one > 0 ? one : 1;
	}
	made = json_stringn(clean, clean_size);
	free(clean);
	return made;
}

json_t *json_text(const char *text)
{
	return json_text_of(text, strlen(text));
}
