/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_COMPILED_PARTS_H
#define SPURN_TESTS_COMPILED_PARTS_H

#include <cdb.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cdb/checksum.h"
#include "cdb/compiled_file.h"

/* Takes a compiled file apart and puts it together again, with other blocks or another header and all sums
 * right: what somebody could do who wants spurnd to crash. Whatever cannot be done for want of memory or
 * disk ends the program. */

#define PARTS_MAX 64

typedef struct compiled_block {
	char *key; /* "0/index" */
	uint8_t *bytes;
	size_t size;
} compiled_block_t;

typedef struct compiled_parts {
	json_t *header;
	compiled_block_t blocks[PARTS_MAX];
	size_t count;
} compiled_parts_t;

#define PARTS_FUNCTION static __attribute__((unused))

PARTS_FUNCTION void parts_require(int is_good)
{
	if (!is_good)
		abort();
}

PARTS_FUNCTION void *parts_copy(const void *from, size_t size)
{
	char *copy = malloc(size + 1);

	parts_require(copy != NULL);
	if (size > 0)
		memcpy(copy, from, size);
	copy[size] = '\0';
	return copy;
}

PARTS_FUNCTION void parts_free(compiled_parts_t *parts)
{
	for (size_t i = 0; i < parts->count; i++) {
		free(parts->blocks[i].key);
		free(parts->blocks[i].bytes);
	}
	json_decref(parts->header);
	*parts = (compiled_parts_t){ .count = 0 };
}

/* Takes a record; of those that make no part there is no more. */
PARTS_FUNCTION void parts_take(compiled_parts_t *parts, const char *key, size_t key_size,
			       const uint8_t *value, size_t size)
{
	if (key_size == strlen(COMPILED_KEY_HEADER) &&
	    memcmp(key, COMPILED_KEY_HEADER, key_size) == 0) {
		json_decref(parts->header);
		parts->header = json_loadb((const char *)value, size, JSON_REJECT_DUPLICATES, NULL);
	} else if (memchr(key, '/', key_size) != NULL && parts->count < PARTS_MAX) {
		parts->blocks[parts->count++] = (compiled_block_t){ parts_copy(key, key_size),
								    parts_copy(value, size), size };
	}
}

/* Takes a file apart, of any bytes. False if there is no header in it that is JSON. */
PARTS_FUNCTION int parts_read(const uint8_t *bytes, size_t size, compiled_parts_t *parts)
{
	*parts = (compiled_parts_t){ .count = 0 };
	if (size < 2048)
		return 0;
	size_t end = cdb_unpack(bytes); /* where the first hash table is */
	end = end < size ? end : size;
	for (size_t at = 2048; at + 8 <= end;) {
		size_t key_size = cdb_unpack(bytes + at);
		size_t value_size = cdb_unpack(bytes + at + 4);
		at += 8;
		if (key_size > end - at || value_size > end - at - key_size)
			break;
		parts_take(parts, (const char *)bytes + at, key_size, bytes + at + key_size,
			   value_size);
		at += key_size + value_size;
	}
	if (json_is_object(parts->header))
		return 1;
	parts_free(parts);
	return 0;
}

/* The block with this key, or NULL. */
PARTS_FUNCTION compiled_block_t *parts_find(compiled_parts_t *parts, const char *key)
{
	for (size_t i = 0; i < parts->count; i++)
		if (strcmp(parts->blocks[i].key, key) == 0)
			return &parts->blocks[i];
	return NULL;
}

/* Puts another block in place of one, or adds it. */
PARTS_FUNCTION void parts_set(compiled_parts_t *parts, const char *key, const void *bytes,
			      size_t size)
{
	compiled_block_t *block = parts_find(parts, key);

	if (block == NULL) {
		parts_require(parts->count < PARTS_MAX);
		block = &parts->blocks[parts->count++];
		block->key = parts_copy(key, strlen(key));
	} else {
		free(block->bytes);
	}
	block->bytes = parts_copy(bytes, size);
	block->size = size;
}

/* Writes the sizes and sums of all blocks that there are where the header has those of the blocks. */
PARTS_FUNCTION void parts_sum(compiled_parts_t *parts)
{
	json_t *datasets = json_object_get(parts->header, "datasets");
	json_t *dataset, *entry;
	size_t i, j;

	json_array_foreach(datasets, i, dataset)
	{
		json_array_foreach(json_object_get(dataset, "blocks"), j, entry)
		{
			const char *name = json_string_value(json_object_get(entry, "name"));
			char key[100], sum[CHECKSUM_TEXT_MAX];

			if (name == NULL)
				continue;
			(void)snprintf(key, sizeof(key), "%zu/%.60s", i, name);
			const compiled_block_t *block = parts_find(parts, key);
			if (block == NULL)
				continue;
			(void)checksum_text(block->bytes, block->size, sum);
			(void)json_object_set_new(entry, "size",
						  json_integer((json_int_t)block->size));
			(void)json_object_set_new(entry, "xxh3_128", json_string(sum));
		}
	}
}

PARTS_FUNCTION void parts_add(struct cdb_make *maker, const char *key, const void *value,
			      size_t size)
{
	parts_require(cdb_make_add(maker, key, (unsigned)strlen(key), value, (unsigned)size) == 0);
}

/* Writes the parts to `fd`, which is empty, the header with its own sum. */
PARTS_FUNCTION void parts_write(const compiled_parts_t *parts, int fd)
{
	static const uint8_t zeros[COMPILED_ALIGNMENT];
	struct cdb_make maker;
	char sum[CHECKSUM_TEXT_MAX];
	size_t at = 2048;

	parts_require(cdb_make_start(&maker, fd) == 0);
	for (size_t i = 0; i < parts->count; i++) {
		const compiled_block_t *block = &parts->blocks[i];
		size_t head = 8 + strlen(block->key);
		size_t fill_head = 8 + strlen(COMPILED_KEY_FILL);
		size_t fill =
			(2 * COMPILED_ALIGNMENT - (at + fill_head + head) % COMPILED_ALIGNMENT) %
			COMPILED_ALIGNMENT;

		parts_add(&maker, COMPILED_KEY_FILL, zeros, fill);
		parts_add(&maker, block->key, block->bytes, block->size);
		at += fill_head + fill + head + block->size;
	}
	char *header = json_dumps(parts->header, JSON_COMPACT);
	parts_require(header != NULL);
	parts_add(&maker, COMPILED_KEY_HEADER, header, strlen(header));
	(void)checksum_text(header, strlen(header), sum);
	parts_add(&maker, COMPILED_KEY_CHECKSUM, sum, strlen(sum));
	parts_require(cdb_make_finish(&maker) == 0);
	free(header);
}

#endif
