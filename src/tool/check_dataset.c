/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/check_dataset.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/plural.h"
#include "dataset/several.h"
#include "dns/name.h"
#include "tool/checker.h"

/* Most subzones of a combined data set whose test points are looked at. */
#define SUBZONES_MAX 1000

/* Bytes of a problem's words. */
#define REASON_MAX 512

/* ---- Reports. ---- */

void checker_report(checker_t *checker, const dataset_loader_t *loader, check_kind_t kind,
		    const char *at, const char *fix, const char *format, ...)
{
	char reason[REASON_MAX] = "";
	unsigned column = 0;
	va_list arguments;

	if (checker_wants(checker, kind)) {
		va_start(arguments, format);
		(void)vsnprintf(reason, sizeof(reason), format, arguments);
		va_end(arguments);
	}
	if (at != NULL && loader->reader != NULL)
		column = line_reader_column(loader->reader, at);
	/* Without a reader the file cannot be opened, or its end is reached. */
	check_problems_add(&checker->result->problems[checker->file], kind,
			   loader->reader != NULL ? checker->number : 0, column, fix, "%s", reason);
}

bool checker_wants(const checker_t *checker, check_kind_t kind)
{
	return check_problems_wants(&checker->result->problems[checker->file], kind,
				    checker->number);
}

/* ---- Files and lines. ---- */

/* What can be said of a file when it has been read. */
static void end_file(checker_t *checker)
{
	if (checker->cr_count > 0)
		check_problems_add(&checker->result->problems[checker->file], CHECK_CRLF,
				   checker->cr_line, 0,
				   "convert the file (dos2unix): rbldnsd would take the CR for a "
				   "part of the line",
				   "%llu line%s %s in CR LF, the first one here",
				   (unsigned long long)checker->cr_count, plural(checker->cr_count),
				   checker->cr_count == 1 ? "ends" : "end");
	checker->cr_count = 0;
}

/* Notices when another file is being read. */
static void follow_file(checker_t *checker, const dataset_loader_t *loader)
{
	const zone_spec_t *spec = checker->spec;
	size_t file = 0;

	if (checker->file < spec->file_count && spec->files[checker->file] == loader->file)
		return;
	end_file(checker);
	while (file < spec->file_count && spec->files[file] != loader->file)
		file++;
	if (checker->file < spec->file_count && file < spec->file_count)
		for (size_t i = checker->file + 1; i <= file; i++)
			checker->first_line[i] =
				checker->first_line[checker->file] + checker->number;
	checker->file = file;
	checker->number = 0;
}

/* A line's number among all lines of the data set; 0: there are too many. */
static uint32_t whole_number(const checker_t *checker)
{
	uint64_t number = (uint64_t)checker->first_line[checker->file] + checker->number;

	return number <= CHECK_LINES_MAX ? (uint32_t)number : 0;
}

static void on_line(void *context, const dataset_loader_t *loader, text_t line)
{
	checker_t *checker = context;
	line_marks_t marks = line_reader_marks(loader->reader);

	follow_file(checker, loader);
	checker->number = line_reader_number(loader->reader);
	checker->line = line;
	if (marks.has_cr && checker->cr_count++ == 0)
		checker->cr_line = checker->number;
	if (marks.has_nul)
		checker_report(checker, loader, CHECK_NUL, line.end, "remove it",
			       "a NUL ends the line; what is behind it is ignored");
	if (!marks.has_newline)
		checker_report(checker, loader, CHECK_NO_NEWLINE, NULL, "end it with a newline",
			       "the last line does not end in a newline: has the file been cut?");
}

static void on_problem(void *context, const dataset_loader_t *loader, const char *reason,
		       dataset_effect_t effect)
{
	checker_t *checker = context;

	if (loader->file == NULL) {
		check_problems_add(&checker->result->problems[checker->spec->file_count],
				   CHECK_NOT_LOADED, 0, 0, NULL, "%s", reason);
		return;
	}
	follow_file(checker, loader);
	if (effect == DATASET_LINE_SKIPPED)
		check_bad_line(checker, loader, reason);
	else if (effect == DATASET_LINE_COUNTS)
		checker_report(checker, loader, CHECK_PARTIAL, loader->at, NULL, "%s", reason);
	else
		checker_report(checker, loader, CHECK_NOT_LOADED, NULL, NULL, "%s", reason);
}

/* ---- What lines say. ---- */

/* The set that `loader` belongs to, made when it is seen first; NULL for want of memory. */
static check_set_t *find_set(checker_t *checker, const dataset_loader_t *loader)
{
	for (size_t i = checker->set_count; i-- > 0;)
		if (checker->sets[i]->loader == loader)
			return checker->sets[i];
	if (array_reserve((void **)&checker->sets, &checker->set_capacity, checker->set_count + 1,
			  sizeof(check_set_t *)) != ERR_OK)
		return NULL;
	check_set_t *set = calloc(1, sizeof(*set));
	if (set == NULL)
		return NULL;
	set->loader = loader;
	set->loader_type = loader->type;
	set->entries = check_entries_new(loader->type);
	if (set->entries == NULL) {
		free(set);
		return NULL;
	}
	checker->sets[checker->set_count++] = set;
	return set;
}

/* The same, for those who cannot go on without. */
static check_set_t *require_set(checker_t *checker, const dataset_loader_t *loader)
{
	check_set_t *set = find_set(checker, loader);

	if (set == NULL)
		checker->err = ERR_NOMEM;
	return set;
}

static void on_special(void *context, const dataset_loader_t *loader, text_t line)
{
	check_set_t *set = require_set(context, loader);

	if (set != NULL)
		check_special(context, set, line);
}

static void on_default_line(void *context, const dataset_loader_t *loader,
			    const zone_value_t *value, bool is_used)
{
	checker_t *checker = context;
	check_set_t *set = require_set(checker, loader);

	if (!is_used)
		checker_report(checker, loader, CHECK_IGNORED, NULL, "remove it",
			       "ignored: of default lines the first one counts in this type");
	else if (set != NULL)
		check_value(checker, set, checker->line, value);
}

static void on_value(void *context, const dataset_loader_t *loader, text_t text,
		     const zone_value_t *value)
{
	check_set_t *set = require_set(context, loader);

	if (set != NULL)
		check_value(context, set, text, value);
}

static void on_ignored(void *context, const dataset_loader_t *loader, text_t text)
{
	checker_report(context, loader, CHECK_IGNORED, text.at,
		       "remove it, or use a type that has a value for each entry",
		       "ignored: all entries of this type have the value of the default line");
}

/* Notes of which kind a listing is: there are types of several. */
static void note_key(checker_t *checker, dataset_entry_kind_t kind)
{
	static const dataset_key_t keys[] = {
		[DATASET_ENTRY_IP4] = DATASET_KEY_IP4,
		[DATASET_ENTRY_IP6] = DATASET_KEY_IP6,
		[DATASET_ENTRY_NAME] = DATASET_KEY_NAME,
		[DATASET_ENTRY_RECORD] = DATASET_KEY_NONE,
	};

	checker->entry_keys |= 1u << keys[kind];
}

static void on_entry(void *context, const dataset_loader_t *loader, const dataset_entry_t *entry)
{
	checker_t *checker = context;
	check_set_t *set = require_set(checker, loader);
	uint32_t line = whole_number(checker);

	check_entry(checker, loader, entry);
	if (entry->value != 0)
		note_key(checker, entry->kind);
	if (set != NULL && line != 0 && check_entries_add(set->entries, entry, line) != ERR_OK)
		checker->err = ERR_NOMEM;
}

static void on_subzone(void *context, const dataset_loader_t *loader, const uint8_t *name)
{
	checker_t *checker = context;
	size_t i = checker->subzone_count;

	while (i > 0 && !dns_name_equal(checker->subzones[i - 1].name, name))
		i--;
	if (i == 0) {
		if (checker->subzone_count == SUBZONES_MAX)
			return;
		if (array_reserve((void **)&checker->subzones, &checker->subzone_capacity,
				  checker->subzone_count + 1,
				  sizeof(*checker->subzones)) != ERR_OK) {
			checker->err = ERR_NOMEM;
			return;
		}
		i = ++checker->subzone_count;
		checker->subzones[i - 1].keys = 0;
		memcpy(checker->subzones[i - 1].name, name, dns_name_size(name));
	}
	checker->subzones[i - 1].keys |= 1u << loader->type->key;
}

static void on_end(void *context, const dataset_loader_t *loader)
{
	check_set_t *set = find_set(context, loader);

	if (set != NULL)
		check_variables(context, set);
}

/* ---- The whole. ---- */

/* Each subzone of a combined data set is a list for itself. */
static void check_subzones(const checker_t *checker, const dataset_t *dataset)
{
	static const check_place_t nowhere[CHECK_POINTS];
	check_problems_t *problems = &checker->result->problems[checker->spec->file_count];
	char name[DNS_NAME_TEXT_MAX];

	for (size_t i = 0; i < checker->subzone_count; i++) {
		const check_subzone_t *subzone = &checker->subzones[i];
		bool has_ip4_data = (subzone->keys >> DATASET_KEY_IP4 & 1) != 0;
		dns_name_to_text(subzone->name, name);
		check_points_report(problems, subzone->name[0] == 0 ? "@" : name, subzone->keys,
				    check_points_ask(dataset, subzone->name, has_ip4_data),
				    nowhere);
	}
}

/* Adds what one data set, or a part of it, means for its zone. */
static void take_part(check_dataset_t *result, const dataset_t *part)
{
	static const uint8_t root[] = { 0 };

	result->keys |= 1u << part->type->key;
	result->has_soa |= part->specials.soa != NULL;
	result->has_ns |= part->specials.ns != NULL;
	for (unsigned i = 0; i < 2 && part->type->role == DATASET_ROLE_DATA; i++)
		result->listed[i] |= check_points_ask(part, root, i != 0);
}

static void take_dataset(check_dataset_t *result, const dataset_t *dataset)
{
	size_t count;
	const dataset_t *const *parts = several_parts(&dataset, &count);

	result->is_loaded = true;
	result->entries = dataset->entries;
	for (size_t i = 0; i < count; i++)
		take_part(result, parts[i]);
	if (dataset->entries == 0)
		check_problems_add(&result->problems[result->file_count], CHECK_EMPTY, 0, 0, NULL,
				   "there is no entry in it");
}

static err_t load(checker_t *checker)
{
	const dataset_observer_t observer = {
		.context = checker,
		.problem = on_problem,
		.line = on_line,
		.special = on_special,
		.default_line = on_default_line,
		.value = on_value,
		.ignored = on_ignored,
		.entry = on_entry,
		.subzone = on_subzone,
		.end = on_end,
	};
	const zone_spec_t *spec = checker->spec;
	const dataset_request_t request = zone_spec_request(spec, &checker->settings->zone);
	dataset_t *dataset;

	err_t err = dataset_load_observed(&request, &observer, &dataset);
	end_file(checker);
	if (checker->has_names && checker->settings->suffixes == NULL)
		check_problems_add(&checker->result->problems[spec->file_count], CHECK_NOT_DONE, 0,
				   0, "install the list (Debian: publicsuffix)",
				   "there is no list of public suffixes to compare the names with");
	if (err == ERR_OK) {
		take_dataset(checker->result, dataset);
		if (dataset->type->has_ip4_keys)
			checker->result->keys = checker->entry_keys;
		check_subzones(checker, dataset);
		dataset_free(dataset);
	}
	return err == ERR_NOMEM ? err : checker->err;
}

static void free_sets(checker_t *checker)
{
	for (size_t i = 0; i < checker->set_count; i++) {
		check_entries_free(checker->sets[i]->entries);
		free(checker->sets[i]);
	}
	free(checker->sets);
	free(checker->subzones);
}

err_t check_dataset_run(const check_settings_t *settings, const zone_spec_t *spec,
			check_dataset_t *result)
{
	checker_t checker = {
		.settings = settings,
		.spec = spec,
		.result = result,
		.file = spec->file_count,
		.first_line = calloc(spec->file_count + 1, sizeof(uint32_t)),
	};

	*result = (check_dataset_t){ .file_count = spec->file_count };
	result->problems = calloc(spec->file_count + 1, sizeof(*result->problems));
	if (checker.first_line == NULL || result->problems == NULL) {
		free(checker.first_line);
		free(result->problems);
		return ERR_NOMEM;
	}
	for (size_t i = 0; i <= spec->file_count; i++)
		check_problems_init(&result->problems[i], settings->limit, settings->ignored);
	err_t err = load(&checker);
	if (err == ERR_OK) {
		check_compare(&checker);
		err = checker.err;
	}
	for (size_t i = 0; i <= spec->file_count; i++) {
		check_problems_finish(&result->problems[i]);
		if (result->problems[i].has_failed)
			err = ERR_NOMEM;
	}
	free_sets(&checker);
	free(checker.first_line);
	if (err != ERR_OK)
		check_dataset_clear(result);
	return err;
}

void check_dataset_clear(check_dataset_t *dataset)
{
	for (size_t i = 0; dataset->problems != NULL && i <= dataset->file_count; i++)
		check_problems_clear(&dataset->problems[i]);
	free(dataset->problems);
	memset(dataset, 0, sizeof(*dataset));
}
