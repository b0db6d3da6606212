/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/options_plan.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/intern.h"
#include "base/log.h"

/* Bytes for the reason why something is no good. */
#define WHY_MAX 512

/* A plan that is being made. */
typedef struct maker {
	const options_t *options;
	const config_t *config; /* NULL: none */
	plan_t *plan;
	intern_t *names;              /* of the zones of the file, on the wire */
	CONFIG_ARRAY(unsigned) lines; /* where those zones are, in the order of `names` */
	bool is_bad;
	bool has_no_memory;
} maker_t;

/* Takes note of a failure; `where` and `line` are those in the file, `what` is the thing that is no
 * good. */
static void note(maker_t *maker, err_t err, unsigned line, const char *what, const char *why)
{
	if (err == ERR_NOMEM)
		maker->has_no_memory = true;
	else if (line > 0)
		log_error("%s:%u: %s: %s", maker->config->name, line, what, why);
	else
		log_error("%s: %s", what, why);
	maker->is_bad = true;
}

/* Adds a specification from outside of zones; `line` is 0 for the command line. */
static void add_spec(maker_t *maker, const char *spec, unsigned line)
{
	char why[WHY_MAX];
	err_t err = plan_add(maker->plan, spec, NULL, why, sizeof(why));

	if (err != ERR_OK)
		note(maker, err, line, spec, why);
}

/* Takes settings `from` up to `end` of the file into those of a zone or data set. */
static void take_settings(maker_t *maker, size_t from, size_t end, catalog_options_t *own)
{
	const setting_target_t target = { NULL, own };

	for (size_t i = from; i < end; i++) {
		if (!assignment_take(&maker->config->settings.all[i], &target))
			maker->is_bad = true;
	}
}

/* Has the zone the same data set before that one? */
static bool is_repeated(const maker_t *maker, const config_zone_t *zone, size_t index)
{
	const config_dataset_t *datasets = maker->config->datasets.all;

	for (size_t i = zone->datasets; i < index; i++) {
		if (strcmp(datasets[i].spec, datasets[index].spec) == 0)
			return true;
	}
	return false;
}

/* Adds data set `index` to a zone, whose settings are `of_zone`. */
static void add_dataset(maker_t *maker, const config_zone_t *zone, size_t index,
			const catalog_options_t *of_zone)
{
	const config_dataset_t *dataset = &maker->config->datasets.all[index];
	catalog_options_t own = *of_zone;
	plan_settings_t settings;
	char *spec = NULL;
	char why[WHY_MAX];
	err_t err;

	take_settings(maker, dataset->settings, dataset->settings_end, &own);
	if (strchr(dataset->spec, ':') == NULL) {
		note(maker, ERR_SYNTAX, dataset->line, dataset->spec,
		     "expected \"type:file,file\", in quotes if there is a comma in it");
		return;
	}
	if (is_repeated(maker, zone, index)) {
		note(maker, ERR_SYNTAX, dataset->line, dataset->spec,
		     "the zone has this data set already: leave one of them out");
		return;
	}
	if (asprintf(&spec, "%s:%s", zone->name, dataset->spec) < 0) {
		note(maker, ERR_NOMEM, 0, "", "");
		return;
	}
	settings = plan_settings_of(&own);
	err = plan_add(maker->plan, spec, &settings, why, sizeof(why));
	if (err != ERR_OK)
		note(maker, err, dataset->line, dataset->spec, why);
	free(spec);
}

/* Is the zone's name one, and that of no zone before it? */
static bool is_new_name(maker_t *maker, const config_zone_t *zone)
{
	uint32_t count = intern_count(maker->names);
	uint8_t apex[DNS_NAME_MAX];
	size_t size;
	uint32_t number;
	char why[WHY_MAX];

	err_t err =
		zone_spec_parse_apex(zone->name, strlen(zone->name), apex, &size, why, sizeof(why));
	if (err == ERR_OK && strchr(zone->name, ':') != NULL) {
		(void)snprintf(why, sizeof(why),
			       "there is a colon in the name: the data of a zone "
			       "come in braces, as in { data = \"ip4set:FILE\" }");
		err = ERR_SYNTAX;
	}
	if (err == ERR_OK)
		err = intern_add(maker->names, apex, size, &number);
	if (err == ERR_OK && number > count) {
		err = array_reserve((void **)&maker->lines.all, &maker->lines.capacity, number,
				    sizeof(*maker->lines.all));
		if (err == ERR_OK)
			maker->lines.all[maker->lines.count++] = zone->line;
	} else if (err == ERR_OK) {
		(void)snprintf(why, sizeof(why),
			       "the file has this zone already, in line %u: put all of it there",
			       maker->lines.all[number - 1]);
		err = ERR_SYNTAX;
	}
	if (err != ERR_OK)
		note(maker, err, zone->line, zone->name, why);
	return err == ERR_OK;
}

static void add_zone(maker_t *maker, const config_zone_t *zone)
{
	catalog_options_t own = maker->options->catalog;
	plan_zone_settings_t settings;
	char why[WHY_MAX];

	take_settings(maker, zone->settings, zone->settings_end, &own);
	if (!is_new_name(maker, zone))
		return;
	if (zone->datasets == zone->datasets_end) {
		note(maker, ERR_SYNTAX, zone->line, zone->name,
		     "the zone has no data: give a data set, as in data = \"ip4set:FILE\"");
		return;
	}
	settings = plan_zone_settings_of(&own);
	err_t err = plan_set_zone(maker->plan, zone->name, &settings, why, sizeof(why));
	if (err != ERR_OK)
		note(maker, err, zone->line, zone->name, why);
	for (size_t i = zone->datasets; i < zone->datasets_end && err == ERR_OK; i++)
		add_dataset(maker, zone, i, &own);
}

static void add_all(maker_t *maker)
{
	const config_t *config = maker->config;

	for (size_t i = 0; config != NULL && i < config->specs.count; i++)
		add_spec(maker, config->specs.all[i].text, config->specs.all[i].line);
	for (size_t i = 0; config != NULL && i < config->zones.count; i++)
		add_zone(maker, &config->zones.all[i]);
	for (size_t i = 0; i < maker->options->zone_count; i++)
		add_spec(maker, maker->options->zones[i], 0);
}

err_t options_plan_make(const options_t *options, plan_t **plan)
{
	maker_t maker = { .options = options, .config = options->config, .names = intern_new() };
	err_t err = plan_new(&options->catalog, &maker.plan);

	if (err == ERR_OK && maker.names == NULL)
		err = ERR_NOMEM;
	if (err == ERR_OK)
		add_all(&maker);
	if (maker.has_no_memory)
		err = ERR_NOMEM;
	else if (err == ERR_OK && (maker.is_bad || plan_finish(maker.plan) != ERR_OK))
		err = ERR_SYNTAX;
	intern_free(maker.names);
	free(maker.lines.all);
	if (err == ERR_OK) {
		*plan = maker.plan;
		return ERR_OK;
	}
	plan_free(maker.plan);
	if (err == ERR_NOMEM)
		log_error("not enough memory");
	return err;
}
