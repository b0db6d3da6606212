/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip6_builder.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "index/entry_list.h"
#include "index/ip6_encoder.h"

/* From prefixes to ranges, as the IPv4 builder does it: entries are taken in the order of addresses,
 * shorter prefixes first. Prefixes are laminar: of two, one contains the other or they have nothing
 * in common. So those that contain the current address are nested, a stack of at most 130 frames;
 * see index/ip4_builder.c for a picture. */

#define LENGTHS 129 /* /0../128 */

struct ip6_builder {
	entry_list_t list;
	ip_lines_t lines; /* of the last index */
};

/* A prefix that contains the current address, of the stack. */
typedef struct frame {
	ip6_address_t last;
	uint32_t number;
} frame_t;

typedef struct sweep {
	ip6_encoder_t *encoder;
	ip_lines_writer_t lines;
	frame_t frames[LENGTHS + 1]; /* one below all prefixes: nothing */
	size_t depth;
} sweep_t;

ip6_builder_t *ip6_builder_new(void)
{
	return calloc(1, sizeof(ip6_builder_t));
}

void ip6_builder_free(ip6_builder_t *builder)
{
	if (builder == NULL)
		return;
	entry_list_clear(&builder->list);
	ip_lines_clear(&builder->lines);
	free(builder);
}

err_t ip6_builder_add(ip6_builder_t *builder, ip6_address_t address, unsigned length,
		      uint32_t value)
{
	entry_t entry = { .address = address, .size = LENGTHS - 1 - length, .value = value };

	assert(length < LENGTHS && value <= IP6_INDEX_MAX);
	assert(ip6_is_equal(address, ip6_first(address, length)));
	return entry_list_append(&builder->list, &entry);
}

err_t ip6_builder_add_64s(ip6_builder_t *builder, const uint64_t *highs, size_t count,
			  uint32_t value)
{
	entry_t alike = { .size = LENGTHS - 1 - 64, .value = value };

	assert(value <= IP6_INDEX_MAX);
	return entry_list_append_highs(&builder->list, &alike, highs, count);
}

static err_t tell(sweep_t *sweep, ip6_address_t last, uint32_t number)
{
	err_t error = ip6_encoder_put(sweep->encoder, last, number);

	return error == ERR_OK ? ip_lines_tell(&sweep->lines, last, number) : error;
}

/* Ends the frames that end before `address`, which is the first of a prefix. */
static err_t end_frames(sweep_t *sweep, ip6_address_t address)
{
	const frame_t *frame = &sweep->frames[sweep->depth];

	for (; ip6_is_less(frame->last, address); frame--) {
		err_t error = tell(sweep, frame->last, frame->number);

		if (error != ERR_OK)
			return error;
		sweep->depth--;
	}
	if (ip6_is_zero(address))
		return ERR_OK;
	return tell(sweep, ip6_subtract(address, (ip6_address_t){ .low = 1 }), frame->number);
}

/* Adds a prefix that is in no other one, and that no other one is in. */
static err_t add_alone(sweep_t *sweep, const ip_line_t *line)
{
	err_t error = ERR_OK;

	if (!ip6_is_zero(line->first))
		error = ip6_encoder_put(sweep->encoder,
					ip6_subtract(line->first, (ip6_address_t){ .low = 1 }),
					IP6_INDEX_NONE);
	if (error == ERR_OK)
		error = ip6_encoder_put(sweep->encoder, line->last, line->number);
	return error == ERR_OK ? ip_lines_add_whole(&sweep->lines, line) : error;
}

/* Adds a prefix that may be in others, or have others in it. */
static err_t add_nested(sweep_t *sweep, const ip_line_t *line)
{
	err_t error = end_frames(sweep, line->first);

	if (error == ERR_OK)
		error = ip_lines_add(&sweep->lines, line);
	sweep->frames[++sweep->depth] = (frame_t){ .last = line->last, .number = line->number };
	return error;
}

/* Takes the next entry that is not equal to one before, the first of which counts. */
static bool take_next(entry_list_t *list, entry_t *entry)
{
	entry_t before = *entry;

	while (entry_list_take(list, entry))
		if (!ip6_is_equal(entry->address, before.address) || entry->size != before.size)
			return true;
	return false;
}

static err_t sweep_entries(sweep_t *sweep, entry_list_t *list)
{
	entry_t entry;
	bool has_entry = entry_list_take(list, &entry);
	err_t error = ERR_OK;

	while (error == ERR_OK && has_entry) {
		const ip_line_t line = {
			.first = entry.address,
			.last = ip6_last(entry.address, LENGTHS - 1 - entry.size),
			.number = entry.value,
		};
		bool is_outermost =
			sweep->depth == 0 || ip6_is_less(sweep->frames[1].last, entry.address);

		has_entry = take_next(list, &entry);
		if (is_outermost && (!has_entry || ip6_is_less(line.last, entry.address))) {
			if (sweep->depth > 0)
				error = end_frames(sweep, line.first);
			if (error == ERR_OK)
				error = add_alone(sweep, &line);
		} else {
			error = add_nested(sweep, &line);
		}
	}
	for (size_t i = sweep->depth + 1; i-- > 0 && error == ERR_OK;)
		error = tell(sweep, sweep->frames[i].last, sweep->frames[i].number);
	return error;
}

err_t ip6_builder_finish(ip6_builder_t *builder, ip6_index_t **index)
{
	sweep_t sweep = { .encoder = NULL };
	err_t error = entry_list_sort(&builder->list);

	ip_lines_clear(&builder->lines);
	sweep.frames[0] = (frame_t){ { UINT64_MAX, UINT64_MAX }, IP6_INDEX_NONE };
	if (error == ERR_OK) {
		sweep.encoder = ip6_encoder_new();
		error = sweep.encoder != NULL ? sweep_entries(&sweep, &builder->list) : ERR_NOMEM;
	}
	entry_list_clear(&builder->list);
	if (error == ERR_OK)
		error = ip_lines_finish(&sweep.lines, &builder->lines);
	if (error == ERR_OK)
		error = ip6_encoder_finish(sweep.encoder, index);
	ip_lines_abandon(&sweep.lines);
	ip6_encoder_free(sweep.encoder);
	return error;
}

void ip6_builder_take_lines(ip6_builder_t *builder, ip_lines_t *lines)
{
	*lines = builder->lines;
	builder->lines = (ip_lines_t){ .notes = NULL };
}
