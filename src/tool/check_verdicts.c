/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Entries without effect, in words. */

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "tool/checker.h"

/* Bytes of a place, which has the name of a file. */
#define WORDS_MAX 512

/* The file that has line `number` of all lines. */
static size_t file_of(const checker_t *checker, uint32_t number)
{
	size_t file = 0;

	while (file + 1 < checker->spec->file_count && checker->first_line[file + 1] < number)
		file++;
	return file;
}

/* Writes where line `number` of all lines is, as seen from `file`: "line 7", "FILE:7". */
static void write_place(const checker_t *checker, uint32_t number, size_t file,
			char place[WORDS_MAX])
{
	size_t other = file_of(checker, number);
	unsigned line = number - checker->first_line[other];

	if (other == file)
		(void)snprintf(place, WORDS_MAX, "line %u", line);
	else
		(void)snprintf(place, WORDS_MAX, "%s:%u", checker->spec->files[other], line);
}

/* Who has decided already: `other`, or several lines. */
typedef struct verdict_words {
	const char *because; /* %s: the other line */
	const char *alone;   /* where there is no other line */
	const char *fix;
} verdict_words_t;

static const verdict_words_t *find_words(const checker_t *checker, check_kind_t kind)
{
	static const verdict_words_t duplicate = { "the same as %s", "the same again",
						   "remove one of them" };
	static const verdict_words_t first = {
		"has no effect: %s says something else, and the first one counts",
		"has no effect: more specific entries decide about all of it", "remove it"
	};
	static const verdict_words_t excluded = {
		"has no effect: %s excludes it",
		"has no effect: more specific entries decide about all of it",
		"remove it, or the exclusion"
	};
	static const verdict_words_t redundant = { "covered by %s already, in the same way",
						   "covered already, in the same way",
						   "it may go" };
	static const verdict_words_t useless = {
		"excludes nothing: %s excludes it already",
		"excludes nothing: it is not listed, or by more specific entries, which win",
		"remove it, or correct it"
	};

	switch (kind) {
	case CHECK_DUPLICATE:
		return &duplicate;
	case CHECK_SHADOWED:
		return checker->compared->loader_type->rule == DATASET_RULE_FIRST ? &first
										  : &excluded;
	case CHECK_REDUNDANT:
		return &redundant;
	default:
		return &useless;
	}
}

static void on_verdict(void *context, check_kind_t kind, uint32_t number, uint32_t other)
{
	checker_t *checker = context;
	size_t file = file_of(checker, number);
	check_problems_t *problems = &checker->result->problems[file];
	unsigned line = number - checker->first_line[file];
	char place[WORDS_MAX] = "";
	char reason[2 * WORDS_MAX] = "";

	const verdict_words_t *words = find_words(checker, kind);
	if (check_problems_wants(problems, kind, line) && other != 0) {
		write_place(checker, other, file, place);
		const char *end = strstr(words->because, "%s");
		(void)snprintf(reason, sizeof(reason), "%.*s%s%s", (int)(end - words->because),
			       words->because, place, end + 2);
	}
	check_problems_add(problems, kind, line, 0, words->fix, "%s",
			   other != 0 ? reason : words->alone);
}

void check_compare(checker_t *checker)
{
	for (size_t i = 0; i < checker->set_count && checker->err == ERR_OK; i++) {
		checker->compared = checker->sets[i];
		log_progress("%s: comparing entries", checker->spec->source);
		checker->err =
			check_entries_compare(checker->sets[i]->entries, on_verdict, checker);
		check_entries_free(checker->sets[i]->entries);
		checker->sets[i]->entries = NULL;
	}
}
