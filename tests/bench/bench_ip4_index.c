/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* How large an ip4_index is, how long it takes to build and to ask.
 *
 *   bench_ip4_index [COUNT]   COUNT random addresses (default 10 million), one value, shuffled
 *   bench_ip4_index FILE      lines of ADDRESS, ADDRESS/LENGTH or, as in tor's geoip, FIRST,LAST,CC
 *                             with addresses as numbers and the country as value
 *
 * Half of the addresses asked are listed, the others random. A lookup is "dependent" when it has
 * to wait for the answer of the one before, as a single query does. Times are processor times, those
 * of lookups the best of ROUNDS, so that a busy machine spoils them less. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/array.h"
#include "index/ip4_builder.h"
#include "index/ip4_index.h"

#define QUERIES (1u << 21)
#define ROUNDS  5

typedef struct range {
	uint32_t first;
	uint32_t last;
	uint32_t value;
} range_t;

static range_t *ranges;
static size_t range_count;
static size_t range_capacity;

static uint64_t random_state = 1;

static uint32_t random_32(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)(z ^ z >> 31);
}

/* Seconds that this thread has computed. */
static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Peak of resident memory so far, in MiB. */
static double peak_mib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss / 1024;
}

static void die(const char *what)
{
	fprintf(stderr, "bench_ip4_index: %s\n", what);
	exit(EXIT_FAILURE);
}

static void add_range(uint32_t first, uint32_t last, uint32_t value)
{
	void *data = ranges;

	if (array_reserve(&data, &range_capacity, range_count + 1, sizeof(*ranges)) != ERR_OK)
		die("no memory");
	ranges = data;
	ranges[range_count++] = (range_t){ first, last, value };
}

/* A line that is none of the forms above is skipped. */
static void read_line(const char *line, intern_t *countries)
{
	unsigned a, b, c, d, length = 32;
	uint32_t first, last, value;
	char country[3];

	if (sscanf(line, "%" SCNu32 ",%" SCNu32 ",%2s", &first, &last, country) == 3) {
		if (intern_add(countries, country, 2, &value) != ERR_OK)
			die("no memory");
		add_range(first, last, value);
	} else if (sscanf(line, "%3u.%3u.%3u.%3u/%2u", &a, &b, &c, &d, &length) >= 4 &&
		   length <= 32) {
		uint32_t host = (uint32_t)((uint64_t)UINT32_MAX >> length);

		first = (a << 24 | b << 16 | c << 8 | d) & ~host;
		add_range(first, first | host, 1);
	}
}

static void read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	intern_t *countries = intern_new();
	char line[4096];

	if (file == NULL || countries == NULL)
		die("cannot open the file");
	while (fgets(line, sizeof(line), file) != NULL)
		read_line(line, countries);
	fclose(file);
	intern_free(countries);
}

/* Adds the random addresses straight to the builder, so that the peak of memory is the builder's.
 */
static void fill(ip4_builder_t *builder, size_t random_count)
{
	err_t error = ERR_OK;

	for (size_t i = 0; i < random_count && error == ERR_OK; i++)
		error = ip4_builder_add(builder, random_32(), 32, 1);
	for (size_t i = 0; i < range_count && error == ERR_OK; i++)
		error = ip4_builder_add_range(builder, ranges[i].first, ranges[i].last,
					      ranges[i].value);
	if (error != ERR_OK)
		die("no memory");
}

/* What `batch` says: lookups at once, or one of these. */
#define DEPENDENT   0
#define INDEPENDENT 1

/* Asks all queries; the sum of the answers, so that none can be left out. */
static uint32_t ask_all(const ip4_index_t *index, const uint32_t *queries, size_t batch)
{
	volatile uint32_t zero = 0;
	uint32_t nothing = zero; /* the compiler cannot know */
	uint32_t numbers[64];
	uint32_t sum = 0;

	if (batch == DEPENDENT) {
		for (size_t i = 0; i < QUERIES; i++)
			sum += ip4_index_lookup(index, queries[i] ^ (sum & nothing));
	} else if (batch == INDEPENDENT) {
		for (size_t i = 0; i < QUERIES; i++)
			sum += ip4_index_lookup(index, queries[i]);
	} else {
		for (size_t i = 0; i < QUERIES; i += batch) {
			ip4_index_lookup_batch(index, queries + i, batch, numbers);
			for (size_t j = 0; j < batch; j++)
				sum += numbers[j];
		}
	}
	return sum;
}

static void ask(const ip4_index_t *index, const uint32_t *queries, const char *what, size_t batch)
{
	double best = 1e9;
	uint32_t sum = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		double start = now_s();
		double time;

		sum = ask_all(index, queries, batch);
		time = now_s() - start;
		if (time < best)
			best = time;
	}
	printf("%-22s %8.1f ns  (sum %" PRIu32 ")\n", what, best * 1e9 / QUERIES, sum);
}

static void make_queries(uint32_t *queries, size_t random_count)
{
	uint64_t state = random_state;

	for (size_t i = 0; i < QUERIES; i++) {
		/* The same generator from its start gives the addresses that are listed. */
		random_state = 1 + 0x9e3779b97f4a7c15u * (random_count > 0 ? i % random_count : 0);
		if (i % 2 == 0 && random_count > 0)
			queries[i] = random_32();
		else if (i % 2 == 0 && range_count > 0)
			queries[i] = ranges[(i * 2654435761u) % range_count].first;
		random_state = state;
		if (i % 2 != 0)
			queries[i] = random_32();
		state = random_state;
	}
	for (size_t i = QUERIES - 1; i > 0; i--) {
		size_t j = random_32() % (i + 1);
		uint32_t query = queries[i];

		queries[i] = queries[j];
		queries[j] = query;
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "10000000";
	bool is_file = what[strspn(what, "0123456789")] != '\0';
	size_t count = is_file ? 0 : strtoul(what, NULL, 10);
	ip4_builder_t *builder = ip4_builder_new(IP4_RULE_LONGEST_PREFIX);
	value_sets_t *sets = intern_new();
	uint32_t *queries = calloc(QUERIES, sizeof(*queries));
	ip4_index_t *index;
	double start, added, before;

	if (builder == NULL || sets == NULL || queries == NULL)
		die("no memory");
	if (is_file)
		read_file(what);
	before = peak_mib();
	start = now_s();
	fill(builder, count);
	added = now_s();
	if (ip4_builder_finish(builder, sets, 1u << 30, &index) != ERR_OK)
		die("could not build");
	count += range_count;
	printf("%-22s %8zu\n%-22s %8zu = %.3f each\n", "entries", count, "bytes",
	       ip4_index_size(index), (double)ip4_index_size(index) / (double)count);
	printf("%-22s %8.3f s add, %.3f s finish\n", "build", added - start, now_s() - added);
	printf("%-22s %8.1f MiB (%.1f before the builder)\n", "peak RSS", peak_mib(), before);
	make_queries(queries, is_file ? 0 : count);
	ask(index, queries, "single, dependent", DEPENDENT);
	ask(index, queries, "single, independent", INDEPENDENT);
	ask(index, queries, "batches of 8", 8);
	ask(index, queries, "batches of 32", 32);
	ask(index, queries, "batches of 64", 64);
	ip4_index_free(index);
	ip4_builder_free(builder);
	intern_free(sets);
	free(queries);
	free(ranges);
	return EXIT_SUCCESS;
}
