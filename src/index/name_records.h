/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_RECORDS_H
#define SPURN_INDEX_NAME_RECORDS_H

#include "index/name_run.h"

/* The names of a name_builder: appended to in any order, and then taken from in order. In between they
 * are kept sorted and packed, run by run, as the lists of a big blocklist are the peak of spurn's
 * memory; what has been taken gives its memory back. Private to the name_*.c files of this directory.
 */

typedef struct name_record {
	size_t size; /* bytes of the path */
	uint32_t value;
	unsigned kinds;                 /* NAME_FOR_*, up to 3 bits */
	uint8_t path[NAME_SYMBOLS_MAX]; /* see name_layout.h */
} name_record_t;

/* A place in the order of those records that are not packed yet. */
typedef struct name_place {
	uint32_t head[2]; /* bits of the key, the first ones in head[0] */
	uint32_t record;
} name_place_t;

/* A run in the heap of those that are taken from. */
typedef struct name_head {
	uint64_t head; /* the first bits of its key */
	name_run_t *run;
} name_head_t;

/* A list. All zero is an empty one. */
typedef struct name_records {
	uint8_t *data; /* not packed yet: of each value (4 bytes), kinds, size of the path, path;
			  padding to 2 */
	size_t size;
	size_t capacity;
	size_t count;
	bool is_each; /* they do not all have the same value and kinds */
	name_place_t *places;
	size_t place_capacity;
	name_run_writer_t writer;

	name_run_t *runs;
	size_t run_count;
	size_t run_capacity;
	name_head_t *heads; /* while taking: a heap, the run with the next record first */
	size_t head_count;
	/* Of the runs' keys: made from the names of the first run, so that it suits all of them if the
	 * others are like those. */
	name_code_t codes[NAME_SYMBOLS];
	name_decoder_t decoder;

	uint64_t symbols[NAME_SYMBOLS]; /* how often each occurs in all records */
} name_records_t;

/* Appends. Returns ERR_OK or ERR_NOMEM (nothing appended). */
err_t name_records_append(name_records_t *records,
			  const name_record_t *record) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Ends appending; afterwards only name_records_take and name_records_clear may be called. Returns
 * ERR_OK or ERR_NOMEM. */
err_t name_records_sort(name_records_t *records) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Takes the record out whose name is the first in order; those of one name come in any order. Returns
 * false when there is none. */
bool name_records_take(name_records_t *records, name_record_t *record) ATTR_NONNULL_ALL;

void name_records_clear(name_records_t *records) ATTR_NONNULL_ALL;

#endif
