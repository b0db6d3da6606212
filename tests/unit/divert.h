/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_DIVERT_H
#define SPURN_TESTS_UNIT_DIVERT_H

/* What a test has written to stdout or stderr. */

#include <check.h>
#include <stdio.h>
#include <unistd.h>

/* A stream that goes into a file for a while. */
typedef struct diversion {
	FILE *stream;
	FILE *file;
	int saved;
} diversion_t;

static inline void divert(diversion_t *diversion, FILE *stream)
{
	diversion->stream = stream;
	diversion->file = tmpfile();
	ck_assert_ptr_nonnull(diversion->file);
	fflush(stream);
	diversion->saved = dup(fileno(stream));
	dup2(fileno(diversion->file), fileno(stream));
}

/* Ends it, and reads what was written meanwhile. */
static inline void collect(diversion_t *diversion, char *text, size_t size)
{
	size_t got;

	fflush(diversion->stream);
	dup2(diversion->saved, fileno(diversion->stream));
	close(diversion->saved);
	rewind(diversion->file);
	got = fread(text, 1, size - 1, diversion->file);
	text[got] = '\0';
	fclose(diversion->file);
}

#endif
