/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_RECORDS_H
#define SPURN_INDEX_NAME_RECORDS_H

#include "index/name_batches.h"
#include "index/name_coder.h"

/* The names of a name_builder: added in any order, and then taken in order. In between they are kept
 * packed, as the lists of a big blocklist are the peak of spurn's memory; what has been taken gives its
 * memory back. Private to the name_*.c files of this directory. */

/* Names whose keys are made here, on their way to the bins: so many together are put there faster. */
typedef struct name_waiting {
	uint32_t count;
	name_bins_entry_t entries[NAME_BINS_GROUP];
	uint8_t *at; /* behind the last record */
	uint8_t records[NAME_BINS_GROUP * NAME_RECORD_ROOM];
} name_waiting_t;

/* A list. All zero is an empty one. */
typedef struct name_records {
	/* The first names, until there are enough of them to tell which code suits the list: of each its
	 * value (4 bytes), kinds, and the name on the wire. */
	uint8_t *sample;
	size_t sample_size;
	size_t sample_capacity;
	size_t sample_count; /* of names */
	uint64_t expected;   /* bytes of text of all names, about; 0: not known */
	bool is_all_sample;  /* no name has come behind it */
	/* How often each symbol occurs in the sample; once there is a code, in all names, about. */
	uint64_t symbols[NAME_SYMBOLS];
	uint64_t counted_for;     /* names that those stand for which were counted since */
	uint64_t until_counted;   /* names that come before the next one to be counted */
	name_code_table_t *table; /* NULL: all names are in the sample so far */
	name_decoder_t decoder;   /* for the same codes */
	name_coder_t *coder;      /* of name_records_add */
	name_coder_t *lent_coder; /* NULL: none has been asked for */
	name_waiting_t *waiting;
	name_bins_t bins;
	name_batches_t batches; /* while taking */
	bool is_taking;
} name_records_t;

/* See name_builder_expect. */
void name_records_expect(name_records_t *records, uint64_t bytes) ATTR_NONNULL_ALL;

/* Adds names: see name_builder_add_many. Returns ERR_OK or ERR_NOMEM. */
err_t name_records_add(name_records_t *records, const uint8_t *names, size_t size,
		       uint32_t value) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* See name_builder_coder and name_builder_add_keys. */
name_coder_t *name_records_coder(name_records_t *records) ATTR_NONNULL_ALL;
err_t name_records_add_keys(name_records_t *records, const uint8_t *keys, size_t size,
			    uint32_t value) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* See name_builder_add_each and name_builder_add_each_key. */
err_t name_records_add_each(name_records_t *records, const uint8_t *const entries[],
			    const uint32_t values[], size_t count) ATTR_NONNULL_ALL ATTR_NODISCARD;
err_t name_records_add_each_key(name_records_t *records, const uint8_t *const keys[],
				const uint32_t values[],
				size_t count) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Ends adding, and begins to take, on two threads if `has_thread`; afterwards only the functions below may
 * be called. Returns ERR_OK or ERR_NOMEM. */
err_t name_records_sort(name_records_t *records, bool has_thread) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* For the keys of all records, and with their codes. */
const name_decoder_t *name_records_decoder(const name_records_t *records) ATTR_NONNULL_ALL;

/* Makes those codes that suit all records best, if the ones that their keys have are much worse. Returns
 * ERR_OK, or ERR_NOMEM; `*is_better` tells whether there are any. */
err_t name_records_better_codes(const name_records_t *records, name_code_t codes[NAME_SYMBOLS],
				bool *is_better) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Takes the next records: see name_batches_take. */
err_t name_records_take(name_records_t *records, const name_batch_t **batch,
			const uint8_t **prefix) ATTR_NONNULL_ALL ATTR_NODISCARD;

void name_records_clear(name_records_t *records) ATTR_NONNULL_ALL;

#endif
