/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* How large a name_index is, how long it takes to build and to ask.
 *
 *   bench_name_index [--json] [COUNT]  COUNT made-up names (default 5 million), each for itself and
 *                                      what is below it, one value
 *   bench_name_index [--json] FILE     a name a line
 *
 * Half of the names asked are listed, the others made up. Times are processor times; of those of
 * lookups, the best of MEASURE_ROUNDS. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/intern.h"
#include "base/processors.h"
#include "dns/dns.h"
#include "dns/name.h"
#include "floors.h"
#include "index/name_builder.h"
#include "measure.h"

#define QUERIES 1280000

/* From the start of one made-up name to that of the next, in the generator's states. */
#define STEP 0x632be59bd9b4e019u

static unsigned random_below(unsigned bound)
{
	return (unsigned)(measure_random() % bound);
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

/* The list: names on the wire, each behind its size, and as lines of text. */
static uint8_t *names;
static size_t names_size;
static size_t names_capacity;
static char *list_text;
static size_t list_size;
static size_t list_capacity;

static void add_text(const char *line)
{
	uint8_t name[DNS_NAME_MAX];
	size_t size;
	size_t length = strlen(line);
	void *data = names;
	void *more = list_text;

	if (!read_name(line, name, &size))
		return;
	if (array_reserve(&data, &names_capacity, names_size + 1 + size, 1) != ERR_OK ||
	    array_reserve(&more, &list_capacity, list_size + length + 1, 1) != ERR_OK)
		measure_die("no memory");
	names = data;
	names[names_size++] = (uint8_t)size;
	memcpy(names + names_size, name, size);
	names_size += size;
	list_text = more;
	memcpy(list_text + list_size, line, length);
	list_text[list_size + length] = '\n';
	list_size += length + 1;
}

/* Of a file, some lines to ask for. */
static char *lines[QUERIES / 2];
static size_t line_count;

static void read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[4096];

	if (file == NULL)
		measure_die("cannot open the file");
	for (size_t number = 0; fgets(line, sizeof(line), file) != NULL; number++) {
		line[strcspn(line, " \t\r\n#")] = '\0';
		add_text(line);
		if (line_count < QUERIES / 2)
			lines[line_count++] = strdup(line);
		else if (measure_random() % (number + 1) < QUERIES / 2)
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
		measure_die("names too long");
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
		uint64_t state = measure_random_state;
		bool is_listed = random_below(2) == 0;

		if (is_listed && line_count > 0) {
			strcpy(text, lines[random_below((unsigned)line_count)]);
		} else if (is_listed) {
			/* The generator from the start of a name that it made gives it again. */
			measure_random_state = measure_random() % made_up * STEP;
			make_text(text);
			measure_random_state = state + STEP;
		} else {
			make_text(text);
		}
		queries[i] = keep(text);
	}
}

typedef struct asked {
	const name_index_t *index;
	const name_question_t *queries;
	size_t batch;
	volatile uint32_t listed; /* so that no answer can be left out */
} asked_t;

static void ask_all(void *context)
{
	asked_t *asked = context;
	name_match_t matches[NAME_INDEX_BATCH];
	uint32_t listed = 0;

	for (size_t i = 0; i < QUERIES; i += asked->batch) {
		if (asked->batch == 1)
			name_index_lookup(asked->index, &asked->queries[i], matches);
		else
			name_index_lookup_batch(asked->index, &asked->queries[i], asked->batch,
						matches);
		for (size_t j = 0; j < asked->batch; j++)
			listed += matches[j].number;
	}
	asked->listed += listed;
}

static void ask_queries(const name_index_t *index, size_t made_up)
{
	name_question_t *queries = calloc(QUERIES, sizeof(*queries));
	asked_t asked = { .index = index, .queries = queries };
	static const struct {
		const char *what;
		size_t batch;
	} ways[] = {
		{ "single", 1 },
		{ "batches of 8", 8 },
		{ "batches of 32", 32 },
		{ "batches of 64", 64 },
	};

	if (queries == NULL)
		measure_die("no memory");
	make_queries(queries, made_up);
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		asked.batch = ways[i].batch;
		measure_against(ways[i].what, measure_best_s(ask_all, &asked) * 1e9 / QUERIES, "ns",
				floor_load_ns(name_index_size(index), false));
	}
	free(queries);
}

static name_index_t *build(value_sets_t *sets)
{
	name_builder_t *builder = name_builder_new();
	double before = measure_peak_mib();
	double start = measure_process_s();
	err_t error = ERR_OK;
	name_index_t *index;

	if (builder == NULL)
		measure_die("no memory");
	for (size_t at = 0; at < names_size && error == ERR_OK; at += 1u + names[at])
		error = name_builder_add(builder, names + at + 1,
					 NAME_FOR_PLAIN | NAME_FOR_WILDCARD, 1);
	double added = measure_process_s();
	if (error != ERR_OK || name_builder_finish(builder, sets, 1u << 30, &index) != ERR_OK)
		measure_die("could not build");
	double finished = measure_process_s();
	measure_row("names", (double)name_index_count(index), "");
	measure_row("add", added - start, "s");
	measure_row("finish", finished - added, "s");
	/* Each name has to be put into its place once. */
	measure_against("build", finished - start, "s",
			floor_load_ns(name_index_size(index), false) *
				(double)name_index_count(index) / 1e9);
	measure_row("peak of the builder", measure_peak_mib() - before, "MiB");
	name_builder_free(builder);
	return index;
}

/* The bytes of the index against those that the names need. A made-up one that came twice counts
 * twice there: they are few. */
static void measure_size(const name_index_t *index)
{
	double count = (double)name_index_count(index);
	double size = (double)name_index_size(index);

	measure_row("bytes", size, "");
	measure_against("bytes per name", size / count, "",
			floor_names_bytes(list_text, list_size) / count);
}

/* As when a compiled list is opened. */
static void check(void *context)
{
	const name_index_t *index = context;
	const char *why;

	if (name_index_check(index, name_index_size(index), NAME_INDEX_MAX, &why) != ERR_OK)
		measure_die(why);
}

static void measure_check(name_index_t *index)
{
	processors_pretend(1);
	measure_row("check, on one CPU", measure_best_s(check, index) * 1e3, "ms");
	processors_pretend(0);
}

int main(int argc, char **argv)
{
	measure_begin("bench_name_index", &argc, &argv);
	const char *what = argc > 1 ? argv[1] : "5000000";
	bool is_file = what[strspn(what, "0123456789")] != '\0';
	size_t count = is_file ? 0 : strtoul(what, NULL, 10);
	value_sets_t *sets = intern_new();
	char name[1024];

	if (sets == NULL)
		measure_die("no memory");
	if (is_file)
		read_file(what);
	for (size_t i = 0; i < count; i++) {
		measure_random_state = i * STEP;
		make_text(name);
		add_text(name);
	}
	name_index_t *index = build(sets);
	ask_queries(index, count);
	measure_size(index);
	measure_check(index);
	name_index_free(index);
	intern_free(sets);
	free(names);
	free(list_text);
	return measure_end();
}
