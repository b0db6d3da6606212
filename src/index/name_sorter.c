/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_sorter.h"

#include <stdlib.h>

#include "base/array.h"

/* A bin's keys are about evenly spread, as their code makes them so. The first bits of the heads, about
 * as many as tell all records apart, are counted while the bin is read, and each record is put where they
 * say. That leaves a few records at a time that are not in order, which insertion sorts. More of them at
 * one place are sorted by some bits at a time, in place (P. McIlroy, K. Bostic, M. McIlroy, "Engineering radix
 * sort", 1993: the American flag), and those whose heads are the same by the next 64 bits. */

/* Fewer places than this are sorted by insertion. */
#define INSERTION_MAX 24u

/* So many and more are sorted by eight bits at a time, fewer by four. */
#define MANY_PLACES 1024u

/* Most bits that are counted. */
#define COUNTED_BITS_MAX 13u

static inline void sort_by_insertion(name_place_t *places, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		name_place_t place = places[i];
		size_t to = i;

		for (; to > 0 && places[to - 1].head > place.head; to--)
			places[to] = places[to - 1];
		places[to] = place;
	}
}

static inline void sort_heads(name_place_t *places, size_t count, unsigned left);

/* Sorts places whose heads are equal but for the last `left` bits. */
static void sort_by_digits(name_place_t *places, size_t count, unsigned left)
{
	unsigned bits = count < MANY_PLACES ? 4 : 8;
	uint32_t ends[256];
	uint32_t next[256];
	uint32_t sum = 0;

	bits = bits < left ? bits : left;
	unsigned shift = left - bits;
	unsigned digits = 1u << bits;
	uint64_t mask = digits - 1;
	memset(ends, 0, digits * sizeof(*ends));
	for (size_t i = 0; i < count; i++)
		ends[places[i].head >> shift & mask]++;
	for (unsigned digit = 0; digit < digits; digit++) {
		next[digit] = sum;
		sum += ends[digit];
		ends[digit] = sum;
	}
	for (unsigned digit = 0; digit < digits; digit++) {
		while (next[digit] < ends[digit]) {
			name_place_t place = places[next[digit]];
			unsigned other = (unsigned)(place.head >> shift & mask);

			/* Chases each place to where it belongs until one belongs here. */
			while (other != digit) {
				name_place_t displaced = places[next[other]];
				places[next[other]++] = place;
				place = displaced;
				other = (unsigned)(place.head >> shift & mask);
			}
			places[next[digit]++] = place;
		}
	}
	for (uint32_t digit = 0, begin = 0; digit < digits && shift > 0; begin = ends[digit++])
		sort_heads(places + begin, ends[digit] - begin, shift);
}

static inline void sort_heads(name_place_t *places, size_t count, unsigned left)
{
	if (LIKELY(count <= INSERTION_MAX))
		sort_by_insertion(places, count);
	else
		sort_by_digits(places, count, left);
}

/* The rest of a record's key, of `*size` bytes. */
static const uint8_t *find_rest(const name_batch_t *batch, const name_place_t *place,
				uint32_t *size)
{
	name_bin_record_t record;

	(void)name_bin_open(batch->records + (place->about >> NAME_PLACE_SHIFT), 0, &record);
	*size = record.size;
	return record.rest;
}

/* Sorts places whose keys are equal up to 64-bit slice `slice` of the rests. Takes their heads. */
static void sort_slice(const name_batch_t *batch, name_place_t *places, size_t count,
		       uint32_t slice)
{
	bool has_more = false;

	for (size_t i = 0; i < count; i++) {
		name_bin_record_t record;

		record.rest = find_rest(batch, &places[i], &record.size) + slice * 8;
		record.size = record.size > slice * 8 ? record.size - slice * 8 : 0;
		places[i].head = record.size > 0 ? name_bin_head(&record) : 0;
		has_more |= record.size > 8;
	}
	sort_heads(places, count, 64);
	for (size_t i = 0, end; i < count && has_more; i = end) {
		for (end = i + 1; end < count && places[end].head == places[i].head;)
			end++;
		if (end - i > 1)
			sort_slice(batch, places + i, end - i, slice + 1);
	}
}

/* Sorts the long records among those whose heads are the same. */
static void sort_ties(const name_batch_t *batch, name_place_t *places, size_t count)
{
	for (size_t i = 0, end; i < count; i = end) {
		uint64_t head = places[i].head;
		uint32_t about = places[i].about;

		for (end = i + 1; end < count && places[end].head == head; end++)
			about |= places[end].about;
		if (LIKELY(end == i + 1) || (about & NAME_PLACE_LONG) == 0)
			continue;
		sort_slice(batch, places + i, end - i, 1);
		for (size_t j = i; j < end; j++)
			places[j].head = head;
	}
}

/* How a bin's heads are counted. */
typedef struct counting {
	unsigned up;    /* bits in front of those */
	unsigned shift; /* behind them, and the former being gone */
	uint32_t counts[1u << COUNTED_BITS_MAX];
	bool has_long;
} counting_t;

static inline uint64_t counted_bits(const counting_t *counting, uint64_t head)
{
	return head << counting->up >> counting->shift;
}

/* Places of a bin's records, as these stand there, and how many there are with the same first bits. */
static void read_bin(name_place_t *places, const name_bin_t *bin, counting_t *counting)
{
	name_bin_cursor_t cursor = name_bin_begin(bin);
	name_bin_record_t record;

	for (name_place_t *to = places; name_bin_next(&cursor, &record); to++) {
		bool is_long = record.size > 8;
		uint32_t at = (uint32_t)(record.at - bin->records);

		to->head = name_bin_head(&record);
		to->value = (uint32_t)(record.state >> 2);
		to->about = at << NAME_PLACE_SHIFT | (is_long ? NAME_PLACE_LONG : 0) |
			    (uint32_t)(record.state & NAME_PLACE_KINDS);
		counting->has_long |= is_long;
		counting->counts[counted_bits(counting, to->head)]++;
	}
}

static err_t reserve_places(name_place_t **places, size_t *capacity, size_t count)
{
	void *data = *places;
	err_t error = array_reserve(&data, capacity, count, sizeof(**places));

	*places = data;
	return error;
}

err_t name_sort_bin(name_sorter_t *sorter, const name_bin_t *bin, name_batch_t *batch)
{
	unsigned bits = 1;
	uint32_t sum = 0;
	uint32_t most = 0; /* with the same bits */

	if ((size_t)(bin->at - bin->records) > UINT32_MAX >> NAME_PLACE_SHIFT)
		return ERR_RANGE;
	batch->count = bin->count;
	batch->records = bin->records;
	batch->byte = name_bin_byte(bin);
	err_t error = reserve_places(&batch->places, &batch->capacity, bin->count);
	if (error == ERR_OK)
		error = reserve_places(&sorter->places, &sorter->capacity, bin->count);
	if (error != ERR_OK)
		return error;
	while (bits < COUNTED_BITS_MAX && bin->count >> bits > 1)
		bits++;
	counting_t counting; /* not all of the counts are used */
	counting.up = bin->depth % 2 * 4;
	counting.shift = 64 - bits;
	counting.has_long = false;
	memset(counting.counts, 0, sizeof(*counting.counts) << bits);
	read_bin(sorter->places, bin, &counting);
	for (unsigned i = 0; i < 1u << bits; i++) {
		uint32_t count = counting.counts[i];

		counting.counts[i] = sum;
		sum += count;
		most = count > most ? count : most;
	}
	for (size_t i = 0; i < bin->count; i++) {
		name_place_t place = sorter->places[i];

		batch->places[counting.counts[counted_bits(&counting, place.head)]++] = place;
	}
	/* All at once: where a few have the same bits, none is moved past these. */
	if (LIKELY(most <= INSERTION_MAX))
		sort_by_insertion(batch->places, bin->count);
	else
		for (uint32_t i = 0, begin = 0; i < 1u << bits; begin = counting.counts[i++])
			sort_heads(batch->places + begin, counting.counts[i] - begin,
				   64 - bits - counting.up);
	if (counting.has_long)
		sort_ties(batch, batch->places, batch->count);
	return ERR_OK;
}

void name_batch_key(const name_batch_t *batch, const uint8_t *prefix, const name_place_t *place,
		    name_key_t *key)
{
	uint32_t size;
	const uint8_t *rest = find_rest(batch, place, &size);

	uint32_t end = batch->byte + size;
	memcpy(key->bits, prefix, batch->byte);
	memcpy(key->bits + batch->byte, rest, size);
	memset(key->bits + end, 0, NAME_KEY_ZEROS);
	key->nibbles = 2 * end;
	while (key->nibbles > 0 && name_nibbles_load(key->bits, key->nibbles - 1) >> 60 == 0)
		key->nibbles--;
}

const uint8_t *name_batch_rest(const name_batch_t *batch, const name_place_t *place, uint32_t *size)
{
	const uint8_t *rest = find_rest(batch, place, size);

	*size -= 8;
	return rest + 8;
}

bool name_batch_is_same(const name_batch_t *batch, const name_place_t *a, const name_place_t *b)
{
	uint32_t a_size;
	uint32_t b_size;

	if (a->head != b->head)
		return false;
	if (((a->about | b->about) & NAME_PLACE_LONG) == 0)
		return true;
	const uint8_t *x = find_rest(batch, a, &a_size);
	const uint8_t *y = find_rest(batch, b, &b_size);
	return a_size == b_size && memcmp(x, y, a_size) == 0;
}

void name_sorter_clear(name_sorter_t *sorter)
{
	free(sorter->places);
	*sorter = (name_sorter_t){ .places = NULL };
}

void name_batch_clear(name_batch_t *batch)
{
	free(batch->places);
	*batch = (name_batch_t){ .places = NULL };
}
