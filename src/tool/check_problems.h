/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_CHECK_PROBLEMS_H
#define SPURN_TOOL_CHECK_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

/* What `spurn check` found: problems, by file and kind. Of each kind in each file only the first few
 * are kept, however many there are; all are counted. */

typedef enum check_severity {
	CHECK_ERROR,   /* a line is skipped, or a data set cannot be loaded */
	CHECK_WARNING, /* it works, but hardly as it was meant */
	CHECK_NOTE,    /* good to know; never a failure */
	CHECK_SEVERITIES
} check_severity_t;

typedef enum check_kind {
	CHECK_NOT_LOADED,
	CHECK_BAD_LINE,
	CHECK_PARTIAL,
	CHECK_LONG_TEXT,
	CHECK_CRLF,
	CHECK_NUL,
	CHECK_NO_NEWLINE,
	CHECK_EMPTY,
	CHECK_DUPLICATE,
	CHECK_SHADOWED,
	CHECK_REDUNDANT,
	CHECK_USELESS_EXCLUSION,
	CHECK_WIDE_RANGE,
	CHECK_PUBLIC_SUFFIX,
	CHECK_ODD_NAME,
	CHECK_A_VALUE,
	CHECK_UNSET_VARIABLE,
	CHECK_IGNORED,
	CHECK_SOA,
	CHECK_NO_SOA,
	CHECK_NO_NS,
	CHECK_TIMESTAMP,
	CHECK_TEST_POINT,
	CHECK_NOT_DONE,
	CHECK_KINDS
} check_kind_t;

/* The name of a kind ("duplicate"), how bad it is, and both as words. */
const char *check_kind_name(check_kind_t kind);
check_severity_t check_kind_severity(check_kind_t kind);
const char *check_severity_name(check_severity_t severity);

/* Finds the kind called `name`[0..size). Returns false when there is none. */
bool check_kind_find(const char *name, size_t size, check_kind_t *kind) ATTR_NONNULL_ALL;

/* One problem; plain data. */
typedef struct check_problem {
	unsigned line;   /* 0: the file as a whole */
	unsigned column; /* bytes from 1; 0: the line as a whole */
	char *reason;    /* owned by the list */
	char *fix;       /* what to do; NULL: nothing in particular; owned by the list */
} check_problem_t;

typedef struct check_list {
	check_problem_t *problems; /* by line, once finished */
	size_t count;
	size_t capacity;
	uint64_t total;  /* with those that were not kept */
	unsigned latest; /* line from which on no more are kept; 0: all are */
} check_list_t;

/* The problems of one file, or of a zone or data set as a whole. */
typedef struct check_problems {
	size_t limit;     /* most problems kept of a kind; 0: all */
	uint32_t ignored; /* a bit for each kind that is not wanted */
	bool has_failed;  /* a problem was lost for want of memory */
	check_list_t lists[CHECK_KINDS];
} check_problems_t;

_Static_assert(CHECK_KINDS <= 32, "a bit for each kind");

void check_problems_init(check_problems_t *problems, size_t limit,
			 uint32_t ignored) ATTR_NONNULL_ALL;
void check_problems_clear(check_problems_t *problems) ATTR_NONNULL_ALL;

/* Would check_problems_add keep a problem of `kind` in `line`? For callers whose texts cost time. */
bool check_problems_wants(const check_problems_t *problems, check_kind_t kind,
			  unsigned line) ATTR_NONNULL_ALL;

/* Adds a problem. `fix` is copied; NULL: there is none. Formats the reason only if it is kept. */
void check_problems_add(check_problems_t *problems, check_kind_t kind, unsigned line,
			unsigned column, const char *fix, const char *format, ...)
	ATTR_NONNULL(1, 6) ATTR_PRINTF(6, 7);

/* Sorts the lists by line and cuts them to the limit. */
void check_problems_finish(check_problems_t *problems) ATTR_NONNULL_ALL;

/* Adds how many problems of each severity there are to `counts`. */
void check_problems_count(const check_problems_t *problems,
			  uint64_t counts[CHECK_SEVERITIES]) ATTR_NONNULL_ALL;

#endif
