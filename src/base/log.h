/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_LOG_H
#define SPURN_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

typedef enum log_level {
	LOG_LEVEL_ERROR,   /* something asked for was not done */
	LOG_LEVEL_WARNING, /* done, but the operator should look */
	LOG_LEVEL_INFO,    /* normal life: started, loaded, stopped */
} log_level_t;

/* Sends all later messages to syslog (identity `program`, `facility` one of syslog(3)'s, LOG_DAEMON
 * and the like) instead of stderr. `program` must outlive the process. Call before threads start. */
void log_to_syslog(const char *program, int facility) ATTR_NONNULL_ALL;

/* Sets the name put before each message on stderr ("spurnd: "). Must outlive the process. */
void log_set_program(const char *program) ATTR_NONNULL_ALL;

/* Drops messages less urgent than `least`. Default: LOG_LEVEL_INFO. */
void log_set_level(log_level_t least);

/* Copies the first error that the calling thread logs from now on to text[0..size), which is made empty,
 * until it says log_end_keeping: for whoever asked for what went wrong. */
void log_keep_error(char *text, size_t size) ATTR_NONNULL_ALL;
void log_end_keeping(void);

/* Writes one message, without a newline at its end. Any thread; one call is one line. Control
 * characters that came in through `%s` are shown as \ddd, so that no file can forge log lines. */
void log_error(const char *format, ...) ATTR_PRINTF(1, 2);
void log_warning(const char *format, ...) ATTR_PRINTF(1, 2);
void log_info(const char *format, ...) ATTR_PRINTF(1, 2);

/* Shows `text` as a line that the next message or progress replaces, when stderr is a terminal and
 * messages go there; otherwise does nothing. */
void log_progress(const char *format, ...) ATTR_PRINTF(1, 2);

#endif
