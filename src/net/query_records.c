/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/query_records.h"

#include <stdlib.h>
#include <string.h>

/* A block of zeros that is alone on its cache lines, as message_counters_t is. */
static void *aligned_zeros(size_t size)
{
	/* aligned_alloc wants whole multiples of the alignment. */
	size_t alignment = _Alignof(message_counters_t);
	void *block;

	size = (size + alignment - 1) / alignment * alignment;
	block = aligned_alloc(alignment, size);
	if (block != NULL)
		memset(block, 0, size);
	return block;
}

query_records_t *query_records_new(const catalog_t *catalog, query_log_t *log)
{
	query_records_t *records = aligned_zeros(sizeof(*records));

	if (records == NULL)
		return NULL;
	records->log.log = log;
	records->zone_count = catalog_zone_count(catalog);
	records->queries = aligned_zeros((records->zone_count + 1) * sizeof(records->queries[0]));
	if (records->queries == NULL) {
		free(records);
		return NULL;
	}
	return records;
}

void query_records_free(query_records_t *records)
{
	if (records == NULL)
		return;
	free(records->queries);
	free(records);
}

/* Counts a packet that a limit has hit, or none. */
static void count_limited(message_counters_t *counters, answer_limited_t limited)
{
	switch (limited) {
	case ANSWER_NOT_LIMITED:
		break;
	case ANSWER_DROPPED:
		counter_add(&counters->limit_dropped, 1);
		break;
	case ANSWER_TRUNCATED:
		counter_add(&counters->limit_truncated, 1);
		break;
	case ANSWER_OVER_QUOTA:
		counter_add(&counters->over_quota, 1);
		break;
	}
}

void query_records_add(query_records_t *records, time_t now, const net_address_t *client,
		       const answer_packet_t *packet)
{
	size_t zone = packet->zone < records->zone_count ? packet->zone : records->zone_count;

	query_counters_add(&records->queries[zone], packet);
	count_limited(&records->messages, packet->limited);
	if (records->log.log != NULL && packet->reply_size > 0)
		query_log_add(&records->log, now, client, packet);
}

void query_records_drop(query_records_t *records, size_t size)
{
	query_counters_drop(&records->queries[records->zone_count], size);
}

void query_records_flush(query_records_t *records)
{
	if (records->log.log != NULL)
		query_log_flush(&records->log);
}

void query_records_sum(const query_records_t *records, message_counts_t *sum)
{
	message_counters_sum(&records->messages, sum);
	sum->lines_lost += atomic_load_explicit(&records->log.lines_lost, memory_order_relaxed);
}

void query_records_sum_queries(const query_records_t *records, query_counts_t *sums)
{
	for (size_t i = 0; i <= records->zone_count; i++)
		query_counters_sum(&records->queries[i], &sums[i]);
}
