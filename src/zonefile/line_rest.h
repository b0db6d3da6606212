/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_LINE_REST_H
#define SPURN_ZONEFILE_LINE_REST_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "zonefile/text.h"

/* What the scanners of lines with texts (ip4_line_scan.h, ip6_line_scan.h, name_line_scan.h) have in common: the
 * part of a line that follows its key. */

/* Bytes of a line that may be read so, without its LF. */
#define LINE_REST_LINE_MAX 1000

/* The end of the line's text, as line readers have it. */
static inline const char *line_rest_trim(const char *start, const char *lf)
{
	const char *end = lf;

	if (end > start && end[-1] == '\r')
		end--;
	while (end > start && text_is_blank(end[-1]))
		end--;
	return end;
}

/* Reads the rest of the line that starts at `start`, from `at` on, right behind its key: bytes of the line as
 * line readers give it out to `*size`, and to `*rest` where in it what follows the key and blanks begins, the
 * size if nothing does. Returns the start of the line behind it, or NULL if the line is to be read otherwise:
 * it has no LF before `end`, or a NUL, or a CR that does not end it right behind the key, or it is too
 * long. */
static inline const char *line_rest_take(const char *start, const char *at, const char *end,
					 uint16_t *size, uint8_t *rest)
{
	const size_t most = LINE_REST_LINE_MAX + 1;
	size_t left = (size_t)(end - start);

	/* Most lines. */
	if (at < end && *at == '\n') {
		*rest = (uint8_t)(at - start);
		*size = *rest;
		return at + 1;
	}
	if (at >= end)
		return NULL;
	const char *lf = memchr(start, '\n', left < most ? left : most);
	if (lf == NULL || memchr(at, '\0', (size_t)(lf - at)) != NULL)
		return NULL;
	const char *text_end = line_rest_trim(start, lf);
	if (at < text_end && *at == '\r')
		return NULL;
	*size = (uint16_t)(text_end - start);
	while (at < text_end && text_is_blank(*at))
		at++;
	if (at - start > UINT8_MAX)
		return NULL;
	*rest = (uint8_t)(at - start);
	return lf + 1;
}

#endif
