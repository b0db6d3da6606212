/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_LINE_READER_H
#define SPURN_ZONEFILE_LINE_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/attributes.h"
#include "base/error.h"
#include "zonefile/text.h"

/* A zone file as lines, read in one pass with little memory. One thread at a time. */
typedef struct line_reader line_reader_t;

/* What tells one state of a file from another; plain data. */
typedef struct file_stamp {
	uint64_t device;
	uint64_t inode;
	uint64_t size;
	struct timespec modified;
} file_stamp_t;

/* The present stamp of `path`. Returns ERR_OK or errno's error. */
err_t file_stamp_get(const char *path, file_stamp_t *stamp) ATTR_NONNULL_ALL ATTR_NODISCARD;
bool file_stamp_is_equal(const file_stamp_t *a, const file_stamp_t *b) ATTR_NONNULL_ALL;

/* Opens `path`, which must outlive the reader, and takes its stamp. The caller closes `*reader`.
 * Returns ERR_OK; ERR_UNSUPPORTED (compressed); ERR_INVAL (neither a regular file nor like
 * /dev/null, a character device without content); ERR_NOMEM or
 * errno's error. */
err_t line_reader_open(const char *path, line_reader_t **reader,
		       file_stamp_t *stamp) ATTR_NONNULL_ALL ATTR_NODISCARD;
void line_reader_close(line_reader_t *reader);

/* Reads the next line into `*line`, valid until the next call: without its LF or CRLF, without
 * blanks at both ends, and ending before a NUL, if it has one. Shows progress on a terminal.
 * Returns true; or false at the end of the file or after an error. */
bool line_reader_next(line_reader_t *reader, text_t *line) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Number of the line read last, from 1. */
unsigned line_reader_number(const line_reader_t *reader) ATTR_NONNULL_ALL;

/* Was the line read last longer than LINE_MAX_SIZE, and therefore cut there? */
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
 * harm: this reader keeps the old one); or the error that ended reading. */
err_t line_reader_finish(line_reader_t *reader) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
