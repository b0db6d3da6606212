/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/number.h"

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

void notify_send(int fd, const char *format, ...)
{
	/* Longer ones are cut: no line but STATUS is that long. */
	char text[1024];
	va_list arguments;

	if (fd < 0)
		return;
	va_start(arguments, format);
	int size = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (size <= 0)
		return;
	size_t length = (size_t)size < sizeof(text) ? (size_t)size : sizeof(text) - 1;
	(void)!send(fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* A number in the environment, 0 if there is none. */
static uint64_t number_of(const char *name)
{
	const char *text = getenv(name);
	uint64_t number = 0;

	if (text == NULL || !number_parse(text, strlen(text), 0, UINT64_MAX, &number))
		return 0;
	return number;
}

uint64_t notify_watchdog_us(void)
{
	uint64_t process = number_of("WATCHDOG_PID");

	/* It may be meant for the one that started us. */
	if (getenv("WATCHDOG_PID") != NULL && process != (uint64_t)getpid())
		return 0;
	return number_of("WATCHDOG_USEC");
}
