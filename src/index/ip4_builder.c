/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_builder.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "index/ip4_encoder.h"
#include "index/ip4_entries.h"
#include "index/ip6_entries.h"

/* From prefixes to ranges.
 *
 * Entries are kept in one list for each prefix length, so that an entry takes 8 bytes: address and
 * value. To finish, the lists are sorted and swept side by side in the order of addresses, shorter
 * prefixes first. Prefixes are laminar: of two, one contains the other or they have nothing in
 * common. So those that contain the current address are nested, a stack of at most 33 frames:
 *
 *     10.0.0.0/8    |-------------------------------------------------|
 *     10.1.0.0/16         |--------------|
 *     10.1.2.3/32               |
 *     sweep         A     B     C        ^ ends B, and so tells the encoder of the rest of B
 *
 * With IP4_RULE_BYTE_LEVELS a range that is no prefix is added as several, its pieces, in lists of
 * their own: they are decided about as others are, but the line that is noted (index/ip_lines.h) is
 * the range.
 *
 * Each frame knows the number that its addresses get where no longer prefix takes them. That can be
 * told from its own entries and the frame below when it is pushed, as all prefixes that contain it
 * are then on the stack. */

#define LENGTHS 33 /* /0../32 */

/* A prefix that contains the current address, of the stack. */
typedef struct frame {
	uint32_t last; /* address */
	uint32_t number;
	int level; /* of IP4_RULE_BYTE_LEVELS; -1: no prefix */
	bool is_excluded;
	size_t values; /* where its values begin in `values` of the sweep; they end with it */
} frame_t;

struct ip4_builder {
	ip4_rule_t rule;
	ip4_entries_t lists[LENGTHS];
	ip4_entries_t pieces[LENGTHS];
	/* Ranges as they were added: first and inverted last address as a /64, so that the list, which
	 * packs such, has the longest of those with the same first address first. */
	ip6_entries_t ranges;
	ip_lines_t lines; /* of the last index */
};

typedef struct sweep {
	ip4_builder_t *builder;
	value_sets_t *sets;
	uint32_t sets_base;
	ip4_encoder_t *encoder;
	ip_lines_writer_t lines;
	ip6_entry_t range; /* the next one */
	bool has_range;
	frame_t frames[LENGTHS + 1]; /* one below all prefixes: nothing */
	size_t depth;
	/* The values of all frames, one frame's behind the other's: ascending and distinct. */
	uint32_t *values;
	size_t value_count;
	size_t value_capacity;
} sweep_t;

ip4_builder_t *ip4_builder_new(ip4_rule_t rule)
{
	ip4_builder_t *builder = calloc(1, sizeof(*builder));

	if (builder != NULL)
		builder->rule = rule;
	return builder;
}

static void clear(ip4_builder_t *builder)
{
	for (size_t i = 0; i < LENGTHS; i++) {
		ip4_entries_clear(&builder->lists[i]);
		ip4_entries_clear(&builder->pieces[i]);
	}
	ip6_entries_clear(&builder->ranges);
}

void ip4_builder_free(ip4_builder_t *builder)
{
	if (builder == NULL)
		return;
	clear(builder);
	ip_lines_clear(&builder->lines);
	free(builder);
}

static uint32_t prefix_last(uint32_t address, unsigned length)
{
	return address | (uint32_t)((uint64_t)UINT32_MAX >> length);
}

err_t ip4_builder_add(ip4_builder_t *builder, uint32_t address, unsigned length, uint32_t value)
{
	ip4_entry_t entry = { .address = address, .value = value };

	assert(length < LENGTHS && value <= IP4_INDEX_MAX);
	assert(length == 32 || (address & (UINT32_MAX >> length)) == 0);
	return ip4_entries_append(&builder->lists[length], entry);
}

/* The length of the longest prefix that begins with `first` and ends by `last`. */
static unsigned piece_length(uint32_t first, uint32_t last)
{
	unsigned length = first == 0 ? 0 : 32 - (unsigned)__builtin_ctz(first);

	while (prefix_last(first, length) > last)
		length++;
	return length;
}

/* Adds a range to `lists`, one for each length. */
static err_t add_pieces(ip4_entries_t *lists, uint32_t first, uint32_t last, uint32_t value)
{
	for (;;) {
		unsigned length = piece_length(first, last);
		err_t error = ip4_entries_append(&lists[length], (ip4_entry_t){ first, value });

		if (error != ERR_OK || prefix_last(first, length) == last)
			return error;
		first = prefix_last(first, length) + 1;
	}
}

err_t ip4_builder_add_range(ip4_builder_t *builder, uint32_t first, uint32_t last, uint32_t value)
{
	unsigned length = piece_length(first, last);
	const ip6_entry_t range = {
		.address.high = (uint64_t)first << 32 | (uint32_t)~last,
		.value = value,
		.length = 64,
	};

	assert(first <= last && value <= IP4_INDEX_MAX);
	if (builder->rule == IP4_RULE_LONGEST_PREFIX || prefix_last(first, length) == last)
		return add_pieces(builder->lists, first, last, value);
	err_t error = ip6_entries_append(&builder->ranges, range);
	return error == ERR_OK ? add_pieces(builder->pieces, first, last, value) : error;
}

static err_t add_value(sweep_t *sweep, uint32_t value)
{
	void *values = sweep->values;
	err_t error = array_reserve(&values, &sweep->value_capacity, sweep->value_count + 1,
				    sizeof(*sweep->values));

	sweep->values = values;
	if (error == ERR_OK)
		sweep->values[sweep->value_count++] = value;
	return error;
}

/* Values of the sweep from `from` on, of which those before are others'. */
static err_t number_values(sweep_t *sweep, size_t from, uint32_t *number)
{
	size_t count = sweep->value_count - from;
	uint32_t *values = count > 0 ? sweep->values + from : NULL;

	count = value_sets_sort(values, count);
	sweep->value_count = from + count;
	return value_sets_number(sweep->sets, values, count, sweep->sets_base, IP4_INDEX_MAX,
				 number);
}

/* Takes the first entry out of a list of the builder; its value, or false when it is of another
 * prefix than `address`. */
static bool take_value(ip4_entries_t *list, uint32_t address, uint32_t *value)
{
	const ip4_entry_t *entry = ip4_entries_first(list);

	if (entry == NULL || entry->address != address)
		return false;
	*value = entry->value;
	ip4_entries_drop(list);
	return true;
}

/* Takes all entries of the prefix out of a list, and adds their values to those of the sweep. Returns
 * whether there are any, and sets `*is_excluded` where one of them is an exclusion. */
static err_t take_values(sweep_t *sweep, ip4_entries_t *list, uint32_t address, bool *has_any,
			 bool *is_excluded)
{
	err_t error = ERR_OK;
	uint32_t value;

	while (error == ERR_OK && take_value(list, address, &value)) {
		*has_any = true;
		if (value == IP4_BUILDER_EXCLUDED)
			*is_excluded = true;
		else
			error = add_value(sweep, value);
	}
	return error;
}

/* What the sweep found at a prefix. */
typedef struct prefix {
	uint32_t address;
	unsigned length;
	bool is_line;    /* not only a piece of a range */
	uint32_t number; /* of the line: its own, without what the frame has from others */
} prefix_t;

static ip_line_t line_of(const prefix_t *prefix)
{
	return (ip_line_t){
		.first.low = prefix->address,
		.last.low = prefix_last(prefix->address, prefix->length),
		.number = prefix->number,
	};
}

/* IP4_RULE_BYTE_LEVELS: the values of all entries of the prefix and of the frame below, if that is
 * of the same level. */
static err_t decide_level(sweep_t *sweep, frame_t *frame, prefix_t *prefix)
{
	const frame_t *below = frame - 1;
	bool is_inside = below->level == frame->level;
	size_t inherited = is_inside ? frame->values - below->values : 0;
	bool has_pieces = false;

	err_t error = take_values(sweep, &sweep->builder->lists[prefix->length], prefix->address,
				  &prefix->is_line, &frame->is_excluded);
	prefix->number = IP4_INDEX_NONE;
	if (error == ERR_OK && !frame->is_excluded)
		error = number_values(sweep, frame->values, &prefix->number);
	frame->number = prefix->number;
	for (size_t i = 0; i < inherited && error == ERR_OK; i++)
		error = add_value(sweep, sweep->values[below->values + i]);
	if (error == ERR_OK)
		error = take_values(sweep, &sweep->builder->pieces[prefix->length], prefix->address,
				    &has_pieces, &frame->is_excluded);
	frame->is_excluded |= is_inside && below->is_excluded;
	if (error != ERR_OK)
		return error;
	if (frame->is_excluded)
		sweep->value_count = frame->values;
	if (inherited > 0 || has_pieces || frame->is_excluded)
		return number_values(sweep, frame->values, &frame->number);
	return ERR_OK;
}

/* IP4_RULE_LONGEST_PREFIX: the value of the first entry of the prefix. */
static void decide_prefix(sweep_t *sweep, frame_t *frame, prefix_t *prefix)
{
	ip4_entries_t *list = &sweep->builder->lists[prefix->length];
	uint32_t later;

	prefix->is_line = take_value(list, prefix->address, &prefix->number);
	while (take_value(list, prefix->address, &later))
		;
	frame->number = prefix->number;
}

static err_t tell(sweep_t *sweep, uint32_t last, uint32_t number)
{
	err_t error = ip4_encoder_put(sweep->encoder, last, number);

	if (error == ERR_OK)
		error = ip_lines_tell(&sweep->lines, (ip6_address_t){ .low = last }, number);
	return error;
}

static void next_range(sweep_t *sweep)
{
	sweep->has_range = ip6_entries_take(&sweep->builder->ranges, &sweep->range);
}

/* Notes the next range, of the lines of all that say it. */
static err_t note_range(sweep_t *sweep)
{
	ip6_address_t key = sweep->range.address;
	size_t from = sweep->value_count;
	bool is_excluded = false;
	err_t error = ERR_OK;
	ip_line_t line = {
		.first.low = key.high >> 32,
		.last.low = (uint32_t)~key.high,
	};

	for (; error == ERR_OK && sweep->has_range && ip6_is_equal(sweep->range.address, key);
	     next_range(sweep)) {
		if (sweep->range.value == IP4_BUILDER_EXCLUDED)
			is_excluded = true;
		else
			error = add_value(sweep, sweep->range.value);
	}
	if (error == ERR_OK)
		error = number_values(sweep, from, &line.number);
	if (is_excluded)
		line.number = IP4_INDEX_NONE;
	sweep->value_count = from;
	return error == ERR_OK ? ip_lines_add(&sweep->lines, &line) : error;
}

/* Notes the ranges that come before a line, or, NULL, before `address`. */
static err_t note_ranges(sweep_t *sweep, uint32_t address, const ip_line_t *line)
{
	err_t error = ERR_OK;

	while (error == ERR_OK && sweep->has_range) {
		uint32_t first = (uint32_t)(sweep->range.address.high >> 32);
		uint32_t last = (uint32_t)~sweep->range.address.high;

		if (first > address ||
		    (first == address && (line == NULL || last < line->last.low)))
			break;
		error = note_range(sweep);
	}
	return error;
}

/* Ends the frames that end before `address`, which is the first of a prefix. */
static err_t end_frames(sweep_t *sweep, uint32_t address)
{
	frame_t *frame = &sweep->frames[sweep->depth];

	for (; frame->last < address; frame--) {
		err_t error = tell(sweep, frame->last, frame->number);

		if (error != ERR_OK)
			return error;
		sweep->value_count = frame->values;
		sweep->depth--;
	}
	return address == 0 ? ERR_OK : tell(sweep, address - 1, frame->number);
}

/* Pushes a frame for the prefix `address`/`length`, with all its entries. */
static err_t begin_frame(sweep_t *sweep, uint32_t address, unsigned length)
{
	prefix_t prefix = { .address = address, .length = length };
	err_t error = ERR_OK;
	frame_t *frame;

	/* Where a range begins there is a piece, so what lies before this prefix has not been told. */
	if (sweep->has_range)
		error = note_ranges(sweep, address, NULL);
	if (error == ERR_OK)
		error = end_frames(sweep, address);
	if (error != ERR_OK)
		return error;
	frame = &sweep->frames[++sweep->depth];
	*frame = (frame_t){
		.last = prefix_last(address, length),
		.level = length == 0 ? 0 : (int)(length - 1) / 8,
		.values = sweep->value_count,
	};
	if (sweep->builder->rule == IP4_RULE_BYTE_LEVELS)
		error = decide_level(sweep, frame, &prefix);
	else
		decide_prefix(sweep, frame, &prefix);
	if (error != ERR_OK || !prefix.is_line)
		return error;
	ip_line_t line = line_of(&prefix);
	if (sweep->has_range)
		error = note_ranges(sweep, address, &line);
	return error == ERR_OK ? ip_lines_add(&sweep->lines, &line) : error;
}

/* The first address of the prefixes of this length that are still in the lists. */
static bool first_address(const ip4_builder_t *builder, unsigned length, uint32_t *address)
{
	const ip4_entry_t *line = ip4_entries_first(&builder->lists[length]);
	const ip4_entry_t *piece = ip4_entries_first(&builder->pieces[length]);

	if (line == NULL || (piece != NULL && piece->address < line->address))
		line = piece;
	if (line != NULL)
		*address = line->address;
	return line != NULL;
}

/* Takes the prefixes of all lists in the order of their addresses, of equal addresses the shortest
 * prefix first. */
static err_t sweep_prefixes(sweep_t *sweep)
{
	unsigned lengths[LENGTHS]; /* of the lists that are not empty, ascending */
	uint32_t heads[LENGTHS];   /* their first addresses */
	unsigned count = 0;
	err_t error = ERR_OK;

	for (unsigned length = 0; length < LENGTHS; length++)
		if (first_address(sweep->builder, length, &heads[count]))
			lengths[count++] = length;
	while (count > 0 && error == ERR_OK) {
		unsigned least = 0;

		for (unsigned i = 1; i < count; i++)
			if (heads[i] < heads[least])
				least = i;
		error = begin_frame(sweep, heads[least], lengths[least]);
		if (!first_address(sweep->builder, lengths[least], &heads[least])) {
			count--;
			memmove(&lengths[least], &lengths[least + 1],
				(count - least) * sizeof(lengths[0]));
			memmove(&heads[least], &heads[least + 1],
				(count - least) * sizeof(heads[0]));
		}
	}
	if (error == ERR_OK)
		error = note_ranges(sweep, UINT32_MAX, NULL);
	for (size_t i = sweep->depth + 1; i-- > 0 && error == ERR_OK;)
		error = tell(sweep, sweep->frames[i].last, sweep->frames[i].number);
	return error;
}

static err_t sort(ip4_builder_t *builder)
{
	err_t error = ip6_entries_sort(&builder->ranges);

	for (size_t i = 0; i < LENGTHS && error == ERR_OK; i++)
		error = ip4_entries_sort(&builder->lists[i]);
	for (size_t i = 0; i < LENGTHS && error == ERR_OK; i++)
		error = ip4_entries_sort(&builder->pieces[i]);
	return error;
}

void ip4_builder_take_lines(ip4_builder_t *builder, ip_lines_t *lines)
{
	*lines = builder->lines;
	builder->lines = (ip_lines_t){ .notes = NULL };
}

err_t ip4_builder_finish(ip4_builder_t *builder, value_sets_t *sets, uint32_t sets_base,
			 ip4_index_t **index)
{
	sweep_t sweep = { .builder = builder, .sets = sets, .sets_base = sets_base };
	err_t error = sort(builder);

	sweep.frames[0] = (frame_t){ .last = UINT32_MAX, .number = IP4_INDEX_NONE, .level = -1 };
	ip_lines_clear(&builder->lines);
	if (error == ERR_OK) {
		next_range(&sweep);
		sweep.encoder = ip4_encoder_new();
		error = sweep.encoder != NULL ? sweep_prefixes(&sweep) : ERR_NOMEM;
	}
	clear(builder);
	if (error == ERR_OK)
		error = ip_lines_finish(&sweep.lines, &builder->lines);
	if (error == ERR_OK)
		error = ip4_encoder_finish(sweep.encoder, index);
	ip_lines_abandon(&sweep.lines);
	ip4_encoder_free(sweep.encoder);
	free(sweep.values);
	return error;
}
