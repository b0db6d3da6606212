/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Lists in a cdb answer as the same lines do as text. */

#include "cdblist_fixture.h"

#define LINES      400
#define LINES_SIZE ((size_t)LINES * 120)

/* The naive model: data sets of text that are asked one after the other. */
typedef struct model {
	char text[LINES_SIZE];
	size_t size;
	char seen[LINES][90]; /* keys, as of one key text types take one value, or several */
	unsigned count;
	dataset_t *dataset;
} model_t;

/* Adds a line, unless its key is there; returns whether it did. */
static bool model_add(model_t *model, const char *key, bool is_exclusion, const char *value)
{
	for (unsigned i = 0; i < model->count; i++)
		if (strcmp(model->seen[i], key) == 0)
			return false;
	(void)snprintf(model->seen[model->count++], sizeof(model->seen[0]), "%s", key);
	model->size += (size_t)snprintf(model->text + model->size, LINES_SIZE - model->size,
					"%s%s %s\n", is_exclusion ? "!" : "", key, value);
	return true;
}

static void random_address(char text[20], unsigned *length)
{
	/* Few bits vary, so that prefixes meet. */
	uint32_t address = 0x0a000000 | (random_below(4) << 20) | (random_below(4) << 14) |
			   (random_below(3) << 8) | (random_below(3) << 5) | random_below(3);
	*length = random_below(3) == 0 ? 32 : 5 + random_below(28);
	address &= UINT32_MAX << (32 - *length);
	(void)snprintf(text, 20, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
		       address >> 8 & 255, address & 255);
}

static void random_address6(char text[INET6_ADDRSTRLEN], unsigned *length)
{
	uint8_t bytes[16] = { 0x20, 0x01 };
	static const unsigned places[] = { 3, 4, 6, 7, 8, 15 };

	for (unsigned i = 0; i < COUNT_OF(places); i++)
		bytes[places[i]] = (uint8_t)(random_below(3) << random_below(6));
	*length = random_below(3) == 0 ? 128 : 17 + random_below(112);
	for (unsigned bit = *length; bit < 128; bit++)
		bytes[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
	ck_assert_ptr_nonnull(inet_ntop(AF_INET6, bytes, text, INET6_ADDRSTRLEN));
}

static void random_labels(char text[60], unsigned count)
{
	size_t size = 0;

	for (unsigned i = 0; i < count; i++)
		size += (size_t)snprintf(text + size, 60 - size, "%s%c%s", i > 0 ? "." : "",
					 (char)('a' + (int)random_below(4)),
					 random_below(9) == 0 ? "-x" : "");
}

/* Makes up an entry of family 0, 1 or 2. */
static void random_entry(unsigned family, char key[90])
{
	static const char *const kinds[] = { "", ".", "*." };
	char text[60];
	unsigned length;

	if (family == 2) {
		random_labels(text, 1 + random_below(4));
		(void)snprintf(key, 90, "%s%s", kinds[random_below(3)], text);
		return;
	}
	if (family == 0)
		random_address(text, &length);
	else
		random_address6(text, &length);
	if (length == (family == 0 ? 32u : 128u))
		(void)snprintf(key, 90, "%s", text);
	else
		(void)snprintf(key, 90, "%s/%u", text, length);
}

/* What a question of this family is answered by the data set. */
static const char *ask_random(const dataset_t *dataset, unsigned family, const char *subject,
			      unsigned part)
{
	if (family == 0)
		return ask(dataset, subject);
	return family == 1 ? ask_ip6(dataset, subject, part) : ask(dataset, subject);
}

static void random_subject(unsigned family, char subject[60], unsigned *part)
{
	char text[60];
	unsigned length;
	unsigned octets[4];

	*part = random_below(3) == 0 ? 1 + random_below(31) : 32;
	if (family == 1) {
		random_address6(subject, &length);
		return;
	}
	if (family == 2) {
		random_labels(subject, 1 + random_below(5));
		return;
	}
	random_address(text, &length);
	ck_assert_int_eq(
		sscanf(text, "%u.%u.%u.%u", &octets[0], &octets[1], &octets[2], &octets[3]), 4);
	octets[3] += random_below(3);
	unsigned count = random_below(3) == 0 ? 1 + random_below(3) : 4;
	size_t size = 0;
	for (unsigned i = count; i-- > 0;)
		size += (size_t)snprintf(subject + size, 60 - size, "%u%s", octets[i],
					 i > 0 ? "." : "");
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Puts the words of an answer in order: that of several records means nothing. */
static void sort_words(const char *answer, char sorted[2000])
{
	char copy[2000];
	char *words[64];
	unsigned count = 0;

	MUST(strlen(answer) < sizeof(copy) - 64, "%s", answer);
	strcpy(copy, answer);
	for (char *word = strtok(copy, " "); word != NULL && count < 64; word = strtok(NULL, " "))
		words[count++] = word;
	qsort(words, count, sizeof(words[0]), compare_words);
	sorted[0] = '\0';
	for (unsigned i = 0; i < count; i++)
		strcat(strcat(sorted, words[i]), " ");
}

/* The same lines as text and in a cdb answer the same; but where text says that there is nothing, a cdb may say that
 * there is something below. Never the reverse. */
START_TEST(test_random)
{
	static const char *const types[] = { "ip4trie", "ip6trie", "dnset" };
	static model_t models[3];
	static char lines[3 * LINES_SIZE];
	unsigned below = 0;
	unsigned unsure = 0;

	random_start(0);
	for (unsigned round = 0; round < 40; round++) {
		size_t size = 0;
		for (unsigned family = 0; family < 3; family++) {
			model_t *model = &models[family];
			unsigned count = random_below(round % 5 == 0 ? 6 : 100);
			model->size = model->count = 0;
			model->text[0] = '\0';
			for (unsigned i = 0; i < count; i++) {
				char key[90];
				char value[40];
				random_entry(family, key);
				(void)snprintf(value, sizeof(value), ":%u:text-%u-$",
					       1 + random_below(9), i);
				(void)model_add(model, key, random_below(4) == 0, value);
			}
			model->dataset = load_text(types[family], model->text);
			memcpy(lines + size, model->text, model->size + 1);
			size += model->size;
		}
		dataset_t *dataset = load(lines);
		for (unsigned i = 0; i < 900; i++) {
			unsigned family = i % 3;
			char subject[60];
			char wanted[2000];
			char got[2000];
			unsigned part;
			random_subject(family, subject, &part);
			/* A name of one label may be a nibble, or an octet. */
			if (family == 2 && strlen(subject) == 1)
				continue;
			sort_words(ask_random(models[family].dataset, family, subject, part),
				   wanted);
			sort_words(ask_random(dataset, family, subject, part), got);
			below += strcmp(wanted, "below ") == 0;
			if (strcmp(wanted, "nothing ") == 0 && strcmp(got, "below ") == 0)
				unsure++;
			else if (strcmp(got, wanted) != 0)
				ck_abort_msg("%s (%u): %s instead of %s in:\n%s", subject, part,
					     got, wanted, lines);
		}
		dataset_free(dataset);
		for (unsigned family = 0; family < 3; family++)
			dataset_free(models[family].dataset);
	}
	ck_assert_uint_gt(below, 100);
	ck_assert_uint_lt(unsure, below);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_random };

	return run_tests("cdblist_random", tests, COUNT_OF(tests));
}
