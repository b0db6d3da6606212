/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_OPTION_LIMITS_H
#define SPURN_DAEMON_OPTION_LIMITS_H

#include <stdbool.h>

#include "base/attributes.h"
#include "catalog/limits.h"

/* The values of the settings about limits; as in daemon/option_values.h. */

/* --rate-limit and --key-quota: as rate_parse takes it. */
bool option_rate(const char *name, const char *text, rate_t *rate) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* --rate-limit-slip: a number from 0 on. */
bool option_slip(const char *name, const char *text,
		 limits_options_t *limits) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* --rate-limit-prefix: bits of IPv4 prefixes and, behind a comma, of IPv6 ones; one of them may be
 * left out ("24,56", "32", ",64"). */
bool option_prefix(const char *name, const char *text,
		   limits_options_t *limits) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* --rate-limit-exempt: adds networks. */
bool option_exempt(const char *name, const char *text,
		   limits_options_t *limits) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* --rate-limit-table: a number of prefixes. */
bool option_table(const char *name, const char *text,
		  limits_options_t *limits) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
