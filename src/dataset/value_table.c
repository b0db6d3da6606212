/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/value_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/intern.h"
#include "dns/txt.h"

typedef struct value {
	uint8_t a[4];
	uint32_t txt; /* offset of the compiled template, 0: none */
} value_t;

/* Begins a value in `raw`; without gaps, so that the same values are the same bytes. */
typedef struct raw_head {
	int64_t visible_from;
	uint8_t a[4];
	uint8_t needs_key;
	uint8_t key_skips_delay;
	uint8_t padding[2];
} raw_head_t;

_Static_assert(sizeof(raw_head_t) == 16, "no gaps");

struct value_table {
	intern_t *raw;       /* raw_head_t and template text of each value; until sealed */
	bool has_conditions; /* any value has */
	uint32_t count;
	value_t *values;               /* [0] stands for number 1 */
	zone_conditions_t *conditions; /* likewise; NULL: nobody has any */
	uint8_t *compiled;
	size_t compiled_size;
	size_t compiled_capacity;
};

value_table_t *value_table_new(void)
{
	value_table_t *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->raw = intern_new();
	if (table->raw == NULL) {
		free(table);
		return NULL;
	}
	return table;
}

void value_table_free(value_table_t *table)
{
	if (table == NULL)
		return;
	intern_free(table->raw);
	free(table->values);
	free(table->conditions);
	free(table->compiled);
	free(table);
}

err_t value_table_add(value_table_t *table, const zone_value_t *value, uint32_t *id)
{
	const raw_head_t head = {
		.visible_from = value->conditions.visible_from,
		.a = { value->a[0], value->a[1], value->a[2], value->a[3] },
		.needs_key = value->conditions.needs_key,
		.key_skips_delay = value->conditions.key_skips_delay,
	};
	uint8_t raw[sizeof(head) + DNS_TEXT_MAX];
	size_t size = text_size(value->txt);

	if (size > DNS_TEXT_MAX)
		size = DNS_TEXT_MAX;
	memcpy(raw, &head, sizeof(head));
	if (size > 0)
		memcpy(raw + sizeof(head), value->txt.at, size);
	if (!conditions_are_none(&value->conditions))
		table->has_conditions = true;
	return intern_add(table->raw, raw, sizeof(head) + size, id);
}

/* Appends a compiled template and sets `*offset` to its place. */
static err_t append_compiled(value_table_t *table, const uint8_t *compiled, size_t size,
			     uint32_t *offset)
{
	size_t start = table->compiled_size == 0 ? 1 : table->compiled_size;

	if (start + size > UINT32_MAX)
		return ERR_RANGE;
	err_t err = array_reserve((void **)&table->compiled, &table->compiled_capacity,
				  start + size, 1);
	if (err != ERR_OK)
		return err;
	memcpy(table->compiled + start, compiled, size);
	table->compiled_size = start + size;
	*offset = (uint32_t)start;
	return ERR_OK;
}

static err_t compile_value(value_table_t *table, uint32_t id, const template_variables_t *variables)
{
	uint8_t compiled[TEMPLATE_COMPILED_MAX];
	value_t *value = &table->values[id - 1];
	size_t raw_size;
	const char *raw = intern_get(table->raw, id, &raw_size);
	raw_head_t head;
	text_t text = { raw + sizeof(head), raw + raw_size };

	memcpy(&head, raw, sizeof(head));
	memcpy(value->a, head.a, sizeof(value->a));
	if (table->conditions != NULL)
		table->conditions[id - 1] = (zone_conditions_t){
			.visible_from = head.visible_from,
			.needs_key = head.needs_key != 0,
			.key_skips_delay = head.key_skips_delay != 0,
		};
	value->txt = 0;
	size_t size = template_compile(text, variables, compiled);
	return size == 0 ? ERR_OK : append_compiled(table, compiled, size, &value->txt);
}

err_t value_table_seal(value_table_t *table, const template_variables_t *variables)
{
	table->count = intern_count(table->raw);
	table->values = calloc(table->count + 1u, sizeof(*table->values));
	if (table->has_conditions)
		table->conditions = calloc(table->count, sizeof(*table->conditions));
	if (table->values == NULL || (table->has_conditions && table->conditions == NULL))
		return ERR_NOMEM;
	for (uint32_t id = 1; id <= table->count; id++) {
		err_t err = compile_value(table, id, variables);
		if (err != ERR_OK)
			return err;
	}
	intern_free(table->raw);
	table->raw = NULL;
	return ERR_OK;
}

uint32_t value_table_count(const value_table_t *table)
{
	return table->raw != NULL ? intern_count(table->raw) : table->count;
}

const uint8_t *value_table_a(const value_table_t *table, uint32_t id)
{
	return table->values[id - 1].a;
}

const uint8_t *value_table_txt(const value_table_t *table, uint32_t id)
{
	uint32_t offset = table->values[id - 1].txt;

	return offset == 0 ? NULL : table->compiled + offset;
}

const zone_conditions_t *value_table_conditions(const value_table_t *table, uint32_t id)
{
	return table->conditions != NULL ? &table->conditions[id - 1] : NULL;
}

/* Likewise, for what is not a text. */
static int compare_conditions(const zone_conditions_t *a, const zone_conditions_t *b)
{
	static const zone_conditions_t none = { .visible_from = 0 };

	a = a != NULL ? a : &none;
	b = b != NULL ? b : &none;
	if (a->visible_from != b->visible_from)
		return a->visible_from < b->visible_from ? -1 : 1;
	if (a->needs_key != b->needs_key)
		return a->needs_key - b->needs_key;
	return a->key_skips_delay - b->key_skips_delay;
}

int value_table_compare(const value_table_t *a, uint32_t a_id, const value_table_t *b,
			uint32_t b_id)
{
	const uint8_t *a_txt = value_table_txt(a, a_id);
	const uint8_t *b_txt = value_table_txt(b, b_id);
	int order = memcmp(value_table_a(a, a_id), value_table_a(b, b_id), 4);

	if (order == 0)
		order = compare_conditions(value_table_conditions(a, a_id),
					   value_table_conditions(b, b_id));
	if (order != 0 || a_txt == NULL || b_txt == NULL)
		return order != 0 ? order : (a_txt != NULL) - (b_txt != NULL);
	/* Where sizes differ, so do the bytes before the shorter one ends: each piece tells its own. */
	size_t a_size = template_size(a_txt);
	size_t b_size = template_size(b_txt);
	return memcmp(a_txt, b_txt, a_size < b_size ? a_size : b_size);
}

size_t value_table_memory(const value_table_t *table)
{
	size_t conditions = table->conditions != NULL ? sizeof(*table->conditions) : 0;

	return sizeof(*table) + table->count * (sizeof(*table->values) + conditions) +
	       table->compiled_capacity;
}
