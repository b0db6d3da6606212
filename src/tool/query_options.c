/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/query_options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/number.h"
#include "dns/name.h"
#include "tool/query_subject.h"

/* Without -n and -t: within ten seconds a server that is there has answered one of them. */
#define DEFAULT_TRIES      3
#define DEFAULT_TIMEOUT_MS 3000
#define TRIES_MAX          100
#define TIMEOUT_MAX_S      3600

static bool add_list(query_options_t *options, const char *text)
{
	query_list_t *list = &options->lists[options->list_count];
	size_t size;

	if (options->list_count == QUERY_LISTS_MAX) {
		log_error("more than %d lists", QUERY_LISTS_MAX);
		return false;
	}
	if (query_subject_is_address(text)) {
		log_error(
			"%s is an address; the list comes first, as in: spurn query bl.example %s",
			text, text);
		return false;
	}
	if (dns_name_from_text(text, strlen(text), list->name, &size) != ERR_OK ||
	    list->name[0] == 0) {
		log_error("'%s' is no list; give its domain name, as in bl.example", text);
		return false;
	}
	list->text = text;
	options->list_count++;
	return true;
}

static bool parse_tries(const char *text, unsigned *tries)
{
	if (number_parse_unsigned(text, 1, TRIES_MAX, tries))
		return true;
	log_error("--tries %s: give a number, 1 to %d", text, TRIES_MAX);
	return false;
}

static bool parse_timeout(const char *text, unsigned *timeout_ms)
{
	char *end;
	double value_s = strtod(text, &end);

	if (strspn(text, "0123456789.") != strlen(text) || end == text || *end != '\0' ||
	    value_s < 0.001 || value_s > TIMEOUT_MAX_S) {
		log_error("--timeout %s: give seconds, as in 3 or 0.5, at most %d", text,
			  TIMEOUT_MAX_S);
		return false;
	}
	*timeout_ms = (unsigned)(value_s * 1e3 + 0.5);
	return true;
}

/* Tells the server, the list and the subjects among the words apart; moves the subjects together. */
static bool sort_words(char **words, query_options_t *options)
{
	char **subject = words;

	options->subjects = words;
	for (; *words != NULL; words++) {
		if (**words != '@') {
			if (options->list_count > 0)
				*subject++ = *words;
			else if (!add_list(options, *words))
				return false;
		} else if (options->server != NULL) {
			log_error("@%s and %s: one server at a time", options->server, *words);
			return false;
		} else {
			options->server = *words + 1;
		}
	}
	*subject = NULL;
	if (options->list_count == 0)
		log_error("no list to ask; as in: spurn query bl.example 192.0.2.1");
	else if (*options->subjects == NULL)
		log_error("nothing to ask %s for; give an address or a name behind it",
			  options->lists[0].text);
	return options->list_count > 0 && *options->subjects != NULL;
}

/* Takes in one option. */
static query_parsed_t take(int option, query_options_t *options)
{
	bool is_good = true;

	switch (option) {
	case 'l':
		is_good = add_list(options, optarg);
		break;
	case 'p':
		options->port = optarg;
		break;
	case '4':
		options->family = AF_INET;
		break;
	case '6':
		options->family = AF_INET6;
		break;
	case 'n':
		is_good = parse_tries(optarg, &options->tries);
		break;
	case 't':
		is_good = parse_timeout(optarg, &options->timeout_ms);
		break;
	case 'j':
		options->format = QUERY_FORMAT_JSON;
		break;
	case 'q':
		options->is_quiet = true;
		break;
	case 'h':
		return QUERY_PARSED_HELP;
	default:
		return QUERY_PARSED_BAD;
	}
	return is_good ? QUERY_PARSED_RUN : QUERY_PARSED_BAD;
}

query_parsed_t query_options_parse(int argc, char **argv, query_options_t *options)
{
	static const struct option long_options[] = {
		{ "list", required_argument, NULL, 'l' },
		{ "port", required_argument, NULL, 'p' },
		{ "ipv4", no_argument, NULL, '4' },
		{ "ipv6", no_argument, NULL, '6' },
		{ "tries", required_argument, NULL, 'n' },
		{ "timeout", required_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*options = (query_options_t){
		.family = AF_UNSPEC,
		.tries = DEFAULT_TRIES,
		.timeout_ms = DEFAULT_TIMEOUT_MS,
		.format = isatty(STDOUT_FILENO) ? QUERY_FORMAT_COLUMNS : QUERY_FORMAT_TABS,
	};
	while ((option = getopt_long(argc, argv, "l:p:46n:t:jqh", long_options, NULL)) != -1) {
		query_parsed_t parsed = take(option, options);
		if (parsed != QUERY_PARSED_RUN)
			return parsed;
	}
	return sort_words(argv + optind, options) ? QUERY_PARSED_RUN : QUERY_PARSED_BAD;
}
