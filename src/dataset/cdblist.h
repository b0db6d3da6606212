/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_CDBLIST_H
#define SPURN_DATASET_CDBLIST_H

#include "cdb/cdb_search.h"
#include "dataset/cdblist_shape.h"
#include "dataset/dataset.h"

/* The type cdb: lists that are looked up in a cdb as it is, made by the cdb tool or any other, and lists of djb's rbldns.
 *
 * A key is what a line of a zone file begins with, a value the rest of the line: cdblist_key.h, zonefile/value.h. They
 * are read anew for each query, so that nothing of the list is in memory but what it looks like
 * (cdblist_shape.h) and pages that the system has of the file and may drop. What is wrong with records is told when the
 * file is opened, in one pass through it; at queries they are skipped.
 *
 * Each prefix length and each label of a name that occurs is a key to look for, from the longest to the shortest; the first
 * that is there decides. Families are asked one after the other: IPv6, IPv4, names. */
typedef struct cdblist {
	cdb_file_t *file;
	cdblist_shape_t *shape;
	bool is_djb;           /* keys are those of rbldns, and all have the value `fallback` */
	bool has_parameters;   /* values may end in conditions */
	zone_value_t fallback; /* of entries that say nothing else; its text is `text` */
	char *text;            /* owned */
	uint8_t *compiled;     /* of this text, owned; NULL: no TXT */
	bool has_empty_text;   /* TXT is there, and empty: only of rbldns */
} cdblist_t;

/* Values of one key that are looked at: more than fit into any reply. */
#define CDBLIST_VALUES_MAX 4096

/* What there is at one place. */
typedef enum cdblist_verdict {
	CDBLIST_NOTHING,
	CDBLIST_LISTED,
	CDBLIST_EXCLUDED,
	CDBLIST_HIDDEN, /* by conditions, for this asker */
} cdblist_verdict_t;

/* A place that a question leads to; plain data. Makes up the entry of a dataset_match_t. */
typedef struct cdblist_place {
	cdblist_place_kind_t kind;
	unsigned length; /* of a prefix, in bits; of a name, in labels */
} cdblist_place_t;

/* A question while keys are made of it. The name as text is written when it is needed. */
typedef struct cdblist_asking {
	const cdblist_t *list;
	const dataset_question_t *question;
	uint32_t ip4; /* the address, or the first of those, that IPv4 places are of */
	bool has_text;
	char text[NAME_TEXT_SIZE];
	size_t text_size;
	uint16_t starts[DNS_LABELS_MAX]; /* of each label in it */
} cdblist_asking_t;

/* Begins to ask. */
static inline void cdblist_ask(cdblist_asking_t *asking, const cdblist_t *list,
			       const dataset_question_t *question)
{
	asking->list = list;
	asking->question = question;
	asking->ip4 = question->ip4;
	asking->has_text = false;
}

/* Has a place's first key come closer that lists it, in two steps: after the first one, `*search` is for the second,
 * cdb_search_prefetch_record. */
void cdblist_prefetch(cdblist_asking_t *asking, cdblist_place_t place,
		      cdb_search_t *search) ATTR_NONNULL_ALL;

/* What is at a place: an exclusion, or values, those that cannot be read not counted. */
cdblist_verdict_t cdblist_look(cdblist_asking_t *asking, cdblist_place_t place) ATTR_NONNULL_ALL;

/* Adds the records of `type` that the place has to the reply's RRset. */
void cdblist_write(cdblist_asking_t *asking, cdblist_place_t place, const dataset_t *dataset,
		   dns_type_t type, dns_reply_t *reply) ATTR_NONNULL_ALL;

/* Reads a value. Returns ERR_OK, maybe with a reason in `*why` (static text) that a condition has no effect, and if there
 * is none, `*why` is unchanged, or NULL; or ERR_SYNTAX with the reason. Its text may be longer than DNS_TEXT_MAX. */
err_t cdblist_value(const cdblist_t *list, text_t text, zone_value_t *value,
		    const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Is a record with this key one of an entry? Else it is $SOA or the like, the default value, a comment, or one that
 * the cdb tool has blotted out. */
bool cdblist_is_entry(const cdblist_t *list, text_t key) ATTR_NONNULL_ALL;

/* Gives back the pages of the file that are in our memory; the system still has them. */
void cdblist_let_go(const cdblist_t *list) ATTR_NONNULL_ALL;

/* dataset_type_t's functions of the same names. */
err_t cdblist_open(dataset_loader_t *loader, dataset_t *dataset,
		   const char *const *files) ATTR_NONNULL_ALL;
void cdblist_free(void *data);
void cdblist_find(const void *data, const dataset_question_t *const *questions, size_t count,
		  dataset_match_t *matches) ATTR_NONNULL_ALL;
err_t cdblist_walk(const dataset_t *dataset, const dataset_visitor_t *visitor) ATTR_NONNULL_ALL;
err_t cdblist_compare(const dataset_t *old, const dataset_t *next,
		      dataset_changes_t *changes) ATTR_NONNULL_ALL;

#endif
