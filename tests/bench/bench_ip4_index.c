/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* How large an ip4_index is, how long it takes to build and to ask.
 *
 *   bench_ip4_index [--json] [COUNT [sorted]]  COUNT random addresses (default 10 million), one value
 *   bench_ip4_index [--json] FILE              lines of ADDRESS, ADDRESS/LENGTH or, as in tor's geoip,
 *                                              FIRST,LAST,CC with addresses as numbers; what follows
 *                                              an address is its value
 *
 * Half of the addresses asked are listed, the others random. A lookup is "dependent" when it has
 * to wait for the answer of the one before, as a single query does. Times are processor times, those
 * of lookups the best of MEASURE_ROUNDS. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/processors.h"
#include "floors.h"
#include "index/ip4_builder.h"
#include "index/ip4_index.h"
#include "measure.h"

#define QUERIES (1u << 21)

typedef struct range {
	uint32_t first;
	uint32_t last;
	uint32_t value;
} range_t;

/* The list: ranges of a file, or addresses. */
static range_t *ranges;
static size_t range_count;
static size_t range_capacity;
static uint32_t *addresses;
static size_t address_count;

static void add_range(uint32_t first, uint32_t last, uint32_t value)
{
	void *data = ranges;

	if (array_reserve(&data, &range_capacity, range_count + 1, sizeof(*ranges)) != ERR_OK)
		measure_die("no memory");
	ranges = data;
	ranges[range_count++] = (range_t){ first, last, value };
}

/* A line that is none of the forms above is skipped. */
static void read_line(const char *line, intern_t *values)
{
	unsigned a, b, c, d, length = 32;
	uint32_t first, last, value;
	const char *rest = line + strspn(line, "0123456789./");
	size_t size = strcspn(rest, "\r\n");
	char country[3];

	if (sscanf(line, "%" SCNu32 ",%" SCNu32 ",%2s", &first, &last, country) == 3) {
		if (intern_add(values, country, 2, &value) != ERR_OK)
			measure_die("no memory");
		add_range(first, last, value);
	} else if (sscanf(line, "%3u.%3u.%3u.%3u/%2u", &a, &b, &c, &d, &length) >= 4 &&
		   length <= 32) {
		uint32_t host = (uint32_t)((uint64_t)UINT32_MAX >> length);

		if (*rest != ' ') /* the count that ipsum has behind a tab is none */
			size = 0;
		if (intern_add(values, rest, size, &value) != ERR_OK)
			measure_die("no memory");
		first = (a << 24 | b << 16 | c << 8 | d) & ~host;
		add_range(first, first | host, value + 1);
	}
}

static void read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	intern_t *values = intern_new();
	char line[4096];

	if (file == NULL || values == NULL)
		measure_die("cannot open the file");
	while (fgets(line, sizeof(line), file) != NULL)
		read_line(line, values);
	fclose(file);
	intern_free(values);
}

static int compare_addresses(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void make_addresses(size_t count, bool is_sorted)
{
	addresses = calloc(count, sizeof(*addresses));
	address_count = count;
	if (addresses == NULL)
		measure_die("no memory");
	for (size_t i = 0; i < count; i++)
		addresses[i] = (uint32_t)measure_random();
	if (is_sorted)
		qsort(addresses, count, sizeof(*addresses), compare_addresses);
}

static ip4_index_t *build(value_sets_t *sets)
{
	ip4_builder_t *builder = ip4_builder_new(IP4_RULE_LONGEST_PREFIX);
	double before = measure_peak_mib();
	double start = measure_process_s();
	size_t count = address_count + range_count;
	err_t error = ERR_OK;
	ip4_index_t *index;

	if (builder == NULL)
		measure_die("no memory");
	for (size_t i = 0; i < address_count && error == ERR_OK; i++)
		error = ip4_builder_add(builder, addresses[i], 32, 1);
	for (size_t i = 0; i < range_count && error == ERR_OK; i++)
		error = ip4_builder_add_range(builder, ranges[i].first, ranges[i].last,
					      ranges[i].value);
	double added = measure_process_s();
	if (error != ERR_OK || ip4_builder_finish(builder, sets, 1u << 30, &index) != ERR_OK)
		measure_die("could not build");
	double finished = measure_process_s();
	/* Each entry has to be put into its place once. */
	double floor_s = floor_load_ns(ip4_index_size(index), false) * (double)count / 1e9;
	measure_row("entries", (double)count, "");
	measure_row("add", added - start, "s");
	measure_row("finish", finished - added, "s");
	measure_against("build", finished - start, "s", floor_s);
	measure_row("peak of the builder", measure_peak_mib() - before, "MiB");
	ip4_builder_free(builder);
	return index;
}

/* The bytes of the index against those that the list needs. */
static void measure_size(const ip4_index_t *index)
{
	size_t count = address_count + range_count;
	floor_prefix_t *prefixes = NULL;
	size_t prefix_count = 0;
	size_t capacity = 0;

	for (size_t i = 0; i < count; i++) {
		range_t range = i < range_count ? ranges[i]
						: (range_t){ addresses[i - range_count],
							     addresses[i - range_count], 1 };
		uint64_t first = range.first;

		while (first <= range.last) { /* the fewest prefixes that cover it */
			unsigned zeros = first == 0 ? 32 : (unsigned)__builtin_ctzll(first);
			void *data = prefixes;

			while (first + (UINT64_C(1) << zeros) - 1 > range.last)
				zeros--;
			if (array_reserve(&data, &capacity, prefix_count + 1, sizeof(*prefixes)) !=
			    ERR_OK)
				measure_die("no memory");
			prefixes = data;
			prefixes[prefix_count++] =
				(floor_prefix_t){ .address.high = first << 32,
						  .length = (uint8_t)(32 - zeros),
						  .value = range.value };
			first += UINT64_C(1) << zeros;
		}
	}
	measure_row("bytes", (double)ip4_index_size(index), "");
	measure_against("bytes per entry", (double)ip4_index_size(index) / (double)count, "",
			floor_prefixes_bytes(prefixes, prefix_count) / (double)count);
	if (prefix_count != count)
		measure_row("bytes per prefix",
			    (double)ip4_index_size(index) / (double)prefix_count, "");
	free(prefixes);
}

typedef struct asked {
	const ip4_index_t *index;
	const uint32_t *queries;
	size_t batch;          /* as measure.h has it */
	volatile uint32_t sum; /* of the answers, so that none can be left out */
} asked_t;

static void ask_all(void *context)
{
	asked_t *asked = context;
	volatile uint32_t zero = 0;
	uint32_t nothing = zero; /* the compiler cannot know */
	uint32_t numbers[MEASURE_BATCH_MAX];
	uint32_t sum = 0;

	for (size_t i = 0; i < QUERIES && asked->batch == MEASURE_DEPENDENT; i++)
		sum += ip4_index_lookup(asked->index, asked->queries[i] ^ (sum & nothing));
	for (size_t i = 0; i < QUERIES && asked->batch == MEASURE_INDEPENDENT; i++)
		sum += ip4_index_lookup(asked->index, asked->queries[i]);
	for (size_t i = 0; i < QUERIES && asked->batch > MEASURE_INDEPENDENT; i += asked->batch) {
		ip4_index_lookup_batch(asked->index, asked->queries + i, asked->batch, numbers);
		for (size_t j = 0; j < asked->batch; j++)
			sum += numbers[j];
	}
	asked->sum += sum;
}

static void make_queries(uint32_t *queries)
{
	for (size_t i = 0; i < QUERIES; i++) {
		uint64_t random = measure_random();

		queries[i] = (uint32_t)random;
		if (random >> 63 != 0 && address_count > 0)
			queries[i] = addresses[(random >> 20) % address_count];
		else if (random >> 63 != 0 && range_count > 0)
			queries[i] = ranges[(random >> 20) % range_count].first;
	}
}

static void ask_queries(const ip4_index_t *index)
{
	uint32_t *queries = calloc(QUERIES, sizeof(*queries));
	asked_t asked = { .index = index, .queries = queries };

	if (queries == NULL)
		measure_die("no memory");
	make_queries(queries);
	measure_lookups(ask_all, &asked, &asked.batch, QUERIES, ip4_index_size(index));
	free(queries);
}

/* As when a compiled list is opened. */
static void check(void *context)
{
	const ip4_index_t *index = context;
	const char *why;

	if (ip4_index_check(index, ip4_index_size(index), IP4_INDEX_MAX, &why) != ERR_OK)
		measure_die(why);
}

static void measure_check(ip4_index_t *index)
{
	processors_pretend(1);
	measure_row("check, on one CPU", measure_best_s(check, index) * 1e3, "ms");
	processors_pretend(0);
}

int main(int argc, char **argv)
{
	measure_begin("bench_ip4_index", &argc, &argv);
	const char *what = argc > 1 ? argv[1] : "10000000";
	value_sets_t *sets = intern_new();

	if (sets == NULL)
		measure_die("no memory");
	if (what[strspn(what, "0123456789")] != '\0')
		read_file(what);
	else
		make_addresses(strtoul(what, NULL, 10), argc > 2);
	ip4_index_t *index = build(sets);
	ask_queries(index);
	measure_size(index);
	measure_check(index);
	ip4_index_free(index);
	intern_free(sets);
	free(ranges);
	free(addresses);
	return measure_end();
}
