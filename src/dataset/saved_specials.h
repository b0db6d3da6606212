/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_SAVED_SPECIALS_H
#define SPURN_DATASET_SAVED_SPECIALS_H

#include <jansson.h>

#include "base/attributes.h"
#include "base/error.h"
#include "zonefile/specials.h"

/* What a data set's lines with a dollar sign said, in the header of a compiled file (dataset/saved.h):
 *
 *     ttl        seconds; 0: the server's default
 *     written    $TIMESTAMP: seconds since 1970; 0: there is none
 *     expires    likewise
 *     broken     bits, see zonefile/specials.h; 0: all could be read
 *     soa        {ttl, mname, rname, serial, refresh, retry, expire, minimum}, or null
 *     ns         {ttl, is_broken, names}, or null
 *     variables  {"0".."9", "=": text}, those that are set
 *
 * Names are as in zone files. Texts that are no UTF-8 are {"hex": the bytes}. */

/* A string of `size` bytes, whatever they are. The caller owns it; NULL for want of memory. */
json_t *saved_text(const char *text, size_t size) ATTR_NONNULL_ALL;

/* Adds all to `about`. Returns ERR_OK or ERR_NOMEM. */
err_t saved_specials_write(const zone_specials_t *specials,
			   json_t *about) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Fills in `specials`, which specials_init has made, with the TTLs that its settings make of those written;
 * without the variables, which have had their effect. Believes nothing. Returns ERR_OK; ERR_LOAD when
 * they must not be served now, or ERR_INVAL when they are none, both with the reason in `*why`, a static
 * text; or ERR_NOMEM. The caller clears `specials` in any case. */
err_t saved_specials_read(const json_t *about, zone_specials_t *specials,
			  const char **why) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
