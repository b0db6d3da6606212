/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_NAME_PROBE_H
#define SPURN_INDEX_NAME_PROBE_H

#include "index/name_layout.h"

/* A name on its way through a name_index. Private to name_index.c, which finds its bucket, and
 * name_probe.c, which answers it from there. */
typedef struct name_probe {
	const name_question_t *question;
	uint64_t slice; /* the first 64 bits of the key */
	uint32_t head;  /* of the root's level that has been reached */
	/* The first bit in which what is behind the bucket, which is above it, differs from the key;
	 * 0: there is nothing. */
	uint32_t next_bit;
	const uint8_t *bucket;
	/* The ref of the bucket before, for a name that turns out to be there. NULL: it cannot. */
	const uint32_t *before;
	name_key_t key;
	uint16_t ends[NAME_LABELS_MAX + 1]; /* bits of the key of the topmost labels, so many */
} name_probe_t;

/* Looks for the name in its bucket, and fills in `*match`. False if it is before the bucket's first
 * name, and there is a bucket before: then nothing is filled in, and the probe only lacks that as its
 * bucket. */
bool name_probe_answer(const name_index_t *index, name_probe_t *probe,
		       name_match_t *match) ATTR_NONNULL_ALL;

#endif
