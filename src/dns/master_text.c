/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dns/master_text.h"

#include <stdbool.h>

static char *write_decimal(char *out, uint8_t byte)
{
	*out++ = '\\';
	*out++ = (char)('0' + byte / 100);
	*out++ = (char)('0' + byte / 10 % 10);
	*out++ = (char)('0' + byte % 10);
	return out;
}

/* Does this byte stand for itself in a name, wherever it is? A star does: it is only special as a
 * label of its own, and there it is meant to be. */
static bool is_plain(uint8_t byte)
{
	return (uint8_t)((byte | 0x20) - 'a') < 26 || (uint8_t)(byte - '0') < 10 || byte == '-' ||
	       byte == '_' || byte == '*';
}

size_t master_text_label(const uint8_t *label, char text[MASTER_LABEL_MAX])
{
	char *out = text;

	for (unsigned i = 1; i <= *label; i++) {
		uint8_t byte = label[i];
		if (is_plain(byte)) {
			*out++ = (char)byte;
		} else if (byte == '.' || byte == '\\') {
			*out++ = '\\';
			*out++ = (char)byte;
		} else { /* not \c: BIND takes "\[" for the start of a bit string */
			out = write_decimal(out, byte);
		}
	}
	return (size_t)(out - text);
}

size_t master_text_name(const uint8_t *name, char text[MASTER_NAME_MAX])
{
	size_t size = 0;

	if (*name == 0)
		text[size++] = '.';
	for (const uint8_t *label = name; *label != 0; label += *label + 1) {
		size += master_text_label(label, text + size);
		text[size++] = '.';
	}
	return size;
}

size_t master_text_string(const uint8_t *bytes, size_t size, char text[MASTER_STRING_MAX])
{
	char *out = text;

	*out++ = '"';
	for (size_t i = 0; i < size; i++) {
		uint8_t byte = bytes[i];
		if (byte < ' ' || byte >= 0x7f) {
			out = write_decimal(out, byte);
			continue;
		}
		if (byte == '"' || byte == '\\')
			*out++ = '\\';
		*out++ = (char)byte;
	}
	*out++ = '"';
	return (size_t)(out - text);
}
