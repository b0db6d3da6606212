/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/check_problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static const struct {
	const char *name;
	check_severity_t severity;
} kinds[CHECK_KINDS] = {
	[CHECK_NOT_LOADED] = { "not-loaded", CHECK_ERROR },
	[CHECK_BAD_LINE] = { "bad-line", CHECK_ERROR },
	[CHECK_PARTIAL] = { "partial", CHECK_WARNING },
	[CHECK_LONG_TEXT] = { "long-text", CHECK_NOTE },
	[CHECK_CRLF] = { "crlf", CHECK_WARNING },
	[CHECK_NUL] = { "nul", CHECK_WARNING },
	[CHECK_NO_NEWLINE] = { "no-newline", CHECK_WARNING },
	[CHECK_EMPTY] = { "empty", CHECK_WARNING },
	[CHECK_DUPLICATE] = { "duplicate", CHECK_WARNING },
	[CHECK_SHADOWED] = { "shadowed", CHECK_WARNING },
	[CHECK_REDUNDANT] = { "redundant", CHECK_NOTE },
	[CHECK_USELESS_EXCLUSION] = { "useless-exclusion", CHECK_WARNING },
	[CHECK_WIDE_RANGE] = { "wide-range", CHECK_WARNING },
	[CHECK_PUBLIC_SUFFIX] = { "public-suffix", CHECK_WARNING },
	[CHECK_ODD_NAME] = { "odd-name", CHECK_WARNING },
	[CHECK_A_VALUE] = { "a-value", CHECK_WARNING },
	[CHECK_UNSET_VARIABLE] = { "unset-variable", CHECK_WARNING },
	[CHECK_IGNORED] = { "ignored", CHECK_WARNING },
	[CHECK_SOA] = { "soa", CHECK_WARNING },
	[CHECK_NO_SOA] = { "no-soa", CHECK_WARNING },
	[CHECK_NO_NS] = { "no-ns", CHECK_WARNING },
	[CHECK_TIMESTAMP] = { "timestamp", CHECK_WARNING },
	[CHECK_TEST_POINT] = { "test-point", CHECK_WARNING },
	[CHECK_NOT_DONE] = { "not-done", CHECK_NOTE },
};

const char *check_kind_name(check_kind_t kind)
{
	return kinds[kind].name;
}

check_severity_t check_kind_severity(check_kind_t kind)
{
	return kinds[kind].severity;
}

const char *check_severity_name(check_severity_t severity)
{
	static const char *const names[CHECK_SEVERITIES] = { "error", "warning", "note" };

	return names[severity];
}

bool check_kind_find(const char *name, size_t size, check_kind_t *kind)
{
	for (unsigned i = 0; i < CHECK_KINDS; i++) {
		if (strlen(kinds[i].name) == size && memcmp(kinds[i].name, name, size) == 0) {
			*kind = (check_kind_t)i;
			return true;
		}
	}
	return false;
}

void check_problems_init(check_problems_t *problems, size_t limit, uint32_t ignored)
{
	*problems = (check_problems_t){ .limit = limit, .ignored = ignored };
}

static void free_problem(check_problem_t *problem)
{
	free(problem->reason);
	free(problem->fix);
}

void check_problems_clear(check_problems_t *problems)
{
	for (unsigned kind = 0; kind < CHECK_KINDS; kind++) {
		check_list_t *list = &problems->lists[kind];
		for (size_t i = 0; i < list->count; i++)
			free_problem(&list->problems[i]);
		free(list->problems);
	}
	memset(problems, 0, sizeof(*problems));
}

static int compare(const void *a, const void *b)
{
	const check_problem_t *x = a;
	const check_problem_t *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return strcmp(x->reason, y->reason);
}

/* Sorts a list and cuts it to `limit`. */
static void cut(check_list_t *list, size_t limit)
{
	if (list->count > 1)
		qsort(list->problems, list->count, sizeof(*list->problems), compare);
	if (limit == 0 || list->count < limit)
		return;
	while (list->count > limit)
		free_problem(&list->problems[--list->count]);
	list->latest = list->problems[limit - 1].line;
}

bool check_problems_wants(const check_problems_t *problems, check_kind_t kind, unsigned line)
{
	const check_list_t *list = &problems->lists[kind];

	if ((problems->ignored >> kind & 1) != 0)
		return false;
	return list->latest == 0 || line < list->latest;
}

void check_problems_add(check_problems_t *problems, check_kind_t kind, unsigned line,
			unsigned column, const char *fix, const char *format, ...)
{
	check_list_t *list = &problems->lists[kind];
	check_problem_t problem = { .line = line, .column = column };
	va_list arguments;

	if ((problems->ignored >> kind & 1) != 0)
		return;
	list->total++;
	if (!check_problems_wants(problems, kind, line))
		return;
	va_start(arguments, format);
	int size = vasprintf(&problem.reason, format, arguments);
	va_end(arguments);
	if (size < 0)
		problem.reason = NULL;
	if (fix != NULL)
		problem.fix = strdup(fix);
	if (problem.reason == NULL || (fix != NULL && problem.fix == NULL) ||
	    array_reserve((void **)&list->problems, &list->capacity, list->count + 1,
			  sizeof(*list->problems)) != ERR_OK) {
		free_problem(&problem);
		problems->has_failed = true;
		return;
	}
	list->problems[list->count++] = problem;
	/* Twice as many as are kept, so that sorting costs little for each. */
	if (problems->limit != 0 && list->count >= 2 * problems->limit)
		cut(list, problems->limit);
}

void check_problems_finish(check_problems_t *problems)
{
	for (unsigned kind = 0; kind < CHECK_KINDS; kind++)
		cut(&problems->lists[kind], problems->limit);
}

void check_problems_count(const check_problems_t *problems, uint64_t counts[CHECK_SEVERITIES])
{
	for (unsigned kind = 0; kind < CHECK_KINDS; kind++)
		counts[kinds[kind].severity] += problems->lists[kind].total;
}
