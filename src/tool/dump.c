/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/dump.h"

#include <getopt.h>
#include <stdio.h>
#include <time.h>

#include "base/log.h"
#include "catalog/catalog.h"
#include "catalog/dump.h"
#include "daemon/option_values.h"

/* Bytes for the reason why a specification is no good. */
#define WHY_MAX 512

static const char help_text[] =
	"Usage: spurn dump [options] ZONE:TYPE:FILE,FILE... ...\n"
	"\n"
	"Reads zone files as spurnd would, from the same specifications, and writes them\n"
	"to stdout as master files for name servers such as BIND and NSD, which then\n"
	"answer as spurnd does. Of several zones each begins with its $ORIGIN line.\n"
	"\n"
	"  spurn dump bl.example:ip4set:spam >bl.example.zone\n"
	"  named-checkzone bl.example bl.example.zone\n"
	"\n"
	"What master files cannot say is told on stderr; spurn(1) has the list.\n"
	"\n"
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
	"Exit status: 0 done, 1 a zone cannot be loaded (nothing is written then), 2 the\n"
	"command line is wrong, or the dump could not be written.\n";

enum { OPTION_NO_IP6_FORMS = 256, OPTION_PARAMETERS, OPTION_IP6 };

static const struct option long_options[] = {
	{ "no-ip6-forms", no_argument, NULL, OPTION_NO_IP6_FORMS },
	{ "allow-host-bits", no_argument, NULL, 'e' },
	{ "no-decompression", no_argument, NULL, 'C' },
	{ "ttl", required_argument, NULL, 't' },
	{ "entry-parameters", no_argument, NULL, OPTION_PARAMETERS },
	{ "ip6-in-ip4trie", no_argument, NULL, OPTION_IP6 },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* Takes in one option. Returns false if that cannot be done, which has been logged. */
static bool take(int option, catalog_options_t *catalog, dump_options_t *dump)
{
	switch (option) {
	case OPTION_NO_IP6_FORMS:
		dump->skip_ip6_forms = true;
		return true;
	case OPTION_PARAMETERS:
		catalog->entry_parameters = true;
		return true;
	case OPTION_IP6:
		catalog->ip6_in_ip4trie = true;
		return true;
	case 'e':
		catalog->allow_host_bits = true;
		return true;
	case 't':
		return option_ttl("-t", optarg, catalog);
	case 'C':
		catalog->refuse_compressed = true;
		return true;
	default:
		return false;
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

static int run(int argc, char **argv)
{
	catalog_options_t options = catalog_default_options;
	dump_options_t how = { .now = time(NULL) };
	plan_t *plan;
	catalog_t *catalog;
	int option;

	while ((option = getopt_long(argc, argv, "eCt:h", long_options, NULL)) != -1) {
		if (option == 'h')
			return command_show_help(&command_dump);
		if (!take(option, &options, &how))
			return command_refuse(&command_dump);
	}
	if (optind == argc) {
		log_error("no zone is given");
		return command_refuse(&command_dump);
	}
	log_set_level(LOG_LEVEL_WARNING);
	if (plan_new(&options, &plan) != ERR_OK) {
		log_error("%s", err_text(ERR_NOMEM));
		return COMMAND_FAILED;
	}
	if (add_zones(plan, argv + optind) != ERR_OK) {
		plan_free(plan);
		return command_refuse(&command_dump);
	}
	if (catalog_new(plan, &catalog) != ERR_OK) {
		log_error("%s", err_text(ERR_NOMEM));
		plan_free(plan);
		return COMMAND_FAILED;
	}
	int status = dump(catalog, &how);
	catalog_free(catalog);
	return status;
}

const command_t command_dump = {
	.name = "dump",
	.summary = "write zones as master files, for BIND and NSD",
	.help = help_text,
	.run = run,
};
