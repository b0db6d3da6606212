/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/recent_values.h"

#include <stdlib.h>
#include <string.h>

/* Values that are known: all that there are in most lists, of which the first-level cache has those in
 * use. */
#define VALUES_BITS 7u
#define VALUES      (1u << VALUES_BITS)

/* Bytes of words that are kept. Longer ones are read anew. */
#define TEXT_MAX 116u

/* Where not one line in so many was known, some batches are read without a try: twice as many each time. */
#define KNOWN_SHARE 4u
#define PAUSE_MIN   8u
#define PAUSE_MAX   256u

typedef struct recent_value {
	uint32_t number; /* 0: none */
	uint32_t meaning;
	uint32_t size;
	char text[TEXT_MAX];
} recent_value_t;
_Static_assert(sizeof(recent_value_t) == 128, "in whole lines of a cache");

struct recent_values {
	uint32_t meaning;
	unsigned pause; /* batches without a try from here on */
	unsigned last;  /* pause; 0: enough lines have been known since */
	/* Of the last batch. */
	unsigned asked;
	unsigned known;
	recent_value_t values[VALUES];
};

recent_values_t *recent_values_new(void)
{
	return calloc(1, sizeof(recent_values_t));
}

bool recent_values_begin(recent_values_t *recent, uint32_t meaning)
{
	recent->meaning = meaning;
	if (recent->pause > 0) {
		recent->pause--;
		return false;
	}
	/* What the last try came to. */
	if (recent->known >= recent->asked / KNOWN_SHARE)
		recent->last = 0;
	else if (recent->last < PAUSE_MAX)
		recent->last = recent->last == 0 ? PAUSE_MIN : 2 * recent->last;
	recent->pause = recent->last;
	recent->asked = recent->known = 0;
	return true;
}

static inline uint64_t load(const char *at)
{
	uint64_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	return bytes;
}

/* Where a text is, if it is known. It goes by both of its ends: what differs is seldom in the middle
 * alone. */
static inline recent_value_t *place(recent_values_t *recent, text_t text)
{
	size_t size = text_size(text);
	uint64_t first = 0;
	uint64_t last;

	if (size >= sizeof(first)) {
		first = load(text.at);
		last = load(text.end - sizeof(last));
	} else {
		last = (uint64_t)(unsigned char)text.at[0] << 16 |
		       (uint64_t)(unsigned char)text.at[size / 2] << 8 |
		       (unsigned char)text.end[-1];
	}
	uint64_t hash = (first * 0x9e3779b97f4a7c15u ^ (last + size)) * 0xd6e8feb86659fd93u;
	return &recent->values[hash >> (64 - VALUES_BITS)];
}

uint32_t recent_values_find(recent_values_t *recent, text_t rest)
{
	const recent_value_t *value = place(recent, rest);
	size_t size = text_size(rest);

	recent->asked++;
	if (value->number == 0 || value->meaning != recent->meaning || value->size != size ||
	    memcmp(value->text, rest.at, size) != 0)
		return 0;
	recent->known++;
	return value->number;
}

void recent_values_put(recent_values_t *recent, text_t rest, uint32_t number)
{
	recent_value_t *value = place(recent, rest);
	size_t size = text_size(rest);

	if (size > TEXT_MAX)
		return;
	value->number = number;
	value->meaning = recent->meaning;
	value->size = (uint32_t)size;
	memcpy(value->text, rest.at, size);
}
