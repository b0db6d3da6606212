/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/settings.h"

#include <stdio.h>
#include <string.h>

#include "daemon/help.h"
#include "daemon/option_limits.h"
#include "daemon/option_values.h"
#include "daemon/options.h"

/* Each of these takes one kind of value in; see setting_t. Unless its row says something else,
 * `setting` is of no interest. */
#define TAKE(kind)                                                                                 \
	static bool take_##kind(ATTR_UNUSED const setting_t *setting,                              \
				ATTR_UNUSED const char *name, ATTR_UNUSED const char *value,       \
				ATTR_UNUSED const setting_target_t *target)

/* The field of the options, or of those of the catalog, that the setting's row names. */
static void *field_of(void *options, const setting_t *setting)
{
	return (char *)options + setting->field;
}

/* An option that has no value says yes. */
static bool take_yes_or_no(const char *name, const char *value, bool *flag)
{
	if (value != NULL)
		return option_flag(name, value, flag);
	*flag = true;
	return true;
}

TAKE(nothing)
{
	return true;
}

TAKE(text)
{
	*(const char **)field_of(target->options, setting) = value;
	return true;
}

TAKE(flag)
{
	return take_yes_or_no(name, value, field_of(target->options, setting));
}

TAKE(catalog_flag)
{
	return take_yes_or_no(name, value, field_of(target->catalog, setting));
}

TAKE(full_answers)
{
	target->catalog->minimal_answers = false;
	return true;
}

/* The last of -4 and -6 rules. */
static bool take_family(const char *name, const char *value, int family, options_t *options)
{
	bool is_wanted;

	if (!take_yes_or_no(name, value, &is_wanted))
		return false;
	if (is_wanted)
		options->family = family;
	return true;
}

TAKE(ip4)
{
	return take_family(name, value, AF_INET, target->options);
}

TAKE(ip6)
{
	return take_family(name, value, AF_INET6, target->options);
}

/* -v is a step each time; a word says it at once. */
TAKE(hide_version)
{
	catalog_version_t *version = &target->catalog->version;

	if (value != NULL)
		return option_hide_version(name, value, version);
	*version = target->options->hides++ == 0 ? CATALOG_VERSION_NAME : CATALOG_VERSION_HIDE;
	return true;
}

TAKE(ttl)
{
	return option_ttl(name, value, target->catalog);
}

TAKE(check)
{
	return option_check(name, value, &target->options->check_s);
}

TAKE(facility)
{
	return option_facility(name, value, &target->options->facility);
}

TAKE(workers)
{
	return option_workers(name, value, &target->options->workers);
}

TAKE(steer)
{
	return option_steer(name, value, &target->options->steering);
}

TAKE(ent)
{
	return option_ent(name, value, &target->catalog->ent_is_nxdomain);
}

TAKE(nsid)
{
	return option_nsid(name, value, target->catalog->nsid);
}

TAKE(max_shrink)
{
	return option_max_shrink(name, value, &target->catalog->max_shrink_percent);
}

TAKE(max_udp_size)
{
	return option_max_udp_size(name, value, &target->catalog->udp_size);
}

TAKE(count)
{
	return option_count(name, value, field_of(target->options, setting));
}

TAKE(time_limit)
{
	return option_limit(name, value, field_of(target->options, setting));
}

TAKE(rate)
{
	return option_rate(name, value, field_of(target->options, setting));
}

TAKE(slip)
{
	return option_slip(name, value, &target->options->limits);
}

TAKE(prefix)
{
	return option_prefix(name, value, &target->options->limits);
}

TAKE(exempt)
{
	return option_exempt(name, value, &target->options->limits);
}

TAKE(table)
{
	return option_table(name, value, &target->options->limits);
}

TAKE(sandbox)
{
	return option_sandbox(name, value, &target->options->sandbox);
}

static void show_version(void)
{
	puts("spurnd " PACKAGE_VERSION);
}

#define IN(field)      offsetof(options_t, field)
#define CATALOG(field) offsetof(catalog_options_t, field)

/* Settings of zones are those of their data sets, too, where data sets have them. */
enum {
	FLAG = SETTING_FLAG,
	LIST = SETTING_LIST,
	FIXED = SETTING_FIXED,
	NO_KEY = SETTING_NO_KEY,
	ZONE = SETTING_ZONE,
	DATA = SETTING_ZONE | SETTING_DATASET,
};

const setting_t settings_table[] = {
	/* where to listen; what is given here is looked up when all is known, see options.c */
	{ 'b', "listen", LIST | FIXED, take_nothing, 0, NULL },
	{ '4', "ipv4", FLAG | FIXED, take_ip4, 0, NULL },
	{ '6', "ipv6", FLAG | FIXED, take_ip6, 0, NULL },
	{ 0, "workers", FIXED, take_workers, 0, NULL },
	{ 0, "steer", FIXED, take_steer, 0, NULL },
	/* TCP */
	{ 0, "no-tcp", FLAG | FIXED, take_flag, IN(has_no_tcp), NULL },
	{ 0, "tcp-connections", FIXED, take_count, IN(tcp.connections), NULL },
	{ 0, "tcp-per-client", FIXED, take_count, IN(tcp.per_client), NULL },
	{ 0, "tcp-idle", FIXED, take_time_limit, IN(tcp.idle_s), NULL },
	{ 0, "tcp-message", FIXED, take_time_limit, IN(tcp.message_s), NULL },
	{ 0, "tcp-total", FIXED, take_time_limit, IN(tcp.total_s), NULL },
	/* answers */
	{ 't', "ttl", DATA, take_ttl, 0, NULL },
	{ 'a', "minimal-answers", FLAG | ZONE, take_catalog_flag, CATALOG(minimal_answers), NULL },
	{ 'A', "full-answers", FLAG | NO_KEY, take_full_answers, 0, NULL },
	{ 'v', "hide-version", FLAG, take_hide_version, 0, NULL },
	{ 0, "nsid", 0, take_nsid, 0, NULL },
	{ 0, "max-udp-size", 0, take_max_udp_size, 0, NULL },
	{ 0, "ent", ZONE, take_ent, 0, NULL },
	{ 0, "cookie-secret", FIXED, take_text, IN(cookie_file), NULL },
	{ 0, "cookies", FIXED, take_flag, IN(has_cookies), NULL },
	/* limits */
	{ 0, "rate-limit", FIXED, take_rate, IN(limits.rate), NULL },
	{ 0, "rate-limit-slip", FIXED, take_slip, 0, NULL },
	{ 0, "rate-limit-prefix", FIXED, take_prefix, 0, NULL },
	{ 0, "rate-limit-exempt", LIST | FIXED, take_exempt, 0, NULL },
	{ 0, "rate-limit-table", FIXED, take_table, 0, NULL },
	{ 0, "key-quota", FIXED, take_rate, IN(limits.key_quota), NULL },
	/* zone files */
	{ 'c', "check", 0, take_check, 0, NULL },
	{ 0, "watch", FIXED, take_flag, IN(is_watched), NULL },
	{ 0, "max-shrink", DATA, take_max_shrink, 0, NULL },
	{ 'e', "allow-host-bits", FLAG | DATA, take_catalog_flag, CATALOG(allow_host_bits), NULL },
	{ 'C', "no-decompression", FLAG | DATA, take_catalog_flag, CATALOG(refuse_compressed),
	  NULL },
	{ 0, "entry-parameters", FLAG | DATA, take_catalog_flag, CATALOG(entry_parameters), NULL },
	{ 0, "ip6-in-ip4trie", FLAG | DATA, take_catalog_flag, CATALOG(ip6_in_ip4trie), NULL },
	{ 'd', "dump", FLAG | NO_KEY, take_flag, IN(is_dump), NULL },
	{ 'q', "quickstart", FLAG | FIXED, take_flag, IN(is_quick), NULL },
	/* the process */
	{ 0, "config", FIXED | NO_KEY, take_text, IN(config_file), NULL },
	{ 0, "check-config", FLAG | NO_KEY, take_flag, IN(is_check), NULL },
	{ 'n', "foreground", FLAG | FIXED, take_flag, IN(is_foreground), NULL },
	{ 'u', "user", FIXED, take_text, IN(user), NULL },
	{ 'r', "root", FIXED, take_text, IN(root), NULL },
	{ 'w', "workdir", FIXED, take_text, IN(workdir), NULL },
	{ 0, "sandbox", FIXED, take_sandbox, 0, NULL },
	{ 0, "control", FIXED, take_text, IN(control), NULL },
	{ 0, "replace", FLAG | NO_KEY, take_flag, IN(is_replacing), NULL },
	{ 'p', "pidfile", FIXED, take_text, IN(pidfile), NULL },
	{ 's', "statistics", FIXED, take_text, IN(statistics), NULL },
	{ 'l', "query-log", FIXED, take_text, IN(query_log), NULL },
	{ 'F', "facility", FIXED, take_facility, 0, NULL },
	{ 'f', NULL, FLAG | NO_KEY, take_nothing, 0, NULL }, /* reloads keep nobody waiting */
	{ 'h', "help", FLAG | NO_KEY, NULL, 0, help_print },
	{ 0, "version", FLAG | NO_KEY, NULL, 0, show_version },
};

const size_t settings_count = COUNT_OF(settings_table);

const setting_t *setting_of_letter(int letter)
{
	for (size_t i = 0; i < COUNT_OF(settings_table); i++) {
		if (letter != 0 && settings_table[i].letter == letter)
			return &settings_table[i];
	}
	return NULL;
}

const setting_t *setting_of_name(const char *name, size_t size)
{
	for (size_t i = 0; i < COUNT_OF(settings_table); i++) {
		const char *known = settings_table[i].name;

		if (known != NULL && strlen(known) == size && memcmp(known, name, size) == 0)
			return &settings_table[i];
	}
	return NULL;
}

void assignment_name(const assignment_t *assignment, char name[SETTING_NAME_MAX])
{
	const setting_t *setting = assignment->setting;

	if (assignment->file != NULL)
		(void)snprintf(name, SETTING_NAME_MAX, "%s:%u: %s", assignment->file,
			       assignment->line, setting->name);
	else if (assignment->is_short)
		(void)snprintf(name, SETTING_NAME_MAX, "-%c", setting->letter);
	else
		(void)snprintf(name, SETTING_NAME_MAX, "--%s", setting->name);
}

bool assignment_take(const assignment_t *assignment, const setting_target_t *target)
{
	char name[SETTING_NAME_MAX];

	assignment_name(assignment, name);
	return assignment->setting->take(assignment->setting, name, assignment->value, target);
}
