/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Any bytes as an index, or as the notes beside one: what passes its check can be asked, walked and
 * compared, and has no number above the largest. The first byte says as what; its upper bits, at how many
 * CPUs and with which instructions. Of an index the size in the header is put right, and of an index of
 * names the codes, so that little is refused for these. The entry point is libFuzzer's; replay.c calls it
 * for files. */

#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/processors.h"
#include "index/ip4_builder.h"
#include "index/ip4_layout.h"
#include "index/ip6_builder.h"
#include "index/ip6_layout.h"
#include "index/ip_lines.h"
#include "index/name_builder.h"
#include "index/name_layout.h"
#include "index/name_lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_NUMBER 1000u

/* Names that are asked for of those that a walk shows. */
#define ASKED_MAX 200

static void must(bool condition)
{
	if (!condition)
		abort();
}

/* A copy of exactly this size, for the sanitizer to see the end. */
static uint8_t *copy_block(const uint8_t *data, size_t size)
{
	uint8_t *block = malloc(size > 0 ? size : 1);

	must(block != NULL);
	if (size > 0)
		memcpy(block, data, size);
	return block;
}

static void count_number(uint32_t number)
{
	must(number <= MAX_NUMBER);
}

static void see_lines(void *context, const uint32_t *old, const uint32_t *next, uint64_t count)
{
	(void)context;
	must((old != NULL || next != NULL) && count > 0);
	count_number(old != NULL ? *old : 0);
	count_number(next != NULL ? *next : 0);
}

/* ---- IPv4 ---- */

typedef struct ip4_walk {
	const ip4_index_t *index;
	uint64_t next;
	unsigned asked;
} ip4_walk_t;

static void see_ip4_range(void *context, uint32_t first, uint32_t last, uint32_t number)
{
	ip4_walk_t *walk = context;
	uint32_t ends[] = { first, last };
	uint32_t numbers[2];

	count_number(number);
	must(first == walk->next && last >= first);
	walk->next = (uint64_t)last + 1;
	if (walk->asked++ > ASKED_MAX)
		return;
	must(ip4_index_lookup(walk->index, first) == number);
	ip4_index_lookup_batch(walk->index, ends, 2, numbers);
	must(numbers[0] == number && numbers[1] == number);
	for (unsigned length = 4; length < 32; length += 4) {
		uint32_t host = UINT32_MAX >> length;

		must(ip4_index_has_any(walk->index, first & ~host, first | host) ||
		     number == IP4_INDEX_NONE);
	}
}

static void use_ip4(const uint8_t *data, size_t size)
{
	ip4_index_t *index = (ip4_index_t *)(void *)copy_block(data, size);
	ip4_walk_t walk = { .index = index };
	const char *why = NULL;

	if (size >= sizeof(*index))
		index->size = size;
	err_t error = ip4_index_check(index, size, MAX_NUMBER, &why);
	must(error == ERR_OK || (error == ERR_INVAL && why != NULL));
	if (error == ERR_OK) {
		ip4_index_walk(index, see_ip4_range, &walk);
		must(walk.next == (uint64_t)1 << 32);
	}
	free(index);
}

/* ---- IPv6 ---- */

typedef struct ip6_walk {
	const ip6_index_t *index;
	ip6_address_t next;
	unsigned asked;
} ip6_walk_t;

static void see_ip6_range(void *context, ip6_address_t first, ip6_address_t last, uint32_t number)
{
	ip6_walk_t *walk = context;
	ip6_address_t ends[] = { first, last };
	uint32_t numbers[2];

	count_number(number);
	must(ip6_is_equal(first, walk->next) && !ip6_is_less(last, first));
	walk->next = ip6_add(last, (ip6_address_t){ .low = 1 });
	if (walk->asked++ > ASKED_MAX)
		return;
	must(ip6_index_lookup(walk->index, first) == number);
	ip6_index_lookup_batch(walk->index, ends, 2, numbers);
	must(numbers[0] == number && numbers[1] == number);
	must(ip6_index_has_any(walk->index, first, last) == (number != IP6_INDEX_NONE));
}

static void use_ip6(const uint8_t *data, size_t size)
{
	ip6_index_t *index = (ip6_index_t *)(void *)copy_block(data, size);
	ip6_walk_t walk = { .index = index };
	const char *why = NULL;

	if (size >= sizeof(*index))
		index->size = size;
	err_t error = ip6_index_check(index, size, MAX_NUMBER, &why);
	must(error == ERR_OK || (error == ERR_INVAL && why != NULL));
	if (error == ERR_OK) {
		ip6_index_walk(index, see_ip6_range, &walk);
		must(ip6_is_zero(walk.next));
	}
	free(index);
}

/* ---- Names ---- */

typedef struct name_walk {
	const name_index_t *index;
	unsigned asked;
} name_walk_t;

/* Asks for the name on the wire `name`, singly and in a batch. */
static void ask_name(const name_index_t *index, const uint8_t *name)
{
	uint8_t labels[NAME_LABELS_MAX + 1];
	name_question_t questions[2] = { { .name = name, .labels = labels } };
	name_match_t match, matches[2];
	unsigned depth = 0;

	for (const uint8_t *at = name; *at != 0; at += *at + 1u)
		labels[depth++] = (uint8_t)(at - name);
	questions[0].depth = depth;
	questions[1] = questions[0];
	questions[1].labels += depth > 0;
	questions[1].depth -= depth > 0;
	name_index_lookup(index, &questions[0], &match);
	name_index_lookup_batch(index, questions, COUNT_OF(questions), matches);
	must(match.number == matches[0].number && match.kind == matches[0].kind &&
	     match.depth == matches[0].depth && match.has_below == matches[0].has_below);
	for (unsigned i = 0; i < COUNT_OF(matches); i++) {
		count_number(matches[i].number);
		must(matches[i].depth <= questions[i].depth);
	}
}

static void see_name(void *context, const uint8_t *name, name_kind_t kind, uint32_t number)
{
	name_walk_t *walk = context;
	uint8_t other[NAME_SYMBOLS_MAX + 3];

	count_number(number);
	must(kind == NAME_PLAIN || kind == NAME_WILDCARD);
	if (walk->asked++ > ASKED_MAX)
		return;
	ask_name(walk->index, name);
	/* Below it, and its neighbour. */
	size_t size = 0;
	while (name[size] != 0)
		size += name[size] + 1u;
	if (size + 2 <= NAME_SYMBOLS_MAX) {
		memcpy(other, "\1x", 2);
		memcpy(other + 2, name, size + 1);
		ask_name(walk->index, other);
	}
	memcpy(other, name, size + 1);
	other[1]++;
	ask_name(walk->index, other);
}

static void ignore_names(void *context, const name_line_t *old, const name_line_t *next,
			 uint64_t count)
{
	(void)context;
	must((old != NULL || next != NULL) && count > 0);
}

static name_index_t *build_names(void)
{
	static const char names[] = "\3com\0\7example\3com\0\1a\1b\1c\3org\0\3foo\7example\3net\0";
	name_builder_t *builder = name_builder_new();
	value_sets_t *sets = intern_new();
	name_index_t *index = NULL;
	unsigned kinds = 0;

	must(builder != NULL && sets != NULL);
	for (const char *at = names; at < names + sizeof(names) - 1; at += strlen(at) + 1, kinds++)
		must(name_builder_add(builder, (const uint8_t *)at, 1 + kinds % 3, 1 + kinds) ==
		     ERR_OK);
	must(name_builder_finish(builder, sets, MAX_NUMBER, &index) == ERR_OK);
	name_builder_free(builder);
	intern_free(sets);
	return index;
}

static void use_names(const uint8_t *data, size_t size)
{
	static name_index_t *known;
	name_index_t *index = (name_index_t *)(void *)copy_block(data, size);
	name_walk_t walk = { .index = index };
	name_lines_t none = { .kinds = NULL };
	const char *why = NULL;

	if (known == NULL)
		known = build_names();
	if (size >= sizeof(*index)) {
		index->size = size;
		if (!name_code_is_sound(index->codes))
			memcpy(index->codes, known->codes, sizeof(index->codes));
	}
	err_t error = name_index_check(index, size, MAX_NUMBER, &why);
	must(error == ERR_OK || (error == ERR_INVAL && why != NULL));
	if (error == ERR_OK) {
		name_index_walk(index, see_name, &walk);
		ask_name(index, (const uint8_t *)"\3com");
		ask_name(index, (const uint8_t *)"\1x\1y\1z\7example\3com");
		name_lines_compare(index, &none, known, &none, ignore_names, NULL);
		name_lines_compare(index, &none, index, &none, ignore_names, NULL);
	}
	free(index);
}

/* ---- Notes ---- */

static ip4_index_t *build_ip4(void)
{
	ip4_builder_t *builder = ip4_builder_new(IP4_RULE_LONGEST_PREFIX);
	value_sets_t *sets = intern_new();
	ip4_index_t *index = NULL;

	must(builder != NULL && sets != NULL);
	must(ip4_builder_add(builder, 0x0a000000, 16, 1) == ERR_OK);
	must(ip4_builder_add(builder, 0x0a010000, 30, 2) == ERR_OK);
	must(ip4_builder_add(builder, 0x0a010008, 32, 2) == ERR_OK);
	must(ip4_builder_add(builder, 0x0b010008, 32, 3) == ERR_OK);
	must(ip4_builder_finish(builder, sets, MAX_NUMBER, &index) == ERR_OK);
	ip4_builder_free(builder);
	intern_free(sets);
	return index;
}

static ip6_index_t *build_ip6(void)
{
	static const ip6_address_t prefix = { .high = (uint64_t)0x20010db8 << 32 };
	ip6_builder_t *builder = ip6_builder_new();
	ip6_index_t *index = NULL;

	must(builder != NULL);
	must(ip6_builder_add(builder, prefix, 32, 1) == ERR_OK);
	must(ip6_builder_add(builder, (ip6_address_t){ .low = 2 }, 127, 2) == ERR_OK);
	must(ip6_builder_finish(builder, &index) == ERR_OK);
	ip6_builder_free(builder);
	return index;
}

static void use_ip_lines(const uint8_t *data, size_t size)
{
	static ip4_index_t *ip4;
	static ip6_index_t *ip6;
	uint8_t *notes = copy_block(data, size);
	ip_lines_t lines = { .notes = notes, .size = size };
	ip_lines_t none = { .notes = NULL };
	const char *why = NULL;

	if (ip4 == NULL) {
		ip4 = build_ip4();
		ip6 = build_ip6();
	}
	err_t error = ip_lines_check(notes, size, MAX_NUMBER, &why);
	must(error == ERR_OK || (error == ERR_INVAL && why != NULL));
	if (error == ERR_OK) {
		lines.most = 100000;
		ip4_lines_compare(ip4, &lines, ip4, &none, see_lines, NULL);
		ip6_lines_compare(ip6, &none, ip6, &lines, see_lines, NULL);
	}
	free(notes);
}

/* Two bytes are the size of the first notes. */
static void use_name_lines(const uint8_t *data, size_t size)
{
	static name_index_t *known;
	const char *why = NULL;

	if (known == NULL)
		known = build_names();
	if (size < 2)
		return;
	size_t first = (size_t)data[0] << 8 | data[1];
	if (first > size - 2)
		first = size - 2;
	name_lines_t lines = { .kinds_size = first, .dropped_size = size - 2 - first };
	name_lines_t none = { .kinds = NULL };
	lines.kinds = copy_block(data + 2, lines.kinds_size);
	lines.dropped = copy_block(data + 2 + first, lines.dropped_size);
	err_t error = name_lines_check(lines.kinds, lines.kinds_size, lines.dropped,
				       lines.dropped_size, &why);
	must(error == ERR_OK || (error == ERR_INVAL && why != NULL));
	if (error == ERR_OK)
		name_lines_compare(known, &lines, known, &none, ignore_names, NULL);
	name_lines_clear(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const uses[])(const uint8_t *, size_t) = { use_ip4, use_ip6, use_names,
								 use_ip_lines, use_name_lines };

	if (size == 0)
		return 0;
	processors_pretend(1 + (data[0] >> 6 & 1));
	cpu_limit(data[0] >> 7 != 0 ? CPU_PLAIN : CPU_LEVELS);
	uses[(data[0] & 31) % COUNT_OF(uses)](data + 1, size - 1);
	return 0;
}
