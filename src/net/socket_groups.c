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
	const socket_group_wish_t *wish;
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

/* Lets `steering` of the groups choose among the first `sockets` of `group`. Returns ERR_OK, or what the
 * kernel says, which has been logged the first time. */
static err_t steer(socket_groups_t *groups, const socket_group_t *group, size_t sockets)
{
	steering_t steering = groups->steering;
	err_t err = steering_apply(steering, groups->fds[group->first], sockets);

	if (err == ERR_OK || steering == STEERING_HASH)
		return err;
	log_warning("--steer %s: this system cannot choose a worker for each query: %s; all that a "
		    "client sends from one socket is one worker's (--steer hash says nothing)",
		    steering_name(steering), err_text(err));
	groups->steering = STEERING_HASH;
	return err;
}

/* Adds sockets to the last group, for which there is room, until it has `each`. What comes must not come to them before somebody
 * serves them, so it is steered to those that were there first. */
static void add_sockets(socket_groups_t *groups, const request_t *request,
			const net_address_t *address)
{
	socket_group_t *group = &groups->groups[groups->count - 1];
	const size_t each = request->wish->each;
	char text[NET_ADDRESS_TEXT_MAX];
	err_t err = ERR_OK;

	if (groups->steering == STEERING_HASH || group->count >= each ||
	    steer(groups, group, group->count) != ERR_OK)
		return;
	while (group->count < each) {
		int *fds = groups->fds + group->first;

		err = bound_socket_join(fds[0], address, request->wish->kind, &fds[group->count]);
		if (err != ERR_OK)
			break;
		group->count++;
		groups->fd_count++;
	}
	if (err != ERR_OK)
		log_warning(
			"%s: no more sockets beside those of the spurnd that is replaced (%s), so "
			"%zu workers share %zu, and unevenly; stop and start it to have one each",
			net_address_text(address, text), err_text(err), each, group->count);
}

static err_t inherit_group(socket_groups_t *groups, const request_t *request,
			   const net_address_t *address)
{
	const size_t count = count_inherited(request, address);
	const size_t each = request->wish->each;
	int *fds;
	err_t err = add_group(groups, count > each ? count : each, &fds);

	if (err != ERR_OK)
		return err;
	groups->groups[groups->count - 1].count = count;
	groups->fd_count = groups->groups[groups->count - 1].first + count;
	inherited_sockets_take(request->inherited, request->type, address, fds);
	add_sockets(groups, request, address);
	return err;
}

static err_t open_group(socket_groups_t *groups, const request_t *request,
			const net_address_t *address)
{
	const socket_group_wish_t *wish = request->wish;
	socket_group_t *group;
	int *fds;
	err_t err = add_group(groups, wish->each, &fds);

	/* The kernel numbers the sockets of an address in the order in which they are bound: the
	 * number in the group is the worker's. */
	for (size_t i = 0; i < wish->each && err == ERR_OK; i++)
		err = bound_socket_open(request->set, address, wish->kind, true, &fds[i]);
	if (err != ERR_OK)
		return err;
	group = &groups->groups[groups->count - 1];
	if (request->inherited != NULL)
		group->is_taking =
			inherited_sockets_cover(request->inherited, request->type, address);
	if (groups->steering != STEERING_HASH)
		(void)!steer(groups, group, group->count);
	return ERR_OK;
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
			err = bound_socket_probe(request->set, address, request->wish->kind);
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
			 const socket_group_wish_t *wish, inherited_sockets_t *inherited)
{
	const request_t request = { set, wish, inherited, bound_socket_type(wish->kind) };
	err_t err = probe(&request);

	*groups = (socket_groups_t){ .each = wish->each, .steering = wish->steering };
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

void socket_groups_steer(socket_groups_t *groups)
{
	for (size_t i = 0; i < groups->count; i++) {
		const socket_group_t *group = &groups->groups[i];

		(void)!steer(groups, group,
			     group->count < groups->each ? group->count : groups->each);
	}
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
