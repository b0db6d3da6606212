/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "cdb/compiled_file.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault_guard.h"
#include "cdb/checksum.h"
#include "cdb/compiled_blocks.h"
#include "cdb/compiled_rebuild.h"

/* Where the first record of a cdb starts. */
#define CDB_HEAD_SIZE 2048

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

/* The first record is always zeros: the one behind it would not be aligned without. */
bool compiled_file_is_ours(const cdb_file_t *cdb)
{
	static const uint8_t first[] = { sizeof(COMPILED_KEY_FILL) - 1, 0, 0, 0 };
	static const uint8_t key[] = COMPILED_KEY_FILL;
	const uint8_t *memory;
	const void *header;
	size_t size;

	if (cdb_file_find(cdb, COMPILED_KEY_HEADER, strlen(COMPILED_KEY_HEADER), &header, &size))
		return true;
	memory = cdb_file_memory(cdb, &size);
	return size > CDB_HEAD_SIZE + 8 + sizeof(key) &&
	       memcmp(memory + CDB_HEAD_SIZE, first, sizeof(first)) == 0 &&
	       memcmp(memory + CDB_HEAD_SIZE + 8, key, sizeof(key) - 1) == 0;
}

/* A record that is found, and copied; both in a guard. */
typedef struct record {
	const cdb_file_t *cdb;
	const char *key;
	const void *value; /* NULL: there is none */
	size_t size;
	char *copy; /* NULL: not yet */
} record_t;

static void find_record(void *context)
{
	record_t *record = context;

	(void)cdb_file_find(record->cdb, record->key, strlen(record->key), &record->value,
			    &record->size);
}

static void copy_record(void *context)
{
	record_t *record = context;

	memcpy(record->copy, record->value, record->size);
}

static err_t fail_as_changed(reason_t why)
{
	because(why, "cut short while it was read; replace lists by renaming new ones into place");
	return ERR_CHANGED;
}

/* Gets a copy of the record `key`; the caller frees record->copy. */
static err_t get_record(const compiled_file_t *file, const char *key, record_t *record,
			reason_t why)
{
	*record = (record_t){ .cdb = file->cdb, .key = key };
	if (!fault_guard_run(find_record, record))
		return fail_as_changed(why);
	if (record->value == NULL) {
		because(why, "damaged: there is no record \"%s\"; compile or copy it anew", key);
		return ERR_CORRUPT;
	}
	record->copy = malloc(record->size + 1);
	if (record->copy == NULL) {
		because(why, "%s", err_text(ERR_NOMEM));
		return ERR_NOMEM;
	}
	if (!fault_guard_run(copy_record, record)) {
		free(record->copy);
		return fail_as_changed(why);
	}
	return ERR_OK;
}

/* Is this the checksum of the header? */
static bool is_checksum(const record_t *given, const record_t *header)
{
	char sum[CHECKSUM_TEXT_MAX];

	return given->size == CHECKSUM_TEXT_MAX - 1 &&
	       memcmp(given->copy, checksum_text(header->copy, header->size, sum), given->size) ==
		       0;
}

/* Finds the header, and proves that it is as it was written. */
static err_t read_header(compiled_file_t *file, reason_t why)
{
	record_t header;
	record_t given;
	err_t err = get_record(file, COMPILED_KEY_HEADER, &header, why);

	if (err != ERR_OK)
		return err;
	err = get_record(file, COMPILED_KEY_CHECKSUM, &given, why);
	if (err == ERR_OK && !is_checksum(&given, &header)) {
		because(why, "damaged: the header's checksum is wrong; compile or copy it anew");
		err = ERR_CORRUPT;
	}
	if (err == ERR_OK) {
		file->header = json_loadb(header.copy, header.size, JSON_REJECT_DUPLICATES, NULL);
		if (!json_is_object(file->header)) {
			because(why, "the header is no JSON object");
			err = ERR_CORRUPT;
		}
	}
	free(given.copy);
	free(header.copy);
	return err;
}

bool compiled_file_is_whole(const compiled_file_t *file)
{
	char why[1];

	return compiled_blocks_check(file->cdb, file->header, why, sizeof(why)) == ERR_OK;
}

static err_t open_cdb(compiled_file_t *file, const char *path, file_stamp_t *stamp, reason_t why)
{
	err_t err = cdb_file_open(path, &file->cdb, stamp);

	if (err == ERR_CORRUPT)
		because(why, "no cdb, which every compiled list is, or not all of one; compile or "
			     "copy it anew");
	else if (err == ERR_INVAL)
		because(why, "no plain file");
	else if (err != ERR_OK)
		because(why, "%s", err_text(err));
	return err;
}

/* Whose cdb it is; in a guard. */
typedef struct maker {
	const cdb_file_t *cdb;
	bool is_ours;
} maker_t;

static void look_for_maker(void *context)
{
	maker_t *maker = context;

	maker->is_ours = compiled_file_is_ours(maker->cdb);
}

static err_t check_maker(const compiled_file_t *file, reason_t why)
{
	maker_t maker = { .cdb = file->cdb };

	if (!fault_guard_run(look_for_maker, &maker))
		return fail_as_changed(why);
	if (maker.is_ours)
		return ERR_OK;
	because(why, "a cdb, but not made by 'spurn compile'; type cdb serves it");
	return ERR_CORRUPT;
}

static err_t check_blocks(const compiled_file_t *file, reason_t why)
{
	err_t err = compiled_blocks_check(file->cdb, file->header, why.text, why.size);

	return err == ERR_CHANGED ? fail_as_changed(why) : err;
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
		err = check_maker(made, reason);
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
			return compiled_blocks_find(file->cdb, number, name, size);
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
