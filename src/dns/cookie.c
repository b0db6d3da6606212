/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dns/cookie.h"

#include <sodium.h>
#include <string.h>

#include "base/cursor.h"

/* Where the option has what. */
enum {
	AT_VERSION = 8,
	AT_TIMESTAMP = 12,
	AT_HASH = 16,
};

enum {
	COOKIE_VERSION = 1, /* the only one there is (RFC 9018 section 8) */
	HASH_SIZE = crypto_shorthash_siphash24_BYTES,
};

_Static_assert(AT_HASH + HASH_SIZE == DNS_COOKIE_SIZE, "a cookie ends with its hash");
_Static_assert((int)crypto_shorthash_siphash24_KEYBYTES == (int)DNS_COOKIE_SECRET_SIZE,
	       "a secret is a key");

static void put_u64(uint8_t *at, uint64_t value)
{
	put_u32(at, (uint32_t)(value >> 32));
	put_u32(at + 4, (uint32_t)value);
}

/* The hash that belongs behind `cookie`[0..AT_HASH). */
static void hash_cookie(const uint8_t *secret, const uint8_t *cookie, ip6_address_t client,
			uint8_t hash[HASH_SIZE])
{
	uint8_t input[AT_HASH + 16];
	size_t size = AT_HASH;

	memcpy(input, cookie, AT_HASH);
	if (ip6_is_mapped(client)) {
		put_u32(input + size, (uint32_t)client.low);
		size += 4;
	} else {
		put_u64(input + size, client.high);
		put_u64(input + size + 8, client.low);
		size += 16;
	}
	crypto_shorthash_siphash24(hash, input, size, secret);
}

/* The seconds that a cookie's time lies in the past, in serial number arithmetic (RFC 1982). */
static int32_t age_of(const uint8_t *cookie, uint32_t now_s)
{
	return (int32_t)(now_s - get_u32(cookie + AT_TIMESTAMP));
}

dns_cookie_check_t dns_cookie_check(const dns_cookie_secrets_t *secrets, const uint8_t *cookie,
				    size_t size, ip6_address_t client, uint32_t now_s)
{
	uint8_t hash[HASH_SIZE];

	if (size == DNS_CLIENT_COOKIE_SIZE)
		return DNS_COOKIE_CLIENT_ONLY;
	if (size != DNS_COOKIE_SIZE || cookie[AT_VERSION] != COOKIE_VERSION)
		return DNS_COOKIE_INVALID;
	int32_t age_s = age_of(cookie, now_s);
	if (age_s > DNS_COOKIE_PAST_S || age_s < -DNS_COOKIE_FUTURE_S)
		return DNS_COOKIE_INVALID;
	for (size_t i = 0; i < secrets->count; i++) {
		hash_cookie(secrets->secrets[i], cookie, client, hash);
		if (sodium_memcmp(hash, cookie + AT_HASH, HASH_SIZE) == 0)
			return i == 0 && age_s < DNS_COOKIE_FRESH_S ? DNS_COOKIE_FRESH
								    : DNS_COOKIE_VALID;
	}
	return DNS_COOKIE_INVALID;
}

void dns_cookie_make(const dns_cookie_secrets_t *secrets, const uint8_t *client_cookie,
		     ip6_address_t client, uint32_t now_s, uint8_t cookie[DNS_COOKIE_SIZE])
{
	memcpy(cookie, client_cookie, DNS_CLIENT_COOKIE_SIZE);
	put_u32(cookie + AT_VERSION, (uint32_t)COOKIE_VERSION << 24); /* and three reserved bytes */
	put_u32(cookie + AT_TIMESTAMP, now_s);
	hash_cookie(secrets->secrets[0], cookie, client, cookie + AT_HASH);
}

void dns_cookie_secrets_random(dns_cookie_secrets_t *secrets)
{
	/* Should it fail there is no source of randomness at all, and then randombytes_buf ends the
	 * process rather than give a secret that can be guessed. */
	(void)!sodium_init();
	dns_cookie_secrets_wipe(secrets);
	secrets->count = 1;
	randombytes_buf(secrets->secrets[0], DNS_COOKIE_SECRET_SIZE);
}

bool dns_cookie_secrets_equal(const dns_cookie_secrets_t *a, const dns_cookie_secrets_t *b)
{
	return a->count == b->count &&
	       sodium_memcmp(a->secrets, b->secrets, a->count * DNS_COOKIE_SECRET_SIZE) == 0;
}

void dns_cookie_secrets_wipe(dns_cookie_secrets_t *secrets)
{
	sodium_memzero(secrets, sizeof(*secrets));
}
