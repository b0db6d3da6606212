/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/option_limits.h"

#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/number.h"
#include "base/rate_table.h"

bool option_rate(const char *name, const char *text, rate_t *rate)
{
	const char *why;

	if (rate_parse(text, strlen(text), rate, &why) == ERR_OK)
		return true;
	log_error("%s %s: %s", name, text, why);
	return false;
}

bool option_slip(const char *name, const char *text, limits_options_t *limits)
{
	if (!number_parse_unsigned(text, 0, 1000000, &limits->slip)) {
		log_error("%s %s: give a number: 2 lets every other reply over the "
			  "limit go out truncated, 1 each of them, 0 none",
			  name, text);
		return false;
	}
	return true;
}

bool option_prefix(const char *name, const char *text, limits_options_t *limits)
{
	size_t size = strcspn(text, ",");
	const char *second = text[size] == ',' ? text + size + 1 : "";
	uint64_t ip4 = limits->ip4_length;
	uint64_t ip6 = limits->ip6_length;

	if ((size > 0 && !number_parse(text, size, 1, 32, &ip4)) ||
	    (*second != '\0' && !number_parse(second, strlen(second), 1, 128, &ip6)) ||
	    (size == 0 && *second == '\0')) {
		log_error(
			"%s %s: give the bits that clients with one limit have "
			"in common, of IPv4 addresses (1 to 32) and of IPv6 ones (1 to 128), as in "
			"24,56",
			name, text);
		return false;
	}
	limits->ip4_length = (unsigned)ip4;
	limits->ip6_length = (unsigned)ip6;
	return true;
}

bool option_exempt(const char *name, const char *text, limits_options_t *limits)
{
	const char *why = "";
	err_t err = networks_add(&limits->exempt, text, &why);

	if (err == ERR_OK)
		return true;
	log_error("%s %s: %s; give networks, as in 192.0.2.0/24,2001:db8::/32", name, text,
		  err == ERR_SYNTAX ? why : err_text(err));
	return false;
}

bool option_table(const char *name, const char *text, limits_options_t *limits)
{
	uint64_t number;

	if (!number_parse(text, strlen(text), 1, RATE_TABLE_MAX, &number)) {
		log_error("%s %s: give a number of prefixes, 1 to %u; each takes 8 "
			  "bytes",
			  name, text, RATE_TABLE_MAX);
		return false;
	}
	limits->slots = number;
	return true;
}
