/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_ENCODER_H
#define SPURN_INDEX_NAME_ENCODER_H

#include "index/name_layout.h"
#include "index/name_sorter.h"

/* Makes a name_index of names in order. Private to the name_*.c files of this directory. */
typedef struct name_encoder name_encoder_t;

/* A new encoder, NULL for want of memory. `codes` must be sound. NULL is fine to free. */
name_encoder_t *name_encoder_new(const name_code_t codes[NAME_SYMBOLS]);
void name_encoder_free(name_encoder_t *encoder);

/* The wildcard entry that covers the name of `key`, which must come behind all names so far: its number,
 * or NAME_INDEX_NONE when there is none or it is an exclusion. Of keys bit_count is not looked at; they
 * have zeros behind. */
uint32_t name_encoder_cover(name_encoder_t *encoder, const name_key_t *key) ATTR_NONNULL_ALL;

/* Adds a name: its key, which must come behind all so far, and its entries, at least one. Returns
 * ERR_OK, ERR_NOMEM, or ERR_RANGE when the block grows over its limit. */
err_t name_encoder_put(name_encoder_t *encoder, const name_key_t *key,
		       const name_entries_t *entries) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* A key whose first `byte` bytes are those of the last one that was put, but not the 64 bits that follow. */
typedef struct name_tail {
	uint32_t byte;
	uint32_t
		size; /* of `rest`, which ends with a byte that is not zero; 0: nothing but zeros */
	uint64_t head;       /* the 64 bits, not 0 */
	const uint8_t *rest; /* what is behind those; unless size is 0 */
} name_tail_t;

/* The same, only faster, for such a key, and for entries with one number for all of `kinds` (NAME_FOR_*). */
err_t name_encoder_put_tail(name_encoder_t *encoder, const name_tail_t *tail, unsigned kinds,
			    uint32_t number) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The same for records of a batch from number `first` on, all of one value and kinds, and much faster. The
 * last name that was put must be of that batch, too. Returns how many were put: none if anything is not as
 * with nearly all names, or if the next one is to begin a bucket; that one is to be put by itself. The last
 * of a batch is never put, nor are exclusions, and those of several records. */
size_t name_encoder_put_run(name_encoder_t *encoder, const name_batch_t *batch,
			    size_t first) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Ends the index. Returns as name_encoder_put. The caller frees `*index`. */
err_t name_encoder_finish(name_encoder_t *encoder,
			  name_index_t **index) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
