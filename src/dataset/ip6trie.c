/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* ip6trie: IPv6 prefixes with values. The longest prefix decides, of equal ones the first. */

#include "dataset/ip6_data.h"
#include "dataset/types.h"
#include "zonefile/ip6_text.h"

static err_t add(dataset_loader_t *loader, text_t line)
{
	bool is_exclusion = text_take_exclusion(&line);
	uint32_t value = IP6_BUILDER_EXCLUDED;
	ip6_address_t address;
	unsigned length;

	loader->at = line.at;
	err_t err = ip6_text_prefix(&line, loader->specials.settings->allow_host_bits, &address,
				    &length, &loader->why);
	if (err != ERR_OK)
		return err;
	if (!is_exclusion && (err = ip6_data_value(loader, line, &value)) != ERR_OK)
		return err;
	return ip6_data_add(loader, address, length, value);
}

const dataset_type_t dataset_ip6trie = {
	.name = "ip6trie",
	.has_default_lines = true,
	.has_double_colon = true,
	.key = DATASET_KEY_IP6,
	.plain = PLAIN_IP6_LINES,
	.begin = ip6_data_begin,
	.add = add,
	.add_plain = ip6_data_add_plain,
	.finish = ip6_data_finish,
	.abandon = ip6_data_abandon,
	.free = ip6_data_free,
	.find = ip6_data_find,
	.write = ip6_data_write,
	.walk = ip6_data_walk,
	.compare = ip6_data_compare,
	.save = ip6_data_save,
	.map = ip6_data_map,
	.print = ip6_data_print,
};
