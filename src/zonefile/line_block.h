/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_LINE_BLOCK_H
#define SPURN_ZONEFILE_LINE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "zonefile/file_source.h"
#include "zonefile/plain_lines.h"

/* A piece of a zone file, of whole lines, with what has been made of it so far. Who has it, one thread at
 * a time, may write to it; but `size`, `read` and the text behind `size` are read by who fills the next
 * block, until that is full. */

/* Bytes of text. The second level cache of a CPU has room for a block; half of it is no faster. */
#define LINE_BLOCK_SIZE (128 * 1024)
/* Bytes for what plain lines say. Names take two bytes more than their lines, or one: this is enough for
 * lines of 8 bytes on average; keys take less, unless all bytes are rare ones. Addresses take four bytes of
 * at least eight. Prefixes and values take twelve bytes a line: enough for lines of ten bytes on average;
 * those of IPv6 24, enough for 19 bytes. Names among which some have values take three bytes more than
 * others, or than their keys. */
#define LINE_BLOCK_PLAIN_SIZE (160 * 1024)
/* Runs of plain lines: what has more is not worth reading ahead. */
#define LINE_BLOCK_RUNS 512

/* Plain lines, one behind the other. */
typedef struct line_run {
	size_t start; /* where the first one starts in the text */
	size_t end;   /* what is behind the last one */
	plain_lines_t lines;
} line_run_t;

typedef struct line_block {
	/* Bytes of text: up to a line's end; all of a block without one, and the next block goes on with
	 * the same line. */
	size_t size;
	bool is_last;      /* the file ends here, maybe without an LF, or there was an error: */
	err_t error;       /* that of file_source_read */
	uint64_t consumed; /* of the file so far */

	/* What was found in text[0..scanned): all runs of plain lines there are; but one at the start
	 * may have what is no line, where the block goes on with one. */
	plain_form_t form;
	size_t scanned;
	size_t run_count;
	line_run_t runs[LINE_BLOCK_RUNS];

	size_t read; /* bytes of text that have been read: behind `size`, the start of the next line */
	_Alignas(uint64_t) uint8_t plain[LINE_BLOCK_PLAIN_SIZE];
	char text[LINE_BLOCK_SIZE + PLAIN_LINES_MARGIN];
} line_block_t;

/* Fills a block with what follows `previous`, the block before it in the file, which may be the same
 * one; NULL: with what the file starts with. `source` must not have ended. Nothing is scanned. */
void line_block_fill(line_block_t *block, const line_block_t *previous, file_source_t *source)
	ATTR_NONNULL(1, 3);

/* Finds the runs of plain lines of `form`, as many as there is room for. */
void line_block_scan(line_block_t *block, plain_form_t form) ATTR_NONNULL_ALL;

/* Reads the plain lines of block->form.kind, without its coder, from the place `at` of the text on, where a
 * line starts; that is not in front of `scanned`, and no run is needed any more. Returns false when the
 * line there is not plain. */
bool line_block_scan_run(line_block_t *block, size_t at,
			 line_run_t *run) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
