/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_sweep.h"

#include <stdlib.h>

#include "base/array.h"
#include "index/ip4_prefixes.h"

/* From prefixes and addresses to ranges.
 *
 * Prefixes (index/ip4_prefixes.h) are swept by their first address, shorter ones first. They are laminar:
 * of two, one contains the other or they have nothing in common. So those that contain the current
 * address are nested, a stack of at most 33 frames:
 *
 *     10.0.0.0/8    |-------------------------------------------------|
 *     10.1.0.0/16         |--------------|
 *     10.1.2.0/24              |--|
 *     sweep         A     B     C        ^ ends B, and so tells the encoder of the rest of B
 *
 * Each frame knows the number that its addresses get where no longer prefix takes them. That can be
 * told from its own entries and the frame below when it is pushed, as all prefixes that contain it
 * are then on the stack.
 *
 * Single addresses, most entries of most lists, are kept apart in a list of their own
 * (index/ip4_singles.h), which is smaller and sorted faster. Nothing is inside of an address, so they need
 * no frames: when the encoder is told of a part of a frame that no longer prefix takes, they are what is
 * told there instead. A page all of which is outside of frames, or of those that matter to an address, and
 * whose addresses have one value, goes to the encoder as a whole: in a list of addresses with some prefixes
 * that is nearly every page. */

#define PAGE_SIZE     65536u
#define ADDRESS_LEVEL 3 /* of IP4_RULE_BYTE_LEVELS */

/* A prefix that contains the current address, of the stack. */
typedef struct frame {
	uint32_t last; /* address */
	uint32_t number;
	int level; /* of IP4_RULE_BYTE_LEVELS; -1: no prefix */
	bool is_excluded;
	size_t values; /* where its values begin in `values` of the sweep; they end with it */
} frame_t;

typedef struct sweep {
	const ip4_swept_t *swept;
	ip4_prefixes_t prefixes; /* that are to come */

	/* The page of single addresses that are to come; which is the next one. */
	bool has_page;
	ip4_gathered_t page;
	size_t row;
	uint64_t next; /* the first address not told of; 2^32 at the end */

	frame_t frames[IP4_LENGTHS + 1]; /* one below all prefixes: nothing */
	size_t depth;
	/* The values of all frames, one frame's behind the other's: ascending and distinct. */
	uint32_t *values;
	size_t value_count;
	size_t value_capacity;
} sweep_t;

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

/* The number that stands for the set of the values from `from` on, which are the last ones. */
static err_t number_values(sweep_t *sweep, size_t from, uint32_t *number)
{
	size_t count = sweep->value_count - from;
	uint32_t *values = count > 0 ? sweep->values + from : NULL;

	count = value_sets_sort(values, count);
	sweep->value_count = from + count;
	return value_sets_number(sweep->swept->sets, values, count, sweep->swept->sets_base,
				 IP4_INDEX_MAX, number);
}

/* Is the next prefix the same as that of a frame? */
static bool is_next(const sweep_t *sweep, const ip4_prefix_t *prefix)
{
	return sweep->prefixes.has_prefix && sweep->prefixes.prefix.first == prefix->first &&
	       sweep->prefixes.prefix.length == prefix->length;
}

/* Takes the value of the next prefix to those of a frame. */
static err_t take_value(sweep_t *sweep, bool *is_excluded)
{
	uint32_t value = sweep->prefixes.prefix.entry.value;
	err_t error = ERR_OK;

	if (value == IP4_BUILDER_EXCLUDED)
		*is_excluded = true;
	else
		error = add_value(sweep, value);
	return error == ERR_OK ? ip4_prefixes_next(&sweep->prefixes) : error;
}

/* The same for all of one line, which is noted with what it says itself. */
static err_t take_line(sweep_t *sweep, bool *is_excluded)
{
	ip4_entry_t entry = sweep->prefixes.prefix.entry;
	ip_line_t line = { .first.low = entry.first, .last.low = entry.last };
	size_t from = sweep->value_count;
	bool is_exclusion = false;
	err_t error;

	do {
		error = take_value(sweep, &is_exclusion);
	} while (error == ERR_OK && sweep->prefixes.has_prefix && sweep->prefixes.prefix.is_line &&
		 sweep->prefixes.prefix.entry.first == entry.first &&
		 sweep->prefixes.prefix.entry.last == entry.last);
	if (error == ERR_OK && !is_exclusion)
		error = number_values(sweep, from, &line.number);
	*is_excluded |= is_exclusion;
	return error == ERR_OK ? ip_lines_add(sweep->swept->lines, &line) : error;
}

/* IP4_RULE_BYTE_LEVELS: the values of all entries of the prefix and of the frame below, if that is
 * of the same level. */
static err_t decide_level(sweep_t *sweep, frame_t *frame, const ip4_prefix_t *prefix)
{
	const frame_t *below = frame - 1;
	size_t inherited = below->level == frame->level ? frame->values - below->values : 0;
	err_t error = ERR_OK;

	frame->is_excluded = below->level == frame->level && below->is_excluded;
	for (size_t i = 0; i < inherited && error == ERR_OK; i++)
		error = add_value(sweep, sweep->values[below->values + i]);
	while (error == ERR_OK && is_next(sweep, prefix)) {
		if (sweep->prefixes.prefix.is_line)
			error = take_line(sweep, &frame->is_excluded);
		else
			error = take_value(sweep, &frame->is_excluded);
	}
	if (error != ERR_OK)
		return error;
	if (frame->is_excluded)
		sweep->value_count = frame->values;
	return number_values(sweep, frame->values, &frame->number);
}

/* IP4_RULE_LONGEST_PREFIX: the value of the first entry of the prefix. */
static err_t decide_prefix(sweep_t *sweep, frame_t *frame, const ip4_prefix_t *prefix)
{
	ip_line_t line = {
		.first.low = prefix->first,
		.last.low = prefix->last,
		.number = prefix->entry.value,
	};
	err_t error = ip_lines_add(sweep->swept->lines, &line);

	frame->number = line.number;
	while (error == ERR_OK && is_next(sweep, prefix))
		error = ip4_prefixes_next(&sweep->prefixes);
	return error;
}

/* All addresses up to `last` that have not been told of have `number`. */
static err_t put(sweep_t *sweep, uint32_t last, uint32_t number)
{
	err_t error = ip4_encoder_put(sweep->swept->encoder, last, number);

	if (error == ERR_OK)
		error = ip_lines_tell(sweep->swept->lines, (ip6_address_t){ .low = last }, number);
	sweep->next = (uint64_t)last + 1;
	return error;
}

static err_t take_page(sweep_t *sweep)
{
	sweep->row = 0;
	return ip4_singles_take(sweep->swept->singles, &sweep->page, &sweep->has_page);
}

/* Puts a single address in the frame: `number` is what it maps to, and `line_number` that of the lines that
 * say it, which is noted. */
static err_t put_address(sweep_t *sweep, const frame_t *frame, uint32_t address,
			 uint32_t line_number, uint32_t number)
{
	ip_line_t line = { { .low = address }, { .low = address }, line_number };
	uint16_t low = address & 0xffff;
	err_t error = ERR_OK;

	/* What most are, in the shorter way. */
	if (LIKELY(frame->number == IP4_INDEX_NONE && number == line_number &&
		   number != IP4_INDEX_NONE)) {
		if (address > 0)
			error = ip4_encoder_put(sweep->swept->encoder, address - 1, IP4_INDEX_NONE);
		if (error == ERR_OK)
			error = ip4_encoder_put(sweep->swept->encoder, address, number);
		sweep->next = (uint64_t)address + 1;
		return error == ERR_OK ? ip_lines_add_addresses(sweep->swept->lines, address - low,
								&low, 1, number)
				       : error;
	}
	if (address > 0)
		error = put(sweep, address - 1, frame->number);
	if (error == ERR_OK)
		error = ip_lines_add(sweep->swept->lines, &line);
	return error == ERR_OK ? put(sweep, address, number) : error;
}

/* Does it matter to a single address that it is in the frame? */
static bool is_level_of_address(const sweep_t *sweep, const frame_t *frame)
{
	return sweep->swept->rule == IP4_RULE_BYTE_LEVELS && frame->level == ADDRESS_LEVEL;
}

/* Puts an address that has several values, page->values[begin..end), or counts together with the frame. */
static err_t put_values(sweep_t *sweep, const frame_t *frame, uint32_t address, size_t begin,
			size_t end)
{
	const ip4_gathered_t *page = &sweep->page;
	size_t from = sweep->value_count;
	bool has_exclusion = false;
	uint32_t line_number = IP4_INDEX_NONE;
	uint32_t number = IP4_INDEX_NONE;
	err_t error = ERR_OK;

	for (size_t i = begin; i < end && error == ERR_OK; i++) {
		uint32_t value = page->values != NULL ? page->values[i] : page->value;

		if (value == IP4_BUILDER_EXCLUDED)
			has_exclusion = true;
		else
			error = add_value(sweep, value);
	}
	if (error == ERR_OK && !has_exclusion)
		error = number_values(sweep, from, &line_number);
	if (is_level_of_address(sweep, frame)) {
		has_exclusion |= frame->is_excluded;
		for (size_t i = frame->values; i < from && error == ERR_OK; i++)
			error = add_value(sweep, sweep->values[i]);
	}
	if (error == ERR_OK && !has_exclusion)
		error = number_values(sweep, from, &number);
	sweep->value_count = from;
	return error == ERR_OK ? put_address(sweep, frame, address, line_number, number) : error;
}

/* Puts the next address of the page, which is in the frame. */
static err_t put_next(sweep_t *sweep, const frame_t *frame)
{
	const ip4_gathered_t *page = &sweep->page;
	uint32_t address = page->number << 16 | page->lows[sweep->row];
	uint32_t value = page->values != NULL ? page->values[sweep->row] : page->value;
	size_t begin = sweep->row;
	size_t end = begin + 1;
	err_t error;

	while (end < page->count && page->lows[end] == page->lows[begin])
		end++;
	sweep->row = end;
	if (end == begin + 1 && !is_level_of_address(sweep, frame))
		error = put_address(sweep, frame, address, value, value);
	else
		error = put_values(sweep, frame, address, begin, end);
	return error == ERR_OK && end == page->count ? take_page(sweep) : error;
}

/* Is all of the page in a part of the frame up to `last` that has not been told of, and are its
 * addresses all there is to tell? */
static bool is_plain_page(const sweep_t *sweep, const frame_t *frame, uint32_t last)
{
	const ip4_gathered_t *page = &sweep->page;
	uint32_t first = page->number << 16;

	return frame->number == IP4_INDEX_NONE && !is_level_of_address(sweep, frame) &&
	       page->values == NULL && page->value != IP4_BUILDER_EXCLUDED &&
	       sweep->next <= first && last >= (first | 0xffff);
}

static err_t put_page(sweep_t *sweep)
{
	const ip4_gathered_t *page = &sweep->page;
	uint32_t first = page->number << 16;
	err_t error = ip4_encoder_put_points(sweep->swept->encoder, page->number, page->lows,
					     page->count, page->value);

	if (error == ERR_OK)
		error = ip_lines_add_addresses(sweep->swept->lines, first, page->lows, page->count,
					       page->value);
	sweep->next = (uint64_t)first + PAGE_SIZE;
	return error == ERR_OK ? take_page(sweep) : error;
}

/* Tells of the addresses up to `last` that have not been told of, none of which a frame above `frame`
 * takes. */
static err_t tell(sweep_t *sweep, const frame_t *frame, uint32_t last)
{
	while (sweep->has_page &&
	       (sweep->page.number << 16 | sweep->page.lows[sweep->row]) <= last) {
		err_t error = is_plain_page(sweep, frame, last) ? put_page(sweep)
								: put_next(sweep, frame);

		if (error != ERR_OK)
			return error;
	}
	return put(sweep, last, frame->number);
}

/* Ends the frames that end before `address`, which is the first of a prefix. */
static err_t end_frames(sweep_t *sweep, uint32_t address)
{
	frame_t *frame = &sweep->frames[sweep->depth];

	for (; frame->last < address; frame--) {
		err_t error = tell(sweep, frame, frame->last);

		if (error != ERR_OK)
			return error;
		sweep->value_count = frame->values;
		sweep->depth--;
	}
	return address == 0 ? ERR_OK : tell(sweep, frame, address - 1);
}

/* Pushes a frame for the next prefix, with all its entries. */
static err_t begin_frame(sweep_t *sweep)
{
	ip4_prefix_t prefix = sweep->prefixes.prefix;
	err_t error = end_frames(sweep, prefix.first);
	frame_t *frame;

	if (error != ERR_OK)
		return error;
	frame = &sweep->frames[++sweep->depth];
	frame->last = prefix.last;
	frame->level = prefix.length == 0 ? 0 : (int)(prefix.length - 1) / 8;
	frame->values = sweep->value_count;
	if (sweep->swept->rule == IP4_RULE_BYTE_LEVELS)
		return decide_level(sweep, frame, &prefix);
	return decide_prefix(sweep, frame, &prefix);
}

/* Takes the prefixes in the order of their addresses, of equal addresses the shortest first. */
static err_t sweep_all(sweep_t *sweep)
{
	err_t error = ip4_prefixes_begin(&sweep->prefixes, sweep->swept->list);

	if (error == ERR_OK)
		error = take_page(sweep);
	while (error == ERR_OK && sweep->prefixes.has_prefix)
		error = begin_frame(sweep);
	for (size_t i = sweep->depth + 1; i-- > 0 && error == ERR_OK;)
		error = tell(sweep, &sweep->frames[i], sweep->frames[i].last);
	return error;
}

err_t ip4_sweep(const ip4_swept_t *swept)
{
	sweep_t sweep = { .swept = swept };
	err_t error;

	sweep.frames[0] = (frame_t){ .last = UINT32_MAX, .number = IP4_INDEX_NONE, .level = -1 };
	error = sweep_all(&sweep);
	ip4_prefixes_end(&sweep.prefixes);
	free(sweep.values);
	return error;
}
