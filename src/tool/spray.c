/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "dns/name.h"
#include "spray/spray_engine.h"
#include "tool/spray_list.h"
#include "tool/spray_output.h"
#include "tool/spray_prepare.h"
#include "tool/spray_watch.h"
#include "tool/spray_zones.h"

#define WHY_MAX 512

static const char help_text[] =
	"Usage: spurn spray [options] @SERVER ZONE:TYPE:FILE,FILE... ...\n"
	"       spurn spray [options] @SERVER --list FILE ZONE\n"
	"\n"
	"Puts a DNS server under load, from the source ports that you choose; counts what\n"
	"becomes of each query; and tells which of the servers behind the address have\n"
	"answered. Asks for what is listed in zone files, given as to spurnd, and judges\n"
	"the answers by them; or for what a plain list has.\n"
	"\n"
	"As fast as one socket goes, for 10 seconds:\n"
	"  spurn spray @192.0.2.100 bl.example:ip4set:spam\n"
	"As a busy forwarder does it, for a minute, with a picture of who answered:\n"
	"  spurn spray @192.0.2.100 --pool 2500 --rate 400 --duration 60 --svg spread.svg\n"
	"      bl.example:ip4set:spam\n"
	"\n"
	"Source ports (without any of these, one socket for each thread):\n"
	"      --sockets N      N sockets, for all queries\n"
	"      --pool N         N random ports, bound at the start\n"
	"      --pool-grow N    the same, bound as queries need them\n"
	"      --per-query      a random port for each query\n"
	"      --port-range A-B take ports from A to B (the kernel's ip_local_port_range)\n"
	"      --avoid LIST|FILE\n"
	"                       never take these: 53,100-200, or a file such as\n"
	"                       /etc/services; nor those of ip_local_reserved_ports\n"
	"What is asked:\n"
	"      --list FILE      addresses and names, one a line; -: from stdin\n"
	"      --hit-ratio R    share of queries for what is listed, 0 to 1 (1); the rest\n"
	"                       are for what is made up, and not listed\n"
	"      --types LIST     of A,TXT,AAAA,MX,ANY, by turns (A)\n"
	"      --sample N       at most so many different names (100000)\n"
	"      --no-nsid        do not ask who answers\n"
	"      --no-edns        nor use EDNS at all\n"
	"  -e, -C, --entry-parameters, --ip6-in-ip4trie\n"
	"                       read zone files as spurnd does with these\n"
	"How fast, how long:\n"
	"  -r, --rate N         N queries per second, come what may; without, a new query\n"
	"                       for each answer, as fast as it goes\n"
	"  -d, --duration S     for S seconds (10)\n"
	"  -n, --count N        N queries; with -d whatever is over first\n"
	"  -T, --threads N      threads that send (1)\n"
	"      --in-flight N    queries on the way at most (128 a thread; with -r as many\n"
	"                       as there are IDs or ports)\n"
	"  -w, --timeout S      a query is lost after S seconds (5)\n"
	"The server:\n"
	"  -p, --port PORT      its port (53); also @HOST:PORT\n"
	"  -4, --ipv4           of its name, take an IPv4 address\n"
	"  -6, --ipv6           take an IPv6 address\n"
	"The report:\n"
	"  -j, --json           one JSON object, for programs; man spurn has the members\n"
	"      --servers N      N servers are there: those that give no answer count, too\n"
	"      --svg FILE       a picture of the spread over the servers, beside it\n"
	"  -h, --help           this text\n"
	"\n"
	"Ctrl-C ends it and shows what there is; twice does not wait for answers.\n"
	"\n"
	"Exit status: 0 all answered and right, 1 some lost, wrong or not sent in time, 2\n"
	"it could not be done.\n";

/* All that a run needs. */
typedef struct run {
	spray_options_t *options;
	net_address_t server;
	char target[NET_ADDRESS_TEXT_MAX];
	char zone[SPRAY_ZONE_TEXT_MAX];
	spray_ports_t *ports;
	spray_mix_t *mix;
	spray_engine_t *engine;
	spray_result_t result;
} run_t;

/* ---- what is asked ---- */

/* Zones as text, with a comma between them. */
static void name_zones(run_t *run, const plan_t *plan)
{
	size_t size = 0;

	for (size_t i = 0; i < plan->zone_count; i++) {
		char text[DNS_NAME_TEXT_MAX];
		dns_name_to_text(plan->zones[i].apex, text);
		int more = snprintf(run->zone + size, sizeof(run->zone) - size, "%s%s",
				    i > 0 ? "," : "", text);
		if (more < 0 || size + (size_t)more >= sizeof(run->zone))
			break;
		size += (size_t)more;
	}
}

static err_t read_zones(run_t *run, const spray_wish_t *wish, spray_names_t *names)
{
	char why[WHY_MAX];
	plan_t *plan;
	err_t err = plan_new(&run->options->catalog, &plan);

	if (err != ERR_OK) {
		log_error("%s", err_text(err));
		return err;
	}
	for (char **spec = run->options->words; *spec != NULL && err == ERR_OK; spec++) {
		err = plan_add(plan, *spec, NULL, why, sizeof(why));
		if (err != ERR_OK && strchr(*spec, ':') == NULL)
			log_error("%s: %s; or --list FILE, to ask for what is in it, in this zone",
				  *spec, why);
		else if (err != ERR_OK)
			log_error("%s: %s", *spec, why);
	}
	if (err == ERR_OK)
		err = plan_finish(plan);
	if (err != ERR_OK) {
		plan_free(plan);
		return err;
	}
	name_zones(run, plan);
	run->options->setup.is_judged = true;
	return spray_zones_read(plan, wish, names);
}

static err_t read_list(run_t *run, const spray_wish_t *wish, bool are_listed, spray_names_t *names)
{
	const char *zone = run->options->words[0];
	uint8_t apex[DNS_NAME_MAX];
	size_t size;
	char why[WHY_MAX];

	err_t err = zone_spec_parse_apex(zone, strlen(zone), apex, &size, why, sizeof(why));
	if (err != ERR_OK) {
		log_error("%s: %s", zone, why);
		return err;
	}
	snprintf(run->zone, sizeof(run->zone), "%s", zone);
	run->options->setup.is_judged = are_listed;
	return spray_list_read(run->options->list, apex, are_listed, wish, names);
}

/* Names that are wanted at most: no more than are asked for. */
static size_t sample_of(const spray_options_t *options, double share)
{
	uint64_t count = options->setup.count;

	if (share <= 0)
		return 0;
	return count > 0 && count < options->sample ? (size_t)count : options->sample;
}

static err_t make_mix(run_t *run)
{
	spray_options_t *options = run->options;
	spray_setup_t *setup = &options->setup;
	bool has_ratio = setup->hit_ratio >= 0;
	double ratio = has_ratio ? setup->hit_ratio : 1;
	dns_client_edns_t edns = setup->has_nsid ? DNS_CLIENT_NSID : DNS_CLIENT_EDNS;
	spray_names_t names = { .listed = NULL };
	/* What is made up is made after the pattern of what is listed. */
	spray_wish_t wish = {
		.listed = sample_of(options, 1),
		.missing = sample_of(options, 1 - ratio),
		.type_count = options->type_count,
	};

	memcpy(wish.types, options->types, sizeof(wish.types));
	err_t err = options->list != NULL ? read_list(run, &wish, has_ratio, &names)
					  : read_zones(run, &wish, &names);
	setup->zone = run->zone;
	if (options->list == NULL)
		setup->hit_ratio = ratio;
	if (err == ERR_OK) {
		run->mix = spray_mix_new(&names, &wish, ratio,
					 setup->has_edns ? edns : DNS_CLIENT_NO_EDNS);
		err = run->mix != NULL ? ERR_OK : ERR_NOMEM;
		if (err != ERR_OK)
			log_error("%s", err_text(err));
	}
	spray_names_clear(&names);
	return err;
}

/* ---- the run ---- */

static int status_of(const spray_result_t *result)
{
	return result->lost > 0 || result->wrong_rcode > 0 || result->wrong_answer > 0 ||
	       result->unsent > 0;
}

/* Runs it, and shows what it came to. */
static int spray(run_t *run)
{
	spray_options_t *options = run->options;

	log_set_level(LOG_LEVEL_INFO);
	err_t err =
		spray_engine_new(&options->setup, &run->server, run->mix, run->ports, &run->engine);
	if (err == ERR_OK)
		err = spray_watch(run->engine, &options->setup, options->is_json);
	if (err != ERR_OK) {
		spray_prepare_explain(&options->setup, err);
		return COMMAND_FAILED;
	}
	err = spray_engine_finish(run->engine, &run->result);
	if (err == ERR_NOMEM) {
		log_error("%s", err_text(err));
		return COMMAND_FAILED;
	}
	if (err != ERR_OK)
		spray_prepare_explain(&options->setup, err);
	err_t shown = spray_output(&run->result, options->is_json, options->svg);
	if (err != ERR_OK || shown != ERR_OK)
		return COMMAND_FAILED;
	return status_of(&run->result);
}

static int run_spray(spray_options_t *options)
{
	run_t run = { .options = options };
	int status = COMMAND_FAILED;

	/* What a server says of its zone files when it loads them is of no interest here. */
	log_set_level(LOG_LEVEL_WARNING);
	if (spray_output_check(options->svg) == ERR_OK &&
	    spray_prepare_server(options, &run.server, run.target) == ERR_OK &&
	    spray_prepare_ports(options, &run.ports) == ERR_OK &&
	    spray_prepare_limits(options) == ERR_OK && make_mix(&run) == ERR_OK)
		status = spray(&run);
	spray_result_clear(&run.result);
	spray_engine_free(run.engine);
	spray_mix_free(run.mix);
	spray_ports_free(run.ports);
	return status;
}

static int run(int argc, char **argv)
{
	spray_options_t *options = calloc(1, sizeof(*options));
	int status = COMMAND_FAILED;

	if (options == NULL) {
		log_error("%s", err_text(ERR_NOMEM));
		return COMMAND_FAILED;
	}
	switch (spray_options_parse(argc, argv, options)) {
	case SPRAY_PARSED_HELP:
		status = command_show_help(&command_spray);
		break;
	case SPRAY_PARSED_BAD:
		status = command_refuse(&command_spray);
		break;
	case SPRAY_PARSED_RUN:
		status = run_spray(options);
		break;
	}
	free(options);
	return status;
}

const command_t command_spray = {
	.name = "spray",
	.summary = "put a server under load, and see which one of a farm answers",
	.help = help_text,
	.run = run,
};
