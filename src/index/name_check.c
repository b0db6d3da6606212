/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_index.h"

#include "index/name_encoder.h"
#include "index/name_reader.h"

/* Proves that bytes from anywhere are what the encoder makes of some names: reads these names
 * without believing anything, encodes them once more, and compares. There is one way only to write a
 * list of names with given codes, so all that lookups rely on then holds. */

static bool fail(const char **why, const char *reason)
{
	*why = reason;
	return false;
}

/* All that name_reader.h asks for. */
static bool check_header(const name_index_t *index, size_t size, const char **why)
{
	if (size < sizeof(*index) + NAME_PADDING)
		return fail(why, "too short for an index");
	if (index->format != NAME_FORMAT)
		return fail(why, "another format or byte order");
	if (index->size != size)
		return fail(why, "size in the header is not the size of the block");
	if (!name_code_is_sound(index->codes))
		return fail(why, "codes are not in order");
	if (index->buckets_end < sizeof(*index) || index->buckets_end > size - NAME_PADDING)
		return fail(why, "buckets lie outside");
	if (index->pairs % sizeof(uint32_t) != 0 || index->pairs > size - NAME_PADDING ||
	    index->pair_count > (size - NAME_PADDING - index->pairs) / sizeof(name_pair_t))
		return fail(why, "pairs lie outside");
	return true;
}

static err_t encode_again(const name_index_t *index, name_encoder_t *encoder, name_index_t **again,
			  const char **why)
{
	name_reader_t reader;

	name_reader_begin(&reader, index);
	while (name_reader_next(&reader)) {
		const name_entries_t *entries = &reader.entries;
		bool is_exclusion = (entries->has_plain && entries->plain == NAME_INDEX_NONE) ||
				    (entries->has_wildcard && entries->wildcard == NAME_INDEX_NONE);
		uint32_t cover = name_encoder_cover(encoder, &reader.key);

		if (is_exclusion && cover == NAME_INDEX_NONE) {
			*why = "exclusion that hides nothing";
			return ERR_INVAL;
		}
		err_t error = name_encoder_put(encoder, &reader.key, entries);
		if (error != ERR_OK)
			return error;
	}
	if (reader.why != NULL) {
		*why = reader.why;
		return ERR_INVAL;
	}
	return name_encoder_finish(encoder, again);
}

err_t name_index_check(const void *block, size_t size, const char **why)
{
	const name_index_t *index = block;
	name_index_t *again = NULL;

	if (!check_header(index, size, why))
		return ERR_INVAL;
	name_encoder_t *encoder = name_encoder_new(index->codes);
	if (encoder == NULL)
		return ERR_NOMEM;
	err_t error = encode_again(index, encoder, &again, why);
	if (error == ERR_OK && (again->size != size || memcmp(again, index, size) != 0)) {
		*why = "not as its names are written";
		error = ERR_INVAL;
	}
	name_encoder_free(encoder);
	name_index_free(again);
	return error;
}
