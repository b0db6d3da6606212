/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/line_block.h"

#include <assert.h>
#include <string.h>

#include "zonefile/line_reader.h"

_Static_assert(LINE_BLOCK_SIZE > LINE_MAX_SIZE, "a line that does not fit is cut anyway");

/* Reads until the block is full, the file ends, or it cannot be read. */
static void read_all(line_block_t *block, file_source_t *source)
{
	size_t got;

	while (block->read < LINE_BLOCK_SIZE && !block->is_last) {
		block->error = file_source_read(source, block->text + block->read,
						LINE_BLOCK_SIZE - block->read, &got);
		block->is_last = block->error != ERR_OK || got == 0;
		if (!block->is_last)
			block->read += got;
	}
	block->consumed = file_source_consumed(source);
}

void line_block_fill(line_block_t *block, const line_block_t *previous, file_source_t *source)
{
	size_t rest = 0;

	if (previous != NULL) {
		assert(!previous->is_last);
		rest = previous->read - previous->size;
		memmove(block->text, previous->text + previous->size, rest);
	}
	block->read = rest;
	block->is_last = false;
	read_all(block, source);
	memset(block->text + block->read, 0, PLAIN_LINES_MARGIN);

	/* What stands in front of an error counts, if it is a line, or as much of one as ever counts. */
	const char *end = memrchr(block->text, '\n', block->read);
	block->size = end != NULL ? (size_t)(end + 1 - block->text) : 0;
	bool is_to_the_end = block->is_last &&
			     (block->error == ERR_OK || block->read - block->size > LINE_MAX_SIZE);
	if (is_to_the_end || (!block->is_last && end == NULL))
		block->size = block->read;
	block->form = (plain_form_t){ .kind = PLAIN_NONE };
	block->scanned = 0;
	block->run_count = 0;
}

/* What is behind the line that starts at `at`. */
static const char *next_line(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline != NULL ? newline + 1 : end;
}

void line_block_scan(line_block_t *block, plain_form_t form)
{
	const char *end = block->text + block->size;
	const char *at = block->text;
	size_t used = 0;

	block->form = form;
	block->scanned = 0;
	block->run_count = 0;
	if (form.kind == PLAIN_NONE)
		return;
	while (at != end && block->run_count < LINE_BLOCK_RUNS &&
	       LINE_BLOCK_PLAIN_SIZE - used >= PLAIN_LINES_ROOM_MIN) {
		line_run_t *run = &block->runs[block->run_count];
		const char *start = at;
		at = plain_lines_scan(form, start, end, block->plain + used,
				      LINE_BLOCK_PLAIN_SIZE - used, &run->lines);
		if (run->lines.count == 0) {
			at = next_line(start, end);
			continue;
		}
		run->start = (size_t)(start - block->text);
		run->end = (size_t)(at - block->text);
		used += (run->lines.size + sizeof(uint64_t) - 1) & ~(sizeof(uint64_t) - 1);
		block->run_count++;
	}
	block->scanned = (size_t)(at - block->text);
}

bool line_block_scan_run(line_block_t *block, size_t at, line_run_t *run)
{
	const char *start = block->text + at;

	assert(at >= block->scanned);
	const plain_form_t form = { .kind = block->form.kind };
	const char *stop = plain_lines_scan(form, start, block->text + block->size, block->plain,
					    LINE_BLOCK_PLAIN_SIZE, &run->lines);
	run->start = at;
	run->end = (size_t)(stop - block->text);
	return run->lines.count > 0;
}
