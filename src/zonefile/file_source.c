/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/file_source.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "zonefile/compression.h"

/* Bytes of compressed data read at once: what libzstd recommends, and no slower for zlib. */
#define INPUT_SIZE (128 * 1024)

struct file_source {
	int fd;
	bool is_at_end; /* all of the file has been read */
	file_stamp_t stamp;
	uint64_t consumed;
	uint64_t garbage;

	/* For a compressed file. */
	const compression_t *compression; /* of the stream at hand; NULL: the file is plain */
	void *state;                      /* of `compression` */
	bool is_between;                  /* a stream has ended; another one or the end follows */
	uint8_t *buffer;
	compression_input_t input; /* part of the buffer that has not been decompressed */
};

file_stamp_t file_stamp_of(const struct stat *st)
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
	*stamp = file_stamp_of(&st);
	return ERR_OK;
}

bool file_stamp_is_equal(const file_stamp_t *a, const file_stamp_t *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->modified.tv_sec == b->modified.tv_sec &&
	       a->modified.tv_nsec == b->modified.tv_nsec;
}

file_state_t file_state_get(const char *path)
{
	file_state_t state = { .err = ERR_OK };

	state.err = file_stamp_get(path, &state.stamp);
	return state;
}

bool file_state_is_equal(const file_state_t *a, const file_state_t *b)
{
	return a->err == b->err && (a->err != ERR_OK || file_stamp_is_equal(&a->stamp, &b->stamp));
}

/* Makes ready for streams compressed like that; the state of another way is given up. */
static err_t begin(file_source_t *source, const compression_t *compression)
{
	source->is_between = false;
	if (compression == source->compression)
		return ERR_OK;
	if (source->compression != NULL)
		source->compression->end(source->state);
	source->compression = compression;
	source->state = NULL;
	return compression->begin(&source->state);
}

/* Looks at the first bytes, and leaves them to be read. */
static err_t inspect(file_source_t *source, bool is_device, bool refuse_compressed)
{
	uint8_t magic[COMPRESSION_MAGIC_MAX];
	const compression_t *compression;
	ssize_t got;

	do {
		got = pread(source->fd, magic, sizeof(magic), 0);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_from_errno();
	/* /dev/null is an empty list, as people use it; of other devices nobody knows the end. */
	if (is_device && got > 0)
		return ERR_INVAL;
	err_t err = compression_find(magic, (size_t)got, &compression);
	if (err != ERR_OK || compression == NULL)
		return err;
	if (refuse_compressed)
		return ERR_COMPRESSED;
	source->buffer = malloc(INPUT_SIZE);
	if (source->buffer == NULL)
		return ERR_NOMEM;
	source->input = (compression_input_t){ source->buffer, source->buffer };
	return begin(source, compression);
}

/* Takes the stamp of the open file. */
static err_t open_file(file_source_t *source, bool refuse_compressed)
{
	struct stat st;

	if (fstat(source->fd, &st) != 0)
		return err_from_errno();
	if (S_ISDIR(st.st_mode))
		return (err_t)-EISDIR;
	if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
		return ERR_INVAL;
	source->stamp = file_stamp_of(&st);
	(void)posix_fadvise(source->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return inspect(source, S_ISCHR(st.st_mode), refuse_compressed);
}

err_t file_source_open(const char *path, bool refuse_compressed, file_source_t **opened)
{
	file_source_t *source = calloc(1, sizeof(*source));

	if (source == NULL)
		return ERR_NOMEM;
	/* Non-blocking, so that a FIFO in the place of a file cannot hold a reload for ever. */
	source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	err_t err = source->fd < 0 ? err_from_errno() : open_file(source, refuse_compressed);
	if (err != ERR_OK) {
		file_source_close(source);
		return err;
	}
	*opened = source;
	return ERR_OK;
}

void file_source_close(file_source_t *source)
{
	if (source == NULL)
		return;
	if (source->compression != NULL)
		source->compression->end(source->state);
	if (source->fd >= 0)
		close(source->fd);
	free(source->buffer);
	free(source);
}

/* Reads the file as it is. `*got` is 0 at its end only. */
static err_t read_raw(file_source_t *source, void *bytes, size_t room, size_t *got)
{
	ssize_t count;

	do {
		count = read(source->fd, bytes, room);
	} while (count < 0 && errno == EINTR);
	*got = count > 0 ? (size_t)count : 0;
	if (count < 0)
		return err_from_errno();
	source->is_at_end = count == 0;
	source->consumed += *got;
	return ERR_OK;
}

/* Moves what is left of the input to the front of its buffer and reads more behind it. */
static err_t fill(file_source_t *source)
{
	size_t left = (size_t)(source->input.end - source->input.at);
	size_t got;

	memmove(source->buffer, source->input.at, left);
	source->input.at = source->buffer;
	err_t err = read_raw(source, source->buffer + left, INPUT_SIZE - left, &got);
	source->input.end = source->buffer + left + got;
	return err;
}

/* Sees to it that `size` bytes of input are there, or all up to the end of the file. */
static err_t fill_to(file_source_t *source, size_t size)
{
	err_t err = ERR_OK;

	while (err == ERR_OK && !source->is_at_end &&
	       (size_t)(source->input.end - source->input.at) < size)
		err = fill(source);
	return err;
}

/* Skips zero bytes: what tapes and block devices pad with. */
static err_t skip_zeros(file_source_t *source)
{
	err_t err;

	do {
		err = fill_to(source, 1);
		while (source->input.at != source->input.end && *source->input.at == 0)
			source->input.at++;
	} while (err == ERR_OK && source->input.at == source->input.end && !source->is_at_end);
	return err;
}

/* Reads the rest of the file away, so that its size can be checked. */
static err_t skip_garbage(file_source_t *source)
{
	err_t err;

	do {
		source->garbage += (uint64_t)(source->input.end - source->input.at);
		source->input.at = source->input.end;
		err = fill_to(source, 1);
	} while (err == ERR_OK && source->input.at != source->input.end);
	return err;
}

/* Behind a stream: begins the next one, or comes to the end of the file. */
static err_t go_on(file_source_t *source)
{
	const compression_t *next;
	err_t err = ERR_OK;

	if (source->compression->may_have_garbage)
		err = skip_zeros(source);
	if (err == ERR_OK)
		err = fill_to(source, COMPRESSION_MAGIC_MAX);
	size_t size = (size_t)(source->input.end - source->input.at);
	if (err != ERR_OK || size == 0)
		return err;
	err = compression_find(source->input.at, size, &next);
	if (err != ERR_OK)
		return err;
	if (next != NULL)
		return begin(source, next);
	if (compression_is_cut(source->input.at, size))
		return ERR_TRUNCATED;
	return source->compression->may_have_garbage ? skip_garbage(source) : ERR_CORRUPT;
}

/* Decompresses into bytes[0..room), at least one byte unless the data or the stream end. */
static err_t decompress(file_source_t *source, uint8_t *bytes, size_t room, size_t *got)
{
	compression_output_t output = { bytes, bytes + room };
	err_t err = ERR_OK;

	*got = 0;
	while (err == ERR_OK && *got == 0 && !source->is_between) {
		err = fill_to(source, 1);
		bool has_input = source->input.at != source->input.end;
		if (err == ERR_OK)
			err = source->compression->decompress(source->state, &source->input,
							      &output, &source->is_between);
		*got = (size_t)(output.at - bytes);
		if (err == ERR_OK && *got == 0 && !has_input && !source->is_between)
			return ERR_TRUNCATED;
	}
	return err;
}

err_t file_source_read(file_source_t *source, void *bytes, size_t room, size_t *got)
{
	err_t err = ERR_OK;

	if (source->compression == NULL)
		return read_raw(source, bytes, room, got);
	*got = 0;
	while (err == ERR_OK && *got == 0) {
		if (source->is_between)
			err = go_on(source);
		if (err != ERR_OK || source->is_between)
			return err;
		err = decompress(source, bytes, room, got);
	}
	return err;
}

const file_stamp_t *file_source_stamp(const file_source_t *source)
{
	return &source->stamp;
}

uint64_t file_source_consumed(const file_source_t *source)
{
	return source->consumed;
}

uint64_t file_source_garbage(const file_source_t *source)
{
	return source->garbage;
}

err_t file_source_check(const file_source_t *source)
{
	struct stat st;
	file_stamp_t now;

	if (fstat(source->fd, &st) != 0)
		return err_from_errno();
	now = file_stamp_of(&st);
	if (!file_stamp_is_equal(&now, &source->stamp) ||
	    (source->is_at_end && source->consumed != source->stamp.size))
		return ERR_CHANGED;
	return ERR_OK;
}
