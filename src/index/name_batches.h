/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_BATCHES_H
#define SPURN_INDEX_NAME_BATCHES_H

#include <pthread.h>

#include "index/name_sorter.h"

/* The records of all bins in order, one bin at a time. A second thread sorts bins ahead, where there is
 * one; who takes them sorts the next one as well when there is nothing to take. What comes out is the
 * same. Private to the name_*.c files of this directory. */

/* Bins that are sorted and not taken yet, at most. */
#define NAME_BATCHES_AHEAD 4u

typedef struct name_batch_slot {
	name_batch_t batch;
	bool is_ready;
	err_t error;
} name_batch_slot_t;

/* A bin, and the bytes of its keys before the records'. */
typedef struct name_batch_bin {
	name_bin_t *bin;
	size_t prefix; /* where they are in `prefixes` */
} name_batch_bin_t;

/* All zero has nothing. */
typedef struct name_batches {
	name_batch_bin_t *bins;
	size_t bin_count;
	size_t bin_capacity;
	uint8_t *prefixes;
	size_t prefixes_size;
	size_t prefixes_capacity;
	name_sorter_t sorter; /* of who takes */
	bool is_out;          /* the first bin that is not dropped has been taken */
	bool has_thread;
	pthread_t thread;
	/* What both threads use, under `lock`; a slot that is not ready is that of who has claimed it. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t claimed; /* bins that somebody sorts or has sorted */
	size_t dropped; /* bins that are done with */
	size_t freed;   /* bins of which the memory is given back, or is in `row` */
	/* Ranges of such bins, one behind the other, that go back together. */
	uint8_t *row;
	size_t row_size;
	bool is_ended;
	name_batch_slot_t slots[NAME_BATCHES_AHEAD]; /* that of bin n is n % NAME_BATCHES_AHEAD */
} name_batches_t;

/* Begins to take the records of `bins`, which are left alone until the end, with another thread if
 * `has_thread`, and if one can be had. Returns ERR_OK or ERR_NOMEM. The caller ends it in any case. */
err_t name_batches_begin(name_batches_t *batches, const name_bins_t *bins,
			 bool has_thread) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Takes the next batch into `*batch`, NULL after the last one, and the bytes of its keys before its
 * records'. The batch before is no more, and its bin's memory given back some batches later. Returns
 * ERR_OK or ERR_NOMEM. */
err_t name_batches_take(name_batches_t *batches, const name_batch_t **batch,
			const uint8_t **prefix) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Ends the other thread, and frees what there is. */
void name_batches_end(name_batches_t *batches) ATTR_NONNULL_ALL;

#endif
