/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>

#include "cdb/compiled_file.h"
#include "dataset/saved.h"
#include "dataset/saved_specials.h"
#include "dataset/types.h"

const void *dataset_mapper_block(const dataset_mapper_t *mapper, const char *name, size_t *size)
{
	char full_name[COMPILED_NAME_MAX + 1];

	(void)snprintf(full_name, sizeof(full_name), "%s%s", mapper->half, name);
	const void *block = compiled_file_block(mapper->file, mapper->number, full_name, size);
	if (block == NULL || *size == 0) {
		*size = 0;
		return NULL;
	}
	return block;
}

err_t dataset_mapper_refuse(dataset_mapper_t *mapper, const char *name, const char *reason)
{
	(void)snprintf(mapper->why, mapper->why_size,
		       "data set %u, %s%s: %s (its sums are right, so that whoever made it made it "
		       "wrong: make it anew with `spurn compile`)",
		       mapper->number, mapper->half, name, reason);
	return ERR_LOAD;
}

/* The type that the object names, or NULL. */
static const dataset_type_t *read_type(const json_t *about)
{
	const json_t *name = json_object_get(about, "type");
	const zone_settings_t settings = {
		.ip6_in_ip4trie = json_is_true(
			json_object_get(json_object_get(about, "settings"), "ip6_in_ip4trie")),
	};

	if (!json_is_string(name))
		return NULL;
	const dataset_type_t *type =
		dataset_type_find(json_string_value(name), json_string_length(name));
	return type != NULL ? dataset_type_under(type, &settings) : NULL;
}

/* Reads what there is to say of all types. */
static err_t read_about(dataset_mapper_t *mapper, dataset_t *dataset)
{
	const json_t *entries = json_object_get(mapper->about, "entries");
	const json_t *newest = json_object_get(mapper->about, "newest");
	const char *why;

	if (!json_is_integer(entries) || json_integer_value(entries) < 0 ||
	    !json_is_integer(newest))
		return dataset_mapper_refuse(mapper, "header", "it has no number of entries");
	dataset->entries = (uint64_t)json_integer_value(entries);
	dataset->newest = (time_t)json_integer_value(newest);
	specials_init(&dataset->specials, mapper->settings, mapper->now);
	err_t err = saved_specials_read(mapper->about, &dataset->specials, &why);
	if (err == ERR_INVAL)
		return dataset_mapper_refuse(mapper, "header", why);
	if (err == ERR_LOAD) {
		(void)snprintf(mapper->why, mapper->why_size, "%s", why);
		mapper->is_temporary = true;
	}
	return err;
}

err_t dataset_map(dataset_mapper_t *all, unsigned number, bool is_inside, dataset_t **mapped)
{
	dataset_mapper_t mapper = *all;

	mapper.number = number;
	mapper.half = "";
	mapper.about = json_array_get(all->datasets, number);
	const dataset_type_t *type = read_type(mapper.about);
	if (type == NULL || type->map == NULL)
		return dataset_mapper_refuse(&mapper, "header", "its type is unknown");
	if (is_inside != (json_object_get(mapper.about, "inside") != NULL) ||
	    (is_inside && type == &dataset_combined))
		return dataset_mapper_refuse(&mapper, "header", "it is not where it has to be");
	dataset_t *dataset = calloc(1, sizeof(*dataset));
	if (dataset == NULL)
		return ERR_NOMEM;
	dataset->type = type;
	err_t err = read_about(&mapper, dataset);
	if (err == ERR_OK)
		err = type->map(&mapper, dataset);
	all->is_temporary = mapper.is_temporary;
	if (err != ERR_OK) {
		dataset_free(dataset);
		return err;
	}
	*mapped = dataset;
	return ERR_OK;
}
