/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_CODER_H
#define SPURN_INDEX_NAME_CODER_H

#include "index/name_code.h"

/* Makes keys of many names. For the name_*.c files of this directory, and those that read names from
 * text: so one thread can make keys, while another one, which has the builder, puts them away
 * (name_builder_coder).
 *
 * A key is written as a record:
 *     3 bytes   bits of its top label, or 0 | kinds << 8 | bytes of the key << 10, the lowest byte first
 *     key       up to its last byte that is not zero
 * and the next record follows at once. */
#define NAME_RECORD_HEAD  3u
#define NAME_RECORD_KINDS 8u
#define NAME_RECORD_SIZE  10u

/* Bytes that may be written where a record is to be. */
#define NAME_RECORD_ROOM (NAME_RECORD_HEAD + NAME_NIBBLES_MAX / 2 + 32)

/* Bytes behind the last record that who reads records may read, and never uses. */
#define NAME_RECORD_MARGIN 16u

/* Bytes of text of the names that name_coder_put_text takes. */
#define NAME_CODER_TEXT_MAX 63u

/* Names that name_coder_put_texts takes, and bytes behind each of them that it may read and does not use. */
#define NAME_CODER_TEXTS        64u
#define NAME_CODER_TEXTS_MARGIN 16u

/* A name as text, for many at once. */
typedef struct name_coder_text {
	const uint8_t *at; /* lent */
	uint64_t dots;     /* 1 << place of each; bits from `size` on are not looked at */
	uint32_t size;     /* bytes */
	uint32_t kinds;
} name_coder_text_t;

/* What many names at once are coded by (name_coder_x86.c). */
#define NAME_QUICK_SYMBOLS 16u
#define NAME_QUICK_BYTES   64u
#define NAME_QUICK_TOPS    256u

typedef struct name_quick_codes {
	/* By what a byte of text has become a number of. */
	uint8_t high[NAME_QUICK_BYTES]; /* the first 8 bits of a code */
	uint8_t low[NAME_QUICK_BYTES];  /* the 8 behind them */
	uint8_t lengths[NAME_QUICK_BYTES];
	/* Which byte of a text stands where in a key. */
	uint8_t orders[(NAME_QUICK_SYMBOLS + 1) * NAME_QUICK_SYMBOLS][NAME_QUICK_SYMBOLS];
} name_quick_codes_t;

/* A top label of up to 8 bytes. */
typedef struct name_quick_top {
	uint64_t label; /* its bytes, the first one the lowest; 0: none */
	uint64_t bits;  /* with the label's end; the first one is the highest */
	uint64_t count;
} name_quick_top_t;

/* What codes are looked up in. Once made it does not change, so any number of coders may have it. Large:
 * to be allocated. */
typedef struct name_code_table {
	name_code_t codes[NAME_SYMBOLS];
	/* The codes of a byte, and of two, by these as bits_load_16 has them, in any case: the bits from the
	 * highest on | length; of pairs 0 where they are too long. */
	uint32_t singles[256];
	uint32_t pairs[65536];
	name_quick_codes_t quick;
} name_code_table_t;

/* Top labels that a coder knows. */
#define NAME_CODER_TOPS 1024u

/* A top label and its key. */
typedef struct name_coder_top {
	uint64_t last;  /* bytes of the label, 8 at most, or all of them */
	uint64_t first; /* 8 bytes; 0 if it has no more than 8 */
	uint64_t bits;  /* the first one is the highest */
	uint32_t size;  /* bytes of the label; 0: none */
	uint32_t count; /* of the bits */
} name_coder_top_t;

/* Large: to be allocated. One thread at a time. */
typedef struct name_coder {
	const name_code_table_t *table; /* lent */
	name_coder_top_t tops[NAME_CODER_TOPS];
	name_quick_top_t quick_tops[NAME_QUICK_TOPS];
} name_coder_t;

/* Makes a table for `codes`; if not `is_whole`, which takes a tenth of a millisecond more, then only for
 * name_coder_put_any. */
void name_code_table_make(name_code_table_t *table, const name_code_t codes[NAME_SYMBOLS],
			  bool is_whole) ATTR_NONNULL_ALL;

/* A coder for `table`, which is lent; NULL for want of memory. The caller frees it, by free(). */
name_coder_t *name_coder_new(const name_code_table_t *table) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Writes the record of a name to `*out`, where there is NAME_RECORD_ROOM, and moves that on. The name is
 * text[0..size), size <= NAME_CODER_TEXT_MAX, in any case, its labels, of which none is empty, apart by one
 * byte each, for which `dots` has the bits 1 << place; bits from `size` on are not looked at. Returns false
 * where name_coder_put_any has to do it: for names that are short, or have one label only, or a very long
 * top label, or rare bytes. */
bool name_coder_put_text(name_coder_t *coder, const uint8_t *text, unsigned size, uint64_t dots,
			 unsigned kinds, uint8_t **out) ATTR_NONNULL_ALL;

/* The same for any name, on the wire and in lower case. */
void name_coder_put_any(name_coder_t *coder, const uint8_t *name, unsigned kinds,
			uint8_t **out) ATTR_NONNULL_ALL;

/* The same: as name_coder_put_text if that can do it. Returns the end of the name, behind its root label. */
const uint8_t *name_coder_put(name_coder_t *coder, const uint8_t *name, unsigned kinds,
			      uint8_t **out) ATTR_NONNULL_ALL;

/* Writes the records of `count` names, NAME_CODER_TEXTS at most, in their order and without gaps, as long
 * as `*out`, which it moves on, is not above `limit`, where there is NAME_RECORD_ROOM; returns how many.
 * They have up to NAME_CODER_TEXT_MAX bytes, in any case and of any number of labels, none of which is
 * empty: printable ASCII with dots between labels and nowhere else. NAME_CODER_TEXTS_MARGIN bytes behind
 * each can be read. */
size_t name_coder_put_texts(name_coder_t *coder, const name_coder_text_t *texts, size_t count,
			    uint8_t **out, const uint8_t *limit) ATTR_NONNULL_ALL;

/* A record taken apart. */
typedef struct name_key_record {
	const uint8_t *key;
	uint32_t size; /* bytes */
	uint32_t top;  /* bits of the top label; 0: not told */
	uint32_t kinds;
} name_key_record_t;

/* Takes the record at `at` apart; returns where the next one is. */
static inline const uint8_t *name_key_record_open(const uint8_t *at, name_key_record_t *record)
{
	uint32_t head = (uint32_t)bits_load_16(at) | (uint32_t)at[2] << 16;

	record->key = at + NAME_RECORD_HEAD;
	record->top = head & 0xff;
	record->kinds = head >> NAME_RECORD_KINDS & 3;
	record->size = head >> NAME_RECORD_SIZE;
	return record->key + record->size;
}

#endif
