/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/check_config.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/plural.h"
#include "catalog/cookie_file.h"
#include "daemon/options_plan.h"
#include "daemon/privileges.h"
#include "dns/name.h"

/* Who is checking what. */
typedef struct checker {
	const options_t *options;
	bool is_outside; /* not root, who could enter the new root directory */
} checker_t;

/* Becomes who will read the files, where that will be, as far as one can. */
static bool become_reader(const options_t *options)
{
	char name[SETTING_NAME_MAX];
	identity_t identity;

	options_name(options, "user", name);
	if (geteuid() == 0)
		return privileges_find(options->user, name, &identity) == ERR_OK &&
		       options_confine(options) == ERR_OK && privileges_drop(&identity) == ERR_OK;
	if (options->user != NULL && privileges_check(options->user, name) != ERR_OK)
		return false;
	return options->root != NULL || options_confine(options) == ERR_OK;
}

/* Where a file is for us: who is not root stays outside of the new root directory. Returns false if
 * that is too long. */
static bool find_path(const checker_t *checker, const char *file, char path[PATH_MAX])
{
	const options_t *options = checker->options;
	const char *workdir = options->workdir != NULL ? options->workdir : "";
	int length;

	if (!checker->is_outside)
		length = snprintf(path, PATH_MAX, "%s", file);
	else if (file[0] == '/')
		length = snprintf(path, PATH_MAX, "%s%s", options->root, file);
	else
		length = snprintf(path, PATH_MAX, "%s/%s/%s", options->root, workdir, file);
	return length >= 0 && length < PATH_MAX;
}

/* Can the file of a zone be read? */
static bool check_file(const checker_t *checker, const char *file)
{
	char path[PATH_MAX];
	struct stat status;
	int descriptor;
	err_t err = ERR_OK;

	if (!find_path(checker, file, path)) {
		log_error("%s: %s", file, err_text((err_t)-ENAMETOOLONG));
		return false;
	}
	descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (descriptor < 0 || fstat(descriptor, &status) != 0)
		err = err_from_errno();
	else if (S_ISDIR(status.st_mode))
		err = (err_t)-EISDIR;
	if (descriptor >= 0)
		(void)close(descriptor);
	if (err != ERR_OK)
		log_error("%s: cannot read this file: %s", path, err_text(err));
	return err == ERR_OK;
}

static bool check_cookie_file(const checker_t *checker)
{
	const options_t *options = checker->options;
	dns_cookie_secrets_t secrets;
	char path[PATH_MAX];
	bool is_exposed;
	bool is_good;

	if (!options->has_cookies || options->cookie_file == NULL)
		return true;
	is_good = find_path(checker, options->cookie_file, path) &&
		  cookie_file_read(path, &secrets, &is_exposed) == ERR_OK;
	sodium_memzero(&secrets, sizeof(secrets));
	return is_good;
}

static void show_flag(bool is_on, const char *name)
{
	if (is_on)
		printf(", %s", name);
}

/* Shows a data set with its settings, and checks its files. */
static bool check_dataset(const checker_t *checker, const plan_dataset_t *dataset)
{
	const zone_settings_t *zone = &dataset->settings.zone;
	bool is_good = true;

	printf("  %s (ttl %" PRIu32 " s", dataset->spec.source, zone->ttl_default_s);
	if (zone->ttl_min_s > 0)
		printf(" min %" PRIu32 " s", zone->ttl_min_s);
	if (zone->ttl_max_s > 0)
		printf(" max %" PRIu32 " s", zone->ttl_max_s);
	printf(", max-shrink %u%%", dataset->settings.max_shrink_percent);
	show_flag(zone->allow_host_bits, "allow-host-bits");
	show_flag(zone->entry_parameters, "entry-parameters");
	show_flag(zone->ip6_in_ip4trie, "ip6-in-ip4trie");
	show_flag(zone->refuse_compressed, "no-decompression");
	printf(")\n");
	for (size_t i = 0; i < dataset->spec.file_count; i++)
		is_good &= check_file(checker, dataset->spec.files[i]);
	return is_good;
}

static bool check_zone(const checker_t *checker, const plan_t *plan, const plan_zone_t *zone)
{
	const size_t lists[] = { zone->acl, zone->aclkey };
	char apex[DNS_NAME_TEXT_MAX];
	bool is_good = true;

	dns_name_to_text(zone->apex, apex);
	printf("zone %s", apex);
	show_flag(zone->settings.minimal_answers, "minimal-answers");
	show_flag(zone->settings.ent_is_nxdomain, "ent nxdomain");
	printf("\n");
	for (size_t i = 0; i < zone->dataset_count; i++)
		is_good &= check_dataset(checker, &plan->datasets[zone->datasets[i]]);
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		if (lists[i] != PLAN_NONE)
			is_good &= check_dataset(checker, &plan->datasets[lists[i]]);
	}
	return is_good;
}

static bool check_plan(const checker_t *checker, const plan_t *plan)
{
	bool is_good = true;

	for (size_t i = 0; i < plan->zone_count; i++)
		is_good &= check_zone(checker, plan, &plan->zones[i]);
	if (plan->acl != PLAN_NONE) {
		printf("all zones\n");
		is_good &= check_dataset(checker, &plan->datasets[plan->acl]);
	}
	return is_good;
}

static void show_addresses(const options_t *options)
{
	char text[NET_ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < options->listen.count; i++)
		printf("listen %s, %s\n", net_address_text(&options->listen.addresses[i], text),
		       options->has_no_tcp ? "UDP" : "UDP and TCP");
}

exit_status_t check_config(const options_t *options)
{
	const checker_t checker = {
		.options = options,
		.is_outside = options->root != NULL && geteuid() != 0,
	};
	plan_t *plan;
	bool is_good;

	if (options_plan_make(options, &plan) != ERR_OK)
		return EXIT_STATUS_FAILED;
	is_good = become_reader(options);
	if (is_good) {
		show_addresses(options);
		is_good = check_plan(&checker, plan);
		is_good &= check_cookie_file(&checker);
		if (is_good)
			printf("all is well: %zu zone%s, %zu data set%s\n", plan->zone_count,
			       plural(plan->zone_count), plan->dataset_count,
			       plural(plan->dataset_count));
	}
	plan_free(plan);
	if (fflush(stdout) != 0) {
		log_error("cannot write to standard output: %s", err_text(err_from_errno()));
		is_good = false;
	}
	return is_good ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
}
