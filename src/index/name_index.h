/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_INDEX_H
#define SPURN_INDEX_NAME_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

/* An immutable map from domain names to small numbers, in one position-independent block. A name
 * can have a plain entry, for itself, and a wildcard entry, for all names below it. Any thread may
 * look up in a finished index.
 *
 * Names are on the wire (length-prefixed labels), in lower case, and relative: the labels below a
 * zone's apex. Every byte may occur in a label. */
typedef struct name_index name_index_t;

/* What a name maps to when no entry matches, or when the one that does is an exclusion. */
#define NAME_INDEX_NONE 0u
/* Largest number that an index can hold. */
#define NAME_INDEX_MAX 0x7fffffffu

/* Names looked up at once at most. */
#define NAME_INDEX_BATCH 64

typedef enum name_kind {
	NAME_PLAIN,    /* the name itself */
	NAME_WILDCARD, /* the names below it, one label more or several */
} name_kind_t;

/* The name to look up: the labels that begin at name[labels[0]] .. name[labels[depth - 1]], the
 * topmost last, as dns_query_t has them. Depth 0 is the apex, which is never listed. */
typedef struct name_question {
	const uint8_t *name;
	const uint8_t *labels;
	unsigned depth; /* at most 127; the labels have at most 254 bytes, lengths included */
} name_question_t;

typedef struct name_match {
	uint32_t number; /* NAME_INDEX_NONE: not listed */
	/* For a listed name: the entry that matched. Its name is the last `depth` labels of the
	 * question's. */
	name_kind_t kind;
	uint8_t depth;
	/* For a name that is not listed: is there a listed one below it? Then it is an empty
	 * non-terminal (RFC 8020). Exact: names that exclusions hide do not count. */
	bool has_below;
} name_match_t;

/* Looks one name up. The plain entry of the name itself decides alone; without one the wildcard
 * entry of the longest name that it is below. */
void name_index_lookup(const name_index_t *index, const name_question_t *question,
		       name_match_t *match) ATTR_NONNULL_ALL;

/* Looks `count` (at most NAME_INDEX_BATCH) names up, in their order; overlaps the cache misses of
 * different names, so it is several times faster than single calls in a large index. */
void name_index_lookup_batch(const name_index_t *index, const name_question_t *questions,
			     size_t count, name_match_t *matches) ATTR_NONNULL_ALL;

/* How many names have entries. */
uint64_t name_index_count(const name_index_t *index) ATTR_NONNULL_ALL;

/* Size of the block in bytes. */
size_t name_index_size(const name_index_t *index) ATTR_NONNULL_ALL;

/* Calls `visit` for each entry in canonical order (RFC 4034 section 6.1), a name's plain entry
 * before its wildcard entry. `name` is on the wire, with the root label, and valid during the call;
 * `number` is NAME_INDEX_NONE for an exclusion. Exclusions that hide nothing are not in an index.
 */
typedef void (*name_index_visit_t)(void *context, const uint8_t *name, name_kind_t kind,
				   uint32_t number);
void name_index_walk(const name_index_t *index, name_index_visit_t visit, void *context)
	ATTR_NONNULL(1, 2);

/* Is `block`[0..size), aligned to 8 bytes, a whole and sound index? Believes nothing and reads
 * nothing outside, so the bytes may come from a file; what passes can be cast to a name_index_t and
 * used, and has no number above `max_number` (at most NAME_INDEX_MAX). Reads all of it, in two
 * threads where that pays. Returns ERR_OK, ERR_INVAL, or ERR_CHANGED when pages of a mapped file have gone
 * meanwhile (base/fault_guard.h), with the reason in `*why`, a static text.
 *
 * Whether names are in order and where the directory has them is not looked at: a lookup may miss one
 * that is there then, and a walk ends before it. Who needs to know reads all names. */
err_t name_index_check(const void *block, size_t size, uint32_t max_number,
		       const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Frees an index that name_builder_finish made. NULL is fine. */
void name_index_free(name_index_t *index);

#endif
