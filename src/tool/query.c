/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/query.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "tool/query_answer.h"
#include "tool/query_options.h"
#include "tool/query_print.h"
#include "tool/query_server.h"
#include "tool/query_subject.h"

/* Where the name servers of this host are. */
#define RESOLV_CONF "/etc/resolv.conf"
/* Subjects that are asked and printed together, so that a long list of them needs little memory and
 * answers soon. */
#define BATCH_MAX 256
/* Bytes for a reason. */
#define WHY_MAX 512

static const char help_text[] =
	"Usage: spurn query [options] [@SERVER] LIST SUBJECT...\n"
	"       spurn query [options] [@SERVER] -l LIST [-l LIST]... SUBJECT...\n"
	"\n"
	"Asks blocklists whether they list a subject: an IPv4 or IPv6 address, which is\n"
	"reversed as lists want it, or a domain name. Prints a line for each subject in\n"
	"each list: LISTED with the A and TXT records, \"not listed\", or ERROR and why.\n"
	"\n"
	"  spurn query bl.example 192.0.2.1 2001:db8::1\n"
	"  spurn query @127.0.0.1/5300 -l bl.example -l dul.example 127.0.0.2\n"
	"  spurn query @192.0.2.53 names.example spam.example.com\n"
	"  spurn query --json bl.example - <addresses\n"
	"\n"
	"SERVER is an address or a host's name, with or without a port: 127.0.0.1/5300,\n"
	"127.0.0.1:5300, [::1]:5300. Without it the name servers of this host are asked\n"
	"(/etc/resolv.conf). A SUBJECT that is - stands for one on each line of stdin;\n"
	"what is empty there or starts with # is skipped.\n"
	"\n"
	"  -l, --list LIST     ask this list, then all words are subjects; repeatable\n"
	"  -p, --port PORT     the server's port, a number or a service (53)\n"
	"  -4, --ipv4          of a server's name, take only the IPv4 addresses\n"
	"  -6, --ipv6          take only the IPv6 addresses\n"
	"  -n, --tries N       ask up to N times (3)\n"
	"  -t, --timeout SECS  wait that long for each reply (3); 0.5 is fine\n"
	"  -j, --json          one JSON object a line, for programs\n"
	"  -q, --quiet         print nothing; the exit status tells\n"
	"  -h, --help          this text\n"
	"\n"
	"On a terminal the columns are aligned; elsewhere a TAB is between them.\n"
	"\n"
	"Exit status: 0 at least one subject is listed, 1 none is, 2 something could not\n"
	"be told (no reply, REFUSED, ...) or was wrong, whatever else is listed.\n";

/* What has come out so far. */
typedef struct query_result {
	bool has_listed;
	bool has_error;
} query_result_t;

/* Subjects that are to be asked together. */
typedef struct batch {
	size_t count;
	char *texts[BATCH_MAX]; /* ours */
	uint8_t names[BATCH_MAX][DNS_NAME_MAX];
} batch_t;

/* Reads the subject `text`, and sees that its name in each list is a name. */
static bool parse_subject(const query_options_t *options, const char *text,
			  uint8_t name[DNS_NAME_MAX])
{
	uint8_t joined[DNS_NAME_MAX];
	const char *why;

	if (query_subject_parse(text, name, &why) != ERR_OK) {
		log_error("'%s' %s", text, why);
		return false;
	}
	for (size_t i = 0; i < options->list_count; i++) {
		if (query_subject_join(name, options->lists[i].name, joined) != ERR_OK) {
			log_error("'%s' in %s is longer than a name may be", text,
				  options->lists[i].text);
			return false;
		}
	}
	return true;
}

/* Sees that the subjects on the command line are good before any is asked. */
static bool check_subjects(const query_options_t *options)
{
	uint8_t name[DNS_NAME_MAX];

	for (char **subject = options->subjects; *subject != NULL; subject++) {
		if (strcmp(*subject, QUERY_STDIN) != 0 && !parse_subject(options, *subject, name))
			return false;
	}
	return true;
}

static err_t add_subject(batch_t *batch, const query_options_t *options, const char *text,
			 query_result_t *result)
{
	if (!parse_subject(options, text, batch->names[batch->count])) {
		result->has_error = true;
		return ERR_OK;
	}
	batch->texts[batch->count] = strdup(text);
	if (batch->texts[batch->count] == NULL)
		return ERR_NOMEM;
	batch->count++;
	return ERR_OK;
}

static err_t ask(const batch_t *batch, const query_options_t *options,
		 const exchange_setup_t *setup, exchange_t *exchanges, query_row_t *rows,
		 query_result_t *result)
{
	size_t count = batch->count * options->list_count;

	for (size_t i = 0; i < count; i++) {
		size_t subject = i / options->list_count;
		const query_list_t *list = &options->lists[i % options->list_count];
		exchange_t *a = &exchanges[2 * i];
		/* It has been seen to fit when the subject was added. */
		if (query_subject_join(batch->names[subject], list->name, a->name) != ERR_OK)
			return ERR_RANGE;
		a->type = DNS_TYPE_A;
		memcpy(a[1].name, a->name, sizeof(a->name));
		a[1].type = DNS_TYPE_TXT;
		rows[i] = (query_row_t){ batch->texts[subject], list->text, a, a + 1 };
	}
	err_t err = exchange_run(setup, exchanges, 2 * count);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < count; i++) {
		query_verdict_t verdict = query_judge(rows[i].a);
		result->has_listed |= verdict == QUERY_LISTED;
		result->has_error |= verdict == QUERY_ERROR;
	}
	if (!options->is_quiet)
		query_print(rows, count, setup, options->format);
	return ERR_OK;
}

/* Asks for all subjects of the batch, and empties it. */
static err_t finish_batch(batch_t *batch, const query_options_t *options,
			  const exchange_setup_t *setup, query_result_t *result)
{
	size_t count = batch->count * options->list_count;
	exchange_t *exchanges = calloc(2 * count + 1, sizeof(*exchanges));
	query_row_t *rows = calloc(count + 1, sizeof(*rows));
	err_t err = ERR_NOMEM;

	if (exchanges != NULL && rows != NULL)
		err = ask(batch, options, setup, exchanges, rows, result);
	if (exchanges != NULL)
		exchange_clear(exchanges, 2 * count);
	free(exchanges);
	free(rows);
	while (batch->count > 0)
		free(batch->texts[--batch->count]);
	return err;
}

static err_t ask_stdin(batch_t *batch, const query_options_t *options,
		       const exchange_setup_t *setup, query_result_t *result)
{
	char *line = NULL;
	size_t room = 0;
	err_t err = ERR_OK;

	while (err == ERR_OK && getline(&line, &room, stdin) >= 0) {
		char *text = line + strspn(line, " \t");
		text[strcspn(text, " \t\r\n")] = '\0';
		if (*text == '\0' || *text == '#')
			continue;
		err = add_subject(batch, options, text, result);
		if (err == ERR_OK && batch->count == BATCH_MAX)
			err = finish_batch(batch, options, setup, result);
	}
	if (ferror(stdin) != 0) {
		log_error("cannot read stdin: %s", strerror(errno));
		result->has_error = true;
	}
	free(line);
	return err;
}

static err_t ask_all(batch_t *batch, const query_options_t *options, const exchange_setup_t *setup,
		     query_result_t *result)
{
	err_t err = ERR_OK;

	for (char **subject = options->subjects; *subject != NULL && err == ERR_OK; subject++) {
		if (strcmp(*subject, QUERY_STDIN) == 0)
			err = ask_stdin(batch, options, setup, result);
		else
			err = add_subject(batch, options, *subject, result);
		if (err == ERR_OK && batch->count == BATCH_MAX)
			err = finish_batch(batch, options, setup, result);
	}
	err_t last = finish_batch(batch, options, setup, result);
	return err != ERR_OK ? err : last;
}

static bool find_servers(const query_options_t *options, listen_set_t *servers)
{
	char why[WHY_MAX];
	err_t err;

	if (options->server != NULL)
		err = query_server_parse(options->server, options->port, options->family, servers,
					 why, sizeof(why));
	else
		err = query_server_default(RESOLV_CONF, options->port, options->family, servers,
					   why, sizeof(why));
	if (err != ERR_OK)
		log_error("%s%s: %s", options->server != NULL ? "@" : "",
			  options->server != NULL ? options->server : RESOLV_CONF, why);
	return err == ERR_OK;
}

static int run_query(const query_options_t *options, batch_t *batch)
{
	listen_set_t servers = { .count = 0 };
	query_result_t result = { false, false };

	if (!check_subjects(options) || !find_servers(options, &servers))
		return command_refuse(&command_query);
	const exchange_setup_t setup = {
		.servers = servers.addresses,
		.server_count = servers.count,
		.tries = options->tries,
		.timeout_ms = options->timeout_ms,
	};
	err_t err = ask_all(batch, options, &setup, &result);
	if (err != ERR_OK)
		log_error("%s", err_text(err));
	if (err != ERR_OK || result.has_error)
		return COMMAND_FAILED;
	return result.has_listed ? 0 : 1;
}

static int run(int argc, char **argv)
{
	query_options_t *options = calloc(1, sizeof(*options));
	batch_t *batch = calloc(1, sizeof(*batch));
	int status = COMMAND_FAILED;

	if (options == NULL || batch == NULL) {
		log_error("%s", err_text(ERR_NOMEM));
	} else {
		switch (query_options_parse(argc, argv, options)) {
		case QUERY_PARSED_HELP:
			status = command_show_help(&command_query);
			break;
		case QUERY_PARSED_BAD:
			status = command_refuse(&command_query);
			break;
		case QUERY_PARSED_RUN:
			status = run_query(options, batch);
			break;
		}
	}
	free(options);
	free(batch);
	return status;
}

const command_t command_query = {
	.name = "query",
	.summary = "ask lists whether an address or name is listed, and why",
	.help = help_text,
	.run = run,
};
