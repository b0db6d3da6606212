/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/networks.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "zonefile/ip4_text.h"
#include "zonefile/ip6_text.h"

/* Bits in front of the IPv4 address in a v4-mapped one. */
#define MAPPED_LENGTH 96

/* How many of the ranges begin at or before `address`. */
static size_t count_before(const networks_t *networks, ip6_address_t address)
{
	size_t low = 0;
	size_t high = networks->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ip6_is_less(address, networks->ranges[middle].first))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

bool networks_have(const networks_t *networks, ip6_address_t address)
{
	size_t before = count_before(networks, address);

	return before > 0 && !ip6_is_less(networks->ranges[before - 1].last, address);
}

/* Adds a range that is a prefix, or what is left of one without the v4-mapped addresses: two of them
 * either lie apart or one in the other. */
static err_t add_range(networks_t *networks, ip6_address_t first, ip6_address_t last)
{
	size_t place = count_before(networks, first);
	size_t inside = 0;

	if (place > 0 && !ip6_is_less(networks->ranges[place - 1].last, last))
		return ERR_OK;
	if (place > 0 && ip6_is_equal(networks->ranges[place - 1].first, first))
		place--;
	while (place + inside < networks->count &&
	       !ip6_is_less(last, networks->ranges[place + inside].first))
		inside++;
	err_t err = array_reserve((void **)&networks->ranges, &networks->capacity,
				  networks->count + 1, sizeof(*networks->ranges));
	if (err != ERR_OK)
		return err;
	memmove(networks->ranges + place + 1, networks->ranges + place + inside,
		(networks->count - place - inside) * sizeof(*networks->ranges));
	networks->ranges[place] = (struct network){ first, last };
	networks->count = networks->count + 1 - inside;
	return ERR_OK;
}

static err_t add_prefix(networks_t *networks, ip6_address_t first, unsigned length)
{
	const ip6_address_t one = { .low = 1 };
	const ip6_address_t mapped_first = ip6_from_ip4(0);
	const ip6_address_t mapped_last = ip6_from_ip4(UINT32_MAX);
	ip6_address_t last = ip6_last(first, length);

	if (length >= MAPPED_LENGTH || ip6_is_less(mapped_last, first) ||
	    ip6_is_less(last, mapped_first))
		return add_range(networks, first, last);
	err_t err = add_range(networks, first, ip6_subtract(mapped_first, one));
	if (err != ERR_OK || ip6_is_equal(last, mapped_last))
		return err;
	return add_range(networks, ip6_add(mapped_last, one), last);
}

static err_t parse_prefix(text_t text, ip6_address_t *address, unsigned *length, const char **why)
{
	uint32_t ip4;
	err_t err;

	if (text_is_empty(text))
		return text_reject(why, "an empty network; separate them by single commas");
	if (ip4_text_is_next(text)) {
		err = ip4_text_prefix(&text, false, &ip4, length, why);
		*address = ip6_from_ip4(err == ERR_OK ? ip4 : 0);
		*length += MAPPED_LENGTH;
	} else if (memchr(text.at, ':', text_size(text)) == NULL) {
		return text_reject(why, "not an IPv4 or IPv6 address or prefix");
	} else {
		err = ip6_text_prefix(&text, false, address, length, why);
	}
	if (err == ERR_OK && !text_is_empty(text))
		return text_reject(why, "something follows the address; separate networks by "
					"commas, without blanks");
	return err;
}

err_t networks_add(networks_t *networks, const char *text, const char **why)
{
	err_t err;

	do {
		size_t size = strcspn(text, ",");
		ip6_address_t address;
		unsigned length = 0;

		err = parse_prefix((text_t){ text, text + size }, &address, &length, why);
		if (err == ERR_OK)
			err = add_prefix(networks, address, length);
		text += size;
	} while (err == ERR_OK && *text++ == ',');
	return err;
}

void networks_clear(networks_t *networks)
{
	free(networks->ranges);
	*networks = (networks_t){ .ranges = NULL };
}
