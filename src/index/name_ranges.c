/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_ranges.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/array.h"

/* Not reserved, where the system has that: most of it stays empty. */
#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

static err_t add_pointer(uint8_t ***list, size_t *count, size_t *capacity, uint8_t *pointer)
{
	void *data = *list;
	err_t error = array_reserve(&data, capacity, *count + 1, sizeof(**list));

	*list = data;
	if (error == ERR_OK)
		(*list)[(*count)++] = pointer;
	return error;
}

static err_t new_slab(name_ranges_t *ranges)
{
	void *slab = mmap(NULL, NAME_RANGES_SLAB, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (slab == MAP_FAILED)
		return ERR_NOMEM;
#ifdef MADV_NOHUGEPAGE
	/* A large page would take the memory of all ranges there with the first byte. */
	(void)madvise(slab, NAME_RANGES_SLAB, MADV_NOHUGEPAGE);
#endif
	err_t error =
		add_pointer(&ranges->slabs, &ranges->slab_count, &ranges->slab_capacity, slab);
	if (error != ERR_OK)
		(void)munmap(slab, NAME_RANGES_SLAB);
	else
		ranges->used = 0;
	return error;
}

/* Keeps a range that is empty for later. Where even its address finds no room, it is lost until the end. */
static void keep(name_ranges_t *ranges, uint8_t *range)
{
	(void)!add_pointer(&ranges->free, &ranges->free_count, &ranges->free_capacity, range);
}

uint8_t *name_ranges_take(name_ranges_t *ranges, size_t count)
{
	assert(count > 0 && count <= NAME_RANGES_ROW);
	if (count == 1 && ranges->free_count > 0)
		return ranges->free[--ranges->free_count];
	if (ranges->slab_count == 0 || ranges->used + count * NAME_RANGE_SIZE > NAME_RANGES_SLAB) {
		/* What is left there is too little for a row. */
		for (; ranges->slab_count > 0 && ranges->used < NAME_RANGES_SLAB;
		     ranges->used += NAME_RANGE_SIZE)
			keep(ranges, ranges->slabs[ranges->slab_count - 1] + ranges->used);
		if (new_slab(ranges) != ERR_OK)
			return NULL;
	}
	uint8_t *row = ranges->slabs[ranges->slab_count - 1] + ranges->used;
	ranges->used += count * NAME_RANGE_SIZE;
	return row;
}

void name_ranges_return(name_ranges_t *ranges, uint8_t *range)
{
	name_ranges_drop(range, NAME_RANGE_SIZE);
	keep(ranges, range);
}

void name_ranges_drop(uint8_t *from, size_t size)
{
	(void)madvise(from, size, MADV_DONTNEED);
}

void name_ranges_clear(name_ranges_t *ranges)
{
	for (size_t i = 0; i < ranges->slab_count; i++)
		(void)munmap(ranges->slabs[i], NAME_RANGES_SLAB);
	free(ranges->slabs);
	free(ranges->free);
	*ranges = (name_ranges_t){ .slabs = NULL };
}
