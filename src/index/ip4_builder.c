/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_builder.h"

#include <assert.h>
#include <stdlib.h>

#include "index/entry_list.h"
#include "index/ip4_encoder.h"
#include "index/ip4_prefixes.h"
#include "index/ip4_singles.h"
#include "index/ip4_sweep.h"

/* Entries are kept as they came until all are there: single addresses, most entries of most lists, in a
 * list of their own, which is smaller and sorted faster; all others as ranges. Both lists are sorted and
 * packed, and give their memory back while the index grows. */

struct ip4_builder {
	ip4_rule_t rule;
	entry_list_t list; /* of all entries but */
	ip4_singles_t singles;
	ip_lines_t lines; /* of the last index */
};

ip4_builder_t *ip4_builder_new(ip4_rule_t rule)
{
	ip4_builder_t *builder = calloc(1, sizeof(*builder));

	if (builder == NULL)
		return NULL;
	builder->rule = rule;
	builder->singles.first_only = rule == IP4_RULE_LONGEST_PREFIX;
	return builder;
}

void ip4_builder_free(ip4_builder_t *builder)
{
	if (builder == NULL)
		return;
	entry_list_clear(&builder->list);
	ip4_singles_clear(&builder->singles);
	ip_lines_clear(&builder->lines);
	free(builder);
}

static err_t append(ip4_builder_t *builder, uint32_t first, uint32_t last, uint32_t value)
{
	entry_t entry = { .address.high = first, .size = last - first, .value = value };

	assert(value <= IP4_INDEX_MAX);
	if (first == last)
		return ip4_singles_append(&builder->singles, &first, 1, value);
	return entry_list_append(&builder->list, &entry);
}

err_t ip4_builder_add(ip4_builder_t *builder, uint32_t address, unsigned length, uint32_t value)
{
	assert(length < IP4_LENGTHS);
	assert(length == 32 || (address & (UINT32_MAX >> length)) == 0);
	return append(builder, address, ip4_prefix_last(address, length), value);
}

err_t ip4_builder_add_addresses(ip4_builder_t *builder, const uint32_t *addresses, size_t count,
				uint32_t value)
{
	assert(value <= IP4_INDEX_MAX);
	return ip4_singles_append(&builder->singles, addresses, count, value);
}

err_t ip4_builder_add_range(ip4_builder_t *builder, uint32_t first, uint32_t last, uint32_t value)
{
	ip4_entry_t rest = { first, last, value };

	assert(first <= last);
	/* Which of equal prefixes was the first one could not be told of the parts of a range that is
	 * cut later. Byte levels do not ask. */
	while (builder->rule == IP4_RULE_LONGEST_PREFIX) {
		ip4_prefix_t prefix = ip4_prefix_of(&rest);
		err_t error = append(builder, prefix.first, prefix.last, value);

		if (error != ERR_OK || prefix.last == last)
			return error;
		rest.first = prefix.last + 1;
	}
	return append(builder, first, last, value);
}

void ip4_builder_take_lines(ip4_builder_t *builder, ip_lines_t *lines)
{
	*lines = builder->lines;
	builder->lines = (ip_lines_t){ .notes = NULL };
}

err_t ip4_builder_finish(ip4_builder_t *builder, value_sets_t *sets, uint32_t sets_base,
			 ip4_index_t **index)
{
	ip_lines_writer_t lines = { .size = 0 };
	ip4_swept_t swept = {
		.rule = builder->rule,
		.sets = sets,
		.sets_base = sets_base,
		.list = &builder->list,
		.singles = &builder->singles,
		.lines = &lines,
	};
	err_t error = entry_list_sort(&builder->list);

	if (error == ERR_OK)
		error = ip4_singles_sort(&builder->singles);
	ip_lines_clear(&builder->lines);
	if (error == ERR_OK) {
		swept.encoder = ip4_encoder_new();
		error = swept.encoder != NULL ? ip4_sweep(&swept) : ERR_NOMEM;
	}
	entry_list_clear(&builder->list);
	ip4_singles_clear(&builder->singles);
	if (error == ERR_OK)
		error = ip_lines_finish(&lines, &builder->lines);
	if (error == ERR_OK)
		error = ip4_encoder_finish(swept.encoder, index);
	ip_lines_abandon(&lines);
	ip4_encoder_free(swept.encoder);
	return error;
}
