/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/ports_options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "base/number.h"

/* Microsoft's DNS server binds so many, and it is the pool that everybody knows. */
#define DEFAULT_POOL 2500

static bool parse_pool(const char *text, unsigned *pool)
{
	if (number_parse_unsigned(text, 1, PORT_COUNT, pool))
		return true;
	log_error("--pool %s: give the number of ports that a pool has, 1 to %u", text, PORT_COUNT);
	return false;
}

static bool parse_range(const char *text, ports_options_t *options)
{
	char reason[PORT_REASON_MAX];

	if (port_range_parse(text, strlen(text), &options->question.range, reason) != ERR_OK) {
		log_error("--range %s: %s", text, reason);
		return false;
	}
	options->is_range_given = true;
	return true;
}

/* Takes in ports, or else the name of a process. */
static bool add_choice(const char *option, const char *text, port_choice_t *choice)
{
	char reason[PORT_REASON_MAX];
	size_t capacity = choice->process_count;

	if (text[0] >= '0' && text[0] <= '9' && strspn(text, "0123456789,- ") == strlen(text)) {
		if (port_set_parse(&choice->ports, text, strlen(text), reason) == ERR_OK)
			return true;
		log_error("%s %s: %s", option, text, reason);
		return false;
	}
	if (*text == '\0') {
		log_error("%s: give the name of a process, or ports", option);
		return false;
	}
	if (array_reserve((void **)&choice->processes, &capacity, choice->process_count + 1,
			  sizeof(*choice->processes)) != ERR_OK) {
		log_error("%s", err_text(ERR_NOMEM));
		return false;
	}
	choice->processes[choice->process_count++] = text;
	return true;
}

/* Takes in one option. */
static ports_parsed_t take(int option, ports_options_t *options)
{
	bool is_good = true;

	switch (option) {
	case 'p':
		is_good = parse_pool(optarg, &options->question.pool);
		break;
	case 'r':
		is_good = parse_range(optarg, options);
		break;
	case 'x':
		is_good = add_choice("--exclude", optarg, &options->question.excluded);
		break;
	case 'i':
		is_good = add_choice("--include", optarg, &options->question.included);
		break;
	case 's':
		options->question.are_services_due = true;
		break;
	case 'f':
		options->is_fix = true;
		break;
	case 'd':
		options->directory = optarg;
		break;
	case 'j':
		options->is_json = true;
		break;
	case 'h':
		return PORTS_PARSED_HELP;
	default:
		return PORTS_PARSED_BAD;
	}
	return is_good ? PORTS_PARSED_RUN : PORTS_PARSED_BAD;
}

ports_parsed_t ports_options_parse(int argc, char **argv, ports_options_t *options)
{
	static const struct option long_options[] = {
		{ "pool", required_argument, NULL, 'p' },
		{ "range", required_argument, NULL, 'r' },
		{ "exclude", required_argument, NULL, 'x' },
		{ "include", required_argument, NULL, 'i' },
		{ "services", no_argument, NULL, 's' },
		{ "fix", no_argument, NULL, 'f' },
		{ "directory", required_argument, NULL, 'd' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*options = (ports_options_t){ .question.pool = DEFAULT_POOL };
	while ((option = getopt_long(argc, argv, "p:r:jh", long_options, NULL)) != -1) {
		ports_parsed_t parsed = take(option, options);
		if (parsed != PORTS_PARSED_RUN)
			return parsed;
	}
	if (optind < argc) {
		log_error("'%s': nothing but options, please", argv[optind]);
		return PORTS_PARSED_BAD;
	}
	return PORTS_PARSED_RUN;
}

void ports_options_free(ports_options_t *options)
{
	free(options->question.excluded.processes);
	free(options->question.included.processes);
	options->question.excluded.processes = options->question.included.processes = NULL;
}
