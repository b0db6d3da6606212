/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Sets of networks: what is in them, against a list of prefixes that is searched from end to end. */

#include "catalog/networks.h"

#include "test.h"

static const ip6_address_t mapped_first = { .low = UINT64_C(0xffff00000000) };

START_TEST(test_members)
{
	networks_t networks = { .count = 0 };
	const char *why;

	ck_assert(!networks_have(&networks, ip6_from_ip4(1)));
	ck_assert_int_eq(networks_add(&networks, "192.0.2.0/24,10/8,198.51.100.7", &why), ERR_OK);
	ck_assert_int_eq(networks_add(&networks, "2001:db8::/32", &why), ERR_OK);
	ck_assert_int_eq(networks_add(&networks, "::1,192.0,::ffff:7f00:0/104", &why), ERR_OK);
	ck_assert(networks_have(&networks, ip6_from_ip4(0xc0000200)));
	ck_assert(networks_have(&networks, ip6_from_ip4(0xc00002ff)));
	ck_assert(networks_have(&networks, ip6_from_ip4(0xc000ffff)));
	ck_assert(!networks_have(&networks, ip6_from_ip4(0xc0010000)));
	ck_assert(!networks_have(&networks, ip6_from_ip4(0xbfffffff)));
	ck_assert(networks_have(&networks, ip6_from_ip4(0x0a123456)));
	ck_assert(networks_have(&networks, ip6_from_ip4(0x7fffffff)));
	ck_assert(networks_have(&networks, ip6_from_ip4(0xc6336407)));
	ck_assert(!networks_have(&networks, ip6_from_ip4(0xc6336408)));
	ck_assert(networks_have(&networks, (ip6_address_t){ 0x20010db8ffffffff, 5 }));
	ck_assert(!networks_have(&networks, (ip6_address_t){ 0x20010db900000000, 0 }));
	ck_assert(networks_have(&networks, (ip6_address_t){ 0, 1 }));
	ck_assert(!networks_have(&networks, (ip6_address_t){ 0, 2 }));
	networks_clear(&networks);
	ck_assert(!networks_have(&networks, (ip6_address_t){ 0, 1 }));
}
END_TEST

START_TEST(test_bad_text)
{
	static const char *const texts[] = {
		"",
		",",
		"192.0.2.1,",
		",::1",
		"x",
		"192.0.2.1/24",
		"1.2.3.4/33",
		"2001:db8::1/32",
		"::/129",
		"10",
		"192.0.2.1 ",
		"::1 ,::2",
		"192.0.2.1:53",
		"192.0.2.1#x",
		"1.2.3.4.5",
		"localhost",
		"192.0.2.1-9",
		"[::1]",
	};

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		networks_t networks = { .count = 0 };
		const char *why = NULL;

		ck_assert_msg(networks_add(&networks, texts[i], &why) == ERR_SYNTAX, "%s",
			      texts[i]);
		ck_assert_ptr_nonnull(why);
		networks_clear(&networks);
	}
}
END_TEST

/* The model: prefixes as they were given. */
typedef struct prefix {
	ip6_address_t first;
	unsigned length;
} prefix_t;

static bool model_has(const prefix_t *prefixes, unsigned count, ip6_address_t address)
{
	for (unsigned i = 0; i < count; i++) {
		bool is_of_both = prefixes[i].length < 96;

		if (ip6_is_equal(ip6_first(address, prefixes[i].length), prefixes[i].first) &&
		    !(is_of_both && ip6_is_mapped(address)))
			return true;
	}
	return false;
}

/* Addresses in which prefixes of all lengths meet often, many of them next to the v4-mapped ones. */
static ip6_address_t random_address(void)
{
	ip6_address_t address = { .low = random_64() & random_64() & 0x0000070000000007 };

	if (random_below(2) == 0)
		address.low |= mapped_first.low;
	if (random_below(3) == 0)
		address.high = random_64() & 0xc000000000000003;
	if (random_below(4) == 0)
		address.low ^= UINT64_C(1) << random_below(64);
	return address;
}

static void print_prefix(const prefix_t *prefix, char text[100])
{
	uint64_t words[2] = { prefix->first.high, prefix->first.low };
	size_t size = 0;

	for (unsigned i = 0; i < 8; i++)
		size += (size_t)snprintf(text + size, 100 - size, "%s%x", i > 0 ? ":" : "",
					 (unsigned)(words[i / 4] >> (48 - i % 4 * 16) & 0xffff));
	snprintf(text + size, 100 - size, "/%u", prefix->length);
}

START_TEST(test_model)
{
	enum { PREFIXES = 30 };

	random_start(1);
	for (unsigned round = 0; round < 300; round++) {
		networks_t networks = { .count = 0 };
		prefix_t prefixes[PREFIXES];

		for (unsigned i = 0; i < PREFIXES; i++) {
			unsigned length =
				random_below(4) == 0 ? random_below(129) : 60 + random_below(69);
			char text[100];
			const char *why;

			prefixes[i].first = ip6_first(random_address(), length);
			prefixes[i].length = length;
			print_prefix(&prefixes[i], text);
			MUST(networks_add(&networks, text, &why) == ERR_OK, "%s: %s", text, why);
			for (unsigned j = 0; j < 50; j++) {
				ip6_address_t address = random_address();

				MUST(networks_have(&networks, address) ==
					     model_has(prefixes, i + 1, address),
				     "round %u, %u prefixes: %" PRIx64 " %" PRIx64, round, i + 1,
				     address.high, address.low);
			}
		}
		for (size_t i = 0; i < networks.count; i++) {
			const struct network *range = &networks.ranges[i];

			MUST(!ip6_is_less(range->last, range->first), "round %u: upside down",
			     round);
			MUST(i == 0 || ip6_is_less(range[-1].last, range->first),
			     "round %u: out of order", round);
		}
		networks_clear(&networks);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_members, test_bad_text, test_model };

	return run_tests("networks", tests, COUNT_OF(tests));
}
