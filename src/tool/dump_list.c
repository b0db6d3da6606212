/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/dump_list.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fault_guard.h"
#include "base/log.h"
#include "base/new_file.h"
#include "cdb/compiled_file.h"
#include "dataset/printer.h"
#include "dataset/saved.h"
#include "tool/command.h"

/* Bytes that go to the output at once. */
#define OUTPUT_BUFFER (256 << 10)

/* A list that is being written back. */
typedef struct listing {
	const dump_list_options_t *options;
	compiled_file_t *file;
	file_stamp_t stamp;
	const json_t *zones;    /* of the header: names, and numbers of data sets */
	const json_t *datasets; /* of the header */
	bool has_losses;
	int status;
} listing_t;

static const json_t *about(const listing_t *listing, size_t number)
{
	return json_array_get(listing->datasets, number);
}

/* Is it a data set by itself, and not inside of another one? */
static bool is_whole(const listing_t *listing, size_t number)
{
	return number < json_array_size(listing->datasets) &&
	       json_object_get(about(listing, number), "inside") == NULL;
}

static const char *type_of(const listing_t *listing, size_t number)
{
	const char *type = json_string_value(json_object_get(about(listing, number), "type"));

	return type != NULL ? type : "?";
}

/* Is the setting on with which the data set was read? */
static bool has_setting(const listing_t *listing, size_t number, const char *name)
{
	const json_t *settings = json_object_get(about(listing, number), "settings");

	return json_is_true(json_object_get(settings, name));
}

/* Does the zone's list of numbers have this one? */
static bool has_number(const json_t *numbers, size_t number)
{
	size_t i;
	json_t *value;

	json_array_foreach(numbers, i, value)
	{
		if (json_is_integer(value) && json_integer_value(value) == (json_int_t)number)
			return true;
	}
	return false;
}

/* The first zone that has the data set. */
static const char *zone_of(const listing_t *listing, size_t number)
{
	const char *name;
	json_t *numbers;

	json_object_foreach((json_t *)(uintptr_t)listing->zones, name, numbers)
	{
		if (has_number(numbers, number))
			return name;
	}
	return "zone";
}

/* ---- One data set. ---- */

static zone_settings_t settings_of(const listing_t *listing, size_t number)
{
	/* TTLs as they were written: none is a default's, and none has bounds. */
	return (zone_settings_t){
		.entry_parameters = has_setting(listing, number, "entry_parameters"),
		.ip6_in_ip4trie = has_setting(listing, number, "ip6_in_ip4trie"),
	};
}

/* Writes a data set to `out`. Returns ERR_OK; ERR_LOAD, which has been logged; or another error. */
static err_t write_dataset(listing_t *listing, size_t number, dataset_t *dataset, FILE *out)
{
	const char *path = listing->options->path;
	dataset_printer_t printer = { .out = out };
	const char *const files[] = { path };

	err_t err = dataset_guard_new(files, &listing->stamp, NULL, 1, &dataset->guard);
	if (has_setting(listing, number, "entry_parameters"))
		fputs("# Is to be read with --entry-parameters\n", out);
	if (has_setting(listing, number, "ip6_in_ip4trie"))
		fputs("# Is to be read with --ip6-in-ip4trie\n", out);
	if (err == ERR_OK)
		err = dataset_print(dataset, &printer);
	if (err == ERR_OK && printer.left_out > 0) {
		bool is_one = printer.left_out == 1;
		log_warning("%s: data set %zu: %" PRIu64 " %s left out, as zone files "
			    "cannot have %s (see spurn(1))",
			    path, number, printer.left_out, is_one ? "entry is" : "entries are",
			    is_one ? "its text" : "their texts");
		listing->has_losses = true;
	}
	return err;
}

/* Maps data set `number` and writes it; `newest`, if not NULL, is set to the time of its newest file. Errors as
 * above. */
static err_t dump_dataset(listing_t *listing, size_t number, FILE *out, time_t *newest)
{
	const zone_settings_t settings = settings_of(listing, number);
	char why[512];
	dataset_mapper_t mapper = {
		.file = listing->file,
		.datasets = listing->datasets,
		.settings = &settings,
		.now = (time_t)INT64_MAX, /* of the future or not, it is written */
		.why = why,
		.why_size = sizeof(why),
	};
	dataset_t *dataset;

	err_t err = dataset_map(&mapper, (unsigned)number, false, &dataset);
	if (err == ERR_LOAD)
		log_error("%s: %s", listing->options->path, why);
	if (err != ERR_OK)
		return err;
	err = write_dataset(listing, number, dataset, out);
	if (newest != NULL)
		*newest = dataset->newest;
	dataset_free(dataset);
	return err;
}

/* ---- All of them, as files. ---- */

/* The name of a data set's file: number, zone and type, of characters that need no quotes. The caller frees
 * it; NULL for want of memory. */
static char *file_name(const listing_t *listing, size_t number)
{
	const char *directory = listing->options->directory;
	char *name;

	if (asprintf(&name, "%s/%zu-%s.%s", directory, number, zone_of(listing, number),
		     type_of(listing, number)) < 0)
		return NULL;
	for (char *c = name + strlen(directory) + 1; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr("-_.", *c) == NULL)
			*c = '_';
	return name;
}

/* Gives a file the time of those that it stands for: that is the serial of a SOA which has none. */
static void set_time(const char *path, time_t newest)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = newest } };

	if (utimensat(AT_FDCWD, path, times, 0) != 0)
		log_warning("%s: its time cannot be set: %s", path, err_text(err_from_errno()));
}

static err_t write_file(listing_t *listing, size_t number)
{
	char *path = file_name(listing, number);
	new_file_t file;
	time_t newest = 0;

	if (path == NULL)
		return ERR_NOMEM;
	err_t err = new_file_begin(&file, path);
	if (err == ERR_OK) {
		(void)setvbuf(file.out, NULL, _IOFBF, OUTPUT_BUFFER);
		err = dump_dataset(listing, number, file.out, &newest);
		if (err == ERR_OK)
			err = new_file_end(&file);
		else
			new_file_abandon(&file);
	}
	if (err == ERR_OK)
		set_time(path, newest);
	else if (err != ERR_LOAD && err != ERR_CHANGED)
		log_error("%s: %s", path, err_text(err));
	free(path);
	return err;
}

/* Writes the specifications that the files are for, as the command line of spurnd and of `spurn compile` has
 * them. */
static err_t write_specs(const listing_t *listing)
{
	bool has_parameters = false;
	bool has_ip6 = false;
	const char *zone;
	json_t *numbers;

	for (size_t i = 0; i < json_array_size(listing->datasets); i++) {
		has_parameters |= has_setting(listing, i, "entry_parameters");
		has_ip6 |= has_setting(listing, i, "ip6_in_ip4trie");
	}
	fputs(has_parameters ? "--entry-parameters\n" : "", stdout);
	fputs(has_ip6 ? "--ip6-in-ip4trie\n" : "", stdout);
	json_object_foreach((json_t *)(uintptr_t)listing->zones, zone, numbers)
	{
		for (size_t i = 0; i < json_array_size(numbers); i++) {
			json_int_t number = json_integer_value(json_array_get(numbers, i));
			long only = listing->options->number;
			if (only != DUMP_LIST_ANY && number != only)
				continue;
			char *path = file_name(listing, (size_t)number);
			if (path == NULL)
				return ERR_NOMEM;
			printf("%s:%s:%s\n", zone, type_of(listing, (size_t)number), path);
			free(path);
		}
	}
	return ERR_OK;
}

static err_t write_files(listing_t *listing)
{
	const char *directory = listing->options->directory;
	long only = listing->options->number;
	err_t err = ERR_OK;

	if (mkdir(directory, 0777) != 0 && errno != EEXIST) {
		err = err_from_errno();
		log_error("%s: cannot be made: %s", directory, err_text(err));
		return err;
	}
	for (size_t i = 0; i < json_array_size(listing->datasets) && err == ERR_OK; i++)
		if (is_whole(listing, i) && (only == DUMP_LIST_ANY || i == (size_t)only))
			err = write_file(listing, i);
	return err == ERR_OK ? write_specs(listing) : err;
}

/* ---- One, to stdout. ---- */

/* Says what there is to choose from. */
static void list_datasets(const listing_t *listing)
{
	for (size_t i = 0; i < json_array_size(listing->datasets); i++) {
		if (!is_whole(listing, i))
			continue;
		const char *spec = json_string_value(json_object_get(about(listing, i), "spec"));
		log_error("  --dataset %zu: %s:%s", i, zone_of(listing, i),
			  spec != NULL ? spec : type_of(listing, i));
	}
}

/* The data set that is to be written; -1: there is none, or there are several, which has been logged. */
static long choose(const listing_t *listing)
{
	const dump_list_options_t *options = listing->options;
	long only = -1;
	size_t count = 0;

	if (options->number != DUMP_LIST_ANY) {
		if (is_whole(listing, (size_t)options->number))
			return options->number;
		log_error("%s: has no data set %ld, but these:", options->path, options->number);
		list_datasets(listing);
		return -1;
	}
	for (size_t i = 0; i < json_array_size(listing->datasets); i++) {
		if (!is_whole(listing, i))
			continue;
		only = (long)i;
		count++;
	}
	if (count == 1)
		return only;
	log_error("%s: has %zu data sets: choose one for stdout, or -d DIRECTORY for a file of "
		  "each:",
		  options->path, count);
	list_datasets(listing);
	return -1;
}

static int status_of(const listing_t *listing, err_t err)
{
	if (err == ERR_OK)
		return listing->has_losses ? 1 : 0;
	if (err == ERR_LOAD)
		return 1; /* the reason has been logged */
	if (err == ERR_CHANGED) {
		log_error("%s: %s; try again when it is complete", listing->options->path,
			  err_text(err));
		return 1;
	}
	if (listing->options->directory == NULL)
		log_error("%s", err_text(err));
	return COMMAND_FAILED;
}

static int write_list(listing_t *listing)
{
	long number = listing->options->number;

	if (listing->options->directory == NULL || number != DUMP_LIST_ANY)
		number = choose(listing);
	if (number < 0 &&
	    (listing->options->directory == NULL || listing->options->number != DUMP_LIST_ANY))
		return COMMAND_FAILED;
	if (listing->options->directory != NULL)
		return status_of(listing, write_files(listing));
	(void)setvbuf(stdout, NULL, _IOFBF, OUTPUT_BUFFER);
	return status_of(listing, dump_dataset(listing, (size_t)number, stdout, NULL));
}

static void open_and_write(void *context)
{
	listing_t *listing = context;
	char why[512];

	err_t err = compiled_file_open(listing->options->path, &listing->file, &listing->stamp, why,
				       sizeof(why));
	if (err != ERR_OK) {
		log_error("%s: %s", listing->options->path, why);
		listing->status = err == ERR_NOMEM ? COMMAND_FAILED : 1;
		return;
	}
	const json_t *header = compiled_file_header(listing->file);
	listing->zones = json_object_get(header, "zones");
	listing->datasets = json_object_get(header, "datasets");
	listing->status = write_list(listing);
	compiled_file_close(listing->file);
}

int dump_list(const dump_list_options_t *options)
{
	listing_t listing = { .options = options };

	if (options->directory != NULL && strpbrk(options->directory, ",:\n ") != NULL) {
		log_error("%s: a directory whose name has a comma, a colon or a blank cannot stand "
			  "in a specification; choose another one",
			  options->directory);
		return COMMAND_FAILED;
	}
	/* The file may be cut short while it is read. */
	if (!fault_guard_run(open_and_write, &listing))
		return status_of(&listing, ERR_CHANGED);
	return listing.status;
}
