/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_builder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "index/name_encoder.h"
#include "index/name_records.h"

/* Names are kept in a list that sorts them. To finish, a code is made for their bytes, and what stands
 * at one name becomes its entries. */

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

err_t name_builder_add(name_builder_t *builder, const uint8_t *name, unsigned kinds, uint32_t value)
{
	name_record_t record; /* not all of the path is set */

	record.size = 0;
	record.value = value;
	record.kinds = kinds;
	while (name[record.size] != 0)
		record.size += name[record.size] + 1u;
	assert(record.size > 0 && record.size <= sizeof(record.path));
	assert(kinds != 0 && value <= NAME_INDEX_MAX);
	for (uint8_t *to = record.path + record.size; to > record.path; name += *name + 1u) {
		to -= *name + 1u;
		memcpy(to, name, *name + 1u);
	}
	return name_records_append(&builder->records, &record);
}

err_t name_builder_add_many(name_builder_t *builder, const uint8_t *names, size_t size,
			    uint32_t value)
{
	const uint8_t *end = names + size;
	err_t error = ERR_OK;

	for (const uint8_t *at = names; at < end && error == ERR_OK;) {
		const uint8_t *name = at + 1;

		error = name_builder_add(builder, name, *at, value);
		for (at = name; *at != 0; at += *at + 1u)
			;
		at++;
	}
	return error;
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
static err_t note_lines(sweep_t *sweep, const name_record_t *record, const name_entries_t *entries)
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

	return name_lines_add(&sweep->lines, record->path, record->size, &kept, &dropped);
}

/* Encodes the name, of which all records have been taken. */
static err_t end_name(sweep_t *sweep, const name_record_t *record)
{
	decision_t *plain = &sweep->decisions[NAME_PLAIN];
	decision_t *wildcard = &sweep->decisions[NAME_WILDCARD];
	name_entries_t entries;
	bool is_covered =
		name_encoder_cover(sweep->encoder, record->path, record->size) != NAME_INDEX_NONE;

	/* An exclusion where nothing is listed hides nothing. */
	entries.has_plain = plain->has_entry && (!plain->is_excluded || is_covered);
	entries.has_wildcard = wildcard->has_entry && (!wildcard->is_excluded || is_covered);
	err_t error = number_decision(sweep, plain, &entries.plain);
	if (error == ERR_OK)
		error = number_decision(sweep, wildcard, &entries.wildcard);
	if (error == ERR_OK)
		error = note_lines(sweep, record, &entries);
	if (error == ERR_OK && (entries.has_plain || entries.has_wildcard))
		error = name_encoder_put(sweep->encoder, record->path, record->size, &entries);
	sweep->has_line_for_both = false;
	for (unsigned kind = 0; kind < COUNT_OF(sweep->decisions); kind++) {
		sweep->decisions[kind].has_entry = false;
		sweep->decisions[kind].is_excluded = false;
		sweep->decisions[kind].count = 0;
	}
	return error;
}

static bool is_same_name(const name_record_t *a, const name_record_t *b)
{
	return a->size == b->size && memcmp(a->path, b->path, a->size) == 0;
}

static err_t sweep_names(sweep_t *sweep, name_records_t *records)
{
	name_record_t taken[2];
	unsigned turn = 0;
	err_t error = ERR_OK;
	bool has_next = name_records_take(records, &taken[turn]);

	while (has_next && error == ERR_OK) {
		const name_record_t *record = &taken[turn];

		turn = 1 - turn;
		has_next = name_records_take(records, &taken[turn]);
		sweep->has_line_for_both |= record->kinds == (NAME_FOR_PLAIN | NAME_FOR_WILDCARD);
		for (unsigned kind = 0; kind < COUNT_OF(sweep->decisions); kind++)
			if (error == ERR_OK && (record->kinds >> kind & 1) != 0)
				error = take_value(&sweep->decisions[kind], record->value);
		if (error == ERR_OK && (!has_next || !is_same_name(record, &taken[turn])))
			error = end_name(sweep, record);
	}
	return error;
}

err_t name_builder_finish(name_builder_t *builder, value_sets_t *sets, uint32_t sets_base,
			  name_index_t **index)
{
	sweep_t sweep = { .sets = sets, .sets_base = sets_base };
	name_code_t codes[NAME_SYMBOLS];
	err_t error = name_code_make(builder->records.symbols, codes);

	name_lines_clear(&builder->lines);
	if (error == ERR_OK) {
		sweep.encoder = name_encoder_new(codes);
		error = sweep.encoder != NULL ? name_records_sort(&builder->records) : ERR_NOMEM;
	}
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
