/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "ports/udp_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/log.h"

/* The state of a connected UDP socket, that of an established TCP connection in the kernel. */
#define STATE_CONNECTED 1

/* Reads an address: each four bytes, in network byte order, are one number in hexadecimal, as this machine
 * has it in memory. */
static bool parse_address(const char *text, int family, uint8_t address[16])
{
	size_t words = family == AF_INET ? 1 : 4;

	if (strlen(text) != words * 8)
		return false;
	memset(address, 0, 16);
	for (size_t i = 0; i < words; i++) {
		uint32_t word;
		char part[9];

		memcpy(part, text + i * 8, 8);
		part[8] = '\0';
		if (sscanf(part, "%8" SCNx32, &word) != 1)
			return false;
		memcpy(address + i * 4, &word, 4);
	}
	return true;
}

bool udp_entry_parse(const char *line, int family, udp_entry_t *entry)
{
	udp_entry_t found = { .family = family };
	char address[33];
	unsigned port, state;

	/* slot: address:port peer:port state queues timer retransmissions uid timeout inode */
	int count = sscanf(line,
			   " %*u: %32[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%*x %*x:%*x %*x "
			   "%" SCNu32 " %*u %" SCNu64,
			   address, &port, &state, &found.uid, &found.inode);
	if (count != 5 || port == 0 || port > UINT16_MAX ||
	    !parse_address(address, family, found.address))
		return false;
	found.port = (uint16_t)port;
	found.is_connected = state == STATE_CONNECTED;
	*entry = found;
	return true;
}

int udp_entry_compare(const void *one, const void *other)
{
	const udp_entry_t *a = one, *b = other;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->address, b->address, sizeof(a->address));
}

static err_t read_file(udp_table_t *table, const char *path, int family)
{
	FILE *in = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	err_t err = ERR_OK;

	/* A machine without IPv6 has no such table. */
	if (in == NULL && errno == ENOENT && family == AF_INET6)
		return ERR_OK;
	while (in != NULL && err == ERR_OK && getline(&line, &room, in) >= 0) {
		udp_entry_t entry;

		if (!udp_entry_parse(line, family, &entry))
			continue;
		err = array_reserve((void **)&table->entries, &table->capacity, table->count + 1,
				    sizeof(entry));
		if (err == ERR_OK)
			table->entries[table->count++] = entry;
	}
	if (err == ERR_OK && (in == NULL || ferror(in) != 0))
		err = err_from_errno();
	if (err != ERR_OK)
		log_error("cannot read %s: %s", path, err_text(err));
	free(line);
	if (in != NULL)
		fclose(in);
	return err;
}

err_t udp_table_read(udp_table_t *table)
{
	table->count = 0;
	err_t err = read_file(table, "/proc/net/udp", AF_INET);
	if (err == ERR_OK)
		err = read_file(table, "/proc/net/udp6", AF_INET6);
	if (err != ERR_OK)
		table->count = 0;
	if (table->count > 0)
		qsort(table->entries, table->count, sizeof(*table->entries), udp_entry_compare);
	return err;
}

void udp_table_free(udp_table_t *table)
{
	free(table->entries);
	*table = (udp_table_t){ 0 };
}

bool udp_table_has(const udp_table_t *table, const udp_entry_t *entry)
{
	return table->count > 0 && bsearch(entry, table->entries, table->count,
					   sizeof(*table->entries), udp_entry_compare) != NULL;
}
