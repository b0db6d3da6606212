/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/check_output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "base/plural.h"
#include "tool/json.h"

/* Writes `text`, control characters as \ddd as in the log, so that no file can forge lines. */
static void write_plain(const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;
		if (byte < 0x20 || byte == 0x7f)
			printf("\\%03u", byte);
		else
			putchar(byte);
	}
}

/* A JSON object about `subject`. */
static json_t *new_object(const char *type, const check_subject_t *subject)
{
	json_t *object = json_object();

	json_add_text(object, "type", type);
	json_add_text(object, "zone", subject->zone);
	json_add_text(object, "dataset", subject->dataset);
	json_add_text(object, "file", subject->file);
	return object;
}

/* One more member of it. */
static void add_number(json_t *object, const char *name, uint64_t number)
{
	(void)json_object_set_new(object, name, json_integer((json_int_t)number));
}

/* What a line of text is about: the smallest thing that has a name. */
static const char *subject_name(const check_subject_t *subject)
{
	if (subject->file != NULL)
		return subject->file;
	return subject->dataset != NULL ? subject->dataset : subject->zone;
}

static void write_json(const check_subject_t *subject, check_kind_t kind,
		       const check_problem_t *problem)
{
	json_t *object = new_object("problem", subject);

	if (problem->line != 0)
		add_number(object, "line", problem->line);
	if (problem->column != 0)
		add_number(object, "column", problem->column);
	json_add_text(object, "severity", check_severity_name(check_kind_severity(kind)));
	json_add_text(object, "kind", check_kind_name(kind));
	json_add_text(object, "reason", problem->reason);
	json_add_text(object, "fix", problem->fix);
	json_write_line(object);
}

static void write_text(const check_subject_t *subject, check_kind_t kind,
		       const check_problem_t *problem)
{
	write_plain(subject_name(subject));
	if (problem->line != 0)
		printf(":%u", problem->line);
	if (problem->column != 0)
		printf(":%u", problem->column);
	printf(": %s: ", check_severity_name(check_kind_severity(kind)));
	write_plain(problem->reason);
	if (problem->fix != NULL) {
		fputs(" (fix: ", stdout);
		write_plain(problem->fix);
		putchar(')');
	}
	printf(" [%s]\n", check_kind_name(kind));
}

/* Writes how many problems of `kind` were not shown. */
static void write_more(const check_output_t *output, const check_subject_t *subject,
		       check_kind_t kind, uint64_t count)
{
	const char *severity = check_severity_name(check_kind_severity(kind));

	if (output->is_json) {
		json_t *object = new_object("more", subject);

		json_add_text(object, "severity", severity);
		json_add_text(object, "kind", check_kind_name(kind));
		add_number(object, "count", count);
		json_write_line(object);
		return;
	}
	write_plain(subject_name(subject));
	printf(": %s: %" PRIu64 " more like this %s not shown (--max 0 shows all) [%s]\n", severity,
	       count, count == 1 ? "is" : "are", check_kind_name(kind));
}

/* A problem and its kind, to put those of all kinds into the order of the lines. */
typedef struct item {
	const check_problem_t *problem;
	check_kind_t kind;
} item_t;

static int compare_items(const void *a, const void *b)
{
	const item_t *x = a;
	const item_t *y = b;

	if (x->problem->line != y->problem->line)
		return x->problem->line < y->problem->line ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return (x->problem > y->problem) - (x->problem < y->problem);
}

static void write_items(const check_output_t *output, const check_subject_t *subject,
			const item_t *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (output->is_json)
			write_json(subject, items[i].kind, items[i].problem);
		else
			write_text(subject, items[i].kind, items[i].problem);
	}
}

void check_output_problems(check_output_t *output, const check_subject_t *subject,
			   const check_problems_t *problems)
{
	size_t count = 0;
	size_t capacity = 0;
	item_t *items = NULL;

	/* Clears the line that may show how far reading is. */
	log_progress("%s", "");
	for (unsigned kind = 0; kind < CHECK_KINDS; kind++) {
		const check_list_t *list = &problems->lists[kind];
		if (array_reserve((void **)&items, &capacity, count + list->count + 1,
				  sizeof(*items)) != ERR_OK) {
			log_error("not enough memory to show all problems");
			break;
		}
		for (size_t i = 0; i < list->count; i++)
			items[count++] = (item_t){ &list->problems[i], (check_kind_t)kind };
	}
	if (count > 1)
		qsort(items, count, sizeof(*items), compare_items);
	write_items(output, subject, items, count);
	free(items);
	for (unsigned kind = 0; kind < CHECK_KINDS; kind++) {
		const check_list_t *list = &problems->lists[kind];
		if (list->total > list->count)
			write_more(output, subject, (check_kind_t)kind, list->total - list->count);
	}
	check_problems_count(problems, output->counts);
}

static void add_counts(json_t *object, const uint64_t counts[CHECK_SEVERITIES])
{
	add_number(object, "errors", counts[CHECK_ERROR]);
	add_number(object, "warnings", counts[CHECK_WARNING]);
	add_number(object, "notes", counts[CHECK_NOTE]);
}

static void write_count(uint64_t count, const char *what, const char *behind)
{
	printf("%" PRIu64 " %s%s%s", count, what, plural(count), behind);
}

static void write_counts(const uint64_t counts[CHECK_SEVERITIES])
{
	write_count(counts[CHECK_ERROR], "error", ", ");
	write_count(counts[CHECK_WARNING], "warning", ", ");
	write_count(counts[CHECK_NOTE], "note", "\n");
}

void check_output_dataset(check_output_t *output, const check_subject_t *subject, bool is_loaded,
			  uint64_t entries, const uint64_t counts[CHECK_SEVERITIES])
{
	if (output->is_json) {
		json_t *object = new_object("dataset", subject);

		(void)json_object_set_new(object, "loaded", json_boolean(is_loaded));
		add_number(object, "entries", entries);
		add_counts(object, counts);
		json_write_line(object);
		return;
	}
	write_plain(subject->zone);
	putchar(':');
	write_plain(subject->dataset);
	printf(": %" PRIu64 " %s, ", entries, entries == 1 ? "entry" : "entries");
	if (!is_loaded)
		fputs("cannot be loaded, ", stdout);
	write_counts(counts);
}

void check_output_total(check_output_t *output)
{
	if (output->is_json) {
		const check_subject_t all = { .zone = NULL };
		json_t *object = new_object("total", &all);

		add_counts(object, output->counts);
		json_write_line(object);
		return;
	}
	fputs("total: ", stdout);
	write_counts(output->counts);
}
