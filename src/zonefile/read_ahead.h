/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_READ_AHEAD_H
#define SPURN_ZONEFILE_READ_AHEAD_H

#include "base/attributes.h"
#include "base/error.h"
#include "zonefile/file_source.h"
#include "zonefile/line_block.h"
#include "zonefile/plain_lines.h"

/* A zone file as blocks, one behind the other. Where the process may use more than one CPU, and the file
 * has more than one block, a thread of its own reads, decompresses and scans for plain lines while the
 * blocks before are worked on; else, and where there is no memory or no thread to be had, that is done
 * when a block is asked for, without scanning. What the blocks say is the same. One thread at a time
 * calls these functions. */
typedef struct read_ahead read_ahead_t;

/* Reads from `source`, which nobody else reads from until read_ahead_close, or asks for anything until
 * the last block has come. NULL for want of memory. The caller calls read_ahead_close. */
read_ahead_t *read_ahead_open(file_source_t *source) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The next block, until then: not to be called behind the last one. It is the caller's until the next
 * call; but see line_block.h. `form` is what plain lines are scanned for from here on, which those ahead
 * may have been already, for another one. A coder that there is in a form is the thread's until read_ahead_close,
 * or the last block. */
line_block_t *read_ahead_next(read_ahead_t *ahead,
			      plain_form_t form) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Ends the thread, whatever it is at. NULL is fine. */
void read_ahead_close(read_ahead_t *ahead);

#endif
