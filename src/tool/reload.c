/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/reload.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "tool/control_options.h"
#include "tool/human.h"
#include "tool/json.h"
#include "tool/spurnd_client.h"
#include "tool/table.h"

/* Bytes of the line that asks. */
#define LINE_MAX_SIZE 1400

static const char help_text[] =
	"Usage: spurn reload [--force] [--json] [--control PATH] [ZONE]\n"
	"\n"
	"Has the running spurnd load the files that have changed, or only those of ZONE,\n"
	"and waits for it, however long that takes; queries are answered meanwhile. Tells\n"
	"how many entries of each data set were added, removed and changed, compared with\n"
	"what was served when you asked; and which data sets failed, and why: these are\n"
	"served as they were.\n"
	"\n"
	"Without ZONE the configuration file is read again, too, if there is one.\n"
	"\n"
	"      --force          serve also what spurnd holds back because most entries\n"
	"                       would be lost (--max-shrink), and read files that failed\n"
	"                       again even if they have not changed\n"
	"  -j, --json           one JSON object, for programs; man spurn has the "
	"members\n" CONTROL_OPTIONS_HELP "\n"
	"Exit status: 0 all is loaded, or nothing has changed; 1 something failed; 2 it\n"
	"could not be asked to, or there is no such zone.\n";

static uint64_t number_of(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

static bool has(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return value != NULL && !json_is_null(value);
}

/* Prints a text of spurnd's, which may have anything from a file or its name. */
static void print_text(const json_t *object, const char *key)
{
	char text[4096];

	snprintf(text, sizeof(text), "%s", json_string_value(json_object_get(object, key)));
	table_clean(text);
	fputs(text, stdout);
}

static void print_change(const json_t *change)
{
	char text[4][HUMAN_MAX];

	print_text(change, "data_set");
	human_count(number_of(change, "entries"), text[3]);
	if (has(change, "added"))
		printf(": %s added, %s removed, %s changed; %s now",
		       human_count(number_of(change, "added"), text[0]),
		       human_count(number_of(change, "removed"), text[1]),
		       human_count(number_of(change, "changed"), text[2]), text[3]);
	else
		printf(": %s %s loaded", text[3],
		       number_of(change, "entries") == 1 ? "entry" : "entries");
	printf(", %s\n",
	       human_duration(json_number_value(json_object_get(change, "seconds")), text[0]));
}

static void print_failure(const json_t *failure)
{
	print_text(failure, "data_set");
	fputs(": FAILED: ", stdout);
	print_text(failure, "why");
	puts(json_is_true(json_object_get(failure, "is_loaded")) ? "; served as it was"
								 : "; nothing to serve");
}

/* What is about no data set. Returns whether there was something. */
static bool print_rest(const json_t *reply)
{
	const json_t *plan = json_object_get(reply, "configuration");
	const char *cookies = json_string_value(json_object_get(reply, "cookie_secrets"));

	if (plan != NULL)
		printf("zones: %llu added, %llu removed; data sets: %llu added, %llu removed\n",
		       (unsigned long long)number_of(plan, "zones_added"),
		       (unsigned long long)number_of(plan, "zones_removed"),
		       (unsigned long long)number_of(plan, "data_sets_added"),
		       (unsigned long long)number_of(plan, "data_sets_removed"));
	if (has(reply, "configuration_error")) {
		fputs("configuration: FAILED: ", stdout);
		print_text(reply, "configuration_error");
		puts("; the one from before stays");
	}
	if (has(reply, "load_error")) {
		fputs("FAILED: ", stdout);
		print_text(reply, "load_error");
		puts("; all goes on as before");
	}
	if (cookies != NULL)
		puts(strcmp(cookies, "new") == 0
			     ? "cookie secrets: new ones are in use"
			     : "cookie secrets: FAILED, see the log; those from before stay");
	return plan != NULL || cookies != NULL || has(reply, "configuration_error") ||
	       has(reply, "load_error");
}

/* Nothing is other than it was; since when? */
static void print_unchanged(const json_t *reply)
{
	const json_t *last = json_object_get(reply, "last_change");
	char text[HUMAN_MAX];

	fputs("nothing changed", stdout);
	if (json_is_object(last)) {
		printf("; the last change was %s ago:\n",
		       human_age((double)(json_int_t)(number_of(reply, "now") -
						      number_of(last, "time")),
				 text));
		print_change(last);
	} else {
		putchar('\n');
	}
}

static void print(const json_t *reply)
{
	const json_t *changes = json_object_get(reply, "changes");
	const json_t *failures = json_object_get(reply, "failures");
	bool is_news = json_array_size(changes) > 0 || json_array_size(failures) > 0;
	char text[HUMAN_MAX];

	for (size_t i = 0; i < json_array_size(changes); i++)
		print_change(json_array_get(changes, i));
	for (size_t i = 0; i < json_array_size(failures); i++)
		print_failure(json_array_get(failures, i));
	if (!print_rest(reply) && !is_news)
		print_unchanged(reply);
	printf("generation %llu is served, %s\n",
	       (unsigned long long)number_of(reply, "generation"),
	       human_duration(json_number_value(json_object_get(reply, "seconds")), text));
}

/* Asks for what the options say. Returns NULL after logging. */
static json_t *ask(const control_options_t *options)
{
	char line[LINE_MAX_SIZE];

	if (options->word != NULL &&
	    (options->word[0] == '\0' || options->word[strcspn(options->word, " \t\r\n")] != '\0' ||
	     strlen(options->word) > sizeof(line) / 2)) {
		log_error("'%s' cannot be a zone's name", options->word);
		return NULL;
	}
	snprintf(line, sizeof(line), "reload%s%s%s", options->is_forced ? " --force" : "",
		 options->word != NULL ? " " : "", options->word != NULL ? options->word : "");
	return spurnd_client_request(options->path, line, "loading", 0);
}

static int run(int argc, char **argv)
{
	control_options_t options;
	json_t *reply;
	int status;

	if (!control_options_parse(&command_reload,
				   CONTROL_OPTION_JSON | CONTROL_OPTION_FORCE | CONTROL_OPTION_WORD,
				   argc, argv, &options, &status))
		return status;
	reply = ask(&options);
	if (reply == NULL)
		return COMMAND_FAILED;
	if (!options.is_json) {
		print(reply);
	} else {
		json_write_line(json_incref(reply));
	}
	status = json_is_true(json_object_get(reply, "ok")) ? 0 : 1;
	json_decref(reply);
	return status;
}

const command_t command_reload = {
	.name = "reload",
	.summary = "have the running spurnd load changed files, tell what changed",
	.help = help_text,
	.run = run,
};
