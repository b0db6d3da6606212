/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/value_pool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/array.h"
#include "base/quick_hash.h"
#include "dataset/value_layout.h"
#include "dns/txt.h"

/* There may be as many texts as lines. So a text is written once, and where it stays:
 *
 * Most texts mean the same whatever variables there are (template_is_fixed): they are compiled when they
 * come. The others, of which nobody knows that yet, are kept as they are written, as one literal piece. That
 * one has a dollar sign or begins with '=', which no literal piece of a compiled one does: so it can be told
 * which ones they are, and equal values are equal bytes.
 *
 * When all files have been read, and there are no others and no base template, which concerns all texts, then the
 * texts are done. Or else they are written anew, compiled this time, from what was written: a subject was a `$`.
 *
 * A hash table with linear probing finds a value. It holds the hash beside the number, so that a probe seldom has
 * to look at the value, and growing never has to hash again. It goes by the highest bits: so what is moved from
 * a table to one of twice the size is read and written from the start to the end. */

#define FIRST_BITS 6u /* of a new table: so many slots as a power of two */
#define NUMBER_MAX 0x7fffffffu

/* Bytes of a page that is worth asking for. Each new value is looked for in a place of its own: with small pages most
 * of the wait is for where those are, and large tables are used all over at once. */
#define HUGE_PAGE ((size_t)2 * 1024 * 1024)

typedef struct slot {
	uint32_t number; /* 0: free */
	uint32_t hash;
} slot_t;

struct value_pool {
	uint8_t *bytes; /* room for the head, and the texts; NULL: no text yet */
	size_t size;
	size_t capacity;
	bool has_open; /* a text is not compiled yet */
	uint32_t count;
	value_record_t *records; /* [0] is number 1 */
	size_t records_capacity;
	zone_conditions_t *conditions; /* likewise; NULL: nobody has any */
	size_t conditions_capacity;
	slot_t *slots; /* 2^bits of them, at most 3/4 used; NULL: none yet, or closed */
	unsigned bits;
};

value_pool_t *value_pool_new(void)
{
	value_pool_t *pool = calloc(1, sizeof(*pool));

	if (pool != NULL)
		pool->size = sizeof(value_head_t);
	return pool;
}

void value_pool_free(value_pool_t *pool)
{
	if (pool == NULL)
		return;
	free(pool->bytes);
	free(pool->records);
	free(pool->conditions);
	free(pool->slots);
	free(pool);
}

/* What counts of a text. */
static inline text_t cut(text_t text)
{
	if (text_size(text) > DNS_TEXT_MAX)
		text.end = text.at + DNS_TEXT_MAX;
	return text;
}

uint32_t value_pool_hash(const zone_value_t *value)
{
	text_t text = cut(value->txt);
	uint32_t seed;

	memcpy(&seed, value->a, sizeof(seed));
	if (!conditions_are_none(&value->conditions)) {
		int64_t from = value->conditions.visible_from;
		seed = quick_hash(seed + 2 * value->conditions.needs_key +
					  value->conditions.key_skips_delay,
				  &from, sizeof(from));
	}
	return quick_hash(seed, text.at, text_size(text));
}

static inline size_t home(const value_pool_t *pool, uint32_t hash)
{
	return hash >> (32 - pool->bits);
}

void value_pool_prefetch_slot(const value_pool_t *pool, uint32_t hash)
{
	if (pool->slots != NULL)
		__builtin_prefetch(&pool->slots[home(pool, hash)]);
}

/* The value that is at home there, most known ones are; NULL: none. */
static inline const value_record_t *likely(const value_pool_t *pool, uint32_t hash)
{
	if (pool->slots == NULL)
		return NULL;
	const slot_t *slot = &pool->slots[home(pool, hash)];
	return slot->number != 0 && slot->hash == hash ? &pool->records[slot->number - 1] : NULL;
}

void value_pool_prefetch_value(const value_pool_t *pool, uint32_t hash)
{
	const value_record_t *record = likely(pool, hash);

	if (record != NULL)
		__builtin_prefetch(record);
}

void value_pool_prefetch_text(const value_pool_t *pool, uint32_t hash)
{
	const value_record_t *record = likely(pool, hash);

	if (record != NULL && record->txt != 0)
		__builtin_prefetch(pool->bytes + sizeof(value_head_t) + (record->txt - 1));
}

/* Writes `text` behind the others, where it stays if it is new; `*size` bytes, 0 for none. */
static err_t write_text(value_pool_t *pool, text_t text, size_t *size, bool *is_open)
{
	static const template_variables_t none = { .base = { NULL, NULL } };

	*size = 0;
	*is_open = false;
	if (text_is_empty(text))
		return ERR_OK;
	size_t most = pool->size + TEMPLATE_FIXED_MAX(text_size(text));
	err_t err = ERR_OK;
	if (most > pool->capacity)
		err = array_reserve((void **)&pool->bytes, &pool->capacity, most, 1);
	if (err != ERR_OK)
		return err;
	bool is_literal = *text.at != '=' && memchr(text.at, '$', text_size(text)) == NULL;
	if (!is_literal && template_is_fixed(text)) {
		*size = template_compile(text, &none, pool->bytes + pool->size);
	} else {
		*size = template_write_literal(text, pool->bytes + pool->size);
		*is_open = !is_literal;
	}
	return ERR_OK;
}

static bool has_conditions(const value_pool_t *pool, uint32_t number,
			   const zone_conditions_t *conditions)
{
	static const zone_conditions_t none = { .visible_from = 0 };
	const zone_conditions_t *known =
		pool->conditions != NULL ? &pool->conditions[number - 1] : &none;

	return known->visible_from == conditions->visible_from &&
	       known->needs_key == conditions->needs_key &&
	       known->key_skips_delay == conditions->key_skips_delay;
}

/* Is `number` this value, whose text, of `size` bytes, has been written behind the others? */
static bool is_same(const value_pool_t *pool, uint32_t number, const zone_value_t *value,
		    size_t size)
{
	const value_record_t *record = &pool->records[number - 1];

	if (memcmp(record->a, value->a, sizeof(record->a)) != 0 ||
	    !has_conditions(pool, number, &value->conditions))
		return false;
	if (record->txt == 0 || size == 0)
		return record->txt == 0 && size == 0;
	/* Texts that differ do so before the shorter one ends. */
	size_t at = sizeof(value_head_t) + (record->txt - 1);
	return pool->size - at >= size &&
	       memcmp(pool->bytes + at, pool->bytes + pool->size, size) == 0;
}

/* New slots, all of them free; NULL for want of memory. */
static slot_t *new_slots(size_t count)
{
	size_t size = count * sizeof(slot_t);

	if (size < HUGE_PAGE)
		return calloc(count, sizeof(slot_t));
	slot_t *slots = aligned_alloc(HUGE_PAGE, size);
	if (slots == NULL)
		return NULL;
#ifdef MADV_HUGEPAGE
	(void)madvise(slots, size, MADV_HUGEPAGE);
#endif
	memset(slots, 0, size);
	return slots;
}

static err_t grow_slots(value_pool_t *pool)
{
	unsigned bits = pool->slots == NULL ? FIRST_BITS : pool->bits + 1;
	size_t mask = ((size_t)1 << bits) - 1;
	slot_t *slots = new_slots(mask + 1);

	if (slots == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; pool->slots != NULL && i < (size_t)1 << pool->bits; i++) {
		size_t at = pool->slots[i].hash >> (32 - bits);

		if (pool->slots[i].number == 0)
			continue;
		while (slots[at].number != 0)
			at = (at + 1) & mask;
		slots[at] = pool->slots[i];
	}
	free(pool->slots);
	pool->slots = slots;
	pool->bits = bits;
	return ERR_OK;
}

/* Takes what has been written as a new value. */
static err_t append(value_pool_t *pool, const zone_value_t *value, size_t size)
{
	if (pool->count >= NUMBER_MAX || pool->size - sizeof(value_head_t) + size >= UINT32_MAX)
		return ERR_RANGE;
	err_t err = array_reserve((void **)&pool->records, &pool->records_capacity,
				  (size_t)pool->count + 1, sizeof(*pool->records));
	if (err != ERR_OK)
		return err;
	if (pool->conditions != NULL || !conditions_are_none(&value->conditions)) {
		bool are_first = pool->conditions == NULL;
		err = array_reserve((void **)&pool->conditions, &pool->conditions_capacity,
				    (size_t)pool->count + 1, sizeof(*pool->conditions));
		if (err != ERR_OK)
			return err;
		size_t zeros = are_first ? (size_t)pool->count + 1 : 1;
		memset(pool->conditions + (pool->count + 1 - zeros), 0,
		       zeros * sizeof(*pool->conditions));
		/* One by one: what is between them stays zero. */
		zone_conditions_t *conditions = &pool->conditions[pool->count];
		conditions->visible_from = value->conditions.visible_from;
		conditions->needs_key = value->conditions.needs_key;
		conditions->key_skips_delay = value->conditions.key_skips_delay;
	}
	value_record_t *record = &pool->records[pool->count++];
	memcpy(record->a, value->a, sizeof(record->a));
	record->txt = size > 0 ? (uint32_t)(pool->size - sizeof(value_head_t) + 1) : 0;
	pool->size += size;
	return ERR_OK;
}

err_t value_pool_add(value_pool_t *pool, uint32_t hash, const zone_value_t *value, uint32_t *number)
{
	bool is_open;
	size_t size;
	err_t err = write_text(pool, cut(value->txt), &size, &is_open);

	if (err == ERR_OK &&
	    (pool->slots == NULL || pool->count >= ((size_t)1 << pool->bits) / 4 * 3))
		err = grow_slots(pool);
	if (err != ERR_OK)
		return err;
	size_t mask = ((size_t)1 << pool->bits) - 1;
	size_t at = home(pool, hash);
	for (; pool->slots[at].number != 0; at = (at + 1) & mask) {
		const slot_t *slot = &pool->slots[at];
		if (slot->hash == hash && is_same(pool, slot->number, value, size)) {
			*number = slot->number;
			return ERR_OK;
		}
	}
	err = append(pool, value, size);
	if (err != ERR_OK)
		return err;
	pool->has_open |= is_open;
	pool->slots[at] = (slot_t){ .number = pool->count, .hash = hash };
	*number = pool->count;
	return ERR_OK;
}

uint32_t value_pool_count(const value_pool_t *pool)
{
	return pool->count;
}

void value_pool_close(value_pool_t *pool)
{
	free(pool->slots);
	pool->slots = NULL;
}

/* Writes back what a text was that write_text has written. */
static text_t read_text(const uint8_t *piece, char text[DNS_TEXT_MAX])
{
	size_t size = 0;
	bool has_subject;
	text_t literal;

	do {
		piece = template_piece(piece, &literal, &has_subject);
		memcpy(text + size, literal.at, text_size(literal));
		size += text_size(literal);
		if (has_subject)
			text[size++] = '$';
	} while (has_subject);
	return (text_t){ text, text + size };
}

/* Compiles all texts anew, now that all variables are known. */
static err_t compile_all(value_pool_t *pool, const template_variables_t *variables)
{
	uint8_t *bytes = NULL;
	size_t size = sizeof(value_head_t);
	size_t capacity = 0;
	err_t err = ERR_OK;

	for (uint32_t i = 0; i < pool->count && err == ERR_OK; i++) {
		value_record_t *record = &pool->records[i];
		text_t text = { NULL, NULL };
		char written[DNS_TEXT_MAX];

		if (record->txt != 0)
			text = read_text(pool->bytes + sizeof(value_head_t) + (record->txt - 1),
					 written);
		err = array_reserve((void **)&bytes, &capacity, size + TEMPLATE_COMPILED_MAX, 1);
		if (err != ERR_OK)
			break;
		size_t more = template_compile(text, variables, bytes + size);
		record->txt = more > 0 ? (uint32_t)(size - sizeof(value_head_t) + 1) : 0;
		size += more;
		if (size - sizeof(value_head_t) >= UINT32_MAX)
			err = ERR_RANGE;
	}
	if (err != ERR_OK) {
		free(bytes);
		return err;
	}
	free(pool->bytes);
	pool->bytes = bytes;
	pool->size = size;
	pool->capacity = capacity;
	return ERR_OK;
}

err_t value_pool_finish(value_pool_t *pool, const template_variables_t *variables, void **block,
			size_t *size)
{
	err_t err = ERR_OK;

	value_pool_close(pool);
	if (pool->has_open || !text_is_empty(variables->base))
		err = compile_all(pool, variables);
	if (err != ERR_OK)
		return err;
	uint64_t texts_size = pool->size - sizeof(value_head_t);
	uint64_t records_at = value_records_at(texts_size);
	size_t records_size = pool->count * sizeof(*pool->records);
	size_t conditions_size =
		pool->conditions != NULL ? pool->count * sizeof(*pool->conditions) : 0;
	uint64_t whole = records_at + records_size + conditions_size;
	if (whole > SIZE_MAX)
		return ERR_RANGE;
	uint8_t *bytes = realloc(pool->bytes, (size_t)whole);
	if (bytes == NULL)
		return ERR_NOMEM;
	pool->bytes = NULL;
	memset(bytes + pool->size, 0, (size_t)records_at - pool->size);
	if (records_size > 0)
		memcpy(bytes + records_at, pool->records, records_size);
	if (conditions_size > 0)
		memcpy(bytes + records_at + records_size, pool->conditions, conditions_size);
	const value_head_t head = {
		.count = pool->count,
		.has_conditions = pool->conditions != NULL,
		.texts_size = texts_size,
	};
	memcpy(bytes, &head, sizeof(head));
	*block = bytes;
	*size = (size_t)whole;
	return ERR_OK;
}
