/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_LIMITS_H
#define SPURN_CATALOG_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/ip6.h"
#include "base/notice_board.h"
#include "base/rate.h"
#include "catalog/networks.h"
#include "dataset/acl.h"

/* Who may have how many replies: limits for prefixes of clients, so that this server is no good for
 * sending a flood to somebody else (response rate limiting), and quotas for keys of aclkey. One
 * object for all threads; it outlives generations, so a reload lets nobody start anew. */
typedef struct limits limits_t;

/* What is limited, and how; plain data, but for the networks. */
typedef struct limits_options {
	rate_t rate;         /* of replies to each prefix */
	unsigned slip;       /* one in so many of the replies over it is sent cut short; 0: none */
	unsigned ip4_length; /* 1..32; bits of a prefix */
	unsigned ip6_length; /* 1..128 */
	size_t slots;        /* prefixes that there is room for, 1..RATE_TABLE_MAX */
	networks_t exempt;   /* clients without a limit */
	rate_t key_quota;    /* of each key that no file says anything else of */
} limits_options_t;

/* No limits; /24 and /56, every other reply, one MiB. */
extern const limits_options_t limits_default_options;

/* New limits; `options` is copied, and what its `exempt` holds must last as long as they do. The
 * caller frees them. Returns ERR_OK or ERR_NOMEM. */
err_t limits_new(const limits_options_t *options,
		 limits_t **limits) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* NULL is fine. */
void limits_free(limits_t *limits);

/* Is there a limit for prefixes at all? */
bool limits_have_rate(const limits_t *limits) ATTR_NONNULL_ALL;

/* What becomes of a reply. */
typedef enum limits_verdict {
	LIMITS_SEND,
	LIMITS_TRUNCATE, /* send it without data, and with TC, so that a real client asks over TCP */
	LIMITS_DROP,
} limits_verdict_t;

/* Asks for a reply over UDP to `client` (IPv4 v4-mapped), who is not known to be the one that he says
 * he is. `over` is the calling thread's own count of replies that were over a limit, which tells
 * whose turn it is to be cut short; it counts on. `now_ms` is steady. Only for limits_have_rate. Any
 * thread; never waits. */
limits_verdict_t limits_ask_reply(limits_t *limits, ip6_address_t client, unsigned *over,
				  uint64_t now_ms) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Is a query with the key that `quota` is about (see aclkey_lookup) within that quota? Counts it if
 * so. Any thread; never waits. */
bool limits_ask_key(limits_t *limits, const acl_quota_t *quota,
		    uint64_t now_ms) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Bytes of the texts below: enough for NOTICE_BOARD_PLACES keys, all of bytes that cannot be seen. */
#define LIMITS_TEXT_MAX 2048

/* Writes whom the limits have hit since the last call, some of them, into `text`: prefixes
 * ("192.0.2.0/24, 2001:db8::/56"), or keys. Returns how many. For one thread at a time. */
size_t limits_tell_prefixes(limits_t *limits, char text[LIMITS_TEXT_MAX]) ATTR_NONNULL_ALL;
size_t limits_tell_keys(limits_t *limits, char text[LIMITS_TEXT_MAX]) ATTR_NONNULL_ALL;

/* Must be called once an hour or so: forgets who has not come for long (rate_table_sweep). Any
 * thread. */
void limits_sweep(limits_t *limits, uint64_t now_ms) ATTR_NONNULL_ALL;

#endif
