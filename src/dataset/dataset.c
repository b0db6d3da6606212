/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/fault_guard.h"
#include "cdb/compiled_file.h"
#include "dataset/ask.h"
#include "dataset/loader_report.h"
#include "dataset/observer.h"
#include "dataset/several.h"
#include "dataset/types.h"

void dataset_loader_set_fallback(dataset_loader_t *loader, const zone_value_t *value)
{
	text_t txt = dataset_loader_cut_text(loader, value->txt);
	size_t size = text_size(txt);

	loader->fallback = *value;
	if (size > 0)
		memmove(loader->fallback_txt, txt.at, size);
	loader->fallback.txt = (text_t){ loader->fallback_txt, loader->fallback_txt + size };
	loader->fallback_count++;
}

static err_t add_default_line(dataset_loader_t *loader, text_t line)
{
	zone_value_t value;

	/* What a default line leaves out is the built-in's, not that of the default before it. */
	err_t err = zone_value_parse(line, &zone_value_builtin, &value, &loader->why);
	if (err != ERR_OK)
		return err;
	bool is_used = !(loader->type->has_one_default && loader->fallback_count > 0);
	if (DATASET_WANTS(loader, default_line))
		loader->observer->default_line(loader->observer->context, loader, &value, is_used);
	if (is_used)
		dataset_loader_set_fallback(loader, &value);
	return ERR_OK;
}

static bool is_default_line(const dataset_type_t *type, text_t line)
{
	bool has_two = text_size(line) > 1 && line.at[1] == ':';

	return type->has_default_lines && *line.at == ':' && !(has_two && type->has_double_colon);
}

static err_t add_special(dataset_loader_t *loader, text_t line)
{
	unsigned broken = loader->specials.broken;
	err_t err = specials_parse(&loader->specials, line, &loader->why);

	if (*loader->at != '$') /* a comment that looks like one, as "#$Id$" */
		loader->specials.broken &= broken | ~SPECIALS_BROKEN_OTHER;
	if (err == ERR_RANGE) { /* it has had a part of its effect */
		dataset_loader_report(loader, loader->why, DATASET_LINE_COUNTS);
		err = ERR_OK;
	}
	if (err == ERR_LOAD) /* it is too early: later the same file will do */
		return loader_report_line_failure(loader, loader->why, false);
	if (err == ERR_OK && DATASET_WANTS(loader, special))
		loader->observer->special(loader->observer->context, loader, line);
	return err;
}

err_t dataset_loader_take(dataset_loader_t *loader, text_t line)
{
	const dataset_type_t *type = loader->type;
	err_t err;

	loader->at = line.at;
	if (specials_is_line(&line)) {
		err = add_special(loader, line);
	} else if (text_is_done(line)) {
		return ERR_OK;
	} else if (is_default_line(type, line)) {
		err = add_default_line(loader, line);
	} else {
		err = type->add(loader, line);
		if (err == ERR_OK)
			loader->entries++;
	}
	if (err != ERR_SYNTAX)
		return err;
	dataset_loader_report(loader, loader->why, DATASET_LINE_SKIPPED);
	return ERR_OK;
}

err_t dataset_loader_take_plain(dataset_loader_t *loader, const plain_lines_t *lines)
{
	plain_lines_t left = *lines;

	for (;;) {
		size_t taken = left.count;
		err_t err = loader->type->add_plain(loader, &left, &taken);
		if (err != ERR_OK)
			return err;
		loader->entries += taken;
		if (taken == left.count)
			return ERR_OK;
		plain_lines_skip(&left, taken);
		loader->lines_behind = (unsigned)left.count - 1;
		err = dataset_loader_take(loader, plain_lines_text(&left));
		loader->lines_behind = 0;
		if (err != ERR_OK || left.count == 1)
			return err;
		plain_lines_skip(&left, 1);
	}
}

/* Takes one line of any kind. */
static err_t take_line(dataset_loader_t *loader, text_t line)
{
	loader->at = NULL;
	if (DATASET_WANTS(loader, line))
		loader->observer->line(loader->observer->context, loader, line);
	if (line_reader_is_cut(loader->reader))
		dataset_loader_report(loader, "longer than 32 KiB; the rest is cut off",
				      DATASET_LINE_COUNTS);
	if (loader->type->take != NULL)
		return loader->type->take(loader, line);
	return dataset_loader_take(loader, line);
}

/* Reads on, a line or as many plain ones as come at once. Returns false at the end. */
static bool read_next(const dataset_loader_t *loader, line_reader_t *reader, plain_lines_t *lines,
		      text_t *line)
{
	const plain_form_t none = { .kind = PLAIN_NONE };

	return line_reader_next_plain(reader, loader->observer == NULL ? loader->plain : none,
				      lines, line);
}

static err_t read_lines(dataset_loader_t *loader, line_reader_t *reader)
{
	plain_lines_t lines;
	text_t line;

	loader->reader = reader;
	while (read_next(loader, reader, &lines, &line)) {
		err_t err = lines.count > 0 ? dataset_loader_take_plain(loader, &lines)
					    : take_line(loader, line);
		if (err != ERR_OK)
			return err;
	}
	loader->at = NULL;
	if (line_reader_garbage(reader) > 0)
		dataset_loader_report(
			loader,
			"behind the compressed data something else follows, which is left out",
			DATASET_LINE_COUNTS);
	return line_reader_finish(reader);
}

/* Words for why a file could not be read, with what to do where that is not plain. */
static const char *read_error_text(err_t err)
{
	if (err == ERR_RANGE)
		return "has more different values than one data set can hold (split it)";
	return line_reader_error_text(err);
}

static err_t read_file(dataset_loader_t *loader, const char *file, file_stamp_t *stamp)
{
	line_reader_t *reader;

	loader->file = file;
	if (!loader->type->has_one_default) {
		loader->fallback = zone_value_builtin;
		loader->fallback_count++;
	}
	if (loader->type->begin_file != NULL)
		loader->type->begin_file(loader);
	bool refuse_compressed = loader->specials.settings->refuse_compressed;
	err_t err = line_reader_open(file, refuse_compressed, &reader, stamp);
	if (err == ERR_OK) {
		loader->file_size = stamp->size;
		err = read_lines(loader, reader);
		line_reader_close(reader);
		loader->reader = NULL;
	}
	if (err == ERR_OK || err == ERR_NOMEM || err == ERR_LOAD)
		return err;
	/* What the system says, and a file that is being written, may be otherwise the next time. */
	bool is_lasting = err > ERR_OWN && err < ERR_LAST && err != ERR_CHANGED;
	loader_report_failure(loader, read_error_text(err), is_lasting);
	return ERR_LOAD;
}

static err_t read_files(dataset_loader_t *loader, dataset_t *dataset, const char *const *files)
{
	err_t err = dataset->type->begin(loader);
	bool is_incomplete = false;

	for (size_t i = 0; i < dataset->file_count && err == ERR_OK; i++) {
		err = read_file(loader, files[i], &dataset->stamps[i]);
		if (err == ERR_LOAD && loader->observer != NULL) { /* it wants the others too */
			is_incomplete = true;
			err = ERR_OK;
		}
		if (err == ERR_OK && dataset->stamps[i].modified.tv_sec > dataset->newest)
			dataset->newest = dataset->stamps[i].modified.tv_sec;
	}
	loader->file = NULL;
	if (err == ERR_OK && is_incomplete)
		err = ERR_LOAD;
	if (err == ERR_OK)
		err = dataset->type->finish(loader, &dataset->data, &dataset->memory);
	if (err == ERR_RANGE) {
		loader_report_failure(loader, "more than one data set can hold (split it)", true);
		err = ERR_LOAD;
	}
	if (DATASET_WANTS(loader, end))
		loader->observer->end(loader->observer->context, loader);
	dataset->type->abandon(loader);
	loader_report_suppressed(loader);
	dataset->specials = loader->specials;
	dataset->entries = loader->entries;
	return err;
}

/* An opening of files that are no text. */
typedef struct opening {
	dataset_loader_t *loader;
	dataset_t *dataset;
	const char *const *files;
	err_t err;
} opening_t;

static void open_guarded(void *context)
{
	opening_t *opening = context;

	opening->err =
		opening->loader->type->open(opening->loader, opening->dataset, opening->files);
}

/* Opens what is no text. */
static err_t open_files(dataset_loader_t *loader, dataset_t *dataset, const char *const *files)
{
	opening_t opening = { loader, dataset, files, ERR_CHANGED };

	/* Files that are cut short while they are looked at cost what was allocated until then. */
	err_t err = fault_guard_run(open_guarded, &opening) ? opening.err : ERR_CHANGED;
	if (err == ERR_OK)
		err = dataset_guard_new(files, dataset->stamps, dataset->compiled,
					dataset->file_count, &dataset->guard);
	several_lend_guard(dataset);
	if (err != ERR_OK && err != ERR_LOAD && err != ERR_NOMEM)
		err = dataset_loader_fail_file(loader, dataset->file_count == 1 ? files[0] : NULL,
					       err_text(err), false);
	loader->file = NULL;
	loader_report_suppressed(loader);
	if (DATASET_WANTS(loader, end))
		loader->observer->end(loader->observer->context, loader);
	return err;
}

/* Reads a data set with `loader`, which gets to know here what is asked for. */
static err_t load(const dataset_request_t *request, dataset_loader_t *loader, dataset_t **loaded)
{
	dataset_t *dataset = calloc(1, sizeof(*dataset));
	double start = clock_monotonic_s();

	if (dataset == NULL)
		return ERR_NOMEM;
	loader->type = dataset_type_under(request->type, request->settings);
	loader->spec = request->spec;
	loader->apex = request->apex;
	loader->fallback = zone_value_builtin;
	loader->plain.kind = loader->type->plain;
	specials_init(&loader->specials, request->settings, time(NULL));
	dataset->type = loader->type;
	dataset->file_count = request->file_count;
	dataset->stamps = calloc(request->file_count, sizeof(*dataset->stamps));
	err_t err = ERR_NOMEM;
	if (dataset->stamps != NULL)
		err = dataset->type->open != NULL ? open_files(loader, dataset, request->files)
						  : read_files(loader, dataset, request->files);
	if (err != ERR_OK) {
		dataset_free(dataset);
		return err;
	}
	dataset_let_go(dataset);
	dataset->seconds = clock_monotonic_s() - start;
	*loaded = dataset;
	return ERR_OK;
}

err_t dataset_load(const dataset_request_t *request, dataset_attempt_t *attempt, dataset_t **loaded)
{
	dataset_loader_t loader = { .attempt = attempt };

	err_t err = load(request, &loader, loaded);
	if (err == ERR_NOMEM && attempt != NULL) {
		(void)snprintf(attempt->why, sizeof(attempt->why), "%s", err_text(err));
		attempt->is_lasting = false;
	}
	return err;
}

err_t dataset_load_observed(const dataset_request_t *request, const dataset_observer_t *observer,
			    dataset_t **loaded)
{
	dataset_loader_t loader = { .observer = observer };

	return load(request, &loader, loaded);
}

void dataset_free(dataset_t *dataset)
{
	if (dataset == NULL)
		return;
	if (dataset->data != NULL)
		dataset->type->free(dataset->data);
	for (size_t i = 0; dataset->compiled != NULL && i < dataset->file_count; i++)
		compiled_file_close(dataset->compiled[i]);
	free(dataset->compiled);
	specials_clear(&dataset->specials);
	dataset_guard_free(dataset->guard);
	free(dataset->stamps);
	free(dataset);
}

void dataset_let_go(const dataset_t *dataset)
{
	for (size_t i = 0; dataset->compiled != NULL && i < dataset->file_count; i++) {
		size_t size;
		const void *memory = compiled_file_memory(dataset->compiled[i], &size);
		(void)madvise((void *)(uintptr_t)memory, size, MADV_DONTNEED);
	}
}

bool dataset_is_outdated(const dataset_t *dataset, const char *const *files)
{
	if (dataset_is_broken(dataset))
		return true;
	for (size_t i = 0; i < dataset->file_count; i++) {
		file_stamp_t now;
		if (file_stamp_get(files[i], &now) != ERR_OK ||
		    !file_stamp_is_equal(&now, &dataset->stamps[i]))
			return true;
	}
	return false;
}
