/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_LINE_READER_H
#define SPURN_ZONEFILE_LINE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "zonefile/file_source.h"
#include "zonefile/plain_lines.h"
#include "zonefile/text.h"

/* A zone file as lines, read in one pass with little memory. One thread at a time; it may have a thread of
 * its own that reads ahead, see zonefile/read_ahead.h. */
typedef struct line_reader line_reader_t;

/* Opens `path`, which must outlive the reader, and takes its stamp. Files compressed with gzip or
 * zstd are read as if they were plain, or refused if `refuse_compressed`. The caller closes
 * `*reader`. Returns ERR_OK or an error of file_source_open. */
err_t line_reader_open(const char *path, bool refuse_compressed, line_reader_t **reader,
		       file_stamp_t *stamp) ATTR_NONNULL_ALL ATTR_NODISCARD;
void line_reader_close(line_reader_t *reader);

/* Reads the next line into `*line`, valid until the next call: without its LF or CRLF, without
 * blanks at both ends, and ending before a NUL, if it has one. Shows progress on a terminal.
 * Returns true; or false at the end of the file or after an error. */
bool line_reader_next(line_reader_t *reader, text_t *line) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The same, but plain lines of `form` come many at once: sets `lines->count` to how many lines were read
 * and `lines` to what they say, valid until the next call; or the count to 0 and `*line` to one line, be
 * it plain or not. Which of them come together is not promised, as long as they do in their order. The
 * form may be another one in each call; a coder has to be there until the reader is closed or all lines have
 * been read. */
bool line_reader_next_plain(line_reader_t *reader, plain_form_t form, plain_lines_t *lines,
			    text_t *line) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Number of the line read last, from 1; of plain lines, that of the last one. */
unsigned line_reader_number(const line_reader_t *reader) ATTR_NONNULL_ALL;

/* Was the line read last longer than LINE_MAX_SIZE, and therefore cut there? This, the marks and the
 * column are of lines that came one by one. */
#define LINE_MAX_SIZE 32768
bool line_reader_is_cut(const line_reader_t *reader) ATTR_NONNULL_ALL;

/* What the line read last had around the text that was given out. */
typedef struct line_marks {
	bool has_cr;      /* a CR before its LF, or at the end of the file */
	bool has_nul;     /* a NUL and more behind it */
	bool has_newline; /* an LF: all but, perhaps, a file's last line have one */
} line_marks_t;

line_marks_t line_reader_marks(const line_reader_t *reader) ATTR_NONNULL_ALL;

/* The byte of the line read last that `at`, which points into it, is: from 1. */
unsigned line_reader_column(const line_reader_t *reader, const char *at) ATTR_NONNULL_ALL;

/* To be asked after the last line: ERR_OK; ERR_CHANGED when the file was written to since it was
 * opened, so that the lines may be of two versions (a file renamed into its place meanwhile is no
 * harm: this reader keeps the old one); or the error of file_source_read that ended reading. */
err_t line_reader_finish(line_reader_t *reader) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* To be asked after the last line: how many bytes behind compressed data were left out because they
 * are none themselves, which deserves a warning. */
uint64_t line_reader_garbage(const line_reader_t *reader) ATTR_NONNULL_ALL;

/* Words for an error of line_reader_open or line_reader_finish, to be read behind the file's name,
 * with what to do where that is not plain. Static, or as of err_text. */
const char *line_reader_error_text(err_t err);

#endif
