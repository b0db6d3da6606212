/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/compile_options.h"

#include <getopt.h>
#include <string.h>

#include "base/log.h"
#include "base/processors.h"
#include "daemon/option_values.h"
#include "tool/file_options.h"

const char compile_help[] =
	"Usage: spurn compile [options] -o OUT.cdb ZONE:TYPE:FILE,FILE... ...\n"
	"\n"
	"Reads zone files as spurnd would, from the same specifications, and writes what\n"
	"it made of them to one file, which spurnd maps to memory instead of reading it:\n"
	"it serves at once, and all servers on a machine share the memory.\n"
	"\n"
	"  spurn compile -o bl.cdb bl.example:ip4set:spam,more-spam\n"
	"  spurnd ... bl.example:compiled:bl.cdb\n"
	"\n"
	"OUT.cdb is there when it is complete, and not before: an old one is replaced in\n"
	"one step, which spurnd notices. Access lists (acl, aclkey) are not compiled.\n"
	"\n"
	"  -o, --output OUT.cdb\n"
	"                      the file to write (- for stdout is not possible)\n"
	"      --jobs N        load N data sets at a time (one for each CPU)\n"
	"  -e, --allow-host-bits\n"
	"                      as spurnd -e: 192.0.2.1/24 is taken for 192.0.2.0/24\n"
	"  -C, --no-decompression\n"
	"                      as spurnd -C: a compressed file is an error\n"
	"      --entry-parameters, --ip6-in-ip4trie\n"
	"                      as spurnd with these options\n"
	"  -h, --help          this text\n"
	"\n"
	"TTLs are not decided here: -t of the spurnd that serves the file is.\n"
	"\n"
	"Exit status: 0 written, 1 a data set cannot be loaded, 2 the command line is\n"
	"wrong, or the file could not be written. If it is not 0, an old OUT.cdb is as it\n"
	"was, unless a message says that the new one is in place.\n";

enum { OPTION_JOBS = 256 };

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "jobs", required_argument, NULL, OPTION_JOBS },
	FILE_OPTIONS_LONG,
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* Takes in one option. Returns false if that cannot be done, which has been logged. */
static bool take(int option, compile_options_t *options)
{
	switch (option) {
	case 'o':
		options->output = optarg;
		return true;
	case OPTION_JOBS:
		return option_workers("--jobs", optarg, &options->jobs);
	default:
		return file_options_take(option, &options->catalog);
	}
}

compile_parsed_t compile_options_parse(int argc, char **argv, compile_options_t *options)
{
	int option;

	*options = (compile_options_t){ .catalog = catalog_default_options,
					.jobs = processors_allowed() };
	while ((option = getopt_long(argc, argv, "o:h" FILE_OPTIONS_SHORT, long_options, NULL)) !=
	       -1) {
		if (option == 'h')
			return COMPILE_HELP;
		if (!take(option, options))
			return COMPILE_BAD;
	}
	options->specs = argv + optind;
	if (options->output == NULL) {
		log_error("where to? -o OUT.cdb says the file to write");
		return COMPILE_BAD;
	}
	if (strcmp(options->output, "-") == 0) {
		log_error("-o -: a compiled list is a file that is complete or not there, and "
			  "cannot go to "
			  "stdout; give a file, or ./- for one called so");
		return COMPILE_BAD;
	}
	if (optind < argc)
		return COMPILE_RUN;
	log_error("no zone is given (bl.example:ip4set:FILE)");
	return COMPILE_BAD;
}
