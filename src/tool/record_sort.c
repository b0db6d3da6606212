/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* American flag sort (P. McIlroy, K. Bostic, M. D. McIlroy, "Engineering Radix Sort", 1993): by the
 * first byte each record is swapped into the bucket where it belongs, then each bucket is sorted by
 * the next byte. qsort would need twice the memory, which for ten million entries matters. */

#include "tool/record_sort.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Records from which on buckets are worth it; measured, anything from 16 to 64 is alike. */
#define FEW 32

typedef struct sorter {
	size_t size;
	size_t key_size;
} sorter_t;

static void insertion_sort(const sorter_t *sorter, uint8_t *records, size_t count, size_t depth)
{
	size_t size = sorter->size;
	size_t left = sorter->key_size - depth;
	uint8_t moved[RECORD_SIZE_MAX];

	for (size_t i = 1; i < count; i++) {
		size_t at = i;
		memcpy(moved, records + i * size, size);
		while (at > 0 &&
		       memcmp(records + (at - 1) * size + depth, moved + depth, left) > 0) {
			memcpy(records + at * size, records + (at - 1) * size, size);
			at--;
		}
		memcpy(records + at * size, moved, size);
	}
}

static void swap(uint8_t *a, uint8_t *b, size_t size)
{
	uint8_t kept[RECORD_SIZE_MAX];

	memcpy(kept, a, size);
	memcpy(a, b, size);
	memcpy(b, kept, size);
}

/* Moves every record into the bucket of its byte at `depth`; the buckets end at `ends`. */
static void deal(const sorter_t *sorter, uint8_t *records, size_t count, size_t depth,
		 size_t ends[256])
{
	size_t size = sorter->size;
	size_t next[256];
	size_t start = 0;

	memset(ends, 0, 256 * sizeof(*ends));
	for (size_t i = 0; i < count; i++)
		ends[records[i * size + depth]]++;
	for (unsigned byte = 0; byte < 256; byte++) {
		next[byte] = start;
		start += ends[byte];
		ends[byte] = start;
	}
	for (unsigned bucket = 0; bucket < 256; bucket++) {
		while (next[bucket] < ends[bucket]) {
			uint8_t *record = records + next[bucket] * size;
			uint8_t byte = record[depth];
			if (byte != bucket)
				swap(record, records + next[byte] * size, size);
			next[byte]++;
		}
	}
}

static void sort(const sorter_t *sorter, uint8_t *records, size_t count, size_t depth)
{
	size_t ends[256];

	if (depth == sorter->key_size)
		return;
	if (count <= FEW) {
		insertion_sort(sorter, records, count, depth);
		return;
	}
	deal(sorter, records, count, depth, ends);
	size_t start = 0;
	for (unsigned bucket = 0; bucket < 256; bucket++) {
		if (ends[bucket] - start > 1)
			sort(sorter, records + start * sorter->size, ends[bucket] - start,
			     depth + 1);
		start = ends[bucket];
	}
}

static bool is_sorted(const sorter_t *sorter, const uint8_t *records, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (memcmp(records + (i - 1) * sorter->size, records + i * sorter->size,
			   sorter->key_size) > 0)
			return false;
	return true;
}

void record_sort(void *records, size_t count, size_t size, size_t key_size)
{
	const sorter_t sorter = { size, key_size };

	if (!is_sorted(&sorter, records, count))
		sort(&sorter, records, count, 0);
}
