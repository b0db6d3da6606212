/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "list.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cursor.h"
#include "dns/name.h"

/* Of each LIST_ROUND numbers the last two are in odd and in even generations only. */
#define LIST_ROUND 16u

/* The head of a file has always the same size, so that it can be changed in place. */
#define HEAD_SIZE 256

#define ENTRY_TEXT_MAX 48
#define BUFFER_SIZE    (256u * 1024)

static const char *const type_names[LIST_TYPES] = {
	[LIST_IP4SET] = "ip4set",   [LIST_IP4TRIE] = "ip4trie", [LIST_IP4TSET] = "ip4tset",
	[LIST_IP6TRIE] = "ip6trie", [LIST_DNSET] = "dnset",
};

err_t list_init(list_t *list, const char *type, const char *zone, uint32_t entries, uint32_t seed)
{
	*list = (list_t){ .type = LIST_TYPES, .seed = seed };
	for (unsigned i = 0; i < LIST_TYPES; i++)
		if (strcmp(type, type_names[i]) == 0)
			list->type = (list_type_t)i;
	if (list->type == LIST_TYPES || entries == 0 || entries > UINT32_C(1) << 31)
		return ERR_INVAL;
	list->span = (entries + LIST_ROUND - 2) / (LIST_ROUND - 1) * LIST_ROUND;
	if (dns_name_from_text(zone, strlen(zone), list->apex, &list->apex_size) != ERR_OK)
		return ERR_INVAL;
	/* The longest key is that of IPv6, two bytes for each of 32 digits. */
	return list->apex_size + 64 <= DNS_NAME_MAX ? ERR_OK : ERR_INVAL;
}

bool list_has(const list_t *list, uint32_t number, uint32_t generation)
{
	if (number >= list->span)
		return false;
	switch (number % LIST_ROUND) {
	case LIST_ROUND - 2:
		return generation % 2 == 1;
	case LIST_ROUND - 1:
		return generation % 2 == 0;
	default:
		return true;
	}
}

/* A bijection of 32-bit numbers: each step can be undone. */
static uint32_t key_32(const list_t *list, uint32_t number)
{
	uint32_t key = number + list->seed * 0x9e3779b9u;

	key = (key ^ key >> 16) * 0x7feb352du;
	key = (key ^ key >> 15) * 0x846ca68bu;
	return key ^ key >> 16;
}

/* A 64-bit key: its lower half alone makes it unique. */
static uint64_t key_64(const list_t *list, uint32_t number)
{
	uint32_t low = key_32(list, number);

	return (uint64_t)(low * 0x9e3779b9u ^ list->seed) << 32 | low;
}

static size_t ip4_name(uint32_t address, uint8_t *name)
{
	size_t size = 0;

	for (unsigned shift = 0; shift < 32; shift += 8) {
		char digits[4];
		int length = snprintf(digits, sizeof(digits), "%u", address >> shift & 0xff);

		name[size++] = (uint8_t)length;
		memcpy(name + size, digits, (size_t)length);
		size += (size_t)length;
	}
	return size;
}

static size_t ip6_name(uint64_t low, uint8_t *name)
{
	const uint64_t halves[] = { low, UINT64_C(0x20010db800000001) };
	size_t size = 0;

	for (unsigned i = 0; i < 32; i++) {
		name[size++] = 1;
		name[size++] = (uint8_t) "0123456789abcdef"[halves[i / 16] >> i % 16 * 4 & 15];
	}
	return size;
}

static size_t domain_name(uint32_t key, uint8_t *name)
{
	char text[20];
	int length = snprintf(text, sizeof(text), "%08x%cexample", key, 7);

	name[0] = 8;
	memcpy(name + 1, text, (size_t)length);
	return 1 + (size_t)length;
}

size_t list_name(const list_t *list, uint32_t number, uint8_t name[DNS_NAME_MAX])
{
	size_t size;

	if (list->type == LIST_IP6TRIE)
		size = ip6_name(key_64(list, number), name);
	else if (list->type == LIST_DNSET)
		size = domain_name(key_32(list, number), name);
	else
		size = ip4_name(key_32(list, number), name);
	memcpy(name + size, list->apex, list->apex_size);
	return size + list->apex_size;
}

/* An octet in decimal; returns what is behind it. snprintf would take most of the time of a large list. */
static char *put_octet(char *at, uint32_t octet)
{
	if (octet >= 100)
		*at++ = (char)('0' + octet / 100);
	if (octet >= 10)
		*at++ = (char)('0' + octet / 10 % 10);
	*at++ = (char)('0' + octet % 10);
	return at;
}

static char *put_hex(char *at, uint64_t value, unsigned digits)
{
	while (digits-- > 0)
		*at++ = "0123456789abcdef"[value >> digits * 4 & 15];
	return at;
}

/* The line of an entry; returns what is behind it, at most ENTRY_TEXT_MAX. */
static char *put_entry(const list_t *list, uint32_t number, char *at)
{
	uint32_t key = key_32(list, number);

	if (list->type == LIST_IP6TRIE) {
		uint64_t low = key_64(list, number);
		memcpy(at, "2001:db8:0:1", 12);
		at += 12;
		for (unsigned shift = 64; shift > 0; shift -= 16) {
			*at++ = ':';
			at = put_hex(at, low >> (shift - 16), 4);
		}
	} else if (list->type == LIST_DNSET) {
		at = put_hex(at, key, 8);
		memcpy(at, ".example", 8);
		at += 8;
	} else {
		for (unsigned shift = 32; shift > 0; shift -= 8) {
			at = put_octet(at, key >> (shift - 8) & 0xff);
			*at++ = shift > 8 ? '.' : '\n';
		}
		return at;
	}
	*at++ = '\n';
	return at;
}

static void make_head(uint32_t generation, char head[HEAD_SIZE])
{
	int size = snprintf(head, HEAD_SIZE,
			    "$SOA 300 ns.example hostmaster.example %u 1h 1h 1w 1h\n"
			    "$TTL 300\n"
			    ":127.1.%u.%u:generation %u\n#",
			    generation, generation >> 8, generation & 0xff, generation);

	memset(head + size, ' ', (size_t)(HEAD_SIZE - size));
	head[HEAD_SIZE - 1] = '\n';
}

err_t list_write(const list_t *list, uint32_t generation, const char *path)
{
	char head[HEAD_SIZE];
	char *buffer = malloc(BUFFER_SIZE);
	FILE *out = buffer != NULL ? fopen(path, "w") : NULL;
	char *at = buffer;

	if (out == NULL) {
		free(buffer);
		return buffer == NULL ? ERR_NOMEM : err_from_errno();
	}
	make_head(generation, head);
	(void)!fwrite(head, 1, sizeof(head), out);
	for (uint32_t number = 0; number < list->span; number++) {
		if (list_has(list, number, generation))
			at = put_entry(list, number, at);
		if (at > buffer + BUFFER_SIZE - ENTRY_TEXT_MAX || number + 1 == list->span) {
			(void)!fwrite(buffer, 1, (size_t)(at - buffer), out);
			at = buffer;
		}
	}
	free(buffer);
	bool has_failed = ferror(out) != 0;
	/* What fclose says is about the last block only. */
	err_t err = fclose(out) != 0 ? err_from_errno() : ERR_OK;
	return has_failed ? (err_t)-ENOSPC : err;
}

err_t list_stamp(uint32_t generation, const char *path)
{
	char head[HEAD_SIZE];
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	err_t err = ERR_OK;

	if (fd < 0)
		return err_from_errno();
	make_head(generation, head);
	if (pwrite(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head))
		err = err_from_errno();
	close(fd);
	return err;
}
