/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Keys are names from the top label down (dns_name_key), so that the key of a name starts
 * with the keys of all names above it. They are sorted by eight bytes at a time, which are copied
 * out of the pool for all names of equal beginning at once: comparing keys in the pool would wait
 * for memory at every comparison. */

#include "tool/check_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cursor.h"
#include "dns/name.h"
#include "tool/record_sort.h"

/* In the pool: value and source, then the size of the key, then whether it is plain, then the key. */
#define HEAD_SIZE 10

/* So many names ahead a key is asked for that will be looked at: in their order keys lie anywhere in the pool. */
#define AHEAD 8

#define PART_SIZE sizeof(((check_name_t *)NULL)->part)

_Static_assert(sizeof(check_name_t) <= RECORD_SIZE_MAX, "names are sorted as records");

void check_names_clear(check_names_t *names)
{
	free(names->names);
	free(names->pool);
	memset(names, 0, sizeof(*names));
}

err_t check_names_add(check_names_t *names, const uint8_t *name, bool is_plain, uint32_t value,
		      uint32_t source)
{
	uint8_t labels[DNS_LABELS_MAX];
	uint8_t key[DNS_NAME_MAX];

	size_t size = dns_name_key(name, labels, dns_name_labels(name, labels), key);
	size_t offset = names->pool_size;
	err_t err = array_reserve((void **)&names->pool, &names->pool_capacity,
				  offset + HEAD_SIZE + size, 1);
	if (err == ERR_OK)
		err = array_reserve((void **)&names->names, &names->capacity, names->count + 1,
				    sizeof(*names->names));
	if (err != ERR_OK)
		return err;
	uint8_t *entry = names->pool + offset;
	put_u32(entry, value);
	put_u32(entry + 4, source);
	entry[8] = (uint8_t)size;
	entry[9] = is_plain;
	memcpy(entry + HEAD_SIZE, key, size);
	names->pool_size += HEAD_SIZE + size;
	names->names[names->count++] = (check_name_t){ .offset = offset };
	return ERR_OK;
}

static int compare(const void *a, const void *b, void *context)
{
	const check_names_t *names = context;
	const uint8_t *x = names->pool + ((const check_name_t *)a)->offset;
	const uint8_t *y = names->pool + ((const check_name_t *)b)->offset;

	int order = memcmp(x + HEAD_SIZE, y + HEAD_SIZE, x[8] < y[8] ? x[8] : y[8]);
	if (order == 0)
		order = x[8] - y[8];
	if (order == 0)
		order = y[9] - x[9];                 /* the name itself before what is below it */
	return order != 0 ? order : memcmp(x, y, 8); /* value, source */
}

/* Copies the part from `depth` on of every key, zeros behind its end; returns the longest size. */
static size_t load_parts(const check_names_t *names, check_name_t *first, size_t count,
			 size_t depth)
{
	size_t longest = 0;

	for (size_t i = 0; i < count; i++) {
		const uint8_t *entry = names->pool + first[i].offset;
		size_t size = entry[8];
		size_t left = size > depth ? size - depth : 0;
		memset(first[i].part, 0, PART_SIZE);
		memcpy(first[i].part, entry + HEAD_SIZE + depth,
		       left < PART_SIZE ? left : PART_SIZE);
		if (size > longest)
			longest = size;
	}
	return longest;
}

/* Sorts names whose keys are alike up to `depth`. */
static void sort(check_names_t *names, check_name_t *first, size_t count, size_t depth)
{
	if (load_parts(names, first, count, depth) <= depth) {
		qsort_r(first, count, sizeof(*first), compare, names);
		return;
	}
	record_sort(first, count, sizeof(*first), PART_SIZE);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count; end++)
			if (memcmp(first[i].part, first[end].part, PART_SIZE) != 0)
				break;
		if (end - i > 1)
			sort(names, first + i, end - i, depth + PART_SIZE);
	}
}

void check_names_sweep(check_names_t *names, sweep_t *sweep)
{
	if (names->count > 1)
		sort(names, names->names, names->count, 0);
	for (size_t i = 0; i < names->count; i++) {
		const uint8_t *entry = names->pool + names->names[i].offset;
		if (i + AHEAD < names->count)
			__builtin_prefetch(names->pool + names->names[i + AHEAD].offset);
		const sweep_node_t node = {
			.key = entry + HEAD_SIZE,
			.bits = entry[8] * 8u,
			.is_leaf = entry[9] != 0,
			.value = get_u32(entry),
			.source = get_u32(entry + 4),
		};
		sweep_add(sweep, &node);
	}
	sweep_end(sweep);
}
