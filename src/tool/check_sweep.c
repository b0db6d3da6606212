/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/check_sweep.h"

#include <string.h>

void sweep_begin(sweep_t *sweep, dataset_rule_t rule, bool is_address, sweep_verdict_t verdict,
		 void *context)
{
	memset(sweep, 0, sizeof(*sweep));
	sweep->rule = rule;
	sweep->is_address = is_address;
	sweep->verdict = verdict;
	sweep->context = context;
}

static void say(const sweep_t *sweep, check_kind_t kind, uint32_t source, uint32_t other)
{
	sweep->verdict(sweep->context, kind, source, other);
}

/* Bytes count as levels in ip4set (/8, /16, /24, /32; /0 is as /8), bits elsewhere. */
static unsigned level_of(const sweep_t *sweep, unsigned bits)
{
	if (sweep->rule != DATASET_RULE_BYTE_LEVELS)
		return bits;
	return bits <= 8 ? 8 : (bits + 7) / 8 * 8;
}

/* Do the first `bits` bits of both keys agree? */
static bool has_prefix(const uint8_t *key, const uint8_t *prefix, unsigned bits)
{
	unsigned bytes = bits / 8;

	if (memcmp(key, prefix, bytes) != 0)
		return false;
	return bits % 8 == 0 || ((key[bytes] ^ prefix[bytes]) >> (8 - bits % 8)) == 0;
}

static bool is_inside(const sweep_place_t *outer, const sweep_node_t *node)
{
	return outer->first.bits <= node->bits &&
	       has_prefix(node->key, outer->first.key, outer->first.bits);
}

static bool is_same_place(const sweep_node_t *a, const sweep_node_t *b)
{
	return a->bits == b->bits && a->is_leaf == b->is_leaf &&
	       has_prefix(a->key, b->key, a->bits);
}

/* ---- Addresses that finer places cover together. ---- */

/* The first address of a node; keys of IPv4 are the first four bytes. */
static ip6_address_t first_address(const sweep_node_t *node)
{
	ip6_address_t address = { 0, 0 };

	for (unsigned i = 0; i < (node->bits + 7) / 8; i++) {
		if (i < 8)
			address.high |= (uint64_t)node->key[i] << (56 - 8 * i);
		else
			address.low |= (uint64_t)node->key[i] << (120 - 8 * i);
	}
	return address;
}

static ip6_address_t next_address(ip6_address_t address)
{
	if (++address.low == 0)
		address.high++;
	return address;
}

/* Notes that `node`, whose level is `level`, decides about its part of the places around it. */
static void cover(sweep_t *sweep, const sweep_node_t *node, unsigned level)
{
	ip6_address_t first = first_address(node);
	ip6_address_t last = ip6_last(first, node->bits);

	for (unsigned i = 0; i < sweep->depth; i++) {
		sweep_place_t *place = &sweep->stack[i];
		if (place->level >= level)
			break;
		if (!place->is_covering) {
			if (!ip6_is_equal(first, first_address(&place->first)))
				continue;
			place->is_covering = true;
			place->end = last;
		} else if (ip6_is_less(place->end, last) &&
			   !ip6_is_less(next_address(place->end), first)) {
			place->end = last;
		}
	}
}

static bool is_covered(const sweep_place_t *place)
{
	ip6_address_t last = ip6_last(first_address(&place->first), place->first.bits);

	return place->is_covering && !ip6_is_less(place->end, last);
}

/* ---- What the places around have decided. ---- */

/* The level that decides where `level` does not, from the nearest places around: is there a listing
 * that is not excluded? Sets `*value` when all listings there have that one, else to 0. */
static uint32_t coarser_listing(const sweep_t *sweep, unsigned level, uint32_t *value)
{
	uint32_t listed = SWEEP_NONE;
	unsigned i = sweep->depth;

	*value = 0;
	while (i > 0 && sweep->stack[i - 1].level >= level)
		i--;
	if (i == 0)
		return SWEEP_NONE;
	unsigned coarser = sweep->stack[i - 1].level;
	for (; i > 0 && sweep->stack[i - 1].level == coarser; i--) {
		const sweep_place_t *place = &sweep->stack[i - 1];
		if (place->excluded != SWEEP_NONE)
			return SWEEP_NONE;
		if (listed == SWEEP_NONE)
			*value = place->value;
		else if (*value != place->value)
			*value = 0;
		listed = place->listed;
	}
	return listed;
}

/* Of the places around on the same level: one with an exclusion, or SWEEP_NONE. */
static uint32_t excluded_around(const sweep_t *sweep, unsigned level)
{
	for (unsigned i = sweep->depth; i > 0 && sweep->stack[i - 1].level == level; i--)
		if (sweep->stack[i - 1].excluded != SWEEP_NONE)
			return sweep->stack[i - 1].excluded;
	return SWEEP_NONE;
}

/* Of the places around on the same level: one that lists just `value`, or anything where that is 0;
 * or SWEEP_NONE. */
static uint32_t listed_around(const sweep_t *sweep, unsigned level, uint32_t value)
{
	for (unsigned i = sweep->depth; i > 0 && sweep->stack[i - 1].level == level; i--) {
		const sweep_place_t *place = &sweep->stack[i - 1];
		if (place->listed != SWEEP_NONE && (value == 0 || place->value == value))
			return place->listed;
	}
	return SWEEP_NONE;
}

/* ---- One place. ---- */

/* An exclusion of the present place. */
static void add_exclusion(sweep_t *sweep, const sweep_node_t *node)
{
	sweep_place_t *place = &sweep->place;

	if (place->excluded != SWEEP_NONE) {
		say(sweep, CHECK_DUPLICATE, node->source, place->excluded);
		return;
	}
	place->excluded = node->source;
	place->outer = excluded_around(sweep, place->level);
	uint32_t value;
	if (place->outer != SWEEP_NONE) { /* what it could take away is taken away already */
		place->is_reported = true;
		say(sweep, CHECK_USELESS_EXCLUSION, node->source, place->outer);
	} else if (sweep->depth > 0) {
		place->outer = sweep->stack[sweep->depth - 1].excluded;
	}
	place->is_useful = listed_around(sweep, place->level, 0) != SWEEP_NONE ||
			   coarser_listing(sweep, place->level, &value) != SWEEP_NONE;
}

/* A listing of the present place. */
static void add_listing(sweep_t *sweep, const sweep_node_t *node)
{
	sweep_place_t *place = &sweep->place;
	uint32_t outer = excluded_around(sweep, place->level);
	uint32_t value;

	/* It is what exclusions on its level, here or around, are there for. And listings around on
	 * its level answer beside it, so they are not the same as coarser ones, which would not. */
	place->is_useful = true;
	for (unsigned i = sweep->depth; i > 0 && sweep->stack[i - 1].level == place->level; i--) {
		sweep->stack[i - 1].is_useful = true;
		if (sweep->stack[i - 1].is_coarser)
			sweep->stack[i - 1].around = SWEEP_NONE;
	}

	if (place->excluded != SWEEP_NONE || outer != SWEEP_NONE) {
		say(sweep, CHECK_SHADOWED, node->source,
		    place->excluded != SWEEP_NONE ? place->excluded : outer);
		if (outer != SWEEP_NONE)
			place->is_reported = true;
		return;
	}
	if (place->listed != SWEEP_NONE && place->last_value == node->value) {
		say(sweep, CHECK_DUPLICATE, node->source, place->last_source);
		return;
	}
	place->last_value = node->value;
	place->last_source = node->source;
	if (place->listed != SWEEP_NONE) {
		place->value = 0;
		place->around = SWEEP_NONE;
		return;
	}
	place->listed = node->source;
	place->value = node->value;
	place->around = listed_around(sweep, place->level, node->value);
	if (place->around == SWEEP_NONE && listed_around(sweep, place->level, 0) == SWEEP_NONE) {
		uint32_t coarser = coarser_listing(sweep, place->level, &value);
		if (value == node->value)
			place->around = coarser;
		place->is_coarser = true;
	}
}

static void begin_place(sweep_t *sweep, const sweep_node_t *node)
{
	sweep->has_place = true;
	sweep->place = (sweep_place_t){
		.first = *node,
		.level = level_of(sweep, node->bits),
		.excluded = SWEEP_NONE,
		.outer = SWEEP_NONE,
		.listed = SWEEP_NONE,
		.around = SWEEP_NONE,
	};
}

/* Says what can be said when all in it is known. */
static void report_place(const sweep_t *sweep, const sweep_place_t *place)
{
	if (place->is_reported)
		return;
	if (place->around != SWEEP_NONE)
		say(sweep, CHECK_REDUNDANT, place->listed, place->around);
	else if (place->excluded != SWEEP_NONE && !place->is_useful)
		say(sweep, CHECK_USELESS_EXCLUSION, place->excluded, place->outer);
	else if (sweep->is_address && is_covered(place))
		say(sweep, CHECK_SHADOWED, place->first.source, SWEEP_NONE);
}

/* All nodes of the present place have come. */
static void end_place(sweep_t *sweep)
{
	sweep_place_t *place = &sweep->place;

	sweep->has_place = false;
	if (place->around != SWEEP_NONE && !place->is_coarser) {
		place->is_reported = true;
		say(sweep, CHECK_REDUNDANT, place->listed, place->around);
	}
	/* What is superfluous itself covers nothing: who removes both would change answers. */
	if (sweep->is_address && !place->is_reported && place->around == SWEEP_NONE &&
	    (place->excluded == SWEEP_NONE || place->is_useful) &&
	    excluded_around(sweep, place->level) == SWEEP_NONE)
		cover(sweep, &place->first, place->level);
	if (place->first.is_leaf || sweep->depth == SWEEP_DEPTH_MAX)
		report_place(sweep, place);
	else
		sweep->stack[sweep->depth++] = *place;
}

void sweep_add(sweep_t *sweep, const sweep_node_t *node)
{
	sweep_place_t *place = &sweep->place;

	if (sweep->has_place && is_same_place(&place->first, node)) {
		if (sweep->rule == DATASET_RULE_FIRST)
			say(sweep,
			    node->value == place->first.value ? CHECK_DUPLICATE : CHECK_SHADOWED,
			    node->source, place->first.source);
		else if (node->value == 0)
			add_exclusion(sweep, node);
		else
			add_listing(sweep, node);
		return;
	}
	if (sweep->has_place)
		end_place(sweep);
	while (sweep->depth > 0 && !is_inside(&sweep->stack[sweep->depth - 1], node))
		report_place(sweep, &sweep->stack[--sweep->depth]);
	begin_place(sweep, node);
	if (node->value == 0)
		add_exclusion(sweep, node);
	else
		add_listing(sweep, node);
}

void sweep_end(sweep_t *sweep)
{
	if (sweep->has_place)
		end_place(sweep);
	while (sweep->depth > 0)
		report_place(sweep, &sweep->stack[--sweep->depth]);
}
