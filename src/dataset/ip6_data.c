/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/ip6_data.h"

#include <stdlib.h>

#include "dataset/entry_changes.h"
#include "dataset/entry_values.h"
#include "dataset/ip6_nodes.h"
#include "dataset/observer.h"
#include "dataset/saved.h"
#include "dataset/printer.h"
#include "zonefile/ip6_text.h"

/* Questions looked up at once: what the index needs to overlap its cache misses. */
#define BATCH 64

typedef struct ip6_data {
	ip6_index_t *index;
	ip_lines_t lines;
	entry_values_t *values;
	bool is_mapped; /* all of these: from a file, whose they are */
} ip6_data_t;

typedef struct ip6_state {
	ip6_builder_t *builder;
	ip6_data_t *data;
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

err_t ip6_data_finish(dataset_loader_t *loader, void **finished, size_t *memory)
{
	ip6_state_t *state = loader->state;
	ip6_data_t *data = state->data;

	err_t err = ip6_builder_finish(state->builder, &data->index);
	if (err == ERR_OK)
		ip6_builder_take_lines(state->builder, &data->lines);
	if (err == ERR_OK)
		err = entry_values_seal(data->values, loader);
	if (err != ERR_OK)
		return err;
	*finished = data;
	*memory = sizeof(*data) + ip6_index_size(data->index) + data->lines.size +
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
	ip6_data_t *data = freed;

	if (!data->is_mapped) {
		ip6_index_free(data->index);
		ip_lines_clear(&data->lines);
	}
	entry_values_free(data->values);
	free(data);
}

err_t ip6_data_save(const dataset_t *dataset, dataset_saver_t *saver)
{
	const ip6_data_t *data = dataset->data;

	err_t err = dataset_saver_add(saver, "index", data->index, ip6_index_size(data->index));
	if (err == ERR_OK)
		err = dataset_saver_add(saver, "lines", data->lines.notes, data->lines.size);
	return err == ERR_OK ? entry_values_save(data->values, saver) : err;
}

/* Checks the index and the notes beside it, and uses them. */
static err_t map_index(dataset_mapper_t *mapper, ip6_data_t *data, size_t *size)
{
	uint32_t last = entry_values_last(data->values);
	const char *why;
	size_t index_size;
	const void *index = dataset_mapper_block(mapper, "index", &index_size);
	const uint8_t *lines = dataset_mapper_block(mapper, "lines", &data->lines.size);

	if (index == NULL)
		return dataset_mapper_refuse(mapper, "index", "there is none");
	if (ip6_index_check(index, index_size, last, &why) != ERR_OK)
		return dataset_mapper_refuse(mapper, "index", why);
	data->index = (ip6_index_t *)(uintptr_t)index;
	data->lines.notes = (uint8_t *)(uintptr_t)lines;
	if (ip_lines_check(lines, data->lines.size, last, &why) != ERR_OK)
		return dataset_mapper_refuse(mapper, "lines", why);
	*size = index_size + data->lines.size;
	return ERR_OK;
}

err_t ip6_data_map(dataset_mapper_t *mapper, dataset_t *dataset)
{
	ip6_data_t *data = calloc(1, sizeof(*data));
	size_t size = 0;

	if (data == NULL)
		return ERR_NOMEM;
	data->is_mapped = true;
	err_t err = entry_values_map(mapper, &data->values);
	if (err == ERR_OK)
		err = map_index(mapper, data, &size);
	if (err != ERR_OK) {
		ip6_data_free(data);
		return err;
	}
	data->lines.most = dataset->entries + 1; /* each is a line */
	dataset->data = data;
	dataset->memory = sizeof(*data) + size + entry_values_memory(data->values);
	dataset->mapped = size + entry_values_mapped(data->values);
	return ERR_OK;
}

/* Is anything listed whose name is below the question's? */
static bool has_below(const ip6_data_t *data, const dataset_question_t *question)
{
	return question->has_ip6_range &&
	       ip6_index_has_any(data->index, question->ip6,
				 ip6_last(question->ip6, question->ip6_length));
}

/* Looks up at most BATCH questions. */
static void find_batch(const ip6_data_t *data, const dataset_question_t *const *questions,
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
	const ip6_data_t *data = dataset->data;
	char subject[IP6_TEXT_SIZE];
	size_t size = type == DNS_TYPE_TXT ? ip6_text_write(question->ip6, subject) : 0;

	entry_values_write(data->values, entry, question->asker,
			   (text_t){ subject, subject + size }, type, dataset->specials.ttl_s,
			   reply);
}

err_t ip6_data_walk(const dataset_t *dataset, const dataset_visitor_t *visitor)
{
	const ip6_data_t *data = dataset->data;

	return ip6_nodes_walk(data->index, data->values, visitor);
}

err_t ip6_data_compare(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	const ip6_data_t *a = old->data;
	const ip6_data_t *b = next->data;
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
	const ip6_data_t *data = dataset->data;
	line_printer_t lines = {
		.printer = printer,
		.values = data->values,
		.has_words = dataset->type->has_one_default,
	};

	if (!dataset_printer_begin(printer, data->values))
		return ERR_OK;
	return ip6_lines_walk(data->index, &data->lines, print_line, &lines);
}
