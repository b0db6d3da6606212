/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_LINES_H
#define SPURN_INDEX_NAME_LINES_H

#include "index/name_index.h"

/* What the lines of a list of names were, as far as its index does not say so: to compare two lists
 * line by line, without keeping them (the same for addresses: index/ip_lines.h).
 *
 * Noted is whether a name that has the same for itself and for what is below it has it from one line
 * (.a.example) or from two (a.example, *.a.example), as long as all have it the same way in one byte for
 * all; and the exclusions that hide nothing, which an index does without. */

/* The notes beside one index. All zero: there is nothing to note. */
typedef struct name_lines {
	uint8_t *kinds; /* lengths of rows of names with one line, with two, with one... */
	size_t kinds_size;
	uint8_t *dropped; /* exclusions: see name_lines.c */
	size_t dropped_size;
} name_lines_t;

/* Empties it. */
void name_lines_clear(name_lines_t *lines) ATTR_NONNULL_ALL;

/* What a name has. */
typedef struct name_line {
	bool has_plain;
	bool has_wildcard;
	bool is_split; /* both with one number, but from two lines */
	uint32_t plain;
	uint32_t wildcard;
} name_line_t;

/* Is told what names have in the one list, and in the other; NULL where that is nothing: each name once,
 * those of a row that have the same together, `names` of them. */
typedef void (*name_lines_visit_t)(void *context, const name_line_t *old, const name_line_t *next,
				   uint64_t names);

/* Visits all names of two lists. The indexes and notes must belong together, and to builders or have
 * passed their checks. */
void name_lines_compare(const name_index_t *old, const name_lines_t *old_lines,
			const name_index_t *next, const name_lines_t *next_lines,
			name_lines_visit_t visit, void *context) ATTR_NONNULL(1, 2, 3, 4, 5);

/* Are kinds[0..kinds_size) and dropped[0..dropped_size) from anywhere such that name_lines_t may have
 * them? Believes nothing. Comparisons then read nothing outside and come to an end. Returns ERR_OK, or
 * ERR_INVAL with the reason in `*why`, a static text. */
err_t name_lines_check(const void *kinds, size_t kinds_size, const void *dropped,
		       size_t dropped_size, const char **why) ATTR_NONNULL(5) ATTR_NODISCARD;

/* Visits all names of one list, in the order of their labels from the top down, in which `path` has them:
 * each behind its length. Ends with the first error of `visit`, and returns it. */
typedef err_t (*name_line_visit_t)(void *context, const uint8_t *path, size_t size,
				   const name_line_t *line);
err_t name_lines_walk(const name_index_t *index, const name_lines_t *lines, name_line_visit_t visit,
		      void *context) ATTR_NONNULL(1, 2, 3) ATTR_NODISCARD;

/* ---- For the builder: private to the files of this directory. ---- */

/* Makes notes. All zero is a new one. */
typedef struct name_lines_writer {
	name_lines_t lines;
	size_t kinds_capacity;
	size_t dropped_capacity;
	bool is_split;  /* the row that goes on */
	uint64_t count; /* of names in it */
	size_t size;    /* of the path of the last exclusion */
	uint8_t path[254];
} name_lines_writer_t;

/* Adds the entries of a name (its path as in name_layout.h), `dropped` being those that the index does
 * not get. In order. Returns ERR_OK or ERR_NOMEM. */
err_t name_lines_add(name_lines_writer_t *writer, const uint8_t *path, size_t size,
		     const name_line_t *kept,
		     const name_line_t *dropped) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The same for `count` names, one at least, each of which has the same for itself and for what is below it,
 * from one line, as nearly all such names. */
static inline err_t name_lines_add_both(name_lines_writer_t *writer, size_t count)
{
	const name_line_t both = { .has_plain = true, .has_wildcard = true };
	const name_line_t nothing = { .has_plain = false };

	if (UNLIKELY(writer->is_split)) {
		err_t error = name_lines_add(writer, writer->path, 0, &both, &nothing);
		if (error != ERR_OK)
			return error;
		count--;
	}
	writer->count += count;
	return ERR_OK;
}

/* Ends the notes. The writer is new again, as after abandon. */
err_t name_lines_finish(name_lines_writer_t *writer,
			name_lines_t *lines) ATTR_NONNULL_ALL ATTR_NODISCARD;
void name_lines_abandon(name_lines_writer_t *writer) ATTR_NONNULL_ALL;

#endif
