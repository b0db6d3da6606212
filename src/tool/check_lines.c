/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What is wrong with one line, seen by itself. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset/types.h"
#include "dns/name.h"
#include "tool/checker.h"
#include "zonefile/ip4_text.h"
#include "zonefile/ip6_text.h"

/* Bytes of a fix. */
#define FIX_MAX 256

/* An IPv4 entry is too wide from so many addresses on: a /8. */
#define WIDE_IP4 (UINT64_C(1) << 24)
/* And an IPv6 entry from this prefix length down: more than any one network has been given. */
#define WIDE_IP6_LENGTH 16

/* Longest subjects: addresses and names. */
#define SUBJECT_IP4  "255.255.255.255"
#define SUBJECT_IP6  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
#define SUBJECT_NAME "a-domain-name.example"

/* From this time on a negative answer stays in caches longer than anyone wants a new listing to take
 * (RFC 2308 section 5: one to three hours are good values, more than a day is problematic). */
#define MINIMUM_MAX_S 86400

/* Data that expire within that time are told of. */
#define EXPIRES_SOON_S 86400

/* What names in lists consist of, wildcards included. */
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_*"

/* ---- Lines that were skipped. ---- */

static bool has_only(text_t text, const char *characters)
{
	for (; !text_is_empty(text); text.at++)
		if (*text.at == '\0' || strchr(characters, *text.at) == NULL)
			return false;
	return true;
}

static bool is_ip6(text_t word)
{
	return !text_at(word, ':') && !text_is_empty(word) &&
	       memchr(word.at, ':', text_size(word)) != NULL &&
	       has_only(word, "0123456789abcdefABCDEF:/");
}

static bool is_name(text_t word)
{
	uint8_t name[DNS_NAME_MAX];
	size_t size;

	return dns_name_from_text(word.at, text_size(word), name, &size) == ERR_OK && size > 1 &&
	       has_only(word, NAME_CHARACTERS) && !has_only(word, "0123456789.-");
}

/* The fix for host bits: the network that is meant, perhaps. */
static bool fix_host_bits(const dataset_type_t *type, text_t line, char fix[FIX_MAX])
{
	char network[IP6_TEXT_SIZE];
	const char *why;
	uint32_t ip4;
	ip6_address_t ip6;
	unsigned length;
	text_t rest = line;
	text_t strict = line;
	text_t word = text_take_word(&rest);
	const char *slash = text_is_empty(word) ? NULL : memchr(word.at, '/', text_size(word));

	if (slash == NULL)
		return false;
	if (type->key == DATASET_KEY_IP6) {
		if (ip6_text_prefix(&strict, false, &ip6, &length, &why) == ERR_OK ||
		    ip6_text_prefix(&line, true, &ip6, &length, &why) != ERR_OK)
			return false;
		(void)ip6_text_write(ip6, network);
	} else {
		if (ip4_text_prefix(&strict, false, &ip4, &length, &why) == ERR_OK ||
		    ip4_text_prefix(&line, true, &ip4, &length, &why) != ERR_OK)
			return false;
		(void)snprintf(network, sizeof(network), "%u.%u.%u.%u", ip4 >> 24, ip4 >> 16 & 0xff,
			       ip4 >> 8 & 0xff, ip4 & 0xff);
	}
	(void)snprintf(fix, FIX_MAX, "write %s/%u for the network, or %.*s for the address",
		       network, length, (int)(slash - word.at), word.at);
	return true;
}

/* Is what the line starts with good for another type? Then that may be what is wrong. */
static const char *fix_type(const dataset_type_t *type, text_t line)
{
	const char *why;
	ip4_range_t range;
	text_t copy = line;

	if (ip4_text_range(&copy, false, &range, &why) == ERR_OK)
		return type->key == DATASET_KEY_IP6
			       ? "an IPv4 address belongs into an ip4set or ip4trie"
			       : "an ip4set takes all forms of prefixes and ranges";
	text_t word = text_take_word(&line);
	if (type->key == DATASET_KEY_IP4 && is_ip6(word))
		return "an IPv6 address belongs into an ip6trie";
	return is_name(word) ? "a domain name belongs into a dnset" : NULL;
}

void check_bad_line(checker_t *checker, const dataset_loader_t *loader, const char *reason)
{
	char words[FIX_MAX];
	char computed[FIX_MAX];
	const char *fix = NULL;
	text_t line = checker->line;
	size_t size = strlen(reason);
	const char *bracket = strrchr(reason, '(');

	if (!checker_wants(checker, CHECK_BAD_LINE)) {
		checker_report(checker, loader, CHECK_BAD_LINE, NULL, NULL, " ");
		return;
	}
	/* A reason's last words in brackets tell what to write instead. */
	if (bracket != NULL && bracket > reason && reason[size - 1] == ')' && size < FIX_MAX) {
		(void)snprintf(words, sizeof(words), "%.*s",
			       (int)(reason + size - 1 - (bracket + 1)), bracket + 1);
		fix = words;
		size = (size_t)(bracket - 1 - reason);
	}
	text_t special = line;
	if (text_at(line, '!'))
		line.at++;
	text_skip_blanks(&line);
	bool is_of_addresses =
		loader->type->key == DATASET_KEY_IP4 || loader->type->key == DATASET_KEY_IP6;
	if (is_of_addresses && !specials_is_line(&special) && loader->at == line.at) {
		const char *type_fix = NULL;
		if (fix_host_bits(loader->type, line, computed))
			fix = computed;
		else if ((type_fix = fix_type(loader->type, line)) != NULL)
			fix = type_fix;
	}
	checker_report(checker, loader, CHECK_BAD_LINE, loader->at, fix,
		       "%.*s; the line is skipped", (int)size, reason);
}

/* ---- Values. ---- */

static void check_a(checker_t *checker, const check_set_t *set, text_t text,
		    const zone_value_t *value)
{
	static const uint8_t loopback[] = { 127, 0, 0, 1 };
	const uint8_t *a = value->a;

	if (!text_at(text, ':'))
		return;
	if (a[0] != 127)
		checker_report(checker, set->loader, CHECK_A_VALUE, text.at,
			       "write all of it, such as :127.0.0.2:",
			       "the A value is %u.%u.%u.%u; clients take only 127.0.0.0/8 for a "
			       "listing (RFC 5782 section 2.1)",
			       a[0], a[1], a[2], a[3]);
	else if (memcmp(a, loopback, sizeof(loopback)) == 0)
		checker_report(checker, set->loader, CHECK_A_VALUE, text.at,
			       "127.0.0.2 is what lists answer",
			       "the A value is 127.0.0.1, which clients do not take for a listing");
}

/* Notes which variables `text` uses. */
static void note_variables(const checker_t *checker, check_set_t *set, text_t text)
{
	while (!text_is_empty(text)) {
		const char *dollar = memchr(text.at, '$', text_size(text));
		if (dollar == NULL || dollar + 1 == text.end)
			return;
		char name = dollar[1];
		text.at = dollar + (name == '$' ? 2 : 1);
		if (name < '0' || name > '9')
			continue;
		check_use_t *use = &set->uses[name - '0'];
		if (use->count++ == 0) {
			use->file = checker->file;
			use->line = checker->number;
		}
	}
}

static const char *longest_subject(const dataset_type_t *type)
{
	if (type->key == DATASET_KEY_IP4)
		return SUBJECT_IP4;
	return type->key == DATASET_KEY_IP6 ? SUBJECT_IP6 : SUBJECT_NAME;
}

/* Is the text cut when it is served, with the variables as they are now? */
static bool is_text_cut(const check_set_t *set, text_t text)
{
	const zone_specials_t *specials = &set->loader->specials;
	uint8_t compiled[TEMPLATE_COMPILED_MAX];
	uint8_t expanded[TEMPLATE_TEXT_MAX];
	const char *subject = longest_subject(set->loader->type);

	/* Most texts are short, and say nothing but what they say. */
	if (text_size(text) > DNS_STRING_MAX || text_is_empty(text))
		return false; /* the loader has told */
	bool is_plain = text_is_empty(specials->variables.base) &&
			memchr(text.at, '$', text_size(text)) == NULL;
	if (is_plain)
		return text_size(text) > TEMPLATE_TEXT_MAX;
	size_t size = template_compile(text, &specials->variables, compiled);
	return size > 0 &&
	       template_expand(compiled, subject, strlen(subject), expanded) == TEMPLATE_TEXT_MAX;
}

void check_value(checker_t *checker, check_set_t *set, text_t text, const zone_value_t *value)
{
	check_a(checker, set, text, value);
	note_variables(checker, set, value->txt);
	if (!is_text_cut(set, value->txt))
		return;
	/* The text may be that of the default line. */
	bool is_own = value->txt.at >= checker->line.at && value->txt.at <= checker->line.end;
	checker_report(checker, set->loader, CHECK_PARTIAL, is_own ? value->txt.at : text.at,
		       "shorten it",
		       "the text, with all that is filled in, reaches %u bytes; more is cut off",
		       (unsigned)TEMPLATE_TEXT_MAX);
}

void check_variables(checker_t *checker, const check_set_t *set)
{
	const template_variables_t *variables = &set->loader->specials.variables;

	for (unsigned i = 0; i < COUNT_OF(set->uses); i++) {
		const check_use_t *use = &set->uses[i];
		if (use->count == 0 || !text_is_empty(variables->digits[i]))
			continue;
		check_problems_add(&checker->result->problems[use->file], CHECK_UNSET_VARIABLE,
				   use->line, 0,
				   "set it in a line of its own, or write $$ for a dollar sign",
				   "$%u is never set, so readers see \"$%u\"; it is used %llu "
				   "time(s), here first",
				   i, i, (unsigned long long)use->count);
	}
}

/* ---- Specials. ---- */

static void check_soa(checker_t *checker, const check_set_t *set)
{
	const dataset_loader_t *loader = set->loader;
	const zone_soa_t *soa = loader->specials.soa;

	if (memchr(soa->rname + 1, '@', soa->rname[0]) != NULL || soa->rname[0] == 0 ||
	    soa->rname[soa->rname[0] + 1u] == 0)
		checker_report(checker, loader, CHECK_SOA, loader->at,
			       "write hostmaster.example.com for hostmaster@example.com",
			       "the mailbox of $SOA is no mailbox written as a name");
	if (soa->expire_s <= soa->refresh_s)
		checker_report(checker, loader, CHECK_SOA, loader->at,
			       "expire is a week or more, refresh some hours",
			       "$SOA expires before it is refreshed");
	if (soa->minimum_s > MINIMUM_MAX_S)
		checker_report(
			checker, loader, CHECK_SOA, loader->at,
			"an hour or less is usual for a list",
			"the minimum of $SOA is more than a day: so long a new listing is not "
			"seen by those who asked before");
}

static void check_timestamp(checker_t *checker, const check_set_t *set)
{
	const dataset_loader_t *loader = set->loader;
	const zone_specials_t *specials = &loader->specials;

	if (specials->expires == 0 || specials->expires > specials->now + EXPIRES_SOON_S)
		return;
	if (specials->expires <= specials->now)
		checker_report(checker, loader, CHECK_TIMESTAMP, loader->at, "fetch newer data",
			       "the data have expired: every query of the zone is answered "
			       "SERVFAIL");
	else
		checker_report(checker, loader, CHECK_TIMESTAMP, loader->at, "fetch newer data",
			       "the data expire in less than a day");
}

/* Reports a line that would say what another one has said already. */
static void report_repeated(checker_t *checker, const check_set_t *set, const char *what)
{
	checker_report(checker, set->loader, CHECK_IGNORED, set->loader->at, "remove one of them",
		       "ignored: the first %s counts", what);
}

/* A variable keeps what it was set to first. */
static void check_variable(checker_t *checker, const check_set_t *set, text_t variable, text_t text,
			   const char *what)
{
	if (text_size(variable) != text_size(text) ||
	    memcmp(variable.at, text.at, text_size(text)) != 0)
		report_repeated(checker, set, what);
}

void check_special(checker_t *checker, check_set_t *set, text_t line)
{
	const zone_specials_t *specials = &set->loader->specials;
	const template_variables_t *variables = &specials->variables;
	text_t keyword = text_take_word(&line);

	if (text_is_word(keyword, "SOA")) {
		if (set->has_soa)
			report_repeated(checker, set, "$SOA");
		else if (specials->soa != NULL)
			check_soa(checker, set);
		set->has_soa = specials->soa != NULL;
	} else if (text_is_word(keyword, "NS")) {
		if (set->has_ns)
			report_repeated(checker, set, "$NS");
		set->has_ns = specials->ns != NULL;
	} else if (text_is_word(keyword, "TTL")) {
		if (set->has_ttl && set->loader->type != &dataset_generic)
			checker_report(checker, set->loader, CHECK_IGNORED, set->loader->at,
				       "keep one of them",
				       "not the first $TTL: the last one holds for all entries, "
				       "wherever they stand");
		set->has_ttl = true;
	} else if (text_is_word(keyword, "TIMESTAMP")) {
		check_timestamp(checker, set);
	} else if (text_is_word(keyword, "=")) {
		check_variable(checker, set, variables->base, line, "$=");
		note_variables(checker, set, line);
	} else if (text_size(keyword) == 1 && *keyword.at >= '0' && *keyword.at <= '9') {
		check_variable(checker, set, variables->digits[*keyword.at - '0'], line,
			       "line for a variable");
	}
}

/* ---- Entries. ---- */

/* A name that no host can have, as the start of a comment, or an address, makes it. */
static void check_name(checker_t *checker, const dataset_loader_t *loader, const uint8_t *name)
{
	bool has_letter = false;
	unsigned char odd = 0;

	while (*name != 0) {
		for (unsigned i = *name++; i > 0; i--, name++) {
			bool is_letter = *name >= 'a' && *name <= 'z';
			bool is_digit = *name >= '0' && *name <= '9';
			has_letter |= !is_digit;
			if (!is_letter && !is_digit && *name != '-' && *name != '_' && *name != '*')
				odd = *name;
		}
	}
	if (odd > 0x7f)
		checker_report(checker, loader, CHECK_ODD_NAME, checker->line.at,
			       "write it as it is in the DNS: xn--...",
			       "a name with bytes that are not ASCII");
	else if (odd != 0)
		checker_report(checker, loader, CHECK_ODD_NAME, checker->line.at,
			       "put a blank before a comment; of a URL, leave only the name",
			       "a name with a character that no host name has ('%c')",
			       odd > 0x20 && odd < 0x7f ? (char)odd : '?');
	else if (!has_letter)
		checker_report(checker, loader, CHECK_ODD_NAME, checker->line.at,
			       "an address belongs into an ip4set",
			       "an address in a list of names is found as it is written only");
}

void check_entry(checker_t *checker, const dataset_loader_t *loader, const dataset_entry_t *entry)
{
	check_dataset_t *result = checker->result;
	const public_suffixes_t *suffixes = checker->settings->suffixes;
	unsigned points = check_points_of_entry(entry);
	const char *at = checker->line.at;

	for (unsigned i = 0; points >> i != 0; i++)
		if ((points >> i & 1) != 0)
			result->places[i] = (check_place_t){ loader->file, checker->number };
	/* An access list may well be about everyone. */
	if (entry->value == 0 || loader->type->key == DATASET_KEY_NONE)
		return;
	if (entry->kind == DATASET_ENTRY_IP4) {
		uint64_t count = (uint64_t)entry->key.ip4.last - entry->key.ip4.first + 1;
		if (count >= WIDE_IP4)
			checker_report(checker, loader, CHECK_WIDE_RANGE, at,
				       "list the networks that are meant",
				       "lists %llu addresses, as many as a /8 or more",
				       (unsigned long long)count);
	} else if (entry->kind == DATASET_ENTRY_IP6) {
		if (entry->key.ip6.length <= WIDE_IP6_LENGTH)
			checker_report(checker, loader, CHECK_WIDE_RANGE, at,
				       "list the networks that are meant",
				       "lists a /%u, more than any one network has",
				       entry->key.ip6.length);
	} else if (entry->kind == DATASET_ENTRY_NAME) {
		checker->has_names = true;
		check_name(checker, loader, entry->key.name.name);
		if (suffixes != NULL && public_suffixes_has(suffixes, entry->key.name.name))
			checker_report(checker, loader, CHECK_PUBLIC_SUFFIX, at,
				       "list the names that are meant",
				       "a public suffix: anyone can have a name below it");
	}
}
