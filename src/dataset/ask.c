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

void dataset_find(const dataset_t *dataset, const dataset_question_t *const *questions,
		  size_t count, dataset_match_t *matches)
{
	dataset_key_t key = dataset->type->key;

	dataset->type->find(dataset->data, questions, count, matches);
	for (size_t i = 0; i < count; i++) {
		dataset_override_t override = questions[i]->asker->override;
		if (override == DATASET_AS_IT_IS || key == DATASET_KEY_NONE)
			continue;
		matches[i].found = override == DATASET_ALWAYS_LISTED
					   ? find_always(dataset->type, questions[i])
					   : DATASET_NOTHING;
	}
}

void dataset_write(const dataset_t *dataset, uint32_t entry, const dataset_question_t *question,
		   dns_type_t type, unsigned rotation, dns_reply_t *reply)
{
	if (question->asker->override == DATASET_ALWAYS_LISTED &&
	    dataset->type->key != DATASET_KEY_NONE)
		acl_write(question->asker, type, reply);
	else
		dataset->type->write(dataset, entry, question, type, rotation, reply);
}
