/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_records.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/processors.h"

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

/* Codes a name, with its kinds in front of it, that name_coder_short does not; there is room for it. */
static void put_any(name_records_t *records, const uint8_t *name, uint32_t value)
{
	uint8_t *bits = records->binner.at + NAME_RECORD_HEAD;
	name_key_t key;

	name_coder_any(records->coder, name, &key);
	uint32_t size = (key.nibbles + 1) / 2;
	memcpy(bits, key.bits, size);
	memset(bits + size, 0, NAME_RECORD_ZEROS + 7);
	name_binner_put(&records->binner, value, name[-1], size, 0);
}

static inline err_t make_room(name_records_t *records)
{
	return UNLIKELY(records->binner.at > records->binner.limit)
		       ? name_binner_pass(&records->binner)
		       : ERR_OK;
}

/* Adds names to the bins. */
static err_t add_coded(name_records_t *records, const uint8_t *at, const uint8_t *end,
		       uint32_t value)
{
	name_binner_t *binner = &records->binner;
	name_short_key_t key;
	err_t error = ERR_OK;

	while (at < end) {
		const uint8_t *name = at + 1;

		error = make_room(records);
		if (error != ERR_OK)
			break;
		if (UNLIKELY(++records->count % COUNTED_STEP == 0))
			count_symbols(records, name, COUNTED_STEP);
		if (LIKELY(name_coder_short(records->coder, name, binner->at + NAME_RECORD_HEAD,
					    &key))) {
			name_binner_put(binner, value, *at, key.size, key.top);
			at = key.end;
		} else {
			put_any(records, name, value);
			at = name_end(name);
		}
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
	error = name_binner_begin(&records->binner, &records->bins);
	if (error != ERR_OK) {
		free(records->coder);
		records->coder = NULL;
		return error;
	}
	if (!is_all)
		error = name_bins_use_hints(&records->bins, records->coder->top_bits);
	for (size_t at = 0; at < records->sample_size && error == ERR_OK;) {
		const uint8_t *name = records->sample + at + SAMPLE_HEAD;

		error = make_room(records);
		if (error == ERR_OK)
			put_any(records, name, bits_load_32(records->sample + at));
		at = (size_t)(name_end(name) - records->sample);
	}
	free(records->sample);
	records->sample = NULL;
	records->sample_size = records->sample_capacity = 0;
	return error;
}

/* Has a thread put names into bins from now on, if there are enough of them, and a CPU for it. */
static err_t start_thread(name_records_t *records)
{
	if (LIKELY(records->had_thread) || records->count < NAME_RECORDS_FOR_THREAD)
		return ERR_OK;
	records->had_thread = true;
	return processors_allowed() > 1 ? name_binner_start_thread(&records->binner) : ERR_OK;
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
	if (error == ERR_OK && at < end)
		error = start_thread(records);
	return error == ERR_OK ? add_coded(records, at, end, value) : error;
}

err_t name_records_sort(name_records_t *records, bool has_thread)
{
	err_t error = records->coder == NULL ? end_sample(records, true) : ERR_OK;

	if (error == ERR_OK)
		error = name_binner_end(&records->binner);
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
	name_binner_abandon(&records->binner);
	name_bins_clear(&records->bins);
	free(records->sample);
	free(records->coder);
	memset(records, 0, sizeof(*records));
}
