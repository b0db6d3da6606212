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
	uint32_t *subzones; /* by key, their places in data->subzones; lent from `pool` */
	size_t subzone_count;
	bool is_done; /* its counterpart has been found */
} known_t;

typedef struct known_list {
	known_t *list;
	size_t count;
	uint32_t *pool;
} known_list_t;

static const subzone_t *known_subzone(const known_t *known, size_t number)
{
	return &known->data->subzones[known->subzones[number]];
}

/* The number of a data set in `data`. */
static size_t set_number(const combined_data_t *data, const dataset_t *set)
{
	size_t number = 0;

	while (data->sets[number] != set)
		number++;
	return number;
}

/* Lists all data sets of `data`. Returns ERR_OK or ERR_NOMEM; the caller frees list and pool. */
static err_t list_known(const combined_data_t *data, known_list_t *known)
{
	size_t member_count = 0;
	uint32_t *room;

	for (size_t i = 0; i < data->subzone_count; i++)
		member_count += data->subzones[i].member_count;
	*known = (known_list_t){
		.list = calloc(data->set_count + 1, sizeof(*known->list)),
		.count = data->set_count,
		.pool = calloc(member_count + 1, sizeof(*known->pool)),
	};
	if (known->list == NULL || known->pool == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < member_count; i++)
		known->list[set_number(data, data->members[i])].subzone_count++;
	room = known->pool;
	for (size_t i = 0; i < known->count; i++) {
		known_t *each = &known->list[i];
		each->data = data;
		each->set = data->sets[i];
		each->subzones = room;
		room += each->subzone_count;
		each->subzone_count = 0;
	}
	for (size_t i = 0; i < data->subzone_count; i++) {
		const subzone_t *subzone = &data->subzones[i];
		for (size_t m = 0; m < subzone->member_count; m++) {
			known_t *each = &known->list[set_number(
				data, data->members[subzone->first_member + m])];
			each->subzones[each->subzone_count++] = (uint32_t)i;
		}
	}
	return ERR_OK;
}

static bool is_known_as(const known_t *a, const known_t *b)
{
	if (a->set->type != b->set->type || a->subzone_count != b->subzone_count)
		return false;
	for (size_t i = 0; i < a->subzone_count; i++) {
		const subzone_t *x = known_subzone(a, i);
		const subzone_t *y = known_subzone(b, i);
		if (dns_name_key_compare(a->data->pool + x->key, x->key_size,
					 b->data->pool + y->key, y->key_size) != 0)
			return false;
	}
	return true;
}

/* Compares each data set of `old` with the first one of `next` that is known as it is and that no
 * other one has been compared with. */
static err_t compare_known(known_list_t *old, known_list_t *next, dataset_changes_t *changes)
{
	err_t err = ERR_OK;

	for (size_t i = 0; i < old->count && err == ERR_OK; i++) {
		const known_t *before = &old->list[i];
		size_t j = 0;
		while (j < next->count &&
		       (next->list[j].is_done || !is_known_as(before, &next->list[j])))
			j++;
		if (j == next->count) {
			changes->removed += before->set->entries;
			continue;
		}
		next->list[j].is_done = true;
		err = before->set->type->compare(before->set, next->list[j].set, changes);
	}
	for (size_t j = 0; j < next->count; j++)
		if (!next->list[j].is_done)
			changes->added += next->list[j].set->entries;
	return err;
}

err_t combined_compare(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	known_list_t old_known;
	known_list_t next_known = { .count = 0 };

	err_t err = list_known(old->data, &old_known);
	if (err == ERR_OK)
		err = list_known(next->data, &next_known);
	if (err == ERR_OK)
		err = compare_known(&old_known, &next_known, changes);
	free(old_known.list);
	free(old_known.pool);
	free(next_known.list);
	free(next_known.pool);
	return err;
}
