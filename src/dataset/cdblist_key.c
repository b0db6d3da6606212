/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/cdblist_key.h"

#include <string.h>

#include "dns/name.h"
#include "zonefile/ip4_text.h"
#include "zonefile/ip6_text.h"

/* The longest ways to write a number. */
enum { IP4_BITS = 32, IP6_BITS = 128, IP6_MAPPED_BITS = 96 };

static size_t write_number(unsigned number, char *text)
{
	char *at = text;

	if (number >= 100)
		*at++ = (char)('0' + number / 100);
	if (number >= 10)
		*at++ = (char)('0' + number / 10 % 10);
	*at++ = (char)('0' + number % 10);
	return (size_t)(at - text);
}

static size_t write_length(unsigned length, char *text)
{
	*text = '/';
	return 1 + write_number(length, text + 1);
}

size_t cdblist_key_write_ip4(uint32_t address, unsigned length, bool is_bare, char *text)
{
	size_t size = 0;

	for (unsigned shift = IP4_BITS; shift > 0;) {
		shift -= 8;
		size += write_number(address >> shift & 0xff, text + size);
		if (shift > 0)
			text[size++] = '.';
	}
	return is_bare ? size : size + write_length(length, text + size);
}

size_t cdblist_key_write_ip6(ip6_address_t address, unsigned length, bool is_bare, char *text)
{
	size_t size = ip6_text_write(address, text);

	return is_bare ? size : size + write_length(length, text + size);
}

void cdblist_key_write_djb(uint32_t address, unsigned length, uint8_t key[CDBLIST_DJB_SIZE])
{
	for (unsigned i = 0; i < 4; i++)
		key[i] = (uint8_t)(address >> (24 - 8 * i));
	key[4] = (uint8_t)length;
}

static size_t write_name(const name_text_t *entry, char *text)
{
	uint8_t labels[DNS_LABELS_MAX];
	unsigned count = dns_name_labels(entry->name, labels);
	size_t size = 0;

	if (!entry->is_plain)
		text[size++] = '*';
	if (entry->is_wildcard)
		text[size++] = '.';
	return size + name_text_write(entry->name, labels, count, text + size);
}

size_t cdblist_key_write(const cdblist_key_t *key, char text[CDBLIST_KEY_MAX])
{
	size_t size = 0;

	if (key->is_exclusion)
		text[size++] = '!';
	switch (key->kind) {
	case CDBLIST_IP4:
		return size +
		       cdblist_key_write_ip4(key->ip4, key->length, key->is_bare, text + size);
	case CDBLIST_IP6:
		return size +
		       cdblist_key_write_ip6(key->ip6, key->length, key->is_bare, text + size);
	case CDBLIST_NAME:
		break;
	}
	return size + write_name(&key->name, text + size);
}

/* Which characters a key has. */
typedef struct traits {
	bool is_numeric; /* nothing but digits, dots, slashes and dashes, one of these at least */
	bool has_dash;
	bool has_colon;
	bool has_slash;
	bool has_blank;
} traits_t;

static traits_t look(text_t text)
{
	traits_t traits = { .is_numeric = false };
	bool has_other = false;
	bool has_point = false;

	for (const char *at = text.at; at != text.end; at++) {
		traits.has_dash |= *at == '-';
		traits.has_colon |= *at == ':';
		traits.has_slash |= *at == '/';
		traits.has_blank |= text_is_blank(*at);
		has_point |= *at == '.' || *at == '/';
		has_other |=
			!((*at >= '0' && *at <= '9') || *at == '.' || *at == '/' || *at == '-');
	}
	traits.is_numeric = has_point && !has_other;
	return traits;
}

/* Nothing may follow that the parsers of zone files would leave. */
static err_t check_end(text_t text, const char **why)
{
	return text_is_empty(text) ? ERR_OK : text_reject(why, "something follows the address");
}

static err_t parse_ip4(text_t text, bool has_slash, cdblist_key_t *key, const char **why)
{
	key->kind = CDBLIST_IP4;
	key->is_bare = !has_slash;
	key->length = IP4_BITS;
	err_t err = has_slash ? ip4_text_prefix(&text, false, &key->ip4, &key->length, why)
			      : ip4_text_address(&text, &key->ip4, why);
	return err == ERR_OK ? check_end(text, why) : err;
}

static err_t parse_ip6(text_t text, bool has_slash, cdblist_key_t *key, const char **why)
{
	key->kind = CDBLIST_IP6;
	key->is_bare = !has_slash;
	err_t err = ip6_text_prefix(&text, false, &key->ip6, &key->length, why);
	if (err == ERR_OK)
		err = check_end(text, why);
	if (err != ERR_OK)
		return err;
	if (key->length < IP6_BITS)
		key->is_bare = false;
	if (key->length >= IP6_MAPPED_BITS && ip6_is_mapped(key->ip6))
		return text_reject(why, "::ffff:0:0/96 is looked up as IPv4: write 192.0.2.1");
	return ERR_OK;
}

bool cdblist_key_is_address(text_t text, uint32_t *address)
{
	const char *at = text.at;
	unsigned digit;

	*address = 0;
	for (unsigned i = 0; i < 4; i++) {
		const char *start = at;
		unsigned octet = 0;
		while (at != text.end && (digit = (unsigned char)*at - (unsigned)'0') <= 9 &&
		       octet <= 25) {
			octet = octet * 10 + digit;
			at++;
		}
		if (at == start || octet > 255 || (*start == '0' && at - start > 1))
			return false;
		*address = *address << 8 | octet;
		if (i < 3 && (at == text.end || *at++ != '.'))
			return false;
	}
	return at == text.end;
}

err_t cdblist_key_parse(text_t text, cdblist_key_t *key, const char **why)
{
	key->is_exclusion = text_at(text, '!');
	if (key->is_exclusion)
		text.at++;
	traits_t traits = look(text);
	if (traits.has_blank)
		return text_reject(why, "there is a blank in it");
	if (text_is_empty(text))
		return text_reject(why, "there is no name and no address in it");
	if (traits.has_colon)
		return parse_ip6(text, traits.has_slash, key, why);
	if (traits.is_numeric && traits.has_dash)
		return text_reject(why, "a range cannot be looked up: write prefixes");
	if (traits.is_numeric)
		return parse_ip4(text, traits.has_slash, key, why);
	key->kind = CDBLIST_NAME;
	return name_text_entry(&text, &key->name, why);
}
