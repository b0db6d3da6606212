/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What ip4trie is with --ip6-in-ip4trie, as in the rspamd line of rbldnsd: IPv4 and IPv6 prefixes in one
 * file. An ip4trie and an ip6trie side by side, which share the lines that say something for all
 * entries. */

#include <stdlib.h>

#include "dataset/ip4_data.h"
#include "dataset/ip6_data.h"
#include "dataset/saved.h"
#include "dataset/types.h"
#include "zonefile/ip4_text.h"

/* Questions looked up at once: as many as an answer batch has. */
#define BATCH 64

/* Marks entries of the IPv6 half; the numbers of indexes stay below. */
#define IP6_ENTRY 0x80000000u
_Static_assert(IP4_INDEX_MAX < IP6_ENTRY && IP6_INDEX_MAX < IP6_ENTRY, "the mark is free");

typedef struct iptrie_data {
	void *ip4;
	void *ip6;
} iptrie_data_t;

/* The loaders of the halves. Their specials are the outer loader's, lent for a call. */
typedef struct iptrie_state {
	dataset_loader_t ip4;
	dataset_loader_t ip6;
} iptrie_state_t;

static err_t begin(dataset_loader_t *loader)
{
	iptrie_state_t *state = calloc(1, sizeof(*state));

	loader->state = state;
	if (state == NULL)
		return ERR_NOMEM;
	state->ip4.type = &dataset_ip4trie;
	state->ip6.type = &dataset_ip6trie;
	state->ip4.outer = state->ip6.outer = loader;
	state->ip4.observer = state->ip6.observer = loader->observer;
	err_t err = state->ip4.type->begin(&state->ip4);
	return err == ERR_OK ? state->ip6.type->begin(&state->ip6) : err;
}

/* Lets a half know what the lines so far said for all entries. */
static void lend(const dataset_loader_t *loader, dataset_loader_t *half)
{
	half->spec = loader->spec;
	half->file = loader->file;
	half->reader = loader->reader;
	half->specials = loader->specials;
	half->lines_behind = loader->lines_behind;
	half->fallback = loader->fallback;
	half->fallback_count = loader->fallback_count;
}

static err_t add(dataset_loader_t *loader, text_t line)
{
	iptrie_state_t *state = loader->state;
	text_t address = line;

	(void)text_take_exclusion(&address);
	dataset_loader_t *half = ip4_text_is_next(address) ? &state->ip4 : &state->ip6;
	lend(loader, half);
	err_t err = half->type->add(half, line);
	loader->at = half->at;
	loader->why = half->why;
	return err;
}

static err_t add_plain(dataset_loader_t *loader, const plain_lines_t *lines, size_t *taken)
{
	iptrie_state_t *state = loader->state;

	if (lines->ip6 != NULL || lines->has_64s) {
		lend(loader, &state->ip6);
		return ip6_data_add_plain(&state->ip6, lines, taken);
	}
	lend(loader, &state->ip4);
	return ip4_data_add_plain(&state->ip4, lines, taken);
}

static void free_data(void *freed)
{
	iptrie_data_t *data = freed;

	if (data->ip4 != NULL)
		ip4_data_free(data->ip4);
	if (data->ip6 != NULL)
		ip6_data_free(data->ip6);
	free(data);
}

static void abandon(dataset_loader_t *loader)
{
	iptrie_state_t *state = loader->state;

	if (state == NULL)
		return;
	state->ip4.type->abandon(&state->ip4);
	state->ip6.type->abandon(&state->ip6);
	free(state);
	loader->state = NULL;
}

static err_t finish(dataset_loader_t *loader, void **finished, size_t *memory)
{
	iptrie_state_t *state = loader->state;
	iptrie_data_t *data = calloc(1, sizeof(*data));
	size_t ip4_memory = 0;
	size_t ip6_memory = 0;

	if (data == NULL)
		return ERR_NOMEM;
	lend(loader, &state->ip4);
	lend(loader, &state->ip6);
	err_t err = ip4_data_finish(&state->ip4, &data->ip4, &ip4_memory);
	if (err == ERR_OK)
		err = ip6_data_finish(&state->ip6, &data->ip6, &ip6_memory);
	if (err != ERR_OK) {
		free_data(data);
		return err;
	}
	*finished = data;
	*memory = sizeof(*data) + ip4_memory + ip6_memory;
	return ERR_OK;
}

/* Looks up at most BATCH questions. What both halves have (6to4) is the IPv6 half's. */
static void find_batch(const iptrie_data_t *data, const dataset_question_t *const *questions,
		       size_t count, dataset_match_t *matches)
{
	dataset_match_t ip6[BATCH];

	ip4_data_find(data->ip4, questions, count, matches);
	ip6_data_find(data->ip6, questions, count, ip6);
	for (size_t i = 0; i < count; i++) {
		if (ip6[i].found == DATASET_NOTHING || ip6[i].found < matches[i].found)
			continue;
		matches[i].found = ip6[i].found;
		matches[i].entry = ip6[i].entry | IP6_ENTRY;
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
	const iptrie_data_t *data = dataset->data;
	dataset_t half = *dataset;

	if ((entry & IP6_ENTRY) != 0) {
		half.data = data->ip6;
		ip6_data_write(&half, entry & ~IP6_ENTRY, question, type, rotation, reply);
	} else {
		half.data = data->ip4;
		ip4_data_write(&half, entry, question, type, rotation, reply);
	}
}

static err_t walk(const dataset_t *dataset, const dataset_visitor_t *visitor)
{
	const iptrie_data_t *data = dataset->data;
	dataset_t half = *dataset;

	half.data = data->ip4;
	err_t err = ip4_data_walk(&half, visitor);
	half.data = data->ip6;
	return err == ERR_OK ? ip6_data_walk(&half, visitor) : err;
}

static err_t compare(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	const iptrie_data_t *a = old->data;
	const iptrie_data_t *b = next->data;
	dataset_t old_half = *old;
	dataset_t next_half = *next;

	old_half.data = a->ip4;
	next_half.data = b->ip4;
	err_t err = ip4_data_compare(&old_half, &next_half, changes);
	old_half.data = a->ip6;
	next_half.data = b->ip6;
	return err == ERR_OK ? ip6_data_compare(&old_half, &next_half, changes) : err;
}

/* ---- Compiled: the blocks of both halves, by the names that each half has for them. ---- */

#define IP4_HALF "ip4-"
#define IP6_HALF "ip6-"

static err_t save(const dataset_t *dataset, dataset_saver_t *saver)
{
	const iptrie_data_t *data = dataset->data;
	dataset_saver_t half_saver = *saver;
	dataset_t half = *dataset;

	half.data = data->ip4;
	half_saver.half = IP4_HALF;
	err_t err = ip4_data_save(&half, &half_saver);
	half.data = data->ip6;
	half_saver.half = IP6_HALF;
	return err == ERR_OK ? ip6_data_save(&half, &half_saver) : err;
}

static err_t map(dataset_mapper_t *mapper, dataset_t *dataset)
{
	iptrie_data_t *data = calloc(1, sizeof(*data));
	dataset_mapper_t half_mapper = *mapper;
	dataset_t ip4 = { .entries = dataset->entries }; /* no half has more */
	dataset_t ip6 = { .entries = dataset->entries };

	if (data == NULL)
		return ERR_NOMEM;
	half_mapper.half = IP4_HALF;
	err_t err = ip4_data_map(&half_mapper, &ip4);
	half_mapper.half = IP6_HALF;
	if (err == ERR_OK)
		err = ip6_data_map(&half_mapper, &ip6);
	data->ip4 = ip4.data;
	data->ip6 = ip6.data;
	if (err != ERR_OK) {
		free_data(data);
		return err;
	}
	dataset->data = data;
	dataset->memory = sizeof(*data) + ip4.memory + ip6.memory;
	dataset->mapped = ip4.mapped + ip6.mapped;
	return ERR_OK;
}

static err_t print(const dataset_t *dataset, dataset_printer_t *printer)
{
	const iptrie_data_t *data = dataset->data;
	dataset_t half = *dataset;

	half.data = data->ip4;
	err_t err = ip4_data_print(&half, printer);
	half.data = data->ip6;
	return err == ERR_OK ? ip6_data_print(&half, printer) : err;
}

const dataset_type_t dataset_iptrie = {
	.name = "ip4trie",
	.has_default_lines = true,
	.has_double_colon = true,
	.key = DATASET_KEY_IP4,
	.has_ip6_keys = true,
	.plain = PLAIN_IP_LINES,
	.begin = begin,
	.add = add,
	.add_plain = add_plain,
	.finish = finish,
	.abandon = abandon,
	.free = free_data,
	.find = find,
	.write = write,
	.walk = walk,
	.is_walk_unordered = true,
	.compare = compare,
	.save = save,
	.map = map,
	.print = print,
};
