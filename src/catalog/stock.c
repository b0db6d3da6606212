/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/stock.h"

#include <stdlib.h>
#include <string.h>

#include "base/intern.h"

/* The sources of a stock by what their data are. */
typedef struct finder {
	const stock_t *stock;
	intern_t *keys;
	size_t *first; /* by number of a key: 1 + place of the first source with it; 0: none */
	size_t *next;  /* by place of a source: 1 + that of the next one with its key */
} finder_t;

static void finder_free(finder_t *finder)
{
	intern_free(finder->keys);
	free(finder->first);
	free(finder->next);
}

/* The number of the key of a data set. */
static err_t number_key(intern_t *keys, const zone_spec_t *spec, const plan_settings_t *settings,
			uint32_t *id)
{
	char *key = plan_data_key(spec, &settings->zone);
	err_t err = key != NULL ? intern_add(keys, key, strlen(key), id) : ERR_NOMEM;

	free(key);
	return err;
}

static err_t finder_make(finder_t *finder, const stock_t *stock)
{
	*finder = (finder_t){
		.stock = stock,
		.keys = intern_new(),
		.first = calloc(stock->count + 1, sizeof(*finder->first)),
		.next = calloc(stock->count + 1, sizeof(*finder->next)),
	};
	err_t err = ERR_NOMEM;

	if (finder->keys != NULL && finder->first != NULL && finder->next != NULL)
		err = ERR_OK;
	/* From the last one on, so that in the end the first one is the plan's. */
	for (size_t i = stock->count; i-- > 0 && err == ERR_OK;) {
		const source_t *source = stock->sources[i];
		uint32_t id = 0;
		err = number_key(finder->keys, &source->spec, &source->settings, &id);
		finder->next[i] = finder->first[id];
		finder->first[id] = i + 1;
	}
	if (err != ERR_OK)
		finder_free(finder);
	return err;
}

/* The source for the data set `plan` that nobody has claimed yet (is_used); one that may shrink as
 * much or, unless `must_shrink`, any other. NULL: none. */
static err_t find(const finder_t *finder, const plan_dataset_t *plan, bool must_shrink,
		  source_t **found)
{
	uint32_t id = 0;
	err_t err = number_key(finder->keys, &plan->spec, &plan->settings, &id);

	*found = NULL;
	if (err != ERR_OK || id > finder->stock->count)
		return err;
	for (size_t i = finder->first[id]; i > 0; i = finder->next[i - 1]) {
		source_t *source = finder->stock->sources[i - 1];
		bool is_same =
			source->settings.max_shrink_percent == plan->settings.max_shrink_percent;
		if (source->is_used || (must_shrink && !is_same))
			continue;
		*found = source;
		break;
	}
	return ERR_OK;
}

/* Claims what the plan shares with the stock before it. */
static err_t claim(stock_t *stock, const plan_t *plan, const finder_t *finder, bool must_shrink)
{
	err_t err = ERR_OK;

	for (size_t i = 0; i < plan->dataset_count && err == ERR_OK; i++) {
		if (stock->sources[i] != NULL)
			continue;
		err = find(finder, &plan->datasets[i], must_shrink, &stock->sources[i]);
		if (stock->sources[i] != NULL)
			stock->sources[i]->is_used = true;
	}
	return err;
}

static void mark(const stock_t *stock, bool is_used)
{
	for (size_t i = 0; i < stock->count; i++)
		stock->sources[i]->is_used = is_used;
}

void stock_allow(const stock_t *stock, const plan_t *plan)
{
	for (size_t i = 0; i < stock->planned; i++)
		source_allow(stock->sources[i], plan->datasets[i].settings.max_shrink_percent);
}

/* Fills the stock with what is shared, what is new, and what is left over. */
static err_t fill(stock_t *stock, const plan_t *plan, const stock_t *old, const finder_t *finder)
{
	mark(old, false);
	err_t err = claim(stock, plan, finder, true);
	if (err == ERR_OK)
		err = claim(stock, plan, finder, false);
	while (stock->count < plan->dataset_count && err == ERR_OK) {
		source_t **source = &stock->sources[stock->count];
		if (*source == NULL)
			err = source_new(&plan->datasets[stock->count], source);
		stock->count += err == ERR_OK;
	}
	if (err != ERR_OK)
		return err;
	stock->planned = stock->count;
	stock_allow(stock, plan);
	for (size_t i = 0; i < old->count; i++)
		if (!old->sources[i]->is_used)
			stock->sources[stock->count++] = old->sources[i];
	return ERR_OK;
}

err_t stock_make(stock_t *stock, const plan_t *plan, const stock_t *old)
{
	size_t room = plan->dataset_count + old->count + 1;
	finder_t finder;

	*stock = (stock_t){ .sources = calloc(room, sizeof(*stock->sources)) };
	if (stock->sources == NULL)
		return ERR_NOMEM;
	err_t err = finder_make(&finder, old);
	if (err == ERR_OK) {
		err = fill(stock, plan, old, &finder);
		finder_free(&finder);
	}
	if (err != ERR_OK)
		stock_drop(stock, old);
	return err;
}

size_t stock_count_shared(const stock_t *stock, const stock_t *other)
{
	size_t count = 0;

	mark(stock, false);
	for (size_t i = 0; i < other->planned; i++)
		other->sources[i]->is_used = true;
	for (size_t i = 0; i < stock->planned; i++)
		count += stock->sources[i]->is_used;
	return count;
}

void stock_mark_unused(const stock_t *stock)
{
	mark(stock, false);
}

size_t stock_cut(stock_t *stock)
{
	size_t count = stock->count;

	for (size_t i = stock->count; i-- > stock->planned;) {
		source_t *source = stock->sources[i];
		if (source->is_used)
			continue;
		stock->sources[i] = stock->sources[--stock->count];
		stock->sources[stock->count] = source;
	}
	return count - stock->count;
}

void stock_drop(stock_t *stock, const stock_t *kept)
{
	mark(stock, false);
	mark(kept, true);
	for (size_t i = 0; i < stock->count; i++)
		if (!stock->sources[i]->is_used)
			source_free(stock->sources[i]);
	free(stock->sources);
	*stock = (stock_t){ .sources = NULL };
}
