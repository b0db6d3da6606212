/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_ordered.h"

#include <stdlib.h>

#include "base/array.h"
#include "index/ip4_builder.h"

/* Most large lists are sorted, and to find out costs a comparison for each entry; what it saves is to pack
 * them, to unpack them, and to sweep over them (index/ip4_singles.h, ip4_sweep.h), more than half of the
 * loader's time. It also saves the memory that they would take meanwhile.
 *
 * That a list is not sorted after all may turn out at its last line. Then what is in the index so far is
 * read back from there, and from the notes of its lines, which together say what each of them was. So no line is
 * kept twice, and a list that is not sorted from the start loses nothing.
 *
 * Single addresses of one page (a /16) are collected until another page, or another value, comes: most pages
 * have one value, and go to the encoder as a whole. */

#define PAGE_SIZE 65536u

/* Addresses that have been added and not told of yet. */
struct ip4_ordered_page {
	uint32_t number; /* their upper 16 bits */
	uint32_t value;
	uint32_t count;
	uint16_t lows[PAGE_SIZE];
};

static err_t begin(ip4_ordered_t *list)
{
	list->encoder = ip4_encoder_new();
	list->page = malloc(sizeof(*list->page));
	if (list->encoder == NULL || list->page == NULL)
		return ERR_NOMEM;
	list->page->count = 0;
	return ERR_OK;
}

/* Tells of an entry, and of the gap before it. */
static err_t tell_entry(ip4_ordered_t *list, const ip4_entry_t *entry)
{
	_Static_assert(IP4_BUILDER_EXCLUDED == IP4_INDEX_NONE, "an exclusion maps to nothing");
	err_t error = ERR_OK;

	if (entry->first > 0)
		error = ip4_encoder_put(list->encoder, entry->first - 1, IP4_INDEX_NONE);
	if (error == ERR_OK)
		error = ip4_encoder_put(list->encoder, entry->last, entry->value);
	return error == ERR_OK
		       ? ip_lines_add_whole(&list->lines, &(ip_line_t){ { .low = entry->first },
									{ .low = entry->last },
									entry->value })
		       : error;
}

/* Tells of the addresses of the page, behind which others of it may come, unless `is_complete`. */
static err_t tell_page(ip4_ordered_t *list, bool is_complete)
{
	ip4_ordered_page_t *page = list->page;
	uint32_t first = page->number << 16;
	uint32_t count = page->count;
	err_t error = ERR_OK;

	page->count = 0;
	if (count == 0)
		return ERR_OK;
	if (is_complete && page->value != IP4_BUILDER_EXCLUDED &&
	    ip4_encoder_next(list->encoder) <= first) {
		error = ip4_encoder_put_points(list->encoder, page->number, page->lows, count,
					       page->value);
		return error == ERR_OK ? ip_lines_add_addresses(&list->lines, first, page->lows,
								count, page->value)
				       : error;
	}
	for (uint32_t i = 0; i < count && error == ERR_OK; i++) {
		uint32_t address = first | page->lows[i];

		error = tell_entry(list, &(ip4_entry_t){ address, address, page->value });
	}
	return error;
}

/* Makes the page ready for addresses of a number and value. */
static err_t turn_page(ip4_ordered_t *list, uint32_t number, uint32_t value)
{
	ip4_ordered_page_t *page = list->page;
	err_t error = ERR_OK;

	if (page->number != number || page->value != value)
		error = tell_page(list, page->number != number);
	page->number = number;
	page->value = value;
	return error;
}

/* Takes an entry that is in order, to the encoder. */
static err_t encode(ip4_ordered_t *list, const ip4_entry_t *entry)
{
	uint32_t number = entry->first >> 16;
	err_t error;

	if (entry->first != entry->last) {
		error = tell_page(list, list->page->number != number);
		return error == ERR_OK ? tell_entry(list, entry) : error;
	}
	error = turn_page(list, number, entry->value);
	if (error == ERR_OK)
		list->page->lows[list->page->count++] = entry->first & 0xffff;
	return error;
}

/* Goes over to the encoder, with what has been kept. */
static err_t encode_kept(ip4_ordered_t *list)
{
	err_t error = begin(list);

	for (size_t i = 0; i < list->kept_count && error == ERR_OK; i++)
		error = encode(list, &list->kept[i]);
	free(list->kept);
	list->kept = NULL;
	list->kept_count = 0;
	list->kept_capacity = 0;
	return error;
}

static err_t keep(ip4_ordered_t *list, const ip4_entry_t *entry)
{
	void *kept = list->kept;
	err_t error = array_reserve(&kept, &list->kept_capacity, list->kept_count + 1,
				    sizeof(*list->kept));

	list->kept = kept;
	if (error == ERR_OK)
		list->kept[list->kept_count++] = *entry;
	return error;
}

/* Is it the last one again, saying nothing new? */
static inline bool is_again(const ip4_ordered_t *list, const ip4_entry_t *entry)
{
	return list->next > 0 && entry->first == list->last.first &&
	       entry->last == list->last.last &&
	       (list->first_only || entry->value == list->last.value);
}

err_t ip4_ordered_add(ip4_ordered_t *list, const ip4_entry_t *entry, bool *is_taken)
{
	err_t error = ERR_OK;

	*is_taken = true;
	if (entry->first < list->next) {
		*is_taken = is_again(list, entry);
		return ERR_OK;
	}
	if (list->encoder == NULL && list->kept_count == IP4_ORDERED_KEPT)
		error = encode_kept(list);
	if (error == ERR_OK)
		error = list->encoder == NULL ? keep(list, entry) : encode(list, entry);
	list->last = *entry;
	list->next = (uint64_t)entry->last + 1;
	return error;
}

/* How many of the addresses, at least one, are each above the one before. */
static size_t count_rising(const uint32_t *addresses, size_t count)
{
	const size_t step = 128;
	size_t i = 1;

	for (; i + step <= count; i += step) {
		unsigned falls = 0;

		/* Several are compared with one instruction, as nobody asks in between. */
		for (size_t j = i; j < i + step; j++)
			falls |= addresses[j] <= addresses[j - 1];
		if (falls != 0)
			break;
	}
	while (i < count && addresses[i] > addresses[i - 1])
		i++;
	return i;
}

/* Takes those of `count` ascending addresses that are in the page of the first one; how many. */
static size_t take_lows(ip4_ordered_page_t *page, const uint32_t *addresses, size_t count)
{
	const size_t step = 16;
	uint16_t *lows = page->lows + page->count;
	size_t taken = 0;

	for (; taken + step <= count && addresses[taken + step - 1] >> 16 == page->number;
	     taken += step)
		for (size_t i = taken; i < taken + step; i++)
			lows[i] = (uint16_t)addresses[i];
	for (; taken < count && addresses[taken] >> 16 == page->number; taken++)
		lows[taken] = (uint16_t)addresses[taken];
	page->count += (uint32_t)taken;
	return taken;
}

/* Takes `count` ascending addresses, at least one, that are in order, to the encoder. */
static err_t encode_rising(ip4_ordered_t *list, const uint32_t *addresses, size_t count,
			   uint32_t value)
{
	uint32_t last = addresses[count - 1];

	while (count > 0) {
		err_t error = turn_page(list, addresses[0] >> 16, value);

		if (error != ERR_OK)
			return error;
		size_t taken = take_lows(list->page, addresses, count);
		addresses += taken;
		count -= taken;
	}
	list->last = (ip4_entry_t){ last, last, value };
	list->next = (uint64_t)last + 1;
	return ERR_OK;
}

err_t ip4_ordered_add_addresses(ip4_ordered_t *list, const uint32_t *addresses, size_t count,
				uint32_t value, size_t *taken)
{
	err_t error = ERR_OK;
	size_t rising;

	for (*taken = 0; *taken < count && error == ERR_OK; *taken += rising) {
		const uint32_t *at = addresses + *taken;
		bool is_taken = true;

		rising = 1;
		if (list->encoder == NULL || *at < list->next) {
			error = ip4_ordered_add(list, &(ip4_entry_t){ *at, *at, value }, &is_taken);
			if (!is_taken)
				break;
		} else {
			rising = count_rising(at, count - *taken);
			error = encode_rising(list, at, rising, value);
		}
	}
	return error;
}

err_t ip4_ordered_finish(ip4_ordered_t *list, ip4_index_t **index, ip_lines_t *lines)
{
	err_t error = ERR_OK;

	if (list->encoder == NULL)
		error = encode_kept(list);
	if (error == ERR_OK)
		error = tell_page(list, true);
	if (error == ERR_OK)
		error = ip4_encoder_put(list->encoder, UINT32_MAX, IP4_INDEX_NONE);
	if (error == ERR_OK)
		error = ip_lines_tell(&list->lines, (ip6_address_t){ .low = UINT32_MAX },
				      IP4_INDEX_NONE);
	if (error == ERR_OK)
		error = ip_lines_finish(&list->lines, lines);
	if (error == ERR_OK) {
		error = ip4_encoder_finish(list->encoder, index);
		if (error != ERR_OK)
			ip_lines_clear(lines);
	}
	ip4_ordered_clear(list);
	return error;
}

static err_t give_kept(const ip4_ordered_t *list, const ip4_lines_visitor_t *visitor)
{
	err_t error = ERR_OK;

	for (size_t i = 0; i < list->kept_count && error == ERR_OK; i++) {
		const ip4_entry_t *entry = &list->kept[i];
		const ip_line_t line = { { .low = entry->first },
					 { .low = entry->last },
					 entry->value };

		error = visitor->visit_line(visitor->context, &line);
	}
	return error;
}

err_t ip4_ordered_leave(ip4_ordered_t *list, const ip4_lines_visitor_t *visitor)
{
	ip4_index_t *index = NULL;
	ip_lines_t lines = { .notes = NULL };
	err_t error;

	if (list->encoder == NULL) {
		error = give_kept(list, visitor);
		ip4_ordered_clear(list);
		return error;
	}
	error = ip4_ordered_finish(list, &index, &lines);
	if (error == ERR_OK)
		error = ip4_lines_walk(index, &lines, visitor);
	ip4_index_free(index);
	ip_lines_clear(&lines);
	return error;
}

void ip4_ordered_clear(ip4_ordered_t *list)
{
	free(list->kept);
	free(list->page);
	ip4_encoder_free(list->encoder);
	ip_lines_abandon(&list->lines);
	*list = (ip4_ordered_t){ .first_only = list->first_only };
}
