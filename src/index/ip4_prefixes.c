/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_prefixes.h"

#include <stdlib.h>

#include "base/array.h"

/* An entry that is no prefix is cut when it is swept: the first prefix of it comes, and the rest is put
 * aside, in a heap, until all that begins before has come. (Cut when it was added it would be 20
 * entries.) */

uint32_t ip4_prefix_last(uint32_t address, unsigned length)
{
	return address | (uint32_t)((uint64_t)UINT32_MAX >> length);
}

ip4_prefix_t ip4_prefix_of(const ip4_entry_t *entry)
{
	unsigned zeros = entry->first == 0 ? 32 : (unsigned)__builtin_ctz(entry->first);
	ip4_prefix_t prefix = { .first = entry->first, .length = 32 - zeros, .entry = *entry };

	while (ip4_prefix_last(entry->first, prefix.length) > entry->last)
		prefix.length++;
	prefix.last = ip4_prefix_last(entry->first, prefix.length);
	return prefix;
}

/* Is `a` swept before `b`? */
static bool is_before(const ip4_entry_t *a, const ip4_entry_t *b)
{
	return a->first != b->first ? a->first < b->first : a->last > b->last;
}

static void take_entry(ip4_prefixes_t *prefixes)
{
	entry_t entry;

	prefixes->has_entry = entry_list_take(prefixes->list, &entry);
	if (prefixes->has_entry)
		prefixes->entry = (ip4_entry_t){
			.first = (uint32_t)entry.address.high,
			.last = (uint32_t)entry.address.high + entry.size,
			.value = entry.value,
		};
}

static err_t push_rest(ip4_prefixes_t *prefixes, ip4_entry_t rest)
{
	void *rests = prefixes->rests;
	size_t place = prefixes->rest_count;
	err_t error = array_reserve(&rests, &prefixes->rest_capacity, place + 1, sizeof(rest));

	prefixes->rests = rests;
	if (error != ERR_OK)
		return error;
	prefixes->rest_count++;
	for (; place > 0 && is_before(&rest, &prefixes->rests[(place - 1) / 2]);
	     place = (place - 1) / 2)
		prefixes->rests[place] = prefixes->rests[(place - 1) / 2];
	prefixes->rests[place] = rest;
	return ERR_OK;
}

/* Takes the rest that comes first out of the heap, which has one. */
static ip4_entry_t pop_rest(ip4_prefixes_t *prefixes)
{
	ip4_entry_t *rests = prefixes->rests;
	ip4_entry_t first = rests[0];
	ip4_entry_t moved = rests[--prefixes->rest_count];
	size_t place = 0;
	size_t child;

	while ((child = 2 * place + 1) < prefixes->rest_count) {
		if (child + 1 < prefixes->rest_count && is_before(&rests[child + 1], &rests[child]))
			child++;
		if (!is_before(&rests[child], &moved))
			break;
		rests[place] = rests[child];
		place = child;
	}
	rests[place] = moved;
	return first;
}

err_t ip4_prefixes_next(ip4_prefixes_t *prefixes)
{
	ip4_entry_t entry = prefixes->entry;
	bool is_rest = prefixes->rest_count > 0 &&
		       (!prefixes->has_entry || is_before(&prefixes->rests[0], &prefixes->entry));

	prefixes->has_prefix = prefixes->has_entry || is_rest;
	if (!prefixes->has_prefix)
		return ERR_OK;
	if (is_rest)
		entry = pop_rest(prefixes);
	else
		take_entry(prefixes);
	prefixes->prefix = ip4_prefix_of(&entry);
	prefixes->prefix.is_line = !is_rest;
	if (prefixes->prefix.last == entry.last)
		return ERR_OK;
	entry.first = prefixes->prefix.last + 1;
	return push_rest(prefixes, entry);
}

err_t ip4_prefixes_begin(ip4_prefixes_t *prefixes, entry_list_t *list)
{
	*prefixes = (ip4_prefixes_t){ .list = list };
	take_entry(prefixes);
	return ip4_prefixes_next(prefixes);
}

void ip4_prefixes_end(ip4_prefixes_t *prefixes)
{
	free(prefixes->rests);
	*prefixes = (ip4_prefixes_t){ .list = prefixes->list };
}
