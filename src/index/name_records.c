/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_records.h"

#include <stdlib.h>

#include "base/array.h"

/* The code for keys is made of the first names, so that all others can be coded as they come: nearly
 * always it suits them as well, and the keys that they have been sorted by are those that the index has.
 * Where a list goes on with names of another kind, each of which uses many bits, keys are coded once more
 * on their way to the index.
 *
 * From then on keys can be made elsewhere, by a coder that is lent, of text at once: a thread that reads
 * ahead does so, while this one puts what it has made into bins, which takes no less time. Refused: names
 * read ahead, coded by this thread, and put into bins by a third one. Two processors were idle a quarter of
 * the time, as all three waited for each other, and each name was written and read once more: 0.33 s
 * instead of 0.25 for five million. */

/* Names, and bytes of them, that the code is made from. More change it by less than a thousandth. */
#define SAMPLE_NAMES (32u * 1024)
#define SAMPLE_BYTES (2u * 1024 * 1024)

/* Keys are coded anew if they would be shorter by so much of their length. It takes as much time as all
 * the rest. */
#define BETTER_SHARE 16u

/* From one name whose symbols are counted to the next are so many at least, some 16 more on average, and
 * one more for each 2^COUNTED_SHIFT names before: 28,000 of five million are, and 63,000 of fifty. */
#define COUNTED_STEP  48u
#define COUNTED_SHIFT 14u
_Static_assert(COUNTED_STEP > NAME_BINS_GROUP, "one of a group at most");

/* Bins are not made for more than so many times the sample, as it may be nothing but a guess. */
#define GROWTH_MAX 256u

/* Bytes of the sample in front of a name. */
#define SAMPLE_HEAD 5u

_Static_assert(NAME_BINS_MARGIN <= NAME_RECORD_MARGIN, "bins may read behind a record");

static const uint8_t *name_end(const uint8_t *name)
{
	while (*name != 0)
		name += *name + 1u;
	return name + 1;
}

/* ---- Counting. ---- */

static void count_label(uint64_t symbols[NAME_SYMBOLS], const uint8_t *label, uint64_t weight)
{
	for (const uint8_t *at = label + 1; at <= label + *label; at++)
		symbols[1u + *at] += weight;
	symbols[NAME_SYMBOL_END] += weight;
}

/* Counts the symbols of a name on the wire. Not those of its top label, unless there is no other: it is
 * shared with nearly all neighbours, so its bits are hardly ever stored. */
static void count_name(uint64_t symbols[NAME_SYMBOLS], const uint8_t *name)
{
	for (const uint8_t *label = name; *label != 0; label += *label + 1u)
		if (label == name || label[*label + 1u] != 0)
			count_label(symbols, label, 1);
}

/* Counts the symbols of the name of a key as `weight` names, again but for its top label. */
static void count_key(name_records_t *records, const uint8_t *bits, uint32_t size, uint64_t weight)
{
	uint8_t path[NAME_SYMBOLS_MAX];
	name_key_t key;

	memcpy(key.bits, bits, size);
	memset(key.bits + size, 0, sizeof(key.bits) - NAME_NIBBLES_MAX / 2);
	key.nibbles = 2 * size - ((bits[size - 1] & 15) == 0);
	size_t path_size = name_key_to_path(&records->decoder, &key, path);
	size_t top_size = path[0] + (size_t)1;
	for (size_t at = top_size < path_size ? top_size : 0; at < path_size; at += path[at] + 1u)
		count_label(records->symbols, path + at, weight);
}

/* Counts the symbols of those of the next names that stand for all others. Their number in the list tells
 * which: so they are the same ones whoever has made their keys, and a list becomes the same index however
 * busy the processors are. Steps differ, as what is in a list may come in turns. */
static inline void count_some(name_records_t *records, const name_bins_entry_t *entries,
			      uint32_t count)
{
	if (LIKELY(records->until_counted >= count)) {
		records->until_counted -= count;
		return;
	}
	const name_bins_entry_t *entry = &entries[records->until_counted];
	uint64_t more = records->counted_for * 0x9e3779b97f4a7c15u >> (64 - 5);
	uint64_t step = COUNTED_STEP + more + (records->counted_for >> COUNTED_SHIFT);
	count_key(records, entry->key, entry->size, step);
	records->counted_for += step;
	records->until_counted += step - count;
}

/* ---- The first names. ---- */

static err_t add_to_sample(name_records_t *records, const uint8_t *name, size_t size,
			   uint32_t value)
{
	void *sample = records->sample;
	err_t error = array_reserve(&sample, &records->sample_capacity,
				    records->sample_size + SAMPLE_HEAD + size, 1);

	records->sample = sample;
	if (error != ERR_OK)
		return error;
	uint8_t *at = records->sample + records->sample_size;
	bits_store_32(at, value);
	memcpy(at + SAMPLE_HEAD - 1, name - 1, size + 1);
	records->sample_size += SAMPLE_HEAD + size;
	records->sample_count++;
	count_name(records->symbols, name);
	return ERR_OK;
}

/* ---- Into the bins. ---- */

/* Makes an entry of the record at `at`; returns where the next one is. Member by member: what is not said
 * here is not set. */
static inline const uint8_t *open_entry(const uint8_t *at, uint32_t value, name_bins_entry_t *entry)
{
	name_key_record_t record;
	const uint8_t *next = name_key_record_open(at, &record);

	entry->key = record.key;
	entry->size = record.size;
	entry->top = record.top;
	entry->state = (uint64_t)value << 2 | record.kinds;
	return next;
}

/* Puts the names that wait into bins. */
static err_t end_waiting(name_records_t *records)
{
	name_waiting_t *waiting = records->waiting;
	uint32_t count = waiting->count;

	waiting->at = waiting->records;
	waiting->count = 0;
	return count > 0 ? name_bins_add(&records->bins, waiting->entries, count) : ERR_OK;
}

/* Has a name wait whose record is at waiting->at, and ends before `end`. */
static err_t wait_for_others(name_records_t *records, uint8_t *end, uint32_t value)
{
	name_waiting_t *waiting = records->waiting;

	name_bins_entry_t *entry = &waiting->entries[waiting->count++];

	(void)open_entry(waiting->at, value, entry);
	count_some(records, entry, 1);
	waiting->at = end;
	return waiting->count == NAME_BINS_GROUP ? end_waiting(records) : ERR_OK;
}

/* Adds names, now that there is a coder. */
static err_t add_coded(name_records_t *records, const uint8_t *at, const uint8_t *end,
		       uint32_t value)
{
	err_t error = ERR_OK;

	while (at < end && error == ERR_OK) {
		uint8_t *out = records->waiting->at;

		at = name_coder_put(records->coder, at + 1, *at, &out);
		error = wait_for_others(records, out, value);
	}
	return error;
}

err_t name_records_add_keys(name_records_t *records, const uint8_t *keys, size_t size,
			    uint32_t value)
{
	const uint8_t *end = keys + size;
	name_bins_entry_t entries[NAME_BINS_GROUP];
	err_t error = ERR_OK;

	while (keys < end && error == ERR_OK) {
		uint32_t count = 0;

		while (keys < end && count < NAME_BINS_GROUP)
			keys = open_entry(keys, value, &entries[count++]);
		count_some(records, entries, count);
		error = name_bins_add(&records->bins, entries, count);
	}
	return error;
}

err_t name_records_add_each_key(name_records_t *records, const uint8_t *const keys[],
				const uint32_t values[], size_t count)
{
	name_bins_entry_t entries[NAME_BINS_GROUP];
	err_t error = ERR_OK;

	for (size_t first = 0, size; first < count && error == ERR_OK; first += size) {
		size = count - first < NAME_BINS_GROUP ? count - first : NAME_BINS_GROUP;
		for (size_t i = 0; i < size; i++)
			(void)open_entry(keys[first + i], values[first + i], &entries[i]);
		count_some(records, entries, (uint32_t)size);
		error = name_bins_add(&records->bins, entries, size);
	}
	return error;
}

/* Makes the code, and what is needed to use it. For the sample alone no more is made than it takes: there may
 * be hundreds of small lists in a combined one. */
static err_t make_coder(name_records_t *records)
{
	name_code_t codes[NAME_SYMBOLS];
	err_t error = name_code_make(records->symbols, codes);

	if (error != ERR_OK)
		return error;
	records->table = malloc(sizeof(*records->table));
	records->waiting = malloc(sizeof(*records->waiting));
	if (records->table == NULL || records->waiting == NULL)
		return ERR_NOMEM;
	name_code_table_make(records->table, codes, !records->is_all_sample);
	name_decoder_make(&records->decoder, records->table->codes);
	memset(records->symbols, 0, sizeof(records->symbols));
	records->waiting->at = records->waiting->records;
	records->waiting->count = 0;
	records->coder = name_coder_new(records->table);
	if (records->coder == NULL)
		return ERR_NOMEM;
	return records->is_all_sample ? ERR_OK : name_bins_use_hints(&records->bins);
}

/* Makes bins for as many names as there will be, if that is told. */
static err_t expect_more(name_records_t *records)
{
	/* A name on the wire is as long as its line, about. */
	uint64_t have = records->sample_size - records->sample_count * SAMPLE_HEAD;
	uint64_t growth = records->expected / have;

	if (growth > GROWTH_MAX)
		growth = GROWTH_MAX;
	return growth > 1 ? name_bins_expect(&records->bins, (uint32_t)growth) : ERR_OK;
}

/* Makes the code, and puts the names of the sample into bins. */
static err_t end_sample(name_records_t *records)
{
	err_t error = make_coder(records);

	for (size_t at = 0; at < records->sample_size && error == ERR_OK;) {
		const uint8_t *name = records->sample + at + SAMPLE_HEAD;
		uint8_t *out = records->waiting->at;

		name_coder_put_any(records->coder, name, name[-1], &out);
		at = (size_t)(name_end(name) - records->sample);
		error = wait_for_others(records, out, bits_load_32(name - SAMPLE_HEAD));
	}
	if (error == ERR_OK && !records->is_all_sample)
		error = expect_more(records);
	free(records->sample);
	records->sample = NULL;
	records->sample_size = records->sample_capacity = 0;
	return error;
}

void name_records_expect(name_records_t *records, uint64_t bytes)
{
	records->expected = bytes;
}

err_t name_records_add(name_records_t *records, const uint8_t *names, size_t size, uint32_t value)
{
	const uint8_t *end = names + size;
	const uint8_t *at = names;
	err_t error = ERR_OK;

	while (at < end && records->table == NULL && error == ERR_OK) {
		const uint8_t *next = name_end(at + 1);

		error = add_to_sample(records, at + 1, (size_t)(next - at) - 1, value);
		at = next;
		if (error == ERR_OK &&
		    (records->sample_count >= SAMPLE_NAMES || records->sample_size >= SAMPLE_BYTES))
			error = end_sample(records);
	}
	return error == ERR_OK ? add_coded(records, at, end, value) : error;
}

err_t name_records_add_each(name_records_t *records, const uint8_t *const entries[],
			    const uint32_t values[], size_t count)
{
	err_t error = ERR_OK;

	for (size_t i = 0; i < count && error == ERR_OK; i++) {
		size_t size = (size_t)(name_end(entries[i] + 1) - entries[i]);
		error = name_records_add(records, entries[i], size, values[i]);
	}
	return error;
}

name_coder_t *name_records_coder(name_records_t *records)
{
	if (records->lent_coder == NULL && records->table != NULL)
		records->lent_coder = name_coder_new(records->table);
	return records->lent_coder;
}

/* ---- In order. ---- */

err_t name_records_sort(name_records_t *records, bool has_thread)
{
	err_t error = ERR_OK;

	records->is_all_sample = records->table == NULL;
	if (records->is_all_sample)
		error = end_sample(records);
	if (error == ERR_OK)
		error = end_waiting(records);
	if (error != ERR_OK)
		return error;
	records->is_taking = true;
	return name_batches_begin(&records->batches, &records->bins, has_thread);
}

const name_decoder_t *name_records_decoder(const name_records_t *records)
{
	return &records->decoder;
}

static uint64_t bits_with(const uint64_t symbols[NAME_SYMBOLS],
			  const name_code_t codes[NAME_SYMBOLS])
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < NAME_SYMBOLS; i++)
		bits += symbols[i] * codes[i].length;
	return bits;
}

err_t name_records_better_codes(const name_records_t *records, name_code_t codes[NAME_SYMBOLS],
				bool *is_better)
{
	const name_code_t *at_hand = records->table->codes;

	*is_better = false;
	if (records->is_all_sample)
		return ERR_OK;
	err_t error = name_code_make(records->symbols, codes);
	uint64_t bits = bits_with(records->symbols, at_hand);
	if (error == ERR_OK)
		*is_better = bits_with(records->symbols, codes) < bits - bits / BETTER_SHARE;
	return error;
}

err_t name_records_take(name_records_t *records, const name_batch_t **batch, const uint8_t **prefix)
{
	return name_batches_take(&records->batches, batch, prefix);
}

void name_records_clear(name_records_t *records)
{
	if (records->is_taking)
		name_batches_end(&records->batches);
	name_bins_clear(&records->bins);
	free(records->sample);
	free(records->table);
	free(records->coder);
	free(records->lent_coder);
	free(records->waiting);
	memset(records, 0, sizeof(*records));
}
