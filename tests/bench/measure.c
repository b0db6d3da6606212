/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "measure.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "floors.h"

static const char *bench;
static json_t *rows; /* NULL: they are printed */

uint64_t measure_random_state = 1;

uint64_t measure_random(void)
{
	uint64_t z = measure_random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

void measure_die(const char *why)
{
	fprintf(stderr, "%s: %s\n", bench, why);
	exit(EXIT_FAILURE);
}

void measure_begin(const char *name, int *argc, char ***argv)
{
	bench = name;
	if (*argc < 2 || strcmp((*argv)[1], "--json") != 0)
		return;
	rows = json_array();
	if (rows == NULL)
		measure_die("no memory");
	(*argc)--;
	(*argv)++;
}

int measure_end(void)
{
	if (rows == NULL)
		return EXIT_SUCCESS;
	json_t *whole = json_pack("{s:s, s:o}", "bench", bench, "rows", rows);

	if (whole == NULL || json_dumpf(whole, stdout, JSON_INDENT(2)) != 0 || puts("") == EOF)
		measure_die("cannot write");
	json_decref(whole);
	return EXIT_SUCCESS;
}

static void add_row(json_t *row)
{
	if (row == NULL || json_array_append_new(rows, row) != 0)
		measure_die("no memory");
}

void measure_row(const char *what, double value, const char *unit)
{
	if (rows != NULL)
		add_row(json_pack("{s:s, s:f, s:s}", "what", what, "value", value, "unit", unit));
	else
		printf("%-24s %12.3f %s\n", what, value, unit);
}

void measure_against(const char *what, double value, const char *unit, double floor)
{
	if (rows != NULL)
		add_row(json_pack("{s:s, s:f, s:s, s:f}", "what", what, "value", value, "unit",
				  unit, "floor", floor));
	else
		printf("%-24s %12.3f %-6s floor %.3f: %.2f times\n", what, value, unit, floor,
		       value / floor);
}

static double clock_s(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double measure_cpu_s(void)
{
	return clock_s(CLOCK_THREAD_CPUTIME_ID);
}

double measure_process_s(void)
{
	return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

double measure_peak_mib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss / 1024;
}

double measure_best_s(void (*run)(void *context), void *context)
{
	double best = 0;

	for (unsigned round = 0; round < MEASURE_ROUNDS; round++) {
		double start = measure_cpu_s();

		run(context);
		double time = measure_cpu_s() - start;
		if (round == 0 || time < best)
			best = time;
	}
	return best;
}

void measure_lookups(void (*run)(void *context), void *context, size_t *batch, size_t questions,
		     size_t bytes)
{
	static const struct {
		const char *what;
		size_t batch;
	} ways[] = {
		{ "single, dependent", MEASURE_DEPENDENT },
		{ "single, independent", MEASURE_INDEPENDENT },
		{ "batches of 8", 8 },
		{ "batches of 32", 32 },
		{ "batches of 64", MEASURE_BATCH_MAX },
	};

	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		*batch = ways[i].batch;
		measure_against(ways[i].what,
				measure_best_s(run, context) * 1e9 / (double)questions, "ns",
				floor_load_ns(bytes, *batch == MEASURE_DEPENDENT));
	}
}
