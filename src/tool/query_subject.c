/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/query_subject.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "dns/name.h"

/* Writes a label of the wire and returns what is behind it. */
static uint8_t *put_label(uint8_t *at, const char *label, size_t size)
{
	*at = (uint8_t)size;
	memcpy(at + 1, label, size);
	return at + 1 + size;
}

void query_subject_write_ip4(const uint8_t octets[4], uint8_t name[DNS_NAME_MAX])
{
	char text[4];

	for (unsigned i = 4; i-- > 0;) {
		int size = snprintf(text, sizeof(text), "%u", octets[i]);
		name = put_label(name, text, (size_t)size);
	}
	*name = 0;
}

void query_subject_write_ip6(const uint8_t octets[16], uint8_t name[DNS_NAME_MAX])
{
	static const char digits[] = "0123456789abcdef";

	for (unsigned i = 16; i-- > 0;) {
		name = put_label(name, &digits[octets[i] & 15], 1);
		name = put_label(name, &digits[octets[i] >> 4], 1);
	}
	*name = 0;
}

/* Is the last label a number? No domain is called so (RFC 3696 section 2), so it is a slip. */
static bool ends_in_number(const char *text)
{
	size_t size = strlen(text);

	while (size > 0 && text[size - 1] == '.')
		size--;
	size_t start = size;
	while (start > 0 && text[start - 1] >= '0' && text[start - 1] <= '9')
		start--;
	return start < size && (start == 0 || text[start - 1] == '.');
}

/* Why `text` cannot be a name that somebody means; NULL if it can. */
static const char *slip(const char *text)
{
	if (strchr(text, '@') != NULL)
		return "is a mail address; ask for the domain behind the @";
	if (strchr(text, '/') != NULL)
		return "is neither an address nor a name; one address at a time, no networks, no "
		       "URLs";
	if (strchr(text, ':') != NULL)
		return "is no IPv6 address";
	if (ends_in_number(text))
		return "is no IPv4 address";
	if (strpbrk(text, " \t\r\n") != NULL)
		return "has a blank in it";
	return NULL;
}

bool query_subject_is_address(const char *text)
{
	uint8_t octets[16];

	return inet_pton(AF_INET, text, octets) == 1 || inet_pton(AF_INET6, text, octets) == 1;
}

err_t query_subject_parse(const char *text, uint8_t name[DNS_NAME_MAX], const char **why)
{
	uint8_t octets[16];
	size_t size;

	if (inet_pton(AF_INET, text, octets) == 1) {
		query_subject_write_ip4(octets, name);
		return ERR_OK;
	}
	if (inet_pton(AF_INET6, text, octets) == 1) {
		query_subject_write_ip6(octets, name);
		return ERR_OK;
	}
	*why = slip(text);
	if (*why != NULL)
		return ERR_SYNTAX;
	err_t err = dns_name_from_text(text, strlen(text), name, &size);
	if (err == ERR_OK && name[0] == 0)
		err = ERR_SYNTAX;
	if (err == ERR_RANGE)
		*why = "has a label of more than 63 bytes, or is longer than 255";
	else if (err != ERR_OK)
		*why = "is neither an address nor a name";
	return err;
}

err_t query_subject_join(const uint8_t *subject, const uint8_t *list, uint8_t name[DNS_NAME_MAX])
{
	size_t subject_size = dns_name_size(subject) - 1;
	size_t list_size = dns_name_size(list);

	if (subject_size + list_size > DNS_NAME_MAX)
		return ERR_RANGE;
	memcpy(name, subject, subject_size);
	memcpy(name + subject_size, list, list_size);
	return ERR_OK;
}
