/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/entry_values.h"

#include <stdlib.h>

#include "dataset/observer.h"
#include "dataset/value_table.h"

struct entry_values {
	value_table_t *table;
	value_sets_t *sets;
	uint32_t fallback;       /* number of the default value, 0: not known yet */
	unsigned fallback_count; /* loader->fallback_count that `fallback` belongs to */
};

entry_values_t *entry_values_new(void)
{
	entry_values_t *values = calloc(1, sizeof(*values));

	if (values == NULL)
		return NULL;
	values->table = value_table_new();
	values->sets = intern_new();
	if (values->table == NULL || values->sets == NULL) {
		entry_values_free(values);
		return NULL;
	}
	return values;
}

void entry_values_free(entry_values_t *values)
{
	if (values == NULL)
		return;
	value_table_free(values->table);
	intern_free(values->sets);
	free(values);
}

static err_t add_fallback(entry_values_t *values, const dataset_loader_t *loader, uint32_t *number)
{
	if (values->fallback == 0 || values->fallback_count != loader->fallback_count) {
		err_t err = value_table_add(values->table, &loader->fallback, &values->fallback);
		if (err != ERR_OK)
			return err;
		values->fallback_count = loader->fallback_count;
	}
	*number = values->fallback;
	return ERR_OK;
}

/* May the lines end in parameters? Those of ACLs never do. */
static bool has_conditions(const dataset_loader_t *loader)
{
	return loader->specials.settings->entry_parameters &&
	       loader->type->role == DATASET_ROLE_DATA;
}

static void take_conditions(dataset_loader_t *loader, text_t *rest, zone_conditions_t *conditions)
{
	const char *why = conditions_split(rest, conditions);

	if (why != NULL)
		dataset_loader_report(loader, why, DATASET_LINE_COUNTS);
}

err_t entry_values_add(entry_values_t *values, dataset_loader_t *loader, text_t rest,
		       uint32_t *number)
{
	zone_conditions_t conditions = { .visible_from = 0 };
	zone_value_t value = loader->fallback;

	text_skip_blanks(&rest);
	if (has_conditions(loader))
		take_conditions(loader, &rest, &conditions);
	bool is_fallback = text_is_done(rest);
	if (is_fallback && conditions_are_none(&conditions))
		return add_fallback(values, loader, number);
	loader->at = rest.at;
	err_t err = is_fallback ? ERR_OK
				: zone_value_parse(rest, &loader->fallback, &value, &loader->why);
	if (err != ERR_OK)
		return err;
	value.conditions = conditions;
	if (loader->observer != NULL)
		loader->observer->value(loader->observer->context, loader, rest, &value);
	value.txt = dataset_loader_cut_text(loader, value.txt);
	return value_table_add(values->table, &value, number);
}

uint32_t entry_values_count(const entry_values_t *values)
{
	return value_table_count(values->table);
}

value_sets_t *entry_values_sets(entry_values_t *values)
{
	return values->sets;
}

err_t entry_values_seal(entry_values_t *values, const dataset_loader_t *loader)
{
	intern_seal(values->sets);
	return value_table_seal(values->table, &loader->specials.variables);
}

size_t entry_values_memory(const entry_values_t *values)
{
	return sizeof(*values) + value_table_memory(values->table) + intern_memory(values->sets);
}

static void write_txt(const entry_values_t *values, uint32_t id, text_t subject, uint32_t ttl_s,
		      dns_reply_t *reply)
{
	const uint8_t *compiled = value_table_txt(values->table, id);
	uint8_t rdata[DNS_TXT_SIZE_MAX];

	if (compiled == NULL)
		return;
	size_t size = template_expand(compiled, subject.at, text_size(subject), rdata + 1);
	dns_reply_add(reply, DNS_TYPE_TXT, DNS_CLASS_IN, ttl_s, rdata, dns_txt_frame(rdata, size));
}

const uint32_t *entry_values_list(const entry_values_t *values, const uint32_t *number,
				  size_t *count)
{
	uint32_t value_count = value_table_count(values->table);
	size_t size;

	*count = 1;
	if (*number <= value_count)
		return number;
	const uint32_t *ids = intern_get(values->sets, *number - value_count, &size);
	*count = size / sizeof(*ids);
	return ids;
}

static bool is_seen(const entry_values_t *values, uint32_t id, const dataset_asker_t *asker)
{
	const zone_conditions_t *conditions = value_table_conditions(values->table, id);

	return conditions == NULL || conditions_are_met(conditions, asker->now, asker->has_key);
}

/* Does the asker see any of the values that `number` stands for? */
static bool is_any_seen(const entry_values_t *values, uint32_t number, const dataset_asker_t *asker)
{
	size_t count;
	const uint32_t *ids = entry_values_list(values, &number, &count);

	for (size_t i = 0; i < count; i++)
		if (is_seen(values, ids[i], asker))
			return true;
	return false;
}

void entry_values_hide(const entry_values_t *values, const dataset_question_t *const *questions,
		       size_t count, dataset_match_t *matches, dataset_found_t instead)
{
	if (value_table_conditions(values->table, 1) == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		if (matches[i].found == DATASET_ENTRY &&
		    !is_any_seen(values, matches[i].entry, questions[i]->asker))
			matches[i].found = instead;
}

void entry_values_write(const entry_values_t *values, uint32_t number, const dataset_asker_t *asker,
			text_t subject, dns_type_t type, uint32_t ttl_s, dns_reply_t *reply)
{
	size_t count;
	const uint32_t *ids = entry_values_list(values, &number, &count);

	if (type != DNS_TYPE_A && type != DNS_TYPE_TXT)
		return;
	for (size_t i = 0; i < count && !reply->out.overrun; i++) {
		if (!is_seen(values, ids[i], asker))
			continue;
		if (type == DNS_TYPE_A)
			dns_reply_add(reply, DNS_TYPE_A, DNS_CLASS_IN, ttl_s,
				      value_table_a(values->table, ids[i]), 4);
		else
			write_txt(values, ids[i], subject, ttl_s, reply);
	}
}

static bool value_has_subject(const entry_values_t *values, uint32_t id)
{
	const uint8_t *compiled = value_table_txt(values->table, id);

	return compiled != NULL && template_has_subject(compiled);
}

bool entry_values_has_subject(const entry_values_t *values, uint32_t number)
{
	size_t count;
	const uint32_t *ids = entry_values_list(values, &number, &count);

	for (size_t i = 0; i < count; i++)
		if (value_has_subject(values, ids[i]))
			return true;
	return false;
}

int entry_values_compare(const entry_values_t *a, uint32_t a_number, const entry_values_t *b,
			 uint32_t b_number)
{
	return value_table_compare(a->table, a_number, b->table, b_number);
}
