/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "index/name_reader.h"

/* Lengths of rows are numbers with seven bits in a byte, the lowest first, and the highest bit set
 * where more follow. An exclusion that was dropped is
 *     bytes of its path that it shares with the one before | bytes that follow | these | kinds
 * Notes are the builder's own work, or name_lines_check has seen that they are written so. */

/* Kinds of an exclusion. */
#define DROPPED_PLAIN    1u
#define DROPPED_WILDCARD 2u
#define DROPPED_SPLIT    4u

_Static_assert(sizeof(((name_lines_writer_t *)NULL)->path) == NAME_SYMBOLS_MAX, "paths fit");

void name_lines_clear(name_lines_t *lines)
{
	free(lines->kinds);
	free(lines->dropped);
	*lines = (name_lines_t){ .kinds = NULL };
}

/* Could the name have what it has from one line? */
static bool is_of_both(const name_line_t *line)
{
	return line->has_plain && line->has_wildcard && line->plain == line->wildcard;
}

static err_t end_row(name_lines_writer_t *writer)
{
	name_lines_t *lines = &writer->lines;
	void *kinds = lines->kinds;
	err_t error = array_reserve(&kinds, &writer->kinds_capacity, lines->kinds_size + 10, 1);

	lines->kinds = kinds;
	if (error != ERR_OK)
		return error;
	for (; writer->count > 127; writer->count >>= 7)
		lines->kinds[lines->kinds_size++] = (uint8_t)(writer->count | 128);
	lines->kinds[lines->kinds_size++] = (uint8_t)writer->count;
	writer->count = 0;
	return ERR_OK;
}

static err_t add_dropped(name_lines_writer_t *writer, const uint8_t *path, size_t size,
			 unsigned kinds)
{
	name_lines_t *lines = &writer->lines;
	void *dropped = lines->dropped;
	size_t shared = 0;
	err_t error = array_reserve(&dropped, &writer->dropped_capacity,
				    lines->dropped_size + size + 3, 1);

	lines->dropped = dropped;
	if (error != ERR_OK)
		return error;
	while (shared < size && shared < writer->size && path[shared] == writer->path[shared])
		shared++;
	uint8_t *at = lines->dropped + lines->dropped_size;
	*at++ = (uint8_t)shared;
	*at++ = (uint8_t)(size - shared);
	memcpy(at, path + shared, size - shared);
	at[size - shared] = (uint8_t)kinds;
	lines->dropped_size += size - shared + 3;
	memcpy(writer->path, path, size);
	writer->size = size;
	return ERR_OK;
}

err_t name_lines_add(name_lines_writer_t *writer, const uint8_t *path, size_t size,
		     const name_line_t *kept, const name_line_t *dropped)
{
	unsigned kinds = (dropped->has_plain ? DROPPED_PLAIN : 0u) |
			 (dropped->has_wildcard ? DROPPED_WILDCARD : 0u) |
			 (dropped->is_split ? DROPPED_SPLIT : 0u);
	err_t error = ERR_OK;

	if (is_of_both(kept)) {
		if (kept->is_split != writer->is_split)
			error = end_row(writer);
		writer->is_split = kept->is_split;
		writer->count++;
	}
	if (error == ERR_OK && (dropped->has_plain || dropped->has_wildcard))
		error = add_dropped(writer, path, size, kinds);
	return error;
}

/* Gives what is not used of `*data` back. */
static void fit(uint8_t **data, size_t size)
{
	void *fitting = size > 0 ? realloc(*data, size) : NULL;

	if (fitting != NULL)
		*data = fitting;
}

err_t name_lines_finish(name_lines_writer_t *writer, name_lines_t *lines)
{
	err_t error = ERR_OK;

	*lines = (name_lines_t){ .kinds = NULL };
	if (writer->is_split || writer->lines.kinds_size > 0)
		error = end_row(writer);
	if (error == ERR_OK) {
		*lines = writer->lines;
		writer->lines = (name_lines_t){ .kinds = NULL };
		fit(&lines->kinds, lines->kinds_size);
		fit(&lines->dropped, lines->dropped_size);
	}
	name_lines_abandon(writer);
	return error;
}

void name_lines_abandon(name_lines_writer_t *writer)
{
	name_lines_clear(&writer->lines);
	memset(writer, 0, sizeof(*writer));
}

/* ---- Reading. ---- */

typedef struct reader {
	name_reader_t names;
	bool has_name; /* in `names` */
	/* Names are compared by their keys, of these codes; NULL: by their paths. */
	const name_code_t *codes;

	const uint8_t *kinds;
	const uint8_t *kinds_end;
	uint64_t left; /* names in the row */
	bool is_split;

	const uint8_t *dropped;
	const uint8_t *dropped_end;
	bool has_dropped;
	unsigned dropped_kinds;
	size_t dropped_size;
	uint8_t dropped_path[NAME_SYMBOLS_MAX];
	name_key_t dropped_key; /* if there are codes */

	/* The next name, its key or its path. */
	bool has_line;
	const name_key_t *key;
	const uint8_t *path;
	size_t size;
	name_line_t line;
	bool is_name;    /* it is that of `names`, */
	bool is_dropped; /* and that of the next exclusion */
} reader_t;

/* By labels, the order of keys (name_code.h). */
static int compare_paths(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
	const uint8_t *a_end = a + a_size;
	const uint8_t *b_end = b + b_size;

	while (a < a_end && b < b_end) {
		size_t x = *a;
		size_t y = *b;
		int order = memcmp(a + 1, b + 1, x < y ? x : y);

		if (order != 0 || x != y)
			return order != 0 ? order : (x > y) - (x < y);
		a += x + 1;
		b += y + 1;
	}
	return (a < a_end) - (b < b_end);
}

/* Keys of the same codes. */
static inline int compare_keys(const name_key_t *a, const name_key_t *b)
{
	uint32_t nibbles = a->nibbles > b->nibbles ? a->nibbles : b->nibbles;

	for (uint32_t i = 0; 2 * i < nibbles; i += sizeof(uint64_t)) {
		uint64_t x = bits_load_big_64(a->bits + i);
		uint64_t y = bits_load_big_64(b->bits + i);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

static void next_dropped(reader_t *reader)
{
	const uint8_t *at = reader->dropped;

	reader->has_dropped = at < reader->dropped_end;
	if (!reader->has_dropped)
		return;
	size_t shared = *at++;
	size_t more = *at++;
	memcpy(reader->dropped_path + shared, at, more);
	reader->dropped_size = shared + more;
	reader->dropped_kinds = at[more];
	reader->dropped = at + more + 1;
	if (reader->codes != NULL) {
		memset(reader->dropped_key.bits, 0, sizeof(reader->dropped_key.bits));
		name_key_of_path(reader->codes, reader->dropped_path, reader->dropped_size,
				 &reader->dropped_key);
	}
}

/* Has the next name that could have one line two? */
static bool next_kind(reader_t *reader)
{
	if (reader->kinds == reader->kinds_end && reader->left == 0)
		return false; /* there are no notes */
	while (reader->left == 0 && reader->kinds < reader->kinds_end) {
		unsigned shift = 0;

		do {
			reader->left |= (uint64_t)(*reader->kinds & 127) << shift;
			shift += 7;
		} while ((*reader->kinds++ & 128) != 0);
		reader->is_split = !reader->is_split;
	}
	reader->left--;
	return reader->is_split;
}

static bool next_name(reader_t *reader)
{
	return reader->codes != NULL ? name_reader_next_key(&reader->names)
				     : name_reader_next(&reader->names);
}

/* Is the name of `names` before the next exclusion (negative), the same, or behind it? */
static int compare_sources(const reader_t *reader)
{
	if (LIKELY(!reader->has_dropped))
		return -1;
	if (!reader->has_name)
		return 1;
	if (reader->codes != NULL)
		return compare_keys(&reader->names.key, &reader->dropped_key);
	return compare_paths(reader->names.path.path, reader->names.path.size, reader->dropped_path,
			     reader->dropped_size);
}

static void next_line(reader_t *reader)
{
	if (reader->is_name)
		reader->has_name = next_name(reader);
	if (reader->is_dropped)
		next_dropped(reader);
	reader->has_line = reader->has_name || reader->has_dropped;
	if (!reader->has_line)
		return;
	int order = compare_sources(reader);
	reader->is_name = order <= 0;
	reader->is_dropped = order >= 0;
	reader->key = reader->is_name ? &reader->names.key : &reader->dropped_key;
	reader->path = reader->is_name ? reader->names.path.path : reader->dropped_path;
	reader->size = reader->is_name ? reader->names.path.size : reader->dropped_size;
	reader->line = (name_line_t){ .has_plain = false };
	if (reader->is_name) {
		const name_entries_t *entries = &reader->names.entries;

		reader->line = (name_line_t){
			.has_plain = entries->has_plain,
			.has_wildcard = entries->has_wildcard,
			.plain = entries->plain,
			.wildcard = entries->wildcard,
		};
		if (is_of_both(&reader->line))
			reader->line.is_split = next_kind(reader);
	}
	if (reader->is_dropped && (reader->dropped_kinds & DROPPED_PLAIN) != 0) {
		reader->line.has_plain = true;
		reader->line.plain = NAME_INDEX_NONE;
	}
	if (reader->is_dropped && (reader->dropped_kinds & DROPPED_WILDCARD) != 0) {
		reader->line.has_wildcard = true;
		reader->line.wildcard = NAME_INDEX_NONE;
	}
	if (reader->is_dropped && (reader->dropped_kinds & DROPPED_SPLIT) != 0)
		reader->line.is_split = true;
}

/* `by_keys`: names are not decoded. */
static void begin(reader_t *reader, const name_index_t *index, const name_lines_t *lines,
		  bool by_keys)
{
	memset(reader, 0, sizeof(*reader));
	reader->codes = by_keys ? index->codes : NULL;
	name_reader_begin(&reader->names, index);
	reader->kinds = lines->kinds;
	reader->kinds_end = lines->kinds != NULL ? lines->kinds + lines->kinds_size : NULL;
	reader->is_split = true; /* the first row, maybe of none, has one line for a name */
	reader->dropped = lines->dropped;
	reader->dropped_end = lines->dropped != NULL ? lines->dropped + lines->dropped_size : NULL;
	reader->is_name = reader->is_dropped = true;
	next_line(reader);
}

static int compare_readers(const reader_t *a, const reader_t *b)
{
	if (!a->has_line || !b->has_line)
		return b->has_line - a->has_line;
	if (a->codes != NULL)
		return compare_keys(a->key, b->key);
	if (a->size == b->size && memcmp(a->path, b->path, a->size) == 0)
		return 0;
	return compare_paths(a->path, a->size, b->path, b->size);
}

static inline bool is_same_line(const name_line_t *a, const name_line_t *b)
{
	return a->has_plain == b->has_plain && a->has_wildcard == b->has_wildcard &&
	       a->is_split == b->is_split && a->plain == b->plain && a->wildcard == b->wildcard;
}

/* Names with the same on the one side and on the other, that have not been told of yet. */
typedef struct row {
	uint64_t names;
	bool has_old;
	bool has_next;
	name_line_t old;
	name_line_t next;
} row_t;

static void tell_row(const row_t *row, name_lines_visit_t visit, void *context)
{
	if (row->names > 0)
		visit(context, row->has_old ? &row->old : NULL, row->has_next ? &row->next : NULL,
		      row->names);
}

void name_lines_compare(const name_index_t *old, const name_lines_t *old_lines,
			const name_index_t *next, const name_lines_t *next_lines,
			name_lines_visit_t visit, void *context)
{
	bool has_same_codes = memcmp(old->codes, next->codes, sizeof(old->codes)) == 0;
	row_t row = { .names = 0 };
	reader_t a;
	reader_t b;

	begin(&a, old, old_lines, has_same_codes);
	begin(&b, next, next_lines, has_same_codes);
	while (a.has_line || b.has_line) {
		int order = compare_readers(&a, &b);
		bool has_old = order <= 0;
		bool has_next = order >= 0;

		if (row.names == 0 || has_old != row.has_old || has_next != row.has_next ||
		    (has_old && !is_same_line(&a.line, &row.old)) ||
		    (has_next && !is_same_line(&b.line, &row.next))) {
			tell_row(&row, visit, context);
			row = (row_t){ 0, has_old, has_next, a.line, b.line };
		}
		row.names++;
		if (has_old)
			next_line(&a);
		if (has_next)
			next_line(&b);
	}
	tell_row(&row, visit, context);
}

/* ---- Checking. ---- */

/* Rows are numbers of 64 bits at most, the last of which ends where the notes do. */
static bool check_kinds(const uint8_t *at, size_t size)
{
	unsigned shift = 0;

	for (size_t i = 0; i < size; i++) {
		if (shift > 63 || (shift == 63 && (at[i] & 127) > 1))
			return false;
		shift = (at[i] & 128) != 0 ? shift + 7 : 0;
	}
	return shift == 0;
}

/* Are these labels with their lengths, none of them empty? */
static bool is_path(const uint8_t *path, size_t size)
{
	size_t at = 0;

	while (at < size && path[at] > 0 && path[at] < 64)
		at += path[at] + 1u;
	return size > 0 && at == size;
}

/* The paths of exclusions ascend. */
static bool check_dropped(const uint8_t *at, size_t size)
{
	const uint8_t *end = at + size;
	uint8_t before[NAME_SYMBOLS_MAX];
	uint8_t path[NAME_SYMBOLS_MAX];
	size_t before_size = 0;

	while (at < end) {
		if (end - at < 3)
			return false;
		size_t shared = *at++;
		size_t more = *at++;
		if (shared > before_size || more > sizeof(path) - shared ||
		    more + 1 > (size_t)(end - at))
			return false;
		memcpy(path + shared, at, more);
		at += more;
		unsigned kinds = *at++;
		if ((kinds & (DROPPED_PLAIN | DROPPED_WILDCARD)) == 0 ||
		    kinds > (DROPPED_PLAIN | DROPPED_WILDCARD | DROPPED_SPLIT))
			return false;
		if (!is_path(path, shared + more) ||
		    compare_paths(before, before_size, path, shared + more) >= 0)
			return false;
		before_size = shared + more;
		memcpy(before, path, before_size);
	}
	return true;
}

err_t name_lines_check(const void *kinds, size_t kinds_size, const void *dropped,
		       size_t dropped_size, const char **why)
{
	if (kinds_size > 0 && !check_kinds(kinds, kinds_size))
		*why = "rows of names are no numbers";
	else if (dropped_size > 0 && !check_dropped(dropped, dropped_size))
		*why = "exclusions are no names in order";
	else
		return ERR_OK;
	return ERR_INVAL;
}

err_t name_lines_walk(const name_index_t *index, const name_lines_t *lines, name_line_visit_t visit,
		      void *context)
{
	reader_t reader;
	err_t err = ERR_OK;

	for (begin(&reader, index, lines, false); reader.has_line && err == ERR_OK;
	     next_line(&reader))
		err = visit(context, reader.path, reader.size, &reader.line);
	return err;
}
