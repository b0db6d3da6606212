/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "udp_drops.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Adds up one of the kernel's tables. Its second column is address:port in hexadecimal, its last one
 * the drops. */
static uint64_t drops_in(const char *path, unsigned port)
{
	FILE *table = fopen(path, "re");
	char line[512];
	uint64_t sum = 0;

	if (table == NULL)
		return 0;
	while (fgets(line, sizeof(line), table) != NULL) {
		unsigned local;
		uint64_t drops;
		line[strcspn(line, "\n")] = '\0';
		for (size_t end = strlen(line); end > 0 && line[end - 1] == ' '; end--)
			line[end - 1] = '\0';
		const char *last = strrchr(line, ' ');
		if (last == NULL || sscanf(line, " %*u: %*[0-9A-F]:%x", &local) != 1 ||
		    local != port || sscanf(last, "%" SCNu64, &drops) != 1)
			continue;
		sum += drops;
	}
	fclose(table);
	return sum;
}

uint64_t udp_drops(unsigned port)
{
	return drops_in("/proc/net/udp", port) + drops_in("/proc/net/udp6", port);
}
