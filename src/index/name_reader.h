/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_READER_H
#define SPURN_INDEX_NAME_READER_H

#include "index/name_layout.h"

/* Reads the names of a name_index in their order. Private to the name_*.c files of this directory.
 *
 * It believes nothing but the header (where buckets and pairs are, and the codes), and that
 * NAME_PADDING bytes lie behind the buckets. */
typedef struct name_reader {
	const name_index_t *index;
	const uint8_t *next; /* bucket */
	const uint8_t *end;  /* of the buckets */
	name_bucket_t bucket;
	name_cursor_t cursor;
	uint32_t name; /* of the bucket: the next one */
	name_key_t key;
	name_decoder_t decoder;
	const char *why; /* what is wrong, a static text; NULL: nothing so far */
	/* The name that name_reader_next read. */
	name_entries_t entries;
	uint32_t shared; /* nibbles that `key` shares with the one that `path` was made of */
	name_path_t path;
} name_reader_t;

void name_reader_begin(name_reader_t *reader, const name_index_t *index) ATTR_NONNULL_ALL;

/* Reads a name. False when there is none, or when something is wrong: then `why` is set. */
bool name_reader_next(name_reader_t *reader) ATTR_NONNULL_ALL;

/* The same without its path: only the key and the entries are the name's. It may turn out not to be that of
 * a name when the next path is made. */
bool name_reader_next_key(name_reader_t *reader) ATTR_NONNULL_ALL;

#endif
