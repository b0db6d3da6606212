/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "floors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

/* -count * log2(count / of) bits. */
static double bits_of(uint64_t count, uint64_t of)
{
	return count == 0 ? 0 : -(double)count * log2((double)count / (double)of);
}

/* ---- Prefixes. ---- */

/* What a node of a trie has; a shape is a sum of these. */
enum { HAS_PREFIX = 1, HAS_LEFT = 2, HAS_RIGHT = 4, SHAPES = 8 };

#define DEPTHS 129

typedef uint64_t shapes_t[DEPTHS][SHAPES];

static bool is_bit_set(ip6_address_t address, unsigned bit)
{
	return ((bit < 64 ? address.high : address.low) >> (63 - bit % 64) & 1) != 0;
}

/* Counts the node of `depth` above `prefixes`, at least one, and those below it. */
static void count_shapes(const floor_prefix_t *prefixes, size_t count, unsigned depth,
			 shapes_t shapes)
{
	unsigned shape = prefixes[0].length == depth ? HAS_PREFIX : 0;
	size_t left = 0;
	size_t right;

	prefixes += shape & HAS_PREFIX;
	count -= shape & HAS_PREFIX;
	right = count;
	while (left < right) { /* the first with a one there */
		size_t middle = left + (right - left) / 2;

		if (is_bit_set(prefixes[middle].address, depth))
			right = middle;
		else
			left = middle + 1;
	}
	shape += (left > 0 ? HAS_LEFT : 0u) + (left < count ? HAS_RIGHT : 0u);
	shapes[depth][shape]++;
	if (left > 0)
		count_shapes(prefixes, left, depth + 1, shapes);
	if (left < count)
		count_shapes(prefixes + left, count - left, depth + 1, shapes);
}

static double shapes_bits(shapes_t shapes)
{
	double sum = 0;

	for (unsigned depth = 0; depth < DEPTHS; depth++) {
		uint64_t all = 0;

		for (unsigned shape = 0; shape < SHAPES; shape++)
			all += shapes[depth][shape];
		for (unsigned shape = 0; shape < SHAPES; shape++)
			sum += bits_of(shapes[depth][shape], all);
	}
	return sum;
}

static int compare_prefixes(const void *a, const void *b)
{
	const floor_prefix_t *x = a;
	const floor_prefix_t *y = b;

	if (!ip6_is_equal(x->address, y->address))
		return ip6_is_less(x->address, y->address) ? -1 : 1;
	return x->length - y->length;
}

static int compare_values(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double values_bits(const floor_prefix_t *prefixes, size_t count)
{
	uint32_t *drawn = calloc(count, sizeof(*drawn)); /* those that are not as the one before */
	size_t drawn_count = 0;
	double sum = 0;

	if (drawn == NULL)
		measure_die("no memory");
	for (size_t i = 0; i < count; i++)
		if (i == 0 || prefixes[i].value != prefixes[i - 1].value)
			drawn[drawn_count++] = prefixes[i].value;
	qsort(drawn, drawn_count, sizeof(*drawn), compare_values);
	for (size_t i = 0, end; i < drawn_count; i = end) {
		for (end = i + 1; end < drawn_count && drawn[end] == drawn[i];)
			end++;
		sum += bits_of(end - i, drawn_count);
	}
	free(drawn);
	return sum + bits_of(drawn_count, count) + bits_of(count - drawn_count, count);
}

double floor_prefixes_bytes(floor_prefix_t *prefixes, size_t count)
{
	static shapes_t shapes;
	size_t kept = 0;

	if (count == 0)
		return 0;
	qsort(prefixes, count, sizeof(*prefixes), compare_prefixes);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || compare_prefixes(&prefixes[i], &prefixes[kept - 1]) != 0)
			prefixes[kept++] = prefixes[i];
	memset(shapes, 0, sizeof(shapes));
	count_shapes(prefixes, kept, 0, shapes);
	return (shapes_bits(shapes) + values_bits(prefixes, kept)) / 8;
}

/* ---- Names. ---- */

/* Letters, digits, hyphen, dot, underscore, the end, and all else. */
#define SYMBOLS 41u

static unsigned symbol(char byte)
{
	static const char all[] = "\nabcdefghijklmnopqrstuvwxyz0123456789-._";
	const char *at = byte == '\0' ? NULL : strchr(all, byte);

	return at == NULL ? SYMBOLS - 1 : (unsigned)(at - all);
}

double floor_names_bytes(const char *text, size_t size)
{
	static uint64_t counts[SYMBOLS][SYMBOLS][SYMBOLS];
	unsigned before = 0;
	unsigned last = 0;
	uint64_t names = 0;
	double bits = 0;

	memset(counts, 0, sizeof(counts));
	for (size_t i = 0; i < size; i++) {
		unsigned next = symbol(text[i]);

		counts[before][last][next]++;
		before = next == 0 ? 0 : last;
		last = next;
		names += next == 0;
	}
	for (unsigned i = 0; i < SYMBOLS * SYMBOLS; i++) {
		const uint64_t *row = counts[i / SYMBOLS][i % SYMBOLS];
		uint64_t all = 0;

		for (unsigned next = 0; next < SYMBOLS; next++)
			all += row[next];
		for (unsigned next = 0; next < SYMBOLS; next++)
			bits += bits_of(row[next], all);
	}
	return (bits - lgamma((double)names + 1) / log(2)) / 8;
}

/* ---- Time. ---- */

#define LOADS (1u << 20)

typedef struct loads {
	const uint32_t *next; /* a circle through all places */
	uint64_t mask;        /* places are a power of 2 */
	bool is_dependent;
	uint32_t sum;
} loads_t;

static void load_all(void *context)
{
	loads_t *loads = context;
	uint32_t at = 0;
	uint64_t random = 1;

	for (unsigned i = 0; i < LOADS; i++) {
		if (loads->is_dependent) {
			at = loads->next[at];
		} else { /* a random number that takes next to no time */
			random = random * 6364136223846793005u + 1442695040888963407u;
			at += loads->next[(random >> 32) & loads->mask];
		}
	}
	loads->sum += at;
}

double floor_load_ns(size_t size, bool is_dependent)
{
	size_t count = 1;
	loads_t loads = { .is_dependent = is_dependent };

	/* Not more than the index has: the next lower power of 2. */
	while (2 * count * sizeof(uint32_t) <= size && count < (size_t)1 << 31)
		count *= 2;
	uint32_t *next = malloc(count * sizeof(*next));
	if (next == NULL)
		measure_die("no memory");
	/* A random circle (S. Sattolo, "An algorithm to generate a random cyclic permutation", 1986). */
	for (size_t i = 0; i < count; i++)
		next[i] = (uint32_t)i;
	for (size_t i = count - 1; i > 0; i--) {
		size_t j = measure_random() % i;
		uint32_t place = next[i];

		next[i] = next[j];
		next[j] = place;
	}
	loads.next = next;
	loads.mask = count - 1;
	double best = measure_best_s(load_all, &loads);
	volatile uint32_t used = loads.sum; /* the loads must be done */
	(void)used;
	free(next);
	return best * 1e9 / LOADS;
}
