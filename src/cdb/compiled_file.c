/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "cdb/compiled_file.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cdb/cdb_file.h"
#include "cdb/checksum.h"
#include "cdb/compiled_rebuild.h"

/* Bytes of a block's key. */
#define KEY_MAX (COMPILED_NAME_MAX + sizeof("4294967295/"))

struct compiled_file {
	cdb_file_t *cdb;
	json_t *header;
};

/* Where a reason goes. */
typedef struct reason {
	char *text;
	size_t size;
} reason_t;

static void because(reason_t why, const char *format, ...) ATTR_PRINTF(2, 3);

static void because(reason_t why, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why.text, why.size, format, arguments);
	va_end(arguments);
}

/* Says that the list has to be compiled anew, and how. */
static err_t refuse_format(const json_t *header, const char *path, const char *what, reason_t why)
{
	char *command = compiled_rebuild_command(path, header);
	size_t length = command != NULL ? strlen(command) : 0;

	/* Half a command is worse than none. */
	if (command == NULL)
		because(why, "%s; compile it anew with this version's 'spurn compile'", what);
	else if (length + strlen(what) + sizeof("; compile it anew: ") > why.size)
		because(why, "%s; compile it anew: 'spurn info %s' has the command", what, path);
	else
		because(why, "%s; compile it anew: %s", what, command);
	free(command);
	return ERR_UNSUPPORTED;
}

/* Is it of a kind that this machine and version can use? */
static err_t check_format(const json_t *header, const char *path, reason_t why)
{
	json_int_t format = json_integer_value(json_object_get(header, "format"));
	const char *byte_order = json_string_value(json_object_get(header, "byte_order"));
	char what[128];

	if (format != COMPILED_FORMAT) {
		snprintf(what, sizeof(what),
			 "compiled list of format %lld, and this version of spurn reads %d",
			 (long long)format, COMPILED_FORMAT);
		return refuse_format(header, path, what, why);
	}
	if (byte_order == NULL || strcmp(byte_order, COMPILED_BYTE_ORDER) != 0)
		return refuse_format(header, path, "compiled on a machine with another byte order",
				     why);
	return ERR_OK;
}

/* Finds the header, and proves that it is as it was written. */
static err_t read_header(compiled_file_t *file, reason_t why)
{
	char sum[CHECKSUM_TEXT_MAX];
	const void *text;
	const void *given;
	size_t size;
	size_t given_size;

	if (!cdb_file_find(file->cdb, COMPILED_KEY_HEADER, strlen(COMPILED_KEY_HEADER), &text,
			   &size)) {
		because(why, "a cdb, but not made by 'spurn compile'; type cdb serves it");
		return ERR_CORRUPT;
	}
	if (!cdb_file_find(file->cdb, COMPILED_KEY_CHECKSUM, strlen(COMPILED_KEY_CHECKSUM), &given,
			   &given_size) ||
	    given_size != strlen(checksum_text(text, size, sum)) ||
	    memcmp(given, sum, given_size) != 0) {
		because(why, "damaged: the header's checksum is wrong; compile or copy it anew");
		return ERR_CORRUPT;
	}
	file->header = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(file->header)) {
		because(why, "the header is no JSON object");
		return ERR_CORRUPT;
	}
	return ERR_OK;
}

/* Finds block `name` of data set `number`, without a look at its content. */
static const void *find_block(const compiled_file_t *file, size_t number, const char *name,
			      size_t *size)
{
	char key[KEY_MAX];
	int length = snprintf(key, sizeof(key), "%zu/%s", number, name);
	const void *block;

	if (length < 0 || (size_t)length >= sizeof(key) ||
	    !cdb_file_find(file->cdb, key, (size_t)length, &block, size) ||
	    (uintptr_t)block % COMPILED_ALIGNMENT != 0)
		return NULL;
	return block;
}

/* Proves that a block is what the header says. */
static err_t check_block(const compiled_file_t *file, size_t number, const json_t *entry,
			 reason_t why)
{
	const char *name = json_string_value(json_object_get(entry, "name"));
	const char *given = json_string_value(json_object_get(entry, "xxh3_128"));
	json_int_t given_size = json_integer_value(json_object_get(entry, "size"));
	char sum[CHECKSUM_TEXT_MAX];
	const void *block;
	size_t size;

	if (name == NULL || given == NULL) {
		because(why, "the header does not describe its blocks");
		return ERR_CORRUPT;
	}
	block = find_block(file, number, name, &size);
	if (block == NULL || given_size < 0 || size != (size_t)given_size) {
		because(why, "damaged: block %zu/%s is missing; compile or copy it anew", number,
			name);
		return ERR_CORRUPT;
	}
	if (strcmp(checksum_text(block, size, sum), given) != 0) {
		because(why,
			"damaged: the checksum of block %zu/%s is wrong; compile or copy it anew",
			number, name);
		return ERR_CORRUPT;
	}
	return ERR_OK;
}

static err_t check_blocks(const compiled_file_t *file, reason_t why)
{
	const json_t *datasets = json_object_get(file->header, "datasets");
	size_t number;
	json_t *dataset;

	json_array_foreach(datasets, number, dataset)
	{
		const json_t *blocks = json_object_get(dataset, "blocks");
		size_t i;
		json_t *entry;

		if (!json_is_array(blocks))
			break;
		json_array_foreach(blocks, i, entry)
		{
			err_t err = check_block(file, number, entry, why);
			if (err != ERR_OK)
				return err;
		}
	}
	if (!json_is_array(datasets) || number < json_array_size(datasets)) {
		because(why, "the header does not describe its data sets");
		return ERR_CORRUPT;
	}
	return ERR_OK;
}

static err_t open_cdb(compiled_file_t *file, const char *path, file_stamp_t *stamp, reason_t why)
{
	err_t err = cdb_file_open(path, &file->cdb, stamp);

	if (err == ERR_CORRUPT)
		because(why, "no cdb, which every compiled list is, or not all of one");
	else if (err == ERR_INVAL)
		because(why, "no plain file");
	else if (err != ERR_OK)
		because(why, "%s", err_text(err));
	return err;
}

err_t compiled_file_open(const char *path, compiled_file_t **file, file_stamp_t *stamp, char *why,
			 size_t why_size)
{
	reason_t reason = { why, why_size };
	compiled_file_t *made = calloc(1, sizeof(*made));
	err_t err;

	if (made == NULL) {
		because(reason, "%s", err_text(ERR_NOMEM));
		return ERR_NOMEM;
	}
	err = open_cdb(made, path, stamp, reason);
	if (err == ERR_OK)
		err = read_header(made, reason);
	if (err == ERR_OK)
		err = check_format(made->header, path, reason);
	if (err == ERR_OK)
		err = check_blocks(made, reason);
	if (err != ERR_OK) {
		compiled_file_close(made);
		return err;
	}
	*file = made;
	return ERR_OK;
}

const json_t *compiled_file_header(const compiled_file_t *file)
{
	return file->header;
}

const void *compiled_file_block(const compiled_file_t *file, unsigned number, const char *name,
				size_t *size)
{
	const json_t *dataset = json_array_get(json_object_get(file->header, "datasets"), number);
	const json_t *blocks = json_object_get(dataset, "blocks");
	size_t i;
	json_t *entry;

	/* Only what the header has, and so what has been verified. */
	json_array_foreach(blocks, i, entry)
	{
		if (strcmp(json_string_value(json_object_get(entry, "name")), name) == 0)
			return find_block(file, number, name, size);
	}
	return NULL;
}

const void *compiled_file_memory(const compiled_file_t *file, size_t *size)
{
	return cdb_file_memory(file->cdb, size);
}

void compiled_file_close(compiled_file_t *file)
{
	if (file == NULL)
		return;
	json_decref(file->header);
	cdb_file_close(file->cdb);
	free(file);
}
