/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "cdb/compiled_blocks.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fault_guard.h"
#include "base/processors.h"
#include "base/thread.h"
#include "cdb/checksum.h"
#include "cdb/compiled_file.h"

/* Bytes of a file from which on two threads are faster than one: starting one takes as long as mapping a megabyte. */
#define AHEAD_MIN (4 << 20)

/* Bytes of a block's key. */
#define KEY_MAX (COMPILED_NAME_MAX + sizeof("4294967295/"))

const void *compiled_blocks_find(const cdb_file_t *cdb, size_t number, const char *name,
				 size_t *size)
{
	char key[KEY_MAX];
	int length = snprintf(key, sizeof(key), "%zu/%s", number, name);
	const void *block;

	if (length < 0 || (size_t)length >= sizeof(key) ||
	    !cdb_file_find(cdb, key, (size_t)length, &block, size) ||
	    (uintptr_t)block % COMPILED_ALIGNMENT != 0)
		return NULL;
	return block;
}

/* What is done in a guard, where neither memory nor locks are to be taken. */
typedef struct check {
	const cdb_file_t *cdb;
	const json_t *header;
	char *why;
	size_t why_size;
	size_t left; /* bytes of the file that no block has had so far */
	err_t err;
} check_t;

/* Proves that a block is what the header says. */
static err_t check_block(check_t *check, size_t number, const json_t *entry)
{
	const char *name = json_string_value(json_object_get(entry, "name"));
	const char *given = json_string_value(json_object_get(entry, "xxh3_128"));
	json_int_t given_size = json_integer_value(json_object_get(entry, "size"));
	char sum[CHECKSUM_TEXT_MAX];
	const void *block;
	size_t size;

	if (name == NULL || given == NULL) {
		snprintf(check->why, check->why_size, "the header does not describe its blocks");
		return ERR_CORRUPT;
	}
	block = compiled_blocks_find(check->cdb, number, name, &size);
	if (block == NULL || given_size < 0 || size != (size_t)given_size) {
		snprintf(check->why, check->why_size,
			 "damaged: block %zu/%s is missing; compile or copy it anew", number, name);
		return ERR_CORRUPT;
	}
	/* Whoever names one a thousand times has us read it as often, for hours. */
	if (size >= check->left) {
		snprintf(check->why, check->why_size,
			 "the header has more blocks than there is room for in the file");
		return ERR_CORRUPT;
	}
	check->left -= size;
	if (strcmp(checksum_text(block, size, sum), given) != 0) {
		snprintf(check->why, check->why_size,
			 "damaged: the checksum of block %zu/%s is wrong; compile or copy it anew",
			 number, name);
		return ERR_CORRUPT;
	}
	return ERR_OK;
}

static err_t check_dataset(check_t *check, size_t number, const json_t *blocks)
{
	size_t i;
	json_t *entry;

	if (!json_is_array(blocks)) {
		snprintf(check->why, check->why_size, "the header does not describe its data sets");
		return ERR_CORRUPT;
	}
	json_array_foreach(blocks, i, entry)
	{
		err_t err = check_block(check, number, entry);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

static void check_all(void *context)
{
	check_t *check = context;
	const json_t *datasets = json_object_get(check->header, "datasets");
	size_t number;
	json_t *dataset;

	if (!json_is_array(datasets))
		check->err = check_dataset(check, 0, NULL);
	json_array_foreach(datasets, number, dataset)
	{
		if (check->err == ERR_OK)
			check->err =
				check_dataset(check, number, json_object_get(dataset, "blocks"));
	}
}

/* Has the second half of the file mapped while the first one is summed up. */
static void *map_ahead(void *context)
{
	size_t size;
	const uint8_t *memory = cdb_file_memory(context, &size);
	size_t half = size / 2 & ~((size_t)sysconf(_SC_PAGESIZE) - 1);

	/* Kernels before 5.14 do not know it, and nothing is lost. */
	(void)madvise((void *)(uintptr_t)(memory + half), size - half, MADV_POPULATE_READ);
	return NULL;
}

err_t compiled_blocks_check(cdb_file_t *cdb, const json_t *header, char *why, size_t why_size)
{
	check_t check = { .cdb = cdb, .header = header, .why = why, .why_size = why_size };
	pthread_t thread;
	size_t size;
	bool has_thread = cdb_file_memory(cdb, &size) != NULL && size >= AHEAD_MIN &&
			  processors_allowed() > 1 &&
			  thread_start(&thread, "map ahead", 0, map_ahead, cdb) == ERR_OK;

	check.left = size;
	bool is_whole = fault_guard_run(check_all, &check);

	if (has_thread)
		(void)pthread_join(thread, NULL);
	return is_whole ? check.err : ERR_CHANGED;
}
