/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* aclkey: keys, each with what becomes of queries that carry it: the label next to the zone's name,
 * as in 2.0.0.127.KEY.bl.example. Entries and values are those of acl, a key standing in the place of
 * the address; a key given again counts once, the last time. What is said of queries without a known
 * key is what the last file would say of an entry at its end that says nothing: each file begins
 * with `ignore`, and the last default line in it counts.
 *
 * "$QUOTA rate" says how many queries each key behind it in its file may have: the quota of
 * --key-quota again, where it is "default".
 *
 * A sorted array: keys are the operator's customers, so they are few, and a stranger who guesses at
 * them cannot make a search longer. */

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/secret_hash.h"
#include "dataset/acl_values.h"
#include "dataset/types.h"
#include "dns/name.h"

typedef struct key {
	uint8_t label[1 + DNS_LABEL_MAX]; /* length byte and text, in lower case; the rest is 0 */
	uint32_t number;                  /* of acl_values */
	uint32_t order;                   /* of reading */
	acl_quota_t quota;
} acl_key_t;

typedef struct aclkey_data {
	acl_key_t *keys; /* by label */
	size_t count;
	uint32_t fallback; /* number for queries without a known key */
	entry_values_t *values;
} aclkey_data_t;

typedef struct aclkey_state {
	acl_key_t *keys;
	size_t count;
	size_t capacity;
	acl_values_t values;
	acl_quota_t quota; /* of the keys to come */
} aclkey_state_t;

static err_t begin(dataset_loader_t *loader)
{
	aclkey_state_t *state = calloc(1, sizeof(*state));

	loader->state = state;
	return state != NULL ? acl_values_begin(&state->values) : ERR_NOMEM;
}

static void begin_file(dataset_loader_t *loader)
{
	aclkey_state_t *state = loader->state;

	acl_values_begin_file(&state->values);
	state->quota = (acl_quota_t){ .is_own = false };
}

static void free_data(void *freed)
{
	aclkey_data_t *data = freed;

	free(data->keys);
	entry_values_free(data->values);
	free(data);
}

static void abandon(dataset_loader_t *loader)
{
	aclkey_state_t *state = loader->state;

	if (state == NULL)
		return;
	free(state->keys);
	entry_values_free(state->values.values);
	free(state);
	loader->state = NULL;
}

/* Takes the key off the front of `line`: up to a blank or where a value is glued to it. */
static err_t take_key(text_t *line, acl_key_t *key, const char **why)
{
	text_t word = { line->at, line->at };

	while (word.end != line->end && !text_is_blank(*word.end) && *word.end != ':' &&
	       *word.end != '=')
		word.end++;
	size_t size = text_size(word);
	if (size == 0 || size > DNS_LABEL_MAX)
		return text_reject(why, "a key has 1 to 63 bytes, as it is a label of a name");
	if (memchr(word.at, '.', size) != NULL)
		return text_reject(why, "a key is one label of a name, so it has no dots");
	key->label[0] = (uint8_t)size;
	for (size_t i = 0; i < size; i++)
		key->label[1 + i] = dns_lower((uint8_t)word.at[i]);
	line->at = word.end;
	return ERR_OK;
}

/* Takes what stands behind $QUOTA. */
static err_t take_quota(dataset_loader_t *loader, text_t rest)
{
	aclkey_state_t *state = loader->state;
	acl_quota_t quota = { .is_own = true };
	text_t word = text_take_word(&rest);
	const char *why = "something follows the rate";

	if (text_is_done(rest) &&
	    (text_is_word(word, "default") ||
	     rate_parse(word.at, text_size(word), &quota.rate, &why) == ERR_OK)) {
		quota.is_own = !text_is_word(word, "default");
		state->quota = quota;
		return ERR_OK;
	}
	dataset_loader_report(loader, why, DATASET_LINE_SKIPPED);
	loader->specials.broken |= SPECIALS_BROKEN_QUOTA;
	return ERR_OK;
}

static err_t take(dataset_loader_t *loader, text_t line)
{
	text_t special = line;

	if (specials_is_line(&special)) {
		text_t keyword = text_take_word(&special);
		if (text_is_word(keyword, "QUOTA"))
			return take_quota(loader, special);
	}
	return acl_values_take(loader, line);
}

static err_t add(dataset_loader_t *loader, text_t line)
{
	aclkey_state_t *state = loader->state;
	acl_key_t key = { .order = (uint32_t)state->count, .quota = state->quota };

	loader->at = line.at;
	if (acl_values_is_default(line))
		return acl_values_set_default(&state->values, loader, line);
	err_t err = take_key(&line, &key, &loader->why);
	if (err == ERR_OK)
		err = acl_values_add(&state->values, loader, line, &key.number);
	if (err == ERR_OK)
		err = array_reserve((void **)&state->keys, &state->capacity, state->count + 1,
				    sizeof(*state->keys));
	if (err == ERR_OK)
		state->keys[state->count++] = key;
	return err;
}

static int compare_labels(const void *a, const void *b)
{
	const acl_key_t *x = a;
	const acl_key_t *y = b;

	return memcmp(x->label, y->label, sizeof(x->label));
}

static int compare_keys(const void *a, const void *b)
{
	const acl_key_t *x = a;
	const acl_key_t *y = b;
	int order = compare_labels(a, b);

	return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

/* Sorts the keys; of the same ones the last stays. Returns how many are left. */
static size_t sort_keys(acl_key_t *keys, size_t count)
{
	size_t kept = 0;

	if (count > 1)
		qsort(keys, count, sizeof(*keys), compare_keys);
	for (size_t i = 0; i < count; i++)
		if (i + 1 == count || compare_labels(&keys[i], &keys[i + 1]) != 0)
			keys[kept++] = keys[i];
	return kept;
}

/* Tells each key's quota whose it is. */
static void name_quotas(aclkey_data_t *data, const char *spec)
{
	uint8_t name[sizeof(uint64_t) + sizeof(data->keys->label)];
	uint64_t files = secret_hash(spec, strlen(spec));

	memcpy(name, &files, sizeof(files));
	for (size_t i = 0; i < data->count; i++) {
		acl_key_t *key = &data->keys[i];

		memcpy(name + sizeof(files), key->label, sizeof(key->label));
		key->quota.hash = secret_hash(name, sizeof(name));
		key->quota.label = key->label;
	}
}

static err_t finish(dataset_loader_t *loader, void **finished, size_t *memory)
{
	aclkey_state_t *state = loader->state;
	uint32_t fallback;

	err_t err = acl_values_add(&state->values, loader, (text_t){ NULL, NULL }, &fallback);
	if (err == ERR_OK)
		err = entry_values_seal(state->values.values, loader);
	if (err != ERR_OK)
		return err;
	aclkey_data_t *data = calloc(1, sizeof(*data));
	if (data == NULL)
		return ERR_NOMEM;
	data->count = sort_keys(state->keys, state->count);
	data->keys = state->keys;
	name_quotas(data, loader->spec);
	data->fallback = fallback;
	data->values = state->values.values;
	*memory = sizeof(*data) + state->capacity * sizeof(*data->keys) +
		  entry_values_memory(data->values);
	*finished = data;
	state->keys = NULL;
	state->values.values = NULL;
	return ERR_OK;
}

acl_verdict_t aclkey_lookup(const dataset_t *aclkey, const uint8_t *label,
			    const acl_quota_t **quota)
{
	const aclkey_data_t *data = aclkey->data;
	acl_key_t wanted = { .number = 0 };

	memcpy(wanted.label, label, 1u + *label);
	const acl_key_t *key = data->count == 0 ? NULL
						: bsearch(&wanted, data->keys, data->count,
							  sizeof(*data->keys), compare_labels);
	*quota = key != NULL ? &key->quota : NULL;
	return acl_values_verdict(aclkey, data->values, key != NULL ? key->number : data->fallback);
}

static bool has_same_quota(const acl_quota_t *a, const acl_quota_t *b)
{
	return a->is_own == b->is_own &&
	       (!a->is_own || memcmp(&a->rate, &b->rate, sizeof(a->rate)) == 0);
}

static err_t compare(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	const aclkey_data_t *a = old->data;
	const aclkey_data_t *b = next->data;
	entry_changes_t entries = { acl_values_side(a->values), acl_values_side(b->values), changes,
				    ERR_OK };

	for (size_t i = 0, j = 0; i < a->count || j < b->count;) {
		const acl_key_t *x = i < a->count ? &a->keys[i] : NULL;
		const acl_key_t *y = j < b->count ? &b->keys[j] : NULL;
		int order = x == NULL ? 1 : y == NULL ? -1 : compare_labels(x, y);

		i += order <= 0;
		j += order >= 0;
		if (order == 0 && !has_same_quota(&x->quota, &y->quota))
			changes->changed++;
		else
			entry_changes_visit(&entries, order <= 0 ? &x->number : NULL,
					    order >= 0 ? &y->number : NULL, 1);
	}
	return entries.err;
}

const dataset_type_t dataset_aclkey = {
	.name = "aclkey",
	.role = DATASET_ROLE_ACLKEY,
	.begin = begin,
	.begin_file = begin_file,
	.take = take,
	.add = add,
	.finish = finish,
	.abandon = abandon,
	.free = free_data,
	.compare = compare,
};
