/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "cdb/cdb_search.h"

#include <limits.h>
#include <string.h>

/* A slot is a hash and the position of a record, 0 where it is free; a table is told by its position and slots. */
#define SLOT_SIZE 8
#define TABLES    256
#define HEAD_SIZE ((size_t)TABLES * SLOT_SIZE)

void cdb_search_begin(cdb_search_t *search, const cdb_file_t *file, const void *key,
		      size_t key_size)
{
	const unsigned most = CDB_SEARCH_SLOTS_MAX * SLOT_SIZE;

	search->cdb = *cdb_file_cdb(file);
	if (key_size > INT_MAX ||
	    cdb_findinit(&search->find, &search->cdb, key, (unsigned)key_size) <= 0)
		search->find.cdb_httodo = 0;
	else if (search->find.cdb_httodo > most)
		search->find.cdb_httodo = most;
}

bool cdb_search_next(cdb_search_t *search, const void **value, size_t *value_size)
{
	if (search->find.cdb_httodo == 0)
		return false;
	const void *found = cdb_findnext(&search->find) > 0 ? cdb_getdata(&search->cdb) : NULL;
	if (found == NULL) {
		search->find.cdb_httodo = 0;
		return false;
	}
	*value = found;
	*value_size = cdb_datalen(&search->cdb);
	return true;
}

/* What is in a table. */
typedef struct usage {
	uint64_t used;
	uint64_t longest; /* row of slots in use */
} usage_t;

static bool is_used(const uint8_t *table, size_t slot)
{
	uint32_t position;

	memcpy(&position, table + slot * SLOT_SIZE + 4, sizeof(position));
	return position != 0; /* in any byte order */
}

/* A row may go on at the beginning of its table: both parts are added. */
static usage_t count_slots(const uint8_t *table, size_t slots)
{
	usage_t usage = { 0, 0 };
	size_t row = 0;

	for (size_t i = 0; i < slots; i++) {
		row = is_used(table, i) ? row + 1 : 0;
		usage.used += row > 0;
		if (row > usage.longest)
			usage.longest = row;
	}
	for (size_t i = 0; row > 0 && i < slots && is_used(table, i); i++)
		if (++row > usage.longest)
			usage.longest = row;
	return usage;
}

err_t cdb_search_check(const cdb_file_t *file, uint64_t records, const char **why)
{
	size_t size;
	const uint8_t *memory = cdb_file_memory(file, &size);
	uint64_t used = 0;

	for (size_t i = 0; i < TABLES; i++) {
		const uint8_t *entry = memory + i * SLOT_SIZE;
		size_t position = cdb_unpack(entry);
		size_t slots = cdb_unpack(entry + 4);
		if (slots == 0)
			continue;
		if (position < HEAD_SIZE || position > size ||
		    slots > (size - position) / SLOT_SIZE) {
			*why = "a hash table is not inside of the file: it is damaged, or has "
			       "been cut";
			return ERR_CORRUPT;
		}
		usage_t usage = count_slots(memory + position, slots);
		used += usage.used;
		if (usage.longest > CDB_SEARCH_SLOTS_MAX) {
			*why = "one of its hash tables is too crowded: is there one key tens of "
			       "thousands of times?";
			return ERR_CORRUPT;
		}
	}
	if (used == records)
		return ERR_OK;
	*why = "its hash tables are not those of its records: it is damaged";
	return ERR_CORRUPT;
}
