/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_RUN_H
#define SPURN_INDEX_NAME_RUN_H

#include "index/name_code.h"

/* Records of names in order, packed: written once, then taken from the front, which gives their memory
 * back as it goes. Private to the name_*.c files of this directory. */

/* What a run is made of, one record behind the other. All zero is an empty one; its memory is kept from
 * one run to the next. */
typedef struct name_run_writer {
	uint8_t *bits;
	size_t size; /* whole bytes */
	size_t capacity;
	uint64_t word; /* the last `fill` bits of it are not written yet */
	unsigned fill; /* below 32 */
	size_t count;  /* of records */
	bool is_each;  /* value and kinds of each record are written */
	name_key_t before;
	uint32_t value;
	uint32_t usual;
} name_run_writer_t;

/* A run that is taken from, and the record that was taken last. */
typedef struct name_run {
	uint8_t *bits; /* mapped */
	size_t mapped;
	size_t released; /* bytes of it that are no more */
	size_t position; /* nibbles read */
	size_t left;     /* records */
	bool is_each;
	uint32_t usual;

	uint32_t value;
	unsigned kinds;
	name_key_t key; /* without bit_count; zeros behind its end */
} name_run_t;

/* Begins a run. `is_each`: do records differ in value or kinds? Else they have those given here. */
void name_run_begin(name_run_writer_t *writer, bool is_each) ATTR_NONNULL_ALL;

/* Adds a record. Keys ascend, and may be equal. Returns ERR_OK or ERR_NOMEM. */
err_t name_run_put(name_run_writer_t *writer, const name_key_t *key, uint32_t value,
		   unsigned kinds) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Makes a run of what was put; if that is all the same, `value` and `kinds` are those of all. Returns
 * ERR_OK or ERR_NOMEM. The caller clears the run. */
err_t name_run_end(name_run_writer_t *writer, uint32_t value, unsigned kinds,
		   name_run_t *run) ATTR_NONNULL_ALL ATTR_NODISCARD;

void name_run_writer_clear(name_run_writer_t *writer) ATTR_NONNULL_ALL;

/* Takes the next record; false when there is none. */
bool name_run_take(name_run_t *run) ATTR_NONNULL_ALL;

void name_run_clear(name_run_t *run) ATTR_NONNULL_ALL;

#endif
