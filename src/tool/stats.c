/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/stats.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "tool/control_options.h"
#include "tool/human.h"
#include "tool/json.h"
#include "tool/spurnd_client.h"
#include "tool/table.h"

/* Seconds between two looks without any given, and the bounds. */
#define INTERVAL_S     2
#define INTERVAL_MIN_S 0.1
#define INTERVAL_MAX_S 86400
/* To the upper left corner, and away with what is there. */
#define CLEAR_SCREEN "\033[H\033[J"

static const char help_text[] =
	"Usage: spurn stats [--json] [--watch [SECONDS]] [--control PATH]\n"
	"\n"
	"Tells what the running spurnd has answered since it was started: queries per\n"
	"second lately; of each zone how many replies were NOERROR (listed), NXDOMAIN\n"
	"(not listed) or an error, and how many queries got none; what each worker and\n"
	"TCP have done; what limits have come to; lines that the query log has lost.\n"
	"\n"
	"      --watch [SECONDS]\n"
	"                       again and again, every 2 seconds or as given, until\n"
	"                       Ctrl-C: what comes each second. Where the output is no\n"
	"                       terminal, one line each time\n"
	"  -j, --json           one JSON object (with --watch, one on a line each time),\n"
	"                       for programs; man spurn has the members\n" CONTROL_OPTIONS_HELP "\n"
	"Exit status: 0, or 2 when it could not be asked.\n";

/* What is shown: the counters, or what they have grown by since `before`, each second. */
typedef struct view {
	json_t *now;
	json_t *before; /* NULL: the counters */
	double seconds; /* between the two */
} view_t;

/* A counter in an object, by its key. */
static double number_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

/* What to show of a counter; `before` is the object that `now` was. */
static const char *show(const view_t *view, const json_t *now, const json_t *before,
			const char *key, char text[HUMAN_MAX])
{
	double number = number_of(now, key);

	if (view->before == NULL)
		return human_count((uint64_t)number, text);
	return human_rate((number - number_of(before, key)) / view->seconds, text);
}

/* Has show() written that it is one? */
static bool is_one(const char *text)
{
	return strcmp(text, "1") == 0;
}

/* One row: a name, and a cell for each of keys[0..count). */
static void add_row(table_t *table, const view_t *view, const char *name, const json_t *now,
		    const json_t *before, const char *const *keys, size_t count)
{
	table_add(table, "%s", name);
	for (size_t i = 0; i < count; i++) {
		char text[HUMAN_MAX];

		if (strncmp(keys[i], "bytes", 5) != 0)
			table_add(table, "%s", show(view, now, before, keys[i], text));
		else if (view->before == NULL)
			table_add(table, "%s",
				  human_bytes((uint64_t)number_of(now, keys[i]), text));
		else
			table_add(table, "%s",
				  human_bytes((uint64_t)((number_of(now, keys[i]) -
							  number_of(before, keys[i])) /
							 view->seconds),
					      text));
	}
}

static err_t write_zones(const view_t *view, size_t width)
{
	static const table_column_t columns[] = {
		{ "ZONE", false },    { "NOERROR", true }, { "NXDOMAIN", true }, { "ERROR", true },
		{ "NO REPLY", true }, { "IN", true },      { "OUT", true },
	};
	static const char *const keys[] = { "noerror", "nxdomain", "failed",
					    "dropped", "bytes_in", "bytes_out" };
	const json_t *zones = json_object_get(view->now, "zones");
	/* As zones may come and go. */
	json_t *zones_before = json_by_text(json_object_get(view->before, "zones"), "name");
	table_t *table = table_new(columns, COUNT_OF(columns));
	const json_t *zone;
	size_t i;
	err_t err;

	if (table == NULL || zones_before == NULL) {
		table_free(table);
		json_decref(zones_before);
		return ERR_NOMEM;
	}
	json_array_foreach((json_t *)(uintptr_t)zones, i, zone)
	{
		const char *name = json_string_value(json_object_get(zone, "name"));

		add_row(table, view, name, zone, json_object_get(zones_before, name), keys,
			COUNT_OF(keys));
	}
	/* With what was about no zone, or one that is gone. */
	add_row(table, view, "all", json_object_get(view->now, "queries"),
		json_object_get(view->before, "queries"), keys, COUNT_OF(keys));
	err = table_write(table, width, stdout);
	table_free(table);
	json_decref(zones_before);
	return err;
}

static err_t write_workers(const view_t *view, size_t width)
{
	static const table_column_t columns[] = {
		{ "BY", false },     { "RECEIVED", true }, { "ANSWERED", true },
		{ "DROPPED", true }, { "NOT SENT", true },
	};
	static const char *const keys[] = { "received", "answered", "dropped", "send_errors" };
	const json_t *workers = json_object_get(view->now, "workers");
	const json_t *workers_before = json_object_get(view->before, "workers");
	table_t *table = table_new(columns, COUNT_OF(columns));
	const json_t *worker;
	size_t i;
	err_t err;

	if (table == NULL)
		return ERR_NOMEM;
	json_array_foreach((json_t *)(uintptr_t)workers, i, worker)
	{
		char name[HUMAN_MAX];

		snprintf(name, sizeof(name), "worker %zu", i);
		add_row(table, view, name, worker, json_array_get(workers_before, i), keys,
			COUNT_OF(keys));
	}
	if (json_is_object(json_object_get(view->now, "tcp")))
		add_row(table, view, "TCP", json_object_get(view->now, "tcp"),
			json_object_get(view->before, "tcp"), keys, COUNT_OF(keys));
	err = table_write(table, width, stdout);
	table_free(table);
	return err;
}

/* What is seldom anything, and of interest then. */
static void write_rest(const view_t *view)
{
	const json_t *messages = json_object_get(view->now, "messages");
	const json_t *before = json_object_get(view->before, "messages");
	const json_t *tcp = json_object_get(view->now, "tcp");
	const json_t *connections = json_object_get(tcp, "connections");
	const char *each = view->before != NULL ? " each second" : "";
	char text[6][HUMAN_MAX];

	if (json_is_object(tcp))
		printf("TCP connections: %s open, %s accepted; closed: %s idle, %s slow, %s to "
		       "make "
		       "room, %s no DNS\n",
		       human_count((uint64_t)number_of(connections, "open"), text[0]),
		       human_count((uint64_t)number_of(connections, "accepted"), text[1]),
		       human_count((uint64_t)number_of(connections, "idle"), text[2]),
		       human_count((uint64_t)number_of(connections, "slow"), text[3]),
		       human_count((uint64_t)number_of(connections, "crowded"), text[4]),
		       human_count((uint64_t)number_of(connections, "bad"), text[5]));
	show(view, messages, before, "limit_dropped", text[0]);
	show(view, messages, before, "limit_truncated", text[1]);
	show(view, messages, before, "over_quota", text[2]);
	show(view, messages, before, "log_lines_lost", text[3]);
	printf("Limits%s: %s %s dropped, %s truncated, %s %s key\n", each, text[0],
	       is_one(text[0]) ? "reply" : "replies", text[1], text[2],
	       is_one(text[2]) ? "query over the quota of its" : "queries over the quota of their");
	printf("Query log%s: %s line%s lost\n", each, text[3], is_one(text[3]) ? "" : "s");
}

static void write_head(const view_t *view)
{
	const json_t *rates = json_object_get(view->now, "rates");
	char text[4][HUMAN_MAX];

	printf("spurnd %s, process %lld, up for %s\n"
	       "Queries per second: %s now, %s in 10 s, %s in 1 min\n",
	       json_string_value(json_object_get(view->now, "version")),
	       (long long)json_integer_value(json_object_get(view->now, "pid")),
	       human_age(number_of(view->now, "uptime"), text[0]),
	       human_rate(number_of(rates, "1s"), text[1]),
	       human_rate(number_of(rates, "10s"), text[2]),
	       human_rate(number_of(rates, "60s"), text[3]));
	if (view->before != NULL)
		printf("Each second of the last %s:\n", human_duration(view->seconds, text[0]));
}

static err_t write_tables(const view_t *view)
{
	size_t width = table_width_of(stdout);
	err_t err;

	write_head(view);
	putchar('\n');
	err = write_zones(view, width);
	putchar('\n');
	if (err == ERR_OK)
		err = write_workers(view, width);
	putchar('\n');
	write_rest(view);
	return err;
}

/* All of one interval in one line. */
static void write_line(const view_t *view)
{
	static const struct {
		const char *object, *key, *title;
	} cells[] = {
		{ "messages", "received", "received" }, { "messages", "answered", "answered" },
		{ "queries", "noerror", "noerror" },    { "queries", "nxdomain", "nxdomain" },
		{ "queries", "failed", "failed" },      { "messages", "dropped", "dropped" },
		{ "tcp", "received", "tcp" },
	};
	time_t now = time(NULL);
	char date[32];
	struct tm tm;

	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", localtime_r(&now, &tm));
	fputs(date, stdout);
	for (size_t i = 0; i < COUNT_OF(cells); i++) {
		double number =
			number_of(json_object_get(view->now, cells[i].object), cells[i].key) -
			number_of(json_object_get(view->before, cells[i].object), cells[i].key);

		printf(" %s %.1f/s", cells[i].title, number / view->seconds);
	}
	putchar('\n');
}

static json_t *ask(const control_options_t *options)
{
	return spurnd_client_request(options->path, "stats", "asking for statistics",
				     SPURND_CLIENT_PATIENCE_S);
}

/* Has the server been started anew since? Then its counters begin anew as well. */
static bool is_other(const json_t *now, const json_t *before)
{
	return !json_equal(json_object_get(now, "pid"), json_object_get(before, "pid")) ||
	       number_of(now, "uptime") <= number_of(before, "uptime");
}

static void pause_for(double seconds)
{
	struct timespec wait = { .tv_sec = (time_t)seconds };

	wait.tv_nsec = (long)((seconds - (double)wait.tv_sec) * 1e9);
	while (nanosleep(&wait, &wait) != 0 && errno == EINTR)
		continue;
}

/* Shows what comes, until the server is gone or we are. */
static int watch(const control_options_t *options, double interval_s)
{
	json_t *before = ask(options);
	json_t *now;
	err_t err = ERR_OK;

	while (before != NULL && err == ERR_OK && ferror(stdout) == 0) {
		pause_for(interval_s);
		now = ask(options);
		if (now != NULL && !is_other(now, before)) {
			const view_t view = {
				now, before, number_of(now, "uptime") - number_of(before, "uptime")
			};

			if (options->is_json) {
				json_write_line(json_incref(now));
			} else if (isatty(STDOUT_FILENO)) {
				fputs(CLEAR_SCREEN, stdout);
				err = write_tables(&view);
			} else {
				write_line(&view);
			}
			fflush(stdout);
		}
		json_decref(before);
		before = now;
	}
	json_decref(before);
	return COMMAND_FAILED;
}

static bool parse_interval(const char *word, double *interval_s)
{
	char *end;

	if (word == NULL)
		return true;
	*interval_s = strtod(word, &end);
	if (end != word && *end == '\0' && isfinite(*interval_s) && *interval_s >= INTERVAL_MIN_S &&
	    *interval_s <= INTERVAL_MAX_S)
		return true;
	log_error("--watch %s: give seconds, %g to %d", word, INTERVAL_MIN_S, INTERVAL_MAX_S);
	return false;
}

static int run(int argc, char **argv)
{
	double interval_s = INTERVAL_S;
	control_options_t options;
	view_t view = { NULL, NULL, 0 };
	int status;
	err_t err = ERR_OK;

	if (!control_options_parse(&command_stats, CONTROL_OPTION_JSON | CONTROL_OPTION_WATCH, argc,
				   argv, &options, &status))
		return status;
	if (!parse_interval(options.word, &interval_s))
		return command_refuse(&command_stats);
	if (options.is_watching)
		return watch(&options, interval_s);
	view.now = ask(&options);
	if (view.now == NULL)
		return COMMAND_FAILED;
	if (options.is_json)
		json_write_line(json_incref(view.now));
	else
		err = write_tables(&view);
	json_decref(view.now);
	if (err == ERR_OK)
		return 0;
	log_error("%s", err_text(err));
	return COMMAND_FAILED;
}

const command_t command_stats = {
	.name = "stats",
	.summary = "tell what the running spurnd has answered, and how fast",
	.help = help_text,
	.run = run,
};
