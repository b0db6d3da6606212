/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/dump.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/number.h"
#include "catalog/catalog.h"
#include "catalog/dump.h"
#include "daemon/option_values.h"
#include "tool/dump_list.h"
#include "tool/file_options.h"

/* Bytes for the reason why a specification is no good. */
#define WHY_MAX 512

static const char help_text[] =
	"Usage: spurn dump [options] ZONE:TYPE:FILE,FILE... ...\n"
	"       spurn dump [--dataset N] [-d DIRECTORY] LIST.cdb\n"
	"\n"
	"Of a list that `spurn compile` made, writes zone files back: the data set that\n"
	"it has, or number N of several, to stdout; or a file of each to DIRECTORY, and\n"
	"to stdout the specifications (and options) that they are to be read with.\n"
	"\n"
	"  spurn dump bl.cdb >bl\n"
	"  spurn compile -o new.cdb $(spurn dump -d lists bl.cdb)\n"
	"\n"
	"Of specifications, reads zone files as spurnd would, and writes them to stdout\n"
	"as master files for name servers such as BIND and NSD, which then answer as\n"
	"spurnd does. Of several zones each begins with its $ORIGIN line.\n"
	"\n"
	"  spurn dump bl.example:ip4set:spam >bl.example.zone\n"
	"  named-checkzone bl.example bl.example.zone\n"
	"\n"
	"What master files cannot say is told on stderr; spurn(1) has the list.\n"
	"\n"
	"      --dataset N     of a compiled list, data set N (`spurn info` has them)\n"
	"  -d, --directory DIRECTORY\n"
	"                      of a compiled list, a file of each data set\n"
	"      --no-ip6-forms  of IPv4 entries leave out the names ::ffff:192.0.2.1 and\n"
	"                      2002:c000:201::/48: a third of the size\n"
	"  -e, --allow-host-bits\n"
	"                      as spurnd -e: 192.0.2.1/24 is taken for 192.0.2.0/24\n"
	"  -C, --no-decompression\n"
	"                      as spurnd -C: a compressed file is an error\n"
	"  -t, --ttl DEFAULT:MIN:MAX\n"
	"                      as spurnd -t: the time to live of what has none (35m::)\n"
	"      --entry-parameters, --ip6-in-ip4trie\n"
	"                      as spurnd with these options\n"
	"  -h, --help          this text\n"
	"\n"
	"Exit status: 0 done, 1 a zone or list cannot be loaded (nothing is written\n"
	"then), or a list has texts that zone files cannot, 2 the command line is wrong,\n"
	"or the dump could not be written.\n";

enum { OPTION_NO_IP6_FORMS = 256, OPTION_DATASET };

static const struct option long_options[] = {
	{ "dataset", required_argument, NULL, OPTION_DATASET },
	{ "directory", required_argument, NULL, 'd' },
	{ "no-ip6-forms", no_argument, NULL, OPTION_NO_IP6_FORMS },
	{ "ttl", required_argument, NULL, 't' },
	FILE_OPTIONS_LONG,
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* What the command line wants. */
typedef struct wishes {
	catalog_options_t catalog;
	dump_options_t dump;
	dump_list_options_t list;
	bool has_text_options; /* those for zone files, */
	bool has_list_options; /* and those for a compiled list */
} wishes_t;

static bool take_number(const char *text, long *number)
{
	uint64_t value;

	if (!number_parse(text, strlen(text), 0, LONG_MAX, &value)) {
		log_error("--dataset: '%s' is no number", text);
		return false;
	}
	*number = (long)value;
	return true;
}

/* Takes in one option. Returns false if that cannot be done, which has been logged. */
static bool take(int option, wishes_t *wishes)
{
	catalog_options_t *catalog = &wishes->catalog;

	wishes->has_text_options |= option != OPTION_DATASET && option != 'd';
	switch (option) {
	case OPTION_DATASET:
		wishes->has_list_options = true;
		return take_number(optarg, &wishes->list.number);
	case 'd':
		wishes->has_list_options = true;
		wishes->list.directory = optarg;
		return true;
	case OPTION_NO_IP6_FORMS:
		wishes->dump.skip_ip6_forms = true;
		return true;
	case 't':
		return option_ttl("-t", optarg, catalog);
	default:
		return file_options_take(option, catalog);
	}
}

static err_t add_zones(plan_t *plan, char **specs)
{
	char why[WHY_MAX];

	for (; *specs != NULL; specs++) {
		err_t err = plan_add(plan, *specs, NULL, why, sizeof(why));
		if (err != ERR_OK) {
			log_error("%s: %s", *specs, why);
			return err;
		}
	}
	return plan_finish(plan);
}

static int dump(catalog_t *catalog, const dump_options_t *options)
{
	catalog_load_report_t report;

	err_t err = catalog_load(catalog, &catalog_request_all, &report);
	if (err == ERR_OK)
		err = dump_write(catalog, options, stdout);
	if (err == ERR_OK)
		return 0;
	if (err == ERR_LOAD)
		return 1; /* the reason has been logged */
	log_error("%s", err_text(err));
	return COMMAND_FAILED;
}

static int dump_zones(const wishes_t *wishes, char **specs)
{
	plan_t *plan;
	catalog_t *catalog;

	if (plan_new(&wishes->catalog, &plan) != ERR_OK) {
		log_error("%s", err_text(ERR_NOMEM));
		return COMMAND_FAILED;
	}
	if (add_zones(plan, specs) != ERR_OK) {
		plan_free(plan);
		return command_refuse(&command_dump);
	}
	if (catalog_new(plan, &catalog) != ERR_OK) {
		log_error("%s", err_text(ERR_NOMEM));
		plan_free(plan);
		return COMMAND_FAILED;
	}
	int status = dump(catalog, &wishes->dump);
	catalog_free(catalog);
	return status;
}

/* Says what is wrong with options and arguments. Returns whether anything is. */
static bool is_wrong(const wishes_t *wishes, char **arguments)
{
	bool is_list = *arguments != NULL && strchr(*arguments, ':') == NULL;

	if (*arguments == NULL)
		log_error("no zone is given, and no compiled list");
	else if (is_list && arguments[1] != NULL)
		log_error("one compiled list at a time, please");
	else if (is_list && wishes->has_text_options)
		log_error("%s: of a compiled list only --dataset and -d make sense", *arguments);
	else if (!is_list && wishes->has_list_options)
		log_error("--dataset and -d are for a compiled list (LIST.cdb), not for %s",
			  *arguments);
	else
		return false;
	return true;
}

static int run(int argc, char **argv)
{
	wishes_t wishes = {
		.catalog = catalog_default_options,
		.dump = { .now = time(NULL) },
		.list = { .number = DUMP_LIST_ANY },
	};
	int option;

	while ((option = getopt_long(argc, argv, "d:t:h" FILE_OPTIONS_SHORT, long_options, NULL)) !=
	       -1) {
		if (option == 'h')
			return command_show_help(&command_dump);
		if (!take(option, &wishes))
			return command_refuse(&command_dump);
	}
	argv += optind;
	if (is_wrong(&wishes, argv))
		return command_refuse(&command_dump);
	log_set_level(LOG_LEVEL_WARNING);
	if (strchr(*argv, ':') != NULL)
		return dump_zones(&wishes, argv);
	wishes.list.path = *argv;
	return dump_list(&wishes.list);
}

const command_t command_dump = {
	.name = "dump",
	.summary = "write zones for BIND and NSD, or a compiled list as text",
	.help = help_text,
	.run = run,
};
