/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/check_zones.h"

#include <stdlib.h>
#include <string.h>

#include "dns/name.h"

/* A data set, checked when it is named first. */
typedef struct source {
	check_dataset_t dataset;
	size_t same; /* the specification that named it first */
} source_t;

typedef struct run {
	const check_settings_t *settings;
	const zone_spec_t *specs;
	size_t count;
	source_t *sources; /* of each specification */
	check_output_t *output;
} run_t;

static void write_dataset(const run_t *run, size_t number)
{
	const zone_spec_t *spec = &run->specs[number];
	const check_dataset_t *dataset = &run->sources[number].dataset;
	char zone[DNS_NAME_TEXT_MAX] = ""; /* an access list may be for all zones */
	check_subject_t subject = { .zone = zone, .dataset = spec->source };
	uint64_t counts[CHECK_SEVERITIES] = { 0 };

	if (spec->apex_size > 0)
		dns_name_to_text(spec->apex, zone);
	for (size_t i = 0; i <= dataset->file_count; i++) {
		subject.file = i < dataset->file_count ? spec->files[i] : NULL;
		check_output_problems(run->output, &subject, &dataset->problems[i]);
		check_problems_count(&dataset->problems[i], counts);
	}
	subject.file = NULL;
	check_output_dataset(run->output, &subject, dataset->is_loaded, dataset->entries, counts);
}

/* Frees the problems of a data set; what its zones need stays. */
static void drop_problems(check_dataset_t *dataset)
{
	check_dataset_t kept = *dataset;

	check_dataset_clear(dataset);
	kept.problems = NULL;
	*dataset = kept;
}

static bool is_same_zone(const zone_spec_t *a, const zone_spec_t *b)
{
	return a->apex_size == b->apex_size && memcmp(a->apex, b->apex, a->apex_size) == 0;
}

/* Is what they name the same? Files that hold data of several zones have others for each. */
static bool is_same_data(const zone_spec_t *a, const zone_spec_t *b)
{
	return strcmp(a->source, b->source) == 0 && (!a->type->has_zones || is_same_zone(a, b));
}

static err_t check_source(run_t *run, size_t number)
{
	source_t *source = &run->sources[number];
	size_t same = 0;

	while (!is_same_data(&run->specs[same], &run->specs[number]))
		same++;
	source->same = same;
	if (same < number)
		return ERR_OK;
	err_t err = check_dataset_run(run->settings, &run->specs[number], &source->dataset);
	if (err != ERR_OK)
		return err;
	write_dataset(run, number);
	drop_problems(&source->dataset);
	return ERR_OK;
}

/* What the data sets of a zone are together. */
typedef struct zone_sum {
	unsigned keys; /* of its entries, a bit for each dataset_key_t */
	unsigned listed;
	bool is_loaded;
	bool has_data; /* not just access lists */
	bool has_soa;
	bool has_ns;
	check_place_t places[CHECK_POINTS];
} zone_sum_t;

static zone_sum_t sum_zone(const run_t *run, const zone_spec_t *zone)
{
	zone_sum_t sum = { .is_loaded = true };

	for (size_t i = 0; i < run->count; i++)
		if (is_same_zone(&run->specs[i], zone)) {
			sum.keys |= run->sources[run->sources[i].same].dataset.keys;
			sum.has_data |= run->specs[i].type->role == DATASET_ROLE_DATA;
		}
	bool has_ip4_data = (sum.keys >> DATASET_KEY_IP4 & 1) != 0;
	for (size_t i = 0; i < run->count; i++) {
		if (!is_same_zone(&run->specs[i], zone))
			continue;
		const check_dataset_t *dataset = &run->sources[run->sources[i].same].dataset;
		sum.is_loaded &= dataset->is_loaded;
		sum.has_soa |= dataset->has_soa;
		sum.has_ns |= dataset->has_ns;
		sum.listed |= dataset->listed[has_ip4_data];
		for (unsigned p = 0; p < CHECK_POINTS; p++)
			if (dataset->places[p].file != NULL)
				sum.places[p] = dataset->places[p];
	}
	return sum;
}

static void check_zone(const run_t *run, const zone_spec_t *zone)
{
	char name[DNS_NAME_TEXT_MAX];
	const check_subject_t subject = { .zone = name };
	const zone_sum_t sum = sum_zone(run, zone);
	check_problems_t problems;

	if (!sum.is_loaded || !sum.has_data)
		return;
	dns_name_to_text(zone->apex, name);
	check_problems_init(&problems, run->settings->limit, run->settings->ignored);
	if (!sum.has_soa)
		check_problems_add(&problems, CHECK_NO_SOA, 0, 0,
				   "add a line $SOA 1h ns.example.com hostmaster.example.com 0 1h "
				   "15m 4w 10m",
				   "no data set has a $SOA: resolvers ask for what is not listed "
				   "again and again");
	if (!sum.has_ns)
		check_problems_add(&problems, CHECK_NO_NS, 0, 0, "add a line $NS 1d ns.example.com",
				   "no data set has a $NS: the zone cannot be delegated");
	check_points_report(&problems, name, sum.keys, sum.listed, sum.places);
	check_problems_finish(&problems);
	check_output_problems(run->output, &subject, &problems);
	check_problems_clear(&problems);
}

err_t check_zones_run(const check_settings_t *settings, const zone_spec_t *specs, size_t count,
		      check_output_t *output)
{
	run_t run = {
		.settings = settings,
		.specs = specs,
		.count = count,
		.sources = calloc(count + 1, sizeof(source_t)),
		.output = output,
	};
	err_t err = run.sources != NULL ? ERR_OK : ERR_NOMEM;

	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = check_source(&run, i);
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		size_t first = 0;
		while (!is_same_zone(&specs[first], &specs[i]))
			first++;
		if (first == i)
			check_zone(&run, &specs[i]);
	}
	free(run.sources);
	return err;
}
