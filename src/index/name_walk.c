/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_index.h"

#include "index/name_reader.h"

void name_index_walk(const name_index_t *index, name_index_visit_t visit, void *context)
{
	uint8_t name[NAME_SYMBOLS_MAX + 1];
	name_reader_t reader;

	name_reader_begin(&reader, index);
	while (name_reader_next(&reader)) {
		uint8_t *to = name + reader.path.size;

		*to = 0;
		for (const uint8_t *label = reader.path.path; to > name; label += *label + 1) {
			to -= *label + 1;
			memcpy(to, label, *label + 1u);
		}
		if (reader.entries.has_plain)
			visit(context, name, NAME_PLAIN, reader.entries.plain);
		if (reader.entries.has_wildcard)
			visit(context, name, NAME_WILDCARD, reader.entries.wildcard);
	}
}
