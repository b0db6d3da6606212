/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_bin.h"

#include <stdlib.h>

/* Bytes of a record before its rest: sizes and state. */
#define RECORD_HEAD_MAX 8u

/* Bytes behind a record that are free, as heads are loaded as 8 bytes and usual rests copied. */
#define RECORD_SPACE 16u

/* Bytes of the records of one name, of which there may be more than a range holds: more of them than can be
 * sorted. */
#define LARGE_MAX (1u << 30)

/* No record has this state. */
#define NO_STATE (~(uint64_t)0)

/* Bytes that have to be free behind the last record for one with `size` bytes of a key. */
static inline uint32_t space_for(uint32_t size)
{
	return RECORD_HEAD_MAX + (size > NAME_BIN_USUAL_SIZE ? size : NAME_BIN_USUAL_SIZE) +
	       RECORD_SPACE;
}

void name_bin_free(name_bin_t *bin, name_ranges_t *ranges)
{
	if (name_bin_is_range(bin))
		name_ranges_return(ranges, bin->records);
	else
		free(bin->records);
	bin->records = NULL;
}

/* Has a bin's records at `records`, where `used` bytes of them are already. */
static void set_memory(name_bin_t *bin, uint8_t *records, uint32_t size, uint32_t used)
{
	/* So that the state of the first record always stands there. */
	if (used == 0)
		bin->state = NO_STATE;
	bin->records = records;
	bin->size = size;
	bin->at = records + used;
	bin->room = records + size - space_for(0);
}

void name_bin_place(name_bin_t *bin, uint8_t *records, uint32_t size)
{
	set_memory(bin, records, size, 0);
}

err_t name_bin_grow(name_bin_t *bin, uint32_t size, name_ranges_t *ranges)
{
	uint32_t used = bin->records != NULL ? (uint32_t)(bin->at - bin->records) : 0;
	uint32_t wanted = NAME_BIN_SMALL_MIN;
	uint8_t *records;

	while (wanted <= bin->size || wanted <= used + size + space_for(size)) {
		if (wanted > LARGE_MAX / 2)
			return ERR_NOMEM;
		wanted *= 2;
	}
	if (wanted > NAME_BIN_SMALL_MAX && wanted < NAME_RANGE_SIZE)
		wanted = NAME_RANGE_SIZE;
	if (wanted == NAME_RANGE_SIZE || name_bin_is_range(bin)) {
		records = wanted == NAME_RANGE_SIZE ? name_ranges_take(ranges, 1) : malloc(wanted);
		if (records == NULL)
			return ERR_NOMEM;
		if (used > 0)
			memcpy(records, bin->records, used);
		name_bin_free(bin, ranges);
	} else {
		records = realloc(bin->records, wanted);
		if (records == NULL)
			return ERR_NOMEM;
	}
	set_memory(bin, records, wanted, used);
	return ERR_OK;
}

static uint8_t *put_state(uint8_t *at, uint64_t state)
{
	for (; state > 127; state >>= 7)
		*at++ = (uint8_t)(state | 128);
	*at++ = (uint8_t)state;
	return at;
}

void name_bin_put(name_bin_t *bin, const uint8_t *rest, uint32_t size, uint64_t state)
{
	uint8_t *at = bin->at;
	uint8_t *head = at++;

	*head = (uint8_t)(size < NAME_BIN_LARGE_SIZE ? size : NAME_BIN_LARGE_SIZE);
	if (size >= NAME_BIN_LARGE_SIZE) {
		bits_store_16(at, (uint16_t)size);
		at += 2;
	}
	if (state != bin->state) {
		*head |= NAME_BIN_HAS_STATE;
		at = put_state(at, state);
		bin->state = state;
	}
	memcpy(at, rest, size);
	bin->at = at + size;
	bin->count++;
}

static int compare_states(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

err_t name_bin_drop_doubles(name_bin_t *bin, uint32_t size, name_ranges_t *ranges)
{
	uint64_t *states = calloc(bin->count, sizeof(*states));
	name_bin_cursor_t cursor = name_bin_begin(bin);
	name_bin_record_t record;
	uint8_t rest[NAME_BIN_USUAL_SIZE] = { 0 };
	uint32_t rest_size = 0;
	uint32_t count = 0;

	if (states == NULL)
		return ERR_NOMEM;
	for (; name_bin_next(&cursor, &record); states[count++] = record.state) {
		rest_size = record.size;
		memcpy(rest, record.rest, rest_size);
	}
	qsort(states, count, sizeof(*states), compare_states);
	/* In the same place: each state was there at least once. */
	name_bin_place(bin, bin->records, bin->size);
	bin->count = 0;
	for (uint32_t i = 0; i < count; i++)
		if (i == 0 || states[i] != states[i - 1])
			name_bin_put(bin, rest, rest_size, states[i]);
	free(states);
	return bin->at - bin->records > bin->size / 2 ? name_bin_grow(bin, size, ranges) : ERR_OK;
}
