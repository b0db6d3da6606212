/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_TAKEOVER_READER_H
#define SPURN_DAEMON_TAKEOVER_READER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "net/passed_descriptors.h"

/* Reads what a predecessor says (daemon/takeover.h): JSON objects, a line each, and the descriptors
 * that come with them. One thread. */

/* Bytes of a line: half a query of the longest kind in hexadecimal digits, or a long refusal. */
#define TAKEOVER_LINE_MAX 16384

/* Plain data, but for the descriptors. */
typedef struct takeover_reader {
	int fd;        /* a Unix socket; not the reader's own */
	bool is_ended; /* nothing more will come */
	size_t size;
	char text[TAKEOVER_LINE_MAX];
	/* Received and not taken yet; those of two messages at most, for each line is taken with its
	 * own before more is received. */
	size_t fd_count;
	int fds[2 * PASSED_DESCRIPTORS_MAX];
} takeover_reader_t;

/* Makes it ready for `fd`. */
void takeover_reader_init(takeover_reader_t *reader, int fd) ATTR_NONNULL_ALL;

/* Closes the descriptors that nobody took. */
void takeover_reader_clear(takeover_reader_t *reader) ATTR_NONNULL_ALL;

/* Receives what is there, `most` bytes at most; with MSG_DONTWAIT in `flags` it does not wait. All
 * lines that are complete must have been taken. Returns ERR_OK, also at the end; ERR_SYNTAX when a line
 * is too long; -EMFILE when there was no room for all descriptors; -EAGAIN when nothing is there, or
 * came in the time that the socket gives it; or another errno value. */
err_t takeover_reader_receive(takeover_reader_t *reader, size_t most,
			      int flags) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Takes the next line, if it is complete. `*line` is what it says, the caller's own; NULL if it is no
 * JSON object. Returns false if there is none. */
bool takeover_reader_next(takeover_reader_t *reader, json_t **line) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Takes the next descriptor, which the caller closes; -1: there is none. */
int takeover_reader_take(takeover_reader_t *reader) ATTR_NONNULL_ALL;

#endif
