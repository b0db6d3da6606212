/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/ask.h"

#include "dataset/acl.h"

/* What a client finds for whom everything is listed: whatever can be a key, and what such names can
 * be below of. */
static dataset_found_t find_always(const dataset_type_t *type, const dataset_question_t *question)
{
	bool is_key = type->has_ip6_keys && question->has_ip6;
	bool is_below = type->has_ip6_keys && question->has_ip6_range;

	switch (type->key) {
	case DATASET_KEY_IP4:
		is_key |= question->has_ip4;
		is_below |= question->has_ip4_range;
		break;
	case DATASET_KEY_IP6:
		is_key = question->has_ip6;
		is_below = question->has_ip6_range;
		break;
	case DATASET_KEY_NAME:
		is_key = question->depth > 0;
		break;
	case DATASET_KEY_NONE:
		break;
	}
	if (is_key)
		return DATASET_ENTRY;
	return is_below ? DATASET_BELOW : DATASET_NOTHING;
}

/* What dataset_find is asked. */
typedef struct finding {
	const dataset_t *dataset;
	const dataset_question_t *const *questions;
	size_t count;
	dataset_match_t *matches;
} finding_t;

static void find_guarded(void *context)
{
	const finding_t *finding = context;
	const dataset_t *dataset = finding->dataset;

	dataset->type->find(dataset->data, finding->questions, finding->count, finding->matches);
}

/* Asks a data set that is mapped; false if that cannot be done. */
static bool find_mapped(const dataset_t *dataset, const dataset_question_t *const *questions,
			size_t count, dataset_match_t *matches)
{
	finding_t finding = { dataset, questions, count, matches };

	if (dataset_guard_check(dataset->guard) &&
	    dataset_guard_run(dataset->guard, find_guarded, &finding))
		return true;
	for (size_t i = 0; i < count; i++)
		matches[i].found = DATASET_BROKEN;
	return false;
}

void dataset_find(const dataset_t *dataset, const dataset_question_t *const *questions,
		  size_t count, dataset_match_t *matches)
{
	dataset_key_t key = dataset->type->key;

	if (LIKELY(dataset->guard == NULL))
		dataset->type->find(dataset->data, questions, count, matches);
	else if (!find_mapped(dataset, questions, count, matches))
		return;
	for (size_t i = 0; i < count; i++) {
		dataset_override_t override = questions[i]->asker->override;
		if (override == DATASET_AS_IT_IS || key == DATASET_KEY_NONE)
			continue;
		matches[i].found = override == DATASET_ALWAYS_LISTED
					   ? find_always(dataset->type, questions[i])
					   : DATASET_NOTHING;
	}
}

/* What dataset_write is asked. */
typedef struct writing {
	const dataset_t *dataset;
	uint32_t entry;
	const dataset_question_t *question;
	dns_type_t type;
	unsigned rotation;
	dns_reply_t *reply;
} writing_t;

static void write_guarded(void *context)
{
	const writing_t *writing = context;
	const dataset_t *dataset = writing->dataset;

	dataset->type->write(dataset, writing->entry, writing->question, writing->type,
			     writing->rotation, writing->reply);
}

void dataset_write(const dataset_t *dataset, uint32_t entry, const dataset_question_t *question,
		   dns_type_t type, unsigned rotation, dns_reply_t *reply)
{
	if (question->asker->override == DATASET_ALWAYS_LISTED &&
	    dataset->type->key != DATASET_KEY_NONE)
		acl_write(question->asker, type, reply);
	else if (LIKELY(dataset->guard == NULL))
		dataset->type->write(dataset, entry, question, type, rotation, reply);
	else
		/* That it failed is seen by dataset_is_sound. */
		(void)!dataset_guard_run(
			dataset->guard, write_guarded,
			&(writing_t){ dataset, entry, question, type, rotation, reply });
}
