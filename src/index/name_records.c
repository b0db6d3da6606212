/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_records.h"

#include <stdlib.h>

#include "base/array.h"

/* Sorting: the first 64 bits of each key stand in the places, and tell nearly all names apart. They
 * are sorted in place, a byte at a time from the highest on (P. McIlroy, K. Bostic, M. McIlroy,
 * "Engineering radix sort", 1993: the American flag). Places that are equal then get the next 64
 * bits, and are sorted by those. */

#define RECORD_HEADER 6u
#define RECORD_UNIT   2u /* bytes; places count in it, so it limits a list to 8 GB */

/* Fewer places than this are sorted by insertion. */
#define INSERTION_MAX 32u

#define HEAD_BITS 64u

err_t name_records_append(name_records_t *records, const name_record_t *record)
{
	size_t size = (RECORD_HEADER + record->size + RECORD_UNIT - 1) / RECORD_UNIT * RECORD_UNIT;
	void *data = records->data;
	const uint8_t *label = record->path;
	const uint8_t *end = record->path + record->size;

	if (records->size / RECORD_UNIT > UINT32_MAX)
		return ERR_RANGE;
	err_t error = array_reserve(&data, &records->capacity, records->size + size, 1);
	records->data = data;
	if (error != ERR_OK)
		return error;
	uint8_t *at = records->data + records->size;
	bits_store_32(at, record->value);
	at[4] = (uint8_t)record->kinds;
	at[5] = (uint8_t)record->size;
	memcpy(at + RECORD_HEADER, record->path, record->size);
	records->size += size;
	records->count++;

	/* The top label is shared with nearly all neighbours, so its bits are hardly ever stored. */
	if (label + *label + 1 < end)
		label += *label + 1;
	while (label < end) {
		for (unsigned left = *label++; left > 0; left--)
			records->symbols[1u + *label++]++;
		records->symbols[NAME_SYMBOL_END]++;
	}
	return ERR_OK;
}

void name_records_clear(name_records_t *records)
{
	free(records->data);
	*records = (name_records_t){ 0 };
}

name_record_t name_records_get(const name_records_t *records, const name_place_t *place)
{
	const uint8_t *at = records->data + (size_t)place->record * RECORD_UNIT;

	return (name_record_t){
		.path = at + RECORD_HEADER,
		.size = at[5],
		.value = bits_load_32(at),
		.kinds = at[4],
	};
}

void name_records_prefetch(const name_records_t *records, const name_place_t *place)
{
	__builtin_prefetch(records->data + (size_t)place->record * RECORD_UNIT);
}

static uint64_t place_head(const name_place_t *place)
{
	return (uint64_t)place->head[0] << 32 | place->head[1];
}

/* Byte `index` of a head, the first one being 0. */
static unsigned head_byte(const name_place_t *place, unsigned index)
{
	return place->head[index / 4] >> (24 - 8 * (index % 4)) & 0xff;
}

static void sort_by_insertion(name_place_t *places, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		name_place_t place = places[i];
		uint64_t head = place_head(&place);
		size_t to = i;

		for (; to > 0 && place_head(&places[to - 1]) > head; to--)
			places[to] = places[to - 1];
		places[to] = place;
	}
}

/* Sorts places whose heads are equal before byte `byte`. */
static void sort_heads(name_place_t *places, size_t count, unsigned byte)
{
	size_t ends[256] = { 0 };
	size_t next[256];
	size_t sum = 0;

	if (byte == HEAD_BITS / 8)
		return;
	if (count <= INSERTION_MAX) {
		sort_by_insertion(places, count);
		return;
	}
	for (size_t i = 0; i < count; i++)
		ends[head_byte(&places[i], byte)]++;
	for (unsigned value = 0; value < 256; value++) {
		next[value] = sum;
		sum += ends[value];
		ends[value] = sum;
	}
	for (unsigned value = 0; value < 256; value++) {
		while (next[value] < ends[value]) {
			name_place_t place = places[next[value]];
			unsigned other = head_byte(&place, byte);

			/* Chases each place to where it belongs until one belongs here. */
			while (other != value) {
				name_place_t displaced = places[next[other]];
				places[next[other]++] = place;
				place = displaced;
				other = head_byte(&place, byte);
			}
			places[next[value]++] = place;
		}
	}
	for (unsigned value = 0; value < 256; value++) {
		size_t begin = value == 0 ? 0 : ends[value - 1];

		if (ends[value] - begin > 1)
			sort_heads(places + begin, ends[value] - begin, byte + 1);
	}
}

/* Fills in 64 bits of the keys. Returns whether one has more of them behind. */
static bool fill_heads(const name_records_t *records, const name_code_t *codes,
		       name_place_t *places, size_t count, unsigned slice)
{
	bool has_more = false;

	for (size_t i = 0; i < count; i++) {
		name_record_t record = name_records_get(records, &places[i]);
		uint64_t head = 0;
		name_key_t key;

		name_key_of_path(codes, record.path, record.size, &key);
		if (slice * HEAD_BITS < key.nibbles * 4)
			head = bits_load_big_64(key.bits + slice * HEAD_BITS / 8);
		has_more |= (slice + 1) * HEAD_BITS < key.nibbles * 4;
		places[i].head[0] = (uint32_t)(head >> 32);
		places[i].head[1] = (uint32_t)head;
	}
	return has_more;
}

/* Sorts places whose keys are equal before 64-bit slice `slice`. */
static void sort_slice(const name_records_t *records, const name_code_t *codes,
		       name_place_t *places, size_t count, unsigned slice)
{
	bool has_more = fill_heads(records, codes, places, count, slice);

	sort_heads(places, count, 0);
	if (!has_more)
		return;
	for (size_t i = 0, end; i < count; i = end) {
		uint64_t head = place_head(&places[i]);

		for (end = i + 1; end < count && place_head(&places[end]) == head;)
			end++;
		if (end - i > 1)
			sort_slice(records, codes, places + i, end - i, slice + 1);
	}
}

name_place_t *name_records_sort(const name_records_t *records,
				const name_code_t codes[NAME_SYMBOLS])
{
	name_place_t *places = calloc(records->count + 1, sizeof(*places));
	size_t at = 0;

	if (places == NULL)
		return NULL;
	for (size_t i = 0; i < records->count; i++) {
		places[i].record = (uint32_t)(at / RECORD_UNIT);
		at += (RECORD_HEADER + records->data[at + 5] + RECORD_UNIT - 1) / RECORD_UNIT *
		      RECORD_UNIT;
	}
	sort_slice(records, codes, places, records->count, 0);
	return places;
}
