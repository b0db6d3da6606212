/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Measures a name_index: bytes for a name, time to build, time to look up. The argument is a number
 * of names to make up, by default 5,000,000, or a file with a name a line. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/intern.h"
#include "dns/dns.h"
#include "dns/name.h"
#include "index/name_builder.h"

#define QUERIES 1280000
#define ROUNDS  5
/* Queries that are timed together; of each piece the best round counts, so that others who use the
 * machine do not. A multiple of all sizes of batches. */
#define PIECE 6400

static uint64_t random_state = 1;

static uint64_t random_64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static unsigned random_below(unsigned bound)
{
	return (unsigned)(random_64() % bound);
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double peak_mib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss / 1024;
}

static void die(const char *why)
{
	fprintf(stderr, "bench_name_index: %s\n", why);
	exit(EXIT_FAILURE);
}

/* Names that look like those of blocklists: words, words with numbers, and the letters without sense
 * that programs make up, under top-level domains of which a few have most. */

/* A number below `bound`, small ones more often. */
static unsigned random_skewed(unsigned bound)
{
	return (unsigned)((uint64_t)random_below(bound) * random_below(bound) / bound);
}

static char *add_word(char *to)
{
	static const char *const syllables[] = {
		"an",  "re",   "in",  "co",  "de",  "er",  "ma",  "ti",   "on",  "st",   "pro",
		"ca",  "lo",   "ne",  "sa",  "di",  "ra",  "web", "mi",   "ba",  "shop", "ta",
		"vi",  "pe",   "al",  "me",  "net", "li",  "so",  "be",   "po",  "fi",   "ter",
		"com", "ho",   "ga",  "no",  "da",  "bo",  "si",  "mar",  "ing", "live", "top",
		"ru",  "go",   "ha",  "for", "do",  "ve",  "ki",  "best", "le",  "tra",  "car",
		"my",  "tech", "mo",  "fo",  "la",  "san", "dia", "bu",   "get", "pa",   "ro",
		"key", "win",  "new", "gra", "ju",  "ex",
	};

	for (unsigned i = 2 + random_below(2); i > 0; i--)
		to = stpcpy(to, syllables[random_skewed(sizeof(syllables) / sizeof(*syllables))]);
	return to;
}

static char *add_letters(char *to, unsigned count)
{
	for (; count > 0; count--)
		*to++ = "abcdefghijklmnopqrstuvwxyz0123456789"[random_below(36)];
	*to = '\0';
	return to;
}

static void make_text(char *text)
{
	static const char *const tops[] = {
		".com",   ".com", ".com",  ".com",  ".com",  ".com",    ".net", ".org",
		".ru",    ".xyz", ".top",  ".info", ".de",   ".online", ".cn",  ".site",
		".club",  ".uk",  ".shop", ".br",   ".icu",  ".work",   ".fr",  ".pl",
		".click", ".biz", ".it",   ".nl",   ".live", ".buzz",   ".co",  ".us",
	};
	unsigned kind = random_below(100);

	if (kind >= 90)
		text = stpcpy(add_word(text), ".");
	if (kind % 4 == 0) {
		text = add_letters(text, 7 + random_below(8));
	} else {
		text = add_word(text);
		if (kind % 4 == 1)
			*text++ = '-';
		if (kind % 4 <= 2)
			text = add_word(text);
		if (kind % 4 == 3)
			text += sprintf(text, "%u", random_below(10000));
	}
	strcpy(text, tops[random_skewed(sizeof(tops) / sizeof(*tops))]);
}

/* The questions, close together as they are when packets come. */
static uint8_t pool[QUERIES * 100];
static size_t pool_size;

static bool read_name(const char *text, uint8_t name[DNS_NAME_MAX], size_t *size)
{
	if (dns_name_from_text(text, strlen(text), name, size) != ERR_OK || *size == 1)
		return false;
	dns_name_lower(name, *size);
	return true;
}

static void add_text(name_builder_t *builder, const char *text)
{
	uint8_t name[DNS_NAME_MAX];
	size_t size;

	if (!read_name(text, name, &size))
		return;
	if (name_builder_add(builder, name, NAME_FOR_PLAIN | NAME_FOR_WILDCARD, 1) != ERR_OK)
		die("no memory");
}

/* Of a file, some lines to ask for. */
static char *lines[QUERIES / 2];
static size_t line_count;

static void read_file(const char *path, name_builder_t *builder)
{
	FILE *file = fopen(path, "r");
	char line[4096];

	if (file == NULL)
		die("cannot open the file");
	for (size_t number = 0; fgets(line, sizeof(line), file) != NULL; number++) {
		line[strcspn(line, " \t\r\n#")] = '\0';
		add_text(builder, line);
		if (line_count < QUERIES / 2)
			lines[line_count++] = strdup(line);
		else if (random_64() % (number + 1) < QUERIES / 2)
			lines[random_below(QUERIES / 2)] = strdup(line);
	}
	fclose(file);
}

/* Keeps a name and its labels. */
static name_question_t keep(const char *text)
{
	uint8_t name[DNS_NAME_MAX];
	uint8_t labels[DNS_LABELS_MAX];
	size_t size;

	if (!read_name(text, name, &size))
		(void)read_name("example.com", name, &size);
	unsigned depth = dns_name_labels(name, labels);
	if (pool_size + size + depth > sizeof(pool))
		die("names too long");
	name_question_t question = { pool + pool_size, pool + pool_size + size, depth };
	memcpy(pool + pool_size, name, size);
	memcpy(pool + pool_size + size, labels, depth);
	pool_size += size + depth;
	return question;
}

/* Of the queries half are for listed names, half for others. */
static void make_queries(name_question_t *queries, size_t made_up)
{
	char text[4096];

	for (size_t i = 0; i < QUERIES; i++) {
		uint64_t state = random_state;
		bool is_listed = random_below(2) == 0;

		if (is_listed && line_count > 0) {
			strcpy(text, lines[random_below((unsigned)line_count)]);
		} else if (is_listed) {
			/* The generator from the start of a name that it made gives it again. */
			random_state = random_64() % made_up * 0x632be59bd9b4e019u;
			make_text(text);
			random_state = state + 0x632be59bd9b4e019u;
		} else {
			make_text(text);
		}
		queries[i] = keep(text);
	}
}

/* Asks a piece of the queries; how many names are listed. */
static uint32_t ask_piece(const name_index_t *index, const name_question_t *queries, size_t batch)
{
	name_match_t matches[NAME_INDEX_BATCH];
	uint32_t listed = 0;

	for (size_t i = 0; i < PIECE; i += batch) {
		if (batch == 1)
			name_index_lookup(index, &queries[i], matches);
		else
			name_index_lookup_batch(index, &queries[i], batch, matches);
		for (size_t j = 0; j < batch; j++)
			listed += matches[j].number;
	}
	return listed;
}

static void ask(const name_index_t *index, const name_question_t *queries, const char *what,
		size_t batch)
{
	static double best[QUERIES / PIECE];
	uint32_t listed = 0;
	double sum = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		listed = 0;
		for (size_t i = 0; i < QUERIES / PIECE; i++) {
			double start = now_s();

			listed += ask_piece(index, queries + i * PIECE, batch);
			double time = now_s() - start;
			if (round == 0 || time < best[i])
				best[i] = time;
		}
	}
	for (size_t i = 0; i < QUERIES / PIECE; i++)
		sum += best[i];
	printf("%-22s %8.1f ns  (%" PRIu32 " of %d listed)\n", what, sum * 1e9 / QUERIES, listed,
	       QUERIES);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "5000000";
	bool is_file = what[strspn(what, "0123456789")] != '\0';
	size_t count = is_file ? 0 : strtoul(what, NULL, 10);
	name_builder_t *builder = name_builder_new();
	value_sets_t *sets = intern_new();
	name_question_t *queries = calloc(QUERIES, sizeof(*queries));
	name_index_t *index;
	const char *why;
	char text[1024];
	double start, added, before;

	if (builder == NULL || sets == NULL || queries == NULL)
		die("no memory");
	before = peak_mib();
	start = now_s();
	if (is_file)
		read_file(what, builder);
	for (size_t i = 0; i < count; i++) {
		random_state = i * 0x632be59bd9b4e019u;
		make_text(text);
		add_text(builder, text);
	}
	added = now_s();
	if (name_builder_finish(builder, sets, 1u << 30, &index) != ERR_OK)
		die("could not build");
	printf("%-22s %8.3f s add, %.3f s finish\n", "build", added - start, now_s() - added);
	printf("%-22s %8" PRIu64 "\n%-22s %8zu = %.3f each\n", "names", name_index_count(index),
	       "bytes", name_index_size(index),
	       (double)name_index_size(index) / (double)name_index_count(index));
	printf("%-22s %8.1f MiB (%.1f before the builder)\n", "peak RSS", peak_mib(), before);
	make_queries(queries, count);
	ask(index, queries, "single", 1);
	ask(index, queries, "batches of 8", 8);
	ask(index, queries, "batches of 32", 32);
	ask(index, queries, "batches of 64", 64);
	start = now_s();
	if (name_index_check(index, name_index_size(index), &why) != ERR_OK)
		die(why);
	printf("%-22s %8.3f s\n", "check", now_s() - start);
	name_index_free(index);
	name_builder_free(builder);
	intern_free(sets);
	free(queries);
	return EXIT_SUCCESS;
}
