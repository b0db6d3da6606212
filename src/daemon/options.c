/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/array.h"
#include "base/log.h"
#include "daemon/option_values.h"
#include "daemon/options_plan.h"
#include "daemon/privileges.h"

/* rbldnsd's default of -c, in seconds. */
#define DEFAULT_CHECK_S 60
/* Bytes for the reason why a value of -b is no good. */
#define WHY_MAX 512

/* What getopt calls the long option of the setting in the first row; the next follow. */
#define LONG_OPTIONS 256

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
	bool is_known = optopt >= LONG_OPTIONS || setting_of_letter(optopt) != NULL;

	if (is_refused(mark) || is_refused(optopt))
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

/* The forms of the options that getopt wants to have. */
typedef struct grammar {
	char *letters; /* owned */
	struct option *names;
} grammar_t;

static void free_grammar(grammar_t *grammar)
{
	free(grammar->letters);
	free(grammar->names);
}

/* Makes them of the table of settings. */
static err_t make_grammar(grammar_t *grammar)
{
	char *letter;
	struct option *name;

	/* ":", two for each setting, two for each of those that are refused, and NUL */
	grammar->letters = calloc(2 * (settings_count + COUNT_OF(refused_options)) + 2, 1);
	grammar->names = calloc(settings_count + 1, sizeof(*grammar->names));
	if (grammar->letters == NULL || grammar->names == NULL)
		return ERR_NOMEM;
	letter = grammar->letters;
	name = grammar->names;
	*letter++ = ':';
	for (size_t i = 0; i < settings_count; i++) {
		const setting_t *setting = &settings_table[i];
		bool has_value = (setting->flags & SETTING_FLAG) == 0;

		if (setting->letter != 0) {
			*letter++ = (char)setting->letter;
			if (has_value)
				*letter++ = ':';
		}
		if (setting->name != NULL)
			*name++ = (struct option){
				.name = setting->name,
				.has_arg = has_value ? required_argument : no_argument,
				.val = LONG_OPTIONS + (int)i,
			};
	}
	for (size_t i = 0; i < COUNT_OF(refused_options); i++) {
		*letter++ = (char)refused_options[i].letter;
		*letter++ = ':';
	}
	return ERR_OK;
}

/* Writes down what was given; nothing is done with it yet. */
static err_t give(options_t *options, const assignment_t *assignment)
{
	err_t err = array_reserve((void **)&options->given, &options->given_capacity,
				  options->given_count + 1, sizeof(*options->given));

	if (err == ERR_OK)
		options->given[options->given_count++] = *assignment;
	return err;
}

/* Takes the next option of the command line, which getopt calls `mark`. */
static options_result_t take_option(options_t *options, int mark, const char *word)
{
	bool is_short = mark < LONG_OPTIONS;
	const setting_t *setting =
		is_short ? setting_of_letter(mark) : &settings_table[mark - LONG_OPTIONS];
	const assignment_t assignment = {
		.setting = setting,
		.value = optarg,
		.is_short = is_short,
	};

	if (mark == '?' || mark == ':' || setting == NULL) {
		complain(mark, word);
		return OPTIONS_BAD;
	}
	if (setting->show != NULL) {
		setting->show();
		return OPTIONS_SHOWN;
	}
	if (give(options, &assignment) != ERR_OK) {
		log_error("not enough memory");
		return OPTIONS_BAD;
	}
	return OPTIONS_RUN;
}

/* Goes through the command line. */
static options_result_t read_command_line(options_t *options, int argc, char **argv)
{
	options_result_t result = OPTIONS_RUN;
	grammar_t grammar = { NULL, NULL };
	int mark;

	if (make_grammar(&grammar) != ERR_OK) {
		log_error("not enough memory");
		result = OPTIONS_BAD;
	}
	opterr = 0;
	optind = 0; /* glibc: start afresh, also when another command line was read before */
	while (result == OPTIONS_RUN &&
	       (mark = getopt_long(argc, argv, grammar.letters, grammar.names, NULL)) != -1)
		result = take_option(options, mark, argv[optind - 1]);
	options->zones = argv + optind;
	options->zone_count = (size_t)(argc - optind);
	free_grammar(&grammar);
	return result;
}

const assignment_t *options_find(const options_t *options, const char *name)
{
	const setting_t *setting = setting_of_name(name, strlen(name));

	for (size_t i = options->given_count; i > 0; i--) {
		if (options->given[i - 1].setting == setting)
			return &options->given[i - 1];
	}
	return NULL;
}

void options_name(const options_t *options, const char *setting, char name[SETTING_NAME_MAX])
{
	const assignment_t *given = options_find(options, setting);

	name[0] = '\0';
	if (given != NULL)
		assignment_name(given, name);
}

/* Looks the addresses of -b up: -4 and -6 rule any of them, wherever they stand. */
static bool resolve(options_t *options)
{
	const setting_t *setting = setting_of_letter('b');
	char name[SETTING_NAME_MAX];
	char why[WHY_MAX];
	bool is_good = true;

	for (size_t i = 0; i < options->given_count; i++) {
		const assignment_t *given = &options->given[i];

		if (given->setting != setting ||
		    listen_add(&options->listen, given->value, options->family, why, sizeof(why)) ==
			    ERR_OK)
			continue;
		assignment_name(given, name);
		log_error("%s %s: %s", name, given->value, why);
		is_good = false;
	}
	return is_good;
}

/* The last of the options that are about --rate-limit, which is not given, or NULL. */
static const assignment_t *find_lost(const options_t *options)
{
	static const char prefix[] = "rate-limit-";

	if (options_find(options, "rate-limit") != NULL)
		return NULL;
	for (size_t i = options->given_count; i > 0; i--) {
		const assignment_t *given = &options->given[i - 1];

		if (given->setting->name != NULL &&
		    strncmp(given->setting->name, prefix, strlen(prefix)) == 0)
			return given;
	}
	return NULL;
}

/* Logs that something is missing, which an option, or a key in the file if there is one, can give. */
static void miss(const options_t *options, const char *what, const char *option, const char *key)
{
	if (options->config == NULL)
		log_error("%s: %s", what, option);
	else
		log_error("%s: %s; or in %s, %s", what, option, options->config_file, key);
}

/* Does nobody say that there is a zone? */
static bool has_no_zone(const options_t *options)
{
	const config_t *config = options->config;

	return options->zone_count == 0 &&
	       (config == NULL || (config->zones.count == 0 && config->specs.count == 0));
}

/* Sees that what is needed is there. */
static bool is_complete(const options_t *options)
{
	const assignment_t *lost = find_lost(options);
	char name[SETTING_NAME_MAX];

	if (options_find(options, "listen") == NULL && !options->is_dump) {
		miss(options, "no address to listen on",
		     "give one with -b, as in -b 127.0.0.1/5300", "listen = 127.0.0.1/5300");
		return false;
	}
	if (has_no_zone(options)) {
		miss(options, "no zone to serve",
		     "give at least one zone:type:file, as in "
		     "bl.example:ip4set:/var/lib/spurn/bl",
		     "zone \"bl.example\" { data = \"ip4set:/var/lib/spurn/bl\" }");
		return false;
	}
	if (!options->has_cookies && options->cookie_file != NULL) {
		log_error("--cookies off and --cookie-secret contradict each other: give only one");
		return false;
	}
	if (lost != NULL) {
		assignment_name(lost, name);
		log_error("%s is about a limit that is not set: give --rate-limit RATE, too", name);
		return false;
	}
	return true;
}

/* Takes in what was given; goes on after mistakes, to find all. */
static bool take_given(options_t *options)
{
	const setting_target_t target = { options, &options->catalog };
	bool is_good = true;

	for (size_t i = 0; i < options->given_count; i++)
		is_good &= assignment_take(&options->given[i], &target);
	if (options_find(options, "watch") == NULL)
		options->is_watched = options->check_s != 0;
	if (options_find(options, "cookies") == NULL)
		options->has_cookies =
			options->cookie_file != NULL || options_find(options, "rate-limit") != NULL;
	return is_good;
}

/* Puts what the configuration file gives, outside of zones, before what the command line gives. */
static err_t give_config(options_t *options)
{
	size_t count = options->config->global.count;
	err_t err = array_reserve((void **)&options->given, &options->given_capacity,
				  options->given_count + count, sizeof(*options->given));

	if (err != ERR_OK || count == 0)
		return err;
	memmove(options->given + count, options->given,
		options->given_count * sizeof(*options->given));
	memcpy(options->given, options->config->global.all, count * sizeof(*options->given));
	options->given_count += count;
	return ERR_OK;
}

/* Finds what else is wrong with a configuration that is no good already. */
static void find_more(const options_t *options)
{
	plan_t *plan;

	if (options->config != NULL && options_plan_make(options, &plan) == ERR_OK)
		plan_free(plan);
}

/* Takes in what the text of the configuration file, unless it is NULL, and the command line give. */
static err_t take_all(options_t *options, const char *text, size_t size)
{
	err_t err = ERR_OK;

	if (text != NULL)
		err = config_parse(text, size, options->config_file, &options->config);
	if (options->config != NULL && give_config(options) != ERR_OK) {
		log_error("not enough memory");
		return ERR_NOMEM;
	}
	if (err != ERR_OK && err != ERR_SYNTAX)
		return err;
	if (take_given(options) && err == ERR_OK && is_complete(options))
		return ERR_OK;
	find_more(options);
	return ERR_SYNTAX;
}

/* What holds if nothing is given. */
static void set_defaults(options_t *options)
{
	*options = (options_t){
		.catalog = catalog_default_options,
		.tcp = tcp_default_limits,
		.limits = limits_default_options,
		.check_s = DEFAULT_CHECK_S,
		.facility = LOG_DAEMON,
		.family = AF_UNSPEC,
		.steering = STEERING_RANDOM,
	};
}

/* Was that option given, somewhere behind the one that getopt stumbled over? */
static bool has_word(int argc, char **argv, const char *word)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], word) == 0)
			return true;
	}
	return false;
}

/* Reads the file of --config, if there is one, and takes all in. */
static bool take_file_and_line(options_t *options)
{
	const assignment_t *config = options_find(options, "config");
	char *text = NULL;
	size_t size = 0;
	err_t err = ERR_OK;

	options->config_file = config != NULL ? config->value : NULL;
	if (config != NULL)
		err = config_read(config->value, config->value, &text, &size);
	if (err == ERR_OK)
		err = take_all(options, text, size);
	free(text);
	return err == ERR_OK && resolve(options);
}

options_result_t options_parse(int argc, char **argv, options_t *options)
{
	options_result_t result;

	set_defaults(options);
	options->workers = option_default_workers();
	option_default_nsid(options->host);
	memcpy(options->catalog.nsid, options->host, sizeof(options->host));
	result = read_command_line(options, argc, argv);
	options->is_check = options_find(options, "check-config") != NULL ||
			    has_word(argc, argv, "--check-config");
	if (result == OPTIONS_RUN && !take_file_and_line(options))
		result = OPTIONS_BAD;
	return result;
}

err_t options_reread(const options_t *start, const char *text, size_t size, options_t *next)
{
	err_t err = ERR_OK;

	set_defaults(next);
	next->workers = start->workers;
	memcpy(next->host, start->host, sizeof(next->host));
	memcpy(next->catalog.nsid, start->host, sizeof(start->host));
	next->config_file = start->config_file;
	next->zones = start->zones;
	next->zone_count = start->zone_count;
	for (size_t i = 0; i < start->given_count && err == ERR_OK; i++) {
		if (start->given[i].file == NULL)
			err = give(next, &start->given[i]);
	}
	if (err != ERR_OK) {
		log_error("not enough memory");
		return err;
	}
	err = take_all(next, text, size);
	next->catalog.limits = NULL;
	return err;
}

err_t options_confine(const options_t *options)
{
	char root_name[SETTING_NAME_MAX];
	char workdir_name[SETTING_NAME_MAX];
	const place_t place = { options->root, root_name, options->workdir, workdir_name };

	options_name(options, "root", root_name);
	options_name(options, "workdir", workdir_name);
	return privileges_confine(&place);
}

void options_free(options_t *options)
{
	limits_free(options->catalog.limits);
	networks_clear(&options->limits.exempt);
	config_free(options->config);
	free(options->given);
}
