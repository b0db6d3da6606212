/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* combined: a file that holds several data sets, each for some names below the zone (subzones):
 *
 *     $DATASET type[:name] subzone ...
 *
 * starts one. A query is for the most specific subzone that its name ends in, "@" being the zone
 * itself, and all data sets of that subzone are asked, as if the subzone was a zone of its own. What
 * is before the first $DATASET holds for all of them; $SOA, $NS and $TIMESTAMP belong to the file as a
 * whole, wherever they stand.
 *
 * The inner data sets are read by their own types, with a loader each. They are asked twice for an
 * answer, to find and to write: a match has no room to keep what each of them found, and the second
 * time finds all that it needs in the cache. */

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "dataset/ask.h"
#include "dataset/combined_data.h"
#include "dataset/observer.h"
#include "dataset/types.h"
#include "dns/name.h"

/* Questions looked up at once: as many as an answer batch has. */
#define BATCH 64

/* One data set inside, while it is read. */
typedef struct section {
	dataset_loader_t loader;
	dataset_t *dataset; /* NULL once `sets` has it */
} section_t;

typedef struct combined_state {
	combined_data_t *data;
	link_t *links; /* one for each subzone of each $DATASET line */
	size_t link_count;
	size_t link_capacity;
	section_t **sections;
	size_t section_count;
	size_t section_capacity;
	section_t *open; /* whose lines are being read; NULL: none */
} combined_state_t;

static err_t begin(dataset_loader_t *loader)
{
	combined_state_t *state = calloc(1, sizeof(*state));

	loader->state = state;
	if (state == NULL)
		return ERR_NOMEM;
	state->data = calloc(1, sizeof(*state->data));
	return state->data != NULL ? ERR_OK : ERR_NOMEM;
}

/* Each file starts with what holds for all of it. */
static void begin_file(dataset_loader_t *loader)
{
	combined_state_t *state = loader->state;

	state->open = NULL;
	loader->plain = (plain_form_t){ .kind = PLAIN_NONE };
}

static void free_data(void *data)
{
	combined_free(data);
}

static void free_section(section_t *section)
{
	section->loader.type->abandon(&section->loader);
	if (section->dataset != NULL) {
		specials_clear(&section->loader.specials);
		dataset_free(section->dataset);
	}
	free(section);
}

static void abandon(dataset_loader_t *loader)
{
	combined_state_t *state = loader->state;

	if (state == NULL)
		return;
	for (size_t i = 0; i < state->section_count; i++)
		free_section(state->sections[i]);
	free(state->sections);
	free(state->links);
	if (state->data != NULL)
		free_data(state->data);
	free(state);
	loader->state = NULL;
}

/* ---- reading ---- */

/* Opens a section of `type`, with what the file said before as its beginning. */
static err_t open_section(dataset_loader_t *outer, const dataset_type_t *type)
{
	combined_state_t *state = outer->state;

	err_t err = array_reserve((void **)&state->sections, &state->section_capacity,
				  state->section_count + 1, sizeof(section_t *));
	if (err != ERR_OK)
		return err;
	section_t *section = calloc(1, sizeof(*section));
	if (section == NULL)
		return ERR_NOMEM;
	dataset_loader_t *loader = &section->loader;
	loader->type = type;
	loader->plain.kind = type->plain;
	loader->outer = outer;
	loader->fallback = zone_value_builtin;
	loader->observer = outer->observer;
	specials_init(&loader->specials, outer->specials.settings, outer->specials.now);
	state->sections[state->section_count++] = section;
	state->open = section;
	outer->plain = loader->plain;
	section->dataset = calloc(1, sizeof(*section->dataset));
	if (section->dataset == NULL)
		return ERR_NOMEM;
	section->dataset->type = type;
	err = specials_inherit(&loader->specials, &outer->specials);
	return err == ERR_OK ? type->begin(loader) : err;
}

/* Links the section that was opened last to the subzone `word`. */
static err_t add_link(dataset_loader_t *outer, text_t word)
{
	combined_state_t *state = outer->state;
	uint8_t name[DNS_NAME_MAX] = { 0 };
	size_t size;

	if (!text_is_word(word, "@") &&
	    dns_name_from_text(word.at, text_size(word), name, &size) != ERR_OK) {
		outer->specials.broken |= SPECIALS_BROKEN_DATASET;
		dataset_loader_report(outer, "a subzone of $DATASET is no domain name; left out",
				      DATASET_LINE_COUNTS);
		return ERR_OK;
	}
	dns_name_lower(name, dns_name_size(name));
	err_t err = array_reserve((void **)&state->links, &state->link_capacity,
				  state->link_count + 1, sizeof(*state->links));
	link_t *link = state->links + state->link_count;
	if (err == ERR_OK)
		err = combined_add_name(state->data, name, link);
	if (err != ERR_OK)
		return err;
	link->section = (uint32_t)(state->section_count - 1);
	state->link_count++;
	if (DATASET_WANTS(outer, subzone))
		outer->observer->subzone(outer->observer->context, &state->open->loader, name);
	return ERR_OK;
}

/* Reads what follows $DATASET. */
static err_t take_dataset(dataset_loader_t *outer, text_t line)
{
	if (text_is_done(line)) {
		outer->specials.broken |= SPECIALS_BROKEN_DATASET;
		dataset_loader_report(outer, "expected: $DATASET type subzone [subzone ...]",
				      DATASET_LINE_SKIPPED);
		return ERR_OK;
	}
	text_t word = text_take_word(&line);
	const char *colon = memchr(word.at, ':', text_size(word));

	if (colon != NULL)
		word.end = colon;
	const dataset_type_t *type = dataset_type_find(word.at, text_size(word));
	if (type == NULL)
		return dataset_loader_fail(outer, "unknown data set type after $DATASET");
	if (type == &dataset_combined || type->role != DATASET_ROLE_DATA || type->open != NULL)
		return dataset_loader_fail(
			outer, "a data set of this type cannot be part of a combined one");
	err_t err = open_section(outer, dataset_type_under(type, outer->specials.settings));
	if (err == ERR_OK && text_is_done(line)) {
		outer->specials.broken |= SPECIALS_BROKEN_DATASET;
		dataset_loader_report(outer,
				      "$DATASET names no subzone (@ is the zone itself); its data "
				      "are ignored",
				      DATASET_LINE_COUNTS);
	}
	while (err == ERR_OK && !text_is_done(line))
		err = add_link(outer, text_take_word(&line));
	return err;
}

/* Do these specials belong to the file as a whole, also inside of a section? */
static bool is_for_all(text_t keyword)
{
	static const char *const keywords[] = { "SOA", "NS", "TIMESTAMP", "MAXRANGE4" };

	for (unsigned i = 0; i < COUNT_OF(keywords); i++)
		if (text_is_word(keyword, keywords[i]))
			return true;
	return false;
}

/* Lets the open section know what there is to know outside of it. */
static void lend(const dataset_loader_t *outer, dataset_loader_t *loader)
{
	loader->spec = outer->spec;
	loader->file = outer->file;
	loader->reader = outer->reader;
	loader->specials.max_range4 = outer->specials.max_range4;
}

/* Has the open section take the line. */
static err_t take_inside(dataset_loader_t *outer, section_t *section, text_t line)
{
	dataset_loader_t *loader = &section->loader;

	lend(outer, loader);
	uint64_t entries = loader->entries;
	err_t err = dataset_loader_take(loader, line);
	outer->entries += loader->entries - entries;
	return err;
}

/* The same for plain lines: there are none but while a section is open. */
static err_t add_plain(dataset_loader_t *outer, const plain_lines_t *lines, size_t *taken)
{
	combined_state_t *state = outer->state;
	dataset_loader_t *loader = &state->open->loader;

	lend(outer, loader);
	uint64_t entries = loader->entries;
	err_t err = dataset_loader_take_plain(loader, lines);
	outer->plain = loader->plain;
	/* Not all of those that were taken need be entries. */
	outer->entries += loader->entries - entries - *taken;
	return err;
}

static err_t take(dataset_loader_t *outer, text_t line)
{
	combined_state_t *state = outer->state;
	text_t special = line;

	if (specials_is_line(&special)) {
		text_t rest = special;
		text_t keyword = text_take_word(&rest);
		if (text_is_word(keyword, "DATASET"))
			return take_dataset(outer, rest);
		if (state->open == NULL || is_for_all(keyword))
			return dataset_loader_take(outer, line);
	} else if (text_is_done(line)) {
		return ERR_OK;
	} else if (state->open == NULL) {
		return dataset_loader_fail(
			outer, "an entry before any $DATASET line, which would say what it is");
	}
	return take_inside(outer, state->open, line);
}

/* Finishes the data set of a section, and gives it to `data`. */
static err_t finish_section(combined_data_t *data, section_t *section, size_t *memory)
{
	dataset_loader_t *loader = &section->loader;
	dataset_t *dataset = section->dataset;

	if (DATASET_WANTS(loader, end))
		loader->observer->end(loader->observer->context, loader);
	err_t err = loader->type->finish(loader, &dataset->data, &dataset->memory);
	if (err != ERR_OK)
		return err;
	dataset->specials = loader->specials;
	dataset->entries = loader->entries;
	data->sets[data->set_count++] = dataset;
	section->dataset = NULL;
	*memory += sizeof(*dataset) + dataset->memory;
	return ERR_OK;
}

static err_t finish(dataset_loader_t *loader, void **finished, size_t *memory)
{
	combined_state_t *state = loader->state;
	combined_data_t *data = state->data;
	err_t err = ERR_OK;

	data->sets = calloc(state->section_count + 1, sizeof(dataset_t *));
	if (data->sets == NULL)
		return ERR_NOMEM;
	*memory = 0;
	for (size_t i = 0; i < state->section_count && err == ERR_OK; i++) {
		loader->specials.broken |= state->sections[i]->loader.specials.broken;
		err = finish_section(data, state->sections[i], memory);
	}
	if (err == ERR_OK)
		err = combined_make_subzones(data, state->links, state->link_count);
	if (err != ERR_OK)
		return err;
	*memory += combined_memory(data);
	*finished = data;
	state->data = NULL;
	return ERR_OK;
}

/* ---- answering ---- */

/* The first subzone whose key is not less than `key`. */
static size_t lower_bound(const combined_data_t *data, const uint8_t *key, size_t key_size)
{
	size_t low = 0;
	size_t high = data->subzone_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const subzone_t *subzone = &data->subzones[middle];
		if (dns_name_key_compare(data->pool + subzone->key, subzone->key_size, key,
					 key_size) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Does the key of subzones[place] begin with `key`? */
static bool has_prefix(const combined_data_t *data, size_t place, const uint8_t *key,
		       size_t key_size)
{
	return place < data->subzone_count && data->subzones[place].key_size >= key_size &&
	       memcmp(data->pool + data->subzones[place].key, key, key_size) == 0;
}

/* The most specific subzone that the question's name is in, or NULL. `*is_ent`: are there subzones
 * below the name? */
static const subzone_t *find_subzone(const combined_data_t *data,
				     const dataset_question_t *question, bool *is_ent)
{
	const dns_query_t *query = question->query;
	unsigned most = question->depth < data->most_labels ? question->depth : data->most_labels;
	uint8_t key[DNS_NAME_MAX];

	*is_ent = false;
	for (unsigned count = most + 1; count-- > 0;) {
		const uint8_t *labels = query->labels + (question->depth - count);
		size_t size = dns_name_key(query->qname, labels, count, key);
		size_t place = lower_bound(data, key, size);
		if (!has_prefix(data, place, key, size))
			continue;
		if (data->subzones[place].key_size == size)
			return &data->subzones[place];
		if (count == question->depth)
			*is_ent = true;
	}
	return NULL;
}

/* The question as the data sets of a subzone are asked it. */
static void ask_inside(dataset_question_t *inside, const dataset_question_t *question,
		       const subzone_t *subzone)
{
	dataset_question_init(inside, question->query, question->asker,
			      question->depth - subzone->label_count, subzone->has_ip4_data);
}

/* Asks a subzone's data sets all of questions[0..count); found[] is the most that any has. */
static void find_inside(const combined_data_t *data, const subzone_t *subzone,
			const dataset_question_t *const *questions, size_t count,
			dataset_found_t *found)
{
	dataset_match_t matches[BATCH];

	for (size_t i = 0; i < count; i++) /* the subzone's own name exists, whatever it has */
		found[i] = questions[i]->depth == 0 ? DATASET_ENTRY : DATASET_NOTHING;
	for (uint32_t m = 0; m < subzone->member_count; m++) {
		dataset_find(combined_member(data, subzone, m), questions, count, matches);
		for (size_t i = 0; i < count; i++)
			if (matches[i].found > found[i])
				found[i] = matches[i].found;
	}
}

/* Answers at most BATCH questions. */
static void find_batch(const combined_data_t *data, const dataset_question_t *const *questions,
		       size_t count, dataset_match_t *matches)
{
	const subzone_t *subzones[BATCH];
	dataset_question_t inside[BATCH];
	const dataset_question_t *group[BATCH];
	size_t places[BATCH];
	dataset_found_t found[BATCH];
	bool is_ent[BATCH];

	for (size_t i = 0; i < count; i++) {
		subzones[i] = find_subzone(data, questions[i], &is_ent[i]);
		matches[i].found = is_ent[i] ? DATASET_BELOW : DATASET_NOTHING;
	}
	for (size_t first = 0; first < count; first++) {
		const subzone_t *subzone = subzones[first];
		size_t size = 0;
		if (subzone == NULL)
			continue;
		for (size_t i = first; i < count; i++) {
			if (subzones[i] != subzone)
				continue;
			subzones[i] = NULL;
			ask_inside(&inside[size], questions[i], subzone);
			group[size] = &inside[size];
			places[size++] = i;
		}
		find_inside(data, subzone, group, size, found);
		for (size_t i = 0; i < size; i++) {
			dataset_match_t *match = &matches[places[i]];
			if (found[i] > match->found)
				match->found = found[i];
			match->entry = (uint32_t)(subzone - data->subzones);
		}
	}
}

static void find(const void *data, const dataset_question_t *const *questions, size_t count,
		 dataset_match_t *matches)
{
	for (size_t i = 0; i < count; i += BATCH)
		find_batch(data, questions + i, count - i < BATCH ? count - i : BATCH, matches + i);
}

static void write(const dataset_t *dataset, uint32_t entry, const dataset_question_t *question,
		  dns_type_t type, unsigned rotation, dns_reply_t *reply)
{
	const combined_data_t *data = dataset->data;
	const subzone_t *subzone = &data->subzones[entry];
	dataset_question_t inside;
	const dataset_question_t *asked = &inside;
	dataset_match_t match;

	ask_inside(&inside, question, subzone);
	for (uint32_t m = 0; m < subzone->member_count; m++) {
		const dataset_t *member = combined_member(data, subzone, m);
		dataset_find(member, &asked, 1, &match);
		if (match.found == DATASET_ENTRY)
			dataset_write(member, match.entry, &inside, type, rotation, reply);
	}
}

/* ---- dumping ---- */

static bool part(const dataset_t *dataset, size_t number, dataset_part_t *found)
{
	const combined_data_t *data = dataset->data;
	size_t low = 0;
	size_t high = data->subzone_count;

	if (number >= data->member_count)
		return false;
	while (high - low > 1) { /* each subzone has members, one behind the other's */
		size_t middle = low + (high - low) / 2;
		if (data->subzones[middle].first_member <= number)
			low = middle;
		else
			high = middle;
	}
	const subzone_t *subzone = &data->subzones[low];
	*found = (dataset_part_t){
		.dataset = data->sets[data->members[number]],
		.key = data->pool + subzone->key,
		.key_size = subzone->key_size,
		.has_ip4_data = subzone->has_ip4_data,
	};
	return true;
}

const dataset_type_t dataset_combined = {
	.name = "combined",
	.begin = begin,
	.begin_file = begin_file,
	.take = take,
	.add_plain = add_plain,
	.finish = finish,
	.abandon = abandon,
	.free = free_data,
	.find = find,
	.write = write,
	.part = part,
	.compare = combined_compare,
	.save = combined_save,
	.map = combined_map,
	.print = combined_print,
};
