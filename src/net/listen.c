/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/listen.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

/* Port of a server when -b names none. */
#define LISTEN_DEFAULT_PORT 53
/* Bytes of a host name or of a service name, NUL included; DNS names are shorter. */
#define LISTEN_NAME_MAX 256

/* Reads a port number or a service name. */
static err_t parse_port(const char *text, uint16_t *port, char *why, size_t why_size)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found;
	size_t digits = strspn(text, "0123456789");

	if (text[0] == '\0') {
		*port = LISTEN_DEFAULT_PORT;
		return ERR_OK;
	}
	/* Not left to getaddrinfo, which takes 65589 for 53. */
	if (text[digits] == '\0') {
		uint64_t number;

		if (!number_parse(text, digits, 1, UINT16_MAX, &number)) {
			snprintf(why, why_size, "port %s is not in 1..65535", text);
			return ERR_RANGE;
		}
		*port = (uint16_t)number;
		return ERR_OK;
	}
	if (getaddrinfo(NULL, text, &hints, &found) != 0) {
		snprintf(why, why_size,
			 "'%s' is no UDP service in /etc/services; give the port's number", text);
		return ERR_INVAL;
	}
	*port = ntohs(((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_port);
	freeaddrinfo(found);
	return ERR_OK;
}

/* Cuts `text` into the host, in host[0..LISTEN_NAME_MAX) and without brackets, and `*port`, which
 * points into `text`. */
static err_t split(const char *text, char *host, const char **port, char *why, size_t why_size)
{
	const char *slash = strchr(text, '/');
	size_t size = slash != NULL ? (size_t)(slash - text) : strlen(text);

	*port = slash != NULL ? slash + 1 : "";
	if (size >= 2 && text[0] == '[' && text[size - 1] == ']') {
		text++;
		size -= 2;
	}
	if (size == 0) {
		snprintf(why, why_size,
			 "the address is missing; it goes before the port, as in "
			 "127.0.0.1/53");
		return ERR_SYNTAX;
	}
	if (size >= LISTEN_NAME_MAX) {
		snprintf(why, why_size, "longer than any host name");
		return ERR_SYNTAX;
	}
	memcpy(host, text, size);
	host[size] = '\0';
	return ERR_OK;
}

/* Says why getaddrinfo(`host`) failed with `code`. */
static err_t explain(const char *host, int family, int code, char *why, size_t why_size)
{
	const char *colon = strrchr(host, ':');

	switch (code) {
	case EAI_MEMORY:
		snprintf(why, why_size, "not enough memory");
		return ERR_NOMEM;
	case EAI_SYSTEM:
		snprintf(why, why_size, "%s", err_text(err_from_errno()));
		return ERR_INVAL;
	default:
		break;
	}
	if (colon != NULL && colon[1] != '\0' && colon > host &&
	    strspn(colon + 1, "0123456789") == strlen(colon + 1) &&
	    (strchr(host, ':') == colon || colon[-1] == ']')) {
		snprintf(why, why_size, "a port goes behind a slash: %.*s/%s", (int)(colon - host),
			 host, colon + 1);
		return ERR_SYNTAX;
	}
	if (family != AF_UNSPEC) {
		snprintf(why, why_size, "%s has no IPv%c address, and -%c wants only those", host,
			 family == AF_INET ? '4' : '6', family == AF_INET ? '4' : '6');
	} else {
		snprintf(why, why_size, "no address for host '%s': %s", host, gai_strerror(code));
	}
	return ERR_INVAL;
}

/* Makes ::ffff:192.0.2.1 192.0.2.1: the socket for it would carry IPv4 alone. */
static void unmap(net_address_t *address)
{
	struct sockaddr_in ip4 = { .sin_family = AF_INET };

	if (address->any.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&address->ip6.sin6_addr))
		return;
	ip4.sin_port = address->ip6.sin6_port;
	memcpy(&ip4.sin_addr, &address->ip6.sin6_addr.s6_addr[12], sizeof(ip4.sin_addr));
	address->ip4 = ip4;
}

/* Could a reply leave from this address? Wildcards count: the packet tells the address then. */
static bool is_source(const net_address_t *address)
{
	if (address->any.sa_family == AF_INET6)
		return !IN6_IS_ADDR_MULTICAST(&address->ip6.sin6_addr);
	return !IN_MULTICAST(ntohl(address->ip4.sin_addr.s_addr)) &&
	       address->ip4.sin_addr.s_addr != htonl(INADDR_BROADCAST);
}

static bool contains(const listen_set_t *set, const net_address_t *address)
{
	for (size_t i = 0; i < set->count; i++) {
		if (net_address_is_equal(&set->addresses[i], address))
			return true;
	}
	return false;
}

/* Adds one result of getaddrinfo, with `port`. */
static err_t add_one(listen_set_t *set, const struct addrinfo *found, uint16_t port, char *why,
		     size_t why_size)
{
	char text[NET_ADDRESS_TEXT_MAX];
	net_address_t address;

	memset(&address, 0, sizeof(address));
	memcpy(&address, found->ai_addr, found->ai_addrlen);
	if (address.any.sa_family == AF_INET6)
		address.ip6.sin6_port = htons(port);
	else
		address.ip4.sin_port = htons(port);
	unmap(&address);
	if (!is_source(&address)) {
		snprintf(why, why_size, "%s is a multicast or broadcast address",
			 net_address_text(&address, text));
		return ERR_RANGE;
	}
	if (contains(set, &address))
		return ERR_OK;
	if (set->count == LISTEN_MAX) {
		snprintf(why, why_size,
			 "more than %d addresses; listen on 0.0.0.0 or :: for all of the host",
			 LISTEN_MAX);
		return ERR_RANGE;
	}
	set->addresses[set->count++] = address;
	return ERR_OK;
}

err_t listen_add(listen_set_t *set, const char *text, int family, char *why, size_t why_size)
{
	struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_PASSIVE,
	};
	char host[LISTEN_NAME_MAX];
	const char *port_text;
	struct addrinfo *found;
	size_t count = set->count;
	uint16_t port;
	err_t err;
	int code;

	err = split(text, host, &port_text, why, why_size);
	if (err == ERR_OK)
		err = parse_port(port_text, &port, why, why_size);
	if (err != ERR_OK)
		return err;

	/* The service only keeps getaddrinfo from refusing "*", which names neither. */
	code = getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, "53", &hints, &found);
	if (code != 0)
		return explain(host, family, code, why, why_size);
	for (const struct addrinfo *one = found; one != NULL && err == ERR_OK; one = one->ai_next)
		err = add_one(set, one, port, why, why_size);
	freeaddrinfo(found);
	if (err != ERR_OK)
		set->count = count;
	return err;
}
