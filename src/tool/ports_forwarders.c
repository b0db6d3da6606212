/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/ports_forwarders.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writes what `range` returns for each range of ports, between `head` and `tail`. */
static char *make_lines(const port_set_t *ports, const char *head,
			void (*range)(FILE *out, port_range_t range, bool is_first),
			const char *tail)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	port_range_t found;

	if (out == NULL)
		return NULL;
	fputs(head, out);
	for (unsigned at = 0; port_set_next(ports, at, &found); at = found.last + 1u)
		range(out, found, at == 0);
	fputs(tail, out);
	bool is_whole = ferror(out) == 0;
	if (fclose(out) == 0 && is_whole)
		return text;
	free(text);
	return NULL;
}

static void write_unbound_range(FILE *out, port_range_t range, bool is_first)
{
	fprintf(out, "%s\toutgoing-port-avoid: %u", is_first ? "" : "\n", range.first);
	if (range.last > range.first)
		fprintf(out, "-%u", range.last);
}

static char *unbound_lines(const port_set_t *ports)
{
	return make_lines(ports, "server:\n", write_unbound_range, "");
}

static void write_bind_range(FILE *out, port_range_t range, bool is_first ATTR_UNUSED)
{
	if (range.last > range.first)
		fprintf(out, " range %u %u;", range.first, range.last);
	else
		fprintf(out, " %u;", range.first);
}

static char *bind_lines(const port_set_t *ports)
{
	char *ip4 =
		make_lines(ports, "options {\n\tavoid-v4-udp-ports {", write_bind_range, " };\n");
	char *ip6 = make_lines(ports, "\tavoid-v6-udp-ports {", write_bind_range, " };\n};");
	char *both = NULL;

	if (ip4 != NULL && ip6 != NULL && asprintf(&both, "%s%s", ip4, ip6) < 0)
		both = NULL;
	free(ip4);
	free(ip6);
	return both;
}

/* It takes no ranges. */
static void write_pdns_range(FILE *out, port_range_t range, bool is_first)
{
	for (unsigned port = range.first; port <= range.last; port++)
		fprintf(out, "%s%u", is_first && port == range.first ? "" : ",", port);
}

static char *pdns_lines(const port_set_t *ports)
{
	return make_lines(ports, "udp-source-port-avoid+=", write_pdns_range, "");
}

static const ports_forwarder_t forwarders[] = {
	{ "unbound", "unbound", "unbound.conf", unbound_lines },
	{ "named", "BIND", "named.conf", bind_lines },
	{ "pdns_recursor", "PowerDNS Recursor", "recursor.conf", pdns_lines },
};

const ports_forwarder_t *ports_forwarder_next(const port_audit_t *audit, size_t *at)
{
	while (*at < COUNT_OF(forwarders)) {
		const ports_forwarder_t *forwarder = &forwarders[(*at)++];

		for (size_t i = 0; i < audit->listener_count; i++) {
			if (strcmp(audit->listeners[i].process, forwarder->process) == 0)
				return forwarder;
		}
	}
	return NULL;
}
