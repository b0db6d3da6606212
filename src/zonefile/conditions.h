/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_CONDITIONS_H
#define SPURN_ZONEFILE_CONDITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "zonefile/text.h"

/* Entry parameters, a language of rspamd's rbldnsd: what follows " @ " at the end of an entry says
 * under which conditions it is seen.
 *
 *     ts=UNIX;delay=TIME   not before that many seconds since 1970, plus the delay
 *     key=require          only by queries that carry a key (aclkey)
 *     key=nodelay          by those that carry a key also before
 *
 * Parameters are separated by ; or : and end where a comment begins: # or ; behind a blank. */
typedef struct zone_conditions {
	int64_t visible_from; /* seconds since 1970; 0: always */
	bool needs_key;
	bool key_skips_delay;
} zone_conditions_t;

/* Takes the parameters off the end of `value`, and the blanks before them, and reads them. Without
 * any, `*conditions` are none. Returns NULL; or, when one of them has no effect, why (static text):
 * the others have theirs. */
const char *conditions_split(text_t *value, zone_conditions_t *conditions) ATTR_NONNULL_ALL;

static inline bool conditions_are_none(const zone_conditions_t *conditions)
{
	return conditions->visible_from == 0 && !conditions->needs_key &&
	       !conditions->key_skips_delay;
}

/* Is an entry with these conditions seen at `now` (seconds since 1970) by a query that carries a key
 * or not? */
static inline bool conditions_are_met(const zone_conditions_t *conditions, int64_t now,
				      bool has_key)
{
	if (conditions->needs_key && !has_key)
		return false;
	return now >= conditions->visible_from || (conditions->key_skips_delay && has_key);
}

#endif
