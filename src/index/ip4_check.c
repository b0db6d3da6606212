/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_index.h"

#include "index/ip4_layout.h"

/* Proves the invariant that index/ip4_layout.h states, for bytes that may come from anywhere. Each
 * step relies only on what the steps before have shown; what fails is told in words. */

/* In the place of a number: the page does not have one throughout. */
#define SEVERAL UINT32_MAX

typedef struct checker {
	const ip4_index_t *index;
	const uint8_t *next; /* where the next container has to begin */
	const uint8_t *end;  /* of the containers */
	size_t slot_units;   /* 2 bytes each, in the block */
	uint32_t max_number;
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
	uint64_t records_size, slots_size;

	if (size < sizeof(*index) + sizeof(ip4_record_t) + IP4_PADDING)
		return fail(checker, "too short for an index");
	if (index->format != IP4_FORMAT)
		return fail(checker, "another format or byte order");
	if (index->size != size)
		return fail(checker, "size in the header is not the size of the block");
	if (index->record_count < 1 || index->record_count > IP4_GROUPS)
		return fail(checker, "impossible number of records");
	records_size = index->record_count * sizeof(ip4_record_t) + IP4_PADDING;
	if (index->records_at % sizeof(uint64_t) != 0 || index->records_at < sizeof(*index) ||
	    index->records_at > size || size - index->records_at < records_size)
		return fail(checker, "records are not where they should be");
	slots_size = size - index->records_at - records_size;
	if (slots_size % sizeof(uint16_t) != 0)
		return fail(checker, "half a slot");
	if (bits_load_32(index->plain) != IP4_INDEX_NONE ||
	    bits_load_32(index->plain + 4) > checker->max_number)
		return fail(checker, "impossible plain numbers");
	checker->slot_units = slots_size / sizeof(uint16_t);
	checker->next = index->containers;
	checker->end = (const uint8_t *)index + index->records_at;
	return true;
}

static bool check_ranks(checker_t *checker)
{
	const ip4_index_t *index = checker->index;
	uint32_t ones = 0;

	if ((index->group_bits[0] & 1) == 0)
		return fail(checker, "first group has no record");
	for (size_t i = 0; i < COUNT_OF(index->group_bits); i++) {
		if (index->group_ranks[i] != ones)
			return fail(checker, "rank of a group is not the number of ones before");
		ones += bits_count(index->group_bits[i]);
	}
	if (ones != index->record_count)
		return fail(checker, "not as many records as ones in the bits of the groups");
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

/* As many ones as positions, none of them where the page begins. */
static bool check_coarse(checker_t *checker, const ip4_container_t *container)
{
	uint32_t ones = 0;

	if (!(container->kind & IP4_KIND_RUNS))
		return fail(checker, "coarse points");
	if (container->count >= IP4_HIGH_BYTES)
		return fail(checker, "too many coarse positions");
	if (container->count <= IP4_COARSE_BYTES)
		return true;
	for (uint32_t i = 0; i < IP4_HIGH_BYTES / 8; i++)
		ones += bits_count(container->positions[i]);
	if (ones != container->count)
		return fail(checker, "not as many coarse positions as ones");
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

/* Positions ascend. */
static bool check_positions(checker_t *checker, const ip4_container_t *container)
{
	ip4_positions_t positions = ip4_positions_begin(container);
	uint32_t next = container->kind & IP4_KIND_RUNS ? 1 : 0; /* the least that may come */
	uint32_t low;

	while (ip4_positions_next(&positions, &low)) {
		if (low < next)
			return fail(checker, "positions do not ascend");
		next = low + 1;
	}
	return true;
}

/* No code is behind the end of the dictionary, which has `count` numbers. */
static bool check_codes(checker_t *checker, const ip4_container_t *container, uint32_t count)
{
	for (uint32_t i = 0; i <= container->count; i++)
		if (bits_get_number(container->each, i, container->each_width) >= count)
			return fail(checker, "code without a number");
	return true;
}

/* No number of the `count` that the container has is too large. */
static bool check_max(checker_t *checker, const uint8_t *numbers, size_t count, unsigned width)
{
	for (size_t i = 0; i < count; i++)
		if (bits_get_number(numbers, i, width) > checker->max_number)
			return fail(checker, "number too large");
	return true;
}

/* The number changes at each position. */
static bool check_numbers(checker_t *checker, const ip4_container_t *container)
{
	uint32_t before = ip4_container_number(container, 0);

	if (!(container->kind & IP4_KIND_EACH)) {
		if (before == ip4_container_number(container, 1))
			return fail(checker, "pair is not two numbers");
		return check_max(checker, container->dictionary, 2, container->width);
	}
	if (!(container->kind & IP4_KIND_DICTIONARY) &&
	    !check_max(checker, container->each, container->count + 1, container->width))
		return false;
	for (uint32_t i = 1; i <= container->count; i++) {
		uint32_t number = ip4_container_number(container, i);

		if (number == before)
			return fail(checker, "neighbours have one number");
		if (container->kind & IP4_KIND_RUNS)
			before = number;
	}
	return true;
}

/* What is inside of a container, whose size is right. */
static bool check_inside(checker_t *checker, const ip4_container_t *container)
{
	if (container->kind & IP4_KIND_BITMAP)
		return check_bitmap(checker, container) && check_numbers(checker, container);
	if (container->kind & IP4_KIND_COARSE) {
		if (!check_coarse(checker, container))
			return false;
	} else if (container->count > IP4_SHORT_MAX && !check_unary(checker, container)) {
		return false;
	}
	return check_positions(checker, container) && check_numbers(checker, container);
}

/* A container without a header, of `size` bytes. */
static bool check_plain(checker_t *checker, const uint8_t *at, uint32_t size)
{
	ip4_container_t container = ip4_plain_open(checker->index, at, size);

	if (size == 0)
		return true;
	if (container.count == 0 || container.count >= IP4_PAGE_SIZE ||
	    ip4_fine_size(container.count) != size)
		return fail(checker, "impossible size of a container");
	return check_inside(checker, &container);
}

/* Has the header's kind a meaning? */
static bool is_kind(unsigned kind)
{
	if (kind & (IP4_KIND_UNIFORM | IP4_KIND_BITMAP))
		return kind == IP4_KIND_UNIFORM || kind == IP4_KIND_BITMAP;
	if (kind & IP4_KIND_DICTIONARY && !(kind & IP4_KIND_EACH))
		return false;
	return kind <= (IP4_KIND_EACH | IP4_KIND_RUNS | IP4_KIND_COARSE | IP4_KIND_DICTIONARY);
}

/* A container with a header, of `size` bytes. */
static bool check_headed(checker_t *checker, const uint8_t *at, uint32_t size)
{
	ip4_container_t container;
	uint32_t dictionary = 0;

	if (size < IP4_UNIFORM_HEADER || !is_kind(at[0]))
		return fail(checker, "unknown kind of container");
	if (at[1] < 1 || at[1] > IP4_WIDTH_MAX)
		return fail(checker, "impossible width of a number");
	if (!(at[0] & IP4_KIND_UNIFORM)) {
		if (size < IP4_HEADER + 1)
			return fail(checker, "impossible size of a container");
		if (at[0] & IP4_KIND_DICTIONARY)
			dictionary = ip4_dictionary_count(at);
		if ((bits_load_16(at + 2) == 0) != (at[0] == IP4_KIND_BITMAP))
			return fail(checker, "container without positions");
	}
	container = ip4_container_open(at);
	if (ip4_container_size(container.kind, container.width, container.count, dictionary) !=
	    size)
		return fail(checker, "impossible size of a container");
	if (container.kind & IP4_KIND_UNIFORM)
		return check_max(checker, container.dictionary, 1, container.width);
	if (dictionary > 0 &&
	    (!check_codes(checker, &container, dictionary) ||
	     !check_max(checker, container.dictionary, dictionary, container.width)))
		return false;
	return check_inside(checker, &container);
}

/* The number of all of a container that is uniform, or SEVERAL. */
static uint32_t uniform_number(const ip4_index_t *index, const ip4_place_t *place)
{
	ip4_container_t container = ip4_place_open(index, place);

	return container.kind & IP4_KIND_UNIFORM ? ip4_container_number(&container, 0) : SEVERAL;
}

/* The containers of a group, the first of which begins where that of the group before ends. `*last`
 * is the number of the page before, if it is uniform, and then that of the last page. */
static bool check_slots(checker_t *checker, ip4_slot_t slot, uint32_t *last)
{
	uint32_t count = bits_count(slot.record->pages);
	uint32_t before = SEVERAL; /* of the slot before */

	for (uint32_t i = 0; i < count; i++, slot.at += ip4_slot_size(slot.record)) {
		ip4_place_t place = ip4_slot_place(checker->index, &slot);
		uint32_t uniform;

		if (place.at != checker->next || place.size > INT32_MAX ||
		    (ptrdiff_t)place.size > checker->end - place.at)
			return fail(checker, "containers are not one behind the other");
		if (place.has_header ? !check_headed(checker, place.at, place.size)
				     : !check_plain(checker, place.at, place.size))
			return false;
		checker->next += place.size;
		uniform = uniform_number(checker->index, &place);
		if (uniform != SEVERAL && uniform == before)
			return fail(checker, "neighbours have one number");
		before = uniform;
	}
	if (count == 1 && before != SEVERAL && before == *last)
		return fail(checker, "record without need");
	*last = before;
	return true;
}

static bool check_records(checker_t *checker)
{
	const ip4_record_t *records = ip4_records(checker->index);
	uint32_t last = SEVERAL;
	size_t units = 0; /* slots so far */

	for (uint32_t i = 0; i < checker->index->record_count; i++) {
		const ip4_record_t *record = &records[i];
		size_t count = bits_count(record->pages) + 1;
		ip4_slot_t slot = { .record = record };

		if ((record->pages & 1) == 0)
			return fail(checker, "first page of a group has no slot");
		if ((record->slots & ~IP4_RECORD_WIDE) != units)
			return fail(checker, "slots are not one behind the other");
		slot.at = ip4_slots(checker->index) + units * sizeof(uint16_t);
		units += count * ip4_slot_size(record) / sizeof(uint16_t);
		if (units > checker->slot_units)
			return fail(checker, "slots do not end");
		if (!check_slots(checker, slot, &last))
			return false;
	}
	if (units != checker->slot_units)
		return fail(checker, "slots without a record");
	if (checker->end - checker->next >= 8)
		return fail(checker, "more than padding behind the last container");
	return true;
}

err_t ip4_index_check(const void *block, size_t size, uint32_t max_number, const char **why)
{
	checker_t checker = { .index = block, .max_number = max_number };

	if (check_header(&checker, size) && check_ranks(&checker) && check_records(&checker))
		return ERR_OK;
	*why = checker.why;
	return ERR_INVAL;
}
