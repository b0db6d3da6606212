/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/specials.h"

#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/number.h"
#include "dns/name.h"
#include "zonefile/timestamp.h"

/* More addresses than there are: no limit. */
#define MAX_RANGE4_NONE ((uint64_t)1 << 33)

void specials_init(zone_specials_t *specials, const zone_settings_t *settings, time_t now)
{
	memset(specials, 0, sizeof(*specials));
	specials->settings = settings;
	specials->now = now;
	specials->ttl_s = settings->ttl_default_s;
	specials->max_range4 = MAX_RANGE4_NONE;
}

static void free_text(text_t text)
{
	free((void *)(uintptr_t)text.at);
}

/* Keeps a copy of `value`, unless the variable has one already. */
static err_t set_variable(text_t *variable, text_t value)
{
	size_t size = text_size(value);

	if (!text_is_empty(*variable) || size == 0)
		return ERR_OK;
	char *copy = malloc(size);
	if (copy == NULL)
		return ERR_NOMEM;
	memcpy(copy, value.at, size);
	*variable = (text_t){ copy, copy + size };
	return ERR_OK;
}

err_t specials_inherit(zone_specials_t *specials, const zone_specials_t *outer)
{
	err_t err = set_variable(&specials->variables.base, outer->variables.base);

	specials->ttl_s = outer->ttl_s;
	specials->max_range4 = outer->max_range4;
	for (unsigned i = 0; i < COUNT_OF(specials->variables.digits) && err == ERR_OK; i++)
		err = set_variable(&specials->variables.digits[i], outer->variables.digits[i]);
	return err;
}

void specials_clear(zone_specials_t *specials)
{
	free(specials->soa);
	free(specials->ns);
	for (unsigned i = 0; i < COUNT_OF(specials->variables.digits); i++)
		free_text(specials->variables.digits[i]);
	free_text(specials->variables.base);
	memset(specials, 0, sizeof(*specials));
}

bool specials_is_line(text_t *line)
{
	text_t rest = *line;

	if (text_at(rest, '#') || text_at(rest, ';') || text_at(rest, ':'))
		rest.at++;
	if (!text_at(rest, '$'))
		return false;
	rest.at++;
	*line = rest;
	return true;
}

static bool parse_duration(text_t word, uint32_t *seconds)
{
	return duration_parse(word.at, text_size(word), seconds) == ERR_OK;
}

bool specials_parse_ttl(const zone_specials_t *specials, text_t word, uint32_t *ttl_s)
{
	uint32_t ttl;

	if (!parse_duration(word, &ttl))
		return false;
	*ttl_s = ttl == 0 ? specials->ttl_s : specials_ttl(specials->settings, ttl);
	return true;
}

static bool parse_number(text_t word, uint32_t *number)
{
	uint64_t value;

	if (!number_parse(word.at, text_size(word), 0, UINT32_MAX, &value))
		return false;
	*number = (uint32_t)value;
	return true;
}

static bool parse_name(text_t word, uint8_t name[DNS_NAME_MAX])
{
	size_t size;

	return dns_name_from_text(word.at, text_size(word), name, &size) == ERR_OK;
}

static err_t parse_soa(zone_specials_t *specials, text_t line, const char **why)
{
	zone_soa_t soa;

	if (!specials_parse_ttl(specials, text_take_word(&line), &soa.ttl_s) ||
	    !parse_name(text_take_word(&line), soa.mname) ||
	    !parse_name(text_take_word(&line), soa.rname) ||
	    !parse_number(text_take_word(&line), &soa.serial) ||
	    !parse_duration(text_take_word(&line), &soa.refresh_s) ||
	    !parse_duration(text_take_word(&line), &soa.retry_s) ||
	    !parse_duration(text_take_word(&line), &soa.expire_s) ||
	    !parse_duration(text_take_word(&line), &soa.minimum_s) || !text_is_empty(line))
		return text_reject(
			why, "expected: $SOA ttl mname rname serial refresh retry expire minimum");
	if (specials->soa != NULL)
		return ERR_OK;
	specials->soa = malloc(sizeof(soa));
	if (specials->soa == NULL)
		return ERR_NOMEM;
	*specials->soa = soa;
	return ERR_OK;
}

static bool ns_has(const zone_ns_t *ns, const uint8_t *name)
{
	for (unsigned i = 0; i < ns->count; i++)
		if (dns_name_equal(ns->names[i], name))
			return true;
	return false;
}

static const char *const why_ns = "expected: $NS ttl name [name ...]";

/* Reads the names after the TTL. A name that is none ends the line; the servers before it count, but
 * with TTL 0, as in rbldnsd: whatever is wrong here is not kept for long. */
static err_t parse_ns_names(zone_ns_t *ns, text_t line, const char **why)
{
	do {
		text_t word = text_take_word(&line);
		uint8_t name[DNS_NAME_MAX];
		if (text_at(word, '-')) /* "-ns1.example" comments one server out */
			continue;
		if (!parse_name(word, name)) {
			if (ns->count == 0)
				return text_reject(why, why_ns);
			ns->ttl_s = 0;
			ns->is_broken = true;
			*why = "$NS has something that is no name; only the servers before it "
			       "count, with TTL 0";
			return ERR_RANGE;
		}
		if (ns_has(ns, name))
			continue;
		if (ns->count == SPECIALS_NS_MAX) {
			*why = "$NS has more than 32 name servers; the rest is ignored";
			return ERR_RANGE;
		}
		memcpy(ns->names[ns->count++], name, dns_name_size(name));
	} while (!text_is_empty(line));
	return ERR_OK;
}

static err_t parse_ns(zone_specials_t *specials, text_t line, const char **why)
{
	zone_ns_t *ns = malloc(sizeof(*ns));

	if (ns == NULL)
		return ERR_NOMEM;
	ns->count = 0;
	ns->is_broken = false;
	err_t err = specials_parse_ttl(specials, text_take_word(&line), &ns->ttl_s)
			    ? parse_ns_names(ns, line, why)
			    : text_reject(why, why_ns);
	/* A line that names none but servers commented out is not the first one either. */
	if (err == ERR_SYNTAX || ns->count == 0 || specials->ns != NULL)
		free(ns);
	else
		specials->ns = ns;
	return err;
}

static err_t parse_ttl(zone_specials_t *specials, text_t line, const char **why)
{
	text_t word = text_take_word(&line);
	uint32_t ttl_s;

	if (!text_is_empty(line) || !parse_duration(word, &ttl_s))
		return text_reject(why, "expected: $TTL time (a number and one of s m h d w)");
	/* $TTL 0 returns to the default, whatever a $TTL before it said. */
	specials->ttl_s = specials->settings->ttl_default_s;
	return specials_parse_ttl(specials, word, &specials->ttl_s) ? ERR_OK : ERR_SYNTAX;
}

static err_t parse_max_range4(zone_specials_t *specials, text_t line, const char **why)
{
	text_t word = text_take_word(&line);
	bool is_length = text_at(word, '/');
	uint32_t number;

	if (is_length)
		word.at++;
	if (!text_is_empty(line) || !parse_number(word, &number) ||
	    (is_length ? number > 32 : number == 0))
		return text_reject(why, "expected: $MAXRANGE4 /length or $MAXRANGE4 addresses");
	uint64_t addresses = is_length ? (uint64_t)1 << (32 - number) : number;
	if (addresses > specials->max_range4)
		return text_reject(why, "$MAXRANGE4 can only be lowered; the smaller one stays");
	specials->max_range4 = addresses;
	return ERR_OK;
}

const char specials_why_future[] =
	"$TIMESTAMP is in the future: the data, or this computer's clock, are wrong";

/* Every line counts: the earliest end is that of the data. */
static err_t parse_timestamp(zone_specials_t *specials, text_t line, const char **why)
{
	static const char usage[] = "expected: $TIMESTAMP yyyy:mm:dd[:hh[:mi[:ss]]] [expires], "
				    "expires being such a time (UTC) or +time";
	text_t word = text_take_word(&line);
	time_t written;
	time_t expires = 0;
	uint32_t validity_s;

	if (!timestamp_parse(word, &written))
		return text_reject(why, usage);
	word = text_take_word(&line);
	if (text_at(word, '+') && written != 0) {
		word.at++;
		if (!parse_duration(word, &validity_s) || validity_s == 0)
			return text_reject(why, usage);
		expires = written + (time_t)validity_s;
	} else if (!text_is_empty(word) && !timestamp_parse(word, &expires)) {
		return text_reject(why, usage);
	}
	if (!text_is_empty(line))
		return text_reject(why, usage);
	if (written > specials->now) {
		*why = specials_why_future;
		return ERR_LOAD;
	}
	if (written > specials->written)
		specials->written = written;
	if (expires != 0 && (specials->expires == 0 || expires < specials->expires))
		specials->expires = expires;
	return ERR_OK;
}

static err_t reject_dataset(zone_specials_t *specials, text_t line, const char **why)
{
	(void)specials;
	(void)line;
	return text_reject(why, "$DATASET is for combined data sets only");
}

/* Each has the bit of `broken` that its place says. */
static const struct {
	const char *keyword; /* behind a dollar sign */
	/* NULL: one type of data sets reads it itself, and to the others it is unknown. */
	err_t (*parse)(zone_specials_t *specials, text_t line, const char **why);
} known[] = {
	{ "$DATASET", reject_dataset },
	{ "$SOA", parse_soa },
	{ "$NS", parse_ns },
	{ "$TTL", parse_ttl },
	{ "$MAXRANGE4", parse_max_range4 },
	{ "$TIMESTAMP", parse_timestamp },
	{ "$QUOTA", NULL },
};

const char *specials_broken_keyword(unsigned broken)
{
	for (size_t i = 0; i < COUNT_OF(known); i++)
		if ((broken & 1u << i) != 0)
			return known[i].keyword;
	return "$";
}

err_t specials_parse(zone_specials_t *specials, text_t line, const char **why)
{
	static const char no_value[] = "a keyword and its value must follow the dollar sign";
	text_t keyword = text_take_word(&line);

	for (size_t i = 0; i < COUNT_OF(known); i++) {
		if (known[i].parse == NULL || !text_is_word(keyword, known[i].keyword + 1))
			continue;
		err_t err = text_is_empty(line) ? text_reject(why, no_value)
						: known[i].parse(specials, line, why);
		if (err == ERR_SYNTAX)
			specials->broken |= 1u << i;
		return err;
	}
	if (text_is_empty(keyword) || text_is_empty(line)) {
		specials->broken |= SPECIALS_BROKEN_OTHER;
		return text_reject(why, no_value);
	}
	if (text_size(keyword) == 1 && *keyword.at >= '0' && *keyword.at <= '9')
		return set_variable(&specials->variables.digits[*keyword.at - '0'], line);
	if (text_is_word(keyword, "="))
		return set_variable(&specials->variables.base, line);
	specials->broken |= SPECIALS_BROKEN_OTHER;
	return text_reject(
		why, "unknown keyword (known: $SOA $NS $TTL $TIMESTAMP $MAXRANGE4 $= $0..$9)");
}
