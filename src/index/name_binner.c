/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_binner.h"

#include <stdlib.h>

#include "base/thread.h"

/* Bytes of a parcel without a thread, where it stays in the first-level cache, and with one: some 5,000
 * names, for which two threads wake each other once. Larger ones were no faster. */
#define PARCEL_SIZE             (8 * 1024)
#define PARCEL_SIZE_WITH_THREAD (128 * 1024)

_Static_assert(NAME_NIBBLES_MAX / 2 < 1u << NAME_RECORD_KINDS, "a key's size fits");
_Static_assert(PARCEL_SIZE > 2 * NAME_RECORD_MAX, "a record fits");

static uint8_t *new_parcel(size_t size)
{
	return malloc(size);
}

static void use_parcel(name_binner_t *binner, size_t number, size_t size)
{
	binner->at = binner->parcels[number];
	binner->limit = binner->at + size - NAME_RECORD_MAX;
}

static void free_parcels(name_binner_t *binner)
{
	for (unsigned i = 0; i < COUNT_OF(binner->parcels); i++) {
		free(binner->parcels[i]);
		binner->parcels[i] = NULL;
	}
}

err_t name_binner_begin(name_binner_t *binner, name_bins_t *bins)
{
	*binner = (name_binner_t){ .bins = bins };
	binner->parcels[0] = new_parcel(PARCEL_SIZE);
	if (binner->parcels[0] == NULL)
		return ERR_NOMEM;
	use_parcel(binner, 0, PARCEL_SIZE);
	return ERR_OK;
}

/* Puts the records of at[0..size) into bins. */
static err_t put_records(name_bins_t *bins, const uint8_t *at, size_t size)
{
	const uint8_t *end = at + size;
	name_bins_entry_t entries[NAME_BINS_GROUP];
	err_t error = ERR_OK;

	while (at < end && error == ERR_OK) {
		unsigned count = 0;

		for (; at < end && count < NAME_BINS_GROUP; count++) {
			unsigned both = bits_load_16(at + 4);
			uint64_t state = (uint64_t)bits_load_32(at) << 2;

			entries[count].key = at + NAME_RECORD_HEAD;
			entries[count].size = both & ((1u << NAME_RECORD_KINDS) - 1);
			entries[count].top = bits_load_16(at + 6);
			entries[count].state = state | both >> NAME_RECORD_KINDS;
			at += NAME_RECORD_HEAD + (entries[count].size + 7) / 8 * 8 +
			      NAME_RECORD_ZEROS;
		}
		error = name_bins_add(bins, entries, count);
	}
	return error;
}

static void *run(void *context)
{
	name_binner_t *binner = context;

	pthread_mutex_lock(&binner->lock);
	for (;;) {
		while (binner->emptied == binner->filled && !binner->is_ended)
			pthread_cond_wait(&binner->changed, &binner->lock);
		if (binner->emptied == binner->filled)
			break;
		size_t number = binner->emptied % NAME_BINNER_PARCELS;
		err_t error = binner->error;
		pthread_mutex_unlock(&binner->lock);
		if (error == ERR_OK)
			error = put_records(binner->bins, binner->parcels[number],
					    binner->sizes[number]);
		pthread_mutex_lock(&binner->lock);
		binner->error = error;
		binner->emptied++;
		pthread_cond_signal(&binner->changed);
	}
	pthread_mutex_unlock(&binner->lock);
	return NULL;
}

err_t name_binner_start_thread(name_binner_t *binner)
{
	uint8_t *parcels[NAME_BINNER_PARCELS] = { NULL };
	bool has_all = true;
	err_t error = name_binner_pass(binner);

	if (error != ERR_OK)
		return error;
	for (unsigned i = 0; i < COUNT_OF(parcels); i++) {
		parcels[i] = new_parcel(PARCEL_SIZE_WITH_THREAD);
		has_all &= parcels[i] != NULL;
	}
	pthread_mutex_init(&binner->lock, NULL);
	pthread_cond_init(&binner->changed, NULL);
	binner->has_thread =
		has_all && thread_start(&binner->thread, "binner", 0, run, binner) == ERR_OK;
	if (!binner->has_thread) {
		pthread_cond_destroy(&binner->changed);
		pthread_mutex_destroy(&binner->lock);
		for (unsigned i = 0; i < COUNT_OF(parcels); i++)
			free(parcels[i]);
		return ERR_OK;
	}
	/* The thread looks at them when a parcel has been filled. */
	free_parcels(binner);
	memcpy(binner->parcels, parcels, sizeof(parcels));
	use_parcel(binner, 0, PARCEL_SIZE_WITH_THREAD);
	return ERR_OK;
}

/* Passes the parcel on to the thread; returns when there is another one. */
static err_t pass_to_thread(name_binner_t *binner)
{
	size_t number = binner->filled % NAME_BINNER_PARCELS;

	binner->sizes[number] = (size_t)(binner->at - binner->parcels[number]);
	pthread_mutex_lock(&binner->lock);
	size_t next = ++binner->filled % NAME_BINNER_PARCELS;
	pthread_cond_signal(&binner->changed);
	while (binner->filled - binner->emptied >= NAME_BINNER_PARCELS)
		pthread_cond_wait(&binner->changed, &binner->lock);
	err_t error = binner->error;
	pthread_mutex_unlock(&binner->lock);
	use_parcel(binner, next, PARCEL_SIZE_WITH_THREAD);
	return error;
}

err_t name_binner_pass(name_binner_t *binner)
{
	if (binner->has_thread)
		return pass_to_thread(binner);
	uint8_t *parcel = binner->parcels[0];
	size_t size = (size_t)(binner->at - parcel);
	binner->at = parcel;
	if (binner->error == ERR_OK)
		binner->error = put_records(binner->bins, parcel, size);
	return binner->error;
}

/* Waits until the thread has put away what was passed on, and ends it. */
static void end_thread(name_binner_t *binner)
{
	pthread_mutex_lock(&binner->lock);
	binner->is_ended = true;
	pthread_cond_signal(&binner->changed);
	pthread_mutex_unlock(&binner->lock);
	pthread_join(binner->thread, NULL);
	pthread_cond_destroy(&binner->changed);
	pthread_mutex_destroy(&binner->lock);
	binner->has_thread = false;
}

err_t name_binner_end(name_binner_t *binner)
{
	err_t error = name_binner_pass(binner);

	if (binner->has_thread)
		end_thread(binner);
	error = error == ERR_OK ? binner->error : error;
	name_binner_abandon(binner);
	return error;
}

void name_binner_abandon(name_binner_t *binner)
{
	if (binner->has_thread)
		end_thread(binner);
	free_parcels(binner);
	*binner = (name_binner_t){ .bins = NULL };
}
