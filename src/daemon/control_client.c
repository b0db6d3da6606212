/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/control_client.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json_text.h"
#include "net/passed_descriptors.h"

/* Bytes of the words of a refusal: a zone's name and what there is instead. */
#define REFUSAL_MAX 8192

static struct ev_loop *loop_of(const control_client_t *client)
{
	return client->control->setup.loop;
}

/* Waits for what there is to wait for. */
static void watch(control_client_t *client)
{
	int events = 0;

	if (client->first != NULL)
		events |= EV_WRITE;
	if ((client->state == CONTROL_ASKING || client->state == CONTROL_WAITING) &&
	    !client->is_half_closed)
		events |= EV_READ;
	if (ev_is_active(&client->io) && client->io.events == events)
		return;
	ev_io_stop(loop_of(client), &client->io);
	ev_io_set(&client->io, client->io.fd, events);
	if (events != 0)
		ev_io_start(loop_of(client), &client->io);
}

static void limit_time(control_client_t *client, double seconds)
{
	ev_timer_stop(loop_of(client), &client->limit);
	ev_timer_set(&client->limit, seconds, 0);
	ev_timer_start(loop_of(client), &client->limit);
}

static void free_message(control_client_t *client)
{
	control_message_t *message = client->first;

	client->control->reply_bytes -= message->size;
	client->first = message->next;
	if (client->first == NULL)
		client->last = &client->first;
	free(message->text);
	free(message);
}

void control_client_close(control_client_t *client)
{
	control_t *control = client->control;

	ev_io_stop(loop_of(client), &client->io);
	ev_timer_stop(loop_of(client), &client->limit);
	while (client->first != NULL)
		free_message(client);
	if (client->previous != NULL)
		client->previous->next = client->next;
	else
		control->oldest = client->next;
	if (client->next != NULL)
		client->next->previous = client->previous;
	else
		control->newest = client->previous;
	control->count--;
	if (!client->is_kept)
		close(client->io.fd);
	free(client);
}

/* A command that has let go of its client shall not hear of it again. */
static void forget_wait(control_client_t *client)
{
	client->wait = (control_wait_t){ .on_gone = NULL };
}

static void tell_gone(control_client_t *client)
{
	control_wait_t wait = client->wait;

	forget_wait(client);
	if (wait.on_gone != NULL)
		wait.on_gone(wait.context);
}

void control_client_drop(control_client_t *client)
{
	tell_gone(client);
	control_client_close(client);
}

/* Gives the kernel as much of a message as it takes. Returns false when the client is gone. */
static bool send_some(control_client_t *client, control_message_t *message)
{
	ssize_t sent = passed_descriptors_send(
		client->io.fd, message->text + message->sent, message->size - message->sent,
		message->fds, message->sent == 0 ? message->fd_count : 0, MSG_DONTWAIT);

	if (sent < 0)
		return errno == EAGAIN || errno == EINTR;
	message->sent += (size_t)sent;
	return true;
}

/* Sends what can be sent at once. Returns false when the client is gone. */
static bool send_messages(control_client_t *client)
{
	while (client->first != NULL) {
		control_message_t *message = client->first;
		size_t before = message->sent;

		if (!send_some(client, message))
			return false;
		if (message->sent == before)
			return true;
		if (message->sent == message->size)
			free_message(client);
	}
	return true;
}

/* Puts a message at the end of those that there are, and takes the object over. */
static bool queue(control_client_t *client, json_t *object, const int *fds, size_t count)
{
	control_t *control = client->control;
	control_message_t *message = malloc(sizeof(*message) + count * sizeof(message->fds[0]));
	char *text =
		object != NULL ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;

	json_decref(object);
	if (message == NULL || text == NULL) {
		free(message);
		free(text);
		return false;
	}
	*message = (control_message_t){
		.text = text,
		.size = strlen(text) + 1,
		.fd_count = count,
	};
	text[message->size - 1] = '\n';
	if (count > 0)
		memcpy(message->fds, fds, count * sizeof(message->fds[0]));
	*client->last = message;
	client->last = &message->next;
	control->reply_bytes += message->size;
	return true;
}

/* Sends what is queued, and then ends the connection. */
static void finish(control_client_t *client)
{
	client->state = CONTROL_SENDING;
	if (!send_messages(client) || client->first == NULL) {
		control_client_close(client);
		return;
	}
	limit_time(client, client->control->setup.limits.reply_s);
	watch(client);
}

static json_t *error_object(const char *text)
{
	return json_pack("{s:o}", "error", json_text(text));
}

void control_reply(control_client_t *client, json_t *reply)
{
	control_t *control = client->control;
	bool is_queued;

	forget_wait(client);
	is_queued = queue(client, reply, NULL, 0);
	if (!is_queued)
		is_queued =
			queue(client, error_object("spurnd has no memory for the reply"), NULL, 0);
	/* Many who ask and do not read must not cost more memory than the lists. */
	if (is_queued && client->first->next == NULL &&
	    control->reply_bytes > control->setup.limits.reply_bytes &&
	    control->reply_bytes > client->first->size) {
		free_message(client);
		(void)queue(client,
			    error_object("too many clients do not take their replies; try again"),
			    NULL, 0);
	}
	finish(client);
}

void control_reply_keep(control_client_t *client, json_t *reply)
{
	client->is_kept = true;
	control_reply(client, reply);
}

void control_refuse(control_client_t *client, const char *format, ...)
{
	char text[REFUSAL_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	control_reply(client, error_object(text));
}

void control_wait(control_client_t *client, const control_wait_t *wait)
{
	client->wait = *wait;
}

bool control_send(control_client_t *client, json_t *message, const int *fds, size_t count)
{
	if (!queue(client, message, fds, count))
		return false;
	watch(client);
	return true;
}

bool control_is_sent(const control_client_t *client)
{
	return client->first == NULL;
}

bool control_client_is_of(const control_client_t *client, uid_t *uid, pid_t *pid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(client->io.fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		return false;
	*uid = peer.uid;
	*pid = peer.pid;
	return true;
}

/* Runs the command in the buffer, or lets it wait for the next iteration of the loop: to tell of fifty
 * thousand zones takes a tenth of a second, and TCP shall not wait for a crowd that wants to know. The
 * client may be gone then. */
static void run_command(control_client_t *client)
{
	control_t *control = client->control;
	char line[CONTROL_LINE_MAX];

	if (control->ran == ev_iteration(loop_of(client))) {
		limit_time(client, 0);
		return;
	}
	control->ran = ev_iteration(loop_of(client));
	client->state = CONTROL_WAITING;
	strcpy(line, client->line);
	watch(client);
	control_run_command(client, line);
}

/* Deals with one line, which stands in the buffer. The client may be gone then. */
static void take_line(control_client_t *client, size_t size)
{
	char line[CONTROL_LINE_MAX];
	size_t rest = client->line_size - (size + 1);

	client->line[size] = '\0';
	if (client->state == CONTROL_ASKING && rest == 0) {
		client->line_size = 0;
		client->state = CONTROL_READY;
		ev_timer_stop(loop_of(client), &client->limit);
		watch(client);
		run_command(client);
		return;
	}
	memcpy(line, client->line, size + 1);
	memmove(client->line, client->line + size + 1, rest);
	client->line_size = rest;
	if (client->state == CONTROL_WAITING && client->wait.on_line != NULL) {
		if (rest > 0)
			ev_feed_event(loop_of(client), &client->io, EV_READ);
		client->wait.on_line(client->wait.context, line);
	} else {
		tell_gone(client);
		control_refuse(client, "one command on one line, please, and no more than that");
	}
}

/* The client will say nothing more. */
static void take_end(control_client_t *client)
{
	struct pollfd end = { .fd = client->io.fd };

	if (client->state == CONTROL_ASKING && client->line_size > 0) {
		/* Half a command may be quite another one. */
		control_refuse(client, "the line does not end in a newline");
	} else if (client->state == CONTROL_ASKING || client->wait.on_line != NULL ||
		   (poll(&end, 1, 0) > 0 && (end.revents & (POLLHUP | POLLERR)) != 0)) {
		control_client_drop(client);
	} else {
		client->is_half_closed = true;
		watch(client);
	}
}

/* Receives with whatever descriptors there are. */
static ssize_t receive_with_rights(control_client_t *client, char *at, size_t room)
{
	passed_descriptors_t passed;
	ssize_t size = passed_descriptors_receive(client->io.fd, at, room, 0, &passed);

	if (passed.count > 0)
		client->wait.on_descriptors(client->wait.context, passed.fds, passed.count);
	return size;
}

/* Takes the next line, or what there is of it. The client may be gone then. */
static void receive(control_client_t *client)
{
	char *end = memchr(client->line, '\n', client->line_size);
	ssize_t size;

	if (end == NULL) {
		char *at = client->line + client->line_size;
		size_t room = sizeof(client->line) - client->line_size;

		size = client->wait.on_descriptors != NULL ? receive_with_rights(client, at, room)
							   : recv(client->io.fd, at, room, 0);
		if (size == 0) {
			take_end(client);
			return;
		}
		if (size < 0) {
			if (errno != EAGAIN && errno != EINTR)
				control_client_drop(client);
			return;
		}
		client->line_size += (size_t)size;
		end = memchr(at, '\n', (size_t)size);
	}
	if (end != NULL) {
		take_line(client, (size_t)(end - client->line));
	} else if (client->line_size == sizeof(client->line)) {
		tell_gone(client);
		control_refuse(client, "a line has at most %d bytes", CONTROL_LINE_MAX - 1);
	}
}

static void on_ready(struct ev_loop *loop, ev_io *io, int events)
{
	control_client_t *client = io->data;

	(void)loop;
	if ((events & EV_WRITE) != 0) {
		if (!send_messages(client)) {
			control_client_drop(client);
			return;
		}
		if (client->state == CONTROL_SENDING && client->first == NULL) {
			control_client_close(client);
			return;
		}
		watch(client);
	}
	if ((events & EV_READ) != 0 && (client->io.events & EV_READ) != 0)
		receive(client);
}

static void on_limit(struct ev_loop *loop, ev_timer *timer, int events)
{
	control_client_t *client = timer->data;

	(void)loop;
	(void)events;
	if (client->state == CONTROL_READY)
		run_command(client);
	else if (client->state == CONTROL_ASKING)
		control_refuse(client, "no command came within %g seconds",
			       client->control->setup.limits.line_s);
	else
		control_client_close(client);
}

control_client_t *control_client_open(control_t *control, int fd)
{
	control_client_t *client = calloc(1, sizeof(*client));

	if (client == NULL) {
		close(fd);
		return NULL;
	}
	client->control = control;
	client->last = &client->first;
	client->previous = control->newest;
	if (control->newest != NULL)
		control->newest->next = client;
	else
		control->oldest = client;
	control->newest = client;
	control->count++;
	ev_io_init(&client->io, on_ready, fd, EV_READ);
	client->io.data = client;
	ev_timer_init(&client->limit, on_limit, 0, 0);
	client->limit.data = client;
	limit_time(client, control->setup.limits.line_s);
	watch(client);
	return client;
}
