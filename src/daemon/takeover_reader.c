/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/takeover_reader.h"

#include <string.h>
#include <unistd.h>

void takeover_reader_init(takeover_reader_t *reader, int fd)
{
	reader->fd = fd;
	reader->is_ended = false;
	reader->size = 0;
	reader->fd_count = 0;
}

void takeover_reader_clear(takeover_reader_t *reader)
{
	for (size_t i = 0; i < reader->fd_count; i++)
		close(reader->fds[i]);
	reader->fd_count = 0;
}

/* Keeps what has come, as far as there is room. */
static err_t keep(takeover_reader_t *reader, const passed_descriptors_t *passed)
{
	err_t err = passed->is_cut ? (err_t)-EMFILE : ERR_OK;

	for (size_t i = 0; i < passed->count; i++) {
		if (reader->fd_count < COUNT_OF(reader->fds)) {
			reader->fds[reader->fd_count++] = passed->fds[i];
		} else {
			close(passed->fds[i]);
			err = ERR_SYNTAX;
		}
	}
	return err;
}

err_t takeover_reader_receive(takeover_reader_t *reader, size_t most, int flags)
{
	size_t room = sizeof(reader->text) - reader->size;
	passed_descriptors_t passed;
	ssize_t size;

	if (room == 0)
		return ERR_SYNTAX;
	do {
		size = passed_descriptors_receive(reader->fd, reader->text + reader->size,
						  most < room ? most : room, flags, &passed);
	} while (size < 0 && errno == EINTR);
	if (size < 0)
		return err_from_errno();
	reader->size += (size_t)size;
	reader->is_ended = size == 0;
	return keep(reader, &passed);
}

bool takeover_reader_next(takeover_reader_t *reader, json_t **line)
{
	char *end = memchr(reader->text, '\n', reader->size);
	size_t size;

	if (end == NULL)
		return false;
	size = (size_t)(end - reader->text);
	*line = json_loadb(reader->text, size, 0, NULL);
	if (!json_is_object(*line)) {
		json_decref(*line);
		*line = NULL;
	}
	reader->size -= size + 1;
	memmove(reader->text, end + 1, reader->size);
	return true;
}

int takeover_reader_take(takeover_reader_t *reader)
{
	int fd;

	if (reader->fd_count == 0)
		return -1;
	fd = reader->fds[0];
	reader->fd_count--;
	memmove(reader->fds, reader->fds + 1, reader->fd_count * sizeof(reader->fds[0]));
	return fd;
}
