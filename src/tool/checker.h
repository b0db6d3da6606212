/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_CHECKER_H
#define SPURN_TOOL_CHECKER_H

#include "tool/check_dataset.h"
#include "tool/check_entries.h"

/* State while a data set is checked, shared between check_dataset.c, which has the lines
 * read, and those who look at them. */

/* Where a variable is used first, and how often. */
typedef struct check_use {
	size_t file;
	unsigned line;
	uint64_t count;
} check_use_t;

/* What belongs to one loader: that of the data set, or of a section of a combined one. */
typedef struct check_set {
	const dataset_loader_t *loader; /* until the end of loading */
	const dataset_type_t *loader_type;
	check_entries_t *entries;
	check_use_t uses[10]; /* of $0..$9 */
	bool has_soa;         /* such a line has been taken */
	bool has_ns;
	bool has_ttl;
} check_set_t;

/* A subzone of a combined data set. */
typedef struct check_subzone {
	uint8_t name[DNS_NAME_MAX]; /* on the wire, in lower case */
	unsigned keys;              /* of its entries, a bit for each dataset_key_t */
} check_subzone_t;

typedef struct checker {
	const check_settings_t *settings;
	const zone_spec_t *spec;
	check_dataset_t *result;
	err_t err; /* ERR_NOMEM as soon as anything is lost */

	check_set_t **sets;
	size_t set_count;
	size_t set_capacity;

	check_subzone_t *subzones; /* each once */
	size_t subzone_count;
	size_t subzone_capacity;

	size_t file;          /* that is being read; spec->file_count: none */
	unsigned number;      /* of the line that is being read */
	text_t line;          /* its text */
	uint32_t *first_line; /* of each file: lines of all files before it */
	uint64_t cr_count;    /* lines of the file that end in CR LF, and the first one */
	unsigned cr_line;
	bool has_names;              /* there are entries that are names */
	unsigned entry_keys;         /* what listings are of, a bit for each dataset_key_t */
	const check_set_t *compared; /* whose entries are being compared */
} checker_t;

/* Adds a problem of the line that is being read. `at`: where in it; NULL: nowhere in particular. */
void checker_report(checker_t *checker, const dataset_loader_t *loader, check_kind_t kind,
		    const char *at, const char *fix, const char *format, ...) ATTR_NONNULL(1, 2, 6)
	ATTR_PRINTF(6, 7);

/* Would such a problem be shown? */
bool checker_wants(const checker_t *checker, check_kind_t kind) ATTR_NONNULL_ALL;

/* ---- check_bad_line.c ---- */

/* Reports a line that was skipped for `reason`. */
void check_bad_line(checker_t *checker, const dataset_loader_t *loader,
		    const char *reason) ATTR_NONNULL_ALL;

/* ---- check_verdicts.c ---- */

/* Reports the entries that have no effect, when all lines have been read. */
void check_compare(checker_t *checker) ATTR_NONNULL_ALL;

/* ---- check_lines.c ---- */

/* Looks at a value that is written as `text`. */
void check_value(checker_t *checker, check_set_t *set, text_t text,
		 const zone_value_t *value) ATTR_NONNULL_ALL;

/* Looks at a special line that was taken. */
void check_special(checker_t *checker, check_set_t *set, text_t line) ATTR_NONNULL_ALL;

/* Looks for variables that are used and not set, when all lines have been read. */
void check_variables(checker_t *checker, const check_set_t *set) ATTR_NONNULL_ALL;

/* Looks at an entry that was taken. */
void check_entry(checker_t *checker, const dataset_loader_t *loader,
		 const dataset_entry_t *entry) ATTR_NONNULL_ALL;

#endif
