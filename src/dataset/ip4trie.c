/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* ip4trie: prefixes with values. The longest prefix decides, of equal ones the first. */

#include "dataset/ip4_data.h"
#include "dataset/observer.h"
#include "dataset/types.h"
#include "zonefile/ip4_text.h"

static err_t begin(dataset_loader_t *loader)
{
	return ip4_data_begin(loader, IP4_RULE_LONGEST_PREFIX);
}

static err_t add(dataset_loader_t *loader, text_t line)
{
	bool is_exclusion = text_take_exclusion(&line);
	uint32_t value = IP4_BUILDER_EXCLUDED;
	uint32_t address;
	unsigned length;

	loader->at = line.at;
	err_t err = ip4_text_prefix(&line, loader->specials.settings->allow_host_bits, &address,
				    &length, &loader->why);
	if (err != ERR_OK)
		return err;
	uint32_t last = address | (uint32_t)(UINT64_C(0xffffffff) >> length);
	if (!ip4_data_is_range_allowed(loader, address, last))
		return ERR_SYNTAX;
	if (!is_exclusion && (err = ip4_data_value(loader, line, &value)) != ERR_OK)
		return err;
	err = ip4_builder_add(ip4_data_builder(loader), address, length, value);
	if (err == ERR_OK)
		dataset_observe_ip4(loader, address, last, value);
	return err;
}

const dataset_type_t dataset_ip4trie = {
	.name = "ip4trie",
	.has_default_lines = true,
	.key = DATASET_KEY_IP4,
	.plain = PLAIN_IP4_LINES,
	.begin = begin,
	.add = add,
	.add_plain = ip4_data_add_plain,
	.finish = ip4_data_finish,
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
