/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What a query costs with --rate-limit on, beside all else: the question whether there may be a reply.
 * Times are processor times, the best of ROUNDS. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalog/limits.h"

#define QUERIES (1u << 20)
#define ROUNDS  5

static uint64_t random_state = 1;

static uint64_t random_64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* Seconds that this thread has computed. */
static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static ip6_address_t one_client(void)
{
	return ip6_from_ip4(0x0a000001);
}

static ip6_address_t any_ip4(void)
{
	return ip6_from_ip4((uint32_t)random_64());
}

static ip6_address_t any_ip6(void)
{
	return (ip6_address_t){ random_64() >> 3 | UINT64_C(1) << 61, random_64() };
}

/* One line: a million queries at 500,000 a second, from clients that `client` makes. */
static void measure(const char *what, const char *rate, const char *exempt,
		    ip6_address_t (*client)(void))
{
	static ip6_address_t clients[QUERIES];
	limits_options_t options = limits_default_options;
	double best = 1e9;
	unsigned sent = 0;
	limits_t *limits;
	const char *why = "no memory";

	for (unsigned i = 0; i < QUERIES; i++)
		clients[i] = client();
	if (rate_parse(rate, strlen(rate), &options.rate, &why) != ERR_OK ||
	    (exempt != NULL && networks_add(&options.exempt, exempt, &why) != ERR_OK) ||
	    limits_new(&options, &limits) != ERR_OK) {
		fprintf(stderr, "%s: %s\n", what, why);
		exit(EXIT_FAILURE);
	}
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned over = 0;
		double start = now_s();

		sent = 0;
		for (unsigned i = 0; i < QUERIES; i++)
			sent += limits_ask_reply(limits, clients[i], &over,
						 1 + round * 1000000u + i / 500) == LIMITS_SEND;
		double seconds = now_s() - start;
		if (seconds < best)
			best = seconds;
	}
	printf("%-52s %5.1f ns, %3.0f %% sent\n", what, best / QUERIES * 1e9,
	       sent * 100.0 / QUERIES);
	limits_free(limits);
	networks_clear(&options.exempt);
}

int main(void)
{
	measure("one client within the limit", "100000:1000000", NULL, one_client);
	measure("one client over the limit", "20", NULL, one_client);
	measure("random IPv4 clients, each for the first time in long", "20", NULL, any_ip4);
	measure("random IPv6 clients, more than there is room for", "1/m", NULL, any_ip6);
	measure("an exempt client", "20", "10/8,192.0.2.0/24,2001:db8::/32", one_client);
	return EXIT_SUCCESS;
}
