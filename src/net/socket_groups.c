/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/socket_groups.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/log.h"

/* What socket_groups_open was given. */
typedef struct request {
	const listen_set_t *set;
	const bound_socket_kind_t *kind;
	size_t each;
	inherited_sockets_t *inherited;
	int type; /* of the kind */
} request_t;

/* Adds a group of `count` sockets that are not open yet. */
static err_t add_group(socket_groups_t *groups, size_t count, int **fds)
{
	err_t err = array_reserve((void **)&groups->groups, &groups->capacity, groups->count + 1,
				  sizeof(*groups->groups));

	if (err == ERR_OK)
		err = array_reserve((void **)&groups->fds, &groups->fd_capacity,
				    groups->fd_count + count, sizeof(*groups->fds));
	if (err != ERR_OK) {
		log_error("not enough memory for %zu sockets", groups->fd_count + count);
		return err;
	}
	groups->groups[groups->count++] = (socket_group_t){ groups->fd_count, count, false };
	*fds = groups->fds + groups->fd_count;
	groups->fd_count += count;
	for (size_t i = 0; i < count; i++)
		(*fds)[i] = -1;
	return ERR_OK;
}

static size_t count_inherited(const request_t *request, const net_address_t *address)
{
	if (request->inherited == NULL)
		return 0;
	return inherited_sockets_count(request->inherited, request->type, address);
}

static err_t inherit_group(socket_groups_t *groups, const request_t *request,
			   const net_address_t *address)
{
	int *fds;
	err_t err = add_group(groups, count_inherited(request, address), &fds);

	if (err == ERR_OK)
		inherited_sockets_take(request->inherited, request->type, address, fds);
	return err;
}

static err_t open_group(socket_groups_t *groups, const request_t *request,
			const net_address_t *address)
{
	int *fds;
	err_t err = add_group(groups, request->each, &fds);

	/* The kernel numbers the sockets of an address in the order in which they are bound: the
	 * number in the group is the worker's. What steers packets over the workers
	 * (SO_ATTACH_REUSEPORT_CBPF) belongs behind this loop. */
	for (size_t i = 0; i < request->each && err == ERR_OK; i++)
		err = bound_socket_open(request->set, address, request->kind, true, &fds[i]);
	if (err == ERR_OK && request->inherited != NULL)
		groups->groups[groups->count - 1].is_taking =
			inherited_sockets_cover(request->inherited, request->type, address);
	return err;
}

/* Is nobody else at the addresses that are to be opened? Where the server that we inherit from is,
 * there is no telling; but it has asked the same before. */
static err_t probe(const request_t *request)
{
	err_t err = ERR_OK;

	for (size_t i = 0; i < request->set->count && err == ERR_OK; i++) {
		const net_address_t *address = &request->set->addresses[i];

		if (request->inherited == NULL ||
		    !inherited_sockets_overlap(request->inherited, request->type, address))
			err = bound_socket_probe(request->set, address, request->kind);
	}
	return err;
}

/* Takes what was inherited for addresses that the wildcard of group number `group` serves. */
static err_t inherit_within(socket_groups_t *groups, const request_t *request, size_t group)
{
	const net_address_t *wide = &request->set->addresses[group];
	int fd = groups->fds[groups->groups[group].first];
	net_address_t address;
	err_t err = ERR_OK;

	while (err == ERR_OK &&
	       inherited_sockets_within(request->inherited, request->type, wide, fd, &address))
		err = inherit_group(groups, request, &address);
	return err;
}

err_t socket_groups_open(socket_groups_t *groups, const listen_set_t *set,
			 const bound_socket_kind_t *kind, size_t each,
			 inherited_sockets_t *inherited)
{
	const request_t request = { set, kind, each, inherited, bound_socket_type(kind) };
	err_t err = probe(&request);

	memset(groups, 0, sizeof(*groups));
	for (size_t i = 0; i < set->count && err == ERR_OK; i++) {
		const net_address_t *address = &set->addresses[i];

		err = count_inherited(&request, address) > 0
			      ? inherit_group(groups, &request, address)
			      : open_group(groups, &request, address);
	}
	for (size_t i = 0; inherited != NULL && i < set->count && err == ERR_OK; i++)
		err = inherit_within(groups, &request, i);
	if (err != ERR_OK)
		socket_groups_close(groups);
	return err;
}

void socket_groups_close(socket_groups_t *groups)
{
	for (size_t i = 0; i < groups->fd_count; i++) {
		if (groups->fds[i] >= 0)
			close(groups->fds[i]);
	}
	free(groups->fds);
	free(groups->groups);
	memset(groups, 0, sizeof(*groups));
}
