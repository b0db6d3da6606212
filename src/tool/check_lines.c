/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What is wrong with one line, seen by itself. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset/generic_record.h"
#include "base/plural.h"
#include "dataset/types.h"
#include "dns/name.h"
#include "tool/checker.h"

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

/* Bytes of the text when it is served, with the variables as they are now, for a long subject. */
static size_t served_size(const check_set_t *set, text_t text)
{
	const zone_specials_t *specials = &set->loader->specials;
	uint8_t compiled[TEMPLATE_COMPILED_MAX];
	uint8_t expanded[DNS_TEXT_MAX];
	const char *subject = longest_subject(set->loader->type);

	/* Most texts say nothing but what they say. */
	bool is_plain = text_is_empty(specials->variables.base) &&
			(text_is_empty(text) || memchr(text.at, '$', text_size(text)) == NULL);
	if (is_plain)
		return text_size(text);
	size_t size = template_compile(text, &specials->variables, compiled);
	return size == 0 ? 0 : template_expand(compiled, subject, strlen(subject), expanded);
}

static void report_long_text(checker_t *checker, const dataset_loader_t *loader, const char *at)
{
	checker_report(checker, loader, CHECK_LONG_TEXT, at, "shorten it",
		       "the text is longer than one string holds, with all that is filled in (%u "
		       "bytes): it is sent as several, and there are clients that read only the "
		       "first",
		       (unsigned)DNS_STRING_MAX);
}

void check_value(checker_t *checker, check_set_t *set, text_t text, const zone_value_t *value)
{
	check_a(checker, set, text, value);
	note_variables(checker, set, value->txt);
	size_t size = served_size(set, value->txt);
	if (size <= DNS_STRING_MAX || text_size(value->txt) > DNS_TEXT_MAX)
		return; /* of one that is too long as it is written, the loader tells */
	/* The text may be that of the default line. */
	bool is_own = value->txt.at >= checker->line.at && value->txt.at <= checker->line.end;
	const char *at = is_own ? value->txt.at : text.at;
	if (size < DNS_TEXT_MAX || text_size(value->txt) == DNS_TEXT_MAX)
		report_long_text(checker, set->loader, at);
	else
		checker_report(checker, set->loader, CHECK_PARTIAL, at, "shorten it",
			       "the text, with all that is filled in, reaches %u bytes; more is "
			       "cut off",
			       (unsigned)DNS_TEXT_MAX);
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
				   "time%s, here first",
				   i, i, (unsigned long long)use->count, plural(use->count));
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
	if (entry->kind == DATASET_ENTRY_RECORD && entry->key.record->type == DNS_TYPE_TXT &&
	    entry->key.record->rdata_size > DNS_TXT_SIZE(DNS_STRING_MAX))
		report_long_text(checker, loader, at);
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
