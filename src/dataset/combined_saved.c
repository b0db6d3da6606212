/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* A combined data set in a compiled file: its data sets are some of the file like others, and its object
 * in the header has
 *
 *     sets      [1, 2, 3]: the numbers of all of them
 *     subzones  {"@": [1, 2], "sub": [3]}: of which of them are for which subzone */

#include <stdlib.h>
#include <string.h>

#include "dataset/combined_data.h"
#include "dataset/saved.h"
#include "dns/name.h"

/* The labels of a subzone as text, from the top down as they are in the pool. */
static void key_text(const combined_data_t *data, const subzone_t *subzone,
		     char text[DNS_NAME_TEXT_MAX])
{
	const uint8_t *key = data->pool + subzone->key;
	uint8_t name[DNS_NAME_MAX];
	size_t at = sizeof(name) - 1;

	if (subzone->key_size == 0) {
		memcpy(text, "@", 2);
		return;
	}
	name[at] = 0;
	for (size_t i = 0; i < subzone->key_size; i += 1u + key[i]) {
		at -= 1u + key[i];
		memcpy(name + at, key + i, 1u + key[i]);
	}
	dns_name_to_text(name + at, text);
}

static json_t *describe_subzones(const combined_data_t *data, const json_t *numbers)
{
	json_t *subzones = json_object();
	bool is_whole = subzones != NULL;

	for (size_t i = 0; i < data->subzone_count; i++) {
		const subzone_t *subzone = &data->subzones[i];
		char text[DNS_NAME_TEXT_MAX];
		json_t *members = json_array();
		key_text(data, subzone, text);
		for (uint32_t m = 0; m < subzone->member_count; m++)
			is_whole &=
				json_array_append(
					members,
					json_array_get(numbers,
						       data->members[subzone->first_member + m])) ==
				0;
		is_whole &= json_object_set_new(subzones, text, members) == 0;
	}
	if (is_whole)
		return subzones;
	json_decref(subzones);
	return NULL;
}

err_t combined_save(const dataset_t *dataset, dataset_saver_t *saver)
{
	const combined_data_t *data = dataset->data;
	json_t *numbers = json_array();
	err_t err = json_object_set_new(saver->about, "sets", numbers) == 0 ? ERR_OK : ERR_NOMEM;

	for (size_t i = 0; i < data->set_count && err == ERR_OK; i++) {
		unsigned number;
		err = dataset_saver_add_inside(saver, data->sets[i], &number);
		if (err == ERR_OK && json_array_append_new(numbers, json_integer(number)) != 0)
			err = ERR_NOMEM;
	}
	if (err == ERR_OK &&
	    json_object_set_new(saver->about, "subzones", describe_subzones(data, numbers)) != 0)
		err = ERR_NOMEM;
	return err;
}

/* ---- the reverse ---- */

/* Maps the data sets, whose numbers ascend. */
static err_t map_sets(dataset_mapper_t *mapper, combined_data_t *data, dataset_t *dataset)
{
	const json_t *numbers = json_object_get(mapper->about, "sets");
	size_t count = json_array_size(numbers);
	json_int_t least = mapper->number;

	data->sets = calloc(count + 1, sizeof(dataset_t *));
	if (data->sets == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		json_int_t number = json_integer_value(json_array_get(numbers, i));
		dataset_t *set;
		if (number <= least || (size_t)number >= json_array_size(mapper->datasets))
			return dataset_mapper_refuse(mapper, "header",
						     "its data sets are not behind it");
		least = number;
		err_t err = dataset_map(mapper, (unsigned)number, true, &set);
		if (err != ERR_OK)
			return err;
		data->sets[data->set_count++] = set;
		dataset->memory += sizeof(*set) + set->memory;
		dataset->mapped += set->mapped;
	}
	return ERR_OK;
}

/* The place of data set `number` in `sets`; their count: it is not one of them. */
static size_t find_set(const json_t *sets, json_int_t number)
{
	size_t low = 0;
	size_t high = json_array_size(sets);
	size_t count = high;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		json_int_t at = json_integer_value(json_array_get(sets, middle));
		if (at == number)
			return middle;
		if (at < number)
			low = middle + 1;
		else
			high = middle;
	}
	return count;
}

/* Makes the links of one subzone. */
static err_t read_links(dataset_mapper_t *mapper, combined_data_t *data, const char *text,
			const json_t *members, link_t *links)
{
	const json_t *sets = json_object_get(mapper->about, "sets");
	uint8_t name[DNS_NAME_MAX] = { 0 };
	size_t size;
	link_t link;

	if (strcmp(text, "@") != 0 && dns_name_from_text(text, strlen(text), name, &size) != ERR_OK)
		return dataset_mapper_refuse(mapper, "header", "a subzone is no name");
	dns_name_lower(name, dns_name_size(name));
	err_t err = combined_add_name(data, name, &link);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < json_array_size(members); i++) {
		const json_t *number = json_array_get(members, i);
		size_t place = find_set(sets, json_integer_value(number));
		if (!json_is_integer(number) || place == data->set_count)
			return dataset_mapper_refuse(mapper, "header",
						     "a subzone has a data set of others");
		link.section = (uint32_t)place;
		links[i] = link;
	}
	return ERR_OK;
}

static err_t map_subzones(dataset_mapper_t *mapper, combined_data_t *data)
{
	json_t *subzones = json_object_get(mapper->about, "subzones");
	size_t link_count = 0;
	size_t at = 0;
	err_t err = ERR_OK;
	const char *text;
	json_t *members;

	json_object_foreach(subzones, text, members) link_count += json_array_size(members);
	link_t *links = calloc(link_count + 1, sizeof(*links));
	if (links == NULL)
		return ERR_NOMEM;
	json_object_foreach(subzones, text, members)
	{
		err = read_links(mapper, data, text, members, links + at);
		if (err != ERR_OK)
			break;
		at += json_array_size(members);
	}
	if (err == ERR_OK)
		err = combined_make_subzones(data, links, link_count);
	free(links);
	return err;
}

err_t combined_map(dataset_mapper_t *mapper, dataset_t *dataset)
{
	combined_data_t *data = calloc(1, sizeof(*data));

	dataset->data = data;
	if (data == NULL)
		return ERR_NOMEM;
	err_t err = map_sets(mapper, data, dataset);
	if (err == ERR_OK)
		err = map_subzones(mapper, data);
	dataset->memory += combined_memory(data);
	return err;
}
