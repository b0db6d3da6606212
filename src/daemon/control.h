/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_CONTROL_H
#define SPURN_DAEMON_CONTROL_H

#include <ev.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/error.h"

/* What is said on the control socket. A client connects, sends one line, a command with its
 * arguments, and gets one JSON object on a line, and the end of the connection:
 *
 *     drain --off          {"draining": false}
 *     nonsense             {"error": "there is no command 'nonsense'; there are: drain, ..."}
 *
 * Nothing here waits for a client: lines and replies come and go as they can, within limits of
 * number, size and time. All functions are for the loop's thread. */
typedef struct control control_t;

/* A client, between its command and its reply. */
typedef struct control_client control_client_t;

/* Clients at a time, unless a test wants less. */
#define CONTROL_CLIENTS_MAX 250
/* Clients for which there always is a descriptor, whoever has all others; more may have to wait. */
#define CONTROL_CLIENTS_SURE 32
/* Clients that may knock before one is let in: what a storm of `spurn reload` comes to. */
#define CONTROL_BACKLOG 128
/* Bytes of a line; a zone's name has 1004 at most. */
#define CONTROL_LINE_MAX 2048
/* Words of a command with its arguments. */
#define CONTROL_WORDS_MAX 8

/* A command. `run` is called when `client` has asked for it with the arguments words[0..count),
 * words[count] being NULL. It calls control_reply or control_refuse, at once or later; if later, it
 * calls control_wait at once. */
typedef struct control_command {
	const char *name;
	void (*run)(void *context, control_client_t *client, char *const *words, size_t count);
} control_command_t;

/* What clients may take; plain data. */
typedef struct control_limits {
	/* At a time. One more takes the place of the one that has been silent the longest, or else
	 * has not taken its reply; if all wait for something, it is told that there are too many. */
	size_t clients;
	size_t reply_bytes; /* of all replies that wait to be taken, but for one that is alone */
	double line_s;      /* from connecting to the end of the line */
	double reply_s;     /* until a reply has been taken */
} control_limits_t;

extern const control_limits_t control_default_limits;

typedef struct control_setup {
	struct ev_loop *loop;
	int listener; /* bound, not blocking; listens from control_start on */
	const control_command_t *commands;
	size_t command_count;
	void *context; /* of the commands */
	control_limits_t limits;
} control_setup_t;

/* Lets clients in. The descriptor stays the caller's. The caller stops and frees `*control`. Returns
 * ERR_OK, ERR_NOMEM or an errno value. */
err_t control_start(const control_setup_t *setup,
		    control_t **control) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Lets nobody in any more; who is in goes on. */
void control_close(control_t *control) ATTR_NONNULL_ALL;

/* Lets nobody in any more, and ends all connections: who waits is told that spurnd ends. Those of
 * control_reply_keep stay open until the process ends. No client is of use afterwards. NULL is fine.
 */
void control_stop(control_t *control);

/* Frees a stopped one. NULL is fine. */
void control_free(control_t *control);

/* Answers with a JSON object, which is taken over, and ends the connection when it has been taken.
 * The client is of no use afterwards. NULL stands for one for which there was no memory. */
void control_reply(control_client_t *client, json_t *reply) ATTR_NONNULL(1);

/* The same with {"error": ...}: what is wrong and what to do about it. */
void control_refuse(control_client_t *client, const char *format, ...) ATTR_NONNULL(1)
	ATTR_PRINTF(2, 3);

/* What happens to a client that waits for its reply. */
typedef struct control_wait {
	/* The client has gone away; it is of no use afterwards. Also called by control_stop. */
	void (*on_gone)(void *context);
	/* It has said one more line. NULL: it must not, and is refused if it does, after on_gone. */
	void (*on_line)(void *context, char *line);
	/* It has sent descriptors, before the line with which they came; they belong to the one who is
	 * called. NULL: nobody gets any. */
	void (*on_descriptors)(void *context, const int *fds, size_t count);
	void *context;
} control_wait_t;

/* Keeps the client until it is answered. A client that ends its side of the connection only (nc -N)
 * is not gone, unless there is an `on_line`. */
void control_wait(control_client_t *client, const control_wait_t *wait) ATTR_NONNULL_ALL;

/* For a client that waits: a line before the reply, a JSON object, which is taken over, and
 * fds[0..count) with it, copies of them that the kernel makes later: they must stay open until
 * control_is_sent. At most PASSED_DESCRIPTORS_MAX at a time. Returns false if there is no memory. */
bool control_send(control_client_t *client, json_t *message, const int *fds, size_t count)
	ATTR_NONNULL(1, 2) ATTR_NODISCARD;

/* Has the client taken all that was sent to it? */
bool control_is_sent(const control_client_t *client) ATTR_NONNULL_ALL;

/* As control_reply, but the connection stays open until the process ends, so that its end tells the
 * client of that. */
void control_reply_keep(control_client_t *client, json_t *reply) ATTR_NONNULL(1);

/* Who the client is: the user and process that connected. Returns false if the system cannot tell. */
bool control_client_is_of(const control_client_t *client, uid_t *uid,
			  pid_t *pid) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
