/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_builder.h"

#include <assert.h>
#include <stdlib.h>

#include "index/entry_list.h"
#include "index/ip4_encoder.h"
#include "index/ip4_ordered.h"
#include "index/ip4_prefixes.h"
#include "index/ip4_singles.h"
#include "index/ip4_sweep.h"

/* Entries go into the index as they come, as long as each is behind those before it. When one is not, all
 * so far are taken back, and from then on entries are kept as they came until all are there: single addresses, most entries of most lists, in a
 * list of their own, which is smaller and sorted faster; all others as ranges. Both lists are sorted and
 * packed, and give their memory back while the index grows. */

struct ip4_builder {
	ip4_rule_t rule;
	bool is_ordered; /* so far, and all entries are in */
	ip4_ordered_t ordered;
	entry_list_t list; /* or here, but for */
	ip4_singles_t singles;
	ip_lines_t lines; /* of the last index */
};

ip4_builder_t *ip4_builder_new(ip4_rule_t rule)
{
	ip4_builder_t *builder = calloc(1, sizeof(*builder));

	if (builder == NULL)
		return NULL;
	builder->rule = rule;
	builder->is_ordered = true;
	builder->ordered.first_only = rule == IP4_RULE_LONGEST_PREFIX;
	builder->singles.first_only = rule == IP4_RULE_LONGEST_PREFIX;
	return builder;
}

void ip4_builder_free(ip4_builder_t *builder)
{
	if (builder == NULL)
		return;
	ip4_ordered_clear(&builder->ordered);
	entry_list_clear(&builder->list);
	ip4_singles_clear(&builder->singles);
	ip_lines_clear(&builder->lines);
	free(builder);
}

/* Adds an entry to those that are to be sorted. */
static err_t append_unordered(ip4_builder_t *builder, uint32_t first, uint32_t last, uint32_t value)
{
	entry_t entry = { .address.high = first, .size = last - first, .value = value };

	if (first == last)
		return ip4_singles_append(&builder->singles, &first, 1, value);
	return entry_list_append(&builder->list, &entry);
}

static err_t append_line(void *builder, const ip_line_t *line)
{
	return append_unordered(builder, (uint32_t)line->first.low, (uint32_t)line->last.low,
				line->number);
}

/* At so many addresses a time. */
#define APPENDED 512u

static err_t append_addresses(void *context, uint32_t first, const uint16_t *lows, size_t count,
			      uint32_t value)
{
	ip4_builder_t *builder = context;
	uint32_t addresses[APPENDED];
	err_t error = ERR_OK;

	while (count > 0 && error == ERR_OK) {
		size_t part = count < APPENDED ? count : APPENDED;

		for (size_t i = 0; i < part; i++)
			addresses[i] = first | lows[i];
		error = ip4_singles_append(&builder->singles, addresses, part, value);
		lows += part;
		count -= part;
	}
	return error;
}

/* An entry is not behind those before it. */
static err_t leave_order(ip4_builder_t *builder)
{
	const ip4_lines_visitor_t visitor = { builder, append_line, append_addresses };

	builder->is_ordered = false;
	return ip4_ordered_leave(&builder->ordered, &visitor);
}

static err_t append(ip4_builder_t *builder, uint32_t first, uint32_t last, uint32_t value)
{
	const ip4_entry_t entry = { first, last, value };
	bool is_taken = false;
	err_t error = ERR_OK;

	assert(value <= IP4_INDEX_MAX);
	if (builder->is_ordered) {
		error = ip4_ordered_add(&builder->ordered, &entry, &is_taken);
		if (error == ERR_OK && !is_taken)
			error = leave_order(builder);
	}
	return error == ERR_OK && !is_taken ? append_unordered(builder, first, last, value) : error;
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
	size_t taken = 0;
	err_t error = ERR_OK;

	assert(value <= IP4_INDEX_MAX);
	if (builder->is_ordered) {
		error = ip4_ordered_add_addresses(&builder->ordered, addresses, count, value,
						  &taken);
		if (error == ERR_OK && taken < count)
			error = leave_order(builder);
	}
	if (error != ERR_OK || taken == count)
		return error;
	return ip4_singles_append(&builder->singles, addresses + taken, count - taken, value);
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

/* Of entries that have to be sorted. */
static err_t finish_unordered(ip4_builder_t *builder, value_sets_t *sets, uint32_t sets_base,
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

err_t ip4_builder_finish(ip4_builder_t *builder, value_sets_t *sets, uint32_t sets_base,
			 ip4_index_t **index)
{
	bool is_ordered = builder->is_ordered;

	ip_lines_clear(&builder->lines);
	builder->is_ordered = true;
	if (is_ordered)
		return ip4_ordered_finish(&builder->ordered, index, &builder->lines);
	return finish_unordered(builder, sets, sets_base, index);
}
