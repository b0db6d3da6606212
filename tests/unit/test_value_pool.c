/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Values are numbered in the order in which they first come, one by one or in rounds, and mean in the end what their
 * texts compile to with the variables that there are then: against a list that is searched. */

#include "test.h"

#include "dataset/value_table.h"

#define VALUES   1500
#define ROUND    64
#define ALPHABET "$$$$=01aab\xff "

static char texts[VALUES][DNS_TEXT_MAX + 9];
static zone_value_t known[VALUES];
static uint32_t known_count;

/* A text of few different ones, a part of them of the sizes at which heads grow. */
static size_t make_text(char *text)
{
	static const unsigned sizes[] = { 0, 1, 2, 3, 5, 62, 63, 64, 65, 127, 128, 130, 300 };
	size_t size = sizes[random_below(random_below(3) == 0 ? COUNT_OF(sizes) : 5)];
	bool has_dollars = random_below(2) == 0;

	if (random_below(100) == 0)
		size = DNS_TEXT_MAX - 2 + random_below(8);
	for (size_t i = 0; i < size; i++)
		text[i] = !has_dollars || (size > 10 && random_below(40) != 0)
				  ? (char)('a' + random_below(size > 10 ? 2 : 26))
				  : ALPHABET[random_below(sizeof(ALPHABET) - 1)];
	return size;
}

static bool is_equal(const zone_value_t *a, const zone_value_t *b)
{
	size_t a_size = text_size(a->txt) < DNS_TEXT_MAX ? text_size(a->txt) : DNS_TEXT_MAX;
	size_t b_size = text_size(b->txt) < DNS_TEXT_MAX ? text_size(b->txt) : DNS_TEXT_MAX;

	return memcmp(a->a, b->a, 4) == 0 && a_size == b_size &&
	       (a_size == 0 || memcmp(a->txt.at, b->txt.at, a_size) == 0) &&
	       a->conditions.visible_from == b->conditions.visible_from &&
	       a->conditions.needs_key == b->conditions.needs_key &&
	       a->conditions.key_skips_delay == b->conditions.key_skips_delay;
}

/* The number that a value must get; where it is new its text stays where it is. */
static uint32_t number_of(const zone_value_t *value)
{
	for (uint32_t i = 0; i < known_count; i++)
		if (is_equal(&known[i], value))
			return i + 1;
	known[known_count++] = *value;
	return known_count;
}

/* Makes values of a round, and what their numbers must be; returns how many. */
static size_t make_round(zone_value_t *values, uint32_t *wanted, bool has_conditions)
{
	size_t count = 0;

	while (count < ROUND && known_count < VALUES) {
		zone_value_t *value = &values[count];
		uint32_t before = known_count;
		char *text = texts[known_count];

		*value = (zone_value_t){ .a = { 127, 0, 0, (uint8_t)random_below(3) } };
		value->txt = (text_t){ text, text + make_text(text) };
		if (before > 0 && random_below(3) == 0)
			*value = known[random_below(before)];
		if (has_conditions && random_below(20) == 0)
			value->conditions = (zone_conditions_t){
				.visible_from = (int64_t)random_below(2) << 40,
				.needs_key = random_below(2) == 0,
				.key_skips_delay = random_below(2) == 0,
			};
		wanted[count] = number_of(value);
		/* The place of a text that is known already is the next one's. */
		*value = known[wanted[count++] - 1];
	}
	return count;
}

static void add_round(value_table_t *table, const zone_value_t *values, const uint32_t *wanted,
		      size_t count)
{
	value_pool_t *pool = value_table_pool(table);
	uint32_t hashes[ROUND];
	uint32_t number;

	for (size_t i = 0; i < count; i++) {
		hashes[i] = value_pool_hash(&values[i]);
		value_pool_prefetch_slot(pool, hashes[i]);
	}
	for (size_t i = 0; i < count; i++)
		value_pool_prefetch_value(pool, hashes[i]);
	for (size_t i = 0; i < count; i++)
		value_pool_prefetch_text(pool, hashes[i]);
	for (size_t i = 0; i < count; i++) {
		if (random_below(2) == 0)
			MUST(value_table_add(table, &values[i], &number) == ERR_OK, "no memory");
		else
			MUST(value_pool_add(pool, hashes[i], &values[i], &number) == ERR_OK,
			     "no memory");
		MUST(number == wanted[i], "value %u is %u", wanted[i], number);
	}
}

static void check_value(const value_table_t *table, uint32_t number,
			const template_variables_t *variables)
{
	static const zone_conditions_t none = { .visible_from = 0 };
	const zone_value_t *value = &known[number - 1];
	const zone_conditions_t *conditions = value_table_conditions(table, number);
	const uint8_t *compiled = value_table_txt(table, number);
	uint8_t wanted[TEMPLATE_COMPILED_MAX];
	text_t text = value->txt;

	if (text_size(text) > DNS_TEXT_MAX)
		text.end = text.at + DNS_TEXT_MAX;
	size_t size = template_compile(text, variables, wanted);
	MUST(memcmp(value_table_a(table, number), value->a, 4) == 0, "A of %u", number);
	MUST((size == 0) == (compiled == NULL), "text of %u", number);
	MUST(size == 0 || (template_size(compiled) == size && memcmp(compiled, wanted, size) == 0),
	     "text of %u: %.*s", number, (int)text_size(text), text.at);
	if (conditions == NULL)
		conditions = &none;
	MUST(conditions->visible_from == value->conditions.visible_from &&
		     conditions->needs_key == value->conditions.needs_key &&
		     conditions->key_skips_delay == value->conditions.key_skips_delay,
	     "conditions of %u", number);
}

static void check_table(const value_table_t *table, const template_variables_t *variables)
{
	value_table_t *mapped;
	const char *why = "";
	size_t size;
	const void *block = value_table_block(table, &size);

	ck_assert_uint_eq(value_table_count(table), known_count);
	ck_assert_int_eq(value_table_map(block, size, &mapped, &why), ERR_OK);
	ck_assert_uint_eq(value_table_count(mapped), known_count);
	for (uint32_t number = 1; number <= known_count; number++) {
		check_value(table, number, variables);
		check_value(mapped, number, variables);
	}
	value_table_free(mapped);
	/* A block that is cut off, or goes on, is refused. */
	for (size_t wrong = size - 17; wrong <= size + 17; wrong += wrong == size - 1 ? 2 : 1)
		ck_assert_int_eq(
			value_table_map(block, wrong < size ? wrong : size - 8, &mapped, &why),
			ERR_INVAL);
}

START_TEST(test_random)
{
	static const char digit[] = "variable $";
	static const char base[] = "base $= of $ $0";

	/* Bits: the variable $0, the base template, conditions. */
	for (unsigned kind = 0; kind < 8; kind++) {
		template_variables_t variables = { .base = { NULL, NULL } };
		value_table_t *table = value_table_new();
		zone_value_t values[ROUND];
		uint32_t wanted[ROUND];
		size_t count;

		random_start(kind);
		known_count = 0;
		if ((kind & 1) != 0)
			variables.digits[0] = (text_t){ digit, digit + strlen(digit) };
		if ((kind & 2) != 0)
			variables.base = (text_t){ base, base + strlen(base) };
		ck_assert_ptr_nonnull(table);
		while ((count = make_round(values, wanted, (kind & 4) != 0)) > 0)
			add_round(table, values, wanted, count);
		ck_assert_int_eq(value_table_seal(table, &variables), ERR_OK);
		check_table(table, &variables);
		value_table_free(table);
	}
}
END_TEST

/* What is fixed is what the variables do not change. */
START_TEST(test_fixed)
{
	static const char *const fixed[] = { "", "a", "$", "a$", "$a", "a $ b $ c", "a=", "a$ =1" };
	static const char *const open[] = { "=", "=a", "$$", "a$0", "$9", "$=", "$ $=", "a $$" };

	for (size_t i = 0; i < COUNT_OF(fixed); i++) {
		ck_assert(template_is_fixed((text_t){ fixed[i], fixed[i] + strlen(fixed[i]) }));
		ck_assert(!template_is_fixed((text_t){ open[i], open[i] + strlen(open[i]) }));
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_random, test_fixed };

	return run_tests("value_pool", tests, COUNT_OF(tests));
}
