/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_index.h"

#include "index/ip4_layout.h"

/* Proves the invariant that index/ip4_layout.h states, for bytes that may come from anywhere. Each
 * step relies only on what the steps before have shown; what fails is told in words. */

typedef struct checker {
	const ip4_index_t *index;
	const uint8_t *next; /* where the next container has to begin */
	const uint8_t *end;  /* of the containers */
	const char *why;
} checker_t;

static bool fail(checker_t *checker, const char *why)
{
	checker->why = why;
	return false;
}

static bool check_header(checker_t *checker, size_t size)
{
	const ip4_index_t *index = checker->index;
	uint64_t slots_size;

	if (size < sizeof(*index) + sizeof(uint32_t) + IP4_PADDING)
		return fail(checker, "too short for an index");
	if (index->format != IP4_FORMAT)
		return fail(checker, "another format or byte order");
	if (index->size != size)
		return fail(checker, "size in the header is not the size of the block");
	if (index->slot_count < 1 || index->slot_count > IP4_PAGES)
		return fail(checker, "impossible number of slots");
	slots_size = index->slot_count * sizeof(uint32_t) + IP4_PADDING;
	if (index->slots_at % sizeof(uint32_t) != 0 || index->slots_at < sizeof(*index) ||
	    index->slots_at > size || size - index->slots_at != slots_size)
		return fail(checker, "slots are not where they should be");
	checker->next = index->containers;
	checker->end = (const uint8_t *)index + index->slots_at;
	return true;
}

static bool check_ranks(checker_t *checker)
{
	const ip4_index_t *index = checker->index;
	uint32_t ones = 0;

	if ((index->page_bits[0] & 1) == 0)
		return fail(checker, "first page has no slot");
	for (size_t i = 0; i < COUNT_OF(index->page_bits); i++) {
		if (index->page_ranks[i] != ones)
			return fail(checker, "rank of a page is not the number of ones before");
		ones += bits_count(index->page_bits[i]);
	}
	if (ones != index->slot_count)
		return fail(checker, "not as many slots as ones in the bits of the pages");
	return true;
}

/* The unary part has a one for each high byte and a zero for each position, and nothing behind. */
static bool check_unary(checker_t *checker, const ip4_container_t *container)
{
	const uint8_t *unary = container->positions + ip4_samples_size(container->count);
	uint32_t bits = IP4_HIGH_BYTES + container->count;
	uint32_t high = 0;

	for (uint32_t bit = 0; bit < 8 * ip4_unary_size(container->count); bit++) {
		uint32_t sample = high / IP4_SAMPLE_STEP;

		if (bits_test(unary, bit) == 0)
			continue;
		high++;
		if (bit >= bits || high > IP4_HIGH_BYTES)
			return fail(checker, "too many high bytes in a container");
		if (ip4_samples_size(container->count) > 0 && high < IP4_HIGH_BYTES &&
		    high % IP4_SAMPLE_STEP == 0 &&
		    bits_load_16(container->positions + sample * sizeof(uint16_t)) != bit + 1)
			return fail(checker, "wrong sample in a container");
	}
	if (high != IP4_HIGH_BYTES || bits_test(unary, bits - 1) == 0)
		return fail(checker, "too few high bytes in a container");
	return true;
}

static bool check_bitmap(checker_t *checker, const ip4_container_t *container)
{
	uint8_t all = 0xff;
	uint8_t any = 0;

	for (uint32_t i = 0; i < IP4_BITMAP_BYTES; i++) {
		all &= container->positions[i];
		any |= container->positions[i];
	}
	if (all == 0xff || any == 0)
		return fail(checker, "bitmap has one number only");
	return true;
}

/* Positions ascend, and the number changes at each. */
static bool check_positions(checker_t *checker, const ip4_container_t *container)
{
	bool is_runs = container->kind & IP4_KIND_RUNS;
	bool is_each = container->kind & IP4_KIND_EACH;
	ip4_positions_t positions = ip4_positions_begin(container);
	uint32_t before = ip4_container_number(container, 0);
	uint32_t next = is_runs ? 1 : 0; /* least low that the next position may be */
	uint32_t low;

	for (uint32_t rank = 1; ip4_positions_next(&positions, &low); rank++) {
		uint32_t number;

		if (low < next)
			return fail(checker, "positions do not ascend");
		next = low + 1;
		if (!is_each)
			continue;
		number = ip4_container_number(container, rank);
		if (number == before)
			return fail(checker, "neighbours have one number");
		if (number > IP4_INDEX_MAX)
			return fail(checker, "number too large");
		if (is_runs)
			before = number;
	}
	return true;
}

static bool check_container(checker_t *checker, const uint8_t *at)
{
	ip4_container_t container;
	size_t size;

	if (at != checker->next || checker->end - at < (ptrdiff_t)IP4_CONTAINER_HEADER)
		return fail(checker, "containers are not one behind the other");
	container = ip4_container_open(at);
	if (container.kind > IP4_KIND_BITMAP)
		return fail(checker, "unknown kind of container");
	if ((container.count == 0) != (container.kind == IP4_KIND_BITMAP))
		return fail(checker, "container without positions");
	size = ip4_container_size(container.kind, container.width, container.count);
	size = (size + IP4_UNIT - 1) / IP4_UNIT * IP4_UNIT;
	if ((size_t)(checker->end - at) < size)
		return fail(checker, "container does not end");
	checker->next = at + size;
	if (ip4_container_number(&container, 0) > IP4_INDEX_MAX)
		return fail(checker, "number too large");
	if (!(container.kind & IP4_KIND_EACH) &&
	    (ip4_container_number(&container, 1) > IP4_INDEX_MAX ||
	     ip4_container_number(&container, 0) == ip4_container_number(&container, 1)))
		return fail(checker, "pair is not two numbers");
	if (container.kind == IP4_KIND_BITMAP)
		return check_bitmap(checker, &container);
	if (container.count > IP4_SHORT_MAX && !check_unary(checker, &container))
		return false;
	return check_positions(checker, &container);
}

static bool check_slots(checker_t *checker)
{
	const uint32_t *slots = ip4_slots(checker->index);

	for (uint32_t i = 0; i < checker->index->slot_count; i++) {
		if (slots[i] & IP4_SLOT_UNIFORM) {
			if (i > 0 && slots[i] == slots[i - 1])
				return fail(checker, "neighbours have one number");
			continue;
		}
		if ((size_t)slots[i] * IP4_UNIT > checker->index->slots_at)
			return fail(checker, "container lies outside");
		if (!check_container(checker, ip4_slot_container(checker->index, slots[i])))
			return false;
	}
	if (checker->end - checker->next >= 8)
		return fail(checker, "more than padding behind the last container");
	return true;
}

err_t ip4_index_check(const void *block, size_t size, const char **why)
{
	checker_t checker = { .index = block };

	if (check_header(&checker, size) && check_ranks(&checker) && check_slots(&checker))
		return ERR_OK;
	*why = checker.why;
	return ERR_INVAL;
}
