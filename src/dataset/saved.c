/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/saved.h"

#include <stdio.h>
#include <string.h>

#include "cdb/compiled_file.h"
#include "cdb/compiled_writer.h"
#include "dataset/saved_specials.h"

bool dataset_can_be_saved(const dataset_type_t *type, const char **why)
{
	if (type->save != NULL)
		return true;
	*why = type->role != DATASET_ROLE_DATA
		       ? "access lists are not compiled: they are small, and what is in them is "
			 "nobody else's business; name them to spurnd beside the compiled file"
		       : "it is no text that could be compiled; name it to spurnd beside the "
			 "compiled file";
	return false;
}

zone_settings_t dataset_settings_to_save(const zone_settings_t *settings)
{
	zone_settings_t to_save = *settings;

	to_save.ttl_default_s = to_save.ttl_min_s = to_save.ttl_max_s = 0;
	return to_save;
}

err_t dataset_saver_add(const dataset_saver_t *saver, const char *name, const void *block,
			size_t size)
{
	char full_name[COMPILED_NAME_MAX + 1];

	if (size == 0)
		return ERR_OK;
	(void)snprintf(full_name, sizeof(full_name), "%s%s", saver->half, name);
	return compiled_writer_add(saver->writer, saver->number, full_name, block, size);
}

/* Begins the description of a data set. NULL for want of memory. */
static json_t *describe(const dataset_t *dataset)
{
	const zone_settings_t *settings = dataset->specials.settings;
	json_t *about = json_pack(
		"{s:s, s:{s:b, s:b, s:b}, s:I, s:I, s:I}", "type", dataset->type->name, "settings",
		"allow_host_bits", settings->allow_host_bits, "entry_parameters",
		settings->entry_parameters, "ip6_in_ip4trie", settings->ip6_in_ip4trie, "entries",
		(json_int_t)dataset->entries, "newest", (json_int_t)dataset->newest, "memory",
		(json_int_t)dataset->memory);

	if (about == NULL || saved_specials_write(&dataset->specials, about) == ERR_OK)
		return about;
	json_decref(about);
	return NULL;
}

/* Writes a data set; `about`, which may be NULL, becomes its object in `datasets`. */
static err_t save(const dataset_t *dataset, compiled_writer_t *writer, json_t *datasets,
		  json_t *about, unsigned *number)
{
	dataset_saver_t saver = {
		.writer = writer,
		.number = compiled_writer_next(writer),
		.datasets = datasets,
		.about = about,
		.half = "",
	};

	*number = saver.number;
	if (json_array_append_new(datasets, about) != 0)
		return ERR_NOMEM;
	return dataset->type->save(dataset, &saver);
}

err_t dataset_saver_add_inside(const dataset_saver_t *saver, const dataset_t *dataset,
			       unsigned *number)
{
	json_t *about = describe(dataset);

	if (about == NULL ||
	    json_object_set_new(about, "spec", json_string(dataset->type->name)) != 0 ||
	    json_object_set_new(about, "inside", json_integer(saver->number)) != 0) {
		json_decref(about);
		return ERR_NOMEM;
	}
	return save(dataset, saver->writer, saver->datasets, about, number);
}

static json_t *describe_files(const dataset_t *dataset, const dataset_request_t *request)
{
	json_t *files = json_array();

	for (size_t i = 0; i < request->file_count; i++) {
		const char *path = request->files[i];
		const file_stamp_t *stamp = &dataset->stamps[i];
		json_t *file = json_pack("{s:o, s:I, s:I}", "path", saved_text(path, strlen(path)),
					 "size", (json_int_t)stamp->size, "modified",
					 (json_int_t)stamp->modified.tv_sec);
		if (json_array_append_new(files, file) != 0) {
			json_decref(files);
			return NULL;
		}
	}
	return files;
}

err_t dataset_save(const dataset_t *dataset, const dataset_request_t *request,
		   compiled_writer_t *writer, json_t *datasets, unsigned *number)
{
	const char *spec = request->spec;
	json_t *about = describe(dataset);

	if (about == NULL ||
	    json_object_set_new(about, "spec", saved_text(spec, strlen(spec))) != 0 ||
	    json_object_set_new(about, "files", describe_files(dataset, request)) != 0) {
		json_decref(about);
		return ERR_NOMEM;
	}
	return save(dataset, writer, datasets, about, number);
}
