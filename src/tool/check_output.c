/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/check_output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
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

/* One more member of a JSON object, whose value is a string; none where it is NULL. */
static void write_member(const char *name, const char *value)
{
	if (value == NULL)
		return;
	printf(",\"%s\":", name);
	json_write_string(stdout, value);
}

static void begin_object(const char *type, const check_subject_t *subject)
{
	printf("{\"type\":\"%s\"", type);
	write_member("zone", subject->zone);
	write_member("dataset", subject->dataset);
	write_member("file", subject->file);
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
	begin_object("problem", subject);
	if (problem->line != 0)
		printf(",\"line\":%u", problem->line);
	if (problem->column != 0)
		printf(",\"column\":%u", problem->column);
	write_member("severity", check_severity_name(check_kind_severity(kind)));
	write_member("kind", check_kind_name(kind));
	write_member("reason", problem->reason);
	write_member("fix", problem->fix);
	puts("}");
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
		begin_object("more", subject);
		write_member("severity", severity);
		write_member("kind", check_kind_name(kind));
		printf(",\"count\":%" PRIu64 "}\n", count);
		return;
	}
	write_plain(subject_name(subject));
	printf(": %s: %" PRIu64 " more like this are not shown (--max 0 shows all) [%s]\n",
	       severity, count, check_kind_name(kind));
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

static void write_json_counts(const uint64_t counts[CHECK_SEVERITIES])
{
	printf(",\"errors\":%" PRIu64 ",\"warnings\":%" PRIu64 ",\"notes\":%" PRIu64 "}\n",
	       counts[CHECK_ERROR], counts[CHECK_WARNING], counts[CHECK_NOTE]);
}

static void write_count(uint64_t count, const char *what, const char *behind)
{
	printf("%" PRIu64 " %s%s%s", count, what, count == 1 ? "" : "s", behind);
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
		begin_object("dataset", subject);
		printf(",\"loaded\":%s,\"entries\":%" PRIu64, is_loaded ? "true" : "false",
		       entries);
		write_json_counts(counts);
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
		fputs("{\"type\":\"total\"", stdout);
		write_json_counts(output->counts);
		return;
	}
	fputs("total: ", stdout);
	write_counts(output->counts);
}
