/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_QUERY_LOG_H
#define SPURN_NET_QUERY_LOG_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/attributes.h"
#include "base/error.h"
#include "net/query_line.h"

/* The query log: a file, pipe or standard output that gets a line for each reply.
 *
 * Nothing waits for it. Each worker collects the lines of a batch, after its replies have left, and
 * hands them to the kernel in one call that does not wait: what the kernel does not take, because
 * the disk is full or the reader of a pipe too slow, is lost and counted. All workers write to one
 * descriptor, opened for appending, and a call never carries a part of a line, so lines stay whole.
 * To reopen, the main thread opens the file anew and puts it in the place of the old one under the
 * same number (dup3), which is one step for those who write.
 *
 * Not promised: the order of lines of different workers. */
typedef struct query_log query_log_t;

/* Prepares a log; `target` as for -l: a path, or "-" for standard output; a "+" before either is
 * ignored, for lines are never kept back. Standard output is taken hold of now (a chroot may hide
 * it), a path is not opened yet. `target` must outlive the log. Returns ERR_OK, and the caller frees
 * `*log`; or ERR_NOMEM or an errno value, after logging. */
err_t query_log_new(const char *target, query_log_t **log) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* No writer may be in use any more. NULL is fine. */
void query_log_free(query_log_t *log);

/* Opens the file, for the first time or anew, because it has been renamed; it is created (readable
 * by all) if need be. Does nothing for standard output. On failure, which is logged, the file that
 * was open before stays in use; if there is none, lines are lost until the next attempt. One thread
 * at a time. */
void query_log_open(query_log_t *log) ATTR_NONNULL_ALL;

/* Logs how many lines were lost since the last call, if any. `lost` is the sum of the lines_lost of
 * all writers. One thread at a time. */
void query_log_report(query_log_t *log, uint64_t lost) ATTR_NONNULL_ALL;

/* A pipe takes so much in one piece, or nothing (pipe(7)); a batch of usual lines fits. */
#define QUERY_LOG_PIECE PIPE_BUF

_Static_assert(QUERY_LOG_PIECE >= QUERY_LINE_MAX + 1, "any line fits, after a newline");

/* The lines of one worker that have not been written yet. Belongs to its thread, but for
 * lines_lost, which any thread may read. A zeroed one with its `log` set is ready for use. */
typedef struct query_log_writer {
	query_log_t *log; /* NULL: nothing is logged */
	_Atomic uint64_t lines_lost;
	size_t used;
	bool is_torn; /* the file ends with a part of a line of ours: the disk was full */
	char text[QUERY_LOG_PIECE];
} query_log_writer_t;

/* Adds the line of a packet that has a reply, see query_line_write; writes lines, if there is no
 * room for it otherwise. */
void query_log_add(query_log_writer_t *writer, time_t now, const net_address_t *client,
		   const answer_packet_t *packet) ATTR_NONNULL_ALL;

/* Writes what there is. */
void query_log_flush(query_log_writer_t *writer) ATTR_NONNULL_ALL;

#endif
