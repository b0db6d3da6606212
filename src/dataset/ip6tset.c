/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* ip6tset: /64s, each written as its four words, that share one value: that of the first default
 * line of the data set, wherever it stands. An exclusion is a single address. What a line says after
 * its address is ignored. Lines that start with a colon are default lines, so that nothing that
 * begins with `::` can be written. */

#include "dataset/ip6_data.h"
#include "dataset/observer.h"
#include "dataset/types.h"
#include "zonefile/ip6_text.h"

/* The number that the only value will get when everything has been read. */
#define THE_VALUE 1

static err_t add(dataset_loader_t *loader, text_t line)
{
	bool is_exclusion = text_take_exclusion(&line);
	ip6_address_t address;
	unsigned length;

	loader->at = line.at;
	err_t err = ip6_text_words(&line, &address, &length, &loader->why);
	if (err != ERR_OK)
		return err;
	if (is_exclusion && length != 128)
		return text_reject(&loader->why, "an exclusion must be a complete IPv6 address");
	if (!is_exclusion && length != 64)
		return text_reject(&loader->why, "not the four words of a /64 (write "
						 "2001:db8:1:2 for 2001:db8:1:2::/64)");
	dataset_observe_ignored(loader, line);
	return ip6_data_add(loader, address, length,
			    is_exclusion ? IP6_BUILDER_EXCLUDED : THE_VALUE);
}

static err_t add_plain(dataset_loader_t *loader, const plain_lines_t *lines,
		       size_t *taken ATTR_UNUSED)
{
	return ip6_data_add_same(loader, lines, THE_VALUE);
}

static err_t finish(dataset_loader_t *loader, void **data, size_t *memory)
{
	uint32_t value;

	err_t err = ip6_data_value(loader, (text_t){ NULL, NULL }, &value);
	if (err != ERR_OK)
		return err;
	return ip6_data_finish(loader, data, memory);
}

const dataset_type_t dataset_ip6tset = {
	.name = "ip6tset",
	.has_default_lines = true,
	.has_one_default = true,
	.key = DATASET_KEY_IP6,
	.plain = PLAIN_IP6_WORDS,
	.begin = ip6_data_begin,
	.add = add,
	.add_plain = add_plain,
	.finish = finish,
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
