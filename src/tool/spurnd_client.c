/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spurnd_client.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"

/* What is being waited for. */
typedef struct patience {
	const char *what;
	double start_s;
	double limit_s; /* 0: none */
} patience_t;

/* Waits until `fd` can be read, or is at its end. Returns false when patience is at its end. */
static bool wait_for(int fd, const patience_t *patience)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN };
	bool is_shown = false;
	int ready;

	while ((ready = poll(&entry, 1, 1000)) == 0 || (ready < 0 && errno == EINTR)) {
		double passed_s = clock_monotonic_s() - patience->start_s;

		if (patience->limit_s > 0 && passed_s > patience->limit_s)
			return false;
		log_progress("%s: %.0f s", patience->what, passed_s);
		is_shown = true;
	}
	if (is_shown)
		log_progress("%s", "");
	return true;
}

static void complain(const char *path)
{
	int error = errno;
	const struct passwd *owner;
	struct stat status;

	switch (error) {
	case ENOENT:
		log_error("%s: there is no such socket. Either no spurnd is running, or it has no "
			  "control socket (spurnd --control %s makes one), or another one "
			  "(--control PATH)",
			  path, path);
		return;
	case ECONNREFUSED:
		log_error("%s: nobody listens there. The spurnd that made this socket has ended",
			  path);
		return;
	case EACCES:
	case EPERM:
		owner = stat(path, &status) == 0 ? getpwuid(status.st_uid) : NULL;
		log_error("%s: only the user and the group of spurnd%s%s%s may use this socket",
			  path, owner != NULL ? " (" : "", owner != NULL ? owner->pw_name : "",
			  owner != NULL ? ")" : "");
		return;
	default:
		log_error("%s: cannot connect to this socket: %s", path, strerror(error));
	}
}

int spurnd_client_connect(const char *path)
{
	const struct timeval patience = { .tv_sec = SPURND_CLIENT_PATIENCE_S };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		log_error("--control %s: a socket's path has at most %zu bytes", path,
			  sizeof(address.sun_path) - 1);
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* Also how long connect waits while others knock. */
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0 &&
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	complain(path);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Reads up to the end of a line or of the connection. Returns malloc'ed text, `*size` bytes, or NULL
 * after logging. */
static char *receive(int fd, const patience_t *patience, size_t *size)
{
	char *text = NULL;
	size_t capacity = 0;
	ssize_t got = 1;

	*size = 0;
	while (*size == 0 || text[*size - 1] != '\n') {
		if (!wait_for(fd, patience)) {
			log_error("spurnd has not answered within %.0f s", patience->limit_s);
			break;
		}
		if (array_reserve((void **)&text, &capacity, *size + 4096, 1) != ERR_OK) {
			log_error("%s", err_text(ERR_NOMEM));
			break;
		}
		got = recv(fd, text + *size, capacity - *size, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			log_error("spurnd has hung up without an answer%s%s", got < 0 ? ": " : "",
				  got < 0 ? strerror(errno) : "");
			break;
		}
		*size += (size_t)got;
	}
	if (*size > 0 && text[*size - 1] == '\n')
		return text;
	free(text);
	return NULL;
}

json_t *spurnd_client_ask(int fd, const char *line, const char *what, unsigned patience_s)
{
	const patience_t patience = { what, clock_monotonic_s(), patience_s };
	struct iovec pieces[] = {
		{ (void *)(uintptr_t)line, strlen(line) },
		{ (void *)(uintptr_t) "\n", 1 },
	};
	const struct msghdr message = { .msg_iov = pieces, .msg_iovlen = COUNT_OF(pieces) };
	json_error_t error;
	json_t *reply;
	size_t size;
	char *text;

	/* Whoever has no time for us says so, and hangs up, before we have said anything. */
	(void)!sendmsg(fd, &message, MSG_NOSIGNAL);
	text = receive(fd, &patience, &size);
	if (text == NULL)
		return NULL;
	reply = json_loadb(text, size, 0, &error);
	free(text);
	if (!json_is_object(reply)) {
		log_error("spurnd's answer makes no sense: %s", error.text);
		json_decref(reply);
		return NULL;
	}
	if (json_object_get(reply, "error") != NULL) {
		log_error("%s", json_string_value(json_object_get(reply, "error")));
		json_decref(reply);
		return NULL;
	}
	return reply;
}

json_t *spurnd_client_request(const char *path, const char *line, const char *what,
			      unsigned patience_s)
{
	int fd = spurnd_client_connect(path);
	json_t *reply;

	if (fd < 0)
		return NULL;
	reply = spurnd_client_ask(fd, line, what, patience_s);
	close(fd);
	return reply;
}

int spurnd_client_process(int fd)
{
#ifdef SYS_pidfd_open
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0)
		return (int)syscall(SYS_pidfd_open, peer.pid, 0);
#endif
	return -1;
}

void spurnd_client_wait_end(int fd, int process, const char *what)
{
	const patience_t patience = { what, clock_monotonic_s(), 0 };
	char rest[256];

	do
		(void)wait_for(fd, &patience);
	while (recv(fd, rest, sizeof(rest), 0) > 0);
	/* Its ports are free when it has ended, which is a moment later. */
	if (process >= 0) {
		(void)wait_for(process, &patience);
		close(process);
	}
}
