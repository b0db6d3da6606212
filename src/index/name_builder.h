/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_BUILDER_H
#define SPURN_INDEX_NAME_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "index/name_index.h"
#include "index/name_lines.h"
#include "index/value_sets.h"

/* Collects names with values, in any order, and turns them into a name_index. At a name and kind all
 * distinct values count together; an exclusion there takes all of them away. */
typedef struct name_builder name_builder_t;

/* The value of an exclusion. */
#define NAME_BUILDER_EXCLUDED 0u

/* What an entry is for; both are what zone files write as ".name". */
enum {
	NAME_FOR_PLAIN = 1 << NAME_PLAIN,
	NAME_FOR_WILDCARD = 1 << NAME_WILDCARD,
};

/* A new, empty builder, or NULL for want of memory. The caller frees it. One thread at a time. */
name_builder_t *name_builder_new(void);
/* NULL is fine. */
void name_builder_free(name_builder_t *builder);

/* Tells how many bytes of text all names come from, about, a line each; 0 if nobody knows. It is a guess: the
 * index is the same, but names are collected in less time if it is told before the first tens of thousands
 * are added, and right. */
void name_builder_expect(name_builder_t *builder, uint64_t bytes) ATTR_NONNULL_ALL;

/* Adds `name`, on the wire in lower case, with the root label but not the root itself, for the kinds
 * of `kinds` (NAME_FOR_*, one or both) with `value`, which is 1..NAME_INDEX_MAX or
 * NAME_BUILDER_EXCLUDED. Returns ERR_OK, or ERR_NOMEM: then this one or some before it have not been added,
 * as another thread may have been at them, and the builder is good for nothing any more but to be freed. */
err_t name_builder_add(name_builder_t *builder, const uint8_t *name, unsigned kinds,
		       uint32_t value) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Adds many: names[0..size) is one entry behind the other, of each its kinds (one byte) and then its
 * name, as name_builder_add has them (and name_scan of zonefile/name_scan.h writes them), all with
 * `value`. What is added this way and what is added singly may follow each other in any order. Returns as
 * name_builder_add. */
err_t name_builder_add_many(name_builder_t *builder, const uint8_t *names, size_t size,
			    uint32_t value) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Makes keys for name_builder_add_keys (index/name_coder.h): belongs to the builder, and may be used by one
 * other thread at a time, whatever the builder is at meanwhile, until name_builder_finish or
 * name_builder_free is called. It is always the same one. NULL as long as there is none: the code for keys
 * is made of the first names, some ten thousand; or for want of memory. */
struct name_coder *name_builder_coder(name_builder_t *builder) ATTR_NONNULL_ALL;

/* Adds the names of the records keys[0..size), made by that coder, with `value`; NAME_RECORD_MARGIN bytes
 * behind them can be read. Else as name_builder_add_many. */
err_t name_builder_add_keys(name_builder_t *builder, const uint8_t *keys, size_t size,
			    uint32_t value) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The same for `count` names, each with a value of its own: entries[i], as name_builder_add_many has one,
 * with values[i]. */
err_t name_builder_add_each(name_builder_t *builder, const uint8_t *const entries[],
			    const uint32_t values[], size_t count) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* And for keys: keys[i] is a record. */
err_t name_builder_add_each_key(name_builder_t *builder, const uint8_t *const keys[],
				const uint32_t values[],
				size_t count) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Builds the index. Where a name and kind has one value the index holds that value; where it has
 * several it holds `sets_base` + the id of their set in `sets`, into which the set is interned.
 * Values given to name_builder_add must be <= `sets_base`. Uses up the builder's entries: it is
 * empty afterwards, also after a failure. The caller frees `*index`.
 * Returns ERR_OK, ERR_NOMEM, or ERR_RANGE when the numbers or the block grow over their limit. */
err_t name_builder_finish(name_builder_t *builder, value_sets_t *sets, uint32_t sets_base,
			  name_index_t **index) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* What the lines were that the last index was made of. The caller empties `*lines`; the builder has
 * none then. */
void name_builder_take_lines(name_builder_t *builder, name_lines_t *lines) ATTR_NONNULL_ALL;

#endif
