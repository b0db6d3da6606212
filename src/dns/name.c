/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dns/name.h"

#include <string.h>

/* Bytes that mean something in a master file (RFC 1035 section 5.1), and `$`, as it begins
 * directives there. */
#define SPECIAL_BYTES ".\\\"$;@"

_Static_assert(DNS_LABEL_MAX < 'A', "lower-casing a whole name must not change a length byte");

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads the escape that follows a backslash: one to three digits, or any other character for itself.
 * Returns how many characters it has, 0 when the number is no byte. */
static size_t read_escape(const char *text, size_t size, uint8_t *byte)
{
	unsigned value = 0;
	size_t digits = 0;

	while (digits < 3 && digits < size && is_digit(text[digits]))
		value = value * 10 + (unsigned)(text[digits++] - '0');
	*byte = digits > 0 ? (uint8_t)value : (uint8_t)text[0];
	if (value > 255)
		return 0;
	return digits > 0 ? digits : 1;
}

err_t dns_name_from_text(const char *text, size_t size, uint8_t name[DNS_NAME_MAX],
			 size_t *name_size)
{
	if (size == 0)
		return ERR_SYNTAX;

	size_t label = 0; /* where the length byte of the open label stands */
	size_t end = 1;   /* next byte to write */
	for (size_t i = 0; i <= size; i++) {
		if (i == size || text[i] == '.') {
			size_t label_size = end - label - 1;
			if (label_size == 0)
				continue;
			name[label] = (uint8_t)label_size;
			label = end++;
			continue;
		}
		uint8_t byte = (uint8_t)text[i];
		if (byte == '\\') {
			if (i + 1 == size)
				continue; /* with nothing behind it, it says nothing */
			size_t used = read_escape(text + i + 1, size - i - 1, &byte);
			if (used == 0)
				return ERR_SYNTAX;
			i += used;
		}
		/* The root label needs one more byte after this one. */
		if (end - label > DNS_LABEL_MAX || end >= DNS_NAME_MAX - 1)
			return ERR_RANGE;
		name[end++] = byte;
	}
	name[label] = 0;
	*name_size = label + 1;
	return ERR_OK;
}

/* One byte of a label; returns the end of what was written. */
static char *byte_to_text(uint8_t byte, char *out)
{
	if (byte > ' ' && byte < 0x7f) {
		if (strchr(SPECIAL_BYTES, byte) != NULL)
			*out++ = '\\';
		*out++ = (char)byte;
		return out;
	}
	*out++ = '\\';
	*out++ = (char)('0' + byte / 100);
	*out++ = (char)('0' + byte / 10 % 10);
	*out++ = (char)('0' + byte % 10);
	return out;
}

void dns_name_to_text(const uint8_t *name, char text[DNS_NAME_TEXT_MAX])
{
	char *out = text;

	if (*name == 0)
		*out++ = '.';
	for (const uint8_t *label = name; *label != 0; label += *label + 1) {
		if (label != name)
			*out++ = '.';
		for (size_t i = 1; i <= *label; i++) {
			uint8_t byte = label[i];
			out = byte_to_text(byte, out);
		}
	}
	*out = '\0';
}

size_t dns_name_size(const uint8_t *name)
{
	const uint8_t *label = name;

	while (*label != 0)
		label += *label + 1;
	return (size_t)(label - name) + 1;
}

unsigned dns_name_labels(const uint8_t *name, uint8_t labels[DNS_LABELS_MAX])
{
	unsigned count = 0;

	for (size_t i = 0; name[i] != 0; i += name[i] + 1u)
		labels[count++] = (uint8_t)i;
	return count;
}

void dns_name_skip(reader_t *reader)
{
	for (;;) {
		uint8_t length = reader_u8(reader);
		if (length >= 0xc0) {
			reader_skip(reader, 1);
			return;
		}
		if (length > DNS_LABEL_MAX)
			reader->overrun = true;
		if (length == 0 || reader->overrun)
			return;
		reader_skip(reader, length);
	}
}

/* The letters among eight bytes in lower case. With its eighth bit clear, a byte reaches 0x80 by
 * adding what 'A', or what is behind 'Z', lacks. */
static uint64_t lower_word(uint64_t word)
{
	const uint64_t ones = UINT64_MAX / 0xff;
	uint64_t low = word & ones * 0x7f;
	uint64_t from_a = low + ones * (0x80 - 'A');
	uint64_t behind_z = low + ones * (0x80 - 'Z' - 1);
	uint64_t is_upper = from_a & ~behind_z & ~word & ones * 0x80;

	return word | is_upper >> 2;
}

static void copy_lower_word(uint8_t *lower, const uint8_t *name)
{
	uint64_t word;

	memcpy(&word, name, sizeof(word));
	word = lower_word(word);
	memcpy(lower, &word, sizeof(word));
}

/* Every query comes by here: eight bytes at a time cost a third of one by one. */
void dns_name_copy_lower(uint8_t *lower, const uint8_t *name, size_t size)
{
	if (size < sizeof(uint64_t)) {
		for (size_t i = 0; i < size; i++)
			lower[i] = dns_lower(name[i]);
		return;
	}
	size_t last = size - sizeof(uint64_t);
	for (size_t i = 0; i < last; i += sizeof(uint64_t))
		copy_lower_word(lower + i, name + i);
	/* Some of these for the second time, which changes nothing, also in place. */
	copy_lower_word(lower + last, name + last);
}

void dns_name_lower(uint8_t *name, size_t size)
{
	dns_name_copy_lower(name, name, size);
}

bool dns_name_equal(const uint8_t *a, const uint8_t *b)
{
	size_t size = dns_name_size(a);

	if (size != dns_name_size(b))
		return false;
	for (size_t i = 0; i < size; i++)
		if (dns_lower(a[i]) != dns_lower(b[i]))
			return false;
	return true;
}

size_t dns_name_key(const uint8_t *name, const uint8_t *labels, unsigned count,
		    uint8_t key[DNS_NAME_MAX])
{
	size_t size = 0;

	for (unsigned i = count; i-- > 0;) {
		const uint8_t *label = name + labels[i];
		memcpy(key + size, label, *label + 1u);
		size += *label + 1u;
	}
	return size;
}

unsigned dns_name_key_labels(const uint8_t *key, size_t key_size)
{
	unsigned count = 0;

	for (size_t at = 0; at < key_size; at += key[at] + 1u)
		count++;
	return count;
}

int dns_name_key_compare(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
	int order = memcmp(a, b, a_size < b_size ? a_size : b_size);

	return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}
