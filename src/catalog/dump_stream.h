/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_DUMP_STREAM_H
#define SPURN_CATALOG_DUMP_STREAM_H

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/dump.h"
#include "catalog/dump_question.h"
#include "catalog/dump_spool.h"
#include "catalog/generation.h"

/* The names that the data sets of a zone tell of, as one walk. */

/* A node from which on a data set has something for all names below; see dataset_node_t. */
typedef struct dump_cover {
	uint8_t size;        /* of its key */
	uint8_t below_depth; /* counted from the zone's apex; 0: any */
	bool has_subject;
} dump_cover_t;

/* One data set, or part of one, or the zones inside of this one. */
typedef struct dump_stream {
	const dataset_t *outer; /* the zone's data set; NULL: the zones inside */
	dataset_part_t part;    /* the data set itself, or a part of it */
	unsigned part_labels;   /* of part.key */
	bool has_siblings;      /* there are other parts, maybe for names below this one's */

	dump_cover_t covers[DNS_LABELS_MAX + 1]; /* above the current node, from the top down */
	unsigned cover_count;
	dump_question_t asked; /* for whoever asks it */

	struct dump_streams *all;
	dump_spool_t spool;
	dataset_node_t next; /* the first one that has not been taken from the spool */
	bool has_next;
} dump_stream_t;

/* All streams of a zone. */
typedef struct dump_streams {
	const generation_t *generation;
	const zone_t *zone;
	dump_stream_t *streams;
	size_t count;
	/* Called for every node of every stream: those of one name one behind the other, then those
	 * of the names below it. */
	err_t (*visit)(void *context, dump_stream_t *stream, const dataset_node_t *node);
	void *context;
} dump_streams_t;

/* Makes the streams of a zone, with `visit` and `context` left for the caller to set. Returns ERR_OK
 * or ERR_NOMEM; `*streams` is to be closed in any case. */
err_t dump_streams_open(dump_streams_t *streams, const generation_t *generation,
			const zone_t *zone) ATTR_NONNULL_ALL ATTR_NODISCARD;
void dump_streams_close(dump_streams_t *streams) ATTR_NONNULL_ALL;

/* Visits all nodes. A single data set is walked as it is, several are spooled and merged. Returns
 * ERR_OK, ERR_NOMEM, or the visitor's error. */
err_t dump_streams_walk(dump_streams_t *streams,
			const dump_options_t *options) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Takes note of a node that is a cover, below those noted before. */
void dump_stream_add_cover(dump_stream_t *stream, const dataset_node_t *node) ATTR_NONNULL_ALL;

/* Forgets the covers below the first `size` bytes of the current node's key. */
void dump_streams_drop_covers(dump_streams_t *streams, size_t size) ATTR_NONNULL_ALL;

/* The cover of the names below key[0..size), which is the current node or one above it; NULL when
 * there is none. */
const dump_cover_t *dump_stream_find_cover(const dump_stream_t *stream, const uint8_t *key,
					   size_t size) ATTR_NONNULL_ALL;

#endif
