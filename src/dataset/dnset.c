/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* dnset: domain names with values, and wildcards. The name itself decides alone if it has an entry,
 * else the longest wildcard; see index/name_index.h. dnhash is the same under the name that the
 * rspamd line of rbldnsd has for its own kind of it. */

#include <stdlib.h>

#include "dataset/dnset_data.h"
#include "dataset/observer.h"
#include "dataset/saved_index.h"
#include "dataset/types.h"
#include "dns/name.h"
#include "index/name_builder.h"
#include "zonefile/name_text.h"

typedef struct dnset_state {
	name_builder_t *builder;
	dnset_data_t *data;
} dnset_state_t;

static err_t begin(dataset_loader_t *loader)
{
	dnset_state_t *state = calloc(1, sizeof(*state));

	loader->state = state;
	if (state == NULL)
		return ERR_NOMEM;
	state->builder = name_builder_new();
	state->data = calloc(1, sizeof(*state->data));
	if (state->builder == NULL || state->data == NULL)
		return ERR_NOMEM;
	state->data->values = entry_values_new();
	return state->data->values != NULL ? ERR_OK : ERR_NOMEM;
}

static err_t add(dataset_loader_t *loader, text_t line)
{
	dnset_state_t *state = loader->state;
	bool is_exclusion = text_take_exclusion(&line);
	uint32_t value = NAME_BUILDER_EXCLUDED;
	name_text_t entry;

	loader->at = line.at;
	err_t err = name_text_entry(&line, &entry, &loader->why);
	if (err == ERR_OK && !is_exclusion)
		err = entry_values_add(state->data->values, loader, line, &value);
	if (err != ERR_OK)
		return err;
	unsigned kinds = (entry.is_plain ? NAME_FOR_PLAIN : 0u) |
			 (entry.is_wildcard ? NAME_FOR_WILDCARD : 0u);
	err = name_builder_add(state->builder, entry.name, kinds, value);
	if (err == ERR_OK)
		dataset_observe_name(loader, entry.name, entry.is_plain, entry.is_wildcard, value);
	return err;
}

/* Lines whose values are looked up at once: many, but few where the first of them are to be taken by themselves. */
#define LINES_BATCH     64u
#define LINES_BATCH_MIN 4u

/* Takes lines up to one that is better taken by itself, as it may have to be reported. */
static err_t add_lines(dataset_loader_t *loader, const plain_lines_t *lines, size_t *taken)
{
	const dnset_state_t *state = loader->state;
	const uint8_t *at = lines->names;
	const char *text = lines->text;
	const uint8_t *entries[LINES_BATCH];
	text_t rests[LINES_BATCH];
	uint32_t values[LINES_BATCH];
	size_t most = LINES_BATCH_MIN;
	size_t count;
	size_t known;

	*taken = 0;
	do {
		for (count = 0; count < most && *taken + count < lines->count; count++) {
			name_scanned_line_t line;
			at = name_line_scan_open(at, lines->has_keys, &text, &line);
			entries[count] = line.entry;
			rests[count] = line.rest;
		}
		err_t err = entry_values_add_lines(state->data->values, loader, rests, count,
						   values, &known);
		if (err == ERR_OK && lines->has_keys)
			err = name_builder_add_each_key(state->builder, entries, values, known);
		else if (err == ERR_OK)
			err = name_builder_add_each(state->builder, entries, values, known);
		if (err != ERR_OK)
			return err;
		*taken += known;
		most = most < LINES_BATCH ? 2 * most : most;
	} while (known == count && *taken < lines->count);
	if (!lines->has_keys)
		loader->plain.coder = name_builder_coder(state->builder);
	return ERR_OK;
}

static err_t add_plain(dataset_loader_t *loader, const plain_lines_t *lines, size_t *taken)
{
	dnset_state_t *state = loader->state;
	const text_t nothing = { NULL, NULL };
	uint32_t value;

	if (!lines->has_keys)
		name_builder_expect(state->builder, loader->file_size);
	if (lines->names != NULL)
		return add_lines(loader, lines, taken);
	err_t err = entry_values_add(state->data->values, loader, nothing, &value);
	if (err != ERR_OK)
		return err;
	if (lines->has_keys)
		return name_builder_add_keys(state->builder, lines->entries, lines->size, value);
	err = name_builder_add_many(state->builder, lines->entries, lines->size, value);
	loader->plain.coder = name_builder_coder(state->builder);
	return err;
}

static err_t finish(dataset_loader_t *loader, void **finished, size_t *memory)
{
	dnset_state_t *state = loader->state;
	dnset_data_t *data = state->data;

	entry_values_close(data->values);
	err_t err = name_builder_finish(state->builder, entry_values_sets(data->values),
					entry_values_count(data->values), &data->index);
	if (err == ERR_OK)
		name_builder_take_lines(state->builder, &data->lines);
	if (err == ERR_OK)
		err = entry_values_seal(data->values, loader);
	if (err != ERR_OK)
		return err;
	*finished = data;
	*memory = sizeof(*data) + name_index_size(data->index) + data->lines.kinds_size +
		  data->lines.dropped_size + entry_values_memory(data->values);
	state->data = NULL;
	return ERR_OK;
}

static void free_data(void *freed)
{
	dnset_data_t *data = freed;

	if (!data->is_mapped) {
		name_index_free(data->index);
		name_lines_clear(&data->lines);
	}
	entry_values_free(data->values);
	free(data);
}

static void abandon(dataset_loader_t *loader)
{
	dnset_state_t *state = loader->state;

	if (state == NULL)
		return;
	name_builder_free(state->builder);
	if (state->data != NULL)
		free_data(state->data);
	free(state);
	loader->state = NULL;
}

static name_question_t name_question(const dataset_question_t *question)
{
	return (name_question_t){
		.name = question->query->qname,
		.labels = question->query->labels,
		.depth = question->depth,
	};
}

/* An entry is the number of a value or a set of them, and above it how many labels the listed name
 * has, so that it need not be looked up once more for its text. Numbers that leave no room for that stand
 * alone: there would have to be 16 million different values. */
#ifndef ENTRY_NUMBER_BITS /* a test has fewer */
#define ENTRY_NUMBER_BITS 24
#endif
#define ENTRY_IS_ALONE 0x80000000u

_Static_assert((uint32_t)DNS_LABELS_MAX << ENTRY_NUMBER_BITS < ENTRY_IS_ALONE, "depths have room");

static uint32_t make_entry(const name_match_t *result)
{
	if (result->number >> ENTRY_NUMBER_BITS != 0)
		return result->number | ENTRY_IS_ALONE;
	return result->number | (uint32_t)result->depth << ENTRY_NUMBER_BITS;
}

/* Looks up at most NAME_INDEX_BATCH questions. */
static void find_batch(const dnset_data_t *data, const dataset_question_t *const *questions,
		       size_t count, dataset_match_t *matches)
{
	name_question_t names[NAME_INDEX_BATCH];
	name_match_t results[NAME_INDEX_BATCH];

	for (size_t i = 0; i < count; i++)
		names[i] = name_question(questions[i]);
	name_index_lookup_batch(data->index, names, count, results);
	for (size_t i = 0; i < count; i++) {
		matches[i].entry = results[i].number;
		matches[i].found = results[i].number != NAME_INDEX_NONE ? DATASET_ENTRY
				   : results[i].has_below               ? DATASET_BELOW
									: DATASET_NOTHING;
	}
	/* NODATA for what is hidden: there may be names below that are not. */
	entry_values_hide(data->values, questions, count, matches, DATASET_BELOW);
	for (size_t i = 0; i < count; i++)
		matches[i].entry = make_entry(&results[i]);
}

static void find(const void *found, const dataset_question_t *const *questions, size_t count,
		 dataset_match_t *matches)
{
	for (size_t first = 0, size; first < count; first += size) {
		size = count - first < NAME_INDEX_BATCH ? count - first : NAME_INDEX_BATCH;
		find_batch(found, questions + first, size, matches + first);
	}
}

/* The subject of texts: the listed name, not the one that was asked. */
static size_t write_subject(const dnset_data_t *data, uint32_t entry,
			    const dataset_question_t *question, char subject[NAME_TEXT_SIZE])
{
	name_question_t name = name_question(question);
	name_match_t match = { .depth = (uint8_t)(entry >> ENTRY_NUMBER_BITS) };

	if (UNLIKELY(entry & ENTRY_IS_ALONE))
		name_index_lookup(data->index, &name, &match);
	return name_text_write(name.name, name.labels + (name.depth - match.depth), match.depth,
			       subject);
}

static void write(const dataset_t *dataset, uint32_t entry, const dataset_question_t *question,
		  dns_type_t type, unsigned rotation ATTR_UNUSED, dns_reply_t *reply)
{
	const dnset_data_t *data = dataset->data;
	uint32_t bits = entry & ENTRY_IS_ALONE ? 31 : ENTRY_NUMBER_BITS;
	uint32_t number = entry & (((uint32_t)1 << bits) - 1);
	char subject[NAME_TEXT_SIZE];
	size_t size = type == DNS_TYPE_TXT ? write_subject(data, entry, question, subject) : 0;

	entry_values_write(data->values, number, question->asker,
			   (text_t){ subject, subject + size }, type, dataset->specials.ttl_s,
			   reply);
}

/* A walk through the index; `err` ends it, which the index's own walk has no way to. */
typedef struct walker {
	const dataset_visitor_t *visitor;
	err_t err;
} walker_t;

static void visit_entry(void *context, const uint8_t *name, name_kind_t kind,
			uint32_t number ATTR_UNUSED)
{
	walker_t *walker = context;
	uint8_t labels[DNS_LABELS_MAX];
	uint8_t key[DNS_NAME_MAX];
	dataset_node_t node = {
		.key = key,
		.has_below = kind == NAME_WILDCARD,
	};

	if (walker->err != ERR_OK)
		return;
	unsigned depth = dns_name_labels(name, labels);
	node.key_size = dns_name_key(name, labels, depth, key);
	walker->err = walker->visitor->visit(walker->visitor->context, &node);
}

static err_t walk(const dataset_t *dataset, const dataset_visitor_t *visitor)
{
	const dnset_data_t *data = dataset->data;
	walker_t walker = { .visitor = visitor };

	name_index_walk(data->index, visit_entry, &walker);
	return walker.err;
}

/* ---- Compiled. ---- */

static err_t save(const dataset_t *dataset, dataset_saver_t *saver)
{
	const dnset_data_t *data = dataset->data;
	const name_lines_t *lines = &data->lines;

	err_t err = dataset_saver_add(saver, "index", data->index, name_index_size(data->index));
	if (err == ERR_OK)
		err = dataset_saver_add(saver, "kinds", lines->kinds, lines->kinds_size);
	if (err == ERR_OK)
		err = dataset_saver_add(saver, "dropped", lines->dropped, lines->dropped_size);
	return err == ERR_OK ? entry_values_save(data->values, saver) : err;
}

/* Checks the index and the notes beside it, and uses them. */
static err_t map_index(dataset_mapper_t *mapper, dnset_data_t *data, size_t *size)
{
	name_lines_t *lines = &data->lines;
	const void *index;
	const char *why;

	err_t err = saved_index_map(mapper, name_index_check, &data->values, &index, size);
	if (err != ERR_OK)
		return err;
	const uint8_t *kinds = dataset_mapper_block(mapper, "kinds", &lines->kinds_size);
	const uint8_t *dropped = dataset_mapper_block(mapper, "dropped", &lines->dropped_size);
	if (name_lines_check(kinds, lines->kinds_size, dropped, lines->dropped_size, &why) !=
	    ERR_OK)
		return dataset_mapper_refuse(mapper, "kinds and dropped", why);
	data->index = (name_index_t *)(uintptr_t)index;
	lines->kinds = (uint8_t *)(uintptr_t)kinds;
	lines->dropped = (uint8_t *)(uintptr_t)dropped;
	*size += lines->kinds_size + lines->dropped_size;
	return ERR_OK;
}

static err_t map(dataset_mapper_t *mapper, dataset_t *dataset)
{
	dnset_data_t *data = calloc(1, sizeof(*data));
	size_t size = 0;

	if (data == NULL)
		return ERR_NOMEM;
	data->is_mapped = true;
	err_t err = map_index(mapper, data, &size);
	if (err != ERR_OK) {
		free_data(data);
		return err;
	}
	saved_index_finish(dataset, data, sizeof(*data), size, data->values);
	return ERR_OK;
}

const dataset_type_t dataset_dnset = {
	.name = "dnset",
	.rule = DATASET_RULE_ALL,
	.has_default_lines = true,
	.key = DATASET_KEY_NAME,
	.plain = PLAIN_NAMES,
	.begin = begin,
	.add = add,
	.add_plain = add_plain,
	.finish = finish,
	.abandon = abandon,
	.free = free_data,
	.find = find,
	.write = write,
	.walk = walk,
	.compare = dnset_compare,
	.save = save,
	.map = map,
	.print = dnset_print,
};

const dataset_type_t dataset_dnhash = {
	.name = "dnhash",
	.rule = DATASET_RULE_ALL,
	.has_default_lines = true,
	.key = DATASET_KEY_NAME,
	.plain = PLAIN_NAMES,
	.begin = begin,
	.add = add,
	.add_plain = add_plain,
	.finish = finish,
	.abandon = abandon,
	.free = free_data,
	.find = find,
	.write = write,
	.walk = walk,
	.compare = dnset_compare,
	.save = save,
	.map = map,
	.print = dnset_print,
};
