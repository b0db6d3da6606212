/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_prepare.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "daemon/descriptors.h"
#include "ports/port_system.h"
#include "tool/query_server.h"
#include "spray/spray_flights.h"

#define WHY_MAX 256

/* Without a rate, queries on the way of each thread: enough to keep a server busy while its answers are
 * read, and not more than an unread socket of rbldnsd holds (157). */
#define IN_FLIGHT_DEFAULT 128u

/* Files that are open beside sockets: standard ones, epolls, the loop's. */
#define OTHER_FILES 32u

/* The option of a policy. */
static const char *option_of(spray_policy_t policy)
{
	static const char *const options[] = {
		[SPRAY_SOCKETS] = "--sockets",
		[SPRAY_POOL] = "--pool",
		[SPRAY_POOL_GROW] = "--pool-grow",
		[SPRAY_PER_QUERY] = "--per-query",
	};

	return options[policy];
}

err_t spray_prepare_server(spray_options_t *options, net_address_t *server,
			   char text[NET_ADDRESS_TEXT_MAX])
{
	listen_set_t found = { .count = 0 };
	char why[WHY_MAX];

	err_t err = query_server_parse(options->server, options->port, options->family, &found, why,
				       sizeof(why));
	if (err != ERR_OK) {
		log_error("@%s: %s", options->server, why);
		return err;
	}
	/* Of a host with several addresses the first one, as for any client. */
	*server = found.addresses[0];
	options->setup.target = net_address_text(server, text);
	return ERR_OK;
}

err_t spray_prepare_ports(spray_options_t *options, spray_ports_t **ports)
{
	spray_setup_t *setup = &options->setup;
	port_set_t reserved = { 0 };
	port_range_t range = options->port_range;

	if (!options->has_port_range && port_system_range(&range) != ERR_OK)
		return ERR_INVAL;
	if (port_system_add_reserved(&reserved) != ERR_OK)
		return ERR_INVAL;
	port_set_t avoid = options->avoid;
	port_set_add_set(&avoid, &reserved);
	*ports = spray_ports_new(range, &avoid);
	if (*ports == NULL) {
		log_error("%s", err_text(ERR_NOMEM));
		return ERR_NOMEM;
	}
	setup->port_first = range.first;
	setup->port_last = range.last;
	setup->ports_usable = (unsigned)spray_ports_count(*ports);
	setup->ports_reserved = port_set_count(&reserved, range);
	setup->ports_avoided = port_set_count(&avoid, range) - setup->ports_reserved;
	unsigned wanted = setup->sockets > 0 ? setup->sockets : 1;
	if (setup->ports_usable >= wanted)
		return ERR_OK;
	spray_prepare_explain(setup, ERR_RANGE);
	spray_ports_free(*ports);
	*ports = NULL;
	return ERR_RANGE;
}

void spray_prepare_explain(const spray_setup_t *setup, err_t err)
{
	char what[64] = "--per-query";

	if (setup->policy != SPRAY_PER_QUERY)
		snprintf(what, sizeof(what), "%s %u", option_of(setup->policy), setup->sockets);
	if (err == ERR_RANGE)
		log_error("%s: not enough free ports: of %u-%u %u may be used (%u are reserved, %u "
			  "to be avoided), less what others have; give another --port-range",
			  what, setup->port_first, setup->port_last, setup->ports_usable,
			  setup->ports_reserved, setup->ports_avoided);
	else if (err == (err_t)-EMFILE)
		log_error("%s: this process may not open more files (ulimit -n)", what);
	else if (err == (err_t)-ENFILE)
		log_error("%s: this machine does not open more files (sysctl fs.file-max)", what);
	else if (err == (err_t)-EACCES)
		log_error("%s: ports below 1024 are root's; give another --port-range than %u-%u",
			  what, setup->port_first, setup->port_last);
	else
		log_error("%s: cannot open a socket: %s", what, err_text(err));
}

/* Queries on the way, where nobody has said how many. */
static unsigned default_in_flight(const spray_setup_t *setup)
{
	unsigned most = setup->threads * SPRAY_FLIGHTS_MAX;

	if (setup->rate <= 0)
		return setup->threads * IN_FLIGHT_DEFAULT;
	if (setup->policy == SPRAY_PER_QUERY && setup->ports_usable < most)
		return setup->ports_usable;
	return most;
}

err_t spray_prepare_limits(spray_options_t *options)
{
	spray_setup_t *setup = &options->setup;
	bool is_given = setup->in_flight > 0;

	if (setup->sockets > 0 && setup->threads > setup->sockets) {
		log_warning(
			"--threads %u: a socket is one thread's, and there %s %u, so %u will do",
			setup->threads, setup->sockets == 1 ? "is" : "are", setup->sockets,
			setup->sockets);
		setup->threads = setup->sockets;
	}
	if (!is_given)
		setup->in_flight = default_in_flight(setup);
	if (setup->in_flight < setup->threads)
		setup->threads = setup->in_flight;
	if (setup->in_flight > setup->threads * SPRAY_FLIGHTS_MAX)
		setup->in_flight = setup->threads * SPRAY_FLIGHTS_MAX;
	bool is_per_query = setup->policy == SPRAY_PER_QUERY;
	size_t sockets = is_per_query ? setup->in_flight : setup->sockets;
	size_t others = OTHER_FILES + 2 * (size_t)setup->threads;
	size_t room = descriptors_raise(sockets + others);
	if (room >= sockets + others)
		return ERR_OK;
	if (is_per_query && !is_given && room > others) {
		setup->in_flight = (unsigned)(room - others);
		return ERR_OK;
	}
	log_error("%s %zu: this process may open %zu files, and needs %zu; allow it more (ulimit "
		  "-n %zu)",
		  is_per_query ? "--in-flight" : option_of(setup->policy), sockets, room,
		  sockets + others, sockets + others);
	return (err_t)-EMFILE;
}
