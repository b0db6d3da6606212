/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/intern.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/secret_hash.h"

/* All strings stand in one growing block: a u32 with the size, the bytes, padding to 4. `starts`
 * says for each id where, in units of 4 bytes. A hash table with linear probing finds the id of a
 * string; it holds 32 bits of each string's hash beside the id, so that a probe seldom has to touch
 * the block and growing never has to hash again. */

#define INTERN_ID_MAX 0x7fffffffu
#define INTERN_UNIT   4u  /* bytes; alignment of a string, unit of `starts` */
#define INTERN_FIRST  64u /* slots of a new table; a power of two */

typedef struct slot {
	uint32_t id; /* 0: free */
	uint32_t hash;
} slot_t;

struct intern {
	unsigned char *block;
	size_t block_size;
	size_t block_capacity;
	uint32_t *starts;
	size_t starts_capacity;
	uint32_t count;
	slot_t *slots; /* slot_mask + 1 of them, a power of two, at most 3/4 used; NULL: sealed */
	size_t slot_mask;
};

static uint32_t hash_of(const void *data, size_t size)
{
	return (uint32_t)secret_hash(data, size);
}

intern_t *intern_new(void)
{
	intern_t *pool = calloc(1, sizeof(*pool));

	if (pool == NULL)
		return NULL;
	pool->slot_mask = INTERN_FIRST - 1;
	pool->slots = calloc(INTERN_FIRST, sizeof(*pool->slots));
	if (pool->slots == NULL) {
		free(pool);
		return NULL;
	}
	return pool;
}

void intern_free(intern_t *pool)
{
	if (pool == NULL)
		return;
	free(pool->block);
	free(pool->starts);
	free(pool->slots);
	free(pool);
}

const void *intern_get(const intern_t *pool, uint32_t id, size_t *size)
{
	const unsigned char *entry;
	uint32_t size32;

	assert(id >= 1 && id <= pool->count);
	entry = pool->block + (size_t)pool->starts[id - 1] * INTERN_UNIT;
	memcpy(&size32, entry, sizeof(size32));
	*size = size32;
	return entry + sizeof(size32);
}

/* Index of the slot that holds the string, or of the free slot where it belongs. */
static size_t find_slot(const intern_t *pool, uint32_t hash, const void *data, size_t size)
{
	size_t at = hash & pool->slot_mask;

	for (; pool->slots[at].id != 0; at = (at + 1) & pool->slot_mask) {
		const void *known;
		size_t known_size;

		if (pool->slots[at].hash != hash)
			continue;
		known = intern_get(pool, pool->slots[at].id, &known_size);
		if (known_size == size && (size == 0 || memcmp(known, data, size) == 0))
			break;
	}
	return at;
}

static err_t grow_slots(intern_t *pool)
{
	size_t mask = pool->slot_mask * 2 + 1;
	slot_t *slots = calloc(mask + 1, sizeof(*slots));

	if (slots == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i <= pool->slot_mask; i++) {
		size_t at = pool->slots[i].hash & mask;

		if (pool->slots[i].id == 0)
			continue;
		while (slots[at].id != 0)
			at = (at + 1) & mask;
		slots[at] = pool->slots[i];
	}
	free(pool->slots);
	pool->slots = slots;
	pool->slot_mask = mask;
	return ERR_OK;
}

/* Copies the string to the end of the block as id count + 1. */
static err_t append_string(intern_t *pool, const void *data, size_t size)
{
	uint32_t size32 = (uint32_t)size;
	size_t entry = (sizeof(size32) + size + INTERN_UNIT - 1) / INTERN_UNIT * INTERN_UNIT;
	void *block = pool->block;
	void *starts = pool->starts;
	err_t error;

	if (size > UINT32_MAX || pool->block_size / INTERN_UNIT > UINT32_MAX)
		return ERR_RANGE;
	error = array_reserve(&block, &pool->block_capacity, pool->block_size + entry, 1);
	pool->block = block;
	if (error != ERR_OK)
		return error;
	error = array_reserve(&starts, &pool->starts_capacity, (size_t)pool->count + 1,
			      sizeof(*pool->starts));
	pool->starts = starts;
	if (error != ERR_OK)
		return error;
	memset(pool->block + pool->block_size + entry - INTERN_UNIT, 0, INTERN_UNIT);
	memcpy(pool->block + pool->block_size, &size32, sizeof(size32));
	if (size > 0)
		memcpy(pool->block + pool->block_size + sizeof(size32), data, size);
	pool->starts[pool->count++] = (uint32_t)(pool->block_size / INTERN_UNIT);
	pool->block_size += entry;
	return ERR_OK;
}

err_t intern_add(intern_t *pool, const void *data, size_t size, uint32_t *id)
{
	uint32_t hash = hash_of(data, size);
	size_t at;
	err_t error;

	assert(pool->slots != NULL);
	at = find_slot(pool, hash, data, size);
	if (pool->slots[at].id == 0) {
		if (pool->count >= INTERN_ID_MAX)
			return ERR_RANGE;
		if (pool->count >= (pool->slot_mask + 1) / 4 * 3) {
			error = grow_slots(pool);
			if (error != ERR_OK)
				return error;
			at = find_slot(pool, hash, data, size);
		}
		error = append_string(pool, data, size);
		if (error != ERR_OK)
			return error;
		pool->slots[at] = (slot_t){ .id = pool->count, .hash = hash };
	}
	*id = pool->slots[at].id;
	return ERR_OK;
}

uint32_t intern_count(const intern_t *pool)
{
	return pool->count;
}

/* Shrinks an array to what is used; the old one is kept when there is no memory for a smaller. */
static void *shrink(void *data, size_t *capacity, size_t used, size_t element_size)
{
	void *smaller = used > 0 ? realloc(data, used * element_size) : NULL;

	if (smaller == NULL)
		return data;
	*capacity = used;
	return smaller;
}

void intern_seal(intern_t *pool)
{
	free(pool->slots);
	pool->slots = NULL;
	pool->block = shrink(pool->block, &pool->block_capacity, pool->block_size, 1);
	pool->starts =
		shrink(pool->starts, &pool->starts_capacity, pool->count, sizeof(*pool->starts));
}

size_t intern_memory(const intern_t *pool)
{
	size_t slots = pool->slots != NULL ? (pool->slot_mask + 1) * sizeof(*pool->slots) : 0;

	return sizeof(*pool) + pool->block_capacity + slots +
	       pool->starts_capacity * sizeof(*pool->starts);
}
