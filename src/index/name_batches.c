/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_batches.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/thread.h"

/* For fewer bins a thread is not worth its start. */
#define BINS_FOR_THREAD 8u

/* Bytes of ranges that are given back together, at most: each time interrupts the other processors. */
#define ROW_MAX ((size_t)1024 * 1024)

static err_t list_bin(void *context, name_bin_t *bin, const uint8_t *prefix)
{
	name_batches_t *batches = context;
	uint32_t size = name_bin_byte(bin);
	void *bins = batches->bins;
	void *prefixes = batches->prefixes;
	err_t error = array_reserve(&bins, &batches->bin_capacity, batches->bin_count + 1,
				    sizeof(*batches->bins));

	batches->bins = bins;
	if (error == ERR_OK)
		error = array_reserve(&prefixes, &batches->prefixes_capacity,
				      batches->prefixes_size + size + 1, 1);
	batches->prefixes = prefixes;
	if (error != ERR_OK)
		return error;
	batches->bins[batches->bin_count++] = (name_batch_bin_t){ bin, batches->prefixes_size };
	memcpy(batches->prefixes + batches->prefixes_size, prefix, size);
	batches->prefixes_size += size;
	return ERR_OK;
}

/* Is there a bin that can be sorted now? */
static bool can_claim(const name_batches_t *batches)
{
	return batches->claimed < batches->bin_count &&
	       batches->claimed < batches->dropped + NAME_BATCHES_AHEAD;
}

/* Takes the memory of bins that are done with out, which is to be given back: ranges behind each other at
 * `*row`, as many as there are. */
static size_t take_row(name_batches_t *batches, uint8_t **row)
{
	size_t size = 0;

	*row = NULL;
	while (batches->freed < batches->dropped && size == 0) {
		name_bin_t *bin = batches->bins[batches->freed].bin;

		if (!name_bin_is_range(bin)) {
			free(bin->records);
			bin->records = NULL;
		} else if (batches->row_size > 0 && batches->row_size < ROW_MAX &&
			   bin->records == batches->row + batches->row_size) {
			batches->row_size += NAME_RANGE_SIZE;
		} else {
			*row = batches->row;
			size = batches->row_size;
			batches->row = bin->records;
			batches->row_size = NAME_RANGE_SIZE;
		}
		batches->freed++;
	}
	return size;
}

/* Sorts the next bin. Takes and leaves the lock locked. Here memory is given back, too, as this is mostly
 * done by the thread that has less to do. */
static void sort_next(name_batches_t *batches, name_sorter_t *sorter)
{
	size_t number = batches->claimed++;
	name_batch_slot_t *slot = &batches->slots[number % NAME_BATCHES_AHEAD];
	uint8_t *row;
	size_t row_size = take_row(batches, &row);

	pthread_mutex_unlock(&batches->lock);
	if (row_size > 0)
		name_ranges_drop(row, row_size);
	slot->error = name_sort_bin(sorter, batches->bins[number].bin, &slot->batch);
	pthread_mutex_lock(&batches->lock);
	slot->is_ready = true;
	pthread_cond_broadcast(&batches->changed);
}

static void *run(void *context)
{
	name_batches_t *batches = context;
	name_sorter_t sorter = { .places = NULL };

	pthread_mutex_lock(&batches->lock);
	while (!batches->is_ended && batches->claimed < batches->bin_count) {
		if (can_claim(batches))
			sort_next(batches, &sorter);
		else
			pthread_cond_wait(&batches->changed, &batches->lock);
	}
	pthread_mutex_unlock(&batches->lock);
	name_sorter_clear(&sorter);
	return NULL;
}

err_t name_batches_begin(name_batches_t *batches, const name_bins_t *bins, bool has_thread)
{
	*batches = (name_batches_t){ .bins = NULL };
	pthread_mutex_init(&batches->lock, NULL);
	pthread_cond_init(&batches->changed, NULL);
	err_t error = name_bins_walk(bins, list_bin, batches);
	if (error == ERR_OK && has_thread && batches->bin_count >= BINS_FOR_THREAD)
		batches->has_thread =
			thread_start(&batches->thread, "sorter", 0, run, batches) == ERR_OK;
	return error;
}

/* The batch that was taken last is done with. */
static void drop_last(name_batches_t *batches)
{
	pthread_mutex_lock(&batches->lock);
	batches->slots[batches->dropped % NAME_BATCHES_AHEAD].is_ready = false;
	batches->dropped++;
	pthread_cond_broadcast(&batches->changed);
	pthread_mutex_unlock(&batches->lock);
	batches->is_out = false;
}

err_t name_batches_take(name_batches_t *batches, const name_batch_t **batch, const uint8_t **prefix)
{
	*batch = NULL;
	*prefix = NULL;
	if (batches->is_out)
		drop_last(batches);
	if (batches->dropped == batches->bin_count)
		return ERR_OK;
	name_batch_slot_t *slot = &batches->slots[batches->dropped % NAME_BATCHES_AHEAD];
	pthread_mutex_lock(&batches->lock);
	while (!slot->is_ready) {
		if (can_claim(batches))
			sort_next(batches, &batches->sorter);
		else
			pthread_cond_wait(&batches->changed, &batches->lock);
	}
	pthread_mutex_unlock(&batches->lock);
	batches->is_out = true;
	*batch = &slot->batch;
	*prefix = batches->prefixes + batches->bins[batches->dropped].prefix;
	return slot->error;
}

void name_batches_end(name_batches_t *batches)
{
	if (batches->has_thread) {
		pthread_mutex_lock(&batches->lock);
		batches->is_ended = true;
		pthread_cond_broadcast(&batches->changed);
		pthread_mutex_unlock(&batches->lock);
		pthread_join(batches->thread, NULL);
	}
	for (unsigned i = 0; i < COUNT_OF(batches->slots); i++)
		name_batch_clear(&batches->slots[i].batch);
	name_sorter_clear(&batches->sorter);
	free(batches->bins);
	free(batches->prefixes);
	pthread_cond_destroy(&batches->changed);
	pthread_mutex_destroy(&batches->lock);
	*batches = (name_batches_t){ .bins = NULL };
}
