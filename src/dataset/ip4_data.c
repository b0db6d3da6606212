/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/ip4_data.h"

#include <stdio.h>
#include <stdlib.h>

#include "dataset/value_table.h"

/* Questions looked up at once: what the index needs to overlap its cache misses. */
#define BATCH 64

typedef struct ip4_data {
	ip4_index_t *index;
	value_table_t *values;
	value_sets_t *sets; /* numbers above the count of values are sets */
} ip4_data_t;

typedef struct ip4_state {
	ip4_builder_t *builder;
	ip4_data_t *data;
	uint32_t fallback;       /* number of the default value, 0: not known yet */
	unsigned fallback_count; /* loader->fallback_count that `fallback` belongs to */
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
	state->data->values = value_table_new();
	state->data->sets = intern_new();
	if (state->data->values == NULL || state->data->sets == NULL)
		return ERR_NOMEM;
	return ERR_OK;
}

ip4_builder_t *ip4_data_builder(const dataset_loader_t *loader)
{
	const ip4_state_t *state = loader->state;

	return state->builder;
}

bool ip4_data_is_exclusion(text_t *line)
{
	if (!text_at(*line, '!'))
		return false;
	line->at++;
	text_skip_blanks(line);
	return true;
}

static err_t fallback_value(dataset_loader_t *loader, uint32_t *id)
{
	ip4_state_t *state = loader->state;

	if (state->fallback == 0 || state->fallback_count != loader->fallback_count) {
		err_t err =
			value_table_add(state->data->values, &loader->fallback, &state->fallback);
		if (err != ERR_OK)
			return err;
		state->fallback_count = loader->fallback_count;
	}
	*id = state->fallback;
	return ERR_OK;
}

err_t ip4_data_value(dataset_loader_t *loader, text_t rest, uint32_t *id)
{
	ip4_state_t *state = loader->state;
	zone_value_t value;

	text_skip_blanks(&rest);
	if (text_is_done(rest))
		return fallback_value(loader, id);
	err_t err = zone_value_parse(rest, &loader->fallback, &value, &loader->why);
	if (err != ERR_OK)
		return err;
	value.txt = dataset_loader_cut_text(loader, value.txt);
	return value_table_add(state->data->values, &value, id);
}

bool ip4_data_is_range_allowed(dataset_loader_t *loader, uint32_t first, uint32_t last)
{
	if ((uint64_t)last - first + 1 <= loader->specials.max_range4)
		return true;
	loader->why = "covers more addresses than $MAXRANGE4 allows";
	return false;
}

static size_t data_memory(const ip4_data_t *data)
{
	return sizeof(*data) + ip4_index_size(data->index) + value_table_memory(data->values) +
	       intern_memory(data->sets);
}

err_t ip4_data_finish(dataset_loader_t *loader, void **finished, size_t *memory)
{
	ip4_state_t *state = loader->state;
	ip4_data_t *data = state->data;

	err_t err = ip4_builder_finish(state->builder, data->sets, value_table_count(data->values),
				       &data->index);
	if (err == ERR_OK)
		err = value_table_seal(data->values, &loader->specials.variables);
	if (err != ERR_OK)
		return err;
	intern_seal(data->sets);
	*finished = data;
	*memory = data_memory(data);
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
	ip4_data_t *data = freed;

	ip4_index_free(data->index);
	value_table_free(data->values);
	intern_free(data->sets);
	free(data);
}

/* Looks up at most BATCH questions. */
static void find_batch(const ip4_data_t *data, const dataset_question_t *const *questions,
		       size_t count, dataset_match_t *matches)
{
	uint32_t addresses[BATCH] = { 0 };
	uint32_t numbers[BATCH];
	unsigned asked_by[BATCH];
	size_t asked = 0;

	for (unsigned i = 0; i < count; i++) {
		const dataset_question_t *question = questions[i];
		matches[i].found = DATASET_NOTHING;
		if (question->has_ip4) {
			addresses[asked] = question->ip4;
			asked_by[asked++] = i;
		} else if (question->has_ip4_range &&
			   ip4_index_has_any(data->index, question->ip4_first,
					     question->ip4_last)) {
			matches[i].found = DATASET_BELOW;
		}
	}
	ip4_index_lookup_batch(data->index, addresses, asked, numbers);
	for (size_t i = 0; i < asked; i++) {
		if (numbers[i] == IP4_INDEX_NONE)
			continue;
		matches[asked_by[i]].found = DATASET_ENTRY;
		matches[asked_by[i]].entry = numbers[i];
	}
}

void ip4_data_find(const void *data, const dataset_question_t *const *questions, size_t count,
		   dataset_match_t *matches)
{
	for (size_t i = 0; i < count; i += BATCH)
		find_batch(data, questions + i, count - i < BATCH ? count - i : BATCH, matches + i);
}

static void write_txt(const uint8_t *compiled, const dataset_question_t *question, uint32_t ttl_s,
		      dns_reply_t *reply)
{
	uint8_t rdata[1 + TEMPLATE_TEXT_MAX];
	char subject[sizeof("255.255.255.255")];
	uint32_t ip4 = question->ip4;

	int size = snprintf(subject, sizeof(subject), "%u.%u.%u.%u", ip4 >> 24, ip4 >> 16 & 0xff,
			    ip4 >> 8 & 0xff, ip4 & 0xff);
	rdata[0] = (uint8_t)template_expand(compiled, subject, (size_t)size, rdata + 1);
	dns_reply_add(reply, DNS_TYPE_TXT, DNS_CLASS_IN, ttl_s, rdata, 1u + rdata[0]);
}

static void write_value(const dataset_t *dataset, uint32_t id, const dataset_question_t *question,
			dns_type_t type, dns_reply_t *reply)
{
	const ip4_data_t *data = dataset->data;
	uint32_t ttl_s = dataset->specials.ttl_s;

	if (type == DNS_TYPE_A) {
		dns_reply_add(reply, type, DNS_CLASS_IN, ttl_s, value_table_a(data->values, id), 4);
	} else if (type == DNS_TYPE_TXT) {
		const uint8_t *compiled = value_table_txt(data->values, id);
		if (compiled != NULL)
			write_txt(compiled, question, ttl_s, reply);
	}
}

void ip4_data_write(const dataset_t *dataset, uint32_t entry, const dataset_question_t *question,
		    dns_type_t type, unsigned rotation ATTR_UNUSED, dns_reply_t *reply)
{
	const ip4_data_t *data = dataset->data;
	uint32_t value_count = value_table_count(data->values);
	size_t size;

	if (entry <= value_count) {
		write_value(dataset, entry, question, type, reply);
		return;
	}
	const uint32_t *ids = intern_get(data->sets, entry - value_count, &size);
	for (size_t i = 0; i < size / sizeof(*ids) && !reply->out.overrun; i++)
		write_value(dataset, ids[i], question, type, reply);
}
