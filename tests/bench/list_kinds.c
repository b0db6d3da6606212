/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "list_kinds.h"

#include <stdio.h>
#include <string.h>

static void ip4_entry(char *text, uint64_t area)
{
	sprintf(text, "%u.%u.%u.1\n", (unsigned)(1 + area % 220), (unsigned)(area >> 8 & 255),
		(unsigned)(area >> 16 & 255));
}

static void ip4_name(char *text, uint64_t area, bool is_whole)
{
	sprintf(text, "%s%u.%u.%u.ip4.test", is_whole ? "1." : "", (unsigned)(area >> 16 & 255),
		(unsigned)(area >> 8 & 255), (unsigned)(1 + area % 220));
}

static void ip6_entry(char *text, uint64_t area)
{
	sprintf(text, "2a%02x:%x:%x:%x:0:0:0:1\n", (unsigned)(area & 255),
		(unsigned)(area >> 8 & 0xffff), (unsigned)(area >> 24 & 0xffff),
		(unsigned)(area >> 40 & 0xffff));
}

static void ip6_name(char *text, uint64_t area, bool is_whole)
{
	uint64_t high = (uint64_t)0x2a << 56 | (area & 255) << 48 | (area >> 8 & 0xffff) << 32 |
			(area >> 24 & 0xffff) << 16 | (area >> 40 & 0xffff);

	text += sprintf(text, "%s", is_whole ? "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0." : "");
	for (unsigned i = 0; i < 16; i++, high >>= 4)
		text += sprintf(text, "%x.", (unsigned)(high & 15));
	strcpy(text, "ip6.test");
}

static void dns_entry(char *text, uint64_t area)
{
	sprintf(text, "www.d%u.%s\n", (unsigned)(area >> 8 & 0xffffff), area & 1 ? "com" : "org");
}

static void dns_name(char *text, uint64_t area, bool is_whole)
{
	sprintf(text, "%sd%u.%s.names.test", is_whole ? "www." : "",
		(unsigned)(area >> 8 & 0xffffff), area & 1 ? "com" : "org");
}

const list_kind_t list_kinds[LIST_KINDS] = {
	[LIST_IP4] = { "ip4.test", "ip4set", ip4_entry, ip4_name },
	[LIST_IP6] = { "ip6.test", "ip6trie", ip6_entry, ip6_name },
	[LIST_NAMES] = { "names.test", "dnset", dns_entry, dns_name },
};
