/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/json.h"

#include <stddef.h>
#include <string.h>

/* Bytes of the character at `at` as UTF-8 (RFC 3629 section 4), 0 when it is none. */
static unsigned utf8_size(const unsigned char *at)
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

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (at[0] < rows[i].from || at[0] > rows[i].to)
			continue;
		if (rows[i].size == 1)
			return 1;
		if (at[1] < rows[i].least || at[1] > rows[i].greatest)
			return 0;
		/* A NUL at the end of the text is none of these. */
		for (unsigned k = 2; k < rows[i].size; k++)
			if (at[k] < 0x80 || at[k] > 0xbf)
				return 0;
		return rows[i].size;
	}
	return 0;
}

void json_write_string(FILE *out, const char *text)
{
	json_write_bytes(out, text, strlen(text));
}

void json_write_bytes(FILE *out, const char *text, size_t text_size)
{
	const unsigned char *at = (const unsigned char *)text;
	const unsigned char *end = at + text_size;

	putc('"', out);
	while (at != end) {
		unsigned size = utf8_size(at);
		if (size == 0) {
			fputs("\\ufffd", out);
			size = 1;
		} else if (*at < 0x20 || *at == 0x7f) {
			fprintf(out, "\\u%04x", *at);
		} else {
			if (*at == '"' || *at == '\\')
				putc('\\', out);
			fwrite(at, 1, size, out);
		}
		at += size;
	}
	putc('"', out);
}
