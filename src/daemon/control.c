/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/control_client.h"

/* Clients that are let in before it is the others' turn. */
#define ACCEPTS_MAX 32
/* Seconds until the next try, when the system has no descriptors or memory for a client. */
#define PAUSE_S 0.1
/* Seconds between two complaints about that. */
#define COMPLAINT_S 60
/* Bytes of a list of all commands. */
#define NAMES_MAX 512

const control_limits_t control_default_limits = {
	.clients = CONTROL_CLIENTS_MAX,
	/* Some hundred thousand zones. */
	.reply_bytes = 64 << 20,
	.line_s = 10,
	.reply_s = 60,
};

/* Cuts a line at blanks. Returns how many words there are, of which CONTROL_WORDS_MAX are in words[],
 * which ends with NULL. */
static size_t cut(char *line, char *words[CONTROL_WORDS_MAX + 1])
{
	size_t count = 0;
	char *rest = NULL;

	for (char *word = strtok_r(line, " \t\r", &rest); word != NULL;
	     word = strtok_r(NULL, " \t\r", &rest)) {
		if (count < CONTROL_WORDS_MAX)
			words[count] = word;
		count++;
	}
	words[count < CONTROL_WORDS_MAX ? count : CONTROL_WORDS_MAX] = NULL;
	return count;
}

static void refuse_name(control_client_t *client, const char *name)
{
	const control_setup_t *setup = &client->control->setup;
	char names[NAMES_MAX] = "";
	size_t size = 0;

	for (size_t i = 0; i < setup->command_count && size < sizeof(names); i++)
		size += (size_t)snprintf(names + size, sizeof(names) - size, "%s%s",
					 i > 0 ? ", " : "", setup->commands[i].name);
	control_refuse(client, "there is no command '%s'; there are: %s", name, names);
}

void control_run_command(control_client_t *client, char *line)
{
	const control_setup_t *setup = &client->control->setup;
	char *words[CONTROL_WORDS_MAX + 1];
	size_t count = cut(line, words);

	if (count == 0 || count > CONTROL_WORDS_MAX) {
		control_refuse(client, "the line has %s",
			       count == 0 ? "no command" : "too many words");
		return;
	}
	for (size_t i = 0; i < setup->command_count; i++) {
		if (strcmp(setup->commands[i].name, words[0]) == 0) {
			setup->commands[i].run(setup->context, client, words + 1, count - 1);
			return;
		}
	}
	refuse_name(client, words[0]);
}

/* Makes room for a new client, if there is none. Returns whether there is then. */
static bool make_room(control_t *control)
{
	control_client_t *client = control->oldest;

	if (control->count < control->setup.limits.clients)
		return true;
	while (client != NULL && client->state != CONTROL_ASKING)
		client = client->next;
	if (client != NULL) {
		control_refuse(client, "others want to ask, and this client has said nothing");
		return true;
	}
	client = control->oldest;
	while (client != NULL && client->state != CONTROL_SENDING)
		client = client->next;
	if (client != NULL)
		control_client_close(client);
	return client != NULL;
}

static void pause_listener(control_t *control, err_t err)
{
	double now_s = clock_monotonic_s();

	ev_io_stop(control->setup.loop, &control->listener);
	ev_timer_set(&control->pause, PAUSE_S, 0);
	ev_timer_start(control->setup.loop, &control->pause);
	if (control->complained_s != 0 && now_s - control->complained_s < COMPLAINT_S)
		return;
	control->complained_s = now_s;
	log_warning("the control socket cannot take a client: %s (ulimit -n, fs.file-max)",
		    err_text(err));
}

static void on_pause_end(struct ev_loop *loop, ev_timer *timer, int events)
{
	control_t *control = timer->data;

	(void)events;
	ev_io_start(loop, &control->listener);
}

/* Lets one client in. Returns whether to look for another one. */
static bool accept_one(control_t *control)
{
	int fd = accept4(control->listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	bool has_room;
	control_client_t *client;

	if (fd < 0) {
		if (errno == EINTR || errno == ECONNABORTED)
			return true;
		if (errno != EAGAIN)
			pause_listener(control, err_from_errno());
		return false;
	}
	has_room = make_room(control);
	client = control_client_open(control, fd);
	if (client == NULL)
		pause_listener(control, ERR_NOMEM);
	else if (!has_room)
		control_refuse(client, "%zu clients are being served already; try again later",
			       control->setup.limits.clients);
	return client != NULL;
}

static void on_incoming(struct ev_loop *loop, ev_io *io, int events)
{
	(void)loop;
	(void)events;
	for (unsigned i = 0; i < ACCEPTS_MAX && accept_one(io->data); i++)
		continue;
}

err_t control_start(const control_setup_t *setup, control_t **control)
{
	control_t *made = calloc(1, sizeof(*made));

	if (made == NULL)
		return ERR_NOMEM;
	/* Once more if it does so already: clients are told who listens (SO_PEERCRED), and that may
	 * have been another process until now. */
	if (listen(setup->listener, CONTROL_BACKLOG) != 0) {
		free(made);
		return err_from_errno();
	}
	made->setup = *setup;
	made->ran = ev_iteration(setup->loop) - 1;
	ev_io_init(&made->listener, on_incoming, setup->listener, EV_READ);
	made->listener.data = made;
	ev_timer_init(&made->pause, on_pause_end, 0, 0);
	made->pause.data = made;
	ev_io_start(setup->loop, &made->listener);
	*control = made;
	return ERR_OK;
}

void control_close(control_t *control)
{
	ev_io_stop(control->setup.loop, &control->listener);
	ev_timer_stop(control->setup.loop, &control->pause);
}

void control_stop(control_t *control)
{
	if (control == NULL)
		return;
	control_close(control);
	while (control->oldest != NULL) {
		control_client_t *client = control->oldest;

		if (client->state == CONTROL_SENDING) {
			control_client_close(client);
			continue;
		}
		if (client->wait.on_gone != NULL)
			client->wait.on_gone(client->wait.context);
		control_refuse(client, "spurnd is stopping");
		/* If that could not be said at once, it is not said. */
		if (control->oldest == client)
			control_client_close(client);
	}
}

void control_free(control_t *control)
{
	free(control);
}
