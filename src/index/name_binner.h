/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_BINNER_H
#define SPURN_INDEX_NAME_BINNER_H

#include <pthread.h>

#include "index/name_bins.h"

/* Puts names into bins whose keys are made one by one: in groups, or in a thread of its own, so that names
 * are coded on one CPU while others are put into bins on another. What comes of it is the same. Private to
 * the name_*.c files of this directory.
 *
 * A record on its way is
 *     value (4 bytes) | size of the key, and kinds << NAME_RECORD_KINDS (2) | number of the top label (2) |
 *     key | zeros
 * and starts at a multiple of 8 bytes. */
#define NAME_RECORD_HEAD  8u
#define NAME_RECORD_KINDS 14u
#define NAME_RECORD_ZEROS 8u
/* Bytes that may be written where a record is to be. */
#define NAME_RECORD_MAX (NAME_RECORD_HEAD + NAME_NIBBLES_MAX / 2 + 32)

/* Parcels that there are with a thread: one is filled, one emptied, one waits. */
#define NAME_BINNER_PARCELS 3u

/* Its members are the caller's but for what is said to be not. All zero is an ended one. */
typedef struct name_binner {
	uint8_t *at;    /* where the next record goes: NAME_RECORD_MAX bytes of room, if it is */
	uint8_t *limit; /* not above this */
	name_bins_t *bins;
	uint8_t *parcels[NAME_BINNER_PARCELS]; /* without a thread, the first one only */
	size_t sizes[NAME_BINNER_PARCELS];     /* bytes of their records */
	bool has_thread;
	pthread_t thread;
	/* What both threads use, under `lock`. Parcel n is at n % NAME_BINNER_PARCELS. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t filled;  /* parcels that have been passed on */
	size_t emptied; /* of those */
	bool is_ended;
	err_t error; /* the first one */
} name_binner_t;

/* Begins to put names into `bins`, which is left alone until the end, without a thread. Returns ERR_OK or
 * ERR_NOMEM (there is nothing to end). */
err_t name_binner_begin(name_binner_t *binner, name_bins_t *bins) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Goes on with a thread, if one can be had. */
err_t name_binner_start_thread(name_binner_t *binner) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Passes the records so far on, so that there is room. Returns ERR_OK; or ERR_NOMEM, when some of them, or
 * of those before, could not be put into bins. */
err_t name_binner_pass(name_binner_t *binner) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* All records are in their bins when this returns; the binner is ended, also if it fails. Returns as
 * name_binner_pass. */
err_t name_binner_end(name_binner_t *binner) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Ends it whatever becomes of the records. One that has ended is fine. */
void name_binner_abandon(name_binner_t *binner) ATTR_NONNULL_ALL;

/* Finishes the record at binner->at, whose key is there, behind NAME_RECORD_HEAD bytes, with
 * NAME_RECORD_ZEROS zeros up to the multiple of 8 bytes that follows it and these. */
static inline void name_binner_put(name_binner_t *binner, uint32_t value, unsigned kinds,
				   uint32_t size, uint32_t top)
{
	uint8_t *at = binner->at;

	bits_store_32(at, value);
	bits_store_16(at + 4, (uint16_t)(size | kinds << NAME_RECORD_KINDS));
	bits_store_16(at + 6, (uint16_t)top);
	binner->at = at + NAME_RECORD_HEAD + (size + 7) / 8 * 8 + NAME_RECORD_ZEROS;
}

#endif
