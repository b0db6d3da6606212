/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What lines said lately: only what was noted, word for word, with its number; nothing of before the words
 * got another meaning; and no tries where lines differ. */

#include "dataset/recent_values.h"
#include "test.h"

#define TEXTS 400
#define SIZE  130

static char texts[TEXTS][SIZE];
static text_t views[TEXTS];

/* Texts of all sizes, many of which differ in a few bytes, anywhere. */
static void make_texts(void)
{
	for (unsigned i = 0; i < TEXTS; i++) {
		unsigned size = i % SIZE;
		if (size < 4)
			size += 4;
		memset(texts[i], 'x', size);
		texts[i][random_below(size - 3)] = (char)random_below(256);
		memcpy(texts[i] + random_below(size - 3),
		       (const char[]){ (char)i, (char)(i >> 8), 1 }, 3);
		views[i] = (text_t){ texts[i], texts[i] + size };
	}
}

static bool is_same(unsigned i, unsigned j)
{
	size_t size = text_size(views[i]);

	return text_size(views[j]) == size && memcmp(views[i].at, views[j].at, size) == 0;
}

START_TEST(test_random)
{
	recent_values_t *recent = recent_values_new();
	uint32_t numbers[TEXTS] = { 0 }; /* since the meaning changed; 0: not noted */
	unsigned meaning = 0;
	unsigned found = 0;

	random_start(1);
	make_texts();
	ck_assert_ptr_nonnull(recent);
	for (unsigned round = 0; round < 3000; round++) {
		/* Few texts, so that most are known, and now and then many. */
		unsigned many = random_below(20) == 0 ? TEXTS : 1 + random_below(20);
		if (random_below(40) == 0) {
			meaning++;
			memset(numbers, 0, sizeof(numbers));
		}
		bool is_tried = recent_values_begin(recent, meaning);
		for (unsigned i = 0; i < 64 && is_tried; i++) {
			unsigned text = random_below(many);
			uint32_t number = recent_values_find(recent, views[text]);
			if (number != 0) {
				unsigned noted = (number - 1) % TEXTS;
				MUST(numbers[noted] == number && is_same(noted, text),
				     "text %u has the number %u", text, number);
				found++;
				continue;
			}
			numbers[text] = 1 + text + TEXTS * random_below(1000);
			recent_values_put(recent, views[text], numbers[text]);
			if (text_size(views[text]) <= 116)
				ck_assert_uint_eq(recent_values_find(recent, views[text]),
						  numbers[text]);
			else
				ck_assert_uint_eq(recent_values_find(recent, views[text]), 0);
		}
	}
	ck_assert_uint_gt(found, 10000);
	free(recent);
}
END_TEST

/* Of texts that begin alike each is another one. */
START_TEST(test_beginnings)
{
	char text[SIZE];

	memset(text, 'x', sizeof(text));
	for (size_t size = 1; size < SIZE; size++) {
		recent_values_t *recent = recent_values_new();
		ck_assert_ptr_nonnull(recent);
		ck_assert(recent_values_begin(recent, 1));
		recent_values_put(recent, (text_t){ text, text + size }, 1);
		for (size_t other = 1; other < SIZE; other++)
			if (other != size)
				ck_assert_uint_eq(
					recent_values_find(recent, (text_t){ text, text + other }),
					0);
		free(recent);
	}
}
END_TEST

/* How many of 1,000 batches are tried, of which each has so many lines that are not known. */
static unsigned count_tries(recent_values_t *recent, unsigned unknown)
{
	static const char words[] = "same";
	const text_t same = { words, words + sizeof(words) - 1 };
	static uint32_t next;
	unsigned tries = 0;

	for (unsigned batch = 0; batch < 1000; batch++) {
		if (!recent_values_begin(recent, 5))
			continue;
		tries++;
		for (unsigned i = 0; i < 64; i++) {
			char text[20];
			text_t view = { text, text + sprintf(text, "text %u", ++next) };
			if (i >= unknown)
				view = same;
			if (recent_values_find(recent, view) == 0)
				recent_values_put(recent, view, next);
		}
	}
	return tries;
}

START_TEST(test_tries)
{
	recent_values_t *recent = recent_values_new();

	ck_assert_ptr_nonnull(recent);
	ck_assert_uint_eq(count_tries(recent, 0), 1000);
	ck_assert_uint_eq(count_tries(recent, 40), 1000);
	unsigned hardly = count_tries(recent, 64);
	ck_assert_uint_ge(hardly, 5);
	ck_assert_uint_le(hardly, 15);
	/* It is found out that it is of use again. */
	ck_assert_uint_ge(count_tries(recent, 10), 700);
	ck_assert_uint_eq(count_tries(recent, 0), 1000);
	free(recent);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_random, test_beginnings, test_tries };

	return run_tests("recent_values", tests, COUNT_OF(tests));
}
