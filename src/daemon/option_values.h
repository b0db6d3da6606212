/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_OPTION_VALUES_H
#define SPURN_DAEMON_OPTION_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "catalog/catalog.h"
#include "daemon/sandbox.h"
#include "net/steering.h"

/* The values of single settings, wherever they come from. `name` is what messages call the setting: as
 * it was given, "-t" or "--ttl" or "spurnd.conf:12: ttl". Each function returns false, and has logged
 * what is wrong and what would be right, when `text` is no good; then the setting is left unchanged. */

/* Most worker threads. More than one per CPU only costs memory. */
#define WORKERS_MAX 256

/* One worker for each CPU that this process may run on: the value without --workers. */
unsigned option_default_workers(void);

/* --workers: 1..WORKERS_MAX. */
bool option_workers(const char *name, const char *text,
		    unsigned *workers) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* --steer: random, cpu or hash. */
bool option_steer(const char *name, const char *text,
		  steering_t *steering) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Most connections: what one address has ports for, about. */
#define CONNECTIONS_MAX 65535

/* --tcp-connections and --tcp-per-client: 1..CONNECTIONS_MAX. */
bool option_count(const char *name, const char *text,
		  uint32_t *count) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* --tcp-idle, --tcp-message and --tcp-total: a duration of a second at least,
 * and a day at most. */
bool option_limit(const char *name, const char *text,
		  uint32_t *seconds) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* -c: a duration, in seconds. */
bool option_check(const char *name, const char *text,
		  uint32_t *seconds) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* -t: default:min:max, each a duration or left out. Where no default is given, that of rbldnsd, 35
 * minutes, is moved into the bounds: rbldnsd refuses "::2m", though its manual recommends it. */
bool option_ttl(const char *name, const char *text,
		catalog_options_t *catalog) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* -F: a facility's name in syslog(3), in lower case and without LOG_, as with rbldnsd. */
bool option_facility(const char *name, const char *text,
		     int *facility) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The name of this host, cut if need be: the value without --nsid. */
void option_default_nsid(char nsid[CATALOG_NSID_MAX + 1]) ATTR_NONNULL_ALL;

/* --nsid: at most CATALOG_NSID_MAX bytes of any kind. */
bool option_nsid(const char *name, const char *text,
		 char nsid[CATALOG_NSID_MAX + 1]) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* --max-udp-size: DNS_PLAIN_MAX..DNS_EDNS_SIZE. */
bool option_max_udp_size(const char *name, const char *text,
			 uint16_t *size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* --max-shrink: 0..100, with or without a percent sign. */
bool option_max_shrink(const char *name, const char *text,
		       unsigned *percent) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* --ent: nodata or nxdomain. */
bool option_ent(const char *name, const char *text,
		bool *is_nxdomain) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* --cookies, and in a configuration file whatever is an option without a value: yes or no, on or off,
 * true or false. */
bool option_flag(const char *name, const char *text, bool *flag) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* hide-version: no, yes (-v) or refuse (-vv). */
bool option_hide_version(const char *name, const char *text,
			 catalog_version_t *version) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* --sandbox: on, off or strict. */
bool option_sandbox(const char *name, const char *text,
		    sandbox_mode_t *mode) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
