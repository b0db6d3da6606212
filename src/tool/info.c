/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/info.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/plural.h"
#include "cdb/compiled_file.h"
#include "tool/human.h"
#include "tool/json.h"
#include "tool/table.h"

/* Bytes for the reason why a file is no good: with the command that compiles it anew. */
#define WHY_MAX (64 << 10)

/* The exit status for a file that is no compiled list, or no good one. */
#define NO_GOOD 1

static const char help_text[] =
	"Usage: spurn info [--json] FILE.cdb\n"
	"\n"
	"Tells what is in a file that 'spurn compile' made: zones, data sets, how many\n"
	"entries they have, what they were made of, and how large their parts are. All\n"
	"checksums are verified first.\n"
	"\n"
	"  -j, --json  the header as it is in the file, one JSON object\n"
	"  -h, --help  this text\n"
	"\n"
	"Exit status: 0 a good compiled list, 1 a file that is none, is damaged, or is of\n"
	"another version of spurn, 2 it cannot be read, or the command line is wrong.\n";

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

static json_int_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* A time in seconds since 1970, as text in UTC; "-" for none. */
static const char *moment(json_int_t seconds, char text[HUMAN_MAX])
{
	time_t when = (time_t)seconds;
	struct tm utc;

	if (seconds == 0 || gmtime_r(&when, &utc) == NULL ||
	    strftime(text, HUMAN_MAX, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		return "-";
	return text;
}

/* What all tables have in common: an empty line before, and an end to the program without memory. */
static void write_and_free(table_t *table)
{
	err_t err = table != NULL ? table_write(table, table_width_of(stdout), stdout) : ERR_NOMEM;

	table_free(table);
	if (err == ERR_OK)
		return;
	log_error("%s", err_text(err));
	exit(COMMAND_FAILED);
}

static void write_head(const char *path, const compiled_file_t *file)
{
	const json_t *header = compiled_file_header(file);
	size_t size;
	char text[HUMAN_MAX];

	(void)compiled_file_memory(file, &size);
	printf("%s: a compiled list of %s, whose checksums are right\n", path,
	       human_bytes(size, text));
	printf("Format %" JSON_INTEGER_FORMAT ", %s-endian, compiled at %s by spurn %s\n",
	       number_of(header, "format"), text_of(header, "byte_order"),
	       moment(number_of(header, "compiled"), text), text_of(header, "spurn"));
}

/* Adds a cell with the numbers of a zone's data sets. */
static void add_numbers(table_t *table, const json_t *numbers)
{
	char text[256] = "";
	size_t length = 0;
	size_t i;
	json_t *number;

	json_array_foreach(numbers, i, number)
	{
		int added =
			snprintf(text + length, sizeof(text) - length, "%s%" JSON_INTEGER_FORMAT,
				 i > 0 ? ", " : "", json_integer_value(number));
		if (added < 0 || (size_t)added >= sizeof(text) - length)
			break;
		length += (size_t)added;
	}
	table_add(table, "%s", text);
}

static void write_zones(const json_t *header)
{
	static const table_column_t columns[] = { { "zone", false }, { "data sets", false } };
	table_t *table = table_new(columns, COUNT_OF(columns));
	json_t *zones = json_object_get(header, "zones");
	const char *zone;
	json_t *numbers;

	putchar('\n');
	if (table != NULL) {
		json_object_foreach(zones, zone, numbers)
		{
			table_add(table, "%s", zone);
			add_numbers(table, numbers);
		}
	}
	write_and_free(table);
}

/* Bytes of all blocks of a data set. */
static uint64_t sum_blocks(const json_t *dataset)
{
	uint64_t sum = 0;
	size_t i;
	json_t *block;

	json_array_foreach(json_object_get(dataset, "blocks"), i, block) sum +=
		(uint64_t)number_of(block, "size");
	return sum;
}

static void add_dataset(table_t *table, size_t number, const json_t *dataset)
{
	char text[HUMAN_MAX];

	table_add(table, "%zu", number);
	table_add(table, "%s", text_of(dataset, "type"));
	table_add(table, "%s", human_count((uint64_t)number_of(dataset, "entries"), text));
	table_add(table, "%s", human_bytes(sum_blocks(dataset), text));
	table_add(table, "%s", moment(number_of(dataset, "newest"), text));
	table_add(table, "%s", moment(number_of(dataset, "expires"), text));
	if (json_object_get(dataset, "inside") != NULL)
		table_add(table, "(inside of %" JSON_INTEGER_FORMAT ")",
			  number_of(dataset, "inside"));
	else
		table_add(table, "%s", text_of(dataset, "spec"));
}

static void write_datasets(const json_t *datasets)
{
	static const table_column_t columns[] = {
		{ "data set", true }, { "type", false },        { "entries", true },
		{ "bytes", true },    { "newest file", false }, { "expires", false },
		{ "made of", false },
	};
	table_t *table = table_new(columns, COUNT_OF(columns));
	size_t number;
	json_t *dataset;

	putchar('\n');
	if (table != NULL)
		json_array_foreach(datasets, number, dataset) add_dataset(table, number, dataset);
	write_and_free(table);
}

static void write_blocks(const json_t *datasets)
{
	static const table_column_t columns[] = {
		{ "data set", true }, { "block", false }, { "bytes", true }, { "XXH3-128", false }
	};
	table_t *table = table_new(columns, COUNT_OF(columns));
	size_t number;
	json_t *dataset;

	putchar('\n');
	json_array_foreach(datasets, number, dataset)
	{
		size_t i;
		json_t *block;

		json_array_foreach(json_object_get(dataset, "blocks"), i, block)
		{
			char text[HUMAN_MAX];

			if (table == NULL)
				break;
			table_add(table, "%zu", number);
			table_add(table, "%s", text_of(block, "name"));
			table_add(table, "%s",
				  human_count((uint64_t)number_of(block, "size"), text));
			table_add(table, "%s", text_of(block, "xxh3_128"));
		}
	}
	write_and_free(table);
}

static err_t count_record(void *context, const void *key, size_t key_size, const void *value,
			  size_t value_size)
{
	uint64_t *count = context;

	(void)key, (void)key_size, (void)value, (void)value_size;
	++*count;
	return ERR_OK;
}

/* Is it a cdb of somebody else's? Then says what there is to say of it. */
static bool tell_foreign(const char *path)
{
	cdb_file_t *cdb;
	uint64_t count = 0;
	char text[HUMAN_MAX];
	bool is_foreign;

	if (cdb_file_open(path, &cdb, NULL) != ERR_OK)
		return false;
	is_foreign =
		!compiled_file_is_ours(cdb) && cdb_file_walk(cdb, count_record, &count) == ERR_OK;
	cdb_file_close(cdb);
	if (is_foreign)
		log_error("%s: a cdb, but not made by 'spurn compile': %s record%s; serve it with "
			  "type cdb (bl.example:cdb:%s)",
			  path, human_count(count, text), plural(count), path);
	return is_foreign;
}

/* Says why the file is no good. Returns the exit status. */
static int tell_failure(const char *path, err_t err, const char *why)
{
	bool is_about_content = err == ERR_CORRUPT || err == ERR_UNSUPPORTED;

	if (err == ERR_CORRUPT && tell_foreign(path))
		return NO_GOOD;
	log_error("%s: %s", path, why);
	return is_about_content ? NO_GOOD : COMMAND_FAILED;
}

static int tell(const char *path, bool is_json)
{
	compiled_file_t *file;
	char *why = calloc(1, WHY_MAX);
	err_t err;
	int status = 0;

	if (why == NULL) {
		log_error("%s", err_text(ERR_NOMEM));
		return COMMAND_FAILED;
	}
	err = compiled_file_open(path, &file, NULL, why, WHY_MAX);
	if (err != ERR_OK) {
		status = tell_failure(path, err, why);
		free(why);
		return status;
	}
	free(why);
	const json_t *header = compiled_file_header(file);

	if (is_json) {
		json_write_line(json_deep_copy(header));
	} else {
		const json_t *datasets = json_object_get(header, "datasets");

		write_head(path, file);
		write_zones(header);
		write_datasets(datasets);
		write_blocks(datasets);
	}
	compiled_file_close(file);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	bool is_json = false;
	int option;

	while ((option = getopt_long(argc, argv, "jh", long_options, NULL)) != -1) {
		if (option == 'h')
			return command_show_help(&command_info);
		if (option != 'j')
			return command_refuse(&command_info);
		is_json = true;
	}
	if (argc - optind == 1)
		return tell(argv[optind], is_json);
	log_error(optind == argc ? "no file is given" : "one file at a time, please");
	return command_refuse(&command_info);
}

const command_t command_info = {
	.name = "info",
	.summary = "tell what is in a compiled list",
	.help = help_text,
	.run = run,
};
