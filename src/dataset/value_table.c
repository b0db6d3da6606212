/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/value_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/intern.h"
#include "dns/dns.h"

typedef struct value {
	uint8_t a[4];
	uint32_t txt; /* offset of the compiled template, 0: none */
} value_t;

struct value_table {
	intern_t *raw; /* A and template text of each value; until sealed */
	uint32_t count;
	value_t *values; /* [0] stands for number 1 */
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
	free(table->compiled);
	free(table);
}

err_t value_table_add(value_table_t *table, const zone_value_t *value, uint32_t *id)
{
	uint8_t raw[sizeof(value->a) + DNS_STRING_MAX];
	size_t size = text_size(value->txt);

	if (size > DNS_STRING_MAX)
		size = DNS_STRING_MAX;
	memcpy(raw, value->a, sizeof(value->a));
	if (size > 0)
		memcpy(raw + sizeof(value->a), value->txt.at, size);
	return intern_add(table->raw, raw, sizeof(value->a) + size, id);
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
	text_t text = { raw + sizeof(value->a), raw + raw_size };

	memcpy(value->a, raw, sizeof(value->a));
	value->txt = 0;
	size_t size = template_compile(text, variables, compiled);
	return size == 0 ? ERR_OK : append_compiled(table, compiled, size, &value->txt);
}

err_t value_table_seal(value_table_t *table, const template_variables_t *variables)
{
	table->count = intern_count(table->raw);
	table->values = calloc(table->count + 1u, sizeof(*table->values));
	if (table->values == NULL)
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

size_t value_table_memory(const value_table_t *table)
{
	return sizeof(*table) + table->count * sizeof(*table->values) + table->compiled_capacity;
}
