/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "cdb/compiled_writer.h"

#include <cdb.h>
#include <endian.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/new_file.h"
#include "cdb/checksum.h"
#include "cdb/compiled_file.h"

/* What a cdb has beside keys and values: a table of tables in front; two lengths before each record; for each
 * record two places in a hash table. */
#define CDB_HEAD_SIZE   2048
#define CDB_RECORD_SIZE 8
#define CDB_PLACE_SIZE  16

/* Bytes of a record's key. */
#define KEY_MAX (COMPILED_NAME_MAX + sizeof("4294967295/"))

struct compiled_writer {
	new_file_t file;
	struct cdb_make cdb;
	err_t err;         /* the first one */
	uint64_t position; /* in the file, where the next record starts */
	uint64_t records;
	json_t *blocks; /* an array for each data set, for the header; NULL: for want of memory */
};

err_t compiled_writer_begin(const char *path, compiled_writer_t **writer)
{
	compiled_writer_t *made = calloc(1, sizeof(*made));
	err_t err;

	if (made == NULL)
		return ERR_NOMEM;
	err = new_file_begin(&made->file, path);
	if (err == ERR_OK && made->file.temporary[0] == '\0') {
		new_file_abandon(&made->file);
		err = ERR_INVAL; /* a cdb is not written from its start to its end */
	}
	if (err != ERR_OK) {
		free(made);
		return err;
	}
	cdb_make_start(&made->cdb, fileno(made->file.out));
	made->position = CDB_HEAD_SIZE;
	made->blocks = json_array();
	*writer = made;
	return ERR_OK;
}

unsigned compiled_writer_next(compiled_writer_t *writer)
{
	size_t number = json_array_size(writer->blocks);

	if (json_array_append_new(writer->blocks, json_array()) != 0 && writer->err == ERR_OK)
		writer->err = ERR_NOMEM;
	return (unsigned)number;
}

/* Adds a record, whatever errors there were. */
static err_t add_record(compiled_writer_t *writer, const char *key, const void *value, size_t size)
{
	size_t key_size = strlen(key);
	uint64_t end = writer->position + CDB_RECORD_SIZE + key_size + size;

	if (end + (writer->records + 1) * CDB_PLACE_SIZE > UINT32_MAX)
		return (err_t)-EFBIG;
	if (cdb_make_add(&writer->cdb, key, (unsigned)key_size, value, (unsigned)size) != 0)
		return err_from_errno();
	writer->position = end;
	writer->records++;
	return ERR_OK;
}

/* Sees to it that the value of a record whose key has `key_size` bytes will be aligned. */
static err_t align(compiled_writer_t *writer, size_t key_size)
{
	static const char zeros[COMPILED_ALIGNMENT];
	uint64_t value = writer->position + CDB_RECORD_SIZE + key_size;

	if (value % COMPILED_ALIGNMENT == 0)
		return ERR_OK;
	value += CDB_RECORD_SIZE + strlen(COMPILED_KEY_FILL);
	return add_record(writer, COMPILED_KEY_FILL, zeros, -value % COMPILED_ALIGNMENT);
}

err_t compiled_writer_add(compiled_writer_t *writer, unsigned number, const char *name,
			  const void *block, size_t size)
{
	char sum[CHECKSUM_TEXT_MAX];
	char key[KEY_MAX];
	int length = snprintf(key, sizeof(key), "%u/%.*s", number, COMPILED_NAME_MAX, name);

	if (writer->err == ERR_OK)
		writer->err = align(writer, (size_t)length);
	if (writer->err == ERR_OK)
		writer->err = add_record(writer, key, size > 0 ? block : "", size);
	if (writer->err != ERR_OK)
		return writer->err;
	if (json_array_append_new(json_array_get(writer->blocks, number),
				  json_pack("{s:s, s:I, s:s}", "name", name, "size",
					    (json_int_t)size, "xxh3_128",
					    checksum_text(block, size, sum))) != 0)
		writer->err = ERR_NOMEM;
	return writer->err;
}

/* A header that has what is the container's before all else. NULL for want of memory. */
static json_t *complete(const compiled_writer_t *writer, json_t *header)
{
	json_t *full = json_pack("{s:i, s:s}", "format", COMPILED_FORMAT, "byte_order",
				 COMPILED_BYTE_ORDER);
	int code = json_object_update_missing(full, header);
	json_t *datasets = json_object_get(full, "datasets");
	json_t *blocks;
	size_t number;

	json_array_foreach(writer->blocks, number, blocks) code |=
		json_object_set(json_array_get(datasets, number), "blocks", blocks);
	if (code == 0)
		return full;
	json_decref(full);
	return NULL;
}

/* The header as text, which the caller frees; NULL for want of memory. The library may leave something out then and
 * not say so, and what a file says of itself has to be whole. */
static char *header_text(const json_t *header)
{
	char *text = json_dumps(header, JSON_COMPACT);
	json_t *again = text != NULL ? json_loads(text, 0, NULL) : NULL;
	bool is_whole = json_equal(header, again);

	json_decref(again);
	if (is_whole)
		return text;
	free(text);
	return NULL;
}

static err_t add_header(compiled_writer_t *writer, json_t *header)
{
	char sum[CHECKSUM_TEXT_MAX];
	json_t *full = complete(writer, header);
	char *text = header_text(full);

	json_decref(full);
	if (text == NULL)
		return ERR_NOMEM;
	checksum_text(text, strlen(text), sum);
	err_t err = add_record(writer, COMPILED_KEY_HEADER, text, strlen(text));
	if (err == ERR_OK)
		err = add_record(writer, COMPILED_KEY_CHECKSUM, sum, strlen(sum));
	free(text);
	return err;
}

/* Frees all but the file, after what tinycdb has kept has been written. */
static err_t finish(compiled_writer_t *writer)
{
	err_t err = cdb_make_finish(&writer->cdb) == 0 ? ERR_OK : err_from_errno();

	json_decref(writer->blocks);
	return writer->err != ERR_OK ? writer->err : err;
}

err_t compiled_writer_end(compiled_writer_t *writer, json_t *header)
{
	err_t err;

	if (writer->err == ERR_OK)
		writer->err = add_header(writer, header);
	json_decref(header);
	err = finish(writer);
	if (err == ERR_OK)
		err = new_file_end(&writer->file);
	else
		new_file_abandon(&writer->file);
	free(writer);
	return err;
}

void compiled_writer_abandon(compiled_writer_t *writer)
{
	if (writer == NULL)
		return;
	(void)finish(writer); /* only tinycdb itself can free its memory */
	new_file_abandon(&writer->file);
	free(writer);
}
