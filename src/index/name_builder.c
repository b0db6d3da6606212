/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_builder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/processors.h"
#include "index/name_encoder.h"
#include "index/name_records.h"

/* Names are kept in a list that sorts them. To finish, what stands at one name becomes its entries. Nearly
 * all names have one record, with a value: those go straight on to the encoder, by the 64 bits of their
 * key that tell them from their neighbours. */

struct name_builder {
	name_records_t records;
	name_lines_t lines; /* of the last index */
};

/* What a name has of one kind. */
typedef struct decision {
	bool has_entry;
	bool is_excluded;
	uint32_t *values;
	size_t count;
	size_t capacity;
} decision_t;

typedef struct sweep {
	value_sets_t *sets;
	uint32_t sets_base;
	name_encoder_t *encoder;
	name_lines_writer_t lines;
	const name_decoder_t *decoder; /* of the records' keys */
	const name_code_t *codes;      /* of the index's, where these are others; or NULL */
	/* The encoder's last name is of the batch at hand, so they share what is in front of its heads. */
	bool has_last;
	bool has_line_for_both;  /* of the name at hand: one for itself and what is below it */
	decision_t decisions[2]; /* by name_kind_t */
} sweep_t;

name_builder_t *name_builder_new(void)
{
	return calloc(1, sizeof(name_builder_t));
}

void name_builder_free(name_builder_t *builder)
{
	if (builder == NULL)
		return;
	name_records_clear(&builder->records);
	name_lines_clear(&builder->lines);
	free(builder);
}

void name_builder_expect(name_builder_t *builder, uint64_t bytes)
{
	name_records_expect(&builder->records, bytes);
}

err_t name_builder_add(name_builder_t *builder, const uint8_t *name, unsigned kinds, uint32_t value)
{
	uint8_t entry[1 + NAME_SYMBOLS_MAX + 1];
	size_t size = 0;

	while (name[size] != 0)
		size += name[size] + 1u;
	size++;
	assert(size > 1 && size < sizeof(entry));
	assert(kinds != 0 && value <= NAME_INDEX_MAX);
	entry[0] = (uint8_t)kinds;
	memcpy(entry + 1, name, size);
	return name_records_add(&builder->records, entry, 1 + size, value);
}

err_t name_builder_add_many(name_builder_t *builder, const uint8_t *names, size_t size,
			    uint32_t value)
{
	assert(value <= NAME_INDEX_MAX);
	return name_records_add(&builder->records, names, size, value);
}

struct name_coder *name_builder_coder(name_builder_t *builder)
{
	return name_records_coder(&builder->records);
}

err_t name_builder_add_keys(name_builder_t *builder, const uint8_t *keys, size_t size,
			    uint32_t value)
{
	assert(value <= NAME_INDEX_MAX);
	return name_records_add_keys(&builder->records, keys, size, value);
}

err_t name_builder_add_each(name_builder_t *builder, const uint8_t *const entries[],
			    const uint32_t values[], size_t count)
{
	return name_records_add_each(&builder->records, entries, values, count);
}

err_t name_builder_add_each_key(name_builder_t *builder, const uint8_t *const keys[],
				const uint32_t values[], size_t count)
{
	return name_records_add_each_key(&builder->records, keys, values, count);
}

static err_t take_value(decision_t *decision, uint32_t value)
{
	void *values = decision->values;

	decision->has_entry = true;
	if (value == NAME_BUILDER_EXCLUDED) {
		decision->is_excluded = true;
		return ERR_OK;
	}
	if (decision->count > 0 && decision->values[decision->count - 1] == value)
		return ERR_OK;
	err_t error = array_reserve(&values, &decision->capacity, decision->count + 1,
				    sizeof(*decision->values));
	decision->values = values;
	if (error == ERR_OK)
		decision->values[decision->count++] = value;
	return error;
}

/* The number that stands for what was decided of one kind. */
static err_t number_decision(sweep_t *sweep, decision_t *decision, uint32_t *number)
{
	*number = NAME_INDEX_NONE;
	if (!decision->has_entry || decision->is_excluded)
		return ERR_OK;
	size_t count = value_sets_sort(decision->values, decision->count);
	return value_sets_number(sweep->sets, decision->values, count, sweep->sets_base,
				 NAME_INDEX_MAX, number);
}

/* Notes what the lines of the name were. */
static err_t note_lines(sweep_t *sweep, const name_key_t *key, const name_entries_t *entries)
{
	bool has_plain = sweep->decisions[NAME_PLAIN].has_entry;
	bool has_wildcard = sweep->decisions[NAME_WILDCARD].has_entry;
	const name_line_t kept = {
		.has_plain = entries->has_plain,
		.has_wildcard = entries->has_wildcard,
		.is_split = !sweep->has_line_for_both,
		.plain = entries->plain,
		.wildcard = entries->wildcard,
	};
	const name_line_t dropped = {
		.has_plain = has_plain && !entries->has_plain,
		.has_wildcard = has_wildcard && !entries->has_wildcard,
		.is_split = !sweep->has_line_for_both,
	};
	uint8_t path[NAME_SYMBOLS_MAX];
	size_t size = 0;

	/* Only exclusions that are dropped are noted with their names. */
	if (dropped.has_plain || dropped.has_wildcard)
		size = name_key_to_path(sweep->decoder, key, path);
	return name_lines_add(&sweep->lines, path, size, &kept, &dropped);
}

/* Puts a name into the index. */
static err_t put_name(sweep_t *sweep, const name_key_t *key, const name_entries_t *entries)
{
	sweep->has_last = sweep->codes == NULL;
	return name_encoder_put(sweep->encoder, key, entries);
}

/* Makes the key one of the index's codes, if these are others. */
static void change_codes(const sweep_t *sweep, name_key_t *key)
{
	uint8_t path[NAME_SYMBOLS_MAX];

	if (sweep->codes != NULL)
		name_key_of_path(sweep->codes, path, name_key_to_path(sweep->decoder, key, path),
				 key);
}

/* Encodes the name, of which all records have been taken. */
static err_t end_name(sweep_t *sweep, name_key_t *key)
{
	decision_t *plain = &sweep->decisions[NAME_PLAIN];
	decision_t *wildcard = &sweep->decisions[NAME_WILDCARD];
	name_entries_t entries;
	name_key_t key_of_index = *key;

	change_codes(sweep, &key_of_index);
	bool is_covered = name_encoder_cover(sweep->encoder, &key_of_index) != NAME_INDEX_NONE;
	/* An exclusion where nothing is listed hides nothing. */
	entries.has_plain = plain->has_entry && (!plain->is_excluded || is_covered);
	entries.has_wildcard = wildcard->has_entry && (!wildcard->is_excluded || is_covered);
	err_t error = number_decision(sweep, plain, &entries.plain);
	if (error == ERR_OK)
		error = number_decision(sweep, wildcard, &entries.wildcard);
	if (error == ERR_OK)
		error = note_lines(sweep, key, &entries);
	if (error == ERR_OK && (entries.has_plain || entries.has_wildcard))
		error = put_name(sweep, &key_of_index, &entries);
	sweep->has_line_for_both = false;
	for (unsigned kind = 0; kind < COUNT_OF(sweep->decisions); kind++) {
		sweep->decisions[kind].has_entry = false;
		sweep->decisions[kind].is_excluded = false;
		sweep->decisions[kind].count = 0;
	}
	return error;
}

/* Takes all records of one name, whatever they are, from places[first] on. Returns how many there are in
 * `*count`. */
static err_t sweep_name(sweep_t *sweep, const name_batch_t *batch, const uint8_t *prefix,
			size_t first, size_t *count)
{
	const name_place_t *places = batch->places;
	size_t i = first;
	err_t error = ERR_OK;
	name_key_t key;

	do {
		unsigned kinds = places[i].about & NAME_PLACE_KINDS;

		sweep->has_line_for_both |= kinds == (NAME_FOR_PLAIN | NAME_FOR_WILDCARD);
		for (unsigned kind = 0; kind < COUNT_OF(sweep->decisions); kind++)
			if (error == ERR_OK && (kinds >> kind & 1) != 0)
				error = take_value(&sweep->decisions[kind], places[i].value);
		i++;
	} while (i < batch->count && name_batch_is_same(batch, &places[first], &places[i]));
	*count = i - first;
	if (error != ERR_OK)
		return error;
	name_batch_key(batch, prefix, &places[first], &key);
	return end_name(sweep, &key);
}

/* Encodes a name that has one record, with a value; `is_like_last`: its head is that of the last name. */
static err_t sweep_single(sweep_t *sweep, const name_batch_t *batch, const uint8_t *prefix,
			  const name_place_t *place, bool is_like_last)
{
	unsigned kinds = place->about & NAME_PLACE_KINDS;
	const name_entries_t entries = { (kinds & NAME_FOR_PLAIN) != 0,
					 (kinds & NAME_FOR_WILDCARD) != 0, place->value,
					 place->value };
	err_t error = ERR_OK;
	name_key_t key; /* not all of it is set */

	if (kinds == (NAME_FOR_PLAIN | NAME_FOR_WILDCARD))
		error = name_lines_add_both(&sweep->lines, 1);
	if (error != ERR_OK)
		return error;
	if (LIKELY(sweep->has_last && !is_like_last)) {
		name_tail_t tail = { .byte = batch->byte, .head = place->head };
		if (UNLIKELY((place->about & NAME_PLACE_LONG) != 0))
			tail.rest = name_batch_rest(batch, place, &tail.size);
		return name_encoder_put_tail(sweep->encoder, &tail, kinds, place->value);
	}
	name_batch_key(batch, prefix, place, &key);
	change_codes(sweep, &key);
	return put_name(sweep, &key, &entries);
}

/* Long records lie anywhere in their bin: memory is asked for this many records ahead, for so
 * many at a time. */
#define AHEAD       32u
#define AHEAD_GROUP 16u

/* Asks for the memory of the long ones among records, from number `begin` on. Which they are is found
 * without a branch for each, as that could not be foretold. */
static void prefetch_group(const name_batch_t *batch, size_t begin)
{
	const name_place_t *places = batch->places + begin;
	size_t left = batch->count - begin;
	size_t count = left < AHEAD_GROUP ? left : AHEAD_GROUP;
	uint32_t longs = 0;

	for (size_t i = 0; i < count; i++)
		longs |= places[i].about / NAME_PLACE_LONG % 2 << i;
	for (; longs != 0; longs &= longs - 1)
		name_batch_prefetch(batch, &places[__builtin_ctz(longs)]);
}

/* Encodes names of one record each from number `*at` on, as long as they can be put all at once. */
static err_t sweep_run(sweep_t *sweep, const name_batch_t *batch, size_t *at)
{
	unsigned kinds = batch->places[*at].about & NAME_PLACE_KINDS;
	size_t count = name_encoder_put_run(sweep->encoder, batch, *at);

	*at += count;
	if (count > 0 && kinds == (NAME_FOR_PLAIN | NAME_FOR_WILDCARD))
		return name_lines_add_both(&sweep->lines, count);
	return ERR_OK;
}

static err_t sweep_batch(sweep_t *sweep, const name_batch_t *batch, const uint8_t *prefix)
{
	const name_place_t *places = batch->places;
	err_t error = ERR_OK;
	size_t asked = 0;

	sweep->has_last = false;
	for (size_t i = 0, count; i < batch->count && error == ERR_OK; i += count) {
		for (; asked < batch->count && asked < i + AHEAD; asked += AHEAD_GROUP)
			prefetch_group(batch, asked);
		if (LIKELY(sweep->has_last)) {
			error = sweep_run(sweep, batch, &i);
			if (error != ERR_OK)
				break;
		}
		const name_place_t *place = &places[i];
		bool is_single = i + 1 == batch->count || place[1].head != place->head ||
				 !name_batch_is_same(batch, place, place + 1);

		count = 1;
		if (LIKELY(is_single && place->value != NAME_BUILDER_EXCLUDED))
			error = sweep_single(sweep, batch, prefix, place,
					     i > 0 && place[-1].head == place->head);
		else
			error = sweep_name(sweep, batch, prefix, i, &count);
	}
	return error;
}

/* Encodes all names. */
static err_t sweep_names(sweep_t *sweep, name_records_t *records)
{
	const name_batch_t *batch;
	const uint8_t *prefix;
	name_code_t codes[NAME_SYMBOLS];
	bool is_better;
	err_t error = name_records_better_codes(records, codes, &is_better);

	if (error != ERR_OK)
		return error;
	sweep->codes = is_better ? codes : NULL;
	sweep->decoder = name_records_decoder(records);
	sweep->encoder = name_encoder_new(is_better ? codes : sweep->decoder->codes);
	if (sweep->encoder == NULL)
		return ERR_NOMEM;
	do {
		error = name_records_take(records, &batch, &prefix);
		if (error == ERR_OK && batch != NULL)
			error = sweep_batch(sweep, batch, prefix);
	} while (error == ERR_OK && batch != NULL);
	return error;
}

err_t name_builder_finish(name_builder_t *builder, value_sets_t *sets, uint32_t sets_base,
			  name_index_t **index)
{
	sweep_t sweep = { .sets = sets, .sets_base = sets_base };
	err_t error = name_records_sort(&builder->records, processors_allowed() > 1);

	name_lines_clear(&builder->lines);
	if (error == ERR_OK)
		error = sweep_names(&sweep, &builder->records);
	name_records_clear(&builder->records);
	if (error == ERR_OK)
		error = name_lines_finish(&sweep.lines, &builder->lines);
	if (error == ERR_OK)
		error = name_encoder_finish(sweep.encoder, index);
	name_lines_abandon(&sweep.lines);
	name_encoder_free(sweep.encoder);
	for (unsigned kind = 0; kind < COUNT_OF(sweep.decisions); kind++)
		free(sweep.decisions[kind].values);
	return error;
}

void name_builder_take_lines(name_builder_t *builder, name_lines_t *lines)
{
	*lines = builder->lines;
	builder->lines = (name_lines_t){ .kinds = NULL };
}
