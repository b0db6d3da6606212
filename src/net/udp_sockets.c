/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/udp_sockets.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "net/reply_address.h"

/* Bytes of queries that the kernel keeps for a socket while its worker is busy; at about 1 KiB of
 * kernel memory for a small query some 4,000 of them, 20 ms at 200,000 queries/s. rbldnsd's 64 KiB
 * hold 157. Much more only makes answers late that nobody waits for any more. */
#define UDP_RECEIVE_BUFFER (4 << 20)

struct udp_sockets {
	size_t addresses;
	size_t workers;
	int fds[]; /* [worker * addresses + address]; -1: not open */
};

/* Sets an option that is not worth failing for. */
static void wish(int fd, int level, int option, int value)
{
	/* Whatever the reason: the socket works without. */
	(void)!setsockopt(fd, level, option, &value, sizeof(value));
}

/* Options that make it faster or safer, where the system has them. */
static void set_wishes(int fd, int family)
{
	/* With privileges also beyond net.core.rmem_max, which by default is 208 KiB. */
	const int size = UDP_RECEIVE_BUFFER;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
		wish(fd, SOL_SOCKET, SO_RCVBUF, size);

	/* No path MTU discovery: no DF bit on replies, and no belief in ICMP messages that ask for
	 * smaller packets. Anybody can forge those, make replies go in fragments, and slip a forged
	 * second fragment to a resolver. No reply is long enough to need them (ANSWER_UDP_MAX). */
	wish(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
	if (family == AF_INET6)
		wish(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
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

/* Opens one socket and binds it to `address`; in company of others if `is_shared`. Returns the
 * descriptor, or -1 with errno. */
static int open_one(const listen_set_t *set, const net_address_t *address, bool is_shared)
{
	const int on = 1;
	int family = address->any.sa_family;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
	int saved_errno;

	if (fd < 0)
		return -1;
	if (is_shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0)
		goto fail;
	if (family == AF_INET6 && is_ip6_only(set, address) &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
		goto fail;
	if (reply_address_enable(fd, family) != ERR_OK)
		goto fail;
	set_wishes(fd, family);
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
static const char *advice(const net_address_t *address, err_t err)
{
	switch (-(int)err) {
	case EADDRINUSE:
		return "; another program has it, maybe a second spurnd or rbldnsd (ss -ulpn shows "
		       "which): stop that one, or choose another address or port";
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

/* Opens one socket, or logs why not. */
static err_t open_logged(const listen_set_t *set, const net_address_t *address, bool is_shared,
			 int *fd)
{
	char text[NET_ADDRESS_TEXT_MAX];
	err_t err;

	*fd = open_one(set, address, is_shared);
	if (*fd >= 0)
		return ERR_OK;
	err = err_from_errno();
	log_error("cannot listen on %s: %s%s", net_address_text(address, text),
		  err == (err_t)-EADDRINUSE ? "address already in use" : err_text(err),
		  advice(address, err));
	return err;
}

/* Is each address free? Asked with sockets that share with nobody, one at a time, for addresses of
 * our own may overlap (0.0.0.0 and 127.0.0.1). */
static err_t probe(const listen_set_t *addresses)
{
	for (size_t i = 0; i < addresses->count; i++) {
		int fd;
		err_t err = open_logged(addresses, &addresses->addresses[i], false, &fd);

		if (err != ERR_OK)
			return err;
		close(fd);
	}
	return ERR_OK;
}

err_t udp_sockets_open(const listen_set_t *addresses, size_t workers, udp_sockets_t **sockets)
{
	size_t count = addresses->count * workers;
	udp_sockets_t *opened;
	err_t err = probe(addresses);

	if (err != ERR_OK)
		return err;
	opened = malloc(sizeof(*opened) + count * sizeof(opened->fds[0]));
	if (opened == NULL) {
		log_error("not enough memory for %zu sockets", count);
		return ERR_NOMEM;
	}
	opened->addresses = addresses->count;
	opened->workers = workers;
	for (size_t i = 0; i < count; i++)
		opened->fds[i] = -1;

	for (size_t i = 0; i < addresses->count && err == ERR_OK; i++) {
		/* The kernel numbers the sockets of an address in the order in which they are
		 * bound: the number in the group is the worker's. What steers packets over the
		 * workers (SO_ATTACH_REUSEPORT_CBPF) belongs behind this loop, once an address. */
		for (size_t worker = 0; worker < workers && err == ERR_OK; worker++) {
			err = open_logged(addresses, &addresses->addresses[i], true,
					  &opened->fds[worker * opened->addresses + i]);
		}
	}
	if (err != ERR_OK) {
		udp_sockets_close(opened);
		return err;
	}
	*sockets = opened;
	return ERR_OK;
}

const int *udp_sockets_of_worker(const udp_sockets_t *sockets, size_t worker)
{
	return &sockets->fds[worker * sockets->addresses];
}

size_t udp_sockets_addresses(const udp_sockets_t *sockets)
{
	return sockets->addresses;
}

void udp_sockets_close(udp_sockets_t *sockets)
{
	if (sockets == NULL)
		return;
	for (size_t i = 0; i < sockets->addresses * sockets->workers; i++) {
		if (sockets->fds[i] >= 0)
			close(sockets->fds[i]);
	}
	free(sockets);
}
