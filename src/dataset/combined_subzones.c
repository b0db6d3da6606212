/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "base/array.h"
#include "dataset/combined_data.h"
#include "dns/name.h"

err_t combined_add_name(combined_data_t *data, const uint8_t *name, link_t *link)
{
	uint8_t labels[DNS_LABELS_MAX];

	err_t err = array_reserve((void **)&data->pool, &data->pool_capacity,
				  data->pool_size + DNS_NAME_MAX, 1);
	if (err != ERR_OK)
		return err;
	unsigned label_count = dns_name_labels(name, labels);
	uint8_t key_size =
		(uint8_t)dns_name_key(name, labels, label_count, data->pool + data->pool_size);
	*link = (link_t){
		.key = (uint32_t)data->pool_size,
		.key_size = key_size,
		.label_count = (uint8_t)label_count,
	};
	data->pool_size += key_size;
	return ERR_OK;
}

static int compare_links(const void *a, const void *b, void *context)
{
	const combined_data_t *data = context;
	const link_t *x = a;
	const link_t *y = b;
	int order = dns_name_key_compare(data->pool + x->key, x->key_size, data->pool + y->key,
					 y->key_size);

	return order != 0 ? order : (x->section > y->section) - (x->section < y->section);
}

/* A data set that a subzone names twice is its member once. */
err_t combined_make_subzones(combined_data_t *data, link_t *links, size_t link_count)
{
	const link_t *last = NULL;

	data->members = calloc(link_count + 1, sizeof(*data->members));
	data->subzones = calloc(link_count + 1, sizeof(*data->subzones));
	if (data->members == NULL || data->subzones == NULL)
		return ERR_NOMEM;
	if (link_count > 1)
		qsort_r(links, link_count, sizeof(*links), compare_links, data);
	for (size_t i = 0; i < link_count; last = &links[i++]) {
		const link_t *link = &links[i];
		bool is_new = last == NULL ||
			      dns_name_key_compare(data->pool + last->key, last->key_size,
						   data->pool + link->key, link->key_size) != 0;
		if (!is_new && last->section == link->section)
			continue;
		if (is_new)
			data->subzones[data->subzone_count++] = (subzone_t){
				.key = link->key,
				.first_member = (uint32_t)data->member_count,
				.key_size = link->key_size,
				.label_count = link->label_count,
			};
		subzone_t *subzone = &data->subzones[data->subzone_count - 1];
		data->members[data->member_count++] = link->section;
		subzone->member_count++;
		subzone->has_ip4_data |= dataset_type_has_ip4(data->sets[link->section]->type);
		if (link->label_count > data->most_labels)
			data->most_labels = link->label_count;
	}
	return ERR_OK;
}

err_t combined_list_places(const combined_data_t *data, combined_places_t *places)
{
	*places = (combined_places_t){
		.first = calloc(data->set_count + 2, sizeof(*places->first)),
		.subzones = calloc(data->member_count + 1, sizeof(*places->subzones)),
	};
	if (places->first == NULL || places->subzones == NULL)
		return ERR_NOMEM;
	/* Counted two places on, summed up, and moved on by one while they are filled in. */
	uint32_t *next = places->first + 1;
	for (size_t i = 0; i < data->member_count; i++)
		next[data->members[i] + 1]++;
	for (size_t i = 1; i < data->set_count; i++)
		next[i] += next[i - 1];
	for (size_t i = 0; i < data->subzone_count; i++) {
		const subzone_t *subzone = &data->subzones[i];
		for (uint32_t m = 0; m < subzone->member_count; m++)
			places->subzones[next[data->members[subzone->first_member + m]]++] =
				(uint32_t)i;
	}
	return ERR_OK;
}

void combined_clear_places(combined_places_t *places)
{
	free(places->first);
	free(places->subzones);
	*places = (combined_places_t){ NULL, NULL };
}

size_t combined_memory(const combined_data_t *data)
{
	return sizeof(*data) + data->pool_capacity + data->set_count * sizeof(*data->sets) +
	       data->member_count * sizeof(*data->members) +
	       data->subzone_count * sizeof(*data->subzones);
}

void combined_free(combined_data_t *data)
{
	for (size_t i = 0; i < data->set_count; i++)
		dataset_free(data->sets[i]);
	free(data->sets);
	free(data->members);
	free(data->subzones);
	free(data->pool);
	free(data);
}
