/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/check.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/number.h"
#include "catalog/plan.h"
#include "tool/check_zones.h"
#include "tool/file_options.h"

/* Problems of one kind in one file that are shown: enough to see what is wrong, few enough that
 * another kind is not lost among them. */
#define LIMIT 20

/* Bytes for the reason why a specification is no good. */
#define WHY_MAX 512

static const char help_text[] =
	"Usage: spurn check [options] ZONE:TYPE:FILE,FILE... ...\n"
	"\n"
	"Reads zone files as spurnd would, from the same specifications, and tells\n"
	"everything that is wrong or suspicious in them, one line each, as compilers do:\n"
	"\n"
	"  spam:7:1: warning: the same as line 3 (fix: remove one of them) [duplicate]\n"
	"\n"
	"An error is a line that is skipped, or a data set that cannot be loaded; a\n"
	"warning is what works but hardly as it was meant; a note is good to know.\n"
	"Nothing is served, and nobody is asked: what counts is in the files.\n"
	"\n"
	"  --strict          warnings are failures too (exit status 1)\n"
	"  --json            one JSON object a line, for programs\n"
	"  --max N           show at most N problems of a kind in a file (20), and how\n"
	"                    many more there are; 0: show all\n"
	"  --ignore KIND,... leave out problems of these kinds, and do not count them\n"
	"  -e, --allow-host-bits\n"
	"                    as spurnd -e: 192.0.2.1/24 is taken for 192.0.2.0/24\n"
	"  -C, --no-decompression\n"
	"                    as spurnd -C: a compressed file is an error\n"
	"  --entry-parameters, --ip6-in-ip4trie\n"
	"                    as spurnd with these options\n"
	"  -h, --help        this text\n"
	"\n"
	"Kinds of errors:\n"
	"  not-loaded        a file or data set cannot be read\n"
	"  bad-line          a line makes no sense; it is skipped\n"
	"Kinds of warnings:\n"
	"  partial           a part of a line is cut off, or has no effect\n"
	"  ignored           a line, or what an entry says, has no effect\n"
	"  crlf, nul         lines that end in CR LF, or have a NUL in them\n"
	"  no-newline        the last line has no end: was the file cut off?\n"
	"  empty             a data set without entries\n"
	"  duplicate         an entry twice\n"
	"  shadowed          an entry that others leave without effect\n"
	"  useless-exclusion an exclusion (!) of what is not listed anyway\n"
	"  wide-range        a listing of a /8 or wider (IPv6: a /16)\n"
	"  public-suffix     a listing of a name such as com or co.uk\n"
	"  odd-name          a name that no host can have, such as a.com#comment\n"
	"  a-value           an A value that clients do not take for a listing\n"
	"  unset-variable    $1 in a text, and no line that sets it\n"
	"  soa, no-soa       $SOA that cannot be meant so, or none in the zone\n"
	"  no-ns             no $NS in the zone\n"
	"  timestamp         data that have expired, or do so within a day\n"
	"  test-point        127.0.0.2 not listed, or 127.0.0.1 listed, against RFC 5782\n"
	"                    (IPv6: ::FFFF:7F00:2 and :1; names: TEST and INVALID)\n"
	"Kinds of notes:\n"
	"  redundant         an entry that a wider one lists already, with the same value\n"
	"  long-text         a text that needs more than one string (255 bytes)\n"
	"  not-done          something could not be checked here\n"
	"\n"
	"Exit status: 0 no errors (with --strict: no warnings either), 1 there are some,\n"
	"2 the command line is wrong.\n";

typedef struct check_options {
	check_settings_t settings;
	bool is_strict;
	bool is_json;
} check_options_t;

/* Takes the kinds in `text` out of what is reported. */
static bool ignore_kinds(const char *text, uint32_t *ignored)
{
	for (;;) {
		size_t size = strcspn(text, ",");
		check_kind_t kind;
		if (!check_kind_find(text, size, &kind)) {
			log_error("--ignore: there is no kind '%.*s'", (int)size, text);
			return false;
		}
		*ignored |= (uint32_t)1 << kind;
		if (text[size] == '\0')
			return true;
		text += size + 1;
	}
}

static bool parse_limit(const char *text, size_t *limit)
{
	uint64_t value;

	if (!number_parse(text, strlen(text), 0, UINT32_MAX, &value)) {
		log_error("--max: '%s' is not a number", text);
		return false;
	}
	*limit = value;
	return true;
}

/* How parsing the command line ended. */
typedef enum parsed {
	PARSED_RUN,
	PARSED_HELP,
	PARSED_BAD,
} parsed_t;

enum { OPTION_STRICT = 256, OPTION_JSON, OPTION_MAX, OPTION_IGNORE };

static parsed_t parse_options(int argc, char **argv, check_options_t *options)
{
	static const struct option long_options[] = {
		{ "strict", no_argument, NULL, OPTION_STRICT },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "max", required_argument, NULL, OPTION_MAX },
		{ "ignore", required_argument, NULL, OPTION_IGNORE },
		FILE_OPTIONS_LONG,
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	check_settings_t *settings = &options->settings;
	catalog_options_t catalog = catalog_default_options;
	int option;

	while ((option = getopt_long(argc, argv, "h" FILE_OPTIONS_SHORT, long_options, NULL)) !=
	       -1) {
		switch (option) {
		case OPTION_STRICT:
			options->is_strict = true;
			break;
		case OPTION_JSON:
			options->is_json = true;
			break;
		case OPTION_MAX:
			if (!parse_limit(optarg, &settings->limit))
				return PARSED_BAD;
			break;
		case OPTION_IGNORE:
			if (!ignore_kinds(optarg, &settings->ignored))
				return PARSED_BAD;
			break;
		case 'h':
			return PARSED_HELP;
		default:
			if (!file_options_take(option, &catalog))
				return PARSED_BAD;
			break;
		}
	}
	settings->zone = plan_settings_of(&catalog).zone;
	if (optind < argc)
		return PARSED_RUN;
	log_error("no zone is given (bl.example:ip4set:FILE)");
	return PARSED_BAD;
}

/* Takes the specifications apart. Returns false when one is wrong. */
static bool parse_specs(char **texts, size_t count, zone_spec_t *specs)
{
	char why[WHY_MAX];

	for (size_t i = 0; i < count; i++) {
		if (zone_spec_parse(texts[i], &specs[i], why, sizeof(why)) != ERR_OK) {
			log_error("%s: %s", texts[i], why);
			return false;
		}
	}
	return true;
}

static int report(const check_options_t *options, check_output_t *output)
{
	check_output_total(output);
	if (output->counts[CHECK_ERROR] > 0)
		return 1;
	return options->is_strict && output->counts[CHECK_WARNING] > 0 ? 1 : 0;
}

static int run_specs(check_options_t *options, const zone_spec_t *specs, size_t count)
{
	public_suffixes_t *suffixes = public_suffixes_load();
	check_output_t output = { .is_json = options->is_json };

	options->settings.suffixes = suffixes;
	err_t err = check_zones_run(&options->settings, specs, count, &output);
	public_suffixes_free(suffixes);
	if (err == ERR_OK)
		return report(options, &output);
	log_error("%s", err_text(err));
	return COMMAND_FAILED;
}

static int run(int argc, char **argv)
{
	check_options_t options = { .settings = { .limit = LIMIT } };

	switch (parse_options(argc, argv, &options)) {
	case PARSED_HELP:
		return command_show_help(&command_check);
	case PARSED_BAD:
		return command_refuse(&command_check);
	case PARSED_RUN:
		break;
	}
	size_t count = (size_t)(argc - optind);
	zone_spec_t *specs = calloc(count, sizeof(*specs));
	if (specs == NULL) {
		log_error("%s", err_text(ERR_NOMEM));
		return COMMAND_FAILED;
	}
	int status = parse_specs(argv + optind, count, specs) ? run_specs(&options, specs, count)
							      : command_refuse(&command_check);
	for (size_t i = 0; i < count; i++)
		zone_spec_clear(&specs[i]);
	free(specs);
	return status;
}

const command_t command_check = {
	.name = "check",
	.summary = "tell what is wrong or suspicious in zone files",
	.help = help_text,
	.run = run,
};
