/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Which place of a list answers a question. */

#include "dataset/cdblist.h"
#include "dataset/types.h"

/* Questions that are begun at once. */
#define BATCH 32

/* Bits of an entry's number for the length of its place; the kind is above. */
#define LENGTH_BITS 8
_Static_assert(CDBLIST_LENGTH_MAX < 1 << LENGTH_BITS, "a length fits");

static uint32_t entry_of(cdblist_place_t place)
{
	return (uint32_t)place.kind << LENGTH_BITS | place.length;
}

static cdblist_place_t place_of(uint32_t entry)
{
	return (cdblist_place_t){ (cdblist_place_kind_t)(entry >> LENGTH_BITS),
				  entry & ((1u << LENGTH_BITS) - 1) };
}

/* The longest place, of those of `kind` with at most `most`, that has anything. */
static cdblist_verdict_t look_down(cdblist_asking_t *asking, cdblist_place_kind_t kind, int most,
				   cdblist_place_t *place)
{
	const cdblist_shape_t *shape = asking->list->shape;
	cdblist_verdict_t verdict = CDBLIST_NOTHING;

	while (verdict == CDBLIST_NOTHING && (most = cdblist_shape_next(shape, kind, most)) >= 0) {
		*place = (cdblist_place_t){ kind, (unsigned)most-- };
		verdict = cdblist_look(asking, *place);
	}
	return verdict;
}

/* Is all of a block that has nothing of its own within it listed by a shorter prefix? */
static bool is_covered(cdblist_asking_t *asking, cdblist_place_kind_t kind, unsigned length)
{
	cdblist_place_t place;

	return look_down(asking, kind, (int)length - 1, &place) == CDBLIST_LISTED;
}

/* How many bits first..last, a prefix, have in common. */
static unsigned prefix_length(uint32_t first, uint32_t last)
{
	return first == last ? 32 : (unsigned)__builtin_clz(first ^ last);
}

static dataset_found_t find_ip4(cdblist_asking_t *asking, cdblist_place_t *place)
{
	const dataset_question_t *question = asking->question;
	const cdblist_shape_t *shape = asking->list->shape;

	if (question->has_ip4) {
		int most = cdblist_shape_ip4_longest(shape, question->ip4);
		if (look_down(asking, CDBLIST_PLACE_IP4, most, place) == CDBLIST_LISTED)
			return DATASET_ENTRY;
	}
	if (!question->has_ip4_range)
		return DATASET_NOTHING;
	asking->ip4 = question->ip4_first;
	unsigned length = prefix_length(question->ip4_first, question->ip4_last);
	if (length < 32 && cdblist_shape_has_ip4(shape, question->ip4_first, length))
		return DATASET_BELOW;
	return is_covered(asking, CDBLIST_PLACE_IP4, length + (length == 32)) ? DATASET_BELOW
									      : DATASET_NOTHING;
}

static dataset_found_t find_ip6(cdblist_asking_t *asking, cdblist_place_t *place)
{
	const dataset_question_t *question = asking->question;
	const cdblist_shape_t *shape = asking->list->shape;

	if (question->has_ip6) {
		int most = cdblist_shape_ip6_longest(shape, question->ip6);
		return look_down(asking, CDBLIST_PLACE_IP6, most, place) == CDBLIST_LISTED
			       ? DATASET_ENTRY
			       : DATASET_NOTHING;
	}
	if (question->has_ip6_range &&
	    (cdblist_shape_has_ip6(shape, question->ip6, question->ip6_length) ||
	     is_covered(asking, CDBLIST_PLACE_IP6, question->ip6_length)))
		return DATASET_BELOW;
	return DATASET_NOTHING;
}

static dataset_found_t find_name(cdblist_asking_t *asking, cdblist_place_t *place)
{
	const dataset_question_t *question = asking->question;
	const dns_query_t *query = question->query;
	unsigned depth = question->depth;
	cdblist_verdict_t verdict = CDBLIST_NOTHING;
	int wildcards = (int)depth - 1;

	if (depth == 0)
		return DATASET_NOTHING;
	cdblist_reach_t reach =
		cdblist_shape_reach(asking->list->shape, query->qname, query->labels, depth);
	*place = (cdblist_place_t){ CDBLIST_PLACE_PLAIN, depth };
	if (reach.names >= depth - 1)
		verdict = cdblist_look(asking, *place);
	if (verdict == CDBLIST_EXCLUDED || verdict == CDBLIST_HIDDEN)
		wildcards = (int)depth; /* what the names below it have */
	if (wildcards > (int)reach.wildcards)
		wildcards = (int)reach.wildcards;
	if (verdict == CDBLIST_LISTED)
		return DATASET_ENTRY;
	dataset_found_t found = verdict == CDBLIST_NOTHING ? DATASET_ENTRY : DATASET_BELOW;
	switch (look_down(asking, CDBLIST_PLACE_BELOW, wildcards, place)) {
	case CDBLIST_LISTED:
		return found;
	case CDBLIST_HIDDEN:
		return DATASET_BELOW; /* there may be names below that are not */
	case CDBLIST_NOTHING:
	case CDBLIST_EXCLUDED:
		break;
	}
	return verdict == CDBLIST_HIDDEN || reach.names >= depth ? DATASET_BELOW : DATASET_NOTHING;
}

/* Asks one family after the other, until one has an entry. */
static void find_one(const cdblist_t *list, const dataset_question_t *question,
		     dataset_match_t *match)
{
	static dataset_found_t (*const families[])(
		cdblist_asking_t *, cdblist_place_t *) = { find_ip6, find_ip4, find_name };
	cdblist_asking_t asking;
	cdblist_place_t place = { CDBLIST_PLACE_IP4, 0 };

	match->found = DATASET_NOTHING;
	cdblist_ask(&asking, list, question);
	for (unsigned i = 0; i < COUNT_OF(families) && match->found != DATASET_ENTRY; i++) {
		dataset_found_t found = families[i](&asking, &place);
		if (found > match->found)
			match->found = found;
	}
	match->entry = entry_of(place);
}

/* The place that is looked at first for most questions that something is found for; false: none. */
static bool guess_place(const cdblist_t *list, const dataset_question_t *question,
			cdblist_place_t *place)
{
	if (question->has_ip4 && !question->has_ip6) {
		*place = (cdblist_place_t){ CDBLIST_PLACE_IP4, 32 };
		return cdblist_shape_ip4_longest(list->shape, question->ip4) == 32;
	}
	*place = (cdblist_place_t){ CDBLIST_PLACE_PLAIN, question->depth };
	return !question->has_ip6 && question->depth > 0;
}

/* Finding a key waits for memory twice, for a slot and for its record, and what is waited for is anywhere in a large file. So
 * this is begun for all questions at once. */
static void prefetch(const cdblist_t *list, const dataset_question_t *const *questions,
		     size_t count)
{
	cdb_search_t searches[BATCH];
	cdblist_asking_t asking;
	cdblist_place_t place;

	for (size_t i = 0; i < count; i++) {
		searches[i].find.cdb_httodo = 0;
		if (!guess_place(list, questions[i], &place))
			continue;
		cdblist_ask(&asking, list, questions[i]);
		cdblist_prefetch(&asking, place, &searches[i]);
	}
	for (size_t i = 0; i < count; i++)
		cdb_search_prefetch_record(&searches[i]);
}

void cdblist_find(const void *data, const dataset_question_t *const *questions, size_t count,
		  dataset_match_t *matches)
{
	for (size_t first = 0, size; first < count; first += size) {
		size = count - first < BATCH ? count - first : BATCH;
		if (size > 1)
			prefetch(data, questions + first, size);
		for (size_t i = first; i < first + size; i++)
			find_one(data, questions[i], &matches[i]);
	}
}

static void write(const dataset_t *dataset, uint32_t entry, const dataset_question_t *question,
		  dns_type_t type, unsigned rotation ATTR_UNUSED, dns_reply_t *reply)
{
	cdblist_asking_t asking;

	cdblist_ask(&asking, dataset->data, question);
	cdblist_write(&asking, place_of(entry), dataset, type, reply);
}

/* Where the loader hands it a line that is no special, comment or default line: never. */
static err_t refuse_line(dataset_loader_t *loader, text_t line ATTR_UNUSED)
{
	return text_reject(&loader->why, "not a key");
}

const dataset_type_t dataset_cdb = {
	.name = "cdb",
	.rule = DATASET_RULE_ALL,
	.has_default_lines = true,
	.has_double_colon = true,
	.has_one_default = true,
	.key = DATASET_KEY_NAME,
	.has_ip4_keys = true,
	.has_ip6_keys = true,
	.open = cdblist_open,
	.add = refuse_line,
	.free = cdblist_free,
	.find = cdblist_find,
	.write = write,
	.walk = cdblist_walk,
	.is_walk_unordered = true,
	.compare = cdblist_compare,
};
