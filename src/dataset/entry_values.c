/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/entry_values.h"

#include <stdlib.h>
#include <string.h>

#include "dataset/observer.h"
#include "dataset/recent_values.h"
#include "dataset/saved.h"

/* Lines whose values are looked up at once. Of most of them each wait for memory would be one's own. */
#define LINES_BATCH 64

/* Batches behind which what lines say is noted: there may be hundreds of small lists in one. */
#define BATCHES_BEFORE_RECENT 16

struct entry_values {
	value_table_t *table;
	value_sets_t *sets;               /* NULL: sealed */
	value_sets_block_t *own_packed;   /* NULL: there are none, or they are a file's */
	const value_sets_block_t *packed; /* of sealed ones; NULL: there are none */
	size_t packed_size;
	bool is_mapped;
	uint32_t fallback;       /* number of the default value, 0: not known yet */
	unsigned fallback_count; /* loader->fallback_count that `fallback` belongs to */
	unsigned batches;        /* of lines, up to BATCHES_BEFORE_RECENT */
	recent_values_t *recent; /* NULL: none yet, or no more, or for want of memory */
};

entry_values_t *entry_values_new(void)
{
	entry_values_t *values = calloc(1, sizeof(*values));

	if (values == NULL)
		return NULL;
	values->table = value_table_new();
	values->sets = intern_new();
	if (values->table == NULL || values->sets == NULL) {
		entry_values_free(values);
		return NULL;
	}
	return values;
}

void entry_values_free(entry_values_t *values)
{
	if (values == NULL)
		return;
	value_table_free(values->table);
	intern_free(values->sets);
	free(values->own_packed);
	free(values->recent);
	free(values);
}

static err_t add_fallback(entry_values_t *values, const dataset_loader_t *loader, uint32_t *number)
{
	if (values->fallback == 0 || values->fallback_count != loader->fallback_count) {
		err_t err = value_table_add(values->table, &loader->fallback, &values->fallback);
		if (err != ERR_OK)
			return err;
		values->fallback_count = loader->fallback_count;
	}
	*number = values->fallback;
	return ERR_OK;
}

/* May the lines end in parameters? Those of ACLs never do. */
static bool has_conditions(const dataset_loader_t *loader)
{
	return loader->specials.settings->entry_parameters &&
	       loader->type->role == DATASET_ROLE_DATA;
}

static void take_conditions(dataset_loader_t *loader, text_t *rest, zone_conditions_t *conditions)
{
	const char *why = conditions_split(rest, conditions);

	if (why != NULL)
		dataset_loader_report(loader, why, DATASET_LINE_COUNTS);
}

/* Adds what `rest`, which is not empty, says, or the default value with conditions. */
static err_t add_own(entry_values_t *values, dataset_loader_t *loader, text_t rest,
		     const zone_conditions_t *conditions, uint32_t *number)
{
	zone_value_t value = loader->fallback;

	if (!text_is_done(rest)) {
		err_t err = zone_value_parse(rest, &loader->fallback, &value, &loader->why);
		if (err != ERR_OK)
			return err;
	}
	value.conditions = *conditions;
	if (DATASET_WANTS(loader, value))
		loader->observer->value(loader->observer->context, loader, rest, &value);
	value.txt = dataset_loader_cut_text(loader, value.txt);
	return value_table_add(values->table, &value, number);
}

err_t entry_values_add(entry_values_t *values, dataset_loader_t *loader, text_t rest,
		       uint32_t *number)
{
	zone_conditions_t conditions = { .visible_from = 0 };

	text_skip_blanks(&rest);
	if (has_conditions(loader))
		take_conditions(loader, &rest, &conditions);
	if (text_is_done(rest) && conditions_are_none(&conditions))
		return add_fallback(values, loader, number);
	loader->at = rest.at;
	return add_own(values, loader, rest, &conditions, number);
}

/* Lines that are looked up at once. */
typedef struct batch {
	const text_t *rests;
	size_t count;
	uint32_t *numbers; /* 0: not known yet */
	/* Of those that say something that is not known word for word. */
	zone_value_t values[LINES_BATCH];
	uint32_t hashes[LINES_BATCH];
} batch_t;

/* Reads what the lines say, up to one that cannot be read, where the batch ends, and has fetched from memory what
 * is known of it. `recent` may be NULL. */
static err_t read_batch(const value_pool_t *pool, recent_values_t *recent, dataset_loader_t *loader,
			batch_t *batch)
{
	uint32_t *numbers = batch->numbers;
	size_t read = 0;

	for (size_t i = 0; i < batch->count; i++) {
		zone_value_t *value = &batch->values[read];
		text_t rest = batch->rests[i];

		numbers[i] = 0;
		if (text_is_done(rest))
			continue;
		if (recent != NULL && (numbers[i] = recent_values_find(recent, rest)) != 0)
			continue;
		err_t err = zone_value_parse(rest, &loader->fallback, value, &loader->why);
		if (err == ERR_SYNTAX) {
			batch->count = i;
			break;
		}
		if (err != ERR_OK)
			return err;
		batch->hashes[read] = value_pool_hash(value);
		value_pool_prefetch_slot(pool, batch->hashes[read++]);
	}
	for (size_t i = 0; i < read; i++)
		value_pool_prefetch_value(pool, batch->hashes[i]);
	for (size_t i = 0; i < read; i++)
		value_pool_prefetch_text(pool, batch->hashes[i]);
	return ERR_OK;
}

/* Gives them their numbers, in their order. */
static err_t number_batch(entry_values_t *values, recent_values_t *recent,
			  const dataset_loader_t *loader, const batch_t *batch)
{
	value_pool_t *pool = value_table_pool(values->table);
	size_t read = 0;
	err_t err = ERR_OK;

	for (size_t i = 0; i < batch->count && err == ERR_OK; i++) {
		uint32_t *number = &batch->numbers[i];

		if (*number != 0)
			continue;
		if (text_is_done(batch->rests[i])) {
			err = add_fallback(values, loader, number);
			continue;
		}
		err = value_pool_add(pool, batch->hashes[read], &batch->values[read], number);
		if (err == ERR_OK && recent != NULL)
			recent_values_put(recent, batch->rests[i], *number);
		read++;
	}
	return err;
}

/* What is noted of lines, if the next ones are to be looked up there; else NULL. */
static recent_values_t *find_recent(entry_values_t *values, const dataset_loader_t *loader)
{
	if (values->batches < BATCHES_BEFORE_RECENT) {
		if (++values->batches == BATCHES_BEFORE_RECENT)
			values->recent = recent_values_new();
		return NULL;
	}
	if (values->recent == NULL || !recent_values_begin(values->recent, loader->fallback_count))
		return NULL;
	return values->recent;
}

/* Adds lines one by one: if there may be parameters, be it in a comment, up to the first one that says anything. */
static err_t add_each(entry_values_t *values, dataset_loader_t *loader, const text_t *rests,
		      size_t count, uint32_t *numbers, size_t *known)
{
	bool is_simple = !has_conditions(loader);

	for (*known = 0; *known < count; ++*known) {
		text_t rest = rests[*known];
		err_t err;

		/* A comment may have parameters in it, as the line would have them by itself. */
		if (text_is_empty(rest) || (is_simple && text_is_done(rest)))
			err = add_fallback(values, loader, &numbers[*known]);
		else if (is_simple)
			err = entry_values_add(values, loader, rest, &numbers[*known]);
		else
			return ERR_OK;
		if (err == ERR_SYNTAX)
			return ERR_OK;
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

err_t entry_values_add_lines(entry_values_t *values, dataset_loader_t *loader, const text_t *rests,
			     size_t count, uint32_t *numbers, size_t *known)
{
	batch_t batch;

	if (loader->observer != NULL || has_conditions(loader))
		return add_each(values, loader, rests, count, numbers, known);
	*known = 0;
	do {
		size_t left = count - *known;
		size_t size = left < LINES_BATCH ? left : LINES_BATCH;

		recent_values_t *recent = find_recent(values, loader);

		batch.rests = rests + *known;
		batch.count = size;
		batch.numbers = numbers + *known;
		err_t err = read_batch(value_table_pool(values->table), recent, loader, &batch);
		if (err == ERR_OK)
			err = number_batch(values, recent, loader, &batch);
		if (err != ERR_OK)
			return err;
		*known += batch.count;
		if (batch.count < size)
			break;
	} while (*known < count);
	return ERR_OK;
}

uint32_t entry_values_count(const entry_values_t *values)
{
	return value_table_count(values->table);
}

value_sets_t *entry_values_sets(entry_values_t *values)
{
	return values->sets;
}

void entry_values_close(entry_values_t *values)
{
	value_pool_close(value_table_pool(values->table));
	free(values->recent);
	values->recent = NULL;
}

err_t entry_values_seal(entry_values_t *values, const dataset_loader_t *loader)
{
	err_t err = value_sets_pack(values->sets, &values->own_packed, &values->packed_size);
	if (err != ERR_OK)
		return err;
	intern_free(values->sets);
	values->sets = NULL;
	values->packed = values->own_packed;
	return value_table_seal(values->table, &loader->specials.variables);
}

err_t entry_values_save(const entry_values_t *values, const dataset_saver_t *saver)
{
	size_t size;
	const void *block = value_table_block(values->table, &size);

	err_t err = dataset_saver_add(saver, "values", block, size);
	if (err != ERR_OK)
		return err;
	return dataset_saver_add(saver, "sets", values->packed, values->packed_size);
}

err_t entry_values_map(dataset_mapper_t *mapper, entry_values_t **mapped)
{
	entry_values_t *values = calloc(1, sizeof(*values));
	size_t size;
	const char *why;

	if (values == NULL)
		return ERR_NOMEM;
	values->is_mapped = true;
	const void *block = dataset_mapper_block(mapper, "values", &size);
	err_t err = value_table_map(block, size, &values->table, &why);
	if (err == ERR_OK) {
		uint32_t count = value_table_count(values->table);
		values->packed = dataset_mapper_block(mapper, "sets", &values->packed_size);
		err = value_sets_check(values->packed, values->packed_size, count, &why);
		if (err == ERR_OK && value_sets_count(values->packed) > INT32_MAX - count) {
			why = "there are more values than there can be";
			err = ERR_INVAL;
		}
	}
	if (err != ERR_OK) {
		entry_values_free(values);
		return err == ERR_INVAL ? dataset_mapper_refuse(mapper, "values", why) : err;
	}
	*mapped = values;
	return ERR_OK;
}

uint32_t entry_values_last(const entry_values_t *values)
{
	return value_table_count(values->table) + value_sets_count(values->packed);
}

const value_table_t *entry_values_table(const entry_values_t *values)
{
	return values->table;
}

size_t entry_values_memory(const entry_values_t *values)
{
	return sizeof(*values) + value_table_memory(values->table) + values->packed_size;
}

size_t entry_values_mapped(const entry_values_t *values)
{
	size_t size = 0;

	if (values->is_mapped)
		(void)value_table_block(values->table, &size);
	return values->is_mapped ? size + values->packed_size : 0;
}

static void write_txt(const entry_values_t *values, uint32_t id, text_t subject, uint32_t ttl_s,
		      dns_reply_t *reply)
{
	const uint8_t *compiled = value_table_txt(values->table, id);
	uint8_t rdata[DNS_TXT_SIZE_MAX];

	if (compiled == NULL)
		return;
	size_t size = template_expand(compiled, subject.at, text_size(subject), rdata + 1);
	dns_reply_add(reply, DNS_TYPE_TXT, DNS_CLASS_IN, ttl_s, rdata, dns_txt_frame(rdata, size));
}

const uint32_t *entry_values_list(const entry_values_t *values, const uint32_t *number,
				  size_t *count)
{
	uint32_t value_count = value_table_count(values->table);

	*count = 1;
	if (*number <= value_count)
		return number;
	return value_sets_get(values->packed, *number - value_count, count);
}

static bool is_seen(const entry_values_t *values, uint32_t id, const dataset_asker_t *asker)
{
	const zone_conditions_t *conditions = value_table_conditions(values->table, id);

	return conditions == NULL || conditions_are_met(conditions, asker->now, asker->has_key);
}

/* Does the asker see any of the values that `number` stands for? */
static bool is_any_seen(const entry_values_t *values, uint32_t number, const dataset_asker_t *asker)
{
	size_t count;
	const uint32_t *ids = entry_values_list(values, &number, &count);

	for (size_t i = 0; i < count; i++)
		if (is_seen(values, ids[i], asker))
			return true;
	return false;
}

void entry_values_hide(const entry_values_t *values, const dataset_question_t *const *questions,
		       size_t count, dataset_match_t *matches, dataset_found_t instead)
{
	if (value_table_conditions(values->table, 1) == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		if (matches[i].found == DATASET_ENTRY &&
		    !is_any_seen(values, matches[i].entry, questions[i]->asker))
			matches[i].found = instead;
}

void entry_values_write(const entry_values_t *values, uint32_t number, const dataset_asker_t *asker,
			text_t subject, dns_type_t type, uint32_t ttl_s, dns_reply_t *reply)
{
	size_t count;
	const uint32_t *ids = entry_values_list(values, &number, &count);

	if (type != DNS_TYPE_A && type != DNS_TYPE_TXT)
		return;
	for (size_t i = 0; i < count && !reply->out.overrun; i++) {
		if (!is_seen(values, ids[i], asker))
			continue;
		if (type == DNS_TYPE_A)
			dns_reply_add(reply, DNS_TYPE_A, DNS_CLASS_IN, ttl_s,
				      value_table_a(values->table, ids[i]), 4);
		else
			write_txt(values, ids[i], subject, ttl_s, reply);
	}
}

static bool value_has_subject(const entry_values_t *values, uint32_t id)
{
	const uint8_t *compiled = value_table_txt(values->table, id);

	return compiled != NULL && template_has_subject(compiled);
}

bool entry_values_has_subject(const entry_values_t *values, uint32_t number)
{
	size_t count;
	const uint32_t *ids = entry_values_list(values, &number, &count);

	for (size_t i = 0; i < count; i++)
		if (value_has_subject(values, ids[i]))
			return true;
	return false;
}

int entry_values_compare(const entry_values_t *a, uint32_t a_number, const entry_values_t *b,
			 uint32_t b_number)
{
	return value_table_compare(a->table, a_number, b->table, b_number);
}
