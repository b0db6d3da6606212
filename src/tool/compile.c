/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/compile.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/new_file.h"
#include "base/plural.h"
#include "cdb/compiled_writer.h"
#include "dataset/saved.h"
#include "dataset/saved_specials.h"
#include "dns/name.h"
#include "tool/compile_load.h"
#include "tool/compile_options.h"
#include "tool/file_options.h"
#include "tool/human.h"

/* Bytes for the reason why a specification is no good. */
#define WHY_MAX 512

/* The exit status when a data set cannot be loaded. */
#define NOT_LOADED 1

/* What is done, and what came of it so far. */
typedef struct compilation {
	const compile_options_t *options;
	const plan_t *plan;
	zone_settings_t settings;
	dataset_request_t *requests; /* of each data set of the plan */
	unsigned *numbers;           /* that each has in the file */
	json_t *datasets;            /* of the header */
	uint64_t entries;
} compilation_t;

static bool add_zones(plan_t *plan, char **specs)
{
	char why[WHY_MAX];

	for (; *specs != NULL; specs++) {
		if (plan_add(plan, *specs, NULL, why, sizeof(why)) != ERR_OK) {
			log_error("%s: %s", *specs, why);
			return false;
		}
	}
	return true;
}

/* Is `output` one of the files that are read? It would be gone then. */
static bool is_source(const char *output, const zone_spec_t *spec)
{
	struct stat out;
	struct stat source;

	if (stat(output, &out) != 0)
		return false;
	for (size_t i = 0; i < spec->file_count; i++)
		if (stat(spec->files[i], &source) == 0 && source.st_dev == out.st_dev &&
		    source.st_ino == out.st_ino)
			return true;
	return false;
}

/* Can this be compiled at all? Says so if not. */
static bool is_sensible(const plan_t *plan, const char *output)
{
	bool is_good = true;

	for (size_t i = 0; i < plan->dataset_count; i++) {
		const zone_spec_t *spec = &plan->datasets[i].spec;
		const char *why;

		if (!dataset_can_be_saved(spec->type, &why)) {
			log_error("%s: %s", spec->source, why);
			is_good = false;
		} else if (is_source(output, spec)) {
			log_error("%s: -o %s is one of the files to compile; it would be lost",
				  spec->source, output);
			is_good = false;
		}
	}
	return is_good;
}

/* ---- the header ---- */

/* Which zone has which data sets. */
static json_t *describe_zones(const compilation_t *compilation)
{
	const plan_t *plan = compilation->plan;
	json_t *zones = json_object();
	int code = 0;

	for (size_t i = 0; i < plan->zone_count; i++) {
		const plan_zone_t *zone = &plan->zones[i];
		char name[DNS_NAME_TEXT_MAX];
		json_t *numbers = json_array();

		for (size_t n = 0; n < zone->dataset_count; n++)
			code |= json_array_append_new(
				numbers, json_integer(compilation->numbers[zone->datasets[n]]));
		dns_name_to_text(zone->apex, name);
		code |= json_object_set_new(zones, name, numbers);
	}
	if (code == 0)
		return zones;
	json_decref(zones);
	return NULL;
}

static bool has_relative_path(const plan_t *plan)
{
	for (size_t i = 0; i < plan->dataset_count; i++)
		for (size_t f = 0; f < plan->datasets[i].spec.file_count; f++)
			if (plan->datasets[i].spec.files[f][0] != '/')
				return true;
	return false;
}

/* Where files are, if they are named relative to that. Returns false for want of memory. */
static bool describe_directory(const plan_t *plan, json_t *header)
{
	char directory[PATH_MAX];

	if (!has_relative_path(plan) || getcwd(directory, sizeof(directory)) == NULL)
		return true;
	return json_object_set_new(header, "directory", saved_text(directory, strlen(directory))) ==
	       0;
}

/* NULL for want of memory. */
static json_t *make_header(const compilation_t *compilation)
{
	json_t *header = json_pack("{s:s, s:I, s:o}", "spurn", PACKAGE_VERSION, "compiled",
				   (json_int_t)time(NULL), "options",
				   file_options_told(&compilation->options->catalog));

	if (header == NULL)
		return NULL;
	if (describe_directory(compilation->plan, header) &&
	    json_object_set_new(header, "zones", describe_zones(compilation)) == 0 &&
	    json_object_set(header, "datasets", compilation->datasets) == 0)
		return header;
	json_decref(header);
	return NULL;
}

/* ---- writing ---- */

/* Says why the file was not written. Returns the exit status. */
static int tell_failure(const compilation_t *compilation, err_t err)
{
	const char *output = compilation->options->output;

	if (err == ERR_LOAD)
		return NOT_LOADED; /* the reason has been logged */
	if (err == (err_t)-EFBIG)
		log_error("%s would be larger than 4 GB, which is all that a cdb can be, or than "
			  "is allowed here (ulimit -f); compile its zones, or its data sets, to "
			  "several files",
			  output);
	else if (err == ERR_INVAL)
		log_error("%s is no plain file, and a cdb has to be", output);
	else
		log_error("%s: %s", output, err_text(err));
	return COMMAND_FAILED;
}

/* Saves all data sets in their order. After one that fails the others are still read, so that all that is wrong is
 * told at once. */
static err_t save_all(compilation_t *compilation, compile_load_t *load, compiled_writer_t *writer)
{
	size_t count = compilation->plan->dataset_count;
	err_t result = ERR_OK;

	for (size_t i = 0; i < count; i++) {
		const dataset_request_t *request = &compilation->requests[i];
		dataset_t *dataset;
		err_t err = compile_load_next(load, &dataset);

		if (err == ERR_OK && result == ERR_OK) {
			log_progress("writing %s: %s", compilation->options->output, request->spec);
			compilation->entries += dataset->entries;
			err = dataset_save(dataset, request, writer, compilation->datasets,
					   &compilation->numbers[i]);
		}
		dataset_free(dataset);
		if (result == ERR_OK)
			result = err;
		if (result != ERR_OK && result != ERR_LOAD)
			break;
	}
	return result;
}

static int write_file(compilation_t *compilation)
{
	const compile_options_t *options = compilation->options;
	size_t count = compilation->plan->dataset_count;
	compiled_writer_t *writer = NULL;
	compile_load_t *load = NULL;
	err_t err = compiled_writer_begin(options->output, &writer);

	if (err == ERR_OK)
		err = compile_load_begin(compilation->requests, count, options->jobs, &load);
	if (err == ERR_OK)
		err = save_all(compilation, load, writer);
	compile_load_end(load);
	if (err == ERR_OK)
		err = compiled_writer_end(writer, make_header(compilation));
	else
		compiled_writer_abandon(writer);
	return err == ERR_OK ? 0 : tell_failure(compilation, err);
}

static void tell_success(const compilation_t *compilation)
{
	size_t count = compilation->plan->dataset_count;
	struct stat status = { .st_size = 0 };
	char entries[HUMAN_MAX];
	char bytes[HUMAN_MAX];

	(void)stat(compilation->options->output, &status);
	log_info("%s: %zu data set%s, %s %s, %s", compilation->options->output, count,
		 plural(count), human_count(compilation->entries, entries),
		 compilation->entries == 1 ? "entry" : "entries",
		 human_bytes((uint64_t)status.st_size, bytes));
}

/* Compiles all that is in the plan. Returns the exit status. */
static int compile_plan(const plan_t *plan, const compile_options_t *options)
{
	const plan_settings_t settings = plan_settings_of(&options->catalog);
	compilation_t compilation = {
		.options = options,
		.plan = plan,
		.settings = dataset_settings_to_save(&settings.zone),
		.requests = calloc(plan->dataset_count, sizeof(dataset_request_t)),
		.numbers = calloc(plan->dataset_count, sizeof(unsigned)),
		.datasets = json_array(),
	};
	int status = COMMAND_FAILED;

	if (compilation.requests == NULL || compilation.numbers == NULL) {
		log_error("%s", err_text(ERR_NOMEM));
	} else {
		for (size_t i = 0; i < plan->dataset_count; i++)
			compilation.requests[i] =
				zone_spec_request(&plan->datasets[i].spec, &compilation.settings);
		status = write_file(&compilation);
		if (status == 0)
			tell_success(&compilation);
	}
	json_decref(compilation.datasets);
	free(compilation.requests);
	free(compilation.numbers);
	return status;
}

static int run(int argc, char **argv)
{
	compile_options_t options;
	plan_t *plan;
	int status;

	switch (compile_options_parse(argc, argv, &options)) {
	case COMPILE_HELP:
		return command_show_help(&command_compile);
	case COMPILE_BAD:
		return command_refuse(&command_compile);
	case COMPILE_RUN:
		break;
	}
	if (plan_new(&options.catalog, &plan) != ERR_OK) {
		log_error("%s", err_text(ERR_NOMEM));
		return COMMAND_FAILED;
	}
	new_file_clean_up_on_signals();
	if (!add_zones(plan, options.specs) || !is_sensible(plan, options.output))
		status = command_refuse(&command_compile);
	else
		status = compile_plan(plan, &options);
	plan_free(plan);
	return status;
}

const command_t command_compile = {
	.name = "compile",
	.summary = "compile zone files to one that spurnd serves at once",
	.help = compile_help,
	.run = run,
};
