/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/line_reader.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

/* Bytes read at once. Larger ones measured no faster; it must hold more than one longest line. */
#define CHUNK_SIZE (256 * 1024)
_Static_assert(CHUNK_SIZE > 2 * LINE_MAX_SIZE, "a chunk holds a longest line and its end");

/* Files smaller than this load before anyone could read a progress message. */
#define PROGRESS_MIN_SIZE (16u * 1024 * 1024)
/* Bytes from one progress message to the next: some ten per second. */
#define PROGRESS_STEP (4u * 1024 * 1024)

struct line_reader {
	const char *path;
	int fd;
	err_t error;
	file_stamp_t stamp;
	uint64_t consumed; /* bytes read from the file */
	uint64_t progress; /* `consumed` at the next progress message */
	unsigned number;
	bool is_cut;
	bool is_at_end;
	const char *line; /* the line read last, as it stands in the file, without its LF */
	const char *line_end;
	char *next; /* rest of the buffer that has not been given out */
	char *end;
	char buffer[CHUNK_SIZE];
};

static file_stamp_t stamp_from_stat(const struct stat *st)
{
	return (file_stamp_t){
		.device = st->st_dev,
		.inode = st->st_ino,
		.size = (uint64_t)st->st_size,
		.modified = st->st_mtim,
	};
}

err_t file_stamp_get(const char *path, file_stamp_t *stamp)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_from_errno();
	*stamp = stamp_from_stat(&st);
	return ERR_OK;
}

bool file_stamp_is_equal(const file_stamp_t *a, const file_stamp_t *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->modified.tv_sec == b->modified.tv_sec &&
	       a->modified.tv_nsec == b->modified.tv_nsec;
}

static void show_progress(line_reader_t *reader)
{
	if (reader->stamp.size < PROGRESS_MIN_SIZE || reader->consumed < reader->progress)
		return;
	reader->progress = reader->consumed + PROGRESS_STEP;
	log_progress("reading %s: %u %%", reader->path,
		     (unsigned)(reader->consumed * 100 / reader->stamp.size));
}

/* Moves what is left of the buffer to its front and reads more behind it. */
static void refill(line_reader_t *reader)
{
	size_t left = (size_t)(reader->end - reader->next);

	memmove(reader->buffer, reader->next, left);
	reader->next = reader->buffer;
	reader->end = reader->buffer + left;
	ssize_t got;
	do {
		got = read(reader->fd, reader->end, CHUNK_SIZE - left);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		reader->error = err_from_errno();
	if (got <= 0) {
		reader->is_at_end = true;
		return;
	}
	reader->end += got;
	reader->consumed += (uint64_t)got;
	show_progress(reader);
}

static bool is_compressed(const line_reader_t *reader)
{
	static const char gzip[] = { '\x1f', '\x8b' };
	static const char zstd[] = { '\x28', '\xb5', '\x2f', '\xfd' };
	size_t size = (size_t)(reader->end - reader->next);

	return (size >= sizeof(gzip) && memcmp(reader->next, gzip, sizeof(gzip)) == 0) ||
	       (size >= sizeof(zstd) && memcmp(reader->next, zstd, sizeof(zstd)) == 0);
}

/* Takes the stamp of the open file and looks at its first bytes. */
static err_t inspect(line_reader_t *reader)
{
	struct stat st;

	if (fstat(reader->fd, &st) != 0)
		return err_from_errno();
	if (S_ISDIR(st.st_mode))
		return (err_t)-EISDIR;
	if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
		return ERR_INVAL;
	reader->stamp = stamp_from_stat(&st);
	refill(reader);
	if (reader->error != ERR_OK)
		return reader->error;
	/* /dev/null is an empty list, as people use it; of other devices nobody knows the end. */
	if (S_ISCHR(st.st_mode) && !reader->is_at_end)
		return ERR_INVAL;
	return is_compressed(reader) ? ERR_UNSUPPORTED : ERR_OK;
}

err_t line_reader_open(const char *path, line_reader_t **opened, file_stamp_t *stamp)
{
	line_reader_t *reader = malloc(sizeof(*reader));

	if (reader == NULL)
		return ERR_NOMEM;
	memset(reader, 0, offsetof(line_reader_t, buffer));
	reader->path = path;
	reader->next = reader->end = reader->buffer;
	/* Non-blocking, so that a FIFO in the place of a file cannot hold a reload for ever. */
	reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	err_t err = reader->fd < 0 ? err_from_errno() : inspect(reader);
	if (err != ERR_OK) {
		line_reader_close(reader);
		return err;
	}
	(void)posix_fadvise(reader->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	*stamp = reader->stamp;
	*opened = reader;
	return ERR_OK;
}

void line_reader_close(line_reader_t *reader)
{
	if (reader == NULL)
		return;
	if (reader->fd >= 0)
		close(reader->fd);
	free(reader);
}

/* The end of the line at `next`: its LF, or where it is cut, or the end of the file. */
static char *find_end(line_reader_t *reader)
{
	for (;;) {
		size_t size = (size_t)(reader->end - reader->next);
		char *end = memchr(reader->next, '\n', size);
		if (end != NULL || size > LINE_MAX_SIZE || reader->is_at_end)
			return end != NULL ? end : reader->end;
		refill(reader);
	}
}

/* Drops everything up to and with the next LF. */
static void skip_rest_of_line(line_reader_t *reader)
{
	for (;;) {
		char *end = memchr(reader->next, '\n', (size_t)(reader->end - reader->next));
		if (end != NULL) {
			reader->next = end + 1;
			return;
		}
		reader->next = reader->end;
		if (reader->is_at_end)
			return;
		refill(reader);
	}
}

static text_t trim(const char *start, const char *end)
{
	const char *nul = memchr(start, '\0', (size_t)(end - start));

	if (nul != NULL)
		end = nul;
	else if (end != start && end[-1] == '\r')
		end--;
	while (start != end && text_is_blank(*start))
		start++;
	while (start != end && text_is_blank(end[-1]))
		end--;
	return (text_t){ start, end };
}

bool line_reader_next(line_reader_t *reader, text_t *line)
{
	if (reader->is_cut)
		skip_rest_of_line(reader);
	char *end = find_end(reader);
	if (reader->error != ERR_OK || (end == reader->next && end == reader->end))
		return false;

	reader->number++;
	reader->is_cut = end - reader->next > LINE_MAX_SIZE;
	if (reader->is_cut)
		end = reader->next + LINE_MAX_SIZE;
	reader->line = reader->next;
	reader->line_end = end;
	*line = trim(reader->next, end);
	reader->next = end;
	if (!reader->is_cut && end != reader->end)
		reader->next++; /* the LF itself */
	return true;
}

unsigned line_reader_number(const line_reader_t *reader)
{
	return reader->number;
}

bool line_reader_is_cut(const line_reader_t *reader)
{
	return reader->is_cut;
}

line_marks_t line_reader_marks(const line_reader_t *reader)
{
	const char *line = reader->line;
	const char *end = reader->line_end;

	return (line_marks_t){
		.has_cr = end != line && end[-1] == '\r',
		.has_nul = memchr(line, '\0', (size_t)(end - line)) != NULL,
		.has_newline = reader->is_cut || reader->next != end,
	};
}

unsigned line_reader_column(const line_reader_t *reader, const char *at)
{
	return (unsigned)(at - reader->line) + 1;
}

err_t line_reader_finish(line_reader_t *reader)
{
	struct stat st;
	file_stamp_t now;

	if (reader->error != ERR_OK)
		return reader->error;
	if (fstat(reader->fd, &st) != 0)
		return err_from_errno();
	now = stamp_from_stat(&st);
	if (!file_stamp_is_equal(&now, &reader->stamp) || reader->consumed != reader->stamp.size)
		return ERR_CHANGED;
	return ERR_OK;
}
