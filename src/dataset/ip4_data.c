/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/ip4_data.h"

#include <stdlib.h>

#include "dataset/entry_changes.h"
#include "dataset/entry_values.h"
#include "dataset/ip4_nodes.h"
#include "dataset/ip_data.h"
#include "dataset/printer.h"
#include "zonefile/ip4_text.h"

/* Questions looked up at once: what the index needs to overlap its cache misses. */
#define BATCH 64

typedef struct ip4_state {
	ip4_builder_t *builder;
	ip_data_t *data;
} ip4_state_t;

err_t ip4_data_begin(dataset_loader_t *loader, ip4_rule_t rule)
{
	ip4_state_t *state = calloc(1, sizeof(*state));

	loader->state = state;
	if (state == NULL)
		return ERR_NOMEM;
	state->builder = ip4_builder_new(rule);
	state->data = calloc(1, sizeof(*state->data));
	if (state->builder == NULL || state->data == NULL)
		return ERR_NOMEM;
	state->data->values = entry_values_new();
	return state->data->values != NULL ? ERR_OK : ERR_NOMEM;
}

ip4_builder_t *ip4_data_builder(const dataset_loader_t *loader)
{
	const ip4_state_t *state = loader->state;

	return state->builder;
}

err_t ip4_data_value(dataset_loader_t *loader, text_t rest, uint32_t *number)
{
	ip4_state_t *state = loader->state;

	return entry_values_add(state->data->values, loader, rest, number);
}

/* How many of the first lines, up to BATCH of them, are within $MAXRANGE4: no other line is to leave a value. */
static size_t count_allowed(const dataset_loader_t *loader, const ip4_line_t *lines, size_t count)
{
	size_t allowed = 0;

	while (allowed < count && allowed < BATCH &&
	       (UINT64_C(1) << (32 - lines[allowed].length)) <= loader->specials.max_range4)
		allowed++;
	return allowed;
}

/* Takes lines up to one that is better taken by itself, as it may have to be reported. */
static err_t add_lines(dataset_loader_t *loader, const plain_lines_t *lines, size_t *taken)
{
	const ip4_state_t *state = loader->state;
	text_t rests[BATCH];
	uint32_t values[BATCH];
	size_t count;
	size_t known;

	*taken = 0;
	do {
		const ip4_line_t *at = lines->ip4 + *taken;
		err_t err;

		count = count_allowed(loader, at, lines->count - *taken);
		for (size_t i = 0; i < count; i++)
			rests[i] = ip4_line_rest(&at[i], lines->text);
		err = entry_values_add_lines(state->data->values, loader, rests, count, values,
					     &known);
		for (size_t i = 0; i < known && err == ERR_OK; i++)
			err = ip4_builder_add(state->builder, at[i].address, at[i].length,
					      values[i]);
		if (err != ERR_OK)
			return err;
		*taken += known;
	} while (known == BATCH && *taken < lines->count);
	return ERR_OK;
}

err_t ip4_data_add_plain(dataset_loader_t *loader, const plain_lines_t *lines, size_t *taken)
{
	const ip4_state_t *state = loader->state;
	uint32_t value;

	if (lines->ip4 != NULL)
		return add_lines(loader, lines, taken);

	err_t err = ip4_data_value(loader, (text_t){ NULL, NULL }, &value);
	if (err != ERR_OK)
		return err;
	return ip4_builder_add_addresses(state->builder, lines->entries, lines->count, value);
}

bool ip4_data_is_range_allowed(dataset_loader_t *loader, uint32_t first, uint32_t last)
{
	if ((uint64_t)last - first + 1 <= loader->specials.max_range4)
		return true;
	loader->why = "covers more addresses than $MAXRANGE4 allows";
	return false;
}

err_t ip4_data_finish(dataset_loader_t *loader, void **finished, size_t *memory)
{
	ip4_state_t *state = loader->state;
	ip_data_t *data = state->data;
	ip4_index_t *index = NULL;

	entry_values_close(data->values);
	err_t err = ip4_builder_finish(state->builder, entry_values_sets(data->values),
				       entry_values_count(data->values), &index);
	data->index = index;
	if (err == ERR_OK)
		ip4_builder_take_lines(state->builder, &data->lines);
	if (err == ERR_OK)
		err = entry_values_seal(data->values, loader);
	if (err != ERR_OK)
		return err;
	*finished = data;
	*memory = sizeof(*data) + ip4_index_size(index) + data->lines.size +
		  entry_values_memory(data->values);
	state->data = NULL;
	return ERR_OK;
}

void ip4_data_abandon(dataset_loader_t *loader)
{
	ip4_state_t *state = loader->state;

	if (state == NULL)
		return;
	ip4_builder_free(state->builder);
	if (state->data != NULL)
		ip4_data_free(state->data);
	free(state);
	loader->state = NULL;
}

void ip4_data_free(void *freed)
{
	ip_data_t *data = freed;

	if (!data->is_mapped)
		ip4_index_free(data->index);
	ip_data_free(data);
}

err_t ip4_data_save(const dataset_t *dataset, dataset_saver_t *saver)
{
	const ip_data_t *data = dataset->data;

	return ip_data_save(data, ip4_index_size(data->index), saver);
}

err_t ip4_data_map(dataset_mapper_t *mapper, dataset_t *dataset)
{
	return ip_data_map(mapper, ip4_index_check, dataset);
}

/* Is anything listed whose name is below the question's? */
static bool has_below(const ip_data_t *data, const dataset_question_t *question)
{
	return question->has_ip4_range &&
	       ip4_index_has_any(data->index, question->ip4_first, question->ip4_last);
}

/* Looks up at most BATCH questions. */
static void find_batch(const ip_data_t *data, const dataset_question_t *const *questions,
		       size_t count, dataset_match_t *matches)
{
	uint32_t addresses[BATCH];
	uint32_t numbers[BATCH];
	unsigned asked_by[BATCH];
	size_t asked = 0;

	for (unsigned i = 0; i < count; i++) {
		const dataset_question_t *question = questions[i];
		matches[i].found = has_below(data, question) ? DATASET_BELOW : DATASET_NOTHING;
		if (question->has_ip4) {
			addresses[asked] = question->ip4;
			asked_by[asked++] = i;
		}
	}
	ip4_index_lookup_batch(data->index, addresses, asked, numbers);
	for (size_t i = 0; i < asked; i++) {
		if (numbers[i] == IP4_INDEX_NONE)
			continue;
		matches[asked_by[i]].found = DATASET_ENTRY;
		matches[asked_by[i]].entry = numbers[i];
	}
	entry_values_hide(data->values, questions, count, matches, DATASET_NOTHING);
}

void ip4_data_find(const void *data, const dataset_question_t *const *questions, size_t count,
		   dataset_match_t *matches)
{
	for (size_t i = 0; i < count; i += BATCH)
		find_batch(data, questions + i, count - i < BATCH ? count - i : BATCH, matches + i);
}

void ip4_data_write(const dataset_t *dataset, uint32_t entry, const dataset_question_t *question,
		    dns_type_t type, unsigned rotation ATTR_UNUSED, dns_reply_t *reply)
{
	const ip_data_t *data = dataset->data;
	char subject[IP4_TEXT_SIZE];
	size_t size = type == DNS_TYPE_TXT ? ip4_text_write(question->ip4, subject) : 0;

	entry_values_write(data->values, entry, question->asker,
			   (text_t){ subject, subject + size }, type, dataset->specials.ttl_s,
			   reply);
}

err_t ip4_data_walk(const dataset_t *dataset, const dataset_visitor_t *visitor)
{
	const ip_data_t *data = dataset->data;

	return ip4_nodes_walk(data->index, data->values, visitor);
}

err_t ip4_data_compare(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	const ip_data_t *a = old->data;
	const ip_data_t *b = next->data;
	entry_changes_t entries = { { a->values, 0 }, { b->values, 0 }, changes, ERR_OK };

	ip4_lines_compare(a->index, &a->lines, b->index, &b->lines, entry_changes_visit, &entries);
	return entries.err;
}

/* ---- Written back. ---- */

typedef struct line_printer {
	dataset_printer_t *printer;
	const entry_values_t *values;
	bool has_ranges;
} line_printer_t;

static err_t print_line(void *context, const ip_line_t *line)
{
	const line_printer_t *lines = context;
	uint32_t first = (uint32_t)line->first.low;
	uint32_t last = (uint32_t)line->last.low;
	char key[IP4_RANGE_TEXT_SIZE];
	size_t size =
		lines->has_ranges
			? ip4_text_write_range((ip4_range_t){ first, last }, key)
			: ip4_text_write_prefix(
				  first, 32 - (unsigned)__builtin_popcount(last - first), key);

	return dataset_printer_entry(lines->printer, lines->values, key, size, line->number);
}

static err_t print_addresses(void *context, uint32_t first, const uint16_t *lows, size_t count,
			     uint32_t number)
{
	const line_printer_t *lines = context;
	char key[IP4_TEXT_SIZE];
	err_t err = ERR_OK;

	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = dataset_printer_entry(lines->printer, lines->values, key,
					    ip4_text_write(first + lows[i], key), number);
	return err;
}

err_t ip4_data_print(const dataset_t *dataset, dataset_printer_t *printer)
{
	const ip_data_t *data = dataset->data;
	line_printer_t lines = {
		.printer = printer,
		.values = data->values,
		.has_ranges = dataset->type->rule == DATASET_RULE_BYTE_LEVELS,
	};

	if (!dataset_printer_begin(printer, data->values))
		return ERR_OK;
	return ip4_lines_walk(data->index, &data->lines,
			      &(ip4_lines_visitor_t){ &lines, print_line, print_addresses });
}
