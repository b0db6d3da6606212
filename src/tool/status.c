/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/status.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "tool/control_options.h"
#include "tool/human.h"
#include "tool/json.h"
#include "tool/spurnd_client.h"
#include "tool/table.h"

static const char help_text[] =
	"Usage: spurn status [--json] [--control PATH]\n"
	"\n"
	"Tells how the running spurnd is: which zones it serves from which data sets,\n"
	"with how many entries in how much memory, how old they are, how they changed\n"
	"last, and what is stale, since when and why.\n"
	"\n"
	"  -j, --json           one JSON object, for programs; man spurn has the "
	"members\n" CONTROL_OPTIONS_HELP "\n"
	"Exit status: 0 all is well; 1 something is stale, has expired, is not loaded or\n"
	"has failed; 2 no spurnd could be asked.\n";

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

static double number_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

/* How long ago `key` of `object` was, in words; empty for never. */
static const char *age(const json_t *status, const json_t *object, const char *key,
		       char text[HUMAN_MAX])
{
	const json_t *time = json_object_get(object, key);

	text[0] = '\0';
	if (json_is_number(time))
		human_age(number_of(status, "now") - json_number_value(time), text);
	return text;
}

static void write_loading(const json_t *status)
{
	const json_t *loading = json_object_get(status, "loading");
	const json_t *reasons = json_object_get(loading, "reasons");
	char text[HUMAN_MAX];

	if (!json_is_object(loading))
		return;
	printf("Loading for %s (", human_age(number_of(loading, "seconds"), text));
	for (size_t i = 0; i < json_array_size(reasons); i++)
		printf("%s%s", i > 0 ? ", " : "", json_string_value(json_array_get(reasons, i)));
	puts(")");
}

static void write_head(const json_t *status)
{
	const json_t *generation = json_object_get(status, "generation");
	bool is_serving = strcmp(text_of(status, "state"), "serving") == 0;
	char text[2][HUMAN_MAX];

	printf("spurnd %s, process %.0f, up for %s: ", text_of(status, "version"),
	       number_of(status, "pid"), human_age(number_of(status, "uptime"), text[0]));
	if (is_serving)
		printf("serving with %.0f workers (--steer %s)\n", number_of(status, "workers"),
		       text_of(status, "steer"));
	else
		puts("starting, not serving yet");
	printf("Generation %.0f, %s old\n", number_of(generation, "number"),
	       age(status, generation, "published", text[0]));
	if (json_is_true(json_object_get(status, "draining")))
		puts("Draining: SOA is answered SERVFAIL (spurn drain --off ends it)");
	write_loading(status);
}

static void add_sets(table_t *table, const json_t *zone)
{
	const json_t *sets = json_object_get(zone, "data_sets");
	size_t count = json_array_size(sets);
	const char *first = json_string_value(json_array_get(sets, 0));

	if (count < 2)
		table_add(table, "%s", first != NULL ? first : "");
	else
		table_add(table, "%s and %zu more", first, count - 1);
}

static err_t write_zones(const json_t *status, size_t width)
{
	static const table_column_t columns[] = {
		{ "ZONE", false },      { "STATE", false },     { "SERIAL", true },
		{ "EXPIRES IN", true }, { "DATA SETS", false },
	};
	const json_t *zones = json_object_get(status, "zones");
	table_t *table = table_new(columns, COUNT_OF(columns));
	err_t err;

	if (table == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < json_array_size(zones); i++) {
		const json_t *zone = json_array_get(zones, i);
		const json_t *expires = json_object_get(zone, "expires");
		double rest_s = json_number_value(expires) - number_of(status, "now");
		char text[HUMAN_MAX] = "";

		if (json_is_number(expires) && rest_s > 0)
			human_age(rest_s, text);
		table_add(table, "%s", text_of(zone, "name"));
		table_add(table, "%s", text_of(zone, "state"));
		if (number_of(zone, "serial") != 0)
			table_add(table, "%.0f", number_of(zone, "serial"));
		else
			table_add(table, "%s", "");
		table_add(table, "%s", text);
		add_sets(table, zone);
	}
	err = table_write(table, width, stdout);
	table_free(table);
	return err;
}

/* How the data last changed: "+120 -3 ~1". */
static void add_change(table_t *table, const json_t *change)
{
	char text[3][HUMAN_MAX];

	if (json_is_number(json_object_get(change, "added")))
		table_add(table, "+%s -%s ~%s",
			  human_count((uint64_t)number_of(change, "added"), text[0]),
			  human_count((uint64_t)number_of(change, "removed"), text[1]),
			  human_count((uint64_t)number_of(change, "changed"), text[2]));
	else
		table_add(table, "%s", json_is_object(change) ? "all" : "");
}

static void add_dataset(table_t *table, const json_t *status, const json_t *set)
{
	const json_t *change = json_object_get(set, "change");
	bool is_loaded = !json_is_null(json_object_get(set, "loaded"));
	char text[HUMAN_MAX];

	table_add(table, "%s", text_of(set, "name"));
	table_add(table, "%s", text_of(set, "state"));
	table_add(table, "%s",
		  is_loaded ? human_count((uint64_t)number_of(set, "entries"), text) : "");
	table_add(table, "%s%s",
		  is_loaded ? human_bytes((uint64_t)number_of(set, "bytes"), text) : "",
		  number_of(set, "mapped") > 0 ? " mapped" : "");
	table_add(table, "%s", age(status, set, "modified", text));
	table_add(table, "%s", age(status, set, "loaded", text));
	table_add(table, "%s", is_loaded ? human_duration(number_of(set, "seconds"), text) : "");
	table_add(table, "%s", age(status, change, "time", text));
	add_change(table, change);
}

static err_t write_datasets(const json_t *status, size_t width)
{
	static const table_column_t columns[] = {
		{ "DATA SET", false }, { "STATE", false },     { "ENTRIES", true },
		{ "MEMORY", true },    { "FILES' AGE", true }, { "LOADED", true },
		{ "TOOK", true },      { "CHANGED", true },    { "CHANGE", false },
	};
	const json_t *sets = json_object_get(status, "data_sets");
	table_t *table = table_new(columns, COUNT_OF(columns));
	err_t err;

	if (table == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < json_array_size(sets); i++)
		add_dataset(table, status, json_array_get(sets, i));
	err = table_write(table, width, stdout);
	table_free(table);
	return err;
}

/* What is wrong, since when and why. */
static void write_problems(const json_t *status)
{
	const json_t *sets = json_object_get(status, "data_sets");
	const char *configuration = text_of(status, "configuration_error");
	bool is_first = true;
	char text[HUMAN_MAX];
	char line[4096];

	for (size_t i = 0; i < json_array_size(sets); i++) {
		const json_t *set = json_array_get(sets, i);

		if (text_of(set, "why")[0] == '\0')
			continue;
		snprintf(line, sizeof(line), "%s: %s for %s: %s", text_of(set, "name"),
			 text_of(set, "state"), age(status, set, "since", text),
			 text_of(set, "why"));
		table_clean(line);
		printf("%s%s\n", is_first ? "\n" : "", line);
		is_first = false;
	}
	if (configuration[0] == '\0')
		return;
	snprintf(line, sizeof(line), "configuration: %s; the one from before stays", configuration);
	table_clean(line);
	printf("%s%s\n", is_first ? "\n" : "", line);
}

static err_t print(const json_t *status)
{
	size_t width = table_width_of(stdout);
	err_t err;

	write_head(status);
	putchar('\n');
	err = write_zones(status, width);
	putchar('\n');
	if (err == ERR_OK)
		err = write_datasets(status, width);
	write_problems(status);
	return err;
}

static int run(int argc, char **argv)
{
	control_options_t options;
	json_t *reply;
	int status;

	if (!control_options_parse(&command_status, CONTROL_OPTION_JSON, argc, argv, &options,
				   &status))
		return status;
	reply = spurnd_client_request(options.path, "status", "asking for the status",
				      SPURND_CLIENT_PATIENCE_S);
	if (reply == NULL)
		return COMMAND_FAILED;
	status = json_is_true(json_object_get(reply, "ok")) ? 0 : 1;
	if (options.is_json) {
		json_write_line(json_incref(reply));
	} else if (print(reply) != ERR_OK) {
		log_error("%s", err_text(ERR_NOMEM));
		status = COMMAND_FAILED;
	}
	json_decref(reply);
	return status;
}

const command_t command_status = {
	.name = "status",
	.summary = "tell what the running spurnd serves, and whether all is well",
	.help = help_text,
	.run = run,
};
