/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* generic: records of any name, as beside a list one wants www or mx of its zone.
 *
 * A sorted array of names, each with the records it owns. Names are kept from the top label down
 * (dns_name_key), so a binary search finds the name, and where it is missing, the place
 * where names below it would be: an empty non-terminal costs no search of its own. Such files are
 * small; a denser index would gain nothing. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "dataset/compare.h"
#include "dataset/generic_data.h"
#include "dataset/generic_record.h"
#include "dataset/observer.h"
#include "dataset/printer.h"
#include "dataset/types.h"
#include "dns/name.h"
#include "zonefile/name_text.h"

static void free_data(void *freed)
{
	generic_data_t *data = freed;

	if (!data->is_mapped) {
		free(data->records);
		free(data->pool);
	}
	free(data);
}

static err_t begin(dataset_loader_t *loader)
{
	generic_data_t *data = calloc(1, sizeof(*data));

	loader->state = data;
	if (data == NULL)
		return ERR_NOMEM;
	data->settings = loader->specials.settings;
	return ERR_OK;
}

static void abandon(dataset_loader_t *loader)
{
	if (loader->state != NULL)
		free_data(loader->state);
	loader->state = NULL;
}

static err_t add(dataset_loader_t *loader, text_t line)
{
	generic_data_t *data = loader->state;
	generic_record_t parsed;

	err_t err = generic_record_parse(loader, line, &parsed);
	if (err != ERR_OK)
		return err;
	size_t pool_size = data->pool_size + parsed.key_size + parsed.rdata_size;
	if (pool_size > UINT32_MAX)
		return ERR_NOMEM;
	err = array_reserve((void **)&data->pool, &data->pool_capacity, pool_size, 1);
	if (err == ERR_OK)
		err = array_reserve((void **)&data->records, &data->record_capacity,
				    data->record_count + 1, sizeof(*data->records));
	if (err != ERR_OK)
		return err;
	data->records[data->record_count++] = (record_t){
		.key = (uint32_t)data->pool_size,
		.key_size = parsed.key_size,
		.ttl_s = parsed.ttl_s,
		.type = parsed.type,
		.rdata_size = parsed.rdata_size,
	};
	memcpy(data->pool + data->pool_size, parsed.key, parsed.key_size);
	memcpy(data->pool + data->pool_size + parsed.key_size, parsed.rdata, parsed.rdata_size);
	data->pool_size = pool_size;
	dataset_observe_record(loader, &parsed);
	return ERR_OK;
}

static int compare_keys(const generic_data_t *data, const record_t *a, const record_t *b)
{
	return dns_name_key_compare(record_key(data, a), a->key_size, record_key(data, b),
				    b->key_size);
}

/* By preference and name. Names in RDATA are the same in either case (RFC 4343), which the reply,
 * comparing bytes, would not see. */
static int compare_mx(const generic_data_t *data, const record_t *a, const record_t *b)
{
	uint8_t x[GENERIC_MX_MAX];
	uint8_t y[GENERIC_MX_MAX];

	memcpy(x, record_rdata(data, a), a->rdata_size);
	memcpy(y, record_rdata(data, b), b->rdata_size);
	dns_name_lower(x + 2, a->rdata_size - 2u);
	dns_name_lower(y + 2, b->rdata_size - 2u);
	return dns_name_key_compare(x, a->rdata_size, y, b->rdata_size);
}

static int compare_records(const void *a, const void *b, void *context)
{
	const generic_data_t *data = context;
	const record_t *x = a;
	const record_t *y = b;
	bool x_is_mx = x->type == DNS_TYPE_MX;
	bool y_is_mx = y->type == DNS_TYPE_MX;
	int order = compare_keys(data, x, y);

	if (order == 0)
		order = x_is_mx - y_is_mx;
	if (order == 0 && x_is_mx)
		order = compare_mx(data, x, y);
	/* Offsets grow in the order of reading, which makes the sort stable. */
	return order != 0 ? order : (x->key > y->key) - (x->key < y->key);
}

/* Gives `next` the smaller TTL of both. That of a record that is to be compiled may be the default, which
 * nobody knows yet. */
static void merge_ttl(const record_t *record, record_t *next)
{
	bool has_default = record->ttl_s == 0 || next->ttl_s == 0;

	if (record->ttl_s == next->ttl_s)
		has_default = false;
	if (next->ttl_s == 0 || (record->ttl_s != 0 && record->ttl_s < next->ttl_s))
		next->ttl_s = record->ttl_s;
	next->is_capped |= record->is_capped | has_default;
}

/* Drops every MX that stands again further down, as rbldnsd keeps the last one; the smaller TTL is
 * that of both. Sorted, the same ones are neighbours. */
static void drop_repeated_mx(generic_data_t *data)
{
	size_t kept = 0;

	for (size_t i = 0; i < data->record_count; i++) {
		record_t *record = &data->records[i];
		record_t *next = record + 1;
		if (i + 1 < data->record_count && record->type == DNS_TYPE_MX &&
		    next->type == DNS_TYPE_MX && compare_keys(data, record, next) == 0 &&
		    compare_mx(data, record, next) == 0) {
			merge_ttl(record, next);
			continue;
		}
		data->records[kept++] = *record;
	}
	data->record_count = kept;
}

static err_t finish(dataset_loader_t *loader, void **finished, size_t *memory)
{
	generic_data_t *data = loader->state;

	if (data->record_count > 1)
		qsort_r(data->records, data->record_count, sizeof(*data->records), compare_records,
			data);
	drop_repeated_mx(data);
	*finished = data;
	*memory = sizeof(*data) + data->record_capacity * sizeof(*data->records) +
		  data->pool_capacity;
	loader->state = NULL;
	return ERR_OK;
}

/* The first record whose key is not less than `key`. */
static size_t lower_bound(const generic_data_t *data, const uint8_t *key, size_t key_size)
{
	size_t low = 0;
	size_t high = data->record_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const record_t *record = &data->records[middle];
		if (dns_name_key_compare(record_key(data, record), record->key_size, key,
					 key_size) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void find_one(const generic_data_t *data, const dataset_question_t *question,
		     dataset_match_t *match)
{
	uint8_t key[DNS_NAME_MAX];
	size_t size =
		dns_name_key(question->query->qname, question->query->labels, question->depth, key);
	size_t place = lower_bound(data, key, size);

	match->found = DATASET_NOTHING;
	if (place == data->record_count)
		return;
	const record_t *record = &data->records[place];
	if (record->key_size < size || memcmp(record_key(data, record), key, size) != 0)
		return;
	match->found = record->key_size == size ? DATASET_ENTRY : DATASET_BELOW;
	match->entry = (uint32_t)place;
}

static void find(const void *data, const dataset_question_t *const *questions, size_t count,
		 dataset_match_t *matches)
{
	for (size_t i = 0; i < count; i++)
		find_one(data, questions[i], &matches[i]);
}

static void write(const dataset_t *dataset, uint32_t entry,
		  const dataset_question_t *question ATTR_UNUSED, dns_type_t type,
		  unsigned rotation, dns_reply_t *reply)
{
	const generic_data_t *data = dataset->data;
	const record_t *first = &data->records[entry];
	size_t count = 1;

	while (entry + count < data->record_count && compare_keys(data, first, first + count) == 0)
		count++;
	for (size_t i = 0; i < count && !reply->out.overrun; i++) {
		const record_t *record = first + (i + rotation) % count;
		if (record->type == type)
			dns_reply_add(reply, type, DNS_CLASS_IN, record_ttl(data, record),
				      record_rdata(data, record), record->rdata_size);
	}
}

static err_t walk(const dataset_t *dataset, const dataset_visitor_t *visitor)
{
	const generic_data_t *data = dataset->data;
	err_t err = ERR_OK;

	for (size_t i = 0; i < data->record_count && err == ERR_OK; i++) {
		const record_t *record = &data->records[i];
		const dataset_node_t node = {
			.key = record_key(data, record),
			.key_size = record->key_size,
		};
		err = visitor->visit(visitor->context, &node);
	}
	return err;
}

/* ---- What a reload has changed. ---- */

/* The records of one data set in an order that is that of both: by name, type, RDATA and TTL. */
typedef struct ranking {
	const generic_data_t *data;
	const record_t **records; /* each distinct one once */
	size_t count;
} ranking_t;

/* By name and type: the key of an entry. */
static int rank_keys(const generic_data_t *a, const record_t *x, const generic_data_t *b,
		     const record_t *y)
{
	int order =
		dns_name_key_compare(record_key(a, x), x->key_size, record_key(b, y), y->key_size);

	return order != 0 ? order : (x->type > y->type) - (x->type < y->type);
}

static int rank_records(const generic_data_t *a, const record_t *x, const generic_data_t *b,
			const record_t *y)
{
	int order = rank_keys(a, x, b, y);

	if (order == 0)
		order = dns_name_key_compare(record_rdata(a, x), x->rdata_size, record_rdata(b, y),
					     y->rdata_size);
	uint32_t x_ttl = record_ttl(a, x);
	uint32_t y_ttl = record_ttl(b, y);
	return order != 0 ? order : (x_ttl > y_ttl) - (x_ttl < y_ttl);
}

static int rank_of_data(const void *a, const void *b, void *data)
{
	return rank_records(data, *(const record_t *const *)a, data, *(const record_t *const *)b);
}

/* Returns ERR_OK, and the caller frees `ranking->records`, or ERR_NOMEM. */
static err_t rank(const generic_data_t *data, ranking_t *ranking)
{
	const record_t **records = calloc(data->record_count + 1, sizeof(*records));
	size_t count = 0;

	*ranking = (ranking_t){ .data = data, .records = records };
	if (records == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < data->record_count; i++)
		records[i] = &data->records[i];
	if (data->record_count > 1)
		qsort_r(records, data->record_count, sizeof(*records), rank_of_data,
			(void *)(uintptr_t)data);
	for (size_t i = 0; i < data->record_count; i++)
		if (i == 0 || rank_records(data, records[i - 1], data, records[i]) != 0)
			records[count++] = records[i];
	ranking->count = count;
	return ERR_OK;
}

/* Counts what one key had and has, from the places on, which are moved behind that. */
static void count_key(const ranking_t *old, size_t *i, const ranking_t *next, size_t *j,
		      dataset_changes_t *changes)
{
	bool has_old = *i < old->count;
	int order = has_old && *j < next->count
			    ? rank_keys(old->data, old->records[*i], next->data, next->records[*j])
		    : has_old ? -1
			      : 1;
	const ranking_t *key_of = order <= 0 ? old : next;
	const record_t *key = key_of->records[order <= 0 ? *i : *j];
	uint64_t gone = 0;
	uint64_t come = 0;

	for (;;) {
		bool is_old = *i < old->count &&
			      rank_keys(key_of->data, key, old->data, old->records[*i]) == 0;
		bool is_next = *j < next->count &&
			       rank_keys(key_of->data, key, next->data, next->records[*j]) == 0;
		if (!is_old && !is_next)
			break;
		order = !is_next  ? -1
			: !is_old ? 1
				  : rank_records(old->data, old->records[*i], next->data,
						 next->records[*j]);
		*i += order <= 0;
		*j += order >= 0;
		gone += order < 0;
		come += order > 0;
	}
	dataset_changes_add(changes, gone, come);
}

static err_t compare(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	ranking_t old_ranking = { .count = 0 };
	ranking_t next_ranking = { .count = 0 };
	size_t i = 0;
	size_t j = 0;

	err_t err = rank(old->data, &old_ranking);
	if (err == ERR_OK)
		err = rank(next->data, &next_ranking);
	while (err == ERR_OK && (i < old_ranking.count || j < next_ranking.count))
		count_key(&old_ranking, &i, &next_ranking, &j, changes);
	free(old_ranking.records);
	free(next_ranking.records);
	return err;
}

/* ---- Written back. ---- */

/* Writes a name whose labels are at labels[0..count) of it, the topmost last. */
static void print_name(const uint8_t *name, const uint8_t *labels, unsigned count, FILE *out)
{
	char text[NAME_LINE_TEXT_SIZE];

	(void)fwrite(text, 1, name_text_write_line(name, labels, count, true, false, text), out);
}

static void print_owner(const generic_data_t *data, const record_t *record, FILE *out)
{
	const uint8_t *key = record_key(data, record);
	unsigned count = dns_name_key_labels(key, record->key_size);
	uint8_t labels[DNS_LABELS_MAX];

	for (unsigned i = count, at = 0; i > 0; at += key[at] + 1u)
		labels[--i] = (uint8_t)at;
	if (count == 0)
		fputc('@', out);
	else
		print_name(key, labels, count, out);
}

static void print_rdata(const generic_data_t *data, const record_t *record, FILE *out)
{
	const uint8_t *rdata = record_rdata(data, record);
	uint8_t labels[DNS_LABELS_MAX];

	switch (record->type) {
	case DNS_TYPE_A:
		fprintf(out, " A %u.%u.%u.%u\n", rdata[0], rdata[1], rdata[2], rdata[3]);
		break;
	case DNS_TYPE_TXT:
		fputs(" TXT \"", out);
		for (size_t at = 0; at < record->rdata_size; at += rdata[at] + 1u)
			(void)fwrite(rdata + at + 1, 1, rdata[at], out);
		fputs("\"\n", out);
		break;
	case DNS_TYPE_MX:
		fprintf(out, " MX %u ", (unsigned)rdata[0] << 8 | rdata[1]);
		print_name(rdata + 2, labels, dns_name_labels(rdata + 2, labels), out);
		fputc('\n', out);
		break;
	default:
		break; /* there are no others */
	}
}

static void print_record(const generic_data_t *data, const record_t *record, bool has_ttl,
			 FILE *out)
{
	print_owner(data, record, out);
	if (has_ttl)
		fprintf(out, " %" PRIu32, record->ttl_s);
	print_rdata(data, record, out);
}

static err_t print(const dataset_t *dataset, dataset_printer_t *printer)
{
	const generic_data_t *data = dataset->data;
	uint32_t default_s = dataset->specials.settings->ttl_default_s;

	for (size_t i = 0; i < data->record_count; i++) {
		const record_t *record = &data->records[i];
		bool has_ttl = record->ttl_s != 0 && record->ttl_s != default_s;
		/* One that stood there twice, with a TTL and with the default. */
		if (has_ttl && record->is_capped != 0)
			print_record(data, record, false, printer->out);
		print_record(data, record, has_ttl, printer->out);
	}
	return ferror(printer->out) ? err_from_errno() : ERR_OK;
}

const dataset_type_t dataset_generic = {
	.name = "generic",
	.begin = begin,
	.add = add,
	.finish = finish,
	.abandon = abandon,
	.free = free_data,
	.find = find,
	.write = write,
	.walk = walk,
	.compare = compare,
	.save = generic_save,
	.map = generic_map,
	.print = print,
};
