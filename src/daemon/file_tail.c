/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/file_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opens a regular file. Returns its descriptor, or -1. */
static int open_regular(const char *path, struct stat *st)
{
	/* A named pipe shall not keep us waiting. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && (fstat(fd, st) != 0 || !S_ISREG(st->st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Reads `count` bytes at `offset`, all or none. */
static bool read_at(int fd, void *bytes, size_t count, uint64_t offset)
{
	ssize_t got;

	do {
		got = pread(fd, bytes, count, (off_t)offset);
	} while (got < 0 && errno == EINTR);
	return got == (ssize_t)count;
}

void file_tail_take(const char *path, file_tail_t *tail)
{
	struct stat st;
	int fd = open_regular(path, &st);

	tail->size = 0;
	if (fd < 0)
		return;
	uint64_t size = (uint64_t)st.st_size;
	tail->count = size < FILE_TAIL_SIZE ? (size_t)size : FILE_TAIL_SIZE;
	if (read_at(fd, tail->bytes, tail->count, size - tail->count)) {
		tail->device = st.st_dev;
		tail->inode = st.st_ino;
		tail->size = size;
	}
	close(fd);
}

bool file_tail_has_grown(const char *path, const file_tail_t *tail)
{
	uint8_t bytes[FILE_TAIL_SIZE];
	struct stat st;
	uint8_t last;

	if (tail->size == 0)
		return false;
	int fd = open_regular(path, &st);
	if (fd < 0)
		return false;
	bool has_grown = st.st_dev == tail->device && st.st_ino == tail->inode &&
			 (uint64_t)st.st_size > tail->size &&
			 read_at(fd, bytes, tail->count, tail->size - tail->count) &&
			 memcmp(bytes, tail->bytes, tail->count) == 0 &&
			 read_at(fd, &last, 1, (uint64_t)st.st_size - 1) && last == '\n';
	close(fd);
	return has_grown;
}
