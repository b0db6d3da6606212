/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* How large an ip6_index is, how long it takes to build and to ask.
 *
 *   bench_ip6_index [--json] [COUNT [LENGTH]]  COUNT random prefixes (default 1 million) of LENGTH
 *                                              bits (default 64), one value, shuffled
 *   bench_ip6_index [--json] FILE              lines FIRST,LAST,CC as in tor's geoip6, the country as
 *                                              value
 *
 * Half of the addresses asked are listed, the others random. A lookup is "dependent" when it has
 * to wait for the answer of the one before, as a single query does. Times are processor times, those
 * of lookups the best of MEASURE_ROUNDS. */

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/intern.h"
#include "base/processors.h"
#include "floors.h"
#include "index/ip6_builder.h"
#include "index/ip6_index.h"
#include "measure.h"

#define QUERIES (1u << 20)

static floor_prefix_t *prefixes;
static size_t prefix_count;
static size_t prefix_capacity;
static size_t range_count;

static void add_prefix(ip6_address_t address, unsigned length, uint32_t value)
{
	void *data = prefixes;

	if (array_reserve(&data, &prefix_capacity, prefix_count + 1, sizeof(*prefixes)) != ERR_OK)
		measure_die("no memory");
	prefixes = data;
	prefixes[prefix_count++] = (floor_prefix_t){
		.address = ip6_first(address, length),
		.length = (uint8_t)length,
		.value = value,
	};
}

/* The fewest prefixes that cover exactly a range. */
static void add_range(ip6_address_t first, ip6_address_t last, uint32_t value)
{
	range_count++;
	for (;;) {
		unsigned length = 128 - ip6_trailing_zeros(first);
		ip6_address_t end;

		while (ip6_is_less(last, end = ip6_last(first, length)))
			length++;
		add_prefix(first, length, value);
		if (!ip6_is_less(end, last))
			return;
		first = ip6_add(end, (ip6_address_t){ .low = 1 });
	}
}

static ip6_address_t read_address(const char *text)
{
	uint8_t bytes[16];
	ip6_address_t address = { .high = 0 };

	if (inet_pton(AF_INET6, text, bytes) != 1)
		measure_die("not an address");
	for (unsigned i = 0; i < 8; i++) {
		address.high = address.high << 8 | bytes[i];
		address.low = address.low << 8 | bytes[8 + i];
	}
	return address;
}

/* A line of another form is skipped. */
static void read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	intern_t *countries = intern_new();
	char line[4096];
	char first[50];
	char last[50];
	char country[3];
	uint32_t value;

	if (file == NULL || countries == NULL)
		measure_die("cannot open the file");
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%49[0-9a-f:],%49[0-9a-f:],%2s", first, last, country) != 3)
			continue;
		if (intern_add(countries, country, 2, &value) != ERR_OK)
			measure_die("no memory");
		add_range(read_address(first), read_address(last), value);
	}
	fclose(file);
	intern_free(countries);
}

/* What `batch` says beside what measure.h has: not what an address is mapped to, but if there is any in a block. */
#define HAS_ANY 2

typedef struct asked {
	const ip6_index_t *index;
	const ip6_address_t *queries;
	size_t batch;          /* as measure.h has it */
	volatile uint32_t sum; /* of the answers, so that none can be left out */
} asked_t;

static void ask_all(void *context)
{
	asked_t *asked = context;
	const ip6_address_t *queries = asked->queries;
	volatile uint32_t zero = 0;
	uint32_t nothing = zero; /* the compiler cannot know */
	uint32_t numbers[MEASURE_BATCH_MAX];
	uint32_t sum = 0;

	for (size_t i = 0; i < QUERIES && asked->batch <= HAS_ANY; i++) {
		ip6_address_t query = queries[i];

		query.low ^= sum & nothing;
		if (asked->batch == HAS_ANY)
			sum += ip6_index_has_any(asked->index, ip6_first(query, 48),
						 ip6_last(query, 48));
		else
			sum += ip6_index_lookup(asked->index, asked->batch == MEASURE_DEPENDENT
								      ? query
								      : queries[i]);
	}
	for (size_t i = 0; i < QUERIES && asked->batch > HAS_ANY; i += asked->batch) {
		ip6_index_lookup_batch(asked->index, queries + i, asked->batch, numbers);
		for (size_t j = 0; j < asked->batch; j++)
			sum += numbers[j];
	}
	asked->sum += sum;
}

static void make_queries(ip6_address_t *queries)
{
	for (size_t i = 0; i < QUERIES; i++) {
		ip6_address_t address = { measure_random(), measure_random() };

		/* What is asked in vain lies in 2000::/3, too. */
		queries[i] = (ip6_address_t){ address.high >> 3 | (uint64_t)1 << 61, address.low };
		if (i % 2 == 0 && prefix_count > 0)
			queries[i] = prefixes[address.high % prefix_count].address;
	}
}

static void ask_queries(const ip6_index_t *index)
{
	ip6_address_t *queries = calloc(QUERIES, sizeof(*queries));
	asked_t asked = { .index = index, .queries = queries };

	if (queries == NULL)
		measure_die("no memory");
	make_queries(queries);
	measure_lookups(ask_all, &asked, &asked.batch, QUERIES, ip6_index_size(index));
	asked.batch = HAS_ANY;
	measure_against("has_any of a /48", measure_best_s(ask_all, &asked) * 1e9 / QUERIES, "ns",
			floor_load_ns(ip6_index_size(index), true));
	free(queries);
}

static ip6_index_t *build(void)
{
	ip6_builder_t *builder = ip6_builder_new();
	double before = measure_peak_mib();
	double start = measure_process_s();
	err_t error = ERR_OK;
	ip6_index_t *index;

	if (builder == NULL)
		measure_die("no memory");
	for (size_t i = 0; i < prefix_count && error == ERR_OK; i++)
		error = ip6_builder_add(builder, prefixes[i].address, prefixes[i].length,
					prefixes[i].value);
	double added = measure_process_s();
	if (error != ERR_OK || ip6_builder_finish(builder, &index) != ERR_OK)
		measure_die("could not build");
	double finished = measure_process_s();
	measure_row("prefixes", (double)prefix_count, "");
	measure_row("add", added - start, "s");
	measure_row("finish", finished - added, "s");
	/* Each entry has to be put into its place once. */
	measure_against("build", finished - start, "s",
			floor_load_ns(ip6_index_size(index), false) * (double)prefix_count / 1e9);
	measure_row("peak of the builder", measure_peak_mib() - before, "MiB");
	ip6_builder_free(builder);
	return index;
}

/* As when a compiled list is opened. */
static void check(void *context)
{
	const ip6_index_t *index = context;
	const char *why;

	if (ip6_index_check(index, ip6_index_size(index), IP6_INDEX_MAX, &why) != ERR_OK)
		measure_die(why);
}

static void measure_check(ip6_index_t *index)
{
	processors_pretend(1);
	measure_row("check, on one CPU", measure_best_s(check, index) * 1e3, "ms");
	processors_pretend(0);
}

int main(int argc, char **argv)
{
	measure_begin("bench_ip6_index", &argc, &argv);
	const char *what = argc > 1 ? argv[1] : "1000000";
	unsigned length = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 64;

	if (length > 128)
		measure_die("a prefix has at most 128 bits");
	if (what[strspn(what, "0123456789")] != '\0')
		read_file(what);
	else
		for (size_t i = 0, count = strtoul(what, NULL, 10); i < count; i++)
			add_prefix((ip6_address_t){ measure_random() >> 3 | (uint64_t)1 << 61,
						    measure_random() },
				   length, 1);
	ip6_index_t *index = build();
	double size = (double)ip6_index_size(index);

	ask_queries(index);
	measure_row("bytes", size, "");
	measure_against("bytes per prefix", size / (double)prefix_count, "",
			floor_prefixes_bytes(prefixes, prefix_count) / (double)prefix_count);
	if (range_count > 0)
		measure_row("bytes per range", size / (double)range_count, "");
	measure_check(index);
	ip6_index_free(index);
	free(prefixes);
	return measure_end();
}
