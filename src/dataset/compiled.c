/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* compiled: files that `spurn compile` made. They are mapped, not read: nothing is parsed, and all who serve the same
 * file share its pages. What is in there has been compiled for some zone; those data sets are taken that
 * are for the zone at hand, or, of a file for one zone only, that one's. What comes of it is of the
 * type that was compiled, and is asked, walked and compared like the same that was read from text; if
 * there are several data sets, they are parts of one that is nothing but a list (dataset/several.h). */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cdb/compiled_file.h"
#include "dataset/saved.h"
#include "dataset/several.h"
#include "dataset/types.h"
#include "dns/name.h"

/* Most bytes of the names of zones that a message lists. */
#define LISTED_MAX 200

/* A file that is being opened, and why that fails. */
typedef struct opening {
	dataset_loader_t *loader;
	const char *path;
	const json_t *zones; /* of its header */
	dataset_mapper_t mapper;
	char why[600];
} opening_t;

static err_t fail(const opening_t *opening, const char *reason, bool is_lasting)
{
	return dataset_loader_fail_file(opening->loader, opening->path, reason, is_lasting);
}

/* Is `text` the name of the zone? */
static bool is_zone(const char *text, const uint8_t *apex)
{
	uint8_t name[DNS_NAME_MAX];
	size_t size;

	return dns_name_from_text(text, strlen(text), name, &size) == ERR_OK &&
	       dns_name_equal(name, apex);
}

/* Tells that the file has nothing for the zone, but what it has. */
static err_t fail_without_zone(opening_t *opening)
{
	const dataset_loader_t *loader = opening->loader;
	char apex[DNS_NAME_TEXT_MAX] = "the zone";
	char listed[LISTED_MAX] = "";
	size_t size = 0;
	const char *name;
	json_t *value;

	if (loader->apex != NULL)
		dns_name_to_text(loader->apex, apex);
	json_object_foreach((json_t *)(uintptr_t)opening->zones, name, value)
	{
		int added = snprintf(listed + size, sizeof(listed) - size, "%s%s",
				     size > 0 ? ", " : "", name);
		size += (size_t)added;
		if (size >= sizeof(listed)) {
			memcpy(listed + sizeof(listed) - 4, "...", 4);
			break;
		}
	}
	(void)snprintf(opening->why, sizeof(opening->why),
		       "has nothing for %.255s; it was compiled for: %s", apex, listed);
	return fail(opening, opening->why, true);
}

/* The numbers of the data sets for the zone. NULL: there are none. */
static const json_t *find_zone(const opening_t *opening)
{
	const uint8_t *apex = opening->loader->apex;
	json_t *zones = (json_t *)(uintptr_t)opening->zones;
	const json_t *found = NULL;
	const char *name;
	json_t *value;

	json_object_foreach(zones, name, value) if (json_object_size(zones) == 1 ||
						    (apex != NULL && is_zone(name, apex))) found =
		value;
	return found;
}

/* Maps the data sets numbers[0..] and adds them to `parts`. */
static err_t map_parts(opening_t *opening, const json_t *numbers, several_t *parts)
{
	size_t count = json_array_size(numbers);
	size_t dataset_count = json_array_size(opening->mapper.datasets);
	err_t err = ERR_OK;

	if (count == 0)
		return fail(opening, "its header does not say what the zone has", true);
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		const json_t *number = json_array_get(numbers, i);
		json_int_t value = json_integer_value(number);
		dataset_t *dataset;
		if (!json_is_integer(number) || value < 0 || (size_t)value >= dataset_count)
			return fail(opening, "its header names a data set that there is not", true);
		err = dataset_map(&opening->mapper, (unsigned)value, false, &dataset);
		if (err == ERR_OK)
			err = several_add(parts, dataset);
		if (err == ERR_LOAD)
			return fail(opening, opening->why, !opening->mapper.is_temporary);
		if (err == ERR_RANGE)
			return fail(opening, "has more data sets than one zone may have", true);
	}
	return err;
}

/* Opens file number `i` of the data set, and adds what it has for the zone. */
static err_t open_file(dataset_loader_t *loader, dataset_t *dataset, size_t i, const char *path,
		       several_t *parts)
{
	opening_t opening = { .loader = loader, .path = path };
	compiled_file_t *file;

	err_t err = compiled_file_open(path, &file, &dataset->stamps[i], opening.why,
				       sizeof(opening.why));
	if (err == ERR_NOMEM)
		return err;
	/* What the system says, and a file that is being written, may be otherwise the next time. */
	if (err != ERR_OK)
		return fail(&opening, opening.why,
			    err > ERR_OWN && err < ERR_LAST && err != ERR_CHANGED);
	dataset->compiled[i] = file;
	opening.zones = json_object_get(compiled_file_header(file), "zones");
	opening.mapper = (dataset_mapper_t){
		.file = file,
		.datasets = json_object_get(compiled_file_header(file), "datasets"),
		.settings = loader->specials.settings,
		.now = loader->specials.now,
		.why = opening.why,
		.why_size = sizeof(opening.why),
	};
	const json_t *numbers = find_zone(&opening);
	return numbers != NULL ? map_parts(&opening, numbers, parts) : fail_without_zone(&opening);
}

static err_t open_files(dataset_loader_t *loader, dataset_t *dataset, const char *const *files)
{
	several_t *parts = several_new();

	dataset->compiled = calloc(dataset->file_count, sizeof(compiled_file_t *));
	err_t err = parts != NULL && dataset->compiled != NULL ? ERR_OK : ERR_NOMEM;
	for (size_t i = 0; i < dataset->file_count && err == ERR_OK; i++)
		err = open_file(loader, dataset, i, files[i], parts);
	if (err != ERR_OK) {
		several_free(parts);
		return err;
	}
	several_become(parts, dataset);
	return ERR_OK;
}

const dataset_type_t dataset_compiled = {
	.name = "compiled",
	.has_zones = true,
	.open = open_files,
};
