/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CDB_CDB_SEARCH_H
#define SPURN_CDB_CDB_SEARCH_H

#include <cdb.h>

#include "cdb/cdb_file.h"

/* All records of one key, of which a cdb may have any number. */

/* Slots of a hash table in a row that may be in use. Of a file that tinycdb, or any other program, makes as it
 * should be half of them are free, so there are more than some dozens in a row only where a key has as many values. */
#define CDB_SEARCH_SLOTS_MAX 65536

/* Where the first record is. */
#define CDB_SEARCH_FIRST 2048

/* A search; plain data, of one thread. */
typedef struct cdb_search {
	struct cdb cdb;
	struct cdb_find find;
} cdb_search_t;

/* Begins a search for `key`, which must last as long. Reads nothing but where to begin. Looks at no more than
 * CDB_SEARCH_SLOTS_MAX slots, whatever is in the file. */
void cdb_search_begin(cdb_search_t *search, const cdb_file_t *file, const void *key,
		      size_t key_size) ATTR_NONNULL_ALL;

/* Has what will be read first come closer, for several searches at a time. */
static inline void cdb_search_prefetch(const cdb_search_t *search)
{
	if (search->find.cdb_httodo > 0)
		__builtin_prefetch(search->find.cdb_htp);
}

/* The same for the record that the first slot leads to, which is read for this: some time behind cdb_search_prefetch. */
static inline void cdb_search_prefetch_record(const cdb_search_t *search)
{
	if (search->find.cdb_httodo == 0)
		return;
	unsigned position = cdb_unpack(search->find.cdb_htp + 4);
	if (position != 0 && position < search->cdb.cdb_fsize)
		__builtin_prefetch(search->cdb.cdb_mem + position);
}

/* Finds the next record, and sets `*value`, which is in the mapping and not NULL. Returns false if there is none, or none
 * that is whole: then there is none behind it either. */
bool cdb_search_next(cdb_search_t *search, const void **value, size_t *value_size) ATTR_NONNULL_ALL;

/* Looks at the hash tables as a whole: are they inside of the file, is there a slot for each of `records` records,
 * and are there no more in a row than a search looks at? Then all records can be found, if their hashes are right,
 * which is not looked at. Returns ERR_OK, or ERR_CORRUPT with the reason (static text) in `*why`. */
err_t cdb_search_check(const cdb_file_t *file, uint64_t records,
		       const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
