/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* ip4set: addresses, prefixes and ranges with values. The most specific byte level (/32, /24, /16,
 * /8) that has entries for an address decides, with all values there; see ip4_builder.h. */

#include "dataset/ip4_data.h"
#include "dataset/observer.h"
#include "dataset/types.h"
#include "zonefile/ip4_text.h"

static err_t begin(dataset_loader_t *loader)
{
	return ip4_data_begin(loader, IP4_RULE_BYTE_LEVELS);
}

static err_t add(dataset_loader_t *loader, text_t line)
{
	bool is_exclusion = text_take_exclusion(&line);
	uint32_t value = IP4_BUILDER_EXCLUDED;
	ip4_range_t range;

	loader->at = line.at;
	err_t err = ip4_text_range(&line, loader->specials.settings->allow_host_bits, &range,
				   &loader->why);
	if (err != ERR_OK)
		return err;
	if (!ip4_data_is_range_allowed(loader, range.first, range.last))
		return ERR_SYNTAX;
	if (!is_exclusion && (err = ip4_data_value(loader, line, &value)) != ERR_OK)
		return err;
	err = ip4_builder_add_range(ip4_data_builder(loader), range.first, range.last, value);
	if (err == ERR_OK)
		dataset_observe_ip4(loader, range.first, range.last, value);
	return err;
}

const dataset_type_t dataset_ip4set = {
	.name = "ip4set",
	.rule = DATASET_RULE_BYTE_LEVELS,
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
