/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* random_lists KIND COUNT SEED: writes COUNT different random entries, one a line, to standard output. The same
 * three words always give the same list.
 *
 * sorted    IPv4 addresses from 1.0.0.0 up to 223.255.255.255, in order
 * shuffled  the same addresses in the order in which they were drawn
 * ip6       IPv6 /64s below 2000::/3 as four words, which every type of data set takes, as they were drawn
 * names     domains of two labels, the lower one of 5 to 13 letters and digits, the upper one of a
 *           dozen in proportions like those of real lists, as they were drawn */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

#define FIRST_ADDRESS UINT32_C(0x01000000)
#define LAST_ADDRESS  UINT32_C(0xdfffffff)
/* Of the addresses that there are; more would take long to draw. */
#define COUNT_MAX UINT32_C(1000000000)

/* A number below `end`: the bias is below 2^-32 for the small ones that are asked for. */
static uint32_t random_below(uint32_t end)
{
	return (uint32_t)(((measure_random() >> 32) * end) >> 32);
}

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (memory == NULL)
		measure_die("no memory");
	return memory;
}

/* Formatting with stdio would take longer than the servers need to read it. */
static char *put_number(char *at, uint32_t number)
{
	if (number >= 100)
		*at++ = (char)('0' + number / 100);
	if (number >= 10)
		*at++ = (char)('0' + number / 10 % 10);
	*at++ = (char)('0' + number % 10);
	return at;
}

static void put_address(uint32_t address)
{
	char line[16];
	char *at = line;

	for (int shift = 24; shift >= 0; shift -= 8) {
		at = put_number(at, address >> shift & 255);
		*at++ = shift > 0 ? '.' : '\n';
	}
	fwrite_unlocked(line, 1, (size_t)(at - line), stdout);
}

/* A set of all IPv4 addresses, one bit each: 512 MiB, of which only what is used is there, page by page. */
#define PAGE_SIZE 4096
#define PAGES     ((1U << 29) / PAGE_SIZE)

typedef struct address_set {
	uint8_t *bits;
	bool is_used[PAGES];
} address_set_t;

static bool address_set_take(address_set_t *set, uint32_t address)
{
	uint8_t bit = (uint8_t)(1U << (address & 7));

	if (set->bits[address >> 3] & bit)
		return false;
	set->bits[address >> 3] |= bit;
	set->is_used[(address >> 3) / PAGE_SIZE] = true;
	return true;
}

static void put_page(const address_set_t *set, uint32_t page)
{
	for (uint32_t byte = page * PAGE_SIZE; byte < (page + 1) * PAGE_SIZE; byte++) {
		for (unsigned bits = set->bits[byte]; bits != 0; bits &= bits - 1)
			put_address(byte << 3 | (uint32_t)__builtin_ctz(bits));
	}
}

static void write_addresses(uint32_t count, bool is_sorted)
{
	static address_set_t set;

	set.bits = allocate(PAGES, PAGE_SIZE);
	for (uint32_t drawn = 0; drawn < count;) {
		uint32_t address = FIRST_ADDRESS + random_below(LAST_ADDRESS - FIRST_ADDRESS + 1);

		if (!address_set_take(&set, address))
			continue;
		drawn++;
		if (!is_sorted)
			put_address(address);
	}
	for (uint32_t page = 0; is_sorted && page < PAGES; page++) {
		if (set.is_used[page])
			put_page(&set, page);
	}
	free(set.bits);
}

/* Numbers that were drawn, open addressing; 0 is none. Never more than half full. */
typedef struct number_set {
	uint64_t *slots;
	size_t mask;
} number_set_t;

static number_set_t number_set_new(uint32_t count)
{
	size_t size = 16;

	while (size < (size_t)count * 2)
		size *= 2;
	return (number_set_t){ .slots = allocate(size, sizeof(uint64_t)), .mask = size - 1 };
}

static bool number_set_take(number_set_t *set, uint64_t number)
{
	size_t slot = (size_t)((number * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & set->mask;

	for (; set->slots[slot] != 0; slot = (slot + 1) & set->mask) {
		if (set->slots[slot] == number)
			return false;
	}
	set->slots[slot] = number;
	return true;
}

static void write_ip6(uint32_t count)
{
	number_set_t set = number_set_new(count);

	for (uint32_t drawn = 0; drawn < count;) {
		uint64_t upper = measure_random() >> 3 | UINT64_C(0x2000000000000000);

		if (!number_set_take(&set, upper))
			continue;
		drawn++;
		printf("%x:%x:%x:%x\n", (unsigned)(upper >> 48), (unsigned)(upper >> 32 & 0xffff),
		       (unsigned)(upper >> 16 & 0xffff), (unsigned)(upper & 0xffff));
	}
	free(set.slots);
}

/* The upper label, and how many of 100 have it. */
static const struct top {
	const char *label;
	uint32_t share;
} tops[] = {
	{ "com", 45 }, { "net", 8 },  { "org", 7 },  { "info", 6 }, { "xyz", 6 },   { "top", 6 },
	{ "ru", 6 },   { "shop", 4 }, { "site", 4 }, { "de", 3 },   { "click", 3 }, { "uk", 2 },
};

static const char *draw_top(void)
{
	uint32_t number = random_below(100);
	size_t i = 0;

	for (; number >= tops[i].share; i++)
		number -= tops[i].share;
	return tops[i].label;
}

/* A hash of 64 bits stands for the name: of two names with one hash the second is not taken. */
static uint64_t hash_name(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *name != '\0'; name++)
		hash = (hash ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
	return hash | 1;
}

static void write_names(uint32_t count)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	number_set_t set = number_set_new(count);

	for (uint32_t drawn = 0; drawn < count;) {
		char name[32];
		uint32_t length = 5 + random_below(9);

		for (uint32_t i = 0; i < length; i++)
			name[i] = characters[random_below(sizeof(characters) - 1)];
		name[length] = '.';
		strcpy(name + length + 1, draw_top());
		if (!number_set_take(&set, hash_name(name)))
			continue;
		drawn++;
		fputs_unlocked(name, stdout);
		putc_unlocked('\n', stdout);
	}
	free(set.slots);
}

int main(int argc, char **argv)
{
	const char *kind = argc == 4 ? argv[1] : "";
	unsigned long count = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;

	if (count == 0 || count > COUNT_MAX) {
		fputs("usage: random_lists sorted|shuffled|ip6|names COUNT SEED\n", stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOFBF, (size_t)1 << 20);
	measure_random_state = strtoull(argv[3], NULL, 10);
	if (strcmp(kind, "sorted") == 0 || strcmp(kind, "shuffled") == 0) {
		write_addresses((uint32_t)count, strcmp(kind, "sorted") == 0);
	} else if (strcmp(kind, "ip6") == 0) {
		write_ip6((uint32_t)count);
	} else if (strcmp(kind, "names") == 0) {
		write_names((uint32_t)count);
	} else {
		fprintf(stderr, "random_lists: no kind %s\n", kind);
		return 2;
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 2;
}
