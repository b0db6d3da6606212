/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/inherited_sockets.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"

typedef struct inherited_socket {
	net_address_t address;
	int type;
	int fd; /* -1: has been taken */
} inherited_socket_t;

struct inherited_sockets {
	inherited_socket_t *all;
	size_t count;
	size_t capacity;
};

err_t inherited_sockets_new(inherited_sockets_t **sockets)
{
	*sockets = calloc(1, sizeof(**sockets));
	return *sockets != NULL ? ERR_OK : ERR_NOMEM;
}

void inherited_sockets_free(inherited_sockets_t *sockets)
{
	if (sockets == NULL)
		return;
	for (size_t i = 0; i < sockets->count; i++) {
		if (sockets->all[i].fd >= 0)
			close(sockets->all[i].fd);
	}
	free(sockets->all);
	free(sockets);
}

/* An option of a socket that is an int. */
static err_t get_option(int fd, int level, int option, int *value)
{
	socklen_t size = sizeof(*value);

	return getsockopt(fd, level, option, value, &size) == 0 ? ERR_OK : err_from_errno();
}

/* Asks the kernel what `one`, of which the descriptor is known, is. */
static err_t identify(inherited_socket_t *one)
{
	socklen_t size = sizeof(one->address);
	int is_listening = 0;
	err_t err = get_option(one->fd, SOL_SOCKET, SO_TYPE, &one->type);

	if (err == ERR_OK)
		err = get_option(one->fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening);
	if (err == ERR_OK && getsockname(one->fd, &one->address.any, &size) != 0)
		err = err_from_errno();
	if (err != ERR_OK)
		return err;
	/* The size is that of the whole address, also if it was cut. */
	if ((one->address.any.sa_family != AF_INET && one->address.any.sa_family != AF_INET6) ||
	    size != net_address_size(&one->address) || net_address_port(&one->address) == 0)
		return ERR_INVAL;
	return one->type == SOCK_DGRAM || (one->type == SOCK_STREAM && is_listening != 0)
		       ? ERR_OK
		       : ERR_INVAL;
}

err_t inherited_sockets_add(inherited_sockets_t *sockets, int fd)
{
	inherited_socket_t one = { .fd = fd };
	err_t err = identify(&one);

	if (err == ERR_OK)
		err = array_reserve((void **)&sockets->all, &sockets->capacity, sockets->count + 1,
				    sizeof(*sockets->all));
	if (err == ERR_OK)
		sockets->all[sockets->count++] = one;
	else
		close(fd);
	return err;
}

static bool is_left(const inherited_socket_t *one, int type)
{
	return one->type == type && one->fd >= 0;
}

size_t inherited_sockets_count(const inherited_sockets_t *sockets, int type,
			       const net_address_t *address)
{
	size_t count = 0;

	for (size_t i = 0; i < sockets->count; i++) {
		if (is_left(&sockets->all[i], type) &&
		    net_address_is_equal(&sockets->all[i].address, address))
			count++;
	}
	return count;
}

void inherited_sockets_take(inherited_sockets_t *sockets, int type, const net_address_t *address,
			    int *fds)
{
	for (size_t i = 0; i < sockets->count; i++) {
		inherited_socket_t *one = &sockets->all[i];

		if (is_left(one, type) && net_address_is_equal(&one->address, address)) {
			*fds++ = one->fd;
			one->fd = -1;
		}
	}
}

bool inherited_sockets_within(const inherited_sockets_t *sockets, int type,
			      const net_address_t *wide, int fd, net_address_t *address)
{
	int is_ip6_only = 0;

	if (wide->any.sa_family == AF_INET6)
		(void)!get_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, &is_ip6_only);
	for (size_t i = 0; i < sockets->count; i++) {
		const inherited_socket_t *one = &sockets->all[i];

		if (!is_left(one, type) || !net_address_covers(wide, &one->address))
			continue;
		/* A :: that leaves IPv4 alone does so for the sake of 0.0.0.0. */
		if (is_ip6_only != 0 && one->address.any.sa_family == AF_INET &&
		    !net_address_is_wildcard(&one->address))
			continue;
		*address = one->address;
		return true;
	}
	return false;
}

bool inherited_sockets_cover(const inherited_sockets_t *sockets, int type,
			     const net_address_t *address)
{
	for (size_t i = 0; i < sockets->count; i++) {
		const inherited_socket_t *one = &sockets->all[i];

		if (one->type == type && net_address_covers(&one->address, address))
			return true;
	}
	return false;
}

bool inherited_sockets_overlap(const inherited_sockets_t *sockets, int type,
			       const net_address_t *address)
{
	for (size_t i = 0; i < sockets->count; i++) {
		const inherited_socket_t *one = &sockets->all[i];

		if (one->type == type && (net_address_covers(&one->address, address) ||
					  net_address_covers(address, &one->address)))
			return true;
	}
	return false;
}
