/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* ip4tset: single addresses that share one value, that of the first default line of the data set,
 * wherever it stands. What a line says after its address is ignored. */

#include "dataset/ip4_data.h"
#include "dataset/observer.h"
#include "dataset/types.h"
#include "zonefile/ip4_text.h"

/* The number that the only value will get when everything has been read. */
#define THE_VALUE 1

static err_t begin(dataset_loader_t *loader)
{
	return ip4_data_begin(loader, IP4_RULE_LONGEST_PREFIX);
}

static err_t add(dataset_loader_t *loader, text_t line)
{
	uint32_t address;

	err_t err = ip4_text_address(&line, &address, &loader->why);
	if (err != ERR_OK)
		return err;
	dataset_observe_ignored(loader, line);
	err = ip4_builder_add(ip4_data_builder(loader), address, 32, THE_VALUE);
	if (err == ERR_OK)
		dataset_observe_ip4(loader, address, address, THE_VALUE);
	return err;
}

static err_t add_plain(dataset_loader_t *loader, const plain_lines_t *lines,
		       size_t *taken ATTR_UNUSED)
{
	return ip4_builder_add_addresses(ip4_data_builder(loader), lines->entries, lines->count,
					 THE_VALUE);
}

static err_t finish(dataset_loader_t *loader, void **data, size_t *memory)
{
	uint32_t value;

	err_t err = ip4_data_value(loader, (text_t){ NULL, NULL }, &value);
	if (err != ERR_OK)
		return err;
	return ip4_data_finish(loader, data, memory);
}

const dataset_type_t dataset_ip4tset = {
	.name = "ip4tset",
	.has_default_lines = true,
	.has_one_default = true,
	.key = DATASET_KEY_IP4,
	.plain = PLAIN_IP4,
	.begin = begin,
	.add = add,
	.add_plain = add_plain,
	.finish = finish,
	.abandon = ip4_data_abandon,
	.free = ip4_data_free,
	.find = ip4_data_find,
	.write = ip4_data_write,
	.walk = ip4_data_walk,
	.compare = ip4_data_compare,
	.save = ip4_data_save,
	.map = ip4_data_map,
	.print = ip4_data_print,
};
