/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rate_table.h"
#include "base/secret_hash.h"
#include "dns/name.h"
#include "zonefile/ip4_text.h"
#include "zonefile/ip6_text.h"

/* Bits in front of the IPv4 address in a v4-mapped one. */
#define MAPPED_LENGTH 96

/* Slots for keys: half a MiB, of which only what is used takes memory. No stranger can fill it, for
 * only keys that are in a file come here. */
#define KEY_SLOTS 65536u

struct limits {
	limits_options_t options;
	rate_table_t *prefixes; /* NULL: no limit for them */
	rate_table_t *keys;
	/* Each with cache lines of its own: they are written to while the rest is read. */
	_Alignas(128) notice_board_t prefix_notices;
	_Alignas(128) notice_board_t key_notices;
};

const limits_options_t limits_default_options = {
	.slip = 2,
	.ip4_length = 24,
	.ip6_length = 56,
	.slots = 131072,
};

err_t limits_new(const limits_options_t *options, limits_t **limits)
{
	limits_t *made = aligned_alloc(_Alignof(limits_t), sizeof(*made));
	err_t err = ERR_OK;

	if (made == NULL)
		return ERR_NOMEM;
	memset(made, 0, sizeof(*made));
	made->options = *options;
	if (rate_is_limit(&options->rate))
		err = rate_table_new(options->slots, &made->prefixes);
	if (err == ERR_OK)
		err = rate_table_new(KEY_SLOTS, &made->keys);
	if (err != ERR_OK) {
		limits_free(made);
		return err;
	}
	*limits = made;
	return ERR_OK;
}

void limits_free(limits_t *limits)
{
	if (limits == NULL)
		return;
	rate_table_free(limits->prefixes);
	rate_table_free(limits->keys);
	free(limits);
}

bool limits_have_rate(const limits_t *limits)
{
	return limits->prefixes != NULL;
}

/* Whose limit it is that `client` has. */
static ip6_address_t prefix_of(const limits_options_t *options, ip6_address_t client)
{
	unsigned length =
		ip6_is_mapped(client) ? MAPPED_LENGTH + options->ip4_length : options->ip6_length;

	return ip6_first(client, length);
}

limits_verdict_t limits_ask_reply(limits_t *limits, ip6_address_t client, unsigned *over,
				  uint64_t now_ms)
{
	const limits_options_t *options = &limits->options;

	if (networks_have(&options->exempt, client))
		return LIMITS_SEND;
	ip6_address_t prefix = prefix_of(options, client);
	uint64_t hash = secret_hash(&prefix, sizeof(prefix));
	if (rate_table_take(limits->prefixes, hash, &options->rate, now_ms))
		return LIMITS_SEND;
	notice_board_put(&limits->prefix_notices, hash, &prefix, sizeof(prefix));
	if (options->slip == 0 || ++*over % options->slip != 0)
		return LIMITS_DROP;
	return LIMITS_TRUNCATE;
}

bool limits_ask_key(limits_t *limits, const acl_quota_t *quota, uint64_t now_ms)
{
	const rate_t *rate = quota->is_own ? &quota->rate : &limits->options.key_quota;

	if (!rate_is_limit(rate) || rate_table_take(limits->keys, quota->hash, rate, now_ms))
		return true;
	notice_board_put(&limits->key_notices, quota->hash, quota->label, 1u + quota->label[0]);
	return false;
}

static void print_prefix(const limits_options_t *options, const notice_t *notice,
			 char text[DNS_NAME_TEXT_MAX])
{
	char address[IP6_TEXT_SIZE];
	ip6_address_t prefix;
	unsigned length = options->ip6_length;

	memcpy(&prefix, notice->data, sizeof(prefix));
	if (ip6_is_mapped(prefix)) {
		length = options->ip4_length;
		ip4_text_write((uint32_t)prefix.low, address);
	} else {
		ip6_text_write(prefix, address);
	}
	snprintf(text, DNS_NAME_TEXT_MAX, "%s/%u", address, length);
}

static void print_key(const limits_options_t *options, const notice_t *notice,
		      char text[DNS_NAME_TEXT_MAX])
{
	uint8_t name[NOTICE_MAX + 1] = { 0 }; /* a label and the root */

	(void)options;
	memcpy(name, notice->data, notice->size);
	dns_name_to_text(name, text);
}

typedef void print_t(const limits_options_t *options, const notice_t *notice,
		     char text[DNS_NAME_TEXT_MAX]);

/* Writes what is on the board, with commas. */
static size_t tell(const limits_t *limits, notice_board_t *board, print_t *print, char *text)
{
	notice_t notices[NOTICE_BOARD_PLACES];
	size_t count = notice_board_take(board, notices);
	char one[DNS_NAME_TEXT_MAX];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count && used < LIMITS_TEXT_MAX; i++) {
		print(&limits->options, &notices[i], one);
		used += (size_t)snprintf(text + used, LIMITS_TEXT_MAX - used, "%s%s",
					 i > 0 ? ", " : "", one);
	}
	return count;
}

size_t limits_tell_prefixes(limits_t *limits, char text[LIMITS_TEXT_MAX])
{
	return tell(limits, &limits->prefix_notices, print_prefix, text);
}

size_t limits_tell_keys(limits_t *limits, char text[LIMITS_TEXT_MAX])
{
	return tell(limits, &limits->key_notices, print_key, text);
}

void limits_sweep(limits_t *limits, uint64_t now_ms)
{
	if (limits->prefixes != NULL)
		(void)rate_table_sweep(limits->prefixes, now_ms);
	(void)rate_table_sweep(limits->keys, now_ms);
}
