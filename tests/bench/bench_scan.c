/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Measures ip4_scan, name_scan and name_scan_keys, each variant that the machine has: bytes of text a second, and time
 * for a line. Arguments: a file of addresses and one of names, of which the plain lines at the beginning
 * count; "-" or none at all: lists that are made up. */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cpu.h"
#include "zonefile/ip4_scan.h"
#include "zonefile/name_scan.h"

#define LINES  2000000
#define ROUNDS 7
#define MARGIN 64
/* Lines that are read at once, as a reader would whose buffers stay in the cache; of each piece the
 * best round counts, so that others who use the machine do not. */
#define PIECE_ADDRESSES 16384
#define PIECE_NAMES     262144
#define PIECES_MAX      65536

static uint64_t random_state = 1;

static uint64_t random_64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void die(const char *why)
{
	fprintf(stderr, "bench_scan: %s\n", why);
	exit(EXIT_FAILURE);
}

/* Text, with a margin behind it that may be read. */
typedef struct text {
	char *start;
	char *end;
} text_t;

static text_t allocate(size_t size)
{
	char *start = calloc(1, size + MARGIN);

	if (start == NULL)
		die("no memory");
	return (text_t){ start, start };
}

static text_t read_file(const char *path)
{
	FILE *file = fopen(path, "r");

	if (file == NULL || fseek(file, 0, SEEK_END) != 0)
		die("cannot open the file");
	size_t size = (size_t)ftell(file);
	text_t text = allocate(size);
	rewind(file);
	text.end += fread(text.start, 1, size, file);
	fclose(file);
	return text;
}

static text_t make_addresses(void)
{
	text_t text = allocate((size_t)LINES * 16);

	for (unsigned i = 0; i < LINES; i++) {
		uint64_t bits = random_64();
		text.end += sprintf(text.end, "%u.%u.%u.%u\n", (unsigned)(bits & 255),
				    (unsigned)(bits >> 8 & 255), (unsigned)(bits >> 16 & 255),
				    (unsigned)(bits >> 24 & 255));
	}
	return text;
}

/* Names of one to three labels behind `mark`. */
static text_t make_names(const char *mark)
{
	static const char *const tops[] = {
		"com", "net", "org", "info", "de", "xyz", "co.uk", "ru"
	};
	text_t text = allocate((size_t)LINES * 40);

	for (unsigned i = 0; i < LINES; i++) {
		uint64_t bits = random_64();
		text.end = stpcpy(text.end, mark);
		for (unsigned letters = 5 + (unsigned)(bits % 12); letters > 0; letters--)
			*text.end++ = "abcdefghijklmnopqrstuvwxyz012345"[random_64() & 31];
		text.end += sprintf(text.end, ".%s\n", tops[bits >> 32 & 7]);
	}
	return text;
}

/* Reads a piece at `at`; returns how many lines, and the next in `stop`. */
typedef size_t scan_piece_t(const char *at, const char *end, const char **stop);

static size_t scan_addresses(const char *at, const char *end, const char **stop)
{
	static uint32_t addresses[PIECE_ADDRESSES];

	return ip4_scan(at, end, addresses, PIECE_ADDRESSES, stop);
}

static size_t scan_names(const char *at, const char *end, const char **stop)
{
	static uint8_t names[PIECE_NAMES];
	size_t size;

	return name_scan(at, end, names, sizeof(names), &size, stop);
}

/* By a code that suits names of letters and digits. */
static name_coder_t *make_coder(void)
{
	static name_code_table_t table;
	uint64_t counts[NAME_SYMBOLS] = { [NAME_SYMBOL_END] = 300 };
	name_code_t codes[NAME_SYMBOLS];

	for (const char *at = "abcdefghijklmnopqrstuvwxyz0123456789-"; *at != '\0'; at++)
		counts[1 + (unsigned char)*at] = 100;
	if (name_code_make(counts, codes) != ERR_OK)
		die("no memory");
	name_code_table_make(&table, codes, true);
	return name_coder_new(&table);
}

static size_t scan_keys(const char *at, const char *end, const char **stop)
{
	static uint8_t keys[PIECE_NAMES];
	static name_coder_t *coder;
	size_t size;

	if (coder == NULL && (coder = make_coder()) == NULL)
		die("no memory");
	return name_scan_keys(coder, at, end, keys, sizeof(keys), &size, stop);
}

static void measure(const char *what, text_t text, scan_piece_t *scan)
{
	static double best[PIECES_MAX];

	for (cpu_level_t level = CPU_PLAIN; level < CPU_LEVELS; level++) {
		const char *at = text.start;
		size_t lines = 0;
		size_t pieces = 0;
		double sum = 0;

		cpu_limit(level);
		if (cpu_level() != level)
			continue;
		for (unsigned round = 0; round < ROUNDS; round++) {
			at = text.start;
			lines = pieces = 0;
			for (size_t got = 1; got > 0 && pieces < PIECES_MAX; pieces++) {
				double start = now_s();
				lines += got = scan(at, text.end, &at);
				double time = now_s() - start;
				if (round == 0 || time < best[pieces])
					best[pieces] = time;
			}
		}
		for (size_t i = 0; i < pieces; i++)
			sum += best[i];
		printf("%-12s %-8s %7.2f GB/s %7.2f ns  (%zu lines)\n", what, cpu_level_name(level),
		       (double)(at - text.start) / sum * 1e-9, sum * 1e9 / (double)lines, lines);
	}
	free(text.start);
}

int main(int argc, char **argv)
{
	bool is_made_up = argc < 2 || strcmp(argv[1], "-") == 0;

	measure("addresses", is_made_up ? make_addresses() : read_file(argv[1]), scan_addresses);
	is_made_up = argc < 3 || strcmp(argv[2], "-") == 0;
	measure("names", is_made_up ? make_names("") : read_file(argv[2]), scan_names);
	if (!is_made_up) {
		measure("keys", read_file(argv[2]), scan_keys);
	} else {
		measure("keys", make_names(""), scan_keys);
		measure(".names", make_names("."), scan_names);
		measure("*.names", make_names("*."), scan_names);
	}
	return EXIT_SUCCESS;
}
