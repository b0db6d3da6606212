/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Any bytes as a list of ports, as lines of /etc/services, of sysctl and of /proc/net/udp: no crash; what is
 * refused changes nothing and has a reason; and what is taken is the same set when it is written and read
 * again. The entry point is libFuzzer's; replay.c calls it for files. */

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ports/port_set.h"
#include "ports/reserved_files.h"
#include "ports/udp_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition)
		abort();
}

/* What a parser made of `set`, which had port 7 before. */
static void check(const port_set_t *set, err_t err, const char *reason)
{
	port_set_t again = { 0 };
	char unused[PORT_REASON_MAX];

	if (err != ERR_OK) {
		must(port_set_count(set, port_range_all) == 1 && port_set_has(set, 7));
		must(memchr(reason, '\0', PORT_REASON_MAX) != NULL && *reason != '\0');
		return;
	}
	char *text = port_set_text(set);
	must(port_set_parse(&again, text, strlen(text), unused) == ERR_OK);
	must(memcmp(&again, set, sizeof(again)) == 0);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static port_set_t seven;
	port_set_t list, lines;
	char reason[PORT_REASON_MAX] = "";
	const char *value;
	size_t length;
	udp_entry_t entry;

	port_set_add(&seven, (port_range_t){ 7, 7 });
	list = lines = seven;
	check(&list, port_set_parse(&list, (const char *)data, size, reason), reason);
	check(&lines, port_set_parse_lines(&lines, (const char *)data, size, reason), reason);

	char *line = malloc(size + 1);
	must(line != NULL);
	memcpy(line, data, size);
	line[size] = '\0';
	if (reserved_line_parse(line, &value, &length))
		must(value >= line && value + length <= line + strlen(line));
	if (udp_entry_parse(line, AF_INET, &entry) || udp_entry_parse(line, AF_INET6, &entry))
		must(entry.port != 0);
	free(line);
	return 0;
}
