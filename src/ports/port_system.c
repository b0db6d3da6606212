/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "ports/port_system.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

/* Bytes read of a file. The longest list that the kernel writes, every other port, has 32,768 numbers of
 * up to five digits and a comma: 193 kB. /etc/services of all that IANA knows has 1 MB. The kernel makes room
 * for as much as is asked for, and fails from 4 MB on. */
#define FILE_MAX (2u << 20)

/* Reads a file, at most FILE_MAX bytes, to new memory. The kernel gives its list of reserved ports to the
 * first call only, and no more of it than that asks for: so this asks for all. */
static err_t read_whole(const char *path, char **text, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = -1;
	err_t err = ERR_OK;

	*size = 0;
	*text = fd >= 0 ? malloc(FILE_MAX) : NULL;
	if (fd >= 0 && *text == NULL)
		err = ERR_NOMEM;
	while (*text != NULL && *size < FILE_MAX &&
	       (got = read(fd, *text + *size, FILE_MAX - *size)) > 0)
		*size += (size_t)got;
	if (err == ERR_OK && got < 0)
		err = err_from_errno();
	else if (*size == FILE_MAX)
		err = ERR_TOO_LARGE;
	if (fd >= 0)
		close(fd);
	if (err != ERR_OK)
		free(*text);
	return err;
}

err_t port_system_range(port_range_t *range)
{
	char *text;
	size_t size;
	unsigned first, last;
	err_t err = read_whole(PORT_SYSTEM_RANGE, &text, &size);

	if (err == ERR_OK) {
		text[size < FILE_MAX ? size : FILE_MAX - 1] = '\0';
		err = sscanf(text, "%u %u", &first, &last) == 2 ? ERR_OK : ERR_SYNTAX;
		free(text);
	}
	if (err == ERR_OK && (first > last || last >= PORT_COUNT))
		err = ERR_RANGE;
	if (err != ERR_OK)
		log_error("cannot read the ephemeral range from %s: %s", PORT_SYSTEM_RANGE,
			  err_text(err));
	else
		*range = (port_range_t){ (uint16_t)first, (uint16_t)last };
	return err;
}

/* Reads a file and has `parse` put in what it says; logs what is wrong, as what `option` said. */
static err_t add_file(port_set_t *set, const char *option, const char *path)
{
	char reason[PORT_REASON_MAX];
	char *text;
	size_t size;
	err_t err = read_whole(path, &text, &size);

	if (err == (err_t)-ENOENT) {
		log_error("%s %s: neither ports, as in 53,100-200, nor a file", option, path);
		return err;
	}
	if (err != ERR_OK) {
		log_error("%s %s: cannot read it: %s", option, path, err_text(err));
		return err;
	}
	err = port_set_parse_lines(set, text, size, reason);
	if (err != ERR_OK)
		log_error("%s %s: %s", option, path, reason);
	free(text);
	return err;
}

err_t port_system_add_reserved(port_set_t *set)
{
	return add_file(set, "reserved ports:", PORT_SYSTEM_RESERVED);
}

void port_system_add_services(port_set_t *set)
{
	const struct servent *entry;

	setservent(1);
	while ((entry = getservent()) != NULL) {
		uint16_t port = ntohs((uint16_t)entry->s_port);
		if (strcmp(entry->s_proto, "udp") == 0)
			port_set_add(set, (port_range_t){ port, port });
	}
	endservent();
}

const char *port_system_service(uint16_t port, char name[PORT_SERVICE_MAX])
{
	/* Each look-up reads /etc/services from its beginning; most ports of a machine with thousands of sockets
	 * are not in it. */
	static port_set_t services;
	static bool is_read;
	const struct servent *entry;

	if (!is_read)
		port_system_add_services(&services);
	is_read = true;
	entry = port_set_has(&services, port) ? getservbyport(htons(port), "udp") : NULL;
	snprintf(name, PORT_SERVICE_MAX, "%s", entry != NULL ? entry->s_name : "");
	return name;
}

err_t port_system_add_argument(port_set_t *set, const char *option, const char *text)
{
	char reason[PORT_REASON_MAX];
	size_t size = strlen(text);

	if (size == 0 || text[0] < '0' || text[0] > '9' || strspn(text, "0123456789-, \t") != size)
		return add_file(set, option, text);
	err_t err = port_set_parse(set, text, size, reason);
	if (err != ERR_OK)
		log_error("%s %s: %s", option, text, reason);
	return err;
}
