/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_RECORDS_H
#define SPURN_INDEX_NAME_RECORDS_H

#include "index/name_code.h"

/* The names of a name_builder as they come, and their order. Private to the name_*.c files of this
 * directory. */

/* A record; points into the list. */
typedef struct name_record {
	const uint8_t *path;
	size_t size; /* bytes of the path */
	uint32_t value;
	unsigned kinds;
} name_record_t;

/* A list. All zero is an empty one. */
typedef struct name_records {
	uint8_t *data; /* of each: value (4 bytes), kinds, size of the path, path; padding to 2 */
	size_t size;
	size_t capacity;
	size_t count;
	uint64_t symbols[NAME_SYMBOLS]; /* how often each occurs */
} name_records_t;

/* A place in the order. */
typedef struct name_place {
	uint32_t head[2]; /* bits of the key, the first ones in head[0] */
	uint32_t record;
} name_place_t;

/* Appends. The record's path is copied. Returns ERR_OK, ERR_NOMEM or ERR_RANGE. */
err_t name_records_append(name_records_t *records,
			  const name_record_t *record) ATTR_NONNULL_ALL ATTR_NODISCARD;

void name_records_clear(name_records_t *records) ATTR_NONNULL_ALL;

/* The places of all records in the order of their keys; those of one name in any order. NULL for
 * want of memory. The caller frees it. */
name_place_t *name_records_sort(const name_records_t *records,
				const name_code_t codes[NAME_SYMBOLS]) ATTR_NONNULL_ALL;

/* The record of a place. */
name_record_t name_records_get(const name_records_t *records,
			       const name_place_t *place) ATTR_NONNULL_ALL;

/* Asks for the memory of a record that will be wanted soon. */
void name_records_prefetch(const name_records_t *records,
			   const name_place_t *place) ATTR_NONNULL_ALL;

#endif
