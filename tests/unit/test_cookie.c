/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* DNS cookies: the examples of RFC 9018 appendix A, every bit of a cookie turned over, the limits of
 * its time, also where 32 bits of seconds wrap, and the roll-over of a farm's secret. Cookies are
 * read from a block of their exact size. SPURN_SEED=n repeats a run. */

#include "test.h"

#include <arpa/inet.h>
#include <sodium.h>

#include "dns/cookie.h"

/* The secrets of the appendix. */
#define SECRET_A    "e5e973e5a6b2a43f48e7dc849e37bfcf"
#define SECRET_OLD6 "dd3bdf9344b678b185a6f5cb60fca715"
#define SECRET_NEW6 "445536bcd2513298075a5d379663c962"

#define CLIENT_A "198.51.100.100"
#define CLIENT_B "203.0.113.203"
#define CLIENT_6 "2001:db8:220:1:59de:d0f4:8769:82b8"

#define NOW 1795000000u

static size_t from_hex(const char *hex, uint8_t *bytes, size_t room)
{
	size_t size = 0;

	ck_assert_int_eq(sodium_hex2bin(bytes, room, hex, strlen(hex), NULL, &size, NULL), 0);
	return size;
}

static ip6_address_t address(const char *text)
{
	uint8_t bytes[16];
	ip6_address_t value = { 0 };

	if (inet_pton(AF_INET, text, bytes) == 1)
		return ip6_from_ip4((uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
				    (uint32_t)bytes[2] << 8 | bytes[3]);
	ck_assert_int_eq(inet_pton(AF_INET6, text, bytes), 1);
	for (unsigned i = 0; i < 8; i++) {
		value.high = value.high << 8 | bytes[i];
		value.low = value.low << 8 | bytes[8 + i];
	}
	return value;
}

/* NULL for `second`: there is one secret. */
static dns_cookie_secrets_t make_secrets(const char *first, const char *second)
{
	dns_cookie_secrets_t secrets = { .count = second != NULL ? 2 : 1 };

	from_hex(first, secrets.secrets[0], DNS_COOKIE_SECRET_SIZE);
	if (second != NULL)
		from_hex(second, secrets.secrets[1], DNS_COOKIE_SECRET_SIZE);
	return secrets;
}

static dns_cookie_check_t check(const dns_cookie_secrets_t *secrets, const uint8_t *cookie,
				size_t size, ip6_address_t client, uint32_t now_s)
{
	uint8_t *copy = malloc(size);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, cookie, size);
	dns_cookie_check_t result = dns_cookie_check(secrets, copy, size, client, now_s);
	free(copy);
	return result;
}

static const struct {
	const char *client;
	const char *secret;  /* the server's */
	const char *secret2; /* the one that it takes, too */
	uint32_t now_s;
	const char *received;
	dns_cookie_check_t check;
	const char *sent;
} examples[] = {
	/* A.1: a client without a server's cookie */
	{ CLIENT_A, SECRET_A, NULL, 1559731985, "2464c4abcf10c957", DNS_COOKIE_CLIENT_ONLY,
	  "2464c4abcf10c957010000005cf79f111f8130c3eee29480" },
	/* A.2: 40 minutes later */
	{ CLIENT_A, SECRET_A, NULL, 1559734385, "2464c4abcf10c957010000005cf79f111f8130c3eee29480",
	  DNS_COOKIE_VALID, "2464c4abcf10c957010000005cf7a871d4a564a1442aca77" },
	/* A.3: a cookie with reserved bits set; by the times given it is 1 h 52 min old, so
	 * not valid any more, and replaced all the same */
	{ CLIENT_B, SECRET_A, NULL, 1559734700, "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5",
	  DNS_COOKIE_INVALID, "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e" },
	/* A.4: IPv6, and a secret that has been rolled over */
	{ CLIENT_6, SECRET_NEW6, SECRET_OLD6, 1559741961,
	  "22681ab97d52c298010000005cf7c57926556bd0934c72f8", DNS_COOKIE_VALID,
	  "22681ab97d52c298010000005cf7c609a6bb79d16625507a" },
};

START_TEST(test_rfc_9018)
{
	for (size_t i = 0; i < COUNT_OF(examples); i++) {
		dns_cookie_secrets_t secrets =
			make_secrets(examples[i].secret, examples[i].secret2);
		ip6_address_t client = address(examples[i].client);
		uint8_t received[DNS_COOKIE_SIZE_MAX];
		uint8_t expected[DNS_COOKIE_SIZE];
		uint8_t sent[DNS_COOKIE_SIZE];
		size_t size = from_hex(examples[i].received, received, sizeof(received));

		ck_assert_int_eq(check(&secrets, received, size, client, examples[i].now_s),
				 examples[i].check);
		from_hex(examples[i].sent, expected, sizeof(expected));
		dns_cookie_make(&secrets, received, client, examples[i].now_s, sent);
		ck_assert_mem_eq(sent, expected, sizeof(sent));
		ck_assert_int_eq(check(&secrets, sent, sizeof(sent), client, examples[i].now_s),
				 DNS_COOKIE_FRESH);
	}
}
END_TEST

START_TEST(test_reserved_bits)
{
	/* The cookie of A.3 while it was good: reserved bits count for the hash, not against it. */
	dns_cookie_secrets_t secrets = make_secrets(SECRET_A, NULL);
	uint8_t cookie[DNS_COOKIE_SIZE];

	from_hex("fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", cookie, sizeof(cookie));
	ck_assert_int_eq(check(&secrets, cookie, sizeof(cookie), address(CLIENT_B), 1559727985),
			 DNS_COOKIE_FRESH);
	cookie[9] ^= 1;
	ck_assert_int_eq(check(&secrets, cookie, sizeof(cookie), address(CLIENT_B), 1559727985),
			 DNS_COOKIE_INVALID);
}
END_TEST

/* Every bit of a cookie, of its secret and of the client's address counts; the time stamp's would
 * also be caught by the hash alone, as 20 bits of it can be turned without leaving the hour. */
START_TEST(test_every_bit)
{
	const char *clients[] = { CLIENT_A, CLIENT_6 };
	dns_cookie_secrets_t secrets = make_secrets(SECRET_A, SECRET_NEW6);
	const uint8_t client_cookie[DNS_CLIENT_COOKIE_SIZE] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	uint8_t cookie[DNS_COOKIE_SIZE];

	for (size_t c = 0; c < COUNT_OF(clients); c++) {
		ip6_address_t client = address(clients[c]);
		dns_cookie_make(&secrets, client_cookie, client, NOW, cookie);
		for (unsigned bit = 0; bit < 8 * DNS_COOKIE_SIZE; bit++) {
			cookie[bit / 8] ^= (uint8_t)(1u << bit % 8);
			ck_assert_int_eq(check(&secrets, cookie, sizeof(cookie), client, NOW),
					 DNS_COOKIE_INVALID);
			cookie[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		for (unsigned bit = 0; bit < 128; bit++) {
			ip6_address_t other = client;
			*(bit < 64 ? &other.low : &other.high) ^= UINT64_C(1) << bit % 64;
			ck_assert_int_eq(check(&secrets, cookie, sizeof(cookie), other, NOW),
					 DNS_COOKIE_INVALID);
			dns_cookie_secrets_t wrong = secrets;
			wrong.secrets[0][bit / 8] ^= (uint8_t)(1u << bit % 8);
			ck_assert_int_eq(check(&wrong, cookie, sizeof(cookie), client, NOW),
					 DNS_COOKIE_INVALID);
		}
		ck_assert_int_eq(check(&secrets, cookie, sizeof(cookie), client, NOW),
				 DNS_COOKIE_FRESH);
	}
}
END_TEST

START_TEST(test_sizes)
{
	/* What begins like a valid cookie is none in any other size. */
	dns_cookie_secrets_t secrets = make_secrets(SECRET_A, NULL);
	ip6_address_t client = address(CLIENT_A);
	uint8_t cookie[DNS_COOKIE_SIZE_MAX] = { 0 };

	dns_cookie_make(&secrets, cookie, client, NOW, cookie);
	ck_assert_int_eq(check(&secrets, cookie, DNS_CLIENT_COOKIE_SIZE, client, NOW),
			 DNS_COOKIE_CLIENT_ONLY);
	for (size_t size = DNS_COOKIE_SIZE_MIN; size <= DNS_COOKIE_SIZE_MAX; size++)
		ck_assert_int_eq(check(&secrets, cookie, size, client, NOW),
				 size == DNS_COOKIE_SIZE ? DNS_COOKIE_FRESH : DNS_COOKIE_INVALID);
}
END_TEST

START_TEST(test_time)
{
	static const struct {
		int32_t age_s;
		dns_cookie_check_t check;
	} rows[] = {
		{ 0, DNS_COOKIE_FRESH },           { 1799, DNS_COOKIE_FRESH },
		{ 1800, DNS_COOKIE_VALID },        { 3600, DNS_COOKIE_VALID },
		{ 3601, DNS_COOKIE_INVALID },      { INT32_MAX, DNS_COOKIE_INVALID },
		{ INT32_MIN, DNS_COOKIE_INVALID }, /* RFC 1982 leaves it open */
		{ -1, DNS_COOKIE_FRESH },          { -300, DNS_COOKIE_FRESH },
		{ -301, DNS_COOKIE_INVALID },
	};
	/* The last ones are around the end of 32 bits of seconds, in February 2106. */
	static const uint32_t times[] = {
		NOW, 0, 1, 299, 3600, UINT32_MAX, UINT32_MAX - 1000, 0x7fffffff, 0x80000000
	};
	dns_cookie_secrets_t secrets = make_secrets(SECRET_A, NULL);
	ip6_address_t client = address(CLIENT_A);
	uint8_t cookie[DNS_COOKIE_SIZE] = { 0 };

	for (size_t t = 0; t < COUNT_OF(times); t++) {
		for (size_t i = 0; i < COUNT_OF(rows); i++) {
			dns_cookie_make(&secrets, cookie, client,
					times[t] - (uint32_t)rows[i].age_s, cookie);
			ck_assert_int_eq(check(&secrets, cookie, sizeof(cookie), client, times[t]),
					 rows[i].check);
		}
	}
}
END_TEST

/* RFC 9018 section 5: whichever two neighbouring steps of the roll-over two servers are at, each
 * takes the other's cookies. */
START_TEST(test_roll_over)
{
	const dns_cookie_secrets_t steps[] = {
		make_secrets(SECRET_OLD6, NULL),
		make_secrets(SECRET_OLD6, SECRET_NEW6),
		make_secrets(SECRET_NEW6, SECRET_OLD6),
		make_secrets(SECRET_NEW6, NULL),
	};
	ip6_address_t client = address(CLIENT_6);
	uint8_t cookie[DNS_COOKIE_SIZE] = { 0 };

	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		for (size_t j = 0; j < COUNT_OF(steps); j++) {
			bool is_near = i <= j + 1 && j <= i + 1;
			dns_cookie_make(&steps[i], cookie, client, NOW, cookie);
			dns_cookie_check_t result =
				check(&steps[j], cookie, sizeof(cookie), client, NOW);
			if (is_near)
				ck_assert_int_ge(result, DNS_COOKIE_VALID);
			ck_assert_int_eq(result == DNS_COOKIE_FRESH, (i < 2) == (j < 2));
		}
	}
	dns_cookie_make(&steps[0], cookie, client, NOW, cookie);
	ck_assert_int_eq(check(&steps[3], cookie, sizeof(cookie), client, NOW), DNS_COOKIE_INVALID);
}
END_TEST

START_TEST(test_mapped)
{
	/* IPv4 clients of an IPv6 socket are IPv4 clients; other addresses that end alike are not. */
	dns_cookie_secrets_t secrets = make_secrets(SECRET_A, NULL);
	uint8_t cookie[DNS_COOKIE_SIZE];

	from_hex(examples[0].sent, cookie, sizeof(cookie));
	ck_assert_int_eq(check(&secrets, cookie, sizeof(cookie), address("::ffff:" CLIENT_A),
			       examples[0].now_s),
			 DNS_COOKIE_FRESH);
	ck_assert_int_eq(
		check(&secrets, cookie, sizeof(cookie), address("::" CLIENT_A), examples[0].now_s),
		DNS_COOKIE_INVALID);
}
END_TEST

START_TEST(test_secrets)
{
	dns_cookie_secrets_t a = make_secrets(SECRET_A, SECRET_NEW6);
	dns_cookie_secrets_t b;
	const dns_cookie_secrets_t none = { 0 };

	dns_cookie_secrets_random(&a);
	dns_cookie_secrets_random(&b);
	ck_assert_uint_eq(a.count, 1);
	ck_assert_mem_ne(a.secrets[0], b.secrets[0], DNS_COOKIE_SECRET_SIZE);
	ck_assert_mem_eq(a.secrets[1], none.secrets[1], DNS_COOKIE_SECRET_SIZE);
	dns_cookie_secrets_wipe(&a);
	ck_assert_mem_eq(&a, &none, sizeof(a));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_rfc_9018, test_reserved_bits, test_every_bit,
				       test_sizes,    test_time,          test_roll_over,
				       test_mapped,   test_secrets };

	return run_tests("cookie", tests, COUNT_OF(tests));
}
