/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_NAME_REBUILD_H
#define SPURN_TESTS_NAME_REBUILD_H

#include "index/name_encoder.h"
#include "index/name_reader.h"
#include "test.h"

/* The whole truth about a name_index that has passed its check: reads its names, encodes them once more,
 * and compares. There is one way only to write a list of names with given codes, so all of the
 * invariant in index/name_layout.h then holds. Takes as much memory again, and a second for five million
 * names. Returns whether it is so. */
static inline bool name_index_is_as_encoded(const name_index_t *index)
{
	name_encoder_t *encoder = name_encoder_new(index->codes);
	name_index_t *again = NULL;
	name_reader_t reader;
	bool is_same = true;

	MUST(encoder != NULL, "no memory");
	name_reader_begin(&reader, index);
	while (is_same && name_reader_next(&reader)) {
		const name_entries_t *entries = &reader.entries;
		bool is_exclusion = (entries->has_plain && entries->plain == NAME_INDEX_NONE) ||
				    (entries->has_wildcard && entries->wildcard == NAME_INDEX_NONE);
		uint32_t cover = name_encoder_cover(encoder, &reader.key);

		/* An exclusion that hides nothing is none of an index. */
		is_same = !is_exclusion || cover != NAME_INDEX_NONE;
		MUST(name_encoder_put(encoder, &reader.key, entries) == ERR_OK, "no memory");
	}
	is_same = is_same && reader.why == NULL;
	MUST(name_encoder_finish(encoder, &again) == ERR_OK, "no memory");
	is_same = is_same && again->size == index->size && memcmp(again, index, index->size) == 0;
	name_encoder_free(encoder);
	name_index_free(again);
	return is_same;
}

#endif
