/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_index.h"

#include "base/parallel.h"
#include "index/ip4_check_positions.h"
#include "index/ip4_layout.h"

/* Proves the invariant that index/ip4_layout.h states, for bytes that may come from anywhere. Each
 * step relies only on what the steps before have shown; what fails is told in words.
 *
 * What is in containers is nearly all of it, so they are cut into parts, by records, that several threads
 * look at; each is told where its first container is, and in the end these places have to be where the
 * parts before have ended. */

/* In the place of a number: the page does not have one throughout. */
#define SEVERAL UINT32_MAX

/* Parts of a large index: so many that two threads end at nearly the same time. */
#define PARTS 16u
/* Bytes of containers that are worth a part. */
#define PART_MIN 65536u

typedef struct checker {
	const ip4_index_t *index;
	uint32_t max_number;
	/* The records of this part. */
	uint32_t record;
	uint32_t records_end;
	uint64_t first; /* where its first container is: bytes from the start of the block */
	uint64_t next;  /* where the next one has to begin */
	uint32_t only;  /* the number of its first record, if that has one page, which is uniform */
	uint32_t last;  /* the number of its last page, if that is uniform */
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
	const uint8_t *end = (const uint8_t *)checker->index + checker->index->size;

	if (container->kind & IP4_KIND_BITMAP) {
		if (!check_bitmap(checker, container))
			return false;
	} else {
		const char *why = ip4_check_positions(container, end);

		if (why != NULL)
			return fail(checker, why);
	}
	return check_numbers(checker, container);
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

static ip4_slot_t first_slot(const ip4_index_t *index, uint32_t record)
{
	const ip4_record_t *at = &ip4_records(index)[record];

	return (ip4_slot_t){ at, ip4_slots(index) + (size_t)(at->slots & ~IP4_RECORD_WIDE) *
							    sizeof(uint16_t) };
}

/* Where the container of a slot begins, or the last one ends: bytes from the start of the block. */
static uint64_t slot_offset(const ip4_slot_t *slot)
{
	bool is_wide = ip4_slot_size(slot->record) == sizeof(uint32_t);

	return (uint64_t)slot->record->base +
	       ((is_wide ? bits_load_32(slot->at) : bits_load_16(slot->at)) >> 1);
}

/* The container of a slot. */
static bool check_slot(checker_t *checker, const ip4_slot_t *slot)
{
	const ip4_index_t *index = checker->index;
	ip4_slot_t behind = { slot->record, slot->at + ip4_slot_size(slot->record) };
	uint64_t end = slot_offset(&behind);

	if (slot_offset(slot) != checker->next || end < checker->next || end > index->records_at)
		return fail(checker, "containers are not one behind the other");
	ip4_place_t place = ip4_slot_place(index, slot);
	checker->next = end;
	return place.has_header ? check_headed(checker, place.at, place.size)
				: check_plain(checker, place.at, place.size);
}

/* The containers of a group, the first of which begins where that of the group before ends. */
static bool check_slots(checker_t *checker, uint32_t record)
{
	ip4_slot_t slot = first_slot(checker->index, record);
	uint32_t count = bits_count(slot.record->pages);
	uint32_t before = SEVERAL; /* of the slot before */

	for (uint32_t i = 0; i < count; i++, slot.at += ip4_slot_size(slot.record)) {
		if (!check_slot(checker, &slot))
			return false;
		ip4_place_t place = ip4_slot_place(checker->index, &slot);
		uint32_t uniform = uniform_number(checker->index, &place);
		if (uniform != SEVERAL && uniform == before)
			return fail(checker, "neighbours have one number");
		before = uniform;
	}
	if (count == 1 && record == checker->record)
		checker->only = before;
	else if (count == 1 && before != SEVERAL && before == checker->last)
		return fail(checker, "record without need");
	checker->last = before;
	return true;
}

/* One behind the other, with as many slots as they have pages. */
static bool check_records(checker_t *checker)
{
	const ip4_index_t *index = checker->index;
	const ip4_record_t *records = ip4_records(index);
	size_t slot_units = (index->size - index->records_at - IP4_PADDING -
			     index->record_count * sizeof(*records)) /
			    sizeof(uint16_t);
	size_t units = 0; /* so far, of 2 bytes */

	for (uint32_t i = 0; i < index->record_count; i++) {
		if ((records[i].pages & 1) == 0)
			return fail(checker, "first page of a group has no slot");
		if ((records[i].slots & ~IP4_RECORD_WIDE) != units)
			return fail(checker, "slots are not one behind the other");
		units += (bits_count(records[i].pages) + 1) * ip4_slot_size(&records[i]) /
			 sizeof(uint16_t);
		if (units > slot_units)
			return fail(checker, "slots do not end");
	}
	if (units != slot_units)
		return fail(checker, "slots without a record");
	return true;
}

static void check_part(void *context, unsigned number)
{
	checker_t *part = (checker_t *)context + number;

	part->next = part->first;
	for (uint32_t i = part->record; i < part->records_end && part->why == NULL; i++)
		(void)check_slots(part, i);
}

/* Cuts the records into parts; how many. What bases say of where containers are is not believed yet. */
static unsigned make_parts(const checker_t *checker, checker_t *parts)
{
	const ip4_index_t *index = checker->index;
	const ip4_record_t *records = ip4_records(index);
	uint64_t size = index->records_at / PARTS + PART_MIN;
	uint32_t record = 0;
	unsigned count = 0;

	for (; record < index->record_count; count++) {
		checker_t *part = &parts[count];
		ip4_slot_t slot = first_slot(index, record);

		*part = *checker;
		part->record = record;
		part->first = count == 0 ? offsetof(ip4_index_t, containers) : slot_offset(&slot);
		part->last = part->only = SEVERAL;
		/* The last part has what is left, wherever it says that it is. */
		for (record++; record < index->record_count &&
			       (count == PARTS - 1 || records[record].base < (count + 1) * size);)
			record++;
		part->records_end = record;
	}
	return count;
}

/* Do the parts fit together? */
static bool check_joints(checker_t *checker, const checker_t *parts, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (parts[i].why != NULL)
			return fail(checker, parts[i].why);
		if (i > 0 && parts[i].first != parts[i - 1].next)
			return fail(checker, "containers are not one behind the other");
		if (i > 0 && parts[i].only != SEVERAL && parts[i].only == parts[i - 1].last)
			return fail(checker, "record without need");
	}
	if (checker->index->records_at - parts[count - 1].next >= 8)
		return fail(checker, "more than padding behind the last container");
	return true;
}

static err_t check_containers(checker_t *checker)
{
	checker_t parts[PARTS];
	unsigned count = make_parts(checker, parts);
	err_t error = parallel_run(count, check_part, parts);

	if (error == ERR_OK && !check_joints(checker, parts, count))
		return ERR_INVAL;
	if (error != ERR_OK)
		(void)fail(checker, "it was changed in place");
	return error;
}

err_t ip4_index_check(const void *block, size_t size, uint32_t max_number, const char **why)
{
	checker_t checker = { .index = block, .max_number = max_number };
	err_t error = ERR_INVAL;

	if (check_header(&checker, size) && check_ranks(&checker) && check_records(&checker))
		error = check_containers(&checker);
	if (error != ERR_OK)
		*why = checker.why;
	return error;
}
