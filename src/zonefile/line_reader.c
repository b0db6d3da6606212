/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/line_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "zonefile/line_block.h"
#include "zonefile/read_ahead.h"

/* Files smaller than this load before anyone could read a progress message. */
#define PROGRESS_MIN_SIZE (16u * 1024 * 1024)
/* Bytes from one progress message to the next: some ten per second. */
#define PROGRESS_STEP (4u * 1024 * 1024)

struct line_reader {
	const char *path;
	file_source_t *source;
	read_ahead_t *ahead;
	uint64_t progress; /* bytes of the file at the next progress message */
	unsigned number;
	bool is_cut;
	const char *line; /* the line read last, as it stands in the file, without its LF */
	const char *line_end;
	line_block_t *block; /* the one at hand; NULL before the first one */
	const char *next;    /* rest of the block's text that has not been given out */
	const char *end;
	const char
		*nul; /* the first NUL there, or `end`; NULL, or in front of a line: look again */
	size_t run;   /* the block's runs of plain lines in front of this one are behind us */
};

static void show_progress(line_reader_t *reader)
{
	uint64_t size = file_source_stamp(reader->source)->size;
	uint64_t consumed = reader->block->consumed;

	if (size < PROGRESS_MIN_SIZE || consumed < reader->progress)
		return;
	reader->progress = consumed + PROGRESS_STEP;
	log_progress("reading %s: %u %%", reader->path, (unsigned)(consumed * 100 / size));
}

/* Goes on to the next block; returns whether there is one. */
static bool next_block(line_reader_t *reader, plain_form_t form)
{
	if (reader->block != NULL && reader->block->is_last)
		return false;
	reader->block = read_ahead_next(reader->ahead, form);
	reader->next = reader->block->text;
	reader->end = reader->next + reader->block->size;
	reader->nul = NULL;
	reader->run = 0;
	if (!reader->block->is_last)
		show_progress(reader);
	return true;
}

err_t line_reader_open(const char *path, bool refuse_compressed, line_reader_t **opened,
		       file_stamp_t *stamp)
{
	line_reader_t *reader = calloc(1, sizeof(*reader));

	if (reader == NULL)
		return ERR_NOMEM;
	reader->path = path;
	err_t err = file_source_open(path, refuse_compressed, &reader->source);
	if (err == ERR_OK) {
		reader->ahead = read_ahead_open(reader->source);
		err = reader->ahead != NULL ? ERR_OK : ERR_NOMEM;
	}
	if (err != ERR_OK) {
		line_reader_close(reader);
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
	read_ahead_close(reader->ahead);
	file_source_close(reader->source);
	free(reader);
}

/* The LF that ends the line at `next`, or the end of the block. */
static const char *find_end(const line_reader_t *reader)
{
	const char *end = memchr(reader->next, '\n', (size_t)(reader->end - reader->next));

	return end != NULL ? end : reader->end;
}

/* Drops everything up to and with the next LF. */
static void skip_rest_of_line(line_reader_t *reader, plain_form_t form)
{
	do {
		reader->next = find_end(reader);
		if (reader->next != reader->end) {
			reader->next++;
			return;
		}
	} while (next_block(reader, form));
}

/* Has the line from `start` to `end` a NUL? Sets where. Blocks without one are searched once. */
static bool has_nul(line_reader_t *reader, const char *start, const char *end)
{
	if (reader->nul == NULL || reader->nul < start) {
		reader->nul = memchr(start, '\0', (size_t)(reader->end - start));
		if (reader->nul == NULL)
			reader->nul = reader->end;
	}
	return reader->nul < end;
}

static text_t trim(line_reader_t *reader, const char *start, const char *end)
{
	if (has_nul(reader, start, end))
		end = reader->nul;
	else if (end != start && end[-1] == '\r')
		end--;
	while (start != end && text_is_blank(*start))
		start++;
	while (start != end && text_is_blank(end[-1]))
		end--;
	return (text_t){ start, end };
}

/* Takes the line from `next`, which is not the end of the block, to `end`. */
static text_t take_line(line_reader_t *reader, const char *end)
{
	reader->number++;
	reader->is_cut = end - reader->next > LINE_MAX_SIZE;
	if (reader->is_cut)
		end = reader->next + LINE_MAX_SIZE;
	reader->line = reader->next;
	reader->line_end = end;
	reader->next = end;
	if (!reader->is_cut && end != reader->end)
		reader->next++; /* the LF itself */
	return trim(reader, reader->line, end);
}

/* Finds the run of plain lines at `next`, of which the first one would end at `end`. */
static bool find_run(line_reader_t *reader, plain_form_t form, const char *end, line_run_t *run)
{
	line_block_t *block = reader->block;
	size_t at = (size_t)(reader->next - block->text);

	/* Names as they are will always do. */
	bool has_other_keys = block->form.coder != NULL && block->form.coder != form.coder;
	if (block->form.kind != form.kind || has_other_keys) { /* what was found is of no use */
		block->form = form;
		block->scanned = 0;
		block->run_count = 0;
	}
	if (at >= block->scanned)
		return plain_lines_may_be(form.kind, (size_t)(end - reader->next)) &&
		       line_block_scan_run(block, at, run);
	while (reader->run < block->run_count && block->runs[reader->run].start < at)
		reader->run++;
	if (reader->run == block->run_count || block->runs[reader->run].start != at)
		return false;
	*run = block->runs[reader->run++];
	return true;
}

bool line_reader_next_plain(line_reader_t *reader, plain_form_t form, plain_lines_t *lines,
			    text_t *line)
{
	line_run_t run;

	if (reader->is_cut)
		skip_rest_of_line(reader, form);
	while (reader->next == reader->end)
		if (!next_block(reader, form))
			return false;
	const char *end = find_end(reader);
	if (form.kind != PLAIN_NONE && find_run(reader, form, end, &run)) {
		reader->number += (unsigned)run.lines.count;
		reader->is_cut = false;
		reader->next = reader->block->text + run.end;
		*lines = run.lines;
		return true;
	}
	lines->count = 0;
	*line = take_line(reader, end);
	return true;
}

bool line_reader_next(line_reader_t *reader, text_t *line)
{
	plain_lines_t none;

	return line_reader_next_plain(reader, (plain_form_t){ .kind = PLAIN_NONE }, &none, line);
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
	if (err != ERR_OK || reader->block == NULL)
		return err;
	return reader->block->error;
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
