/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip6_encoder.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/byte_queue.h"
#include "index/ip6_layout.h"

/* Runs that a leaf is planned from: a run of nothing behind each of its items, one begun, and the
 * one behind that. */
#define WINDOW (2 * IP6_LEAF_ITEMS + 2)

/* Bytes that a leaf takes in its node, and its share of the higher ones. */
#define CHILD_BYTES 21u

typedef struct run {
	ip6_address_t first;
	uint32_t number;
} run_t;

struct ip6_encoder {
	ip6_address_t next; /* not told yet */
	bool is_told;       /* everything has been, and `next` is 0 again */

	/* Those not written yet, and one more that says where the last ends and what comes then. */
	run_t runs[WINDOW + 1];
	size_t run_count;

	/* What the block is made of, which is as large as all of it. */
	byte_queue_t leaves;
	size_t leaves_size;
	byte_queue_t children; /* child_t, their places counted from the first leaf */
	size_t child_count;
};

/* A leaf or a node, for the node above it. */
typedef struct child {
	ip6_address_t key;
	uint32_t at; /* bytes from the start of the block */
} child_t;

/* How the items of a leaf get their ends. */
typedef enum form {
	/* An item for each run, that ends where the next begins. */
	FORM_NEXT,
	/* An item for each listed run, all of one size that is a power of two. */
	FORM_SAME,
	/* An item for each listed run, and one for what is not listed behind a run whose size is no
	 * power of two. */
	FORM_EACH,
	FORM_COUNT
} form_t;

/* How to write the first `run_count` runs. */
typedef struct plan {
	form_t form;
	size_t run_count;
	size_t bytes; /* of the leaf */
	ip6_leaf_t leaf;
} plan_t;

ip6_encoder_t *ip6_encoder_new(void)
{
	return calloc(1, sizeof(ip6_encoder_t));
}

void ip6_encoder_free(ip6_encoder_t *encoder)
{
	if (encoder == NULL)
		return;
	byte_queue_clear(&encoder->leaves);
	byte_queue_clear(&encoder->children);
	free(encoder);
}

/* The size of a run as an item has it, when it is a power of two, else IP6_SIZE_NEXT. */
static unsigned run_size(const run_t *run)
{
	ip6_address_t size = ip6_subtract(run[1].first, run[0].first);
	unsigned zeros = ip6_trailing_zeros(size);

	return ip6_bit_length(size) == zeros + 1 ? zeros : IP6_SIZE_NEXT;
}

/* The item of a run in a leaf of this form; false when it gets none. A run of nothing is never the
 * first of a leaf. */
static bool make_item(form_t form, const run_t *run, ip6_item_t *item)
{
	item->start = run->first;
	item->number = run->number;
	item->size = form == FORM_NEXT ? IP6_SIZE_NEXT : run_size(run);
	if (run->number != IP6_INDEX_NONE || form == FORM_NEXT)
		return true;
	item->size = IP6_SIZE_NEXT;
	return form == FORM_EACH && run_size(run - 1) == IP6_SIZE_NEXT;
}

/* What is known of the items of a leaf while they become more. */
typedef struct measure {
	plan_t plan;
	uint32_t first_number;
	uint32_t largest; /* bits of all numbers */
} measure_t;

/* Adds an item; false when the leaf cannot take it. */
static bool measure_add(measure_t *measure, const ip6_item_t *item)
{
	ip6_leaf_t *leaf = &measure->plan.leaf;
	ip6_address_t distance;

	if (leaf->count == 0) {
		*leaf = (ip6_leaf_t){ .key = item->start, .shift = 128, .number_width = 1 };
		leaf->size = measure->plan.form == FORM_EACH ? IP6_SIZE_EACH : item->size;
		measure->first_number = item->number;
	}
	if (leaf->size != IP6_SIZE_EACH && item->size != leaf->size)
		return false;
	/* The space between two items cannot be left out behind such a one. */
	if (measure->plan.form == FORM_SAME && item->size == IP6_SIZE_NEXT)
		return false;
	distance = ip6_subtract(item->start, leaf->key);
	if (ip6_trailing_zeros(distance) < leaf->shift)
		leaf->shift = ip6_trailing_zeros(distance);
	if (leaf->count > 0)
		leaf->bits = ip6_bit_length(distance) - leaf->shift;
	if (item->number != measure->first_number)
		leaf->has_numbers = true;
	measure->largest |= item->number;
	while (leaf->number_width < sizeof(uint32_t) &&
	       measure->largest >> 8 * leaf->number_width != 0)
		leaf->number_width++;
	leaf->count++;
	measure->plan.bytes = ip6_leaf_size(leaf);
	return leaf->count == 1 ||
	       (leaf->count <= IP6_LEAF_ITEMS && measure->plan.bytes <= IP6_LEAF_BYTES);
}

static bool is_cheaper(const plan_t *a, const plan_t *b)
{
	return b->run_count == 0 ||
	       (a->bytes + CHILD_BYTES) * b->run_count < (b->bytes + CHILD_BYTES) * a->run_count;
}

/* Looks at all leaves of one form that could be written now, and keeps in `best` what costs the
 * fewest bytes for a run. A leaf takes what is not listed behind its last item with it, so that the
 * next one begins with something listed. */
static void plan_form(const ip6_encoder_t *encoder, form_t form, plan_t *best)
{
	measure_t measure = { .plan = { .form = form } };

	for (size_t i = 0; i < encoder->run_count; i++) {
		ip6_item_t item;

		if (make_item(form, &encoder->runs[i], &item) && !measure_add(&measure, &item))
			return;
		measure.plan.run_count = i + 1;
		if (encoder->runs[i + 1].number != IP6_INDEX_NONE &&
		    is_cheaper(&measure.plan, best))
			*best = measure.plan;
	}
}

/* The same as plan_form for all forms, and faster, of runs by turns listed and not, those that are all of one size
 * and with one number: then FORM_SAME takes as much in fewer bytes than the others. That is what lists of prefixes of
 * one length are. Returns false, and changes nothing, if other runs could be in the leaf. */
static bool plan_alike(const ip6_encoder_t *encoder, plan_t *best)
{
	const run_t *runs = encoder->runs;
	plan_t plan = { .form = FORM_SAME };
	plan_t cheapest = plan;
	ip6_leaf_t *leaf = &plan.leaf;
	ip6_address_t all = { .high = 0 }; /* bits of all distances */

	leaf->key = runs[0].first;
	leaf->size = run_size(&runs[0]);
	leaf->number_width = 1;
	while (leaf->number_width < sizeof(uint32_t) &&
	       runs[0].number >> 8 * leaf->number_width != 0)
		leaf->number_width++;
	if (leaf->size == IP6_SIZE_NEXT)
		return false;
	ip6_address_t less = ip6_subtract(runs[1].first, runs[0].first);
	while (leaf->count < IP6_LEAF_ITEMS) {
		const run_t *run = &runs[plan.run_count];

		if (plan.run_count + 2 > encoder->run_count || run[0].number != runs[0].number ||
		    run[1].number != IP6_INDEX_NONE ||
		    !ip6_is_equal(ip6_subtract(run[1].first, run[0].first), less))
			return false;
		ip6_address_t distance = ip6_subtract(run->first, leaf->key);
		all.high |= distance.high;
		all.low |= distance.low;
		if (leaf->count++ > 0) {
			leaf->shift = ip6_trailing_zeros(all);
			leaf->bits = ip6_bit_length(distance) - leaf->shift;
		}
		plan.bytes = ip6_leaf_size(leaf);
		if (plan.bytes > IP6_LEAF_BYTES)
			break;
		plan.run_count += 2;
		if (is_cheaper(&plan, &cheapest))
			cheapest = plan;
	}
	*best = cheapest;
	return true;
}

/* Bits that are written at once. */
#define BITS_STEP 56u

/* Writes `value`, which has up to `count` bits, to zeros from bit offset `at` on. Writes up to
 * sizeof(uint64_t) bytes more than that, as they are. */
static void write_bits(uint8_t *bits, size_t at, ip6_address_t value, unsigned count)
{
	for (unsigned written = 0; written < count; written += BITS_STEP) {
		uint8_t *to = bits + (at + written) / 8;
		uint64_t step = value.low & (UINT64_MAX >> (64 - BITS_STEP));

		bits_store_64(to, bits_load_64(to) | step << (at + written) % 8);
		value = ip6_shift_right(value, BITS_STEP);
	}
}

static void write_item(uint8_t *leaf_at, const plan_t *plan, unsigned i, const ip6_item_t *item)
{
	const ip6_leaf_t *leaf = &plan->leaf;
	uint8_t *sizes = leaf_at + IP6_LEAF_HEADER + ip6_starts_size(leaf->count, leaf->bits);
	uint8_t *numbers = sizes + (leaf->size == IP6_SIZE_EACH ? leaf->count : 0);
	ip6_address_t distance = ip6_subtract(item->start, leaf->key);

	if (i > 0)
		write_bits(leaf_at + IP6_LEAF_HEADER, (size_t)(i - 1) * leaf->bits,
			   ip6_shift_right(distance, leaf->shift), leaf->bits);
	if (leaf->size == IP6_SIZE_EACH)
		sizes[i] = (uint8_t)item->size;
	if (leaf->has_numbers)
		numbers += (size_t)i * leaf->number_width;
	else if (i > 0)
		return;
	for (unsigned byte = 0; byte < leaf->number_width; byte++)
		numbers[byte] = (uint8_t)(item->number >> 8 * byte);
}

static void write_leaf(const ip6_encoder_t *encoder, const plan_t *plan, uint8_t *at)
{
	const ip6_leaf_t *leaf = &plan->leaf;
	ip6_item_t item;
	unsigned count = 0;

	at[0] = (uint8_t)((leaf->number_width - 1) | (leaf->has_numbers ? IP6_LEAF_EACH : 0));
	at[1] = (uint8_t)(leaf->count - 1);
	at[2] = (uint8_t)leaf->shift;
	at[3] = (uint8_t)leaf->bits;
	at[4] = (uint8_t)leaf->size;
	for (size_t i = 0; i < plan->run_count; i++)
		if (make_item(plan->form, &encoder->runs[i], &item))
			write_item(at, plan, count++, &item);
	assert(count == leaf->count);
}

/* Writes a leaf of the first runs, as many as make it cheap. */
static err_t end_leaf(ip6_encoder_t *encoder)
{
	plan_t plan = { .run_count = 0 };
	uint8_t bytes[IP6_LEAF_BYTES + sizeof(uint64_t)] = { 0 };
	child_t child = { .at = (uint32_t)encoder->leaves_size };
	err_t error;

	if (!plan_alike(encoder, &plan))
		for (form_t form = FORM_NEXT; form < FORM_COUNT; form++)
			plan_form(encoder, form, &plan);
	assert(plan.run_count > 0);
	if (plan.leaf.count == 1)
		plan.leaf.shift = 0; /* it was told by nothing */
	if (encoder->leaves_size + plan.bytes > UINT32_MAX)
		return ERR_RANGE;
	write_leaf(encoder, &plan, bytes);
	child.key = plan.leaf.key;
	error = byte_queue_put(&encoder->leaves, bytes, plan.bytes);
	if (error == ERR_OK)
		error = byte_queue_put(&encoder->children, &child, sizeof(child));
	if (error != ERR_OK)
		return error;
	encoder->child_count++;
	encoder->leaves_size += plan.bytes;
	encoder->run_count -= plan.run_count;
	memmove(encoder->runs, encoder->runs + plan.run_count,
		(encoder->run_count + 1) * sizeof(*encoder->runs));
	return ERR_OK;
}

err_t ip6_encoder_put(ip6_encoder_t *encoder, ip6_address_t last, uint32_t number)
{
	run_t *runs = encoder->runs;
	ip6_address_t first = encoder->next;
	err_t error = ERR_OK;

	if (encoder->is_told || ip6_is_less(last, first))
		return ERR_OK;
	encoder->next = ip6_add(last, (ip6_address_t){ .low = 1 });
	encoder->is_told = ip6_is_zero(encoder->next);
	/* What is not listed in front of everything is not written. */
	if (number ==
	    (encoder->run_count > 0 ? runs[encoder->run_count - 1].number : IP6_INDEX_NONE))
		return ERR_OK;
	runs[encoder->run_count] = (run_t){ first, number };
	if (encoder->run_count == WINDOW)
		error = end_leaf(encoder);
	encoder->run_count++;
	return error;
}

/* Takes the next child. There is one. */
static child_t take_child(byte_queue_t *children)
{
	child_t child;
	size_t size;

	memcpy(&child, byte_queue_first(children, &size), sizeof(child));
	byte_queue_drop(children, sizeof(child));
	return child;
}

/* Writes `parents` nodes over `count` children, which are taken; those nodes are put in their place. */
static err_t write_level(byte_queue_t *children, size_t count, ip6_node_t *nodes, size_t parents,
			 uint32_t nodes_at, uint32_t children_at)
{
	child_t child = { .at = 0 };
	err_t error = ERR_OK;

	for (size_t i = 0; i < parents * IP6_FANOUT && error == ERR_OK; i++) {
		ip6_node_t *node = &nodes[i / IP6_FANOUT];

		if (i < count) {
			child = take_child(children);
			child.at += children_at;
		}
		node->keys[i % IP6_FANOUT] = child.key;
		node->children[i % IP6_FANOUT] = child.at;
		if (i % IP6_FANOUT == IP6_FANOUT - 1) {
			child_t parent = {
				.key = node->keys[0],
				.at = nodes_at + (uint32_t)(i / IP6_FANOUT * sizeof(*node)),
			};

			error = byte_queue_put(children, &parent, sizeof(parent));
		}
	}
	return error;
}

/* Writes all nodes over the leaves, the lowest level first. */
static err_t write_nodes(ip6_encoder_t *encoder, ip6_index_t *index, uint32_t node_count)
{
	size_t count = encoder->child_count;
	uint32_t children_at = index->leaves_at;
	err_t error = ERR_OK;

	while (node_count > 0 && error == ERR_OK) {
		size_t parents = (count + IP6_FANOUT - 1) / IP6_FANOUT;
		ip6_node_t *nodes = index->nodes + node_count - parents;

		error = write_level(&encoder->children, count, nodes, parents,
				    (uint32_t)((uint8_t *)nodes - (uint8_t *)index), children_at);
		children_at = 0;
		node_count -= (uint32_t)parents;
		count = parents;
	}
	return error;
}

/* Moves the leaves to where they belong in the block; returns what is behind them. */
static uint8_t *move_leaves(ip6_encoder_t *encoder, ip6_index_t *index)
{
	uint8_t *to = (uint8_t *)index + index->leaves_at;
	const uint8_t *leaves;
	size_t size;

	while ((leaves = byte_queue_first(&encoder->leaves, &size)) != NULL) {
		memcpy(to, leaves, size);
		byte_queue_drop(&encoder->leaves, size);
		to += size;
	}
	return to;
}

err_t ip6_encoder_finish(ip6_encoder_t *encoder, ip6_index_t **result)
{
	uint32_t levels;
	uint32_t node_count;
	size_t size;
	ip6_index_t *index;
	uint8_t *end;
	err_t error = ERR_OK;

	assert(encoder->is_told);
	/* Where the last run ends; what follows is listed, as far as a leaf has to know. */
	encoder->runs[encoder->run_count] = (run_t){ encoder->next, IP6_INDEX_MAX };
	while (encoder->run_count > 0 && error == ERR_OK)
		error = end_leaf(encoder);
	if (error != ERR_OK)
		return error;
	node_count = ip6_node_count((uint32_t)encoder->child_count, &levels);
	size = ip6_block_size(node_count, encoder->leaves_size);
	if (size > UINT32_MAX)
		return ERR_RANGE;
	index = aligned_alloc(IP6_CACHE_LINE, size);
	if (index == NULL)
		return ERR_NOMEM;
	memset(index, 0, sizeof(*index));
	index->format = IP6_FORMAT;
	index->levels = levels;
	index->size = size;
	index->leaf_count = (uint32_t)encoder->child_count;
	index->leaves_at = (uint32_t)(sizeof(*index) + node_count * sizeof(ip6_node_t));
	end = move_leaves(encoder, index);
	memset(end, 0, size - (size_t)(end - (uint8_t *)index));
	error = write_nodes(encoder, index, node_count);
	if (error != ERR_OK) {
		free(index);
		return error;
	}
	*result = index;
	return ERR_OK;
}
