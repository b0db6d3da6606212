/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/entry_list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "index/bits.h"

/* Entries are collected until there are PENDING_MAX of them. These are sorted (index/entry_sort.h) and packed
 * (index/packed_run.h) as a run: behind the run before, where they follow it, as they do in a file that is
 * sorted, or else as a new one. A packed entry takes the fewer bits the more of them are in its run, one bit less
 * for each doubling. So as soon as there are 32 runs of a level they are merged to one of the next level:
 *
 *     level 0   32,768 entries   | | | | | | | | ...
 *     level 1   1,048,576        |                     |   |   |
 *     level 2   33,554,432       |                                 and so on
 *
 * and each entry is packed again only once for a level. (P. O'Neil and others, "The log-structured
 * merge-tree", 1996.) Of what is merged only a few KB for each run are unpacked at a time, and packed
 * memory is given back as it is read, so that a merge takes no memory. In the end the up to 32
 * runs that are left are read side by side: what reads them grows while they shrink.
 *
 * As long as entries differ in nothing but the upper halves of their addresses, as /64s with one value do, only
 * these are kept until they are packed: a third of the memory, and of what sorting has to move.
 *
 * Runs stay in the order in which their entries came: only neighbours are merged, and of equal
 * entries that of the earlier run comes first.
 *
 * Measured for 10 million random IPv4 addresses, in runs of 65,536 of which eight were merged: what a reload took
 * beside the index in service was 18 MB, of which 14 MB were the new index in the end. For a million random /64s
 * those larger runs, and memory that was given back in larger pieces, took 2.3 MB more at the peak, and eightfold
 * merges packed each entry twice instead of once. Refused: chunks of 8 bytes for each entry that are
 * dealt out to lists by their first byte and so on (85 MB, in two thirds of the time; sorted ones as
 * fast); one growing array (the same for the list, and as much again for a sort that keeps the order of
 * equal entries); packed parts that are all read side by side in the end (150 of them: each with
 * differences as wide as its few entries make them, 17 bits instead of 11). Of merging, refused:
 * to compare the next rows of all runs, and a tree of losers whose choices are branches (both a fifth to
 * a third slower in all). */

/* Entries that are sorted at once: 768 KB, or 256 KB of alike ones, and as much for scratch space. */
#define PENDING_MAX (32u * 1024)

/* When one comes that is not like those before it, these are packed if there are so many, so that both sides stay
 * small; fewer would be too many runs. */
#define PENDING_ALIKE_MIN (PENDING_MAX / 8)

/* A run that is being merged: the block that was taken last, and which row of it comes next. */
typedef struct source {
	packed_run_t run;
	packed_block_t block;
	uint32_t row;
	bool is_empty; /* all rows have been taken */
} source_t;

/* The next row of a source in a tree of losers: the inner nodes of a tournament of all sources hold
 * those that lost there, so that, when the winner has gone on to its next row, it is that one
 * against those on the way up. (D. E. Knuth, "The Art of Computer Programming", volume 3, 5.4.1.) */
typedef struct player {
	uint64_t high; /* of the row's address; the highest one when there is no row */
	uint32_t source;
} player_t;

struct entry_merge {
	size_t leaves; /* of the tree: sources, a power of 2; those behind the runs are empty */
	player_t winner;
	player_t losers[ENTRY_LIST_MERGED]; /* of node n, whose children are 2n and 2n + 1 */
	source_t sources[ENTRY_LIST_MERGED];
	packed_block_t out; /* what has been merged, */
	uint32_t out_row;   /* of which these rows have been taken */
};

/* Sizes are mostly those of prefixes, 2^n - 1. Those are packed as n. */
#define PREFIX_SIZES 33u

static uint64_t pack_size(uint32_t size)
{
	if ((size & ((uint64_t)size + 1)) == 0)
		return bits_count(size);
	return (uint64_t)size + PREFIX_SIZES;
}

static uint32_t unpack_size(uint64_t packed)
{
	if (packed < PREFIX_SIZES)
		return (uint32_t)(((uint64_t)1 << packed) - 1);
	return (uint32_t)(packed - PREFIX_SIZES);
}

static entry_t get_row(const packed_block_t *block, uint32_t row)
{
	return (entry_t){
		.address.high = block->columns[PACKED_HIGH][row],
		.address.low = block->columns[PACKED_LOW][row],
		.size = unpack_size(block->columns[PACKED_SIZE][row]),
		.value = (uint32_t)block->columns[PACKED_VALUE][row],
	};
}

static void set_row(packed_block_t *block, uint32_t row, const entry_t *entry)
{
	block->columns[PACKED_HIGH][row] = entry->address.high;
	block->columns[PACKED_LOW][row] = entry->address.low;
	block->columns[PACKED_SIZE][row] = pack_size(entry->size);
	block->columns[PACKED_VALUE][row] = entry->value;
}

/* Begins a new run, if an entry does not follow the last one. */
static packed_run_t *begin_run(entry_list_t *list, const entry_t *first)
{
	if (list->run_count == 0 || entry_is_before(first, &list->last)) {
		assert(list->run_count < ENTRY_LIST_RUNS);
		if (list->run_count > 0)
			packed_run_trim(&list->runs[list->run_count - 1]);
		list->levels[list->run_count] = 0;
		list->runs[list->run_count++] = (packed_run_t){ .written = { 0 } };
	}
	return &list->runs[list->run_count - 1];
}

/* Packs sorted entries, at least one, behind the last run when they follow it, else as a new run. */
static err_t pack_entries(entry_list_t *list, const entry_t *entries, size_t count)
{
	packed_run_t *run = begin_run(list, &entries[0]);
	packed_block_t block;
	err_t error = ERR_OK;

	list->last = entries[count - 1];
	for (size_t i = 0; i < count && error == ERR_OK; i += block.count) {
		block.count = 0;
		while (block.count < PACKED_BLOCK_ROWS && i + block.count < count) {
			set_row(&block, block.count, &entries[i + block.count]);
			block.count++;
		}
		error = packed_run_put(run, &block);
	}
	return error;
}

/* The same for those of which only the upper halves differ. */
static err_t pack_highs(entry_list_t *list, const uint64_t *highs, size_t count)
{
	packed_run_t *run;
	packed_block_t block;
	err_t error = ERR_OK;

	list->alike.address.high = highs[0];
	run = begin_run(list, &list->alike);
	for (uint32_t row = 0; row < PACKED_BLOCK_ROWS; row++)
		set_row(&block, row, &list->alike);
	for (size_t i = 0; i < count && error == ERR_OK; i += block.count) {
		size_t left = count - i;

		block.count = left < PACKED_BLOCK_ROWS ? (uint32_t)left : PACKED_BLOCK_ROWS;
		memcpy(block.columns[PACKED_HIGH], highs + i, block.count * sizeof(*highs));
		error = packed_run_put(run, &block);
	}
	list->last = list->alike;
	list->last.address.high = highs[count - 1];
	return error;
}

/* Takes the next block of a source, if there is one. */
static void refill(source_t *source)
{
	source->row = 0;
	source->is_empty = !packed_run_take(&source->run, &source->block);
}

/* Does the next row of source `a` come before that of `b`, if both begin with the same half of an
 * address? */
static bool is_row_before(const entry_merge_t *merge, size_t a, size_t b)
{
	const source_t *sources = merge->sources;
	entry_t row_a, row_b;

	if (sources[a].is_empty || sources[b].is_empty)
		return !sources[a].is_empty;
	row_a = get_row(&sources[a].block, sources[a].row);
	row_b = get_row(&sources[b].block, sources[b].row);
	return entry_is_before(&row_a, &row_b) || (a < b && !entry_is_before(&row_b, &row_a));
}

/* The player against the loser of a node and of those above it. Nothing here but the rare case of
 * equal halves depends on a branch that cannot be foreseen, which is what takes time in a heap. */
static inline void play(entry_merge_t *merge, size_t node, player_t player)
{
	for (; node > 0; node /= 2) {
		player_t *other = &merge->losers[node];
		uint64_t swap = -(uint64_t)(other->high < player.high); /* all bits, or none */
		player_t differ = { .high = other->high ^ player.high,
				    .source = other->source ^ player.source };

		if (UNLIKELY(differ.high == 0))
			swap = -(uint64_t)is_row_before(merge, other->source, player.source);
		other->high ^= differ.high & swap;
		other->source ^= differ.source & (uint32_t)swap;
		player.high ^= differ.high & swap;
		player.source ^= differ.source & (uint32_t)swap;
	}
	merge->winner = player;
}

static player_t get_player(const entry_merge_t *merge, size_t at)
{
	const source_t *source = &merge->sources[at];

	return (player_t){
		.high = source->is_empty ? UINT64_MAX
					 : source->block.columns[PACKED_HIGH][source->row],
		.source = (uint32_t)at,
	};
}

/* The first tournament: sets the losers of a node and of those below it; the winner. */
static player_t play_first(entry_merge_t *merge, size_t node)
{
	player_t a, b;
	bool is_lost;

	if (node >= merge->leaves)
		return get_player(merge, node - merge->leaves);
	a = play_first(merge, 2 * node);
	b = play_first(merge, 2 * node + 1);
	is_lost = a.high != b.high ? b.high < a.high : is_row_before(merge, b.source, a.source);
	merge->losers[node] = is_lost ? a : b;
	return is_lost ? b : a;
}

/* Goes on to the next row. */
static inline void advance(entry_merge_t *merge)
{
	size_t at = merge->winner.source;
	source_t *source = &merge->sources[at];

	if (UNLIKELY(++source->row == source->block.count))
		refill(source);
	play(merge, (merge->leaves + at) / 2, get_player(merge, at));
}

/* The source of the next row; NULL when there is none. */
static inline const source_t *get_first(const entry_merge_t *merge)
{
	const source_t *source = &merge->sources[merge->winner.source];

	return source->is_empty ? NULL : source;
}

/* Begins to merge the list's last `count` runs, which are taken out of it. NULL for want of memory. */
static entry_merge_t *begin_merge(entry_list_t *list, size_t count)
{
	entry_merge_t *merge = malloc(sizeof(*merge));

	assert(count <= ENTRY_LIST_MERGED && count <= list->run_count);
	if (merge == NULL)
		return NULL;
	merge->out.count = 0;
	for (merge->leaves = 1; merge->leaves < count;)
		merge->leaves *= 2;
	list->run_count -= count;
	for (size_t i = 0; i < merge->leaves; i++) {
		merge->sources[i].run = i < count ? list->runs[list->run_count + i]
						  : (packed_run_t){ .written = { 0 } };
		refill(&merge->sources[i]);
	}
	merge->winner = play_first(merge, 1);
	return merge;
}

static void free_merge(entry_merge_t *merge)
{
	if (merge == NULL)
		return;
	for (size_t i = 0; i < merge->leaves; i++)
		packed_run_clear(&merge->sources[i].run);
	free(merge);
}

/* Takes the next rows, a block of them if there are as many, into merge->out. */
static void merge_block(entry_merge_t *merge)
{
	packed_block_t *out = &merge->out;
	const source_t *source;

	out->count = 0;
	while (out->count < PACKED_BLOCK_ROWS && (source = get_first(merge)) != NULL) {
		for (packed_column_t i = PACKED_HIGH; i < PACKED_COLUMNS; i++)
			out->columns[i][out->count] = source->block.columns[i][source->row];
		out->count++;
		advance(merge);
	}
}

/* Merges the list's last `count` runs to one of the level above the first one's. */
static err_t merge_last(entry_list_t *list, size_t count)
{
	entry_merge_t *merge = begin_merge(list, count);
	packed_run_t *run = &list->runs[list->run_count];
	packed_block_t *out;
	err_t error = ERR_OK;

	if (merge == NULL)
		return ERR_NOMEM;
	*run = (packed_run_t){ .written = { 0 } };
	list->levels[list->run_count++]++;
	out = &merge->out;
	for (merge_block(merge); out->count > 0 && error == ERR_OK; merge_block(merge)) {
		error = packed_run_put(run, out);
		list->last = get_row(out, out->count - 1);
	}
	free_merge(merge);
	return error;
}

/* Are there as many runs of the last one's level as are merged? */
static bool is_level_full(const entry_list_t *list)
{
	size_t count = list->run_count;

	return count >= ENTRY_LIST_MERGED &&
	       list->levels[count - ENTRY_LIST_MERGED] == list->levels[count - 1];
}

/* Sorts what is pending. */
static err_t sort_pending(entry_list_t *list)
{
	size_t count = list->pending_count;
	void *scratch = malloc(count * (list->is_mixed ? sizeof(entry_t) : sizeof(uint64_t)));

	if (scratch == NULL)
		return ERR_NOMEM;
	if (list->is_mixed)
		entry_sort(list->entries, scratch, count);
	else
		entry_sort_highs(list->highs, scratch, count);
	free(scratch);
	return ERR_OK;
}

static err_t pack_pending(entry_list_t *list)
{
	size_t count = list->pending_count;
	err_t error = list->is_unsorted ? sort_pending(list) : ERR_OK;

	if (error == ERR_OK)
		error = list->is_mixed ? pack_entries(list, list->entries, count)
				       : pack_highs(list, list->highs, count);
	list->pending_count = 0;
	list->is_unsorted = false;
	while (error == ERR_OK && is_level_full(list))
		error = merge_last(list, ENTRY_LIST_MERGED);
	return error;
}

static void free_pending(entry_list_t *list)
{
	free(list->highs);
	free(list->entries);
	list->highs = NULL;
	list->entries = NULL;
	list->capacity = 0;
	list->is_mixed = false;
}

/* Makes entries of pending upper halves. */
static err_t mix_pending(entry_list_t *list)
{
	size_t capacity = list->pending_count + PENDING_MAX / 8;
	entry_t *entries = malloc(capacity * sizeof(*entries));

	if (entries == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < list->pending_count; i++) {
		entries[i] = list->alike;
		entries[i].address.high = list->highs[i];
	}
	free(list->highs);
	list->highs = NULL;
	list->entries = entries;
	list->capacity = capacity;
	list->is_mixed = true;
	return ERR_OK;
}

/* Makes room for another pending entry. */
static err_t reserve_pending(entry_list_t *list)
{
	void *pending = list->is_mixed ? (void *)list->entries : list->highs;
	size_t size = list->is_mixed ? sizeof(*list->entries) : sizeof(*list->highs);
	err_t error = array_reserve(&pending, &list->capacity, list->pending_count + 1, size);

	if (list->is_mixed)
		list->entries = pending;
	else
		list->highs = pending;
	return error;
}

/* Is it like the pending ones but for the upper half of its address? */
static inline bool is_alike(const entry_list_t *list, const entry_t *entry)
{
	return entry->address.low == list->alike.address.low && entry->size == list->alike.size &&
	       entry->value == list->alike.value;
}

/* Makes the pending entries ready for one more. */
static err_t prepare_pending(entry_list_t *list, const entry_t *entry)
{
	bool is_other = !list->is_mixed && !is_alike(list, entry);
	err_t error = ERR_OK;

	if (list->pending_count == PENDING_MAX ||
	    (is_other && list->pending_count >= PENDING_ALIKE_MIN)) {
		error = pack_pending(list);
		/* What comes next may all be alike again. */
		if (error == ERR_OK && list->is_mixed)
			free_pending(list);
	}
	if (error == ERR_OK && list->pending_count == 0 && !list->is_mixed)
		list->alike = *entry;
	else if (error == ERR_OK && is_other)
		error = mix_pending(list);
	if (error == ERR_OK && list->pending_count == list->capacity)
		error = reserve_pending(list);
	return error;
}

err_t entry_list_append(entry_list_t *list, const entry_t *entry)
{
	size_t count = list->pending_count;

	if (UNLIKELY(count == 0 || count == PENDING_MAX || count == list->capacity ||
		     (!list->is_mixed && !is_alike(list, entry)))) {
		err_t error = prepare_pending(list, entry);

		if (error != ERR_OK)
			return error;
		count = list->pending_count;
	}
	if (list->is_mixed) {
		if (count > 0 && entry_is_before(entry, &list->entries[count - 1]))
			list->is_unsorted = true;
		list->entries[count] = *entry;
	} else {
		if (count > 0 && entry->address.high < list->highs[count - 1])
			list->is_unsorted = true;
		list->highs[count] = entry->address.high;
	}
	list->pending_count++;
	return ERR_OK;
}

static bool is_ascending(const uint64_t *highs, size_t count)
{
	unsigned falls = 0;

	/* To the end even if it is known before, as several are compared with one instruction then. */
	for (size_t i = 1; i < count; i++)
		falls |= highs[i] < highs[i - 1];
	return falls == 0;
}

err_t entry_list_append_highs(entry_list_t *list, const entry_t *alike, const uint64_t *highs,
			      size_t count)
{
	entry_t entry = *alike;

	for (size_t i = 0; i < count;) {
		size_t at = list->pending_count;
		size_t room = list->capacity - at;
		err_t error;

		/* The first one as any other: that makes room and finds out what is pending. */
		if (at == 0 || at >= PENDING_MAX || room == 0 || list->is_mixed ||
		    !is_alike(list, alike)) {
			entry.address.high = highs[i++];
			error = entry_list_append(list, &entry);
			if (error != ERR_OK)
				return error;
			continue;
		}
		if (room > PENDING_MAX - at)
			room = PENDING_MAX - at;
		if (room > count - i)
			room = count - i;
		memcpy(list->highs + at, highs + i, room * sizeof(*highs));
		if (!is_ascending(list->highs + at - 1, room + 1))
			list->is_unsorted = true;
		list->pending_count += room;
		i += room;
	}
	return ERR_OK;
}

err_t entry_list_sort(entry_list_t *list)
{
	err_t error = list->pending_count > 0 ? pack_pending(list) : ERR_OK;

	free_pending(list);
	while (error == ERR_OK && list->run_count > ENTRY_LIST_MERGED) {
		size_t surplus = list->run_count - ENTRY_LIST_MERGED + 1;

		error = merge_last(list, surplus < ENTRY_LIST_MERGED ? surplus : ENTRY_LIST_MERGED);
	}
	if (error != ERR_OK)
		return error;
	list->merge = begin_merge(list, list->run_count);
	if (list->merge == NULL)
		return ERR_NOMEM;
	list->merge->out_row = 0;
	merge_block(list->merge);
	return ERR_OK;
}

bool entry_list_take(entry_list_t *list, entry_t *entry)
{
	entry_merge_t *merge = list->merge;

	if (UNLIKELY(merge->out_row == merge->out.count)) {
		merge->out_row = 0;
		merge_block(merge);
		if (merge->out.count == 0)
			return false;
	}
	*entry = get_row(&merge->out, merge->out_row++);
	return true;
}

void entry_list_clear(entry_list_t *list)
{
	free_pending(list);
	for (size_t i = 0; i < list->run_count; i++)
		packed_run_clear(&list->runs[i]);
	free_merge(list->merge);
	*list = (entry_list_t){ .highs = NULL };
}
