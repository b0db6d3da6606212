/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What a query costs with --rate-limit on, beside all else: the question whether there may be a reply.
 * Times are processor times, the best of MEASURE_ROUNDS. */

#include <string.h>

#include "catalog/limits.h"
#include "measure.h"

#define QUERIES (1u << 20)

static ip6_address_t one_client(void)
{
	return ip6_from_ip4(0x0a000001);
}

static ip6_address_t any_ip4(void)
{
	return ip6_from_ip4((uint32_t)measure_random());
}

static ip6_address_t any_ip6(void)
{
	return (ip6_address_t){ measure_random() >> 3 | UINT64_C(1) << 61, measure_random() };
}

typedef struct asked {
	limits_t *limits;
	ip6_address_t *clients;
	unsigned round;
	unsigned sent;
} asked_t;

/* A million queries at 500,000 a second. */
static void ask_all(void *context)
{
	asked_t *asked = context;
	unsigned over = 0;

	asked->sent = 0;
	for (unsigned i = 0; i < QUERIES; i++)
		asked->sent +=
			limits_ask_reply(asked->limits, asked->clients[i], &over,
					 1 + asked->round * 1000000u + i / 500) == LIMITS_SEND;
	asked->round++;
}

/* One row: queries from clients that `client` makes. The next one is how many are answered. */
static void measure(const char *what, const char *rate, const char *exempt,
		    ip6_address_t (*client)(void))
{
	static ip6_address_t clients[QUERIES];
	limits_options_t options = limits_default_options;
	asked_t asked = { .clients = clients };
	const char *why = "no memory";

	for (unsigned i = 0; i < QUERIES; i++)
		clients[i] = client();
	if (rate_parse(rate, strlen(rate), &options.rate, &why) != ERR_OK ||
	    (exempt != NULL && networks_add(&options.exempt, exempt, &why) != ERR_OK) ||
	    limits_new(&options, &asked.limits) != ERR_OK)
		measure_die(why);
	measure_row(what, measure_best_s(ask_all, &asked) * 1e9 / QUERIES, "ns");
	measure_row("  answered", asked.sent * 100.0 / QUERIES, "%");
	limits_free(asked.limits);
	networks_clear(&options.exempt);
}

int main(int argc, char **argv)
{
	measure_begin("bench_limits", &argc, &argv);
	measure("client within its limit", "100000:1000000", NULL, one_client);
	measure("client over its limit", "20", NULL, one_client);
	/* Each for the first time in long. */
	measure("random IPv4 clients", "20", NULL, any_ip4);
	/* More than there is room for. */
	measure("random IPv6 clients", "1/m", NULL, any_ip6);
	measure("exempt client", "20", "10/8,192.0.2.0/24,2001:db8::/32", one_client);
	return measure_end();
}
