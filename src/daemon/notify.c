/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"

int notify_connect(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t size = path != NULL ? strlen(path) : 0;
	int fd;

	/* Only a path or, behind @, an abstract name; not a VM's. */
	if (size < 2 || size >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@'))
		return -1;
	memcpy(address.sun_path, path, size);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address,
			       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)) == 0)
		return fd;
	log_warning("cannot reach the service manager at %s: %s", path, err_text(err_from_errno()));
	if (fd >= 0)
		close(fd);
	return -1;
}

void notify_main_process(int fd)
{
	char text[32];
	int size = snprintf(text, sizeof(text), "MAINPID=%ld\n", (long)getpid());

	if (fd >= 0)
		(void)!send(fd, text, (size_t)size, MSG_NOSIGNAL);
}

void notify_ready(int fd)
{
	static const char ready[] = "READY=1\n";

	/* If it is gone, nobody waits. */
	if (fd >= 0)
		(void)!send(fd, ready, sizeof(ready) - 1, MSG_NOSIGNAL);
}
