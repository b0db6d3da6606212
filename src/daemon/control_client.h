/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_CONTROL_CLIENT_H
#define SPURN_DAEMON_CONTROL_CLIENT_H

#include "daemon/control.h"

/* The connection of one client; between control.c, which lets clients in, and control_client.c. */

typedef enum control_state {
	CONTROL_ASKING,  /* its line is not complete yet */
	CONTROL_READY,   /* it is, and it is others' turn before */
	CONTROL_WAITING, /* a command is about to answer it */
	CONTROL_SENDING, /* it has its reply, and takes it */
} control_state_t;

/* One message that is on its way to a client. */
typedef struct control_message {
	struct control_message *next;
	char *text; /* of jansson's malloc */
	size_t size;
	size_t sent;
	size_t fd_count;
	int fds[]; /* go with the first byte */
} control_message_t;

struct control_client {
	control_t *control;
	control_client_t *previous; /* who came before it */
	control_client_t *next;
	control_state_t state;
	bool is_half_closed; /* it will say nothing more */
	bool is_kept;        /* stays open when all has been sent */
	ev_io io;
	ev_timer limit;
	control_wait_t wait;
	control_message_t *first;
	control_message_t **last;
	size_t line_size;
	char line[CONTROL_LINE_MAX];
};

struct control {
	control_setup_t setup;
	ev_io listener;
	ev_timer pause;
	double complained_s; /* 0: never */
	size_t count;
	control_client_t *oldest; /* in the order of their coming */
	control_client_t *newest;
	unsigned ran;       /* the loop's iteration in which a command was run last */
	size_t reply_bytes; /* of all messages that have not been taken */
};

/* Lets a client in, whose connection is `fd`, non-blocking; owned from here on, also on failure.
 * Returns NULL for want of memory. */
control_client_t *control_client_open(control_t *control, int fd) ATTR_NONNULL_ALL;

/* Ends the connection, whatever was still to be said, and frees the client. */
void control_client_close(control_client_t *client) ATTR_NONNULL_ALL;

/* The same, after telling the command that works on it. */
void control_client_drop(control_client_t *client) ATTR_NONNULL_ALL;

/* Finds and runs the command that the client's line asks for. The client may be gone then. */
void control_run_command(control_client_t *client, char *line) ATTR_NONNULL_ALL;

#endif
