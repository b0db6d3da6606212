/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_entries.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* A list is a chain of chunks. Sorting is a radix sort from the top: the list is dealt out to 256
 * lists by its first byte, each of those is sorted and appended to the result. Chunks that have
 * been read are the ones that are written to next, so a sort takes one half-filled chunk for each
 * of the 256 lists and the scratch space for a list small enough to be sorted in the processor's
 * cache.
 *
 * Refused: one growing array with a radix sort from the bottom, as it is simpler but holds two
 * copies of everything; and sorting in place, which does not keep equal addresses in order. */

/* Bytes of a chunk. Larger ones waste more in the 256 half-filled lists (this: 4 MB), smaller ones
 * are more system calls, and more mappings of the 65,530 that Linux allows a process. */
#define CHUNK_SIZE (32u * 1024)

/* Entries of a list that is sorted in scratch space of twice their size, 1 MB: the second-level
 * cache of one core. */
#define SCRATCH_ENTRIES (64u * 1024)

#define RADIX 256u

struct ip4_chunk {
	struct ip4_chunk *next;
	uint32_t begin; /* entries before it have been dropped */
	uint32_t end;
	ip4_entry_t entries[];
};

#define CHUNK_ENTRIES ((CHUNK_SIZE - sizeof(ip4_chunk_t)) / sizeof(ip4_entry_t))

/* What a sort works with. */
typedef struct sorter {
	ip4_chunk_t *spare;
	ip4_entry_t *scratch; /* 2 * SCRATCH_ENTRIES */
	ip4_entries_t result;
} sorter_t;

/* Chunks come straight from the kernel and go straight back: the allocator would keep them, as some
 * small allocation that lives on always lies behind them. */
static ip4_chunk_t *chunk_new(void)
{
	void *chunk =
		mmap(NULL, CHUNK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return chunk == MAP_FAILED ? NULL : chunk;
}

static void chunk_free(ip4_chunk_t *chunk)
{
	munmap(chunk, CHUNK_SIZE);
}

/* Adds an empty chunk, one of `*spare` if there are any. */
static err_t add_chunk(ip4_entries_t *entries, ip4_chunk_t **spare)
{
	ip4_chunk_t *chunk = *spare;

	if (chunk != NULL)
		*spare = chunk->next;
	else
		chunk = chunk_new();
	if (chunk == NULL)
		return ERR_NOMEM;
	chunk->next = NULL;
	chunk->begin = 0;
	chunk->end = 0;
	if (entries->last != NULL)
		entries->last->next = chunk;
	else
		entries->first = chunk;
	entries->last = chunk;
	return ERR_OK;
}

static inline err_t append(ip4_entries_t *entries, ip4_entry_t entry, ip4_chunk_t **spare)
{
	ip4_chunk_t *chunk = entries->last;

	if (UNLIKELY(chunk == NULL || chunk->end == CHUNK_ENTRIES)) {
		if (add_chunk(entries, spare) != ERR_OK)
			return ERR_NOMEM;
		chunk = entries->last;
	}
	chunk->entries[chunk->end++] = entry;
	return ERR_OK;
}

err_t ip4_entries_append(ip4_entries_t *entries, ip4_entry_t entry)
{
	const ip4_chunk_t *last = entries->last;
	ip4_chunk_t *spare = NULL;

	if (last != NULL && last->entries[last->end - 1].address > entry.address)
		entries->is_unsorted = true;
	return append(entries, entry, &spare);
}

const ip4_entry_t *ip4_entries_first(const ip4_entries_t *entries)
{
	return entries->first != NULL ? &entries->first->entries[entries->first->begin] : NULL;
}

/* Takes the first chunk out of a list that has one. */
static ip4_chunk_t *take_chunk(ip4_entries_t *entries)
{
	ip4_chunk_t *chunk = entries->first;

	entries->first = chunk->next;
	if (entries->first == NULL)
		entries->last = NULL;
	return chunk;
}

void ip4_entries_drop(ip4_entries_t *entries)
{
	ip4_chunk_t *chunk = entries->first;

	if (++chunk->begin == chunk->end)
		chunk_free(take_chunk(entries));
}

void ip4_entries_clear(ip4_entries_t *entries)
{
	while (entries->first != NULL)
		chunk_free(take_chunk(entries));
	entries->is_unsorted = false;
}

static size_t count_entries(const ip4_entries_t *entries)
{
	size_t count = 0;

	for (const ip4_chunk_t *chunk = entries->first; chunk != NULL; chunk = chunk->next)
		count += chunk->end - chunk->begin;
	return count;
}

static void make_spare(sorter_t *sorter, ip4_chunk_t *chunk)
{
	chunk->next = sorter->spare;
	sorter->spare = chunk;
}

/* Sorts `count` entries by the byte of the address at `shift`, from `from` to `to`. */
static void sort_by_byte(const ip4_entry_t *from, ip4_entry_t *to, size_t count, unsigned shift)
{
	size_t starts[RADIX] = { 0 };
	size_t start = 0;

	for (size_t i = 0; i < count; i++)
		starts[from[i].address >> shift & 0xff]++;
	for (size_t i = 0; i < RADIX; i++) {
		size_t next = start + starts[i];

		starts[i] = start;
		start = next;
	}
	for (size_t i = 0; i < count; i++)
		to[starts[from[i].address >> shift & 0xff]++] = from[i];
}

/* Sorts a list of up to SCRATCH_ENTRIES, that differ in `bytes` bytes, and appends it to the
 * result. */
static err_t sort_small(sorter_t *sorter, ip4_entries_t *entries, unsigned bytes)
{
	ip4_entry_t *from = sorter->scratch;
	ip4_entry_t *to = sorter->scratch + SCRATCH_ENTRIES;
	size_t count = 0;

	while (entries->first != NULL) {
		ip4_chunk_t *chunk = take_chunk(entries);
		size_t more = chunk->end - chunk->begin;

		memcpy(from + count, chunk->entries + chunk->begin, more * sizeof(*from));
		count += more;
		make_spare(sorter, chunk);
	}
	for (unsigned i = 0; i < bytes; i++) {
		ip4_entry_t *sorted = to;

		sort_by_byte(from, to, count, 8 * i);
		to = from;
		from = sorted;
	}
	for (size_t i = 0; i < count; i++)
		if (append(&sorter->result, from[i], &sorter->spare) != ERR_OK)
			return ERR_NOMEM;
	return ERR_OK;
}

/* Deals all of `entries` out to `lists`, by the byte of the address at `shift`; so with 32 all go
 * to the first. */
static err_t deal(sorter_t *sorter, ip4_entries_t *entries, unsigned shift, ip4_entries_t *lists)
{
	while (entries->first != NULL) {
		ip4_chunk_t *chunk = take_chunk(entries);
		err_t error = ERR_OK;

		for (uint32_t i = chunk->begin; i < chunk->end && error == ERR_OK; i++) {
			ip4_entry_t entry = chunk->entries[i];

			error = append(&lists[(uint64_t)entry.address >> shift & 0xff], entry,
				       &sorter->spare);
		}
		make_spare(sorter, chunk);
		if (error != ERR_OK)
			return error;
	}
	return ERR_OK;
}

/* Sorts a list of any size, that differs in `bytes` bytes, and appends it to the result. The list
 * is empty afterwards, also after a failure. */
static err_t sort_list(sorter_t *sorter, ip4_entries_t *entries, unsigned bytes)
{
	ip4_entries_t lists[RADIX] = { 0 };
	err_t error;

	if (count_entries(entries) <= SCRATCH_ENTRIES) {
		error = sort_small(sorter, entries, bytes);
	} else if (bytes == 0) {
		error = deal(sorter, entries, 32, &sorter->result); /* they are all equal */
	} else {
		error = deal(sorter, entries, 8 * (bytes - 1), lists);
	}
	for (unsigned i = 0; i < RADIX; i++) {
		if (error == ERR_OK && lists[i].first != NULL)
			error = sort_list(sorter, &lists[i], bytes - 1);
		ip4_entries_clear(&lists[i]);
	}
	ip4_entries_clear(entries);
	return error;
}

err_t ip4_entries_sort(ip4_entries_t *entries)
{
	sorter_t sorter = { .scratch = NULL };
	err_t error = ERR_NOMEM;

	if (!entries->is_unsorted)
		return ERR_OK;
	sorter.scratch = malloc(2 * SCRATCH_ENTRIES * sizeof(*sorter.scratch));
	if (sorter.scratch != NULL)
		error = sort_list(&sorter, entries, sizeof(uint32_t));
	free(sorter.scratch);
	while (sorter.spare != NULL) {
		ip4_chunk_t *chunk = sorter.spare;

		sorter.spare = chunk->next;
		chunk_free(chunk);
	}
	*entries = sorter.result;
	return error;
}
