/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* A client that puts a DNS server under load, counts every query, and knows every answer beforehand
 * (list.h); for tests/system/lib/load.py, which says on its standard input what happens to the list:
 *
 *     announce G    generation G may come now
 *     settled G     nothing older than G may come any more
 *     phase NAME    what is sent from now on is counted under this name, too
 *     report        what has been counted up to now
 *     stop          send no more, wait for what is on the way, report, and end; the end of the input
 *                   does the same
 *
 * Each is answered with one line: "ok", or the report (JSON). */

#include <arpa/inet.h>
#include <ev.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine.h"
#include "load_report.h"
#include "oracle.h"
#include "udp_drops.h"

static const char usage[] =
	"usage: load_client write [--type T] [--entries N] [--seed N] --generation G FILE\n"
	"       load_client stamp --generation G FILE\n"
	"       load_client run --port P --zone ZONE --generation G [--address A] [--type T]\n"
	"           [--entries N] [--seed N] [--rate N] [--udp N] [--tcp N] [--waiting N]\n"
	"           [--patience S]\n";

typedef struct options {
	const char *address;
	unsigned port;
	const char *zone;
	const char *type;
	unsigned entries;
	unsigned seed;
	unsigned generation;
	engine_setup_t engine;
} options_t;

typedef struct load {
	struct ev_loop *loop;
	engine_t *engine;
	oracle_t oracle;
	const options_t *options;
	ev_io input;
	char line[256];
	size_t line_size;
	double start_s;
	uint64_t server_drops; /* before the load */
	histogram_t latency;
	uint32_t phase; /* that is on */
	uint32_t phase_count;
	phase_t phases[PHASES_MAX];
} load_t;

/* What the engine keeps for a query. */
typedef struct ticket {
	oracle_question_t question;
	uint32_t phase;
} ticket_t;

_Static_assert(sizeof(ticket_t) <= ENGINE_TICKET_MAX && ORACLE_PACKET_MAX <= DNS_CLIENT_QUERY_MAX,
	       "the engine has room for it");

/* ---- what the engine asks ---- */

static void choose(void *context, void *ticket)
{
	load_t *load = context;
	ticket_t *chosen = ticket;

	oracle_choose(&load->oracle, &chosen->question);
	chosen->phase = load->phase;
}

static size_t write_query(void *context, const void *ticket, uint8_t packet[DNS_CLIENT_QUERY_MAX])
{
	const load_t *load = context;
	const ticket_t *asked = ticket;

	return oracle_write(&load->oracle, &asked->question, packet);
}

static void answered(void *context, const void *ticket, const uint8_t *packet, size_t size,
		     uint64_t took_us)
{
	load_t *load = context;
	const ticket_t *asked = ticket;
	phase_t *phase = &load->phases[asked->phase];

	if (!oracle_judge(&load->oracle, &asked->question, packet, size))
		phase->wrong++;
	histogram_add(&phase->latency, took_us);
	histogram_add(&load->latency, took_us);
}

static void lost(void *context, const void *ticket)
{
	load_t *load = context;
	const ticket_t *asked = ticket;

	load->phases[asked->phase].lost++;
}

/* ---- what is said on standard input ---- */

static void report(const load_t *load, bool is_last)
{
	load_report_t report = {
		.seconds = clock_monotonic_s() - load->start_s,
		.server_drops = udp_drops(load->options->port) - load->server_drops,
		.answers = load->oracle.counts,
		.first_generation = load->oracle.seen_first,
		.last_generation = load->oracle.seen,
		.latency = &load->latency,
		.phases = load->phases,
		.phase_count = load->phase_count,
	};

	engine_count(load->engine, &report.queries);
	if (is_last)
		load_report_table(&report, stderr);
	load_report_json(&report, stdout);
	fflush(stdout);
}

/* The phase with this name goes on, or begins. */
static bool enter_phase(load_t *load, const char *name)
{
	uint32_t at = 0;

	while (at < load->phase_count && strcmp(load->phases[at].name, name) != 0)
		at++;
	if (at == PHASES_MAX)
		return false;
	if (at == load->phase_count) {
		snprintf(load->phases[at].name, PHASE_NAME_MAX, "%s", name);
		load->phase_count++;
	}
	load->phase = at;
	return true;
}

static void obey(load_t *load, const char *line)
{
	unsigned generation;

	if (strcmp(line, "stop") == 0) {
		engine_finish(load->engine);
		return;
	}
	if (strcmp(line, "report") == 0) {
		report(load, false);
		return;
	}
	bool is_known = true;
	if (sscanf(line, "announce %u", &generation) == 1)
		load->oracle.announced = generation;
	else if (sscanf(line, "settled %u", &generation) == 1)
		load->oracle.settled = generation;
	else
		is_known = strncmp(line, "phase ", 6) == 0 && enter_phase(load, line + 6);
	puts(is_known ? "ok" : "what?");
	fflush(stdout);
}

static void on_input(struct ev_loop *loop, ev_io *io, int events)
{
	load_t *load = io->data;
	ssize_t got = read(io->fd, load->line + load->line_size,
			   sizeof(load->line) - 1 - load->line_size);
	char *end;

	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		ev_io_stop(loop, io);
		engine_finish(load->engine);
		return;
	}
	load->line_size += (size_t)got;
	load->line[load->line_size] = '\0';
	while ((end = strchr(load->line, '\n')) != NULL) {
		*end = '\0';
		obey(load, load->line);
		load->line_size -= (size_t)(end + 1 - load->line);
		memmove(load->line, end + 1, load->line_size + 1);
	}
	if (load->line_size == sizeof(load->line) - 1)
		load->line_size = 0; /* no command is that long */
}

/* ---- the commands ---- */

static int fail(const char *what, err_t err)
{
	log_error("%s: %s", what, err_text(err));
	return EXIT_FAILURE;
}

static err_t resolve(options_t *options)
{
	net_address_t *server = &options->engine.server;

	if (inet_pton(AF_INET, options->address, &server->ip4.sin_addr) == 1) {
		server->ip4.sin_family = AF_INET;
		server->ip4.sin_port = htons((uint16_t)options->port);
	} else if (inet_pton(AF_INET6, options->address, &server->ip6.sin6_addr) == 1) {
		server->ip6.sin6_family = AF_INET6;
		server->ip6.sin6_port = htons((uint16_t)options->port);
	} else {
		return ERR_INVAL;
	}
	return ERR_OK;
}

static int run(options_t *options, const list_t *list)
{
	static load_t load;
	const engine_asker_t asker = { &load, choose, write_query, answered, lost };
	engine_counts_t counts;
	err_t err = resolve(options);

	if (err != ERR_OK)
		return fail(options->address, err);
	load.loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	if (load.loop == NULL)
		return fail("event loop", ERR_NOMEM);
	load.options = options;
	oracle_init(&load.oracle, list, options->generation, stderr);
	(void)enter_phase(&load, "start");
	load.start_s = clock_monotonic_s();
	load.server_drops = udp_drops(options->port);
	err = engine_new(load.loop, &options->engine, &asker, &load.engine);
	if (err != ERR_OK)
		return fail("sockets", err);
	/* Commands come in one piece; what does not must not hold up the load. */
	(void)fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
	ev_io_init(&load.input, on_input, STDIN_FILENO, EV_READ);
	load.input.data = &load;
	ev_io_start(load.loop, &load.input);
	ev_run(load.loop, 0);
	report(&load, true);
	engine_count(load.engine, &counts);
	engine_free(load.engine);
	ev_loop_destroy(load.loop);
	return counts.lost > 0 || load.oracle.counts.wrong > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static const struct option long_options[] = {
	{ "address", required_argument, NULL, 'a' },
	{ "port", required_argument, NULL, 'p' },
	{ "zone", required_argument, NULL, 'z' },
	{ "type", required_argument, NULL, 't' },
	{ "entries", required_argument, NULL, 'e' },
	{ "seed", required_argument, NULL, 's' },
	{ "generation", required_argument, NULL, 'g' },
	{ "rate", required_argument, NULL, 'r' },
	{ "udp", required_argument, NULL, 'u' },
	{ "tcp", required_argument, NULL, 'c' },
	{ "waiting", required_argument, NULL, 'w' },
	{ "patience", required_argument, NULL, 'P' },
	{ NULL, 0, NULL, 0 },
};

static bool set_option(options_t *options, int option)
{
	unsigned number = (unsigned)strtoul(optarg != NULL ? optarg : "0", NULL, 10);

	switch (option) {
	case 'a':
		options->address = optarg;
		return true;
	case 'p':
		options->port = number;
		return number > 0 && number <= UINT16_MAX;
	case 'z':
		options->zone = optarg;
		return true;
	case 't':
		options->type = optarg;
		return true;
	case 'e':
		options->entries = number;
		return true;
	case 's':
		options->seed = number;
		return true;
	case 'g':
		options->generation = number;
		return number > 0 && number <= LIST_GENERATION_MAX;
	case 'r':
		options->engine.rate = number;
		return true;
	case 'u':
		options->engine.udp_sockets = number;
		return number <= 1024;
	case 'c':
		options->engine.tcp_connections = number;
		return number <= 1024;
	case 'w':
		options->engine.waiting_max = number;
		return number > 0;
	case 'P':
		options->engine.patience_s = number;
		return number > 0;
	default:
		return false;
	}
}

static int obey_command(options_t *options, const char *command, const char *file)
{
	list_t list;
	err_t err = list_init(&list, options->type, options->zone, options->entries, options->seed);

	if (err != ERR_OK)
		return fail("list", err);
	if (options->generation == 0 || (file == NULL) != (strcmp(command, "run") == 0)) {
		fputs(usage, stderr);
		return EXIT_FAILURE;
	}
	if (file == NULL)
		return run(options, &list);
	if (strcmp(command, "write") == 0)
		err = list_write(&list, options->generation, file);
	else if (strcmp(command, "stamp") == 0)
		err = list_stamp(options->generation, file);
	else
		err = ERR_INVAL;
	return err == ERR_OK ? EXIT_SUCCESS : fail(file, err);
}

int main(int argc, char **argv)
{
	options_t options = {
		.address = "127.0.0.1",
		.zone = "load.test",
		.type = "ip4trie",
		.entries = 1000,
		.seed = 1,
		.engine = { .udp_sockets = 8, .rate = 1000, .waiting_max = 1000, .patience_s = 5 },
	};
	int option;

	log_set_program("load_client");
	signal(SIGPIPE, SIG_IGN);
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		if (!set_option(&options, option)) {
			fputs(usage, stderr);
			return EXIT_FAILURE;
		}
	}
	if (optind != argc - 1 && optind != argc - 2) {
		fputs(usage, stderr);
		return EXIT_FAILURE;
	}
	return obey_command(&options, argv[optind], argv[optind + 1]);
}
