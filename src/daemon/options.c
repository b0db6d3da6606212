/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "base/log.h"
#include "daemon/help.h"
#include "daemon/option_limits.h"
#include "daemon/option_values.h"

/* rbldnsd's default of -c, in seconds. */
#define DEFAULT_CHECK_S 60
/* Bytes for the reason why a value of -b is no good. */
#define WHY_MAX 512

/* Options without a short form. */
enum {
	OPTION_WORKERS = 256,
	OPTION_ENT,
	OPTION_ENTRY_PARAMETERS,
	OPTION_IP6_IN_IP4TRIE,
	OPTION_NSID,
	OPTION_MAX_SHRINK,
	OPTION_MAX_UDP_SIZE,
	OPTION_COOKIE_SECRET,
	OPTION_COOKIES,
	OPTION_NO_TCP,
	OPTION_TCP_CONNECTIONS,
	OPTION_TCP_PER_CLIENT,
	OPTION_TCP_IDLE,
	OPTION_TCP_MESSAGE,
	OPTION_TCP_TOTAL,
	OPTION_RATE_LIMIT,
	OPTION_RATE_LIMIT_SLIP,
	OPTION_RATE_LIMIT_PREFIX,
	OPTION_RATE_LIMIT_EXEMPT,
	OPTION_RATE_LIMIT_TABLE,
	OPTION_KEY_QUOTA,
	OPTION_SANDBOX,
	OPTION_VERSION,
};

static const char short_options[] = ":u:r:w:b:46t:c:eqp:nfdaAvF:Cl:s:hx:X:";

static const struct option long_options[] = {
	{ "user", required_argument, NULL, 'u' },
	{ "root", required_argument, NULL, 'r' },
	{ "workdir", required_argument, NULL, 'w' },
	{ "listen", required_argument, NULL, 'b' },
	{ "ipv4", no_argument, NULL, '4' },
	{ "ipv6", no_argument, NULL, '6' },
	{ "ttl", required_argument, NULL, 't' },
	{ "check", required_argument, NULL, 'c' },
	{ "allow-host-bits", no_argument, NULL, 'e' },
	{ "quickstart", no_argument, NULL, 'q' },
	{ "pidfile", required_argument, NULL, 'p' },
	{ "foreground", no_argument, NULL, 'n' },
	{ "minimal-answers", no_argument, NULL, 'a' },
	{ "full-answers", no_argument, NULL, 'A' },
	{ "hide-version", no_argument, NULL, 'v' },
	{ "no-decompression", no_argument, NULL, 'C' },
	{ "facility", required_argument, NULL, 'F' },
	{ "dump", no_argument, NULL, 'd' },
	{ "query-log", required_argument, NULL, 'l' },
	{ "statistics", required_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ "workers", required_argument, NULL, OPTION_WORKERS },
	{ "ent", required_argument, NULL, OPTION_ENT },
	{ "entry-parameters", no_argument, NULL, OPTION_ENTRY_PARAMETERS },
	{ "ip6-in-ip4trie", no_argument, NULL, OPTION_IP6_IN_IP4TRIE },
	{ "nsid", required_argument, NULL, OPTION_NSID },
	{ "max-shrink", required_argument, NULL, OPTION_MAX_SHRINK },
	{ "max-udp-size", required_argument, NULL, OPTION_MAX_UDP_SIZE },
	{ "cookie-secret", required_argument, NULL, OPTION_COOKIE_SECRET },
	{ "cookies", required_argument, NULL, OPTION_COOKIES },
	{ "no-tcp", no_argument, NULL, OPTION_NO_TCP },
	{ "tcp-connections", required_argument, NULL, OPTION_TCP_CONNECTIONS },
	{ "tcp-per-client", required_argument, NULL, OPTION_TCP_PER_CLIENT },
	{ "tcp-idle", required_argument, NULL, OPTION_TCP_IDLE },
	{ "tcp-message", required_argument, NULL, OPTION_TCP_MESSAGE },
	{ "tcp-total", required_argument, NULL, OPTION_TCP_TOTAL },
	{ "rate-limit", required_argument, NULL, OPTION_RATE_LIMIT },
	{ "rate-limit-slip", required_argument, NULL, OPTION_RATE_LIMIT_SLIP },
	{ "rate-limit-prefix", required_argument, NULL, OPTION_RATE_LIMIT_PREFIX },
	{ "rate-limit-exempt", required_argument, NULL, OPTION_RATE_LIMIT_EXEMPT },
	{ "rate-limit-table", required_argument, NULL, OPTION_RATE_LIMIT_TABLE },
	{ "key-quota", required_argument, NULL, OPTION_KEY_QUOTA },
	{ "sandbox", required_argument, NULL, OPTION_SANDBOX },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

/* What rbldnsd has and spurnd has not. */
static const struct {
	int letter;
	const char *what;
} refused_options[] = {
	{ 'x', "spurnd loads no extension modules; for keys and delays see 'aclkey' and entry "
	       "parameters in spurnd(8), for statistics -s and -l, for work on lists the tool "
	       "spurn" },
	{ 'X', "spurnd loads no extension modules, so there is none to take an argument; see -x" },
};

/* What must wait until all options are known: -4 and -6 rule any -b, wherever they stand. */
typedef struct pending {
	const char *listen[LISTEN_MAX];
	size_t listen_count;
	int family;
	bool has_rate_limit;
	bool has_cookie_choice;
	const char *of_rate_limit; /* an option that is nothing without --rate-limit, or NULL */
} pending_t;

static void hide_version(catalog_options_t *catalog)
{
	catalog->version = catalog->version == CATALOG_VERSION_FULL ? CATALOG_VERSION_NAME
								    : CATALOG_VERSION_HIDE;
}

/* Is the option `letter` one of those that are left out? Then that has been logged. */
static bool is_refused(int letter)
{
	for (size_t i = 0; i < COUNT_OF(refused_options); i++) {
		if (refused_options[i].letter == letter) {
			log_error("-%c: %s", letter, refused_options[i].what);
			return true;
		}
	}
	return false;
}

/* Says what is wrong with the option that getopt stumbled over. `mark` is what it returned; `word`
 * the last argument that it is through with, which is the option's own unless others follow it
 * glued. */
static void complain(int mark, const char *word)
{
	/* Only a long option without a value can be given one too many. */
	bool is_known = optopt >= OPTION_WORKERS || strchr(short_options, optopt) != NULL;

	if (is_refused(optopt))
		return;
	if (mark == ':' && word[0] == '-' && word[1] == '-')
		log_error("%s needs a value", word);
	else if (mark == ':')
		log_error("-%c needs a value", optopt);
	else if (optopt == 0)
		log_error("unknown or ambiguous option %s", word);
	else if (is_known)
		log_error("%s: this option takes no value", word);
	else
		log_error("unknown option -%c", optopt);
	log_error("spurnd --help lists all options");
}

/* Keeps a value of -b for later. */
static bool take_listen(pending_t *pending, const char *value)
{
	if (pending->listen_count == COUNT_OF(pending->listen)) {
		log_error("-b %s: more than %d addresses; listen on 0.0.0.0 or :: for all of the "
			  "host",
			  value, LISTEN_MAX);
		return false;
	}
	pending->listen[pending->listen_count++] = value;
	return true;
}

/* Takes in one of the options about TCP; as take. */
static bool take_tcp(int letter, const char *value, options_t *options)
{
	switch (letter) {
	case OPTION_NO_TCP:
		options->has_no_tcp = true;
		return true;
	case OPTION_TCP_CONNECTIONS:
		return option_count("--tcp-connections", value, &options->tcp.connections);
	case OPTION_TCP_PER_CLIENT:
		return option_count("--tcp-per-client", value, &options->tcp.per_client);
	case OPTION_TCP_IDLE:
		return option_limit("--tcp-idle", value, &options->tcp.idle_s);
	case OPTION_TCP_MESSAGE:
		return option_limit("--tcp-message", value, &options->tcp.message_s);
	case OPTION_TCP_TOTAL:
		return option_limit("--tcp-total", value, &options->tcp.total_s);
	default:
		(void)is_refused(letter);
		return false;
	}
}

/* The same as `take` for the options about limits. */
static bool take_limit(int letter, const char *value, limits_options_t *limits, pending_t *pending)
{
	switch (letter) {
	case OPTION_RATE_LIMIT:
		pending->has_rate_limit = true;
		return option_rate("--rate-limit", value, &limits->rate);
	case OPTION_RATE_LIMIT_SLIP:
		pending->of_rate_limit = "--rate-limit-slip";
		return option_slip(value, limits);
	case OPTION_RATE_LIMIT_PREFIX:
		pending->of_rate_limit = "--rate-limit-prefix";
		return option_prefix(value, limits);
	case OPTION_RATE_LIMIT_EXEMPT:
		pending->of_rate_limit = "--rate-limit-exempt";
		return option_exempt(value, limits);
	case OPTION_RATE_LIMIT_TABLE:
		pending->of_rate_limit = "--rate-limit-table";
		return option_table(value, limits);
	default: /* OPTION_KEY_QUOTA */
		return option_rate("--key-quota", value, &limits->key_quota);
	}
}

/* Takes in the option `letter`. Returns false if its value is no good, which has been logged. */
static bool take(int letter, const char *value, options_t *options, pending_t *pending)
{
	switch (letter) {
	case 'u':
		options->user = value;
		return true;
	case 'r':
		options->root = value;
		return true;
	case 'w':
		options->workdir = value;
		return true;
	case 'p':
		options->pidfile = value;
		return true;
	case 's':
		options->statistics = value;
		return true;
	case 'l':
		options->query_log = value;
		return true;
	case 'b':
		return take_listen(pending, value);
	case '4':
		pending->family = AF_INET;
		return true;
	case '6':
		pending->family = AF_INET6;
		return true;
	case 't':
		return option_ttl(value, &options->catalog);
	case 'c':
		return option_check(value, &options->check_s);
	case 'e':
		options->catalog.allow_host_bits = true;
		return true;
	case 'q':
		options->is_quick = true;
		return true;
	case 'n':
		options->is_foreground = true;
		return true;
	case 'f': /* queries are answered during reloads anyway */
		return true;
	case 'd':
		options->is_dump = true;
		return true;
	case 'F':
		return option_facility(value, &options->facility);
	case 'C':
		options->catalog.refuse_compressed = true;
		return true;
	case 'a':
	case 'A':
		options->catalog.minimal_answers = letter == 'a';
		return true;
	case 'v':
		hide_version(&options->catalog);
		return true;
	case OPTION_WORKERS:
		return option_workers(value, &options->workers);
	case OPTION_ENTRY_PARAMETERS:
		options->catalog.entry_parameters = true;
		return true;
	case OPTION_IP6_IN_IP4TRIE:
		options->catalog.ip6_in_ip4trie = true;
		return true;
	case OPTION_COOKIE_SECRET:
		options->cookie_file = value;
		return true;
	case OPTION_COOKIES:
		pending->has_cookie_choice = true;
		return option_cookies(value, &options->has_cookies);
	case OPTION_RATE_LIMIT:
	case OPTION_RATE_LIMIT_SLIP:
	case OPTION_RATE_LIMIT_PREFIX:
	case OPTION_RATE_LIMIT_EXEMPT:
	case OPTION_RATE_LIMIT_TABLE:
	case OPTION_KEY_QUOTA:
		return take_limit(letter, value, &options->limits, pending);
	case OPTION_NSID:
		return option_nsid(value, options->catalog.nsid);
	case OPTION_MAX_SHRINK:
		return option_max_shrink(value, &options->catalog.max_shrink_percent);
	case OPTION_MAX_UDP_SIZE:
		return option_max_udp_size(value, &options->catalog.udp_size);
	case OPTION_SANDBOX:
		return option_sandbox(value, &options->sandbox);
	case OPTION_ENT:
		return option_ent(value, &options->catalog.ent_is_nxdomain);
	default:
		return take_tcp(letter, value, options);
	}
}

/* Looks the addresses of -b up. */
static bool resolve(const pending_t *pending, listen_set_t *set)
{
	char why[WHY_MAX];

	for (size_t i = 0; i < pending->listen_count; i++) {
		if (listen_add(set, pending->listen[i], pending->family, why, sizeof(why)) !=
		    ERR_OK) {
			log_error("-b %s: %s", pending->listen[i], why);
			return false;
		}
	}
	return true;
}

/* Sees that what is needed is there. */
static bool is_complete(const options_t *options, const pending_t *pending)
{
	if (pending->listen_count == 0 && !options->is_dump) {
		log_error("no address to listen on: give one with -b, as in -b 127.0.0.1/5300");
		return false;
	}
	if (options->zone_count == 0) {
		log_error("no zone to serve: give at least one zone:type:file, as in "
			  "bl.example:ip4set:/var/lib/spurn/bl");
		return false;
	}
	if (!options->has_cookies && options->cookie_file != NULL) {
		log_error("--cookies off and --cookie-secret contradict each other: give only one");
		return false;
	}
	if (pending->of_rate_limit != NULL && !pending->has_rate_limit) {
		log_error("%s is about a limit that is not set: give --rate-limit RATE, too",
			  pending->of_rate_limit);
		return false;
	}
	return true;
}

options_result_t options_parse(int argc, char **argv, options_t *options)
{
	pending_t pending = { .family = AF_UNSPEC };
	int letter;

	*options = (options_t){
		.catalog = catalog_default_options,
		.tcp = tcp_default_limits,
		.limits = limits_default_options,
		.check_s = DEFAULT_CHECK_S,
		.facility = LOG_DAEMON,
		.workers = option_default_workers(),
	};
	option_default_nsid(options->catalog.nsid);
	opterr = 0;
	optind = 0; /* glibc: start afresh, also when another command line was read before */
	while ((letter = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		if (letter == 'h') {
			help_print();
			return OPTIONS_SHOWN;
		}
		if (letter == OPTION_VERSION) {
			puts("spurnd " PACKAGE_VERSION);
			return OPTIONS_SHOWN;
		}
		if (letter == '?' || letter == ':') {
			complain(letter, argv[optind - 1]);
			return OPTIONS_BAD;
		}
		if (!take(letter, optarg, options, &pending))
			return OPTIONS_BAD;
	}
	options->zones = argv + optind;
	options->zone_count = (size_t)(argc - optind);
	if (!pending.has_cookie_choice)
		options->has_cookies = options->cookie_file != NULL || pending.has_rate_limit;
	if (!is_complete(options, &pending) || !resolve(&pending, &options->listen))
		return OPTIONS_BAD;
	return OPTIONS_RUN;
}
