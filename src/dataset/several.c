/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/several.h"

#include <stdlib.h>

#include "base/array.h"
#include "dataset/compare.h"

struct several {
	dataset_t **parts;
	size_t count;
	size_t capacity;
};

several_t *several_new(void)
{
	return calloc(1, sizeof(several_t));
}

void several_free(several_t *several)
{
	if (several == NULL)
		return;
	for (size_t i = 0; i < several->count; i++) {
		several->parts[i]->guard = NULL; /* it was lent */
		dataset_free(several->parts[i]);
	}
	free(several->parts);
	free(several);
}

err_t several_add(several_t *several, dataset_t *part)
{
	err_t err = several->count < SEVERAL_MAX ? ERR_OK : ERR_RANGE;

	if (err == ERR_OK)
		err = array_reserve((void **)&several->parts, &several->capacity,
				    several->count + 1, sizeof(dataset_t *));
	if (err != ERR_OK) {
		dataset_free(part);
		return err;
	}
	several->parts[several->count++] = part;
	return ERR_OK;
}

static void free_data(void *data)
{
	several_free(data);
}

/* Those in the same place are the same, if they are of one type. */
static err_t compare(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	const several_t *a = old->data;
	const several_t *b = next->data;
	err_t err = ERR_OK;

	for (size_t i = 0; (i < a->count || i < b->count) && err == ERR_OK; i++) {
		const dataset_t *x = i < a->count ? a->parts[i] : NULL;
		const dataset_t *y = i < b->count ? b->parts[i] : NULL;
		if (x != NULL && y != NULL && x->type == y->type) {
			err = x->type->compare(x, y, changes);
			continue;
		}
		changes->removed += x != NULL ? x->entries : 0;
		changes->added += y != NULL ? y->entries : 0;
	}
	return err;
}

static const dataset_type_t dataset_several = {
	.name = "compiled",
	.has_zones = true,
	.free = free_data,
	.compare = compare,
};

/* What is said of a part is said of all. */
static void add_up(dataset_t *dataset, const dataset_t *part)
{
	time_t expires = part->specials.expires;

	dataset->entries += part->entries;
	dataset->memory += sizeof(*part) + part->memory;
	dataset->mapped += part->mapped;
	dataset->specials.broken |= part->specials.broken;
	if (part->newest > dataset->newest)
		dataset->newest = part->newest;
	if (expires != 0 && (dataset->specials.expires == 0 || expires < dataset->specials.expires))
		dataset->specials.expires = expires;
}

void several_become(several_t *several, dataset_t *dataset)
{
	dataset_t *only = several->parts[0];

	if (several->count > 1) {
		dataset->type = &dataset_several;
		dataset->data = several;
		dataset->specials.settings = only->specials.settings;
		for (size_t i = 0; i < several->count; i++)
			add_up(dataset, several->parts[i]);
		return;
	}
	dataset->type = only->type;
	dataset->data = only->data;
	dataset->specials = only->specials;
	dataset->entries = only->entries;
	dataset->memory = only->memory;
	dataset->mapped = only->mapped;
	dataset->newest = only->newest;
	free(only);
	several->count = 0;
	several_free(several);
}

void several_lend_guard(const dataset_t *dataset)
{
	const several_t *several = dataset->data;

	for (size_t i = 0; dataset->type == &dataset_several && i < several->count; i++)
		several->parts[i]->guard = dataset->guard;
}

const dataset_t *const *several_parts(const dataset_t *const *dataset, size_t *count)
{
	*count = 1;
	if (*dataset == NULL || (*dataset)->type != &dataset_several)
		return dataset;
	const several_t *several = (*dataset)->data;
	*count = several->count;
	return (const dataset_t *const *)several->parts;
}
