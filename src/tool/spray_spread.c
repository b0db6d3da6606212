/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_spread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static int compare_down(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left;
	uint64_t b = *(const uint64_t *)right;

	return a < b ? 1 : a > b ? -1 : 0;
}

bool spray_spread_is_off(const spray_spread_t *spread, uint64_t answered)
{
	double off = fabs((double)answered - spread->mean);
	double chance = sqrt(spread->mean * (1 - 1 / (double)spread->servers));

	return off > SPRAY_EVEN_SHARE * spread->mean && off > SPRAY_EVEN_DEVIATIONS * chance;
}

double spray_spread_deviation(const spray_spread_t *spread, uint64_t answered)
{
	return spread->mean > 0 ? (double)answered / spread->mean - 1 : 0;
}

/* How few of counts[0..count), the largest first, have SPRAY_PINNED_SHARE of the sum. */
static size_t find_few(const uint64_t *counts, size_t count, uint64_t sum)
{
	uint64_t part = 0;

	for (size_t i = 0; i < count; i++) {
		part += counts[i];
		if ((double)part >= SPRAY_PINNED_SHARE * (double)sum)
			return i + 1;
	}
	return count;
}

/* counts[0..spread->servers), the largest first. */
static void judge(spray_spread_t *spread, const uint64_t *counts)
{
	spread->max = counts[0];
	spread->min = counts[spread->servers - 1];
	spread->mean = (double)spread->answers / (double)spread->servers;
	spread->max_to_mean = (double)spread->max / spread->mean;
	spread->pinned_to = find_few(counts, spread->servers, spread->answers);
	if ((spread->servers == 1 && !spread->is_told) || spread->pinned_to * 2 <= spread->servers)
		spread->verdict = SPRAY_PINNED;
	else if (spray_spread_is_off(spread, spread->max) ||
		 spray_spread_is_off(spread, spread->min))
		spread->verdict = SPRAY_UNEVEN;
	else
		spread->verdict = SPRAY_EVEN;
}

err_t spray_spread_find(const spray_result_t *result, spray_spread_t *spread)
{
	size_t told = result->setup.servers;
	size_t room = result->server_count > told ? result->server_count : told;
	uint64_t *counts = calloc(room + 1, sizeof(*counts));

	if (counts == NULL)
		return ERR_NOMEM;
	memset(spread, 0, sizeof(*spread));
	for (size_t i = 0; i < result->server_count; i++) {
		const spray_server_t *server = &result->servers[i];

		if (server->has_nsid) {
			counts[spread->seen++] = server->answered;
			spread->answers += server->answered;
		} else {
			spread->unnamed += server->answered;
		}
	}
	spread->servers = spread->seen > told ? spread->seen : told;
	spread->is_told = told > 0;
	qsort(counts, spread->servers, sizeof(*counts), compare_down);
	if (spread->answers > 0)
		judge(spread, counts);
	free(counts);
	return ERR_OK;
}

const char *spray_verdict_name(spray_verdict_t verdict)
{
	static const char *const names[] = {
		[SPRAY_UNKNOWN] = "unknown",
		[SPRAY_EVEN] = "even",
		[SPRAY_UNEVEN] = "uneven",
		[SPRAY_PINNED] = "pinned",
	};

	return names[verdict];
}

static int compare_names(const void *left, const void *right)
{
	const spray_server_t *a = *(const spray_server_t *const *)left;
	const spray_server_t *b = *(const spray_server_t *const *)right;

	if (a->has_nsid != b->has_nsid)
		return a->has_nsid ? -1 : 1;
	return strverscmp(a->text, b->text);
}

static int compare_answers(const void *left, const void *right)
{
	const spray_server_t *a = *(const spray_server_t *const *)left;
	const spray_server_t *b = *(const spray_server_t *const *)right;

	if (a->answered != b->answered)
		return a->answered < b->answered ? 1 : -1;
	return compare_names(left, right);
}

err_t spray_rows_make(const spray_result_t *result, size_t limit, spray_rows_t *rows)
{
	*rows = (spray_rows_t){ .count = result->server_count };
	rows->servers = calloc(rows->count + 1, sizeof(*rows->servers));
	if (rows->servers == NULL) {
		rows->count = 0;
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < rows->count; i++)
		rows->servers[i] = &result->servers[i];
	if (rows->count > limit) {
		qsort(rows->servers, rows->count, sizeof(*rows->servers), compare_answers);
		for (size_t i = limit; i < rows->count; i++)
			rows->rest_answers += rows->servers[i]->answered;
		rows->rest = rows->count - limit;
		rows->count = limit;
	}
	qsort(rows->servers, rows->count, sizeof(*rows->servers), compare_names);
	return ERR_OK;
}

void spray_rows_clear(spray_rows_t *rows)
{
	free(rows->servers);
	*rows = (spray_rows_t){ 0 };
}
