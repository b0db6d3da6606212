/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/line_reader.h"

#include <stdlib.h>
#include <string.h>

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
	file_source_t *source;
	err_t error;
	uint64_t progress; /* bytes of the file at the next progress message */
	unsigned number;
	bool is_cut;
	bool is_at_end;
	const char *line; /* the line read last, as it stands in the file, without its LF */
	const char *line_end;
	char *next; /* rest of the buffer that has not been given out */
	char *end;
	char buffer[CHUNK_SIZE];
};

static void show_progress(line_reader_t *reader)
{
	uint64_t size = file_source_stamp(reader->source)->size;
	uint64_t consumed = file_source_consumed(reader->source);

	if (size < PROGRESS_MIN_SIZE || consumed < reader->progress)
		return;
	reader->progress = consumed + PROGRESS_STEP;
	log_progress("reading %s: %u %%", reader->path, (unsigned)(consumed * 100 / size));
}

/* Moves what is left of the buffer to its front and reads more behind it. */
static void refill(line_reader_t *reader)
{
	size_t left = (size_t)(reader->end - reader->next);
	size_t got = 0;

	memmove(reader->buffer, reader->next, left);
	reader->next = reader->buffer;
	reader->end = reader->buffer + left;
	reader->error = file_source_read(reader->source, reader->end, CHUNK_SIZE - left, &got);
	if (reader->error != ERR_OK || got == 0) {
		reader->is_at_end = true;
		return;
	}
	reader->end += got;
	show_progress(reader);
}

err_t line_reader_open(const char *path, bool refuse_compressed, line_reader_t **opened,
		       file_stamp_t *stamp)
{
	line_reader_t *reader = malloc(sizeof(*reader));

	if (reader == NULL)
		return ERR_NOMEM;
	memset(reader, 0, offsetof(line_reader_t, buffer));
	reader->path = path;
	reader->next = reader->end = reader->buffer;
	err_t err = file_source_open(path, refuse_compressed, &reader->source);
	if (err != ERR_OK) {
		free(reader);
		return err;
	}
	*stamp = *file_source_stamp(reader->source);
	*opened = reader;
	return ERR_OK;
}

void line_reader_close(line_reader_t *reader)
{
	if (reader == NULL)
		return;
	file_source_close(reader->source);
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
	err_t err = file_source_check(reader->source);

	/* Half of a new file behind half of the old one may look damaged: the change is the cause. */
	return err != ERR_OK ? err : reader->error;
}

uint64_t line_reader_garbage(const line_reader_t *reader)
{
	return file_source_garbage(reader->source);
}

const char *line_reader_error_text(err_t err)
{
	switch (err) {
	case ERR_CHANGED:
		return "changed while it was read (write a new file and rename it into place)";
	case ERR_COMPRESSED:
		return "is compressed, which option -C does not allow";
	case ERR_UNSUPPORTED:
		return "is compressed in a way that spurn does not read (use gzip or zstd)";
	case ERR_CORRUPT:
		return "is compressed, and damaged (get it again)";
	case ERR_TRUNCATED:
		return "is compressed, and its end is missing (get it again)";
	case ERR_TOO_LARGE:
		return "takes more than 128 MiB of memory to decompress (compress it without "
		       "--long, "
		       "or with --long=27 at most)";
	case ERR_INVAL:
		return "is not a regular file";
	default:
		return err_text(err);
	}
}
