/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/combined_data.h"

#include <stdlib.h>

#include "dataset/compare.h"
#include "dns/name.h"

/* A data set inside, and what it is known by in another file: its type and its subzones. */
typedef struct known {
	const combined_data_t *data;
	const dataset_t *set;
	const uint32_t *subzones; /* by key, their places in data->subzones */
	size_t subzone_count;
	size_t number; /* in the file */
} known_t;

typedef struct known_list {
	known_t *
		list; /* in the order of compare_known; of those that are known as the same, by the file's */
	size_t count;
	combined_places_t places;
} known_list_t;

static const subzone_t *known_subzone(const known_t *known, size_t number)
{
	return &known->data->subzones[known->subzones[number]];
}

/* Any order will do in which those that are known as the same stand together: by type, number of subzones,
 * and their names. Returns 0 for the same. */
static int compare_known(const known_t *a, const known_t *b)
{
	if (a->set->type != b->set->type)
		return (uintptr_t)a->set->type < (uintptr_t)b->set->type ? -1 : 1;
	if (a->subzone_count != b->subzone_count)
		return a->subzone_count < b->subzone_count ? -1 : 1;
	for (size_t i = 0; i < a->subzone_count; i++) {
		const subzone_t *x = known_subzone(a, i);
		const subzone_t *y = known_subzone(b, i);
		int order = dns_name_key_compare(a->data->pool + x->key, x->key_size,
						 b->data->pool + y->key, y->key_size);
		if (order != 0)
			return order;
	}
	return 0;
}

static int compare_in_list(const void *one, const void *other)
{
	const known_t *a = one;
	const known_t *b = other;
	int order = compare_known(a, b);

	if (order == 0) /* as far as another file knows: as they stand in this one */
		order = (a->number > b->number) - (a->number < b->number);
	return order;
}

/* Lists all data sets of `data`. Returns ERR_OK or ERR_NOMEM; the caller clears it. */
static err_t list_known(const combined_data_t *data, known_list_t *known)
{
	err_t err = combined_list_places(data, &known->places);

	known->list = calloc(data->set_count + 1, sizeof(*known->list));
	known->count = data->set_count;
	if (known->list == NULL)
		err = ERR_NOMEM;
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < known->count; i++) {
		uint32_t first = known->places.first[i];
		known->list[i] = (known_t){
			.data = data,
			.set = data->sets[i],
			.subzones = known->places.subzones + first,
			.subzone_count = known->places.first[i + 1] - first,
			.number = i,
		};
	}
	qsort(known->list, known->count, sizeof(*known->list), compare_in_list);
	return ERR_OK;
}

static void clear_known(known_list_t *known)
{
	free(known->list);
	combined_clear_places(&known->places);
}

/* Compares each data set of `old` with the first one of `next` that is known as it is and that no
 * other one has been compared with. */
static err_t compare_lists(const known_list_t *old, const known_list_t *next,
			   dataset_changes_t *changes)
{
	err_t err = ERR_OK;
	size_t i = 0;
	size_t j = 0;

	while (err == ERR_OK && (i < old->count || j < next->count)) {
		int order = i == old->count    ? 1
			    : j == next->count ? -1
					       : compare_known(&old->list[i], &next->list[j]);
		if (order == 0) {
			const dataset_t *before = old->list[i++].set;
			err = before->type->compare(before, next->list[j++].set, changes);
		} else if (order < 0) {
			changes->removed += old->list[i++].set->entries;
		} else {
			changes->added += next->list[j++].set->entries;
		}
	}
	return err;
}

err_t combined_compare(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	known_list_t old_known = { .count = 0 };
	known_list_t next_known = { .count = 0 };

	err_t err = list_known(old->data, &old_known);
	if (err == ERR_OK)
		err = list_known(next->data, &next_known);
	if (err == ERR_OK)
		err = compare_lists(&old_known, &next_known, changes);
	clear_known(&old_known);
	clear_known(&next_known);
	return err;
}
