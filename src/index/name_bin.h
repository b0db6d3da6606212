/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_BIN_H
#define SPURN_INDEX_NAME_BIN_H

#include <string.h>

#include "index/name_code.h"
#include "index/name_ranges.h"

/* A bin: records of keys that share their first nibbles, one behind the other, as they came. A record has
 * only that part of its key that its bin does not say:
 *     size of the rest, and a bit: does the state follow? | size, if it is large | state | rest
 * Those of large bins lie in a range (index/name_ranges.h), others in memory of their own. Private to the
 * name_*.c files of this directory. */

/* A record of a bin, taken apart. Points into the bin. */
typedef struct name_bin_record {
	const uint8_t *at; /* where the record is */
	uint64_t state;    /* value << 2 | kinds */
	uint32_t size;     /* of `rest` */
	const uint8_t
		*rest; /* bytes of the key from the bin's first byte on; the last is not zero */
} name_bin_record_t;

/* All zero, but for the depth, is an empty one. */
typedef struct name_bin {
	uint8_t *at;      /* where the next record goes */
	uint8_t *room;    /* up to where one of usual size fits */
	uint64_t state;   /* of the last record */
	uint32_t count;   /* of records */
	uint32_t depth;   /* nibbles that all of its keys share; NAME_BIN_BURST: it is no more */
	uint8_t *records; /* the first one; NULL: no memory yet */
	uint32_t size;    /* bytes there: NAME_RANGE_SIZE of a range, any other of its own memory */
} name_bin_t;
#define NAME_BIN_BURST UINT32_MAX

/* Bytes that a bin begins with, and the most of its own memory that it has: so that bins that stay small,
 * which deep trees have many of, and lists of few names take little. Behind that it has a range. */
#define NAME_BIN_SMALL_MIN 256u
#define NAME_BIN_SMALL_MAX 4096u

/* Rests up to this many bytes are copied as if they had so many. */
#define NAME_BIN_USUAL_SIZE 16u

#define NAME_BIN_HAS_STATE  0x80u
#define NAME_BIN_LARGE_SIZE 0x7fu

/* The first byte of a bin's records. */
static inline uint32_t name_bin_byte(const name_bin_t *bin)
{
	return bin->depth / 2;
}

/* Is the memory of a bin a range? */
static inline bool name_bin_is_range(const name_bin_t *bin)
{
	return bin->size == NAME_RANGE_SIZE;
}

/* ---- Writing. ---- */

/* Does a record with `size` bytes of a key fit? */
static inline bool name_bin_fits(const name_bin_t *bin, uint32_t size)
{
	return bin->at < bin->room && bin->room - bin->at >= size;
}

/* Puts a record there that fits. */
void name_bin_put(name_bin_t *bin, const uint8_t *rest, uint32_t size,
		  uint64_t state) ATTR_NONNULL_ALL;

/* Puts a record there as most are; false where it is another one, or does not fit. NAME_BIN_USUAL_SIZE bytes
 * can be read from its rest on. */
static inline bool name_bin_put_usual(name_bin_t *bin, const uint8_t *rest, uint32_t size,
				      uint64_t state)
{
	uint8_t *at = bin->at;

	if (UNLIKELY(at >= bin->room || size > NAME_BIN_USUAL_SIZE || state != bin->state))
		return false;
	*at = (uint8_t)size;
	memcpy(at + 1, rest, NAME_BIN_USUAL_SIZE);
	bin->at = at + 1 + size;
	bin->count++;
	return true;
}

/* Moves a bin's records to more memory, so that one with `size` bytes of a key fits. Returns ERR_OK or
 * ERR_NOMEM (nothing has changed). */
err_t name_bin_grow(name_bin_t *bin, uint32_t size,
		    name_ranges_t *ranges) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Puts any record there, in more memory if need be; what can be read as for name_bin_put_usual. Returns
 * ERR_OK or ERR_NOMEM. */
static inline err_t name_bin_append(name_bin_t *bin, const uint8_t *rest, uint32_t size,
				    uint64_t state, name_ranges_t *ranges)
{
	if (LIKELY(name_bin_put_usual(bin, rest, size, state)))
		return ERR_OK;
	err_t error = name_bin_fits(bin, size) ? ERR_OK : name_bin_grow(bin, size, ranges);
	if (error == ERR_OK)
		name_bin_put(bin, rest, size, state);
	return error;
}

/* Gives a bin without records `size` bytes of memory: those of a range, or its own, of malloc. */
void name_bin_place(name_bin_t *bin, uint8_t *records, uint32_t size) ATTR_NONNULL_ALL;

/* The bin is full of records of one name, with up to 8 bytes of its key: keeps one for each state, and
 * makes room for one with `size` bytes if these are many. Returns ERR_OK or ERR_NOMEM. */
err_t name_bin_drop_doubles(name_bin_t *bin, uint32_t size,
			    name_ranges_t *ranges) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Gives a bin's memory back. */
void name_bin_free(name_bin_t *bin, name_ranges_t *ranges) ATTR_NONNULL_ALL;

/* ---- Reading. ---- */

typedef struct name_bin_cursor {
	const uint8_t *at;
	const uint8_t *end;
	uint64_t state;
} name_bin_cursor_t;

static inline name_bin_cursor_t name_bin_begin(const name_bin_t *bin)
{
	return (name_bin_cursor_t){ .at = bin->records, .end = bin->at };
}

/* Takes the record at `at` apart and returns where it ends. `state` is that of the record before it. */
static inline const uint8_t *name_bin_open(const uint8_t *at, uint64_t state,
					   name_bin_record_t *record)
{
	unsigned head = *at;

	record->at = at++;
	record->size = head & ~NAME_BIN_HAS_STATE;
	record->state = state;
	if (UNLIKELY(record->size == NAME_BIN_LARGE_SIZE)) {
		record->size = bits_load_16(at);
		at += 2;
	}
	if (UNLIKELY((head & NAME_BIN_HAS_STATE) != 0)) {
		record->state = 0;
		for (unsigned shift = 0;; shift += 7) {
			record->state |= (uint64_t)(*at & 127) << shift;
			if (*at++ < 128)
				break;
		}
	}
	record->rest = at;
	return at + record->size;
}

/* Takes the next record; false when there is none. */
static inline bool name_bin_next(name_bin_cursor_t *cursor, name_bin_record_t *record)
{
	if (UNLIKELY(cursor->at == cursor->end))
		return false;
	cursor->at = name_bin_open(cursor->at, cursor->state, record);
	cursor->state = record->state;
	return true;
}

/* The first 64 bits of a record's rest. Reads up to 8 bytes from there on, which are in the bin's memory (see
 * name_bin.c). */
static inline uint64_t name_bin_head(const name_bin_record_t *record)
{
	uint64_t bits = bits_load_big_64(record->rest);

	if (LIKELY(record->size - 1 < 8))
		return bits & ~(uint64_t)0 << (64 - 8 * record->size);
	return record->size == 0 ? 0 : bits;
}

#endif
