/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/predecessor.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/takeover.h"
#include "daemon/takeover_reader.h"
#include "net/passed_descriptors.h"

/* Seconds that the other one may take for an answer. It waits for nothing itself, so on the busiest
 * machine it is a tenth of this. */
#define PATIENCE_S 30

struct predecessor {
	int fd; /* the connection; -1: it has ended */
	int pid;
	takeover_reader_t reader;
	uint64_t watchdog_us;
	size_t socket_count;
	inherited_sockets_t *sockets;
	int control; /* -1: none */
	dns_cookie_secrets_t cookies;
	struct ev_loop *loop; /* NULL: not replaced yet */
	ev_io io;
	ev_timer patience;
	predecessor_events_t events;
	bool has_left;
};

/* Connects to the socket at `path`. Returns ERR_OK, and -1 in `*fd` if nobody listens there. */
static err_t reach(const char *path, int *fd)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t size = strlen(path);
	err_t err = ERR_OK;

	*fd = -1;
	if (size >= sizeof(address.sun_path)) {
		log_error("--control %s: a socket's path has at most %zu bytes", path,
			  sizeof(address.sun_path) - 1);
		return ERR_INVAL;
	}
	memcpy(address.sun_path, path, size + 1);
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd >= 0 &&
	    setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0 &&
	    setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
	    connect(*fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return ERR_OK;
	if (errno != ECONNREFUSED && errno != ENOENT)
		err = err_from_errno();
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	if (err != ERR_OK)
		log_error("--replace: cannot reach the running spurnd at %s: %s; --control names "
			  "its socket, and only root and its own user may replace it",
			  path, err_text(err));
	return err;
}

err_t predecessor_look(const char *path, bool *is_there)
{
	int fd;
	err_t err = reach(path, &fd);

	*is_there = fd >= 0;
	if (fd >= 0)
		close(fd);
	return err;
}

/* Whoever listens. */
static int pid_of(int fd)
{
	struct ucred peer = { .pid = 0 };
	socklen_t size = sizeof(peer);

	(void)!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	return peer.pid;
}

/* Sends a line, which the socket's buffer has room for, with fds[0..count). */
static err_t say_with(const predecessor_t *predecessor, const char *words, const int *fds,
		      size_t count, int flags)
{
	char line[64];
	size_t size = strlen(words);

	memcpy(line, words, size);
	line[size++] = '\n';
	return passed_descriptors_send(predecessor->fd, line, size, fds, count, flags) ==
			       (ssize_t)size
		       ? ERR_OK
		       : err_from_errno();
}

static err_t say(const predecessor_t *predecessor, const char *words, int flags)
{
	return say_with(predecessor, words, NULL, 0, flags);
}

/* Waits for the next line. `most` as for takeover_reader_receive. */
static err_t await_line(predecessor_t *predecessor, size_t most, json_t **line)
{
	takeover_reader_t *reader = &predecessor->reader;
	err_t err = ERR_OK;

	while (!takeover_reader_next(reader, line)) {
		err = takeover_reader_receive(reader, most, 0);
		if (err == ERR_OK && reader->is_ended)
			err = (err_t)-ECONNRESET;
		if (err != ERR_OK)
			break;
	}
	if (err == ERR_OK && *line == NULL)
		err = ERR_SYNTAX;
	if (err != ERR_OK)
		log_error("--replace: the running spurnd (process %d) does not hand its sockets "
			  "over: %s",
			  predecessor->pid,
			  err == (err_t)-EAGAIN       ? "it does not answer"
			  : err == (err_t)-EMFILE     ? "this process may not open so many files: "
							"allow it more (ulimit -n)"
			  : err == ERR_SYNTAX         ? "its answer makes no sense"
			  : err == (err_t)-ECONNRESET ? "it has ended the connection"
						      : err_text(err));
	return err;
}

/* Reads secrets, if there are as many as there may be, and all of the right length. */
static void read_cookies(const json_t *array, dns_cookie_secrets_t *secrets)
{
	dns_cookie_secrets_t found = { .count = json_array_size(array) };
	size_t size;

	if (found.count > DNS_COOKIE_SECRETS_MAX)
		return;
	for (size_t i = 0; i < found.count; i++) {
		const char *text = json_string_value(json_array_get(array, i));

		if (text == NULL ||
		    sodium_hex2bin(found.secrets[i], sizeof(found.secrets[i]), text, strlen(text),
				   NULL, &size, NULL) != 0 ||
		    size != sizeof(found.secrets[i]))
			return;
	}
	*secrets = found;
	dns_cookie_secrets_wipe(&found);
}

/* Takes in the manifest, or what came instead. */
static err_t read_manifest(predecessor_t *predecessor, const json_t *line)
{
	const char *refusal = json_string_value(json_object_get(line, "error"));
	const char *version = json_string_value(json_object_get(line, "version"));
	json_int_t format = json_integer_value(json_object_get(line, "take_over"));
	json_int_t sockets = json_integer_value(json_object_get(line, "sockets"));

	if (refusal != NULL) {
		log_error("--replace: the running spurnd (process %d) says no: %s",
			  predecessor->pid, refusal);
		return ERR_INVAL;
	}
	if (format != TAKEOVER_FORMAT || sockets < 0) {
		log_error(
			"--replace: the running spurnd (process %d, version %s) hands its sockets "
			"over in format %lld, and this version, " PACKAGE_VERSION
			", knows only %d: stop that one, and start this one then",
			predecessor->pid, version != NULL ? version : "unknown", (long long)format,
			TAKEOVER_FORMAT);
		return ERR_UNSUPPORTED;
	}
	json_int_t watchdog_us = json_integer_value(json_object_get(line, "watchdog_us"));
	predecessor->watchdog_us = watchdog_us > 0 ? (uint64_t)watchdog_us : 0;
	predecessor->socket_count = (size_t)sockets;
	read_cookies(json_object_get(line, "cookies"), &predecessor->cookies);
	return ERR_OK;
}

err_t predecessor_ask(const char *path, predecessor_t **predecessor)
{
	predecessor_t *asked;
	json_t *line = NULL;
	int fd;
	err_t err = reach(path, &fd);

	*predecessor = NULL;
	if (err != ERR_OK || fd < 0)
		return err;
	asked = calloc(1, sizeof(*asked));
	if (asked == NULL || inherited_sockets_new(&asked->sockets) != ERR_OK) {
		log_error("not enough memory");
		free(asked);
		close(fd);
		return ERR_NOMEM;
	}
	asked->fd = fd;
	asked->control = -1;
	asked->pid = pid_of(fd);
	takeover_reader_init(&asked->reader, fd);
	/* What cannot be said, is answered with the end of the connection. */
	(void)say(asked, "take-over", 0);
	/* Byte by byte, for behind it come descriptors, for which room has to be made first. */
	err = await_line(asked, 1, &line);
	if (err == ERR_OK)
		err = read_manifest(asked, line);
	json_decref(line);
	if (err != ERR_OK) {
		predecessor_free(asked);
		return err;
	}
	*predecessor = asked;
	return ERR_OK;
}

void predecessor_disconnect(predecessor_t *predecessor)
{
	if (predecessor == NULL)
		return;
	if (predecessor->loop != NULL) {
		ev_io_stop(predecessor->loop, &predecessor->io);
		ev_timer_stop(predecessor->loop, &predecessor->patience);
	}
	predecessor->loop = NULL;
	if (predecessor->fd >= 0)
		close(predecessor->fd);
	predecessor->fd = -1;
}

void predecessor_free(predecessor_t *predecessor)
{
	if (predecessor == NULL)
		return;
	predecessor_disconnect(predecessor);
	takeover_reader_clear(&predecessor->reader);
	inherited_sockets_free(predecessor->sockets);
	if (predecessor->control >= 0)
		close(predecessor->control);
	dns_cookie_secrets_wipe(&predecessor->cookies);
	free(predecessor);
}

size_t predecessor_socket_count(const predecessor_t *predecessor)
{
	return predecessor->socket_count;
}

/* Is this its end of the control socket? */
static bool is_control(int fd)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);

	return getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
	       address.ss_family == AF_UNIX;
}

/* Takes in the next descriptor, which has come. */
static err_t receive_one(predecessor_t *predecessor)
{
	int fd = takeover_reader_take(&predecessor->reader);
	err_t err;

	if (fd >= 0 && predecessor->control < 0 && is_control(fd)) {
		predecessor->control = fd;
		return ERR_OK;
	}
	err = fd >= 0 ? inherited_sockets_add(predecessor->sockets, fd) : ERR_SYNTAX;
	if (err != ERR_OK)
		log_error("--replace: a descriptor of the running spurnd (process %d) cannot be "
			  "used: %s",
			  predecessor->pid,
			  err == ERR_INVAL    ? "it is no listening socket"
			  : err == ERR_SYNTAX ? "it has not come"
					      : err_text(err));
	return err;
}

err_t predecessor_receive(predecessor_t *predecessor)
{
	size_t received = 0;
	err_t err = ERR_OK;

	while (err == ERR_OK && received < predecessor->socket_count) {
		json_t *line = NULL;
		json_int_t count = 0;

		err = await_line(predecessor, TAKEOVER_LINE_MAX, &line);
		if (err == ERR_OK)
			count = json_integer_value(json_object_get(line, "descriptors"));
		json_decref(line);
		/* A line without any must not go on for ever. */
		for (json_int_t i = 0; err == ERR_OK && (i < count || i == 0); i++, received++)
			err = receive_one(predecessor);
	}
	return err;
}

void predecessor_lend(predecessor_t *predecessor, const int *fds, size_t count)
{
	json_t *line = NULL;

	if (say_with(predecessor, TAKEOVER_LEND, fds, count, 0) != ERR_OK ||
	    await_line(predecessor, TAKEOVER_LINE_MAX, &line) != ERR_OK ||
	    !json_is_true(json_object_get(line, "lent")))
		log_warning(
			"--replace: addresses that take the place of a wildcard are not answered "
			"before all is loaded");
	json_decref(line);
}

inherited_sockets_t *predecessor_sockets(predecessor_t *predecessor)
{
	return predecessor->sockets;
}

void predecessor_close_sockets(predecessor_t *predecessor)
{
	inherited_sockets_free(predecessor->sockets);
	predecessor->sockets = NULL;
}

int predecessor_take_control(predecessor_t *predecessor)
{
	int fd = predecessor->control;

	predecessor->control = -1;
	return fd;
}

const dns_cookie_secrets_t *predecessor_cookies(const predecessor_t *predecessor)
{
	return predecessor->cookies.count > 0 ? &predecessor->cookies : NULL;
}

uint64_t predecessor_watchdog_us(const predecessor_t *predecessor)
{
	return predecessor->watchdog_us;
}

/* ---- when we answer ---- */

static void tell_left(predecessor_t *predecessor)
{
	if (predecessor->has_left)
		return;
	predecessor->has_left = true;
	ev_timer_stop(predecessor->loop, &predecessor->patience);
	predecessor->events.on_left(predecessor->events.context);
}

/* Passes a connection on. */
static void take_connection(predecessor_t *predecessor, const json_t *connection)
{
	const char *digits = json_string_value(json_object_get(connection, "input"));
	json_int_t age_ms = json_integer_value(json_object_get(connection, "age_ms"));
	uint8_t input[TCP_PREFIX + TCP_QUERY_MAX];
	tcp_legacy_t legacy = { .age_ms = age_ms > 0 ? (uint64_t)age_ms : 0, .input = input };
	int fd = takeover_reader_take(&predecessor->reader);

	if (fd < 0)
		return;
	if (predecessor->events.on_connection == NULL || digits == NULL ||
	    sodium_hex2bin(input, sizeof(input), digits, strlen(digits), NULL, &legacy.input_size,
			   NULL) != 0)
		close(fd);
	else
		predecessor->events.on_connection(predecessor->events.context, fd, &legacy);
}

static void take_line(predecessor_t *predecessor, const json_t *line)
{
	const json_t *connection = json_object_get(line, "connection");

	if (connection != NULL)
		take_connection(predecessor, connection);
	else if (json_object_get(line, "left") != NULL)
		tell_left(predecessor);
	/* What else it says, it says because it ends: so that will be what comes next. */
}

static void on_event(struct ev_loop *loop, ev_io *io, int events)
{
	predecessor_t *predecessor = io->data;
	err_t err = takeover_reader_receive(&predecessor->reader, TAKEOVER_LINE_MAX, MSG_DONTWAIT);
	json_t *line;

	(void)loop;
	(void)events;
	if (err == (err_t)-EAGAIN)
		return;
	while (takeover_reader_next(&predecessor->reader, &line)) {
		take_line(predecessor, line);
		json_decref(line);
	}
	if (err == ERR_OK && !predecessor->reader.is_ended)
		return;
	if (err != ERR_OK)
		log_error("--replace: process %d hands its TCP connections over no more: %s",
			  predecessor->pid, err_text(err));
	tell_left(predecessor);
	predecessor_disconnect(predecessor);
}

static void on_patience_end(struct ev_loop *loop, ev_timer *timer, int events)
{
	predecessor_t *predecessor = timer->data;

	(void)loop;
	(void)events;
	log_error("--replace: process %d has been replaced, but does not stop; as long as it "
		  "answers, too, some answers may be from old data: kill %d",
		  predecessor->pid, predecessor->pid);
	tell_left(predecessor);
}

void predecessor_replace(predecessor_t *predecessor, struct ev_loop *loop,
			 const predecessor_events_t *events)
{
	bool has_tcp = events->on_connection != NULL;

	predecessor->events = *events;
	predecessor->loop = loop;
	ev_timer_init(&predecessor->patience, on_patience_end, PATIENCE_S, 0);
	predecessor->patience.data = predecessor;
	ev_timer_start(loop, &predecessor->patience);
	/* If that fails it has ended, which is what comes from the connection then. */
	(void)say(predecessor, has_tcp ? TAKEOVER_READY : TAKEOVER_READY_UDP, MSG_DONTWAIT);
	ev_io_init(&predecessor->io, on_event, predecessor->fd, EV_READ);
	predecessor->io.data = predecessor;
	ev_io_start(loop, &predecessor->io);
}

bool predecessor_has_left(const predecessor_t *predecessor)
{
	return predecessor->has_left;
}
