/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/value_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/intern.h"
#include "dns/txt.h"

/* The block of a sealed table: the head, the values, their conditions if any has some, and the compiled
 * templates, those of all values that have a TXT, in the order of these and without gaps. */
typedef struct head {
	uint32_t count;
	uint32_t has_conditions; /* 0 or 1 */
	uint64_t texts_size;
} head_t;

typedef struct value {
	uint8_t a[4];
	uint32_t txt; /* 1 + where its template begins in the texts; 0: none */
} value_t;

_Static_assert(sizeof(head_t) % 8 == 0 && sizeof(value_t) == 8, "all is aligned to 8 bytes");
_Static_assert(sizeof(zone_conditions_t) == 16 && offsetof(zone_conditions_t, needs_key) == 8 &&
		       offsetof(zone_conditions_t, key_skips_delay) == 9,
	       "conditions are the same in all files");

/* Begins a value in `raw`, in front of the template text; without gaps, so that the same values are the same
 * bytes. Hardly any value has conditions, and of those that have none there may be as many as lines: they end
 * in front of the conditions. */
typedef struct raw_head {
	uint8_t a[4];
	uint8_t has_conditions;
	uint8_t needs_key;
	uint8_t key_skips_delay;
	uint8_t padding;
	int64_t visible_from;
} raw_head_t;

_Static_assert(sizeof(raw_head_t) == 16, "no gaps");
#define RAW_HEAD_PLAIN offsetof(raw_head_t, needs_key)

struct value_table {
	intern_t *raw;       /* what each value says; until sealed */
	bool has_conditions; /* any value has */
	uint32_t count;
	/* The block; from sealing on. */
	uint8_t *own; /* NULL: it is somebody else's */
	size_t size;
	const head_t *head;
	const value_t *values;               /* [0] stands for number 1 */
	const zone_conditions_t *conditions; /* likewise; NULL: nobody has any */
	const uint8_t *texts;
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
	free(table->own);
	free(table);
}

/* Writes a value as `raw` has it, and returns its size. */
static size_t write_raw(const zone_value_t *value, uint8_t raw[sizeof(raw_head_t) + DNS_TEXT_MAX])
{
	const raw_head_t head = {
		.a = { value->a[0], value->a[1], value->a[2], value->a[3] },
		.has_conditions = !conditions_are_none(&value->conditions),
		.needs_key = value->conditions.needs_key,
		.key_skips_delay = value->conditions.key_skips_delay,
		.visible_from = value->conditions.visible_from,
	};
	size_t head_size = head.has_conditions ? sizeof(head) : RAW_HEAD_PLAIN;
	size_t size = text_size(value->txt);

	if (size > DNS_TEXT_MAX)
		size = DNS_TEXT_MAX;
	memcpy(raw, &head, head_size);
	if (size > 0)
		memcpy(raw + head_size, value->txt.at, size);
	return head_size + size;
}

/* The reverse: its text. */
static text_t read_raw(const value_table_t *table, uint32_t id, raw_head_t *head)
{
	size_t size;
	const char *raw = intern_get(table->raw, id, &size);
	size_t head_size = RAW_HEAD_PLAIN;

	*head = (raw_head_t){ .has_conditions = 0 };
	memcpy(head, raw, head_size);
	if (head->has_conditions) {
		head_size = sizeof(*head);
		memcpy(head, raw, head_size);
	}
	return (text_t){ raw + head_size, raw + size };
}

uint32_t value_table_hash(const value_table_t *table, const zone_value_t *value)
{
	uint8_t raw[sizeof(raw_head_t) + DNS_TEXT_MAX];

	return intern_hash(table->raw, raw, write_raw(value, raw));
}

void value_table_prefetch(const value_table_t *table, uint32_t hash)
{
	intern_prefetch(table->raw, hash);
}

err_t value_table_add_hashed(value_table_t *table, uint32_t hash, const zone_value_t *value,
			     uint32_t *id)
{
	uint8_t raw[sizeof(raw_head_t) + DNS_TEXT_MAX];

	if (!conditions_are_none(&value->conditions))
		table->has_conditions = true;
	return intern_add_hashed(table->raw, hash, raw, write_raw(value, raw), id);
}

err_t value_table_add(value_table_t *table, const zone_value_t *value, uint32_t *id)
{
	return value_table_add_hashed(table, value_table_hash(table, value), value, id);
}

void value_table_close(value_table_t *table)
{
	intern_close(table->raw);
}

/* Where the texts begin in a block. */
static uint64_t texts_at(uint64_t count, bool has_conditions)
{
	return sizeof(head_t) +
	       count * (sizeof(value_t) + (has_conditions ? sizeof(zone_conditions_t) : 0));
}

/* Finds its way in a block, which is sound. */
static void use_block(value_table_t *table, const void *block, size_t size)
{
	const uint8_t *at = block;

	table->size = size;
	table->head = block;
	table->count = table->head->count;
	table->has_conditions = table->head->has_conditions != 0;
	table->values = (const void *)(at + sizeof(head_t));
	table->texts = at + texts_at(table->count, table->has_conditions);
	table->conditions = NULL;
	if (table->has_conditions)
		table->conditions = (const void *)(table->values + table->count);
}

/* A block that is made: what is known of it in the beginning, and texts that grow. */
typedef struct block {
	uint8_t *bytes;
	size_t size;
	size_t capacity;
	size_t texts; /* where they begin */
} block_t;

/* Adds what `id` means. */
static err_t compile_value(const value_table_t *table, uint32_t id,
			   const template_variables_t *variables, block_t *block)
{
	uint8_t compiled[TEMPLATE_COMPILED_MAX];
	raw_head_t head;
	text_t text = read_raw(table, id, &head);
	size_t size = template_compile(text, variables, compiled);
	if (block->size - block->texts + size >= UINT32_MAX)
		return ERR_RANGE;
	err_t err = array_reserve((void **)&block->bytes, &block->capacity, block->size + size, 1);
	if (err != ERR_OK)
		return err;
	value_t *values = (void *)(block->bytes + sizeof(head_t));
	value_t *value = &values[id - 1];
	memcpy(value->a, head.a, sizeof(value->a));
	if (size > 0) {
		value->txt = (uint32_t)(block->size - block->texts + 1);
		memcpy(block->bytes + block->size, compiled, size);
		block->size += size;
	}
	if (table->has_conditions) { /* one by one: what is between them stays zero */
		zone_conditions_t *conditions = (void *)(values + intern_count(table->raw));
		conditions[id - 1].visible_from = head.visible_from;
		conditions[id - 1].needs_key = head.needs_key != 0;
		conditions[id - 1].key_skips_delay = head.key_skips_delay != 0;
	}
	return ERR_OK;
}

/* Gives back what is more than needed; the old one is kept when there is no memory for a smaller. */
static uint8_t *shrink(uint8_t *bytes, size_t size)
{
	uint8_t *smaller = realloc(bytes, size);

	return smaller != NULL ? smaller : bytes;
}

err_t value_table_seal(value_table_t *table, const template_variables_t *variables)
{
	uint32_t count = intern_count(table->raw);
	uint64_t texts = texts_at(count, table->has_conditions);
	block_t block = { .size = (size_t)texts, .texts = (size_t)texts };

	if (texts > SIZE_MAX)
		return ERR_RANGE;
	err_t err = array_reserve((void **)&block.bytes, &block.capacity, block.size, 1);
	if (err != ERR_OK)
		return err;
	memset(block.bytes, 0, block.size);
	value_table_close(table);
	for (uint32_t id = 1; id <= count && err == ERR_OK; id++)
		err = compile_value(table, id, variables, &block);
	if (err != ERR_OK) {
		free(block.bytes);
		return err;
	}
	intern_free(table->raw);
	table->raw = NULL;
	block.bytes = shrink(block.bytes, block.size);
	head_t *head = (void *)block.bytes;
	head->count = count;
	head->has_conditions = table->has_conditions;
	head->texts_size = block.size - block.texts;
	table->own = block.bytes;
	use_block(table, block.bytes, block.size);
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

	*why = "a value's text is not where it has to be";
	for (uint32_t i = 0; i < table->count; i++) {
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
	*why = "a value's conditions are none";
	for (uint32_t i = 0; table->has_conditions && i < table->count; i++)
		if (!are_conditions(&table->conditions[i]))
			return ERR_INVAL;
	return ERR_OK;
}

static err_t check_block(value_table_t *table, const void *block, size_t size, const char **why)
{
	const head_t *head = block;

	*why = "the values are cut off";
	if (size < sizeof(*head) || head->has_conditions > 1 || head->count > INT32_MAX)
		return ERR_INVAL;
	uint64_t texts = texts_at(head->count, head->has_conditions != 0);
	if (size < texts || size - texts != head->texts_size)
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
	return table->raw != NULL ? intern_count(table->raw) : table->count;
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
