/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/option_values.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/duration.h"
#include "base/log.h"
#include "base/number.h"
#include "base/processors.h"
#include "dns/dns.h"

unsigned option_default_workers(void)
{
	unsigned count = processors_allowed();

	return count < WORKERS_MAX ? count : WORKERS_MAX;
}

bool option_workers(const char *name, const char *text, unsigned *workers)
{
	if (number_parse_unsigned(text, 1, WORKERS_MAX, workers))
		return true;
	log_error("%s %s: give a number of threads, 1 to %d", name, text, WORKERS_MAX);
	return false;
}

bool option_steer(const char *name, const char *text, steering_t *steering)
{
	for (int i = 0; i < STEERING_MODES; i++) {
		if (strcmp(text, steering_name((steering_t)i)) == 0) {
			*steering = (steering_t)i;
			return true;
		}
	}
	log_error("%s %s: give random (each query to any worker), cpu (to that of the CPU that it "
		  "came in by) or hash (all of a client's socket to one)",
		  name, text);
	return false;
}

bool option_count(const char *name, const char *text, uint32_t *count)
{
	if (number_parse_unsigned(text, 1, CONNECTIONS_MAX, count))
		return true;
	log_error("%s %s: give a number of connections, 1 to %d%s", name, text, CONNECTIONS_MAX,
		  strcmp(text, "0") == 0 ? "; --no-tcp is for none" : "");
	return false;
}

bool option_limit(const char *name, const char *text, uint32_t *seconds)
{
	uint32_t value;

	if (duration_parse(text, strlen(text), &value) == ERR_OK && value >= 1 && value <= 86400) {
		*seconds = value;
		return true;
	}
	log_error("%s %s: give a time of 1 second to 1 day, as in 10, 30s or 5m", name, text);
	return false;
}

bool option_check(const char *name, const char *text, uint32_t *seconds)
{
	if (duration_parse(text, strlen(text), seconds) == ERR_OK)
		return true;
	log_error("%s %s: give a time, as in 90, 5m or 1h, or 0 for no checks", name, text);
	return false;
}

/* The three times of -t. */
typedef struct ttl_times {
	uint32_t seconds[3]; /* default, min, max */
	bool is_given[3];
} ttl_times_t;

/* Reads up to three times between colons; one that is left out keeps its value. */
static bool parse_times(const char *text, ttl_times_t *times)
{
	for (size_t i = 0; i < COUNT_OF(times->seconds); i++) {
		size_t size = strcspn(text, ":");

		times->is_given[i] = size > 0;
		if (size > 0 && duration_parse(text, size, &times->seconds[i]) != ERR_OK)
			return false;
		text += size;
		if (*text == '\0')
			return true;
		text++;
	}
	return *text == '\0';
}

/* Moves or checks the default: see option_ttl. */
static bool fit_default(const char *name, const char *text, ttl_times_t *times)
{
	uint32_t *wanted = &times->seconds[0];
	uint32_t min = times->seconds[1];
	uint32_t max = times->seconds[2];

	if (*wanted == 0) {
		log_error("%s %s: a default of 0 would keep resolvers from caching answers; "
			  "1 second is the least",
			  name, text);
		return false;
	}
	if (max != 0 && min > max) {
		log_error("%s %s: the least, %u s, is more than the most, %u s", name, text, min,
			  max);
		return false;
	}
	if (times->is_given[0] && (*wanted < min || (max != 0 && *wanted > max))) {
		log_error("%s %s: the default, %u s, is outside of the bounds given with it", name,
			  text, *wanted);
		return false;
	}
	if (*wanted < min)
		*wanted = min;
	if (max != 0 && *wanted > max)
		*wanted = max;
	return true;
}

bool option_ttl(const char *name, const char *text, catalog_options_t *catalog)
{
	ttl_times_t times = { .seconds = { catalog_default_options.ttl_default_s, 0, 0 } };

	if (text[0] == '\0' || !parse_times(text, &times)) {
		log_error("%s %s: give default:min:max, each a time or left out, as in 35m, "
			  "1h:10m:1d or ::2h",
			  name, text);
		return false;
	}
	if (!fit_default(name, text, &times))
		return false;
	catalog->ttl_default_s = times.seconds[0];
	catalog->ttl_min_s = times.seconds[1];
	catalog->ttl_max_s = times.seconds[2];
	return true;
}

bool option_facility(const char *name, const char *text, int *facility)
{
	static const struct {
		const char *name;
		int number;
	} rows[] = {
		{ "auth", LOG_AUTH },     { "authpriv", LOG_AUTHPRIV }, { "cron", LOG_CRON },
		{ "daemon", LOG_DAEMON }, { "ftp", LOG_FTP },           { "kern", LOG_KERN },
		{ "lpr", LOG_LPR },       { "mail", LOG_MAIL },         { "news", LOG_NEWS },
		{ "syslog", LOG_SYSLOG }, { "user", LOG_USER },         { "uucp", LOG_UUCP },
		{ "local0", LOG_LOCAL0 }, { "local1", LOG_LOCAL1 },     { "local2", LOG_LOCAL2 },
		{ "local3", LOG_LOCAL3 }, { "local4", LOG_LOCAL4 },     { "local5", LOG_LOCAL5 },
		{ "local6", LOG_LOCAL6 }, { "local7", LOG_LOCAL7 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (strcmp(text, rows[i].name) == 0) {
			*facility = rows[i].number;
			return true;
		}
	}
	log_error("%s %s: no such facility of syslog; give daemon, user, mail, local0 to local7 or "
		  "another of syslog(3)",
		  name, text);
	return false;
}

void option_default_nsid(char nsid[CATALOG_NSID_MAX + 1])
{
	nsid[CATALOG_NSID_MAX] = '\0';
	if (gethostname(nsid, CATALOG_NSID_MAX) != 0 && errno != ENAMETOOLONG)
		nsid[0] = '\0';
}

bool option_nsid(const char *name, const char *text, char nsid[CATALOG_NSID_MAX + 1])
{
	size_t size = strlen(text);

	if (size > CATALOG_NSID_MAX) {
		log_error("%s: %zu bytes are too long for a name of this server; %d are the most",
			  name, size, CATALOG_NSID_MAX);
		return false;
	}
	memcpy(nsid, text, size + 1);
	return true;
}

bool option_max_udp_size(const char *name, const char *text, uint16_t *size)
{
	unsigned number;

	if (!number_parse_unsigned(text, DNS_PLAIN_MAX, DNS_EDNS_SIZE, &number)) {
		log_error("%s %s: give a number of bytes, %d to %d; larger replies would "
			  "get lost on their way",
			  name, text, DNS_PLAIN_MAX, DNS_EDNS_SIZE);
		return false;
	}
	*size = (uint16_t)number;
	return true;
}

bool option_max_shrink(const char *name, const char *text, unsigned *percent)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = text + digits;
	uint64_t number;

	if ((*unit != '\0' && strcmp(unit, "%") != 0) ||
	    !number_parse(text, digits, 0, 100, &number)) {
		log_error("%s %s: give the share of a list's entries that a reload may "
			  "lose, 0%% to 100%%",
			  name, text);
		return false;
	}
	*percent = (unsigned)number;
	return true;
}

bool option_ent(const char *name, const char *text, bool *is_nxdomain)
{
	if (strcmp(text, "nxdomain") == 0) {
		*is_nxdomain = true;
	} else if (strcmp(text, "nodata") == 0) {
		*is_nxdomain = false;
	} else {
		log_error("%s %s: give nodata (RFC 8020) or nxdomain (as rbldnsd)", name, text);
		return false;
	}
	return true;
}

bool option_flag(const char *name, const char *text, bool *flag)
{
	static const char *const words[][2] = {
		{ "no", "yes" },
		{ "off", "on" },
		{ "false", "true" },
	};

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		for (size_t is_on = 0; is_on < 2; is_on++) {
			if (strcmp(text, words[i][is_on]) == 0) {
				*flag = is_on;
				return true;
			}
		}
	}
	log_error("%s %s: give on or off, or yes or no", name, text);
	return false;
}

bool option_hide_version(const char *name, const char *text, catalog_version_t *version)
{
	if (strcmp(text, "no") == 0) {
		*version = CATALOG_VERSION_FULL;
	} else if (strcmp(text, "yes") == 0) {
		*version = CATALOG_VERSION_NAME;
	} else if (strcmp(text, "refuse") == 0) {
		*version = CATALOG_VERSION_HIDE;
	} else {
		log_error("%s %s: give no, yes (only the program's name is told) or refuse", name,
			  text);
		return false;
	}
	return true;
}

bool option_sandbox(const char *name, const char *text, sandbox_mode_t *mode)
{
	if (strcmp(text, "on") == 0) {
		*mode = SANDBOX_ON;
	} else if (strcmp(text, "off") == 0) {
		*mode = SANDBOX_OFF;
	} else if (strcmp(text, "strict") == 0) {
		*mode = SANDBOX_STRICT;
	} else {
		log_error("%s %s: give on, off or strict (a refused system call ends the "
			  "process, for tests)",
			  name, text);
		return false;
	}
	return true;
}
