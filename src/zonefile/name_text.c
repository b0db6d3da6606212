/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/name_text.h"

#include <string.h>

#include "dns/name.h"

err_t name_text_entry(text_t *text, name_text_t *entry, const char **why)
{
	text_t word = text_take_word(text);
	size_t size;

	entry->is_plain = true;
	entry->is_wildcard = false;
	if (text_at(word, '.')) {
		word.at++;
		entry->is_wildcard = true;
	} else if (text_size(word) >= 2 && word.at[0] == '*' && word.at[1] == '.') {
		word.at += 2;
		entry->is_plain = false;
		entry->is_wildcard = true;
	}
	switch (dns_name_from_text(word.at, text_size(word), entry->name, &size)) {
	case ERR_OK:
		break;
	case ERR_RANGE:
		return text_reject(why, "a label has at most 63 bytes, and a name 255 in all");
	default:
		return text_reject(why, "not a domain name");
	}
	if (size == 1)
		return text_reject(why, "no name: the zone itself cannot be listed");
	dns_name_lower(entry->name, size);
	return ERR_OK;
}

size_t name_text_write(const uint8_t *name, const uint8_t *labels, unsigned count,
		       char text[NAME_TEXT_SIZE])
{
	char *out = text;

	for (unsigned i = 0; i < count; i++) {
		const uint8_t *label = name + labels[i];
		if (i > 0)
			*out++ = '.';
		for (const uint8_t *at = label + 1; at <= label + *label; at++) {
			if (*at <= ' ' || *at >= 0x7f) {
				*out++ = '\\';
				*out++ = (char)('0' + *at / 100);
				*out++ = (char)('0' + *at / 10 % 10);
				*out++ = (char)('0' + *at % 10);
				continue;
			}
			if (strchr("@$;\".\\", *at) != NULL)
				*out++ = '\\';
			*out++ = (char)*at;
		}
	}
	return (size_t)(out - text);
}

size_t name_text_write_line(const uint8_t *name, const uint8_t *labels, unsigned count,
			    bool is_plain, bool is_wildcard, char text[NAME_LINE_TEXT_SIZE])
{
	size_t size = 0;

	if (is_wildcard && !is_plain)
		text[size++] = '*';
	if (is_wildcard || count == 0)
		text[size++] = '.';
	if (count == 0)
		return size;
	const uint8_t *first = name + labels[0];
	/* A comment, a default line, an exclusion, a server that does not count ($NS), a wildcard. */
	bool is_special = size == 0 && ((first[1] != 0 && strchr("#:!-", first[1]) != NULL) ||
					(*first == 1 && first[1] == '*' && count > 1));
	if (!is_special)
		return size + name_text_write(name, labels, count, text + size);
	size = 3 + name_text_write(name, labels, count, text + 3);
	text[0] = '\\';
	text[1] = (char)('0' + first[1] / 100);
	text[2] = (char)('0' + first[1] / 10 % 10);
	text[3] = (char)('0' + first[1] % 10); /* where the character was */
	return size;
}
