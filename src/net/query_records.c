/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/query_records.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Bytes of the counters of a thread. */
static size_t counters_size(const query_records_t *records)
{
	return (1 + records->zone_room) * sizeof(records->queries[0]);
}

query_records_t *query_records_new(const catalog_t *catalog, query_log_t *log)
{
	size_t alignment = _Alignof(query_records_t);
	query_records_t *records = aligned_alloc(alignment, sizeof(*records));

	if (records == NULL)
		return NULL;
	memset(records, 0, sizeof(*records));
	records->log.log = log;
	records->zone_room = catalog_zone_room(catalog);
	/* Pages of their own, most of which nobody ever touches: there is one only for zones that are
	 * asked. A huge page would be there as a whole. */
	void *queries = mmap(NULL, counters_size(records), PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (queries == MAP_FAILED) {
		free(records);
		return NULL;
	}
#ifdef MADV_NOHUGEPAGE
	(void)madvise(queries, counters_size(records), MADV_NOHUGEPAGE);
#endif
	records->queries = queries;
	return records;
}

void query_records_free(query_records_t *records)
{
	if (records == NULL)
		return;
	(void)munmap(records->queries, counters_size(records));
	free(records);
}

/* The counters of the zone with a number. */
static query_counters_t *counters_of(query_records_t *records, uint32_t zone)
{
	return &records->queries[zone < records->zone_room ? 1 + zone : 0];
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
	query_counters_add(counters_of(records, packet->zone), packet);
	count_limited(&records->messages, packet->limited);
	if (records->log.log != NULL && packet->reply_size > 0)
		query_log_add(&records->log, now, client, packet);
}

void query_records_drop(query_records_t *records, size_t size)
{
	query_counters_drop(&records->queries[0], size);
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

void query_records_sum_queries(const query_records_t *records, size_t zones, query_counts_t *sums)
{
	for (size_t i = 0; i <= zones && i <= records->zone_room; i++)
		query_counters_sum(&records->queries[i], &sums[i]);
}
