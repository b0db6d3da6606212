/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DNS_COOKIE_H
#define SPURN_DNS_COOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/ip6.h"
#include "dns/dns.h"

/* DNS cookies (RFC 7873), the server's in the format that all servers of a farm can agree on (RFC
 * 9018): who sends one back that is valid receives what is sent to its address, so the address is
 * not forged. A COOKIE option holds both cookies:
 *
 *     bytes   0-7      8         9-11       12-15       16-23
 *             client   version   reserved   timestamp   hash
 *
 * The hash is SipHash-2-4, keyed with the farm's secret, of all before it and the client's address.
 * So a server remembers nothing of its clients, and servers with one secret and about the same time
 * take each other's cookies. Pure; any thread. */

enum {
	DNS_COOKIE_SIZE = 24, /* bytes of both cookies, as we make them */
	DNS_COOKIE_SECRET_SIZE = 16,
	/* Two are what a roll-over needs (RFC 9018 section 5). Each costs a hash for each cookie
	 * that is none of ours. */
	DNS_COOKIE_SECRETS_MAX = 2,
};

/* For how long a cookie is good, in seconds (RFC 9018 section 4.3). */
enum {
	DNS_COOKIE_PAST_S = 60 * 60,
	DNS_COOKIE_FUTURE_S = 5 * 60, /* clocks of a farm may differ by that much */
	DNS_COOKIE_FRESH_S = 30 * 60, /* younger ones need not be replaced */
};

/* The secrets of a farm; plain data. */
typedef struct dns_cookie_secrets {
	size_t count; /* 0: no cookies are made */
	/* Cookies are made with the first, and valid when made with any. */
	uint8_t secrets[DNS_COOKIE_SECRETS_MAX][DNS_COOKIE_SECRET_SIZE];
} dns_cookie_secrets_t;

/* In the order of what they are worth. */
typedef enum dns_cookie_check {
	DNS_COOKIE_NONE,        /* never the result of a check: there was no option */
	DNS_COOKIE_CLIENT_ONLY, /* no server's cookie, so nothing to check */
	DNS_COOKIE_INVALID,     /* not ours, not this client's, or not of this hour */
	DNS_COOKIE_VALID, /* and about to be replaced: old, or not made with the first secret */
	DNS_COOKIE_FRESH, /* valid, and may be sent back as it is */
} dns_cookie_check_t;

/* Judges the COOKIE option `cookie`[0..size), `size` being 8 or 16..40, that came from `client`
 * (IPv4 v4-mapped). `now_s` is the time since 1970 in seconds, modulo 2^32. Takes the same time for
 * any wrong hash. */
dns_cookie_check_t dns_cookie_check(const dns_cookie_secrets_t *secrets, const uint8_t *cookie,
				    size_t size, ip6_address_t client,
				    uint32_t now_s) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Makes the content of a COOKIE option for `client`: the client's cookie, client_cookie[0..8), and
 * the server's, made with the first secret, of which there must be one. */
void dns_cookie_make(const dns_cookie_secrets_t *secrets, const uint8_t *client_cookie,
		     ip6_address_t client, uint32_t now_s,
		     uint8_t cookie[DNS_COOKIE_SIZE]) ATTR_NONNULL_ALL;

/* Makes `*secrets` one secret that nobody knows. */
void dns_cookie_secrets_random(dns_cookie_secrets_t *secrets) ATTR_NONNULL_ALL;

bool dns_cookie_secrets_equal(const dns_cookie_secrets_t *a,
			      const dns_cookie_secrets_t *b) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Overwrites secrets that are not needed any more, so that they are in no core dump. */
void dns_cookie_secrets_wipe(dns_cookie_secrets_t *secrets) ATTR_NONNULL_ALL;

#endif
