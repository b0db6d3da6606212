/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_PROGRESS_H
#define SPURN_TOOL_SPRAY_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "spray/spray_result.h"

/* The line that tells how far a run is while it goes on: written to stderr if that is a terminal, over and
 * over in the same place (log_progress). One thread. */

/* Bytes of the line. */
#define SPRAY_PROGRESS_MAX 256
/* Seconds that the rate is of: less jumps, more is old news. */
#define SPRAY_PROGRESS_RATE_S 1.0

/* All zero before the first call. */
typedef struct spray_progress_line {
	bool is_shown;
	double since_s; /* when `since_sent` was true */
	uint64_t since_sent;
	double rate; /* of the time before `since_s` */
} spray_progress_line_t;

/* Puts the line together, in at most `width` columns: what matters least is left out where that is too
 * little. Pure, but for `line`. Returns `text`. */
const char *spray_progress_text(spray_progress_line_t *line, const spray_setup_t *setup,
				const spray_progress_t *progress, size_t width,
				char text[SPRAY_PROGRESS_MAX]) ATTR_NONNULL_ALL;

/* Shows how far it is. With `is_json` only if stdout is a terminal as well: otherwise a program reads. */
void spray_progress_show(spray_progress_line_t *line, const spray_setup_t *setup,
			 const spray_progress_t *progress, bool is_json) ATTR_NONNULL_ALL;

/* Takes it away. */
void spray_progress_clear(spray_progress_line_t *line) ATTR_NONNULL_ALL;

#endif
