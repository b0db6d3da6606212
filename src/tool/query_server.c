/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/query_server.h"

#include <stdio.h>
#include <string.h>

/* Bytes of a host's name with a port, NUL included; longer ones are none. */
#define SERVER_TEXT_MAX 320
/* Name servers of resolv.conf that resolvers take (MAXNS of resolv.h). */
#define DEFAULT_SERVERS_MAX 3
/* Bytes of a line of resolv.conf that count. */
#define LINE_SIZE 512

/* Where the port begins in "host:port" or "[address]:port"; NULL if there is none. Several colons
 * without brackets are an IPv6 address. */
static const char *find_port(const char *text)
{
	const char *bracket = strchr(text, ']');
	const char *colon = strchr(bracket != NULL ? bracket : text, ':');

	return colon != NULL && strchr(colon + 1, ':') == NULL ? colon + 1 : NULL;
}

err_t query_server_parse(const char *text, const char *port, int family, listen_set_t *servers,
			 char *why, size_t why_size)
{
	char normal[SERVER_TEXT_MAX];
	const char *slash = strchr(text, '/');
	const char *own_port = slash != NULL ? slash + 1 : find_port(text);
	size_t host_size = own_port != NULL ? (size_t)(own_port - 1 - text) : strlen(text);

	if (host_size == 1 && *text == '*') {
		snprintf(why, why_size, "name one server");
		return ERR_SYNTAX;
	}
	if (own_port != NULL && port != NULL) {
		snprintf(why, why_size, "has a port, and -p %s is another one", port);
		return ERR_SYNTAX;
	}
	if (own_port != NULL)
		port = own_port;
	int size = snprintf(normal, sizeof(normal), "%.*s%s%s", (int)host_size, text,
			    port != NULL ? "/" : "", port != NULL ? port : "");
	if (size < 0 || (size_t)size >= sizeof(normal)) {
		snprintf(why, why_size, "longer than any host name");
		return ERR_SYNTAX;
	}
	return listen_add(servers, normal, family, why, why_size);
}

/* The address of a line "nameserver ADDRESS", ended with a NUL; NULL if it is another line. */
static char *name_server(char *line)
{
	static const char keyword[] = "nameserver";
	char *at = line + sizeof(keyword) - 1;

	if (strncmp(line, keyword, sizeof(keyword) - 1) != 0 || (*at != ' ' && *at != '\t'))
		return NULL;
	at += strspn(at, " \t");
	at[strcspn(at, " \t\r\n#;")] = '\0';
	return at;
}

err_t query_server_default(const char *path, const char *port, int family, listen_set_t *servers,
			   char *why, size_t why_size)
{
	size_t before = servers->count;
	FILE *file = fopen(path, "re");
	char line[LINE_SIZE];

	while (file != NULL && servers->count < before + DEFAULT_SERVERS_MAX &&
	       fgets(line, sizeof(line), file) != NULL) {
		const char *address = name_server(line);
		if (address != NULL &&
		    query_server_parse(address, port, family, servers, why, why_size) != ERR_OK)
			continue; /* resolvers skip an address that is none, too */
	}
	if (file != NULL)
		fclose(file);
	if (servers->count > before)
		return ERR_OK;
	return query_server_parse(family == AF_INET6 ? "::1" : "127.0.0.1", port, family, servers,
				  why, why_size);
}
