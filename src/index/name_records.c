/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_records.h"

#include <stdlib.h>

#include "base/array.h"

/* The code for keys is made of the first names, so that all others can be coded as they come: nearly
 * always it suits them as well, and the keys that they have been sorted by are those that the index has.
 * Where a list goes on with names of another kind, each of which uses many bits, keys are coded once more
 * on their way to the index. */

/* Names, and bytes of them, that the code is made from. More change it by less than a thousandth. */
#define SAMPLE_NAMES (32u * 1024)
#define SAMPLE_BYTES (2u * 1024 * 1024)

/* Of the names behind the sample one in so many is looked at; a prime, as lists go in steps of their own. */
#define COUNTED_STEP 61u

/* Keys are coded anew if they would be shorter by so much of their length. It takes as much time as all
 * the rest. */
#define BETTER_SHARE 16u

/* Bytes of the sample in front of a name. */
#define SAMPLE_HEAD 5u

/* Names that are coded before the first of them is put into its bin: what one step of some of them waits
 * for, the others use. */
#define GROUP 32u

static const uint8_t *name_end(const uint8_t *name)
{
	while (*name != 0)
		name += *name + 1u;
	return name + 1;
}

static void count_symbols(name_records_t *records, const uint8_t *name, uint64_t weight)
{
	/* The top label is shared with nearly all neighbours, so its bits are hardly ever stored. */
	for (const uint8_t *label = name, *next; *label != 0; label = next) {
		next = label + 1 + *label;
		if (*next == 0 && label != name)
			return;
		while (++label < next)
			records->symbols[1u + *label] += weight;
		records->symbols[NAME_SYMBOL_END] += weight;
	}
}

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
	records->count++;
	count_symbols(records, name, 1);
	return ERR_OK;
}

static uint64_t state_of(unsigned kinds, uint32_t value)
{
	return (uint64_t)value << 2 | kinds;
}

/* Adds a name with its kinds in front of it. */
static err_t add_any(name_records_t *records, const uint8_t *name, uint32_t value)
{
	name_key_t key;

	name_coder_any(records->coder, name, &key);
	memset(key.bits + (key.nibbles + 1) / 2, 0, 16);
	name_bins_entry_t entry = { .key = key.bits,
				    .size = (key.nibbles + 1) / 2,
				    .state = state_of(name[-1], value) };
	return name_bins_add(&records->bins, &entry, 1);
}

/* Adds names to the bins. */
static err_t add_coded(name_records_t *records, const uint8_t *at, const uint8_t *end,
		       uint32_t value)
{
	name_short_key_t keys[GROUP];
	name_bins_entry_t entries[GROUP];
	err_t error = ERR_OK;

	while (at < end && error == ERR_OK) {
		unsigned count = 0;

		while (at < end && count < GROUP && error == ERR_OK) {
			const uint8_t *name = at + 1;

			if (UNLIKELY(++records->count % COUNTED_STEP == 0))
				count_symbols(records, name, COUNTED_STEP);
			if (LIKELY(name_coder_short(records->coder, name, &keys[count]))) {
				entries[count].key = keys[count].bits;
				entries[count].size = keys[count].size;
				entries[count].state = state_of(*at, value);
				at = keys[count++].end;
				continue;
			}
			error = add_any(records, name, value);
			at = name_end(name);
		}
		if (error == ERR_OK)
			error = name_bins_add(&records->bins, entries, count);
	}
	return error;
}

/* Makes the code, and puts the names of the sample into bins. `is_all`: no others come. */
static err_t end_sample(name_records_t *records, bool is_all)
{
	name_code_t codes[NAME_SYMBOLS];
	err_t error = name_code_make(records->symbols, codes);

	if (error != ERR_OK)
		return error;
	records->coder = malloc(sizeof(*records->coder));
	if (records->coder == NULL)
		return ERR_NOMEM;
	name_coder_make(records->coder, codes, !is_all);
	for (size_t at = 0; at < records->sample_size && error == ERR_OK;) {
		const uint8_t *name = records->sample + at + SAMPLE_HEAD;

		error = add_any(records, name, bits_load_32(records->sample + at));
		at = (size_t)(name_end(name) - records->sample);
	}
	free(records->sample);
	records->sample = NULL;
	records->sample_size = records->sample_capacity = 0;
	return error;
}

err_t name_records_add(name_records_t *records, const uint8_t *names, size_t size, uint32_t value)
{
	const uint8_t *end = names + size;
	const uint8_t *at = names;
	err_t error = ERR_OK;

	while (at < end && records->coder == NULL && error == ERR_OK) {
		const uint8_t *next = name_end(at + 1);

		error = add_to_sample(records, at + 1, (size_t)(next - at) - 1, value);
		at = next;
		if (error == ERR_OK &&
		    (records->count >= SAMPLE_NAMES || records->sample_size >= SAMPLE_BYTES))
			error = end_sample(records, false);
	}
	return error == ERR_OK ? add_coded(records, at, end, value) : error;
}

err_t name_records_sort(name_records_t *records, bool has_thread)
{
	err_t error = records->coder == NULL ? end_sample(records, true) : ERR_OK;

	if (error != ERR_OK)
		return error;
	records->is_taking = true;
	return name_batches_begin(&records->batches, &records->bins, has_thread);
}

const name_code_t *name_records_codes(const name_records_t *records)
{
	return records->coder->codes;
}

static uint64_t bits_with(const name_records_t *records, const name_code_t codes[NAME_SYMBOLS])
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < NAME_SYMBOLS; i++)
		bits += records->symbols[i] * codes[i].length;
	return bits;
}

err_t name_records_better_codes(const name_records_t *records, name_code_t codes[NAME_SYMBOLS],
				bool *is_better)
{
	uint64_t bits = bits_with(records, records->coder->codes);

	*is_better = false;
	if (records->count <= SAMPLE_NAMES)
		return ERR_OK;
	err_t error = name_code_make(records->symbols, codes);
	if (error == ERR_OK)
		*is_better = bits_with(records, codes) < bits - bits / BETTER_SHARE;
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
	free(records->coder);
	memset(records, 0, sizeof(*records));
}
