/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_ENCODER_H
#define SPURN_INDEX_NAME_ENCODER_H

#include "index/name_layout.h"

/* Makes a name_index of names in order. Private to the name_*.c files of this directory. */
typedef struct name_encoder name_encoder_t;

/* A new encoder, NULL for want of memory. `codes` must be sound. NULL is fine to free. */
name_encoder_t *name_encoder_new(const name_code_t codes[NAME_SYMBOLS]);
void name_encoder_free(name_encoder_t *encoder);

/* The wildcard entry that covers `path`, which must come behind all paths so far: its number, or
 * NAME_INDEX_NONE when there is none or it is an exclusion. */
uint32_t name_encoder_cover(name_encoder_t *encoder, const uint8_t *path,
			    size_t size) ATTR_NONNULL_ALL;

/* Adds a name: its path, which must come behind all so far, and its entries, at least one. Returns
 * ERR_OK, ERR_NOMEM, or ERR_RANGE when the block grows over its limit. */
err_t name_encoder_put(name_encoder_t *encoder, const uint8_t *path, size_t size,
		       const name_entries_t *entries) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Ends the index. Returns as name_encoder_put. The caller frees `*index`. */
err_t name_encoder_finish(name_encoder_t *encoder,
			  name_index_t **index) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
