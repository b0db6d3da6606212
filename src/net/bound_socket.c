/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/bound_socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

int bound_socket_type(const bound_socket_kind_t *kind)
{
	return kind->type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static bool is_tcp(const bound_socket_kind_t *kind)
{
	return bound_socket_type(kind) == SOCK_STREAM;
}

/* Must the socket for `address` leave IPv4 alone? Only :: serves it otherwise. */
static bool is_ip6_only(const listen_set_t *set, const net_address_t *address)
{
	for (size_t i = 0; i < set->count; i++) {
		const net_address_t *other = &set->addresses[i];

		if (other->any.sa_family == AF_INET && net_address_is_wildcard(other) &&
		    net_address_port(other) == net_address_port(address))
			return true;
	}
	return false;
}

/* How one is opened. */
typedef struct manner {
	bool is_shared;
	bool is_ip6_only;
} manner_t;

/* Opens and binds one. Returns the descriptor, or -1 with errno. */
static int open_one(const net_address_t *address, const bound_socket_kind_t *kind, manner_t manner)
{
	const int on = 1;
	int family = address->any.sa_family;
	int fd = socket(family, kind->type | SOCK_CLOEXEC, 0);
	int saved_errno;

	if (fd < 0)
		return -1;
	/* Connections of a server that has ended must not keep the next one from starting. (For UDP
	 * the option means another thing.) */
	if (is_tcp(kind) && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		goto fail;
	if (manner.is_shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0)
		goto fail;
	if (family == AF_INET6 && manner.is_ip6_only &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
		goto fail;
	if (kind->prepare(fd, family) != ERR_OK)
		goto fail;
	if (bind(fd, &address->any, net_address_size(address)) != 0)
		goto fail;
	return fd;
fail:
	saved_errno = errno;
	close(fd);
	errno = saved_errno;
	return -1;
}

/* What an operator can do about a failure to bind. */
static const char *advice(const net_address_t *address, bool is_tcp_socket, err_t err)
{
	switch (-(int)err) {
	case EADDRINUSE:
		return is_tcp_socket ? "; another program has its TCP port (ss -tlpn shows which): "
				       "stop that one, choose another address or port, or do "
				       "without TCP (--no-tcp)"
				     : "; another program has it, maybe a second spurnd or rbldnsd "
				       "(ss -ulpn shows which): stop that one, or choose another "
				       "address or port";
	case EADDRNOTAVAIL:
		return "; no interface of this host has it: add it to one, or listen on 0.0.0.0 or "
		       "::";
	case EACCES:
	case EPERM:
		return "; ports below 1024 need root or the capability CAP_NET_BIND_SERVICE";
	case EAFNOSUPPORT:
		return "; this system does without this protocol: try -4 or -6";
	case EMFILE:
	case ENFILE:
		return "; allow more open files (ulimit -n), or use fewer workers or addresses";
	case EINVAL:
		if (address->any.sa_family == AF_INET6 &&
		    IN6_IS_ADDR_LINKLOCAL(&address->ip6.sin6_addr))
			return "; a link-local address needs its interface, as in fe80::1%eth0";
		return "";
	default:
		return "";
	}
}

err_t bound_socket_open(const listen_set_t *set, const net_address_t *address,
			const bound_socket_kind_t *kind, bool is_shared, int *fd)
{
	const manner_t manner = { is_shared, is_ip6_only(set, address) };
	char text[NET_ADDRESS_TEXT_MAX];
	err_t err;

	*fd = open_one(address, kind, manner);
	if (*fd >= 0)
		return ERR_OK;
	err = err_from_errno();
	log_error("cannot listen on %s%s: %s%s", net_address_text(address, text),
		  is_tcp(kind) ? " (TCP)" : "",
		  err == (err_t)-EADDRINUSE ? "address already in use" : err_text(err),
		  advice(address, is_tcp(kind), err));
	return err;
}

err_t bound_socket_join(int other, const net_address_t *address, const bound_socket_kind_t *kind,
			int *fd)
{
	int is_alone = 0;
	socklen_t size = sizeof(is_alone);

	if (address->any.sa_family == AF_INET6 &&
	    getsockopt(other, IPPROTO_IPV6, IPV6_V6ONLY, &is_alone, &size) != 0)
		return err_from_errno();
	*fd = open_one(address, kind, (manner_t){ true, is_alone != 0 });
	return *fd >= 0 ? ERR_OK : err_from_errno();
}

err_t bound_socket_probe(const listen_set_t *set, const net_address_t *address,
			 const bound_socket_kind_t *kind)
{
	/* With a socket that shares with nobody, and that is gone again before the next one comes,
	 * for addresses of our own may overlap (0.0.0.0 and 127.0.0.1). */
	int fd;
	err_t err = bound_socket_open(set, address, kind, false, &fd);

	if (err == ERR_OK)
		close(fd);
	return err;
}
