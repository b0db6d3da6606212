/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_CODER_H
#define SPURN_INDEX_NAME_CODER_H

#include "index/name_bins.h"

/* Makes keys of many names. Private to the name_*.c files of this directory. */

/* Top labels that are known. */
#define NAME_CODER_TOPS 1024u

/* A top label and its key. */
typedef struct name_coder_top {
	uint64_t label;  /* its bytes, length included; 0: none */
	uint64_t bits;   /* the first one is the highest */
	uint32_t count;  /* of the bits */
	uint32_t number; /* for hints, see index/name_bins.h; 0: it has none */
} name_coder_top_t;

/* Large: to be allocated. */
typedef struct name_coder {
	name_code_t codes[NAME_SYMBOLS];
	/* The codes of two bytes, by these as bits_load_16 has them: its bits from the highest on | length; 0
	 * where they are too long. */
	uint32_t pairs[65536];
	name_coder_top_t tops[NAME_CODER_TOPS];
	/* For name_bins_use_hints. */
	uint8_t top_bits[NAME_HINT_TOPS];
	uint32_t top_count;
} name_coder_t;

/* Bytes that name_coder_short may write at most, zeros behind the key included. */
#define NAME_CODER_SHORT_MAX 112u

/* Bytes of zeros behind a key at least. */
#define NAME_CODER_ZEROS 16u

/* What there is to know of a key. */
typedef struct name_short_key {
	const uint8_t *end; /* of the name, behind its root label */
	uint32_t size;      /* bytes up to the last that is not zero */
	uint32_t top;       /* number of its top label */
} name_short_key_t;

/* Makes a coder ready for `codes`; if not `has_short`, which takes a tenth of a millisecond more, then
 * name_coder_short must not be called. */
void name_coder_make(name_coder_t *coder, const name_code_t codes[NAME_SYMBOLS],
		     bool has_short) ATTR_NONNULL_ALL;

/* Writes the key of a name on the wire to `bits`, if that is a usual one: not too long, of few labels, in
 * frequent bytes. Returns false where name_coder_any has to do it. One thread at a time. */
bool name_coder_short(name_coder_t *coder, const uint8_t *name, uint8_t bits[NAME_CODER_SHORT_MAX],
		      name_short_key_t *key) ATTR_NONNULL_ALL;

/* The key of any name on the wire, without bit_count. */
void name_coder_any(const name_coder_t *coder, const uint8_t *name,
		    name_key_t *key) ATTR_NONNULL_ALL;

#endif
