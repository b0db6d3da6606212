/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/value_table.h"

#include <stdlib.h>
#include <string.h>

#include "dataset/value_layout.h"
#include "dataset/value_pool.h"

struct value_table {
	value_pool_t *pool; /* NULL: sealed */
	/* The block; from sealing on. */
	void *own; /* NULL: it is somebody else's */
	size_t size;
	const value_head_t *head;
	const value_record_t *values;        /* [0] stands for number 1 */
	const zone_conditions_t *conditions; /* likewise; NULL: nobody has any */
	const uint8_t *texts;
};

value_table_t *value_table_new(void)
{
	value_table_t *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->pool = value_pool_new();
	if (table->pool == NULL) {
		free(table);
		return NULL;
	}
	return table;
}

void value_table_free(value_table_t *table)
{
	if (table == NULL)
		return;
	value_pool_free(table->pool);
	free(table->own);
	free(table);
}

value_pool_t *value_table_pool(value_table_t *table)
{
	return table->pool;
}

err_t value_table_add(value_table_t *table, const zone_value_t *value, uint32_t *id)
{
	return value_pool_add(table->pool, value_pool_hash(value), value, id);
}

/* Finds its way in a block, which is sound. */
static void use_block(value_table_t *table, const void *block, size_t size)
{
	const uint8_t *at = block;

	table->size = size;
	table->head = block;
	table->texts = at + sizeof(*table->head);
	table->values = (const void *)(at + value_records_at(table->head->texts_size));
	table->conditions = NULL;
	if (table->head->has_conditions != 0)
		table->conditions = (const void *)(table->values + table->head->count);
}

err_t value_table_seal(value_table_t *table, const template_variables_t *variables)
{
	size_t size;
	err_t err = value_pool_finish(table->pool, variables, &table->own, &size);

	if (err != ERR_OK)
		return err;
	value_pool_free(table->pool);
	table->pool = NULL;
	use_block(table, table->own, size);
	return ERR_OK;
}

const void *value_table_block(const value_table_t *table, size_t *size)
{
	*size = table->size;
	return table->head;
}

/* Is each of the two bytes of `conditions` that are bool one? */
static bool are_conditions(const zone_conditions_t *conditions)
{
	uint8_t bytes[2];

	memcpy(bytes, (const uint8_t *)conditions + offsetof(zone_conditions_t, needs_key),
	       sizeof(bytes));
	return bytes[0] <= 1 && bytes[1] <= 1;
}

/* Checks what is in a block whose parts have their places. */
static err_t check_values(const value_table_t *table, const char **why)
{
	const uint8_t *at = table->texts;
	const uint8_t *end = at + table->head->texts_size;
	uint32_t count = table->head->count;

	*why = "a value's text is not where it has to be";
	for (uint32_t i = 0; i < count; i++) {
		uint32_t txt = table->values[i].txt;
		if (txt == 0)
			continue;
		size_t size = template_check(at, end);
		if (txt - 1 != (size_t)(at - table->texts) || size == 0)
			return ERR_INVAL;
		at += size;
	}
	if (at != end)
		return ERR_INVAL;
	for (; at != (const uint8_t *)table->values; at++)
		if (*at != 0)
			return ERR_INVAL;
	*why = "a value's conditions are none";
	for (uint32_t i = 0; table->conditions != NULL && i < count; i++)
		if (!are_conditions(&table->conditions[i]))
			return ERR_INVAL;
	return ERR_OK;
}

static err_t check_block(value_table_t *table, const void *block, size_t size, const char **why)
{
	const value_head_t *head = block;

	*why = "the values are cut off";
	if (size < sizeof(*head) || head->has_conditions > 1 || head->count > INT32_MAX ||
	    head->texts_size > size)
		return ERR_INVAL;
	uint64_t each = sizeof(value_record_t);
	if (head->has_conditions != 0)
		each += sizeof(zone_conditions_t);
	uint64_t records_at = value_records_at(head->texts_size);
	if (size < records_at || size - records_at != head->count * each)
		return ERR_INVAL;
	use_block(table, block, size);
	return check_values(table, why);
}

err_t value_table_map(const void *block, size_t size, value_table_t **mapped, const char **why)
{
	value_table_t *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return ERR_NOMEM;
	err_t err = check_block(table, block, size, why);
	if (err != ERR_OK) {
		free(table);
		return err;
	}
	*mapped = table;
	return ERR_OK;
}

uint32_t value_table_count(const value_table_t *table)
{
	return table->pool != NULL ? value_pool_count(table->pool) : table->head->count;
}

const uint8_t *value_table_a(const value_table_t *table, uint32_t id)
{
	return table->values[id - 1].a;
}

const uint8_t *value_table_txt(const value_table_t *table, uint32_t id)
{
	uint32_t txt = table->values[id - 1].txt;

	return txt == 0 ? NULL : table->texts + (txt - 1);
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
	return sizeof(*table) + table->size;
}
