/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_options.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/number.h"
#include "ports/port_system.h"
#include "spray/spray_flights.h"
#include "tool/file_options.h"

/* Without -d and -n. */
#define DEFAULT_SECONDS 10
/* Without -w: as long as resolvers wait, about. */
#define DEFAULT_PATIENCE_S 5
/* Without --sample: so many that a server cannot have all answers in its nearest cache, and so few that they
 * are written in no time. */
#define DEFAULT_SAMPLE 100000

#define THREADS_MAX 256
#define RATE_MAX    1e9
#define SECONDS_MAX (366.0 * 86400)
#define SAMPLE_MAX  50000000
#define SERVERS_MAX 10000
#define COUNT_MAX   UINT64_C(1000000000000000)

enum {
	OPTION_SOCKETS = 256,
	OPTION_POOL,
	OPTION_POOL_GROW,
	OPTION_PER_QUERY,
	OPTION_PORT_RANGE,
	OPTION_AVOID,
	OPTION_LIST,
	OPTION_HIT_RATIO,
	OPTION_TYPES,
	OPTION_SAMPLE,
	OPTION_NO_EDNS,
	OPTION_NO_NSID,
	OPTION_IN_FLIGHT,
	OPTION_SVG,
	OPTION_SERVERS,
};

static const struct option long_options[] = {
	{ "sockets", required_argument, NULL, OPTION_SOCKETS },
	{ "pool", required_argument, NULL, OPTION_POOL },
	{ "pool-grow", required_argument, NULL, OPTION_POOL_GROW },
	{ "per-query", no_argument, NULL, OPTION_PER_QUERY },
	{ "port-range", required_argument, NULL, OPTION_PORT_RANGE },
	{ "avoid", required_argument, NULL, OPTION_AVOID },
	{ "list", required_argument, NULL, OPTION_LIST },
	{ "hit-ratio", required_argument, NULL, OPTION_HIT_RATIO },
	{ "types", required_argument, NULL, OPTION_TYPES },
	{ "sample", required_argument, NULL, OPTION_SAMPLE },
	{ "no-edns", no_argument, NULL, OPTION_NO_EDNS },
	{ "no-nsid", no_argument, NULL, OPTION_NO_NSID },
	{ "in-flight", required_argument, NULL, OPTION_IN_FLIGHT },
	{ "servers", required_argument, NULL, OPTION_SERVERS },
	{ "svg", required_argument, NULL, OPTION_SVG },
	{ "rate", required_argument, NULL, 'r' },
	{ "duration", required_argument, NULL, 'd' },
	{ "count", required_argument, NULL, 'n' },
	{ "threads", required_argument, NULL, 'T' },
	{ "timeout", required_argument, NULL, 'w' },
	{ "port", required_argument, NULL, 'p' },
	{ "ipv4", no_argument, NULL, '4' },
	{ "ipv6", no_argument, NULL, '6' },
	{ "json", no_argument, NULL, 'j' },
	FILE_OPTIONS_LONG,
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* ---- values ---- */

static bool parse_number(const char *option, const char *text, uint64_t max, uint64_t *number)
{
	if (number_parse(text, strlen(text), 1, max, number))
		return true;
	log_error("%s %s: give a number, 1 to %llu", option, text, (unsigned long long)max);
	return false;
}

static bool parse_unsigned(const char *option, const char *text, unsigned max, unsigned *number)
{
	uint64_t value;

	if (!parse_number(option, text, max, &value))
		return false;
	*number = (unsigned)value;
	return true;
}

/* A number with a fraction, from `min` to `max`. */
static bool parse_real(const char *option, const char *text, double min, double max,
		       const char *what, double *number)
{
	char *end;
	double value = strtod(text, &end);

	if (strspn(text, "0123456789.") != strlen(text) || end == text || *end != '\0' ||
	    value < min || value > max) {
		log_error("%s %s: give %s, %.10g to %.10g", option, text, what, min, max);
		return false;
	}
	*number = value;
	return true;
}

static bool parse_types(const char *text, spray_options_t *options)
{
	static const struct {
		const char *name;
		dns_type_t type;
	} known[] = {
		{ "A", DNS_TYPE_A },   { "TXT", DNS_TYPE_TXT }, { "AAAA", DNS_TYPE_AAAA },
		{ "MX", DNS_TYPE_MX }, { "ANY", DNS_TYPE_ANY },
	};

	options->type_count = 0;
	for (const char *at = text; options->type_count < SPRAY_TYPES_MAX; at++) {
		size_t size = strcspn(at, ",");
		size_t i = 0;
		while (i < COUNT_OF(known) &&
		       (strlen(known[i].name) != size || strncasecmp(known[i].name, at, size) != 0))
			i++;
		if (i == COUNT_OF(known))
			break;
		options->types[options->type_count++] = known[i].type;
		at += size;
		options->setup.types = text;
		if (*at == '\0')
			return true;
	}
	log_error("--types %s: give types with a comma between them, of A, TXT, AAAA, MX and ANY, "
		  "at most %d",
		  text, SPRAY_TYPES_MAX);
	return false;
}

static bool set_policy(spray_options_t *options, spray_policy_t policy, const char *option,
		       const char *text)
{
	if (options->policy != NULL && strcmp(options->policy, option) != 0) {
		log_error("%s and %s: queries leave from the ports of one of them; which?",
			  options->policy, option);
		return false;
	}
	options->policy = option;
	options->setup.policy = policy;
	options->setup.sockets = 0;
	return policy == SPRAY_PER_QUERY ||
	       parse_unsigned(option, text, PORT_COUNT - 1, &options->setup.sockets);
}

static bool parse_range(const char *text, spray_options_t *options)
{
	char reason[PORT_REASON_MAX];

	if (port_range_parse(text, strlen(text), &options->port_range, reason) != ERR_OK) {
		log_error("--port-range %s: %s", text, reason);
		return false;
	}
	options->has_port_range = true;
	return true;
}

/* ---- options ---- */

/* Takes in an option about ports. */
static bool take_port_option(int option, spray_options_t *options)
{
	switch (option) {
	case OPTION_SOCKETS:
		return set_policy(options, SPRAY_SOCKETS, "--sockets", optarg);
	case OPTION_POOL:
		return set_policy(options, SPRAY_POOL, "--pool", optarg);
	case OPTION_POOL_GROW:
		return set_policy(options, SPRAY_POOL_GROW, "--pool-grow", optarg);
	case OPTION_PER_QUERY:
		return set_policy(options, SPRAY_PER_QUERY, "--per-query", "");
	case OPTION_PORT_RANGE:
		return parse_range(optarg, options);
	default:
		return port_system_add_argument(&options->avoid, "--avoid", optarg) == ERR_OK;
	}
}

/* Takes in an option about what is asked. */
static bool take_query_option(int option, spray_options_t *options)
{
	uint64_t number;

	switch (option) {
	case OPTION_LIST:
		options->list = optarg;
		return true;
	case OPTION_HIT_RATIO:
		return parse_real("--hit-ratio", optarg, 0, 1, "a share",
				  &options->setup.hit_ratio);
	case OPTION_TYPES:
		return parse_types(optarg, options);
	case OPTION_SAMPLE:
		if (!parse_number("--sample", optarg, SAMPLE_MAX, &number))
			return false;
		options->sample = (size_t)number;
		return true;
	case OPTION_NO_EDNS:
		options->setup.has_edns = false;
		options->setup.has_nsid = false;
		return true;
	default:
		options->setup.has_nsid = false;
		return true;
	}
}

/* Takes in an option about how fast, how long and from where. */
static bool take_run_option(int option, spray_options_t *options)
{
	spray_setup_t *setup = &options->setup;

	switch (option) {
	case 'r':
		return parse_real("--rate", optarg, 0.001, RATE_MAX, "queries per second",
				  &setup->rate);
	case 'd':
		return parse_real("--duration", optarg, 0.001, SECONDS_MAX, "seconds",
				  &setup->seconds);
	case 'n':
		return parse_number("--count", optarg, COUNT_MAX, &setup->count);
	case 'T':
		return parse_unsigned("--threads", optarg, THREADS_MAX, &setup->threads);
	case 'w':
		return parse_real("--timeout", optarg, 0.001, 3600, "seconds", &setup->patience_s);
	case OPTION_IN_FLIGHT:
		return parse_unsigned("--in-flight", optarg, THREADS_MAX * SPRAY_FLIGHTS_MAX,
				      &setup->in_flight);
	case OPTION_SERVERS:
		return parse_unsigned("--servers", optarg, SERVERS_MAX, &setup->servers);
	case 'p':
		options->port = optarg;
		return true;
	case '4':
		options->family = AF_INET;
		return true;
	case '6':
		options->family = AF_INET6;
		return true;
	case 'j':
		options->is_json = true;
		return true;
	default:
		options->svg = optarg;
		return true;
	}
}

static spray_parsed_t take(int option, spray_options_t *options)
{
	bool is_good;

	if (option == '?')
		return SPRAY_PARSED_BAD;
	if (option == 'h')
		return SPRAY_PARSED_HELP;
	if (option >= OPTION_SOCKETS && option <= OPTION_AVOID)
		is_good = take_port_option(option, options);
	else if (option >= OPTION_LIST && option <= OPTION_NO_NSID)
		is_good = take_query_option(option, options);
	else
		is_good = file_options_take(option, &options->catalog) ||
			  take_run_option(option, options);
	return is_good ? SPRAY_PARSED_RUN : SPRAY_PARSED_BAD;
}

/* ---- words ---- */

/* Tells the server among the words; moves the others together. */
static bool sort_words(char **words, spray_options_t *options)
{
	char **other = words;

	options->words = words;
	for (; *words != NULL; words++) {
		if (**words != '@') {
			*other++ = *words;
		} else if (options->server != NULL) {
			log_error("@%s and %s: one server at a time", options->server, *words);
			return false;
		} else {
			options->server = *words + 1;
		}
	}
	*other = NULL;
	if (options->server == NULL)
		log_error(
			"no server to ask; as in: spurn spray @192.0.2.100 bl.example:ip4set:spam");
	else if (*options->words == NULL)
		log_error("nothing to ask for; give zone files as spurnd has them, as in "
			  "bl.example:ip4set:spam, or --list FILE and a zone");
	else if (options->list != NULL && strchr(options->words[0], ':') != NULL)
		log_error("%s: with --list only the zone is given, as in bl.example",
			  options->words[0]);
	else if (options->list != NULL && options->words[1] != NULL)
		log_error("%s: with --list there is one zone, and nothing else", options->words[1]);
	else
		return true;
	return false;
}

spray_parsed_t spray_options_parse(int argc, char **argv, spray_options_t *options)
{
	int option;

	*options = (spray_options_t){
		.setup = { .policy = SPRAY_SOCKETS,
			   .threads = 1,
			   .patience_s = DEFAULT_PATIENCE_S,
			   .types = "A",
			   .hit_ratio = -1,
			   .has_edns = true,
			   .has_nsid = true },
		.types = { DNS_TYPE_A },
		.type_count = 1,
		.family = AF_UNSPEC,
		.sample = DEFAULT_SAMPLE,
		.catalog = catalog_default_options,
	};
	while ((option = getopt_long(argc, argv, "r:d:n:T:w:p:46jh" FILE_OPTIONS_SHORT,
				     long_options, NULL)) != -1) {
		spray_parsed_t parsed = take(option, options);
		if (parsed != SPRAY_PARSED_RUN)
			return parsed;
	}
	spray_setup_t *setup = &options->setup;
	if (setup->policy == SPRAY_SOCKETS && setup->sockets == 0)
		setup->sockets = setup->threads;
	if (setup->seconds <= 0 && setup->count == 0)
		setup->seconds = DEFAULT_SECONDS;
	return sort_words(argv + optind, options) ? SPRAY_PARSED_RUN : SPRAY_PARSED_BAD;
}
