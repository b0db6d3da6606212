/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Opening a list: one pass through its records, for what they look like, what they say for all entries, and what is
 * wrong with them. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cdb/compiled_file.h"
#include "dataset/cdblist.h"
#include "dataset/observer.h"

/* Most bytes of a record that stands for a line: a $SOA, $0 or default line. As long as lines may be. */
#define LINE_MAX ((size_t)32 * 1024)

/* Of a value of rbldns: the address, and how much of the text it serves. */
enum { DJB_A_SIZE = 4, DJB_TEXT_MAX = 96 };
#define DJB_TTL_S 2048

/* Has the numbers of values that observers are told fit, and none be 0. */
#define VALUE_NUMBER(hash) ((uint32_t)((hash) % INT32_MAX) + 1)

/* The pass. */
typedef struct scan {
	dataset_loader_t *loader;
	cdblist_t *list;
	const char *path;
	uint64_t records;  /* that a key can lead to */
	bool is_known;     /* whose keys they are */
	bool has_fallback; /* of rbldns: the empty key was there */
	char *line;        /* LINE_MAX bytes, owned; NULL: not needed yet */
} scan_t;

/* Is it what the cdb tool leaves of a record that was replaced? */
static bool is_blotted_out(text_t key)
{
	if (text_is_empty(key))
		return false;
	while (!text_is_empty(key) && *key.at == '\0')
		key.at++;
	return text_is_empty(key);
}

/* Does the record stand for a line that is no entry? */
static bool is_line(text_t key)
{
	text_t rest = key;

	if (specials_is_line(&rest) || text_is_done(key))
		return true;
	return *key.at == ':' && !(text_size(key) > 1 && key.at[1] == ':');
}

bool cdblist_is_entry(const cdblist_t *list, text_t key)
{
	if (is_blotted_out(key))
		return false;
	return list->is_djb ? !text_is_empty(key) : !is_line(key);
}

static err_t skip(scan_t *scan, const char *why)
{
	dataset_loader_report(scan->loader, why, DATASET_LINE_SKIPPED);
	return ERR_OK;
}

/* ---- Lists of rbldns. ---- */

/* Makes the value of all entries: an address, and a text whose last character, if it is a dollar sign, stands for the
 * address that is asked for. */
static err_t take_djb_value(scan_t *scan, text_t value)
{
	static const char builtin[] = "\x7f\0\0\2Listed $";
	cdblist_t *list = scan->list;
	const char *more = "";

	scan->has_fallback = true;
	if (text_size(value) < DJB_A_SIZE)
		value = (text_t){ builtin, builtin + sizeof(builtin) - 1 };
	memcpy(list->fallback.a, value.at, DJB_A_SIZE);
	value.at += DJB_A_SIZE;
	if (text_size(value) > DJB_TEXT_MAX) {
		dataset_loader_report(
			scan->loader,
			"the text is longer than 96 bytes; as in rbldns the rest is cut off",
			DATASET_LINE_COUNTS);
		value.end = value.at + DJB_TEXT_MAX;
	}
	list->has_empty_text = text_is_empty(value);
	list->text = malloc(2 * DJB_TEXT_MAX + 1);
	if (list->text == NULL)
		return ERR_NOMEM;
	char *out = list->text;
	for (; !text_is_empty(value); value.at++) {
		bool is_subject = value.at + 1 == value.end;
		if (*value.at == '$' && !is_subject)
			more = "$"; /* $$ is a dollar sign */
		*out++ = *value.at;
		if (*more != '\0')
			*out++ = *more;
		more = "";
	}
	list->fallback.txt = (text_t){ list->text, out };
	return ERR_OK;
}

/* That of rbldns, within the bounds that the server has. */
static uint32_t djb_ttl(const zone_settings_t *settings)
{
	if (settings->ttl_min_s > DJB_TTL_S)
		return settings->ttl_min_s;
	return settings->ttl_max_s != 0 && settings->ttl_max_s < DJB_TTL_S ? settings->ttl_max_s
									   : DJB_TTL_S;
}

static err_t take_djb(scan_t *scan, text_t key, text_t value)
{
	const uint8_t *bytes = (const uint8_t *)key.at;
	cdblist_key_t entry = { .kind = CDBLIST_IP4 };

	if (text_is_empty(key))
		return scan->has_fallback ? skip(scan, "of several values the first one counts")
					  : take_djb_value(scan, value);
	if (!cdblist_key_is_djb(bytes, text_size(key)))
		return skip(scan, "not a key of rbldns, which the first one of this file is");
	entry.length = bytes[DJB_A_SIZE];
	entry.is_bare = entry.length == 32;
	for (unsigned i = 0; i < DJB_A_SIZE; i++)
		entry.ip4 = entry.ip4 << 8 | bytes[i];
	if (entry.length < CDBLIST_DJB_LENGTH_MIN)
		return skip(scan, "rbldns looks up no prefixes shorter than /8");
	uint32_t host = (uint32_t)(UINT64_C(0xffffffff) >> entry.length);
	if ((entry.ip4 & host) != 0)
		return skip(scan, "bits are set behind the prefix length, so nobody finds it");
	scan->loader->entries++;
	dataset_observe_ip4(scan->loader, entry.ip4, entry.ip4 | host, 1);
	return cdblist_shape_add(scan->list->shape, &entry);
}

/* ---- Lists in text. ---- */

/* Puts the line together again that key and value are from. */
static err_t take_line(scan_t *scan, text_t key, text_t value)
{
	/* Of the key ":" the value is the default value, written as values are. */
	bool is_value = text_size(key) == 1 && *key.at == ':' && text_at(value, ':');
	size_t size = is_value ? 0 : text_size(key);

	if (text_size(key) + 1 + text_size(value) > LINE_MAX)
		return skip(scan, "longer than 32 KiB");
	if (scan->line == NULL)
		scan->line = malloc(LINE_MAX);
	if (scan->line == NULL)
		return ERR_NOMEM;
	memcpy(scan->line, key.at, size);
	if (size > 1 && !text_is_empty(value))
		scan->line[size++] = ' ';
	memcpy(scan->line + size, value.at, text_size(value));
	size += text_size(value);
	while (size > 0 && (text_is_blank(scan->line[size - 1]) || scan->line[size - 1] == '\r'))
		size--;
	return dataset_loader_take(scan->loader, (text_t){ scan->line, scan->line + size });
}

/* Is it written in the one way in which it is found? If not, reports the right one. */
static bool is_as_written(scan_t *scan, text_t key, const cdblist_key_t *entry)
{
	char right[CDBLIST_KEY_MAX];
	char words[CDBLIST_KEY_MAX + 100];

	size_t size = cdblist_key_write(entry, right);
	if (size == text_size(key) && memcmp(right, key.at, size) == 0)
		return true;
	(void)snprintf(words, sizeof(words), "it is looked up as '%.*s': write it like that",
		       (int)size, right);
	(void)skip(scan, words);
	return false;
}

/* A number that is the same for the same value, as far as who checks files needs to know. */
static uint32_t value_number(const zone_value_t *value)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (unsigned i = 0; i < sizeof(value->a); i++)
		hash = (hash ^ value->a[i]) * UINT64_C(0x100000001b3);
	for (const char *at = value->txt.at; at != value->txt.end; at++)
		hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
	return VALUE_NUMBER(hash ^ hash >> 32);
}

/* Reads the value of an entry, and tells what is wrong with it. Returns whether there is any. */
static bool take_value(scan_t *scan, text_t text, uint32_t *number)
{
	dataset_loader_t *loader = scan->loader;
	zone_value_t value;

	loader->why = NULL;
	if (cdblist_value(scan->list, text, &value, &loader->why) != ERR_OK) {
		(void)skip(scan, loader->why);
		return false;
	}
	if (loader->why != NULL) /* of a condition */
		dataset_loader_report(loader, loader->why, DATASET_LINE_COUNTS);
	(void)dataset_loader_cut_text(loader, value.txt);
	if (loader->observer == NULL)
		return true;
	*number = value_number(&value);
	if (!text_is_done(text) && DATASET_WANTS(loader, value))
		loader->observer->value(loader->observer->context, loader, text, &value);
	return true;
}

static void observe(const dataset_loader_t *loader, const cdblist_key_t *key, uint32_t number)
{
	switch (key->kind) {
	case CDBLIST_IP4:
		dataset_observe_ip4(loader, key->ip4,
				    key->ip4 | (uint32_t)(UINT64_C(0xffffffff) >> key->length),
				    number);
		break;
	case CDBLIST_IP6:
		dataset_observe_ip6(loader, key->ip6, key->length, number);
		break;
	case CDBLIST_NAME:
		dataset_observe_name(loader, key->name.name, key->name.is_plain,
				     key->name.is_wildcard, number);
		break;
	}
}

static err_t take_entry(scan_t *scan, text_t key, text_t value)
{
	dataset_loader_t *loader = scan->loader;
	cdblist_key_t entry;
	uint32_t number = 0;

	entry.kind = CDBLIST_IP4;
	entry.is_exclusion = false;
	entry.is_bare = true;
	entry.length = 32;
	if (!cdblist_key_is_address(key, &entry.ip4)) {
		if (cdblist_key_parse(key, &entry, &loader->why) != ERR_OK)
			return skip(scan, loader->why);
		if (!is_as_written(scan, key, &entry))
			return ERR_OK;
	}
	if (!entry.is_exclusion && !take_value(scan, value, &number))
		return ERR_OK;
	loader->entries++;
	observe(loader, &entry, number);
	return cdblist_shape_add(scan->list->shape, &entry);
}

/* ---- The pass. ---- */

static err_t take_record(void *context, const void *key_data, size_t key_size,
			 const void *value_data, size_t value_size)
{
	scan_t *scan = context;
	const text_t key = { key_data, (const char *)key_data + key_size };
	const text_t value = { value_data, (const char *)value_data + value_size };

	if (is_blotted_out(key))
		return ERR_OK;
	scan->records++;
	if (!scan->is_known) {
		scan->is_known = true;
		scan->list->is_djb = key_size == 0 || cdblist_key_is_djb(key_data, key_size);
		if (scan->list->is_djb)
			scan->loader->specials.ttl_s = djb_ttl(scan->loader->specials.settings);
	}
	dataset_loader_at_record(scan->loader, scan->path, key);
	if (scan->list->is_djb)
		return take_djb(scan, key, value);
	return is_line(key) ? take_line(scan, key, value) : take_entry(scan, key, value);
}

/* Has the value of entries that have none of their own stay, and its text be ready. */
static err_t settle_fallback(scan_t *scan)
{
	cdblist_t *list = scan->list;
	const dataset_loader_t *loader = scan->loader;
	uint8_t compiled[TEMPLATE_COMPILED_MAX];

	if (list->is_djb && !scan->has_fallback) {
		err_t err = take_djb_value(scan, (text_t){ NULL, NULL });
		if (err != ERR_OK)
			return err;
	} else if (!list->is_djb) {
		size_t size = text_size(loader->fallback.txt);
		list->text = malloc(size + 1);
		if (list->text == NULL)
			return ERR_NOMEM;
		if (size > 0)
			memcpy(list->text, loader->fallback.txt.at, size);
		list->fallback = loader->fallback;
		list->fallback.txt = (text_t){ list->text, list->text + size };
	}
	size_t size = template_compile(list->fallback.txt, &loader->specials.variables, compiled);
	if (size == 0)
		return ERR_OK;
	list->compiled = malloc(size);
	if (list->compiled == NULL)
		return ERR_NOMEM;
	memcpy(list->compiled, compiled, size);
	return ERR_OK;
}

/* Tells the system how the file is going to be read. */
static void advise(const cdblist_t *list, int how)
{
	size_t size;
	const void *memory = cdb_file_memory(list->file, &size);

	(void)madvise((void *)(uintptr_t)memory, size, how);
}

void cdblist_let_go(const cdblist_t *list)
{
	advise(list, MADV_DONTNEED);
}

static err_t fail(scan_t *scan, const char *why, bool is_lasting)
{
	scan->loader->record = (text_t){ NULL, NULL };
	return dataset_loader_fail_file(scan->loader, scan->path, why, is_lasting);
}

static err_t read_records(scan_t *scan)
{
	cdblist_t *list = scan->list;
	const char *why = "a record is not whole: it is damaged, or has been cut";

	advise(list, MADV_SEQUENTIAL);
	err_t err = cdb_file_walk(list->file, take_record, scan);
	if (err == ERR_OK)
		err = cdb_search_check(list->file, scan->records, &why);
	cdblist_let_go(list);
	advise(list, MADV_RANDOM);
	cdblist_shape_settle(list->shape);
	if (err == ERR_CORRUPT)
		return fail(scan, why, true);
	return err == ERR_OK ? settle_fallback(scan) : err;
}

/* Did `spurn compile` make it? Names of a list can be what its records are called, but not with such values. */
static bool is_compiled(const cdb_file_t *file)
{
	const void *header;
	const void *sum;
	size_t header_size;
	size_t sum_size;

	return cdb_file_find(file, COMPILED_KEY_HEADER, strlen(COMPILED_KEY_HEADER), &header,
			     &header_size) &&
	       cdb_file_find(file, COMPILED_KEY_CHECKSUM, strlen(COMPILED_KEY_CHECKSUM), &sum,
			     &sum_size) &&
	       header_size > 0 && *(const char *)header == '{';
}

static err_t open_file(scan_t *scan, file_stamp_t *stamp)
{
	err_t err = cdb_file_open(scan->path, &scan->list->file, stamp);

	switch (err) {
	case ERR_OK:
	case ERR_NOMEM:
		return err;
	case ERR_CORRUPT:
		return fail(scan,
			    "not a cdb, or one that has been cut (make one of text with cdb -c -m)",
			    true);
	case ERR_INVAL:
		return fail(scan, "not a plain file", false);
	default:
		return fail(scan, err_text(err), false);
	}
}

static err_t open_list(scan_t *scan, dataset_t *dataset)
{
	cdblist_t *list = scan->list;
	size_t size;

	list->shape = cdblist_shape_new();
	if (list->shape == NULL)
		return ERR_NOMEM;
	err_t err = open_file(scan, &dataset->stamps[0]);
	if (err == ERR_OK && is_compiled(list->file))
		err = fail(scan, "a compiled list, which type compiled serves", true);
	if (err == ERR_OK)
		err = read_records(scan);
	if (err != ERR_OK)
		return err;
	(void)cdb_file_memory(list->file, &size);
	dataset->mapped = size;
	dataset->memory = size + sizeof(*list) + cdblist_shape_memory(list->shape);
	dataset->newest = dataset->stamps[0].modified.tv_sec;
	dataset->entries = scan->loader->entries;
	return ERR_OK;
}

err_t cdblist_open(dataset_loader_t *loader, dataset_t *dataset, const char *const *files)
{
	scan_t scan = { .loader = loader, .path = files[0] };

	if (dataset->file_count != 1)
		return dataset_loader_fail_file(
			loader, NULL,
			"of this type a data set is one file; give each a specification of its own",
			true);
	scan.list = calloc(1, sizeof(*scan.list));
	if (scan.list == NULL)
		return ERR_NOMEM;
	dataset->data = scan.list;
	scan.list->fallback = zone_value_builtin;
	scan.list->has_parameters = loader->specials.settings->entry_parameters;
	err_t err = open_list(&scan, dataset);
	free(scan.line);
	dataset->specials = loader->specials;
	return err;
}

void cdblist_free(void *data)
{
	cdblist_t *list = data;

	cdb_file_close(list->file);
	cdblist_shape_free(list->shape);
	free(list->text);
	free(list->compiled);
	free(list);
}
