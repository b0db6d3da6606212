/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_VALUE_H
#define SPURN_ZONEFILE_VALUE_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "zonefile/conditions.h"
#include "zonefile/text.h"

/* What a listed entry answers: an A record and, perhaps, the template of a TXT record. The text
 * points into what it was read from. */
typedef struct zone_value {
	uint8_t a[4];                 /* network byte order */
	text_t txt;                   /* the template as written; empty: no TXT */
	zone_conditions_t conditions; /* under which it is seen; none unless the caller sets them */
} zone_value_t;

/* 127.0.0.2 without TXT: the value where a file gives none. */
extern const zone_value_t zone_value_builtin;

/* Reads a value, leading blanks removed and not empty:
 *     :A:text    both
 *     :A:        A, no TXT
 *     :A         A, and the TXT of `fallback`
 *     text       the A of `fallback`, and the text
 * A may be short: 5 is 127.0.0.5; with dots as ip4_text_shorthand. `value` may be `fallback`.
 * Returns ERR_OK, or ERR_SYNTAX with a reason (static text) in `*why` and `value` unchanged. */
err_t zone_value_parse(text_t text, const zone_value_t *fallback, zone_value_t *value,
		       const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
