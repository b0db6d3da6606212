/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_records.h"

#include <stdlib.h>

#include "base/array.h"

/* Records are collected until there are enough for a run, sorted, and packed (index/name_run.c). In the
 * end all runs are read side by side, with a heap to tell which one has the next record. Five million
 * random names are 26 MB then, and 122 MB with their places in the order as they came.
 *
 * Sorting: the first 64 bits of each key stand in the places, and tell nearly all names apart. They
 * are sorted in place, a byte at a time from the highest on (P. McIlroy, K. Bostic, M. McIlroy,
 * "Engineering radix sort", 1993: the American flag). Places that are equal then get the next 64
 * bits, and are sorted by those. */

#define RECORD_HEADER 6u
#define RECORD_UNIT   2u /* bytes; places count in it */

/* A run's records, and bytes of them as they come: with their places 5 MB, which is all that is not
 * packed. Fewer make more runs, so that keys share a bit less with the one before for each halving, and
 * the heap is a step higher; and more do not stay in the second-level cache while they are sorted. */
#define RUN_RECORDS (128u * 1024)
#define RUN_BYTES   (8u * 1024 * 1024)

/* Fewer places than this are sorted by insertion. */
#define INSERTION_MAX 32u

#define HEAD_BITS 64u

/* A record that is not packed yet. */
typedef struct raw_record {
	const uint8_t *path;
	size_t size;
	uint32_t value;
	unsigned kinds;
} raw_record_t;

static size_t raw_size(size_t path_size)
{
	return (RECORD_HEADER + path_size + RECORD_UNIT - 1) / RECORD_UNIT * RECORD_UNIT;
}

static raw_record_t raw_record_at(const uint8_t *at)
{
	return (raw_record_t){
		.path = at + RECORD_HEADER,
		.size = at[5],
		.value = bits_load_32(at),
		.kinds = at[4],
	};
}

static raw_record_t get_raw(const name_records_t *records, const name_place_t *place)
{
	return raw_record_at(records->data + (size_t)place->record * RECORD_UNIT);
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
static bool fill_heads(const name_records_t *records, name_place_t *places, size_t count,
		       unsigned slice)
{
	bool has_more = false;

	for (size_t i = 0; i < count; i++) {
		raw_record_t record = get_raw(records, &places[i]);
		uint64_t head = 0;
		name_key_t key;

		name_key_of_path(records->codes, record.path, record.size, &key);
		if (slice * HEAD_BITS < key.nibbles * 4)
			head = bits_load_big_64(key.bits + slice * HEAD_BITS / 8);
		has_more |= (slice + 1) * HEAD_BITS < key.nibbles * 4;
		places[i].head[0] = (uint32_t)(head >> 32);
		places[i].head[1] = (uint32_t)head;
	}
	return has_more;
}

/* Sorts places whose keys are equal before 64-bit slice `slice`. */
static void sort_slice(const name_records_t *records, name_place_t *places, size_t count,
		       unsigned slice)
{
	bool has_more = fill_heads(records, places, count, slice);

	sort_heads(places, count, 0);
	if (!has_more)
		return;
	for (size_t i = 0, end; i < count; i = end) {
		uint64_t head = place_head(&places[i]);

		for (end = i + 1; end < count && place_head(&places[end]) == head;)
			end++;
		if (end - i > 1)
			sort_slice(records, places + i, end - i, slice + 1);
	}
}

/* The places of the records that are not packed, in the order of their keys. */
static err_t sort_places(name_records_t *records)
{
	void *places = records->places;
	size_t at = 0;
	err_t error = array_reserve(&places, &records->place_capacity, records->count,
				    sizeof(*records->places));

	records->places = places;
	if (error != ERR_OK)
		return error;
	for (size_t i = 0; i < records->count; i++) {
		records->places[i].record = (uint32_t)(at / RECORD_UNIT);
		at += raw_size(records->data[at + 5]);
	}
	sort_slice(records, records->places, records->count, 0);
	return ERR_OK;
}

static err_t write_run(name_records_t *records, name_run_t *run)
{
	raw_record_t first = raw_record_at(records->data);
	err_t error = ERR_OK;
	name_key_t key;

	name_run_begin(&records->writer, records->is_each);
	for (size_t i = 0; i < records->count && error == ERR_OK; i++) {
		raw_record_t record = get_raw(records, &records->places[i]);

		name_key_of_path(records->codes, record.path, record.size, &key);
		error = name_run_put(&records->writer, &key, record.value, record.kinds);
	}
	return error == ERR_OK ? name_run_end(&records->writer, first.value, first.kinds, run)
			       : error;
}

/* Makes a run of the records that are not packed, of which there are some. */
static err_t pack(name_records_t *records)
{
	void *runs = records->runs;
	err_t error = array_reserve(&runs, &records->run_capacity, records->run_count + 1,
				    sizeof(*records->runs));

	records->runs = runs;
	if (error == ERR_OK && records->run_count == 0)
		error = name_code_make(records->symbols, records->codes);
	if (error == ERR_OK)
		error = sort_places(records);
	if (error == ERR_OK)
		error = write_run(records, &records->runs[records->run_count]);
	if (error != ERR_OK)
		return error;
	records->run_count++;
	records->count = 0;
	records->size = 0;
	records->is_each = false;
	return ERR_OK;
}

static void count_symbols(name_records_t *records, const name_record_t *record)
{
	const uint8_t *label = record->path;
	const uint8_t *end = record->path + record->size;

	/* The top label is shared with nearly all neighbours, so its bits are hardly ever stored. */
	if (label + *label + 1 < end)
		label += *label + 1;
	while (label < end) {
		for (unsigned left = *label++; left > 0; left--)
			records->symbols[1u + *label++]++;
		records->symbols[NAME_SYMBOL_END]++;
	}
}

err_t name_records_append(name_records_t *records, const name_record_t *record)
{
	size_t size = raw_size(record->size);
	err_t error = ERR_OK;

	if (records->count == RUN_RECORDS || records->size + size > RUN_BYTES)
		error = pack(records);
	if (error != ERR_OK)
		return error;
	void *data = records->data;
	error = array_reserve(&data, &records->capacity, records->size + size, 1);
	records->data = data;
	if (error != ERR_OK)
		return error;
	uint8_t *at = records->data + records->size;
	bits_store_32(at, record->value);
	at[4] = (uint8_t)record->kinds;
	at[5] = (uint8_t)record->size;
	memcpy(at + RECORD_HEADER, record->path, record->size);
	/* Value and kinds. */
	records->is_each |= memcmp(at, records->data, 5) != 0;
	records->size += size;
	records->count++;
	count_symbols(records, record);
	return ERR_OK;
}

/* Gives back what is only needed for records that are not packed. */
static void clear_raw(name_records_t *records)
{
	free(records->data);
	free(records->places);
	records->data = NULL;
	records->places = NULL;
	records->size = records->capacity = records->count = records->place_capacity = 0;
	name_run_writer_clear(&records->writer);
}

void name_records_clear(name_records_t *records)
{
	clear_raw(records);
	for (size_t i = 0; i < records->run_count; i++)
		name_run_clear(&records->runs[i]);
	free(records->runs);
	free(records->heads);
	memset(records, 0, sizeof(*records));
}

/* Is the record of `a` before that of `b`? */
static inline bool is_before(const name_head_t *a, const name_head_t *b)
{
	if (LIKELY(a->head != b->head))
		return a->head < b->head;
	const name_key_t *x = &a->run->key;
	const name_key_t *y = &b->run->key;
	uint32_t most = x->nibbles > y->nibbles ? x->nibbles : y->nibbles;
	return memcmp(x->bits, y->bits, most / 2 + 1) < 0;
}

/* Moves the run at `place` down to where it belongs in the heap. */
static void sift_down(name_records_t *records, size_t place)
{
	name_head_t *heads = records->heads;
	name_head_t head = heads[place];
	size_t child;

	while ((child = 2 * place + 1) < records->head_count) {
		if (child + 1 < records->head_count && is_before(&heads[child + 1], &heads[child]))
			child++;
		if (!is_before(&heads[child], &head))
			break;
		heads[place] = heads[child];
		place = child;
	}
	heads[place] = head;
}

/* Takes the next record of a run; false when that has none left. */
static bool next_of_run(name_head_t *head)
{
	if (!name_run_take(head->run))
		return false;
	head->head = bits_load_big_64(head->run->key.bits);
	return true;
}

err_t name_records_sort(name_records_t *records)
{
	err_t error = records->count > 0 ? pack(records) : ERR_OK;

	clear_raw(records);
	if (error != ERR_OK || records->run_count == 0)
		return error;
	records->heads = calloc(records->run_count, sizeof(*records->heads));
	if (records->heads == NULL)
		return ERR_NOMEM;
	name_decoder_make(&records->decoder, records->codes);
	records->head_count = records->run_count;
	for (size_t i = 0; i < records->run_count; i++) {
		records->heads[i].run = &records->runs[i];
		(void)next_of_run(&records->heads[i]); /* a run has at least one */
	}
	for (size_t i = records->head_count / 2; i-- > 0;)
		sift_down(records, i);
	return ERR_OK;
}

bool name_records_take(name_records_t *records, name_record_t *record)
{
	name_head_t *first = records->heads;

	if (records->head_count == 0)
		return false;
	const name_run_t *run = first->run;
	record->size = name_key_to_path(&records->decoder, &run->key, record->path);
	record->value = run->value;
	record->kinds = run->kinds;
	if (!next_of_run(first)) {
		name_run_clear(first->run);
		*first = records->heads[--records->head_count];
	}
	sift_down(records, 0);
	return true;
}
