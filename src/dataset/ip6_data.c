/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/ip6_data.h"

#include <stdlib.h>

#include "dataset/entry_changes.h"
#include "dataset/entry_values.h"
#include "dataset/ip6_nodes.h"
#include "dataset/ip_data.h"
#include "dataset/observer.h"
#include "dataset/printer.h"
#include "zonefile/ip6_text.h"

/* Questions looked up at once: what the index needs to overlap its cache misses. */
#define BATCH 64

typedef struct ip6_state {
	ip6_builder_t *builder;
	ip_data_t *data;
} ip6_state_t;

err_t ip6_data_begin(dataset_loader_t *loader)
{
	ip6_state_t *state = calloc(1, sizeof(*state));

	loader->state = state;
	if (state == NULL)
		return ERR_NOMEM;
	state->builder = ip6_builder_new();
	state->data = calloc(1, sizeof(*state->data));
	if (state->builder == NULL || state->data == NULL)
		return ERR_NOMEM;
	state->data->values = entry_values_new();
	return state->data->values != NULL ? ERR_OK : ERR_NOMEM;
}

err_t ip6_data_value(dataset_loader_t *loader, text_t rest, uint32_t *value)
{
	ip6_state_t *state = loader->state;

	return entry_values_add(state->data->values, loader, rest, value);
}

err_t ip6_data_add(dataset_loader_t *loader, ip6_address_t address, unsigned length, uint32_t value)
{
	ip6_state_t *state = loader->state;

	err_t err = ip6_builder_add(state->builder, address, length, value);
	if (err == ERR_OK)
		dataset_observe_ip6(loader, address, length, value);
	return err;
}

/* How many of the first lines say nothing but their prefix. */
static size_t count_bare(const ip6_line_t *lines, size_t count)
{
	size_t bare = 0;

	while (bare < count && lines[bare].rest == lines[bare].size)
		bare++;
	return bare;
}

/* Adds lines that say nothing but their prefix, or of which nothing else counts. */
static err_t add_bare(ip6_builder_t *builder, const ip6_line_t *lines, size_t count, uint32_t value)
{
	err_t err = ERR_OK;

	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = ip6_builder_add(builder, lines[i].address, lines[i].length, value);
	return err;
}

/* Adds at most BATCH lines, up to one that is better taken by itself, as it may have to be reported: `*known` is
 * how many were added. */
static err_t add_batch(dataset_loader_t *loader, const ip6_line_t *lines, size_t count,
		       const char *text, size_t *known)
{
	const ip6_state_t *state = loader->state;
	text_t rests[BATCH];
	uint32_t values[BATCH];
	err_t err;

	for (size_t i = 0; i < count; i++)
		rests[i] = ip6_line_rest(&lines[i], text);
	err = entry_values_add_lines(state->data->values, loader, rests, count, values, known);
	for (size_t i = 0; i < *known && err == ERR_OK; i++)
		err = ip6_builder_add(state->builder, lines[i].address, lines[i].length, values[i]);
	return err;
}

err_t ip6_data_add_plain(dataset_loader_t *loader, const plain_lines_t *lines, size_t *taken)
{
	const ip6_state_t *state = loader->state;

	if (lines->has_64s) {
		uint32_t value;
		err_t err = ip6_data_value(loader, (text_t){ NULL, NULL }, &value);

		return err == ERR_OK ? ip6_data_add_same(loader, lines, value) : err;
	}
	*taken = 0;
	while (*taken < lines->count) {
		const ip6_line_t *at = lines->ip6 + *taken;
		size_t left = lines->count - *taken;
		size_t count = count_bare(at, left);
		size_t known = count;
		uint32_t value;
		err_t err;

		if (count > 0) {
			err = ip6_data_value(loader, (text_t){ NULL, NULL }, &value);
			if (err == ERR_OK)
				err = add_bare(state->builder, at, count, value);
		} else {
			count = left < BATCH ? left : BATCH;
			err = add_batch(loader, at, count, lines->text, &known);
		}
		if (err != ERR_OK)
			return err;
		*taken += known;
		if (known < count)
			break;
	}
	return ERR_OK;
}

err_t ip6_data_add_same(dataset_loader_t *loader, const plain_lines_t *lines, uint32_t value)
{
	const ip6_state_t *state = loader->state;

	if (lines->has_64s)
		return ip6_builder_add_64s(state->builder, lines->entries, lines->count, value);
	return add_bare(state->builder, lines->ip6, lines->count, value);
}

err_t ip6_data_finish(dataset_loader_t *loader, void **finished, size_t *memory)
{
	ip6_state_t *state = loader->state;
	ip_data_t *data = state->data;
	ip6_index_t *index = NULL;

	entry_values_close(data->values);
	err_t err = ip6_builder_finish(state->builder, &index);
	data->index = index;
	if (err == ERR_OK)
		ip6_builder_take_lines(state->builder, &data->lines);
	if (err == ERR_OK)
		err = entry_values_seal(data->values, loader);
	if (err != ERR_OK)
		return err;
	*finished = data;
	*memory = sizeof(*data) + ip6_index_size(index) + data->lines.size +
		  entry_values_memory(data->values);
	state->data = NULL;
	return ERR_OK;
}

void ip6_data_abandon(dataset_loader_t *loader)
{
	ip6_state_t *state = loader->state;

	if (state == NULL)
		return;
	ip6_builder_free(state->builder);
	if (state->data != NULL)
		ip6_data_free(state->data);
	free(state);
	loader->state = NULL;
}

void ip6_data_free(void *freed)
{
	ip_data_t *data = freed;

	if (!data->is_mapped)
		ip6_index_free(data->index);
	ip_data_free(data);
}

err_t ip6_data_save(const dataset_t *dataset, dataset_saver_t *saver)
{
	const ip_data_t *data = dataset->data;

	return ip_data_save(data, ip6_index_size(data->index), saver);
}

err_t ip6_data_map(dataset_mapper_t *mapper, dataset_t *dataset)
{
	return ip_data_map(mapper, ip6_index_check, dataset);
}

/* Is anything listed whose name is below the question's? */
static bool has_below(const ip_data_t *data, const dataset_question_t *question)
{
	return question->has_ip6_range &&
	       ip6_index_has_any(data->index, question->ip6,
				 ip6_last(question->ip6, question->ip6_length));
}

/* Looks up at most BATCH questions. */
static void find_batch(const ip_data_t *data, const dataset_question_t *const *questions,
		       size_t count, dataset_match_t *matches)
{
	ip6_address_t addresses[BATCH] = { { .high = 0 } };
	uint32_t numbers[BATCH];
	unsigned asked_by[BATCH];
	size_t asked = 0;

	for (unsigned i = 0; i < count; i++) {
		matches[i].found = DATASET_NOTHING;
		if (questions[i]->has_ip6) {
			addresses[asked] = questions[i]->ip6;
			asked_by[asked++] = i;
		} else if (has_below(data, questions[i])) {
			matches[i].found = DATASET_BELOW;
		}
	}
	ip6_index_lookup_batch(data->index, addresses, asked, numbers);
	for (size_t i = 0; i < asked; i++) {
		if (numbers[i] == IP6_INDEX_NONE)
			continue;
		matches[asked_by[i]].found = DATASET_ENTRY;
		matches[asked_by[i]].entry = numbers[i];
	}
	entry_values_hide(data->values, questions, count, matches, DATASET_NOTHING);
}

void ip6_data_find(const void *data, const dataset_question_t *const *questions, size_t count,
		   dataset_match_t *matches)
{
	for (size_t i = 0; i < count; i += BATCH)
		find_batch(data, questions + i, count - i < BATCH ? count - i : BATCH, matches + i);
}

void ip6_data_write(const dataset_t *dataset, uint32_t entry, const dataset_question_t *question,
		    dns_type_t type, unsigned rotation ATTR_UNUSED, dns_reply_t *reply)
{
	const ip_data_t *data = dataset->data;
	char subject[IP6_TEXT_SIZE];
	size_t size = type == DNS_TYPE_TXT ? ip6_text_write(question->ip6, subject) : 0;

	entry_values_write(data->values, entry, question->asker,
			   (text_t){ subject, subject + size }, type, dataset->specials.ttl_s,
			   reply);
}

err_t ip6_data_walk(const dataset_t *dataset, const dataset_visitor_t *visitor)
{
	const ip_data_t *data = dataset->data;

	return ip6_nodes_walk(data->index, data->values, visitor);
}

err_t ip6_data_compare(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	const ip_data_t *a = old->data;
	const ip_data_t *b = next->data;
	entry_changes_t entries = { { a->values, 0 }, { b->values, 0 }, changes, ERR_OK };

	ip6_lines_compare(a->index, &a->lines, b->index, &b->lines, entry_changes_visit, &entries);
	return entries.err;
}

/* ---- Written back. ---- */

typedef struct line_printer {
	dataset_printer_t *printer;
	const entry_values_t *values;
	bool has_words; /* a /64 is four words, without its length */
} line_printer_t;

static err_t print_line(void *context, const ip_line_t *line)
{
	const line_printer_t *lines = context;
	ip6_address_t first = line->first;
	unsigned length = 128 - ip6_bit_length(ip6_subtract(line->last, first));
	char key[IP6_PREFIX_TEXT_SIZE];
	size_t size = lines->has_words && length == 64 ? ip6_text_write_64(first, key)
						       : ip6_text_write_prefix(first, length, key);

	return dataset_printer_entry(lines->printer, lines->values, key, size, line->number);
}

err_t ip6_data_print(const dataset_t *dataset, dataset_printer_t *printer)
{
	const ip_data_t *data = dataset->data;
	line_printer_t lines = {
		.printer = printer,
		.values = data->values,
		.has_words = dataset->type->has_one_default,
	};

	if (!dataset_printer_begin(printer, data->values))
		return ERR_OK;
	return ip6_lines_walk(data->index, &data->lines, print_line, &lines);
}
