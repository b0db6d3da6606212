/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_page.h"

#include <assert.h>
#include <string.h>

/* ---- The smallest form ---- */

/* Where the code of a number is, or would be. */
static uint16_t *find_code(ip4_dictionary_t *dictionary, uint32_t number)
{
	uint32_t place = number * 0x9e3779b1u >> 23;

	_Static_assert(COUNT_OF(dictionary->codes) == 1u << (32 - 23), "9 bits of a hash");
	while (dictionary->codes[place] != 0 &&
	       dictionary->numbers[dictionary->codes[place] - 1] != number)
		place = (place + 1) % COUNT_OF(dictionary->codes);
	return &dictionary->codes[place];
}

static void fill_dictionary(ip4_page_t *page)
{
	ip4_dictionary_t *dictionary = &page->dictionary;

	dictionary->count = 0;
	memset(dictionary->codes, 0, sizeof(dictionary->codes));
	for (uint32_t i = 0; i < page->run_count; i++) {
		uint16_t *code = find_code(dictionary, page->numbers[i]);

		if (*code != 0)
			continue;
		if (dictionary->count++ == IP4_DICTIONARY_MAX)
			return;
		dictionary->numbers[dictionary->count - 1] = page->numbers[i];
		*code = (uint16_t)dictionary->count;
	}
}

/* The number that most addresses of the page have, if one has more than half of them; else any of
 * them. (R. S. Boyer, J S. Moore, "MJRTY: a fast majority vote algorithm", 1991.) Without a
 * majority points are seldom the smallest form, so that this is good enough. */
static uint32_t find_background(const ip4_page_t *page)
{
	uint32_t candidate = page->numbers[0];
	uint32_t lead = 0;

	for (uint32_t i = 0; i < page->run_count; i++) {
		uint32_t size = page->starts[i + 1] - page->starts[i];

		if (page->numbers[i] == candidate) {
			lead += size;
		} else if (lead >= size) {
			lead -= size;
		} else {
			lead = size - lead;
			candidate = page->numbers[i];
		}
	}
	return candidate;
}

/* Bits of the largest of several numbers that are or'ed. */
static unsigned number_width(uint32_t numbers)
{
	return numbers == 0 ? 1 : 32 - (unsigned)__builtin_clz(numbers);
}

static void take_form(ip4_plan_t *plan, size_t size, bool has_header, unsigned kind, uint32_t count)
{
	if (size >= plan->size)
		return;
	plan->size = size;
	plan->has_header = has_header;
	plan->kind = kind;
	plan->count = count;
}

/* Takes the form `kind` with `count` positions when it is smaller than what is planned. */
static void consider(ip4_plan_t *plan, unsigned kind, uint32_t count)
{
	take_form(plan, ip4_container_size(kind, plan->width, count, plan->dictionary), true, kind,
		  count);
}

/* The same for points over a background, without a header if the pair is the plain one. */
static void consider_points(ip4_plan_t *plan, uint32_t count, uint32_t number, uint32_t plain)
{
	if (plan->background == IP4_INDEX_NONE && (number == plain || plain == IP4_INDEX_NONE))
		take_form(plan, ip4_fine_size(count), false, 0, count);
	consider(plan, 0, count);
}

static void plan_pair(const ip4_page_t *page, ip4_plan_t *plan, uint32_t points, unsigned coarse,
		      uint32_t plain)
{
	bool is_background_first = page->numbers[0] == plan->background;

	consider(plan, IP4_KIND_RUNS | coarse, page->run_count - 1);
	consider_points(plan, points, page->numbers[is_background_first ? 1 : 0], plain);
	consider(plan, IP4_KIND_BITMAP, 0);
	plan->pair[0] = page->numbers[0];
	plan->pair[1] = page->numbers[1];
	/* Points and bits: background first. */
	if (!(plan->kind & IP4_KIND_RUNS) && !is_background_first) {
		plan->pair[0] = page->numbers[1];
		plan->pair[1] = page->numbers[0];
	}
}

static void plan_each(ip4_page_t *page, ip4_plan_t *plan, uint32_t points, unsigned coarse)
{
	const unsigned runs = IP4_KIND_EACH | IP4_KIND_RUNS | coarse;

	consider(plan, runs, page->run_count - 1);
	consider(plan, IP4_KIND_EACH, points);
	fill_dictionary(page);
	if (page->dictionary.count > IP4_DICTIONARY_MAX)
		return;
	plan->dictionary = page->dictionary.count;
	consider(plan, runs | IP4_KIND_DICTIONARY, page->run_count - 1);
	consider(plan, IP4_KIND_EACH | IP4_KIND_DICTIONARY, points);
}

static ip4_plan_t plan_uniform(uint32_t number)
{
	ip4_plan_t plan = { .kind = IP4_KIND_UNIFORM, .pair = { number } };

	plan.width = number_width(number);
	plan.has_header = number != IP4_INDEX_NONE;
	if (plan.has_header)
		plan.size = ip4_container_size(plan.kind, plan.width, 0, 0);
	return plan;
}

ip4_plan_t ip4_page_plan(ip4_page_t *page, uint32_t plain)
{
	ip4_plan_t plan = { .size = SIZE_MAX, .background = find_background(page) };
	const uint32_t *numbers = page->numbers;
	unsigned coarse = IP4_KIND_COARSE;
	uint32_t points = 0;
	uint32_t all = 0;
	bool has_pair = true; /* two different numbers in all */

	if (page->run_count == 1)
		return plan_uniform(numbers[0]);
	for (uint32_t i = 0; i < page->run_count; i++) {
		if (numbers[i] != numbers[i & 1])
			has_pair = false;
		if (numbers[i] != plan.background)
			points += page->starts[i + 1] - page->starts[i];
		if (page->starts[i] % IP4_HIGH_BYTES != 0)
			coarse = 0;
		all |= numbers[i];
	}
	plan.width = number_width(all);
	if (has_pair)
		plan_pair(page, &plan, points, coarse, plain);
	else
		plan_each(page, &plan, points, coarse);
	return plan;
}

bool ip4_points_plan(const uint16_t *lows, size_t count, uint32_t number, uint32_t plain,
		     ip4_plan_t *plan)
{
	uint32_t joined = 0; /* points right behind another */
	uint32_t bounds;     /* positions, if they were runs */

	if (count > IP4_BITMAP_BYTES)
		return false;
	for (size_t i = 1; i < count; i++)
		joined += lows[i] - lows[i - 1] == 1;
	bounds = 2 * ((uint32_t)count - joined) - (lows[0] == 0) - (lows[count - 1] == 0xffff);
	if (bounds <= count)
		return false;
	*plan = (ip4_plan_t){
		.size = SIZE_MAX,
		.width = number_width(number),
		.background = IP4_INDEX_NONE,
		.pair = { IP4_INDEX_NONE, number },
	};
	consider_points(plan, (uint32_t)count, number, plain);
	consider(plan, IP4_KIND_BITMAP, 0);
	return !(plan->kind & IP4_KIND_BITMAP);
}

/* ---- Writing ---- */

/* Where writing a container has come to. */
typedef struct writer {
	const ip4_plan_t *plan;
	ip4_dictionary_t *dictionary; /* of codes; NULL: none */
	uint8_t *samples;             /* NULL: none */
	uint8_t *bits;                /* the unary part or the coarse bitmap; NULL: neither */
	uint8_t *lows;
	uint8_t *each;
	unsigned each_width;
	size_t each_count;
	uint32_t rank; /* positions written */
	uint32_t high; /* high bytes ended, each by a one */
} writer_t;

/* Writes a number to where only zeros are. */
static void put_number(uint8_t *bits, size_t index, unsigned width, uint32_t number)
{
	size_t bit = index * width;
	uint8_t *at = bits + bit / 8;

	bits_store_64(at, bits_load_64(at) | (uint64_t)number << bit % 8);
}

/* The next number of `each`, or the code for it. */
static void write_each(writer_t *writer, uint32_t number)
{
	if (writer->dictionary != NULL)
		number = *find_code(writer->dictionary, number) - 1u;
	put_number(writer->each, writer->each_count++, writer->each_width, number);
}

/* Ends the high bytes below `high`. */
static void end_high_bytes(writer_t *writer, uint32_t high)
{
	while (writer->high < high) {
		bits_set(writer->bits, writer->high + writer->rank);
		writer->high++;
		if (writer->samples != NULL && writer->high % IP4_SAMPLE_STEP == 0 &&
		    writer->high < IP4_HIGH_BYTES) {
			bits_store_16(writer->samples, (uint16_t)(writer->high + writer->rank));
			writer->samples += sizeof(uint16_t);
		}
	}
}

static void write_position(writer_t *writer, uint32_t low, uint32_t number)
{
	if (writer->plan->kind & IP4_KIND_COARSE) {
		if (writer->bits != NULL)
			bits_set(writer->bits, low >> 8);
		else
			*writer->lows++ = (uint8_t)(low >> 8);
	} else if (writer->bits == NULL) {
		bits_store_16(writer->lows, (uint16_t)low);
		writer->lows += sizeof(uint16_t);
	} else {
		end_high_bytes(writer, low >> 8);
		*writer->lows++ = (uint8_t)low;
	}
	writer->rank++;
	if (writer->plan->kind & IP4_KIND_EACH)
		write_each(writer, number);
}

/* The header and the pair or the dictionary. Returns where the positions begin. */
static uint8_t *write_header(const ip4_plan_t *plan, const uint32_t *dictionary, uint8_t *at)
{
	uint32_t count = plan->kind & IP4_KIND_DICTIONARY ? plan->dictionary : 2;
	const uint32_t *numbers = plan->kind & IP4_KIND_DICTIONARY ? dictionary : plan->pair;

	if (!plan->has_header)
		return at;
	at[0] = (uint8_t)plan->kind;
	at[1] = (uint8_t)plan->width;
	if (plan->kind & IP4_KIND_UNIFORM) {
		put_number(at + IP4_UNIFORM_HEADER, 0, plan->width, plan->pair[0]);
		return at;
	}
	bits_store_16(at + 2, (uint16_t)plan->count);
	at += IP4_HEADER;
	if (plan->kind & IP4_KIND_DICTIONARY)
		*at++ = (uint8_t)(count - 1);
	else if (plan->kind & IP4_KIND_EACH)
		return at;
	for (uint32_t i = 0; i < count; i++)
		put_number(at, i, plan->width, numbers[i]);
	return at + bits_size(count, plan->width);
}

static writer_t begin_container(const ip4_plan_t *plan, ip4_dictionary_t *dictionary, uint8_t *at)
{
	uint8_t *positions = write_header(plan, dictionary->numbers, at);
	writer_t writer = { .plan = plan, .lows = positions, .each_width = plan->width };

	writer.each = positions + ip4_positions_size(plan->kind, plan->count);
	if (plan->kind & IP4_KIND_DICTIONARY) {
		writer.dictionary = dictionary;
		writer.each_width = ip4_code_width(plan->dictionary);
	}
	if (plan->kind & IP4_KIND_COARSE) {
		writer.bits = plan->count > IP4_COARSE_BYTES ? positions : NULL;
	} else if (plan->count > IP4_SHORT_MAX) {
		writer.samples = plan->count >= IP4_SAMPLED_MIN ? positions : NULL;
		writer.bits = positions + ip4_samples_size(plan->count);
		writer.lows = writer.bits + ip4_unary_size(plan->count);
	}
	return writer;
}

static void write_bitmap(const ip4_page_t *page, const ip4_plan_t *plan, uint8_t *bits)
{
	for (uint32_t i = 0; i < page->run_count; i++)
		if (page->numbers[i] != plan->background)
			for (uint32_t low = page->starts[i]; low < page->starts[i + 1]; low++)
				bits_set(bits, low);
}

/* All positions, and with IP4_KIND_EACH their numbers. */
static void write_positions(const ip4_page_t *page, writer_t *writer)
{
	const ip4_plan_t *plan = writer->plan;
	bool is_runs = plan->kind & IP4_KIND_RUNS;

	if (plan->kind & IP4_KIND_EACH)
		write_each(writer, is_runs ? page->numbers[0] : plan->background);
	for (uint32_t i = 0; i < page->run_count; i++) {
		if (is_runs) {
			if (i > 0)
				write_position(writer, page->starts[i], page->numbers[i]);
		} else if (page->numbers[i] != plan->background) {
			for (uint32_t low = page->starts[i]; low < page->starts[i + 1]; low++)
				write_position(writer, low, page->numbers[i]);
		}
	}
	assert(writer->rank == plan->count);
	if (writer->bits != NULL && !(plan->kind & IP4_KIND_COARSE))
		end_high_bytes(writer, IP4_HIGH_BYTES);
}

void ip4_page_write(ip4_page_t *page, const ip4_plan_t *plan, uint8_t *at)
{
	writer_t writer = begin_container(plan, &page->dictionary, at);

	if (plan->kind & IP4_KIND_BITMAP)
		write_bitmap(page, plan, writer.lows);
	else if (!(plan->kind & IP4_KIND_UNIFORM))
		write_positions(page, &writer);
}

/* The samples of a unary part that is written. */
static void write_samples(uint8_t *samples, const uint16_t *lows, uint32_t count)
{
	uint32_t rank = 0;

	for (uint32_t high = IP4_SAMPLE_STEP; high < IP4_HIGH_BYTES; high += IP4_SAMPLE_STEP) {
		while (rank < count && lows[rank] >> 8 < high)
			rank++;
		bits_store_16(samples, (uint16_t)(high + rank));
		samples += sizeof(uint16_t);
	}
}

/* Ones with a zero for each position, a word at a time. */
static void write_unary(uint8_t *unary, const uint16_t *lows, uint32_t count)
{
	uint32_t bits = IP4_HIGH_BYTES + count;
	uint32_t written = 0;
	uint64_t word = UINT64_MAX;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t bit = (lows[i] >> 8) + i;

		for (; bit - written >= 64; written += 64) {
			bits_store_64(unary + written / 8, word);
			word = UINT64_MAX;
		}
		word &= ~((uint64_t)1 << bit % 64);
	}
	for (; bits - written > 64; written += 64) {
		bits_store_64(unary + written / 8, word);
		word = UINT64_MAX;
	}
	/* What is behind gets zeros, as it has; or the low bytes, later. */
	bits_store_64(unary + written / 8, word & UINT64_MAX >> (64 - (bits - written)));
}

void ip4_points_write(const uint16_t *lows, const ip4_plan_t *plan, uint8_t *at)
{
	uint32_t count = plan->count;

	at = write_header(plan, NULL, at);
	if (count <= IP4_SHORT_MAX) {
		for (uint32_t i = 0; i < count; i++)
			bits_store_16(at + i * sizeof(uint16_t), lows[i]);
		return;
	}
	if (count >= IP4_SAMPLED_MIN)
		write_samples(at, lows, count);
	at += ip4_samples_size(count);
	write_unary(at, lows, count);
	at += ip4_unary_size(count);
	for (uint32_t i = 0; i < count; i++)
		at[i] = (uint8_t)lows[i];
}
