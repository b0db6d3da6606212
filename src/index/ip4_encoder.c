/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_encoder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "index/ip4_layout.h"
#include "index/ip4_page.h"

/* In the place of a number: the page does not have one throughout. */
#define SEVERAL UINT32_MAX

/* Slots of all groups, each with the one that ends them, in units of 2 bytes. */
#define SLOT_UNITS (IP4_GROUPS * (IP4_GROUP_PAGES + 1) * 2)

/* The group that is being written. */
typedef struct group {
	uint64_t pages; /* as in its record */
	size_t base;
	uint32_t before; /* number of the page before the group, or SEVERAL */
	uint32_t slot_count;
	uint32_t slots[IP4_GROUP_PAGES + 1]; /* wide */
} group_t;

struct ip4_encoder {
	uint8_t *block; /* an ip4_index without its records and slots */
	size_t block_size;
	size_t block_capacity;
	uint64_t next;    /* first address not told yet; 2^32 at the end */
	uint32_t plain;   /* the plain number; IP4_INDEX_NONE: any so far */
	uint32_t uniform; /* number of the page before, or SEVERAL */
	ip4_page_t page;  /* that `next` is in, as far as it is told */
	group_t group;    /* that the page is in */

	uint32_t record_count;
	ip4_record_t records[IP4_GROUPS];
	uint32_t slot_units;
	uint8_t slots[SLOT_UNITS * sizeof(uint16_t)];
};

ip4_encoder_t *ip4_encoder_new(void)
{
	ip4_encoder_t *encoder = malloc(sizeof(*encoder));
	void *block = NULL;

	if (encoder == NULL)
		return NULL;
	encoder->block_size = sizeof(struct ip4_index);
	encoder->block_capacity = 0;
	encoder->next = 0;
	encoder->plain = IP4_INDEX_NONE;
	encoder->uniform = SEVERAL;
	encoder->page.run_count = 0;
	encoder->record_count = 0;
	encoder->slot_units = 0;
	if (array_reserve(&block, &encoder->block_capacity, encoder->block_size, 1) != ERR_OK) {
		free(encoder);
		return NULL;
	}
	encoder->block = block;
	memset(block, 0, encoder->block_size);
	return encoder;
}

void ip4_encoder_free(ip4_encoder_t *encoder)
{
	if (encoder == NULL)
		return;
	free(encoder->block);
	free(encoder);
}

/* Makes room for a container of `size` bytes behind the others, all zero. */
static err_t begin_container(ip4_encoder_t *encoder, size_t size, uint8_t **at)
{
	void *block = encoder->block;
	size_t end = encoder->block_size + size;
	err_t error;

	if (end > UINT32_MAX)
		return ERR_RANGE;
	error = array_reserve(&block, &encoder->block_capacity, end + IP4_PADDING, 1);
	encoder->block = block;
	if (error != ERR_OK)
		return error;
	*at = encoder->block + encoder->block_size;
	memset(*at, 0, size + IP4_PADDING);
	return ERR_OK;
}

/* The page begins a group, if it does. */
static void begin_group(ip4_encoder_t *encoder, uint32_t page)
{
	group_t *group = &encoder->group;

	if (page % IP4_GROUP_PAGES != 0)
		return;
	group->pages = 0;
	group->base = encoder->block_size;
	group->before = encoder->uniform;
	group->slot_count = 0;
}

/* The record and the slots of the group. */
static void end_group(ip4_encoder_t *encoder, uint32_t page)
{
	group_t *group = &encoder->group;
	ip4_record_t *record = &encoder->records[encoder->record_count];
	uint32_t end = (uint32_t)(encoder->block_size - group->base) << 1;
	bool is_wide = end > UINT16_MAX;
	struct ip4_index *index = (struct ip4_index *)(void *)encoder->block;

	page /= IP4_GROUP_PAGES;
	/* Pages that all are as the one before need no record. */
	if (group->slot_count == 1 && group->before != SEVERAL &&
	    group->before == encoder->uniform) {
		encoder->block_size = group->base;
		return;
	}
	record->pages = group->pages;
	record->base = (uint32_t)group->base;
	record->slots = encoder->slot_units | (is_wide ? IP4_RECORD_WIDE : 0);
	encoder->record_count++;
	index->group_bits[page / 64] |= (uint64_t)1 << page % 64;
	group->slots[group->slot_count] = end;
	for (uint32_t i = 0; i <= group->slot_count; i++) {
		uint8_t *at = encoder->slots + encoder->slot_units * sizeof(uint16_t);

		if (is_wide)
			bits_store_32(at, group->slots[i]);
		else
			bits_store_16(at, (uint16_t)group->slots[i]);
		encoder->slot_units += is_wide ? 2 : 1;
	}
}

/* The page has the container that was planned and has been written; it may be the last one of its
 * group. */
static void end_container(ip4_encoder_t *encoder, uint32_t page, const ip4_plan_t *plan)
{
	group_t *group = &encoder->group;
	uint32_t offset = (uint32_t)(encoder->block_size - group->base);
	uint32_t uniform = plan->kind & IP4_KIND_UNIFORM ? plan->pair[0] : SEVERAL;

	if (plan->size > 0 && !plan->has_header && encoder->plain == IP4_INDEX_NONE)
		encoder->plain = plan->pair[1];
	if (group->slot_count == 0 || uniform == SEVERAL || uniform != encoder->uniform) {
		group->slots[group->slot_count++] = offset << 1 | plan->has_header;
		group->pages |= (uint64_t)1 << page % IP4_GROUP_PAGES;
		encoder->block_size += plan->size;
	}
	encoder->uniform = uniform;
	if (page % IP4_GROUP_PAGES == IP4_GROUP_PAGES - 1)
		end_group(encoder, page);
}

/* Ends the page, all of whose runs are known. */
static err_t end_page(ip4_encoder_t *encoder, uint32_t page)
{
	ip4_plan_t plan;
	uint8_t *at;
	err_t error;

	encoder->page.starts[encoder->page.run_count] = IP4_PAGE_SIZE;
	begin_group(encoder, page);
	plan = ip4_page_plan(&encoder->page, encoder->plain);
	error = begin_container(encoder, plan.size, &at);
	if (error != ERR_OK)
		return error;
	ip4_page_write(&encoder->page, &plan, at);
	end_container(encoder, page, &plan);
	encoder->page.run_count = 0;
	return ERR_OK;
}

/* Tells at once of whole pages up to `last` that are as the one before them: they have no slots, and a group of
 * nothing else has no record. A short list has hardly any other pages, and a combined file thousands of
 * short lists. */
static void skip_pages(ip4_encoder_t *encoder, uint32_t last, uint32_t number)
{
	uint32_t page = (uint32_t)(encoder->next >> 16);
	uint32_t end = (uint32_t)(((uint64_t)last + 1) >> 16);
	uint32_t group_end = (page / IP4_GROUP_PAGES + 1) * IP4_GROUP_PAGES;

	if (encoder->page.run_count > 0 || encoder->uniform != number)
		return;
	if (page % IP4_GROUP_PAGES != 0 && page < end) {
		page = end < group_end ? end : group_end;
		if (page == group_end)
			end_group(encoder, page - 1);
	}
	if (page % IP4_GROUP_PAGES == 0 && page < end)
		page = end / IP4_GROUP_PAGES * IP4_GROUP_PAGES;
	encoder->next = (uint64_t)page << 16;
}

err_t ip4_encoder_put(ip4_encoder_t *encoder, uint32_t last, uint32_t number)
{
	ip4_page_t *page = &encoder->page;

	while (encoder->next <= last) {
		skip_pages(encoder, last, number);
		if (encoder->next > last)
			return ERR_OK;
		uint32_t page_number = (uint32_t)(encoder->next >> 16);
		uint32_t page_last = page_number << 16 | 0xffff;
		uint32_t run = page->run_count;
		err_t error;

		if (run == 0 || page->numbers[run - 1] != number) {
			page->starts[run] = (uint32_t)encoder->next & 0xffff;
			page->numbers[run] = number;
			page->run_count++;
		}
		if (last < page_last) {
			encoder->next = (uint64_t)last + 1;
			return ERR_OK;
		}
		encoder->next = (uint64_t)page_last + 1;
		error = end_page(encoder, page_number);
		if (error != ERR_OK)
			return error;
	}
	return ERR_OK;
}

/* Tells the page run by run. */
static err_t put_runs(ip4_encoder_t *encoder, uint32_t page_first, const uint16_t *lows,
		      size_t count, uint32_t number)
{
	err_t error = ERR_OK;

	for (size_t i = 0; i < count && error == ERR_OK; i++) {
		if (lows[i] != 0 && (i == 0 || lows[i] - lows[i - 1] != 1))
			error = ip4_encoder_put(encoder, page_first + lows[i] - 1, IP4_INDEX_NONE);
		if (error == ERR_OK && (i + 1 == count || lows[i + 1] - lows[i] != 1))
			error = ip4_encoder_put(encoder, page_first + lows[i], number);
	}
	return error == ERR_OK ? ip4_encoder_put(encoder, page_first | 0xffff, IP4_INDEX_NONE)
			       : error;
}

err_t ip4_encoder_put_points(ip4_encoder_t *encoder, uint32_t page, const uint16_t *lows,
			     size_t count, uint32_t number)
{
	uint32_t page_first = page << 16;
	err_t error = ERR_OK;
	ip4_plan_t plan;
	uint8_t *at;

	assert(encoder->next <= page_first && count > 0 && number != IP4_INDEX_NONE);
	if (page > 0)
		error = ip4_encoder_put(encoder, page_first - 1, IP4_INDEX_NONE);
	if (error != ERR_OK)
		return error;
	if (!ip4_points_plan(lows, count, number, encoder->plain, &plan))
		return put_runs(encoder, page_first, lows, count, number);
	begin_group(encoder, page);
	error = begin_container(encoder, plan.size, &at);
	if (error != ERR_OK)
		return error;
	ip4_points_write(lows, &plan, at);
	end_container(encoder, page, &plan);
	encoder->next = (uint64_t)page_first + IP4_PAGE_SIZE;
	return ERR_OK;
}

uint64_t ip4_encoder_next(const ip4_encoder_t *encoder)
{
	return encoder->next;
}

err_t ip4_encoder_finish(ip4_encoder_t *encoder, ip4_index_t **result)
{
	size_t records_at = (encoder->block_size + 7) / 8 * 8;
	size_t records_size = encoder->record_count * sizeof(*encoder->records);
	size_t slots_size = encoder->slot_units * sizeof(uint16_t);
	size_t size = records_at + records_size + slots_size + IP4_PADDING;
	struct ip4_index *index = realloc(encoder->block, size);
	uint16_t rank = 0;

	assert(encoder->next == (uint64_t)UINT32_MAX + 1);
	if (index == NULL)
		return ERR_NOMEM;
	encoder->block = NULL;
	memset((uint8_t *)index + encoder->block_size, 0, size - encoder->block_size);
	memcpy((uint8_t *)index + records_at, encoder->records, records_size);
	memcpy((uint8_t *)index + records_at + records_size, encoder->slots, slots_size);
	index->format = IP4_FORMAT;
	index->record_count = encoder->record_count;
	index->records_at = records_at;
	index->size = size;
	bits_store_32(index->plain + 4, encoder->plain);
	for (size_t i = 0; i < COUNT_OF(index->group_bits); i++) {
		index->group_ranks[i] = rank;
		rank = (uint16_t)(rank + bits_count(index->group_bits[i]));
	}
	*result = index;
	return ERR_OK;
}
