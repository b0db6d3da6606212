/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What may have been meant by a line that was skipped. */

#include <stdio.h>
#include <string.h>

#include "dns/name.h"
#include "tool/checker.h"
#include "zonefile/ip4_text.h"
#include "zonefile/ip6_text.h"

/* Bytes of a fix. */
#define FIX_MAX 256

/* What names in lists consist of, wildcards included. */
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_*"

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
