/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_NAME_LINE_SCAN_H
#define SPURN_ZONEFILE_NAME_LINE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "index/name_coder.h"
#include "zonefile/line_rest.h"
#include "zonefile/text.h"

/* Reads lines of names that are hardly less plain than those of name_scan.h: a name as there, of at most
 * NAME_CODER_TEXT_MAX bytes; and behind it nothing, or a blank and any text, which has no NUL. Every data
 * set of names takes such a line for the entry that name_text.h has with what the text says: a value or a
 * comment. */

/* Bytes behind the text that name_line_scan may read, whatever they are; it never uses them. */
#define NAME_LINE_SCAN_MARGIN 64

/* What is written of a line:
 *     2 bytes   of the line, its LF included, the lower one first
 *     1 byte    where in it what follows the name and blanks begins; 0: nothing does
 *     entry     as name_scan writes it, or name_scan_keys
 * Names shorter than their lines by no more than a LF are most of many lists: so that is all. */
#define NAME_LINE_HEAD 3u

/* Bytes that name_line_scan wants to be left of its room for another line. */
#define NAME_LINE_SCAN_ROOM (NAME_LINE_HEAD + NAME_RECORD_ROOM + NAME_RECORD_MARGIN)

/* Stops at the first line that is otherwise or has no LF before `end`, where less than NAME_LINE_SCAN_ROOM
 * bytes of `capacity` are left, and behind many names in a row that name_scan would take. `at` is the start
 * of a line, and NAME_LINE_SCAN_MARGIN bytes behind `end` can be read. Writes the lines to `lines`, one
 * behind the other, and the number of bytes to `*size`; may overwrite all but the last NAME_RECORD_MARGIN
 * of `capacity` bytes. With a `coder`, which is of a name_builder, keys are made of the names; NULL: none
 * are. `*stop` is the start of the line that was not read, or `end`. Returns how many were read. Any thread
 * that may use the coder. */
size_t name_line_scan(name_coder_t *coder, const char *at, const char *end, uint8_t *lines,
		      size_t capacity, size_t *size, const char **stop) ATTR_NONNULL(2, 3, 4, 6, 7);

/* A line taken apart. */
typedef struct name_scanned_line {
	text_t line; /* as line readers give it out */
	text_t rest; /* what follows the name and blanks, be it a comment; empty where nothing does */
	const uint8_t *entry;
} name_scanned_line_t;

/* Takes the line at `at` apart, of which an entry has a key if `is_key`. `*text` is where the line begins,
 * and is moved on to the next one. Returns where that is written. */
const uint8_t *name_line_scan_open(const uint8_t *at, bool is_key, const char **text,
				   name_scanned_line_t *line) ATTR_NONNULL_ALL;

#endif
