/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What a data set of names has line by line: to compare two, and to write one back. */

#include <stdlib.h>

#include "dataset/dnset_data.h"
#include "dataset/entry_changes.h"
#include "dataset/printer.h"
#include "dns/name.h"
#include "index/name_builder.h"
#include "zonefile/name_text.h"

/* ---- What a reload has changed. ---- */

/* What a name has, by what the lines were for. */
typedef struct name_lists {
	entry_list_t plain;
	entry_list_t wildcard;
	entry_list_t both;
	uint32_t *split; /* where sets had to be taken apart; owned */
} name_lists_t;

/* Takes two sorted lists apart: what only one of them has, and what both have. */
static err_t split_lists(name_lists_t *lists)
{
	entry_list_t plain = lists->plain;
	entry_list_t wildcard = lists->wildcard;
	uint32_t *room = calloc(plain.count + wildcard.count + plain.count, sizeof(*room));

	lists->split = room;
	if (room == NULL)
		return ERR_NOMEM;
	uint32_t *only_plain = room;
	uint32_t *only_wildcard = room + plain.count;
	uint32_t *both = only_wildcard + wildcard.count;
	lists->plain = (entry_list_t){ only_plain, 0 };
	lists->wildcard = (entry_list_t){ only_wildcard, 0 };
	lists->both = (entry_list_t){ both, 0 };
	for (size_t i = 0, j = 0; i < plain.count || j < wildcard.count;) {
		bool is_plain = j == wildcard.count ||
				(i < plain.count && plain.numbers[i] <= wildcard.numbers[j]);
		bool is_wildcard = i == plain.count ||
				   (j < wildcard.count && wildcard.numbers[j] <= plain.numbers[i]);
		if (is_plain && is_wildcard)
			both[lists->both.count++] = plain.numbers[i];
		else if (is_plain)
			only_plain[lists->plain.count++] = plain.numbers[i];
		else
			only_wildcard[lists->wildcard.count++] = wildcard.numbers[j];
		i += is_plain;
		j += is_wildcard;
	}
	return ERR_OK;
}

static err_t list_name(const entry_side_t *side, const name_line_t *line, name_lists_t *lists)
{
	*lists = (name_lists_t){ .split = NULL };
	if (line == NULL)
		return ERR_OK;
	if (line->has_plain)
		lists->plain = entry_changes_list(side, &line->plain);
	if (line->has_wildcard)
		lists->wildcard = entry_changes_list(side, &line->wildcard);
	if (!line->has_plain || !line->has_wildcard || line->is_split)
		return ERR_OK;
	if (line->plain == line->wildcard) {
		lists->both = lists->plain;
		lists->plain.count = lists->wildcard.count = 0;
		return ERR_OK;
	}
	return lists->plain.count == 1 && lists->wildcard.count == 1 ? ERR_OK : split_lists(lists);
}

static void visit_lines(void *context, const name_line_t *old, const name_line_t *next,
			uint64_t names)
{
	entry_changes_t *changes = context;
	name_lists_t a;
	name_lists_t b;

	err_t err = list_name(&changes->old, old, &a);
	if (err == ERR_OK)
		err = list_name(&changes->next, next, &b);
	else
		b.split = NULL;
	if (err == ERR_OK) {
		entry_changes_count(changes, a.plain, b.plain, names);
		entry_changes_count(changes, a.wildcard, b.wildcard, names);
		entry_changes_count(changes, a.both, b.both, names);
	} else {
		changes->err = err;
	}
	free(a.split);
	free(b.split);
}

err_t dnset_compare(const dataset_t *old, const dataset_t *next, dataset_changes_t *changes)
{
	const dnset_data_t *a = old->data;
	const dnset_data_t *b = next->data;
	entry_changes_t entries = { { a->values, 0 }, { b->values, 0 }, changes, ERR_OK };

	name_lines_compare(a->index, &a->lines, b->index, &b->lines, visit_lines, &entries);
	return entries.err;
}

/* ---- Written back. ---- */

typedef struct line_printer {
	dataset_printer_t *printer;
	const entry_values_t *values;
	uint32_t *alike; /* by number, less 1: of all values that mean the same, one */
} line_printer_t;

static int compare_numbers(const void *a, const void *b, void *context)
{
	const value_table_t *table = context;
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;
	int order = value_table_compare(table, x, table, y);

	return order != 0 ? order : (x > y) - (x < y);
}

/* NULL for want of memory. */
static uint32_t *find_alike(const value_table_t *table)
{
	uint32_t count = value_table_count(table);
	uint32_t *alike = calloc(count + 1u, sizeof(*alike));
	uint32_t *sorted = calloc(count + 1u, sizeof(*sorted));

	for (uint32_t i = 0; sorted != NULL && i < count; i++)
		sorted[i] = i + 1;
	if (sorted != NULL && count > 1)
		qsort_r(sorted, count, sizeof(*sorted), compare_numbers, (void *)(uintptr_t)table);
	for (uint32_t i = 0, first = 0; sorted != NULL && alike != NULL && i < count; i++) {
		if (value_table_compare(table, sorted[first], table, sorted[i]) != 0)
			first = i;
		alike[sorted[i] - 1] = sorted[first];
	}
	if (sorted == NULL) {
		free(alike);
		alike = NULL;
	}
	free(sorted);
	return alike;
}

/* Copies a list, with one number for all that mean the same. */
static entry_list_t copy_alike(const uint32_t *alike, entry_list_t list, uint32_t *room)
{
	for (size_t i = 0; i < list.count; i++)
		room[i] = list.numbers[i] != NAME_INDEX_NONE ? alike[list.numbers[i] - 1]
							     : NAME_INDEX_NONE;
	return (entry_list_t){ room, value_sets_sort(room, list.count) };
}

/* As list_name, but takes lists apart by what their values mean, as the lines will when they are read. */
static err_t list_alike(const line_printer_t *lines, const name_line_t *line, name_lists_t *lists)
{
	const entry_side_t side = { lines->values, 0 };
	bool is_apart = line->has_plain && line->has_wildcard && !line->is_split &&
			line->plain != line->wildcard;
	uint32_t *room = NULL;

	if (!is_apart)
		return list_name(&side, line, lists);
	*lists = (name_lists_t){
		.plain = entry_changes_list(&side, &line->plain),
		.wildcard = entry_changes_list(&side, &line->wildcard),
	};
	if (lists->plain.count == 1 && lists->wildcard.count == 1)
		return ERR_OK;
	room = calloc(lists->plain.count + lists->wildcard.count, sizeof(*room));
	if (room == NULL)
		return ERR_NOMEM;
	size_t plain_count = lists->plain.count;
	lists->plain = copy_alike(lines->alike, lists->plain, room);
	lists->wildcard = copy_alike(lines->alike, lists->wildcard, room + plain_count);
	err_t err = split_lists(lists);
	free(room);
	return err;
}

/* Writes what a name has for itself, for what is below it, or for both. */
static err_t print_list(const line_printer_t *lines, entry_list_t list, const uint8_t *name,
			const uint8_t *labels, unsigned count, unsigned kinds)
{
	char key[NAME_LINE_TEXT_SIZE];

	if (list.count == 0)
		return ERR_OK;
	size_t size = name_text_write_line(name, labels, count, (kinds & NAME_FOR_PLAIN) != 0,
					   (kinds & NAME_FOR_WILDCARD) != 0, key);
	if (list.numbers[0] == NAME_INDEX_NONE)
		return dataset_printer_entry(lines->printer, lines->values, key, size,
					     NAME_INDEX_NONE);
	return dataset_printer_values(lines->printer, lines->values, key, size, list.numbers,
				      list.count);
}

static err_t print_line(void *context, const uint8_t *path, size_t size, const name_line_t *line)
{
	const line_printer_t *lines = context;
	uint8_t labels[DNS_LABELS_MAX];
	unsigned count = dns_name_key_labels(path, size);
	name_lists_t lists;

	/* The path begins at the top, and text ends there. */
	for (unsigned i = count, at = 0; i > 0; at += path[at] + 1u)
		labels[--i] = (uint8_t)at;
	err_t err = list_alike(lines, line, &lists);
	if (err == ERR_OK)
		err = print_list(lines, lists.both, path, labels, count,
				 NAME_FOR_PLAIN | NAME_FOR_WILDCARD);
	if (err == ERR_OK)
		err = print_list(lines, lists.plain, path, labels, count, NAME_FOR_PLAIN);
	if (err == ERR_OK)
		err = print_list(lines, lists.wildcard, path, labels, count, NAME_FOR_WILDCARD);
	free(lists.split);
	return err;
}

err_t dnset_print(const dataset_t *dataset, dataset_printer_t *printer)
{
	const dnset_data_t *data = dataset->data;
	line_printer_t lines = { .printer = printer, .values = data->values };

	if (!dataset_printer_begin(printer, data->values))
		return ERR_OK;
	lines.alike = find_alike(entry_values_table(data->values));
	if (lines.alike == NULL)
		return ERR_NOMEM;
	err_t err = name_lines_walk(data->index, &data->lines, print_line, &lines);
	free(lines.alike);
	return err;
}
