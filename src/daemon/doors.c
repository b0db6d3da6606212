/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/doors.h"

#include "base/log.h"
#include "daemon/control.h"
#include "daemon/descriptors.h"
#include "net/passed_descriptors.h"

/* Sees that there may be as many descriptors as we need. */
static void provide_descriptors(doors_t *doors, const options_t *options,
				const identity_t *identity, size_t files)
{
	size_t count = options->listen.count * (options->workers + 1);
	uint32_t connections = options->has_no_tcp ? 0 : doors->limits.connections;

	if (control_socket_path(options->control, identity) != NULL)
		count += CONTROL_CLIENTS_SURE;
	if (doors->predecessor != NULL) {
		size_t inherited = predecessor_socket_count(doors->predecessor);

		/* Sockets may be added to those of each address, also of addresses that a wildcard of
		 * ours takes the place of. */
		count += inherited;
		count += (inherited < LISTEN_MAX ? inherited : LISTEN_MAX) * options->workers;
	}
	descriptors_provide(count, files, &connections);
	if (!options->has_no_tcp)
		doors->limits.connections = connections;
	doors->socket_count = count + connections;
}

/* --replace: asks the one that is running for its place, if there is one. */
static err_t find_predecessor(doors_t *doors, const options_t *options, const identity_t *identity)
{
	const char *path = control_socket_path(options->control, identity);
	err_t err;

	if (!options->is_replacing)
		return ERR_OK;
	err = predecessor_ask(path, &doors->predecessor);
	if (err == ERR_OK && doors->predecessor == NULL)
		log_info("--replace: no spurnd listens at %s, so there is none to replace", path);
	return err;
}

/* Sockets for what the predecessor has answered by a wildcard get that from the moment on at which they
 * are bound: it goes on to answer, until we can. (TCP comes only when we listen.) */
static void lend_ports(const doors_t *doors)
{
	int fds[PASSED_DESCRIPTORS_MAX];
	size_t count = udp_sockets_taking(doors->udp, fds, COUNT_OF(fds));

	if (count > 0)
		predecessor_lend(doors->predecessor, fds, count);
}

/* Opens the ports, of which there may be some in `inherited`. UDP comes first: who is there already is
 * most likely to have that. */
static err_t open_ports(doors_t *doors, const options_t *options, inherited_sockets_t *inherited)
{
	const udp_workers_t workers = { options->workers, options->steering };
	err_t err = udp_sockets_open(&options->listen, &workers, inherited, &doors->udp);

	if (err == ERR_OK && inherited != NULL)
		lend_ports(doors);
	if (err == ERR_OK && !options->has_no_tcp)
		err = tcp_sockets_open(&options->listen, inherited, &doors->tcp);
	return err;
}

err_t doors_open(doors_t *doors, const options_t *options, const identity_t *identity, size_t files)
{
	err_t err;

	*doors = (doors_t){
		.limits = options->tcp,
		.control = CONTROL_SOCKET_NONE,
		.pidfile = PIDFILE_NONE,
	};
	err = find_predecessor(doors, options, identity);
	if (err != ERR_OK)
		return err;
	provide_descriptors(doors, options, identity, files);
	if (doors->predecessor == NULL) {
		err = open_ports(doors, options, NULL);
	} else {
		err = predecessor_receive(doors->predecessor);
		if (err == ERR_OK)
			err = open_ports(doors, options, predecessor_sockets(doors->predecessor));
		predecessor_close_sockets(doors->predecessor);
	}
	if (err != ERR_OK)
		doors_close(doors);
	return err;
}

/* Opens the way in for spurn(1). */
static err_t open_control(doors_t *doors, const options_t *options, const identity_t *identity)
{
	bool is_confined = options->root != NULL;
	int listener = -1;

	if (doors->predecessor != NULL)
		listener = predecessor_take_control(doors->predecessor);
	if (listener < 0)
		return control_socket_open(options->control, identity, is_confined,
					   &doors->control);
	return control_socket_inherit(control_socket_path(options->control, identity), identity,
				      is_confined, listener, &doors->control);
}

err_t doors_open_files(doors_t *doors, const options_t *options, const identity_t *identity)
{
	err_t err = ERR_OK;

	if (options->pidfile != NULL)
		err = pidfile_open(options->pidfile, &doors->pidfile);
	/* Who has a predecessor does that when its place is taken. */
	if (err == ERR_OK && doors->predecessor == NULL)
		err = pidfile_write(&doors->pidfile);
	if (err == ERR_OK)
		err = open_control(doors, options, identity);
	return err;
}

void doors_leave_files(doors_t *doors, const server_end_t *end)
{
	bool is_ours = doors->predecessor == NULL || predecessor_has_left(doors->predecessor);

	/* The predecessor, if it was only about to be replaced, puts its number back where it was. */
	if (end->is_awaited || (!is_ours && !doors->pidfile.is_made))
		pidfile_leave(&doors->pidfile);
	else
		pidfile_remove(&doors->pidfile);
	if (!is_ours || end->is_awaited || end->is_replaced)
		control_socket_leave(&doors->control);
	else
		control_socket_close(&doors->control);
}

void doors_close(doors_t *doors)
{
	predecessor_free(doors->predecessor);
	udp_sockets_close(doors->udp);
	tcp_sockets_close(doors->tcp);
	pidfile_leave(&doors->pidfile);
	control_socket_leave(&doors->control);
}
