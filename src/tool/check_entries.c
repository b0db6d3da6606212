/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* An address prefix is a record: key | length | value and line, numbers with the high byte first. So
 * records sorted as bytes come in the order that the sweep wants, without a comparison that would
 * know what is in them. Where the first entry of a place decides, the line comes before the value.
 *
 * Names have a record with eight bytes of their key; see check_names.c. */

#include "tool/check_entries.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cursor.h"
#include "base/intern.h"
#include "tool/check_names.h"
#include "tool/check_sweep.h"
#include "tool/record_sort.h"

/* Bytes of a record behind its key. */
#define TAIL_SIZE 9

/* Addresses of one family. */
typedef struct prefixes {
	unsigned key_size;
	uint8_t *records;
	size_t count;
	size_t capacity;
} prefixes_t;

/* A line with several places: a range, or a name and what is below it. It is reported when all of
 * them have a verdict. */
typedef struct several {
	uint32_t line;
	uint32_t other;
	uint8_t places; /* a range has 62 at most */
	uint8_t verdicts[SWEEP_VERDICTS];
} several_t;

struct check_entries {
	dataset_rule_t rule;
	prefixes_t ip4;
	prefixes_t ip6;
	check_names_t names;
	/* Records of a generic data set, and the line of each, by its number. */
	intern_t *records;
	uint32_t *record_lines;
	size_t record_line_capacity;

	several_t *several; /* by line */
	size_t several_count;
	size_t several_capacity;

	check_entries_verdict_t verdict;
	void *context;
};

check_entries_t *check_entries_new(const dataset_type_t *type)
{
	check_entries_t *entries = calloc(1, sizeof(*entries));

	if (entries == NULL)
		return NULL;
	entries->rule = type->rule;
	entries->ip4.key_size = 4;
	entries->ip6.key_size = 16;
	return entries;
}

void check_entries_free(check_entries_t *entries)
{
	if (entries == NULL)
		return;
	free(entries->ip4.records);
	free(entries->ip6.records);
	check_names_clear(&entries->names);
	intern_free(entries->records);
	free(entries->record_lines);
	free(entries->several);
	free(entries);
}

/* ---- Adding. ---- */

/* A source is a line, with this bit unless it has several places. So at one place those come first:
 * of a name, and of the same name with what is below it, the first one is superfluous, in whatever
 * order they stand. */
#define SINGLE (UINT32_C(1) << 31)

static uint32_t source_of(uint32_t line, bool is_several)
{
	return is_several ? line : line | SINGLE;
}

static err_t begin_several(check_entries_t *entries, uint32_t line, uint32_t places)
{
	err_t err = array_reserve((void **)&entries->several, &entries->several_capacity,
				  entries->several_count + 1, sizeof(*entries->several));

	if (err == ERR_OK)
		entries->several[entries->several_count++] =
			(several_t){ .line = line, .places = (uint8_t)places };
	return err;
}

static err_t add_prefix(const check_entries_t *entries, prefixes_t *prefixes, const uint8_t *key,
			unsigned length, uint32_t value, uint32_t source)
{
	size_t size = prefixes->key_size + TAIL_SIZE;
	bool is_first = entries->rule == DATASET_RULE_FIRST;
	err_t err = array_reserve((void **)&prefixes->records, &prefixes->capacity,
				  prefixes->count + 1, size);

	if (err != ERR_OK)
		return err;
	uint8_t *record = prefixes->records + prefixes->count++ * size;
	memcpy(record, key, prefixes->key_size);
	record += prefixes->key_size;
	record[0] = (uint8_t)length;
	put_u32(record + 1, is_first ? source : value);
	put_u32(record + 5, is_first ? value : source);
	return ERR_OK;
}

/* Length of the widest prefix that starts at `first` and does not go beyond `last`. */
static unsigned widest_prefix(uint32_t first, uint32_t last)
{
	unsigned length = 32;

	while (length > 0) {
		uint32_t hosts = (uint32_t)(UINT64_C(0xffffffff) >> (length - 1));
		if ((first & hosts) != 0 || last - first < hosts)
			break;
		length--;
	}
	return length;
}

static uint32_t behind(uint32_t first, unsigned length)
{
	return first + (uint32_t)(UINT64_C(0xffffffff) >> length);
}

/* A range is the fewest prefixes that cover it: in an ip4set those of one byte level are alike, so
 * this is how the index takes it too. */
static err_t add_ip4(check_entries_t *entries, uint32_t first, uint32_t last, uint32_t value,
		     uint32_t line)
{
	uint32_t places = 1;
	uint32_t at = first;
	uint8_t key[4];
	err_t err = ERR_OK;

	while (behind(at, widest_prefix(at, last)) != last) {
		at = behind(at, widest_prefix(at, last)) + 1;
		places++;
	}
	if (places > 1)
		err = begin_several(entries, line, places);
	at = first;
	for (uint32_t i = 0; i < places && err == ERR_OK; i++) {
		unsigned length = widest_prefix(at, last);
		put_u32(key, at);
		err = add_prefix(entries, &entries->ip4, key, length, value,
				 source_of(line, places > 1));
		at = behind(at, length) + 1;
	}
	return err;
}

static err_t add_ip6(check_entries_t *entries, ip6_address_t address, unsigned length,
		     uint32_t value, uint32_t line)
{
	uint8_t key[16];

	put_u32(key, (uint32_t)(address.high >> 32));
	put_u32(key + 4, (uint32_t)address.high);
	put_u32(key + 8, (uint32_t)(address.low >> 32));
	put_u32(key + 12, (uint32_t)address.low);
	return add_prefix(entries, &entries->ip6, key, length, value, source_of(line, false));
}

static err_t add_name(check_entries_t *entries, const dataset_entry_t *entry, uint32_t line)
{
	bool is_both = entry->key.name.is_plain && entry->key.name.is_wildcard;
	uint32_t source = source_of(line, is_both);
	err_t err = ERR_OK;

	if (is_both)
		err = begin_several(entries, line, 2);
	if (err == ERR_OK && entry->key.name.is_plain)
		err = check_names_add(&entries->names, entry->key.name.name, true, entry->value,
				      source);
	if (err == ERR_OK && entry->key.name.is_wildcard)
		err = check_names_add(&entries->names, entry->key.name.name, false, entry->value,
				      source);
	return err;
}

/* Keeps the record, or notes a verdict on it at once. */
static err_t add_record(check_entries_t *entries, const generic_record_t *record, uint32_t line)
{
	uint8_t bytes[1 + sizeof(record->key) + 2 + sizeof(record->rdata)];
	size_t size = 0;
	uint32_t id;

	if (entries->records == NULL && (entries->records = intern_new()) == NULL)
		return ERR_NOMEM;
	bytes[size++] = record->key_size;
	memcpy(bytes + size, record->key, record->key_size);
	size += record->key_size;
	put_u16(bytes + size, record->type);
	size += 2;
	memcpy(bytes + size, record->rdata, record->rdata_size);
	size += record->rdata_size;
	uint32_t known = intern_count(entries->records);
	err_t err = intern_add(entries->records, bytes, size, &id);
	if (err == ERR_OK && id > known)
		err = array_reserve((void **)&entries->record_lines, &entries->record_line_capacity,
				    id, sizeof(uint32_t));
	if (err != ERR_OK)
		return ERR_NOMEM;
	if (id > known) {
		entries->record_lines[id - 1] = line;
		return ERR_OK;
	}
	/* One place, with its verdict. */
	err = begin_several(entries, line, 1);
	if (err == ERR_OK) {
		several_t *several = &entries->several[entries->several_count - 1];
		several->verdicts[CHECK_DUPLICATE - SWEEP_VERDICT_FIRST] = 1;
		several->other = entries->record_lines[id - 1];
	}
	return err;
}

err_t check_entries_add(check_entries_t *entries, const dataset_entry_t *entry, uint32_t line)
{
	switch (entry->kind) {
	case DATASET_ENTRY_IP4:
		return add_ip4(entries, entry->key.ip4.first, entry->key.ip4.last, entry->value,
			       line);
	case DATASET_ENTRY_IP6:
		return add_ip6(entries, entry->key.ip6.address, entry->key.ip6.length, entry->value,
			       line);
	case DATASET_ENTRY_NAME:
		return add_name(entries, entry, line);
	case DATASET_ENTRY_RECORD:
		return add_record(entries, entry->key.record, line);
	}
	return ERR_OK;
}

/* ---- Comparing. ---- */

static several_t *find_several(const check_entries_t *entries, uint32_t line)
{
	size_t low = 0;
	size_t high = entries->several_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (entries->several[middle].line < line)
			low = middle + 1;
		else
			high = middle;
	}
	return &entries->several[low];
}

/* Takes a verdict of the sweep. */
static void take_verdict(void *context, check_kind_t kind, uint32_t source, uint32_t other)
{
	const check_entries_t *entries = context;
	uint32_t other_line = other == SWEEP_NONE ? 0 : other & ~SINGLE;

	if ((source & SINGLE) != 0) {
		/* The other line is not the same as a whole. */
		if (kind == CHECK_DUPLICATE && (other & SINGLE) == 0)
			kind = CHECK_REDUNDANT;
		entries->verdict(entries->context, kind, source & ~SINGLE, other_line);
		return;
	}
	several_t *several = find_several(entries, source);
	several->verdicts[kind - SWEEP_VERDICT_FIRST]++;
	if (other_line != 0)
		several->other = other_line;
}

/* The verdict on a line with several places: the mildest one, if all of them have one. */
static void report_several(const check_entries_t *entries, const several_t *several)
{
	static const check_kind_t mildest_first[SWEEP_VERDICTS] = {
		CHECK_REDUNDANT,
		CHECK_USELESS_EXCLUSION,
		CHECK_SHADOWED,
		CHECK_DUPLICATE,
	};
	unsigned sum = 0;

	for (unsigned i = 0; i < SWEEP_VERDICTS; i++)
		sum += several->verdicts[i];
	if (sum != several->places)
		return;
	for (unsigned i = 0; i < SWEEP_VERDICTS; i++) {
		check_kind_t kind = mildest_first[i];
		if (several->verdicts[kind - SWEEP_VERDICT_FIRST] > 0) {
			entries->verdict(entries->context, kind, several->line, several->other);
			return;
		}
	}
}

static void sweep_prefixes(check_entries_t *entries, prefixes_t *prefixes, sweep_t *sweep)
{
	bool is_first = entries->rule == DATASET_RULE_FIRST;
	size_t size = prefixes->key_size + TAIL_SIZE;

	record_sort(prefixes->records, prefixes->count, size, size);
	sweep_begin(sweep, entries->rule, true, take_verdict, entries);
	for (size_t i = 0; i < prefixes->count; i++) {
		const uint8_t *record = prefixes->records + i * size;
		const uint8_t *tail = record + prefixes->key_size;
		const sweep_node_t node = {
			.key = record,
			.bits = tail[0],
			.value = get_u32(tail + (is_first ? 5 : 1)),
			.source = get_u32(tail + (is_first ? 1 : 5)),
		};
		sweep_add(sweep, &node);
	}
	sweep_end(sweep);
}

err_t check_entries_compare(check_entries_t *entries, check_entries_verdict_t verdict,
			    void *context)
{
	sweep_t *sweep = malloc(sizeof(*sweep));

	if (sweep == NULL)
		return ERR_NOMEM;
	entries->verdict = verdict;
	entries->context = context;
	if (entries->ip4.count > 0)
		sweep_prefixes(entries, &entries->ip4, sweep);
	if (entries->ip6.count > 0)
		sweep_prefixes(entries, &entries->ip6, sweep);
	sweep_begin(sweep, entries->rule, false, take_verdict, entries);
	check_names_sweep(&entries->names, sweep);
	free(sweep);
	for (size_t i = 0; i < entries->several_count; i++)
		report_several(entries, &entries->several[i]);
	return ERR_OK;
}
