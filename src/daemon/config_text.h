/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_CONFIG_TEXT_H
#define SPURN_DAEMON_CONFIG_TEXT_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"

/* The text of a configuration file, before libconfuse sees it. libconfuse 3.3 loses count of the lines
 * at comments, takes none inside of lists, and does not mind if a section, a string or a comment never
 * ends. So comments are made blanks here, and what has no end is found. */

/* Where sections begin. */
typedef struct config_text {
	unsigned *section_lines; /* of the { of each section, in their order; owned */
	size_t section_count;
	size_t section_capacity;
} config_text_t;

/* Prepares text[0..size) in place, in which text[size] is a NUL. Returns ERR_OK, and the caller clears
 * `*found`; ERR_SYNTAX, and `*line` and `*why` (a constant) say where and what; or ERR_NOMEM. */
err_t config_text_prepare(char *text, size_t size, config_text_t *found, unsigned *line,
			  const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;
void config_text_clear(config_text_t *found) ATTR_NONNULL_ALL;

#endif
