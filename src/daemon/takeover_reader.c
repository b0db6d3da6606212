/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/takeover_reader.h"

#include <string.h>
#include <sys/socket.h>
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

/* Keeps the descriptors of one control message. */
static err_t keep(takeover_reader_t *reader, struct cmsghdr *control)
{
	size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	err_t err = ERR_OK;

	if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS)
		return ERR_OK;
	for (size_t i = 0; i < count; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(control) + i * sizeof(fd), sizeof(fd));
		if (reader->fd_count < COUNT_OF(reader->fds)) {
			reader->fds[reader->fd_count++] = fd;
		} else {
			close(fd);
			err = ERR_SYNTAX;
		}
	}
	return err;
}

err_t takeover_reader_receive(takeover_reader_t *reader, size_t most, int flags)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int) * CONTROL_DESCRIPTORS_MAX)];
	} rights;
	size_t room = sizeof(reader->text) - reader->size;
	struct iovec piece = { reader->text + reader->size, most < room ? most : room };
	struct msghdr header = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &rights,
		.msg_controllen = sizeof(rights),
	};
	err_t err = ERR_OK;
	ssize_t size;

	if (room == 0)
		return ERR_SYNTAX;
	do {
		size = recvmsg(reader->fd, &header, MSG_CMSG_CLOEXEC | flags);
	} while (size < 0 && errno == EINTR);
	if (size < 0)
		return err_from_errno();
	reader->size += (size_t)size;
	reader->is_ended = size == 0;
	for (struct cmsghdr *control = CMSG_FIRSTHDR(&header); control != NULL && err == ERR_OK;
	     control = CMSG_NXTHDR(&header, control))
		err = keep(reader, control);
	if (err == ERR_OK && (header.msg_flags & MSG_CTRUNC) != 0)
		err = (err_t)-EMFILE;
	return err;
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
