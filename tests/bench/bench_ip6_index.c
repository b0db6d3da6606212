/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* How large an ip6_index is, how long it takes to build and to ask.
 *
 *   bench_ip6_index [COUNT [LENGTH]]  COUNT random prefixes (default 1 million) of LENGTH bits
 *                                     (default 64), one value, shuffled
 *   bench_ip6_index FILE              lines FIRST,LAST,CC as in tor's geoip6, the country as value
 *
 * Half of the addresses asked are listed, the others random. A lookup is "dependent" when it has
 * to wait for the answer of the one before, as a single query does. Times are processor times, those
 * of lookups the best of ROUNDS, so that a busy machine spoils them less. */

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/array.h"
#include "base/intern.h"
#include "index/ip6_builder.h"
#include "index/ip6_index.h"

#define QUERIES (1u << 20)
#define ROUNDS  5

typedef struct prefix {
	ip6_address_t address;
	unsigned length;
	uint32_t value;
} prefix_t;

static prefix_t *prefixes;
static size_t prefix_count;
static size_t prefix_capacity;
static size_t range_count;

static uint64_t random_state = 1;

static uint64_t random_64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
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
	fprintf(stderr, "bench_ip6_index: %s\n", what);
	exit(EXIT_FAILURE);
}

static void add_prefix(ip6_address_t address, unsigned length, uint32_t value)
{
	void *data = prefixes;

	if (array_reserve(&data, &prefix_capacity, prefix_count + 1, sizeof(*prefixes)) != ERR_OK)
		die("no memory");
	prefixes = data;
	prefixes[prefix_count++] = (prefix_t){ ip6_first(address, length), length, value };
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
		die("not an address");
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
		die("cannot open the file");
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%49[0-9a-f:],%49[0-9a-f:],%2s", first, last, country) != 3)
			continue;
		if (intern_add(countries, country, 2, &value) != ERR_OK)
			die("no memory");
		add_range(read_address(first), read_address(last), value);
	}
	fclose(file);
	intern_free(countries);
}

/* What `batch` says: lookups at once, or one of these. */
#define DEPENDENT   0
#define INDEPENDENT 1
#define HAS_ANY     2

/* Asks all queries; the sum of the answers, so that none can be left out. */
static uint32_t ask_all(const ip6_index_t *index, const ip6_address_t *queries, size_t batch)
{
	volatile uint32_t zero = 0;
	uint32_t nothing = zero; /* the compiler cannot know */
	uint32_t numbers[64];
	uint32_t sum = 0;

	for (size_t i = 0; i < QUERIES && batch <= HAS_ANY; i++) {
		ip6_address_t query = queries[i];

		query.low ^= sum & nothing;
		if (batch == HAS_ANY)
			sum += ip6_index_has_any(index, ip6_first(query, 48), ip6_last(query, 48));
		else
			sum += ip6_index_lookup(index, batch == DEPENDENT ? query : queries[i]);
	}
	for (size_t i = 0; i < QUERIES && batch > HAS_ANY; i += batch) {
		ip6_index_lookup_batch(index, queries + i, batch, numbers);
		for (size_t j = 0; j < batch; j++)
			sum += numbers[j];
	}
	return sum;
}

static void ask(const ip6_index_t *index, const ip6_address_t *queries, const char *what,
		size_t batch)
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

static void make_queries(ip6_address_t *queries)
{
	for (size_t i = 0; i < QUERIES; i++) {
		ip6_address_t address = { random_64(), random_64() };

		/* What is asked in vain lies in 2000::/3, too. */
		queries[i] = (ip6_address_t){ address.high >> 3 | (uint64_t)1 << 61, address.low };
		if (i % 2 == 0 && prefix_count > 0)
			queries[i] = prefixes[address.high % prefix_count].address;
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "1000000";
	unsigned length = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 64;
	ip6_builder_t *builder = ip6_builder_new();
	ip6_address_t *queries = calloc(QUERIES, sizeof(*queries));
	ip6_index_t *index = NULL;
	double start, added, before;
	err_t error = ERR_OK;

	if (builder == NULL || queries == NULL || length > 128)
		die("no memory, or no such length");
	if (what[strspn(what, "0123456789")] != '\0')
		read_file(what);
	else
		for (size_t i = 0, count = strtoul(what, NULL, 10); i < count; i++)
			add_prefix((ip6_address_t){ random_64() >> 3 | (uint64_t)1 << 61,
						    random_64() },
				   length, 1);
	before = peak_mib();
	start = now_s();
	for (size_t i = 0; i < prefix_count && error == ERR_OK; i++)
		error = ip6_builder_add(builder, prefixes[i].address, prefixes[i].length,
					prefixes[i].value);
	added = now_s();
	if (error != ERR_OK || ip6_builder_finish(builder, &index) != ERR_OK)
		die("could not build");
	if (range_count > 0)
		printf("%-22s %8zu: %.3f bytes each\n", "ranges", range_count,
		       (double)ip6_index_size(index) / (double)range_count);
	printf("%-22s %8zu\n%-22s %8zu = %.3f each\n", "prefixes", prefix_count, "bytes",
	       ip6_index_size(index), (double)ip6_index_size(index) / (double)prefix_count);
	printf("%-22s %8.3f s add, %.3f s finish\n", "build", added - start, now_s() - added);
	printf("%-22s %8.1f MiB (%.1f before the builder)\n", "peak RSS", peak_mib(), before);
	make_queries(queries);
	ask(index, queries, "single, dependent", DEPENDENT);
	ask(index, queries, "single, independent", INDEPENDENT);
	ask(index, queries, "has_any of a /48", HAS_ANY);
	ask(index, queries, "batches of 8", 8);
	ask(index, queries, "batches of 32", 32);
	ask(index, queries, "batches of 64", 64);
	ip6_index_free(index);
	ip6_builder_free(builder);
	free(queries);
	free(prefixes);
	return EXIT_SUCCESS;
}
