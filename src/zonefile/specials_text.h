/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_SPECIALS_TEXT_H
#define SPURN_ZONEFILE_SPECIALS_TEXT_H

#include <stdio.h>

#include "base/attributes.h"
#include "zonefile/specials.h"

/* Specials written back as lines of a zone file: the reverse of specials.h. A TTL that is the default of the
 * specials' settings is left to that. Variables are not written: they have had their effect.
 * Whether writing failed, ferror tells. */

/* Writes $TIMESTAMP, $SOA and $NS, before which there must be no $TTL, as they would take theirs from it. */
void specials_text_write_zone(const zone_specials_t *specials, FILE *out) ATTR_NONNULL_ALL;

/* Writes $TTL if it is another one than `inherited_s`. */
void specials_text_write_ttl(const zone_specials_t *specials, uint32_t inherited_s,
			     FILE *out) ATTR_NONNULL_ALL;

/* Writes $MAXRANGE4, if there is a limit: behind all entries, for it may have come behind some. */
void specials_text_write_range(const zone_specials_t *specials, FILE *out) ATTR_NONNULL_ALL;

#endif
