/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/loader_report.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/plural.h"
#include "dataset/observer.h"

/* Reports of bad lines per data set, as many as rbldnsd gives: enough to see what is wrong, and a
 * list that is wrong as a whole does not flood the log. */
#define PROBLEMS_SHOWN 5

static bool is_quiet(const dataset_loader_t *top)
{
	return top->attempt != NULL && top->attempt->is_quiet;
}

/* What is told of a place and a reason, at most. */
#define WORDS_MAX 512
/* Bytes of a key that are shown. */
#define KEY_SHOWN 80

/* The line at hand. */
static unsigned line_number(const dataset_loader_t *loader)
{
	return line_reader_number(loader->reader) - loader->lines_behind;
}

/* Puts the place at hand and `reason` into words: "file:line: reason", or "file: key 'example.com': reason",
 * the file only if `has_file`. */
static void word_place(const dataset_loader_t *loader, const char *reason, bool has_file,
		       char words[WORDS_MAX])
{
	const char *file = has_file ? loader->file : "";
	const char *colon = has_file ? ": " : "";
	char key[KEY_SHOWN + 1];
	size_t size = 0;

	if (loader->reader != NULL) {
		(void)snprintf(words, WORDS_MAX, "%s:%u: %s", file, line_number(loader), reason);
		return;
	}
	for (const char *at = loader->record.at; at != loader->record.end && size < KEY_SHOWN; at++)
		key[size++] = *at >= ' ' && *at < 0x7f ? *at : '?';
	key[size] = '\0';
	(void)snprintf(words, WORDS_MAX, "%s%skey '%s': %s", file, colon, key, reason);
}

void dataset_loader_at_record(dataset_loader_t *loader, const char *file, text_t key)
{
	loader->file = file;
	loader->record = key;
	loader->at = key.at;
}

/* Tells whoever observes of the line or record at hand. */
static void tell_observer(const dataset_loader_t *loader, const char *reason,
			  dataset_effect_t effect)
{
	char words[WORDS_MAX];

	if (loader->reader == NULL && loader->record.at != NULL) {
		word_place(loader, reason, false, words);
		reason = words;
	}
	if (loader->observer->problem != NULL)
		loader->observer->problem(loader->observer->context, loader, reason, effect);
}

void dataset_loader_report(dataset_loader_t *loader, const char *reason, dataset_effect_t effect)
{
	dataset_loader_t *top = loader->outer != NULL ? loader->outer : loader;
	char words[WORDS_MAX];

	if (loader->observer != NULL) {
		tell_observer(loader, reason, effect);
	} else if (++top->problems <= PROBLEMS_SHOWN && !is_quiet(top)) {
		word_place(loader, reason, true, words);
		log_warning("%s%s%s", words,
			    effect != DATASET_LINE_SKIPPED ? ""
			    : loader->reader != NULL       ? "; line"
							   : "; record",
			    effect == DATASET_LINE_SKIPPED ? " skipped" : "");
	}
}

void loader_report_failure(const dataset_loader_t *loader, const char *reason, bool is_lasting)
{
	dataset_attempt_t *attempt = loader->attempt;
	const char *colon = loader->file != NULL ? ": " : "";
	const char *file = loader->file != NULL ? loader->file : "";

	if (loader->observer != NULL) {
		if (loader->observer->problem != NULL)
			loader->observer->problem(loader->observer->context, loader, reason,
						  DATASET_NOT_LOADED);
	} else if (attempt != NULL) {
		(void)snprintf(attempt->why, sizeof(attempt->why), "%s%s%s", file, colon, reason);
		attempt->is_lasting = is_lasting;
	} else {
		log_error("%s: %s%s%s", loader->spec, file, colon, reason);
	}
}

err_t loader_report_line_failure(const dataset_loader_t *loader, const char *reason,
				 bool is_lasting)
{
	const dataset_loader_t *top = loader->outer != NULL ? loader->outer : loader;
	dataset_attempt_t *attempt = top->attempt;
	char words[WORDS_MAX];

	_Static_assert(sizeof(words) <= sizeof(attempt->why), "they fit");
	if (loader->observer != NULL) {
		tell_observer(loader, reason, DATASET_NOT_LOADED);
		return ERR_LOAD;
	}
	word_place(loader, reason, true, words);
	if (attempt != NULL) {
		memcpy(attempt->why, words, sizeof(words));
		attempt->is_lasting = is_lasting;
	} else {
		log_error("%s", words);
	}
	return ERR_LOAD;
}

err_t dataset_loader_fail(dataset_loader_t *loader, const char *reason)
{
	return loader_report_line_failure(loader, reason, true);
}

err_t dataset_loader_fail_file(dataset_loader_t *loader, const char *file, const char *reason,
			       bool is_lasting)
{
	loader->file = file;
	loader_report_failure(loader, reason, is_lasting);
	loader->file = NULL;
	return ERR_LOAD;
}

text_t dataset_loader_cut_text(dataset_loader_t *loader, text_t text)
{
	_Static_assert(DNS_TEXT_MAX == 4096, "the warning is right");
	if (text_size(text) > DNS_TEXT_MAX) {
		dataset_loader_report(loader,
				      "the text is longer than 4096 bytes; the rest is cut off",
				      DATASET_LINE_COUNTS);
		text.end = text.at + DNS_TEXT_MAX;
	}
	return text;
}

void loader_report_suppressed(const dataset_loader_t *loader)
{
	if (loader->problems <= PROBLEMS_SHOWN || is_quiet(loader))
		return;
	unsigned more = loader->problems - PROBLEMS_SHOWN;
	log_warning("%s: %u more problem%s not shown", loader->spec, more, plural(more));
}
