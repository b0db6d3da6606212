/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/entry_sort.h"

#include <string.h>

/* Entries are sorted by the highest bits in which they differ, two digits of them, the lower one first, so that they
 * are in their place again when that is done. What is equal so far is a group, which is sorted in the same way by
 * what is left, or by insertion if it is small. Random addresses are in order after the first two digits but for
 * a few neighbours; addresses of a few networks take two digits more for each level of them. (Least significant
 * digits first, as far as caches like it; most significant ones between that.)
 *
 * Measured for 32,768 random /64s: 4.6 ns each, where sorting by all digits from the last one on took 8.8, and with
 * the whole entries instead of eight bytes of them 6.6. */

/* Bits of a digit: counts of all digits have to be set and summed up, so fewer for small groups. */
#define DIGIT_BITS_MAX 11u
#define DIGIT_BITS_MIN 5u
/* From so many entries on the larger ones are better. */
#define DIGIT_LARGE_MIN 1024u

/* Groups of so many are sorted by insertion. */
#define INSERTION_MAX 16u

/* What entries are sorted by, what matters most first. */
typedef enum key_word { KEY_HIGH, KEY_LOW, KEY_SIZE, KEY_WORDS } key_word_t;

/* How entries lie in memory: all of each, or only the upper half of the address. A constant wherever a function
 * has it, each of which is compiled for both. */
typedef enum form { FORM_HIGHS, FORM_ENTRIES } form_t;

ATTR_ALWAYS_INLINE size_t item_size(form_t form)
{
	return form == FORM_HIGHS ? sizeof(uint64_t) : sizeof(entry_t);
}

ATTR_ALWAYS_INLINE void *item_at(form_t form, void *items, size_t i)
{
	return (uint8_t *)items + i * item_size(form);
}

ATTR_ALWAYS_INLINE void copy_item(form_t form, void *to, const void *from)
{
	memcpy(to, from, item_size(form));
}

ATTR_ALWAYS_INLINE uint64_t key_word(form_t form, const void *item, key_word_t word)
{
	const entry_t *entry = item;

	if (form == FORM_HIGHS)
		return *(const uint64_t *)item;
	return word == KEY_HIGH  ? entry->address.high
	       : word == KEY_LOW ? entry->address.low
				 : (uint32_t)~entry->size;
}

ATTR_ALWAYS_INLINE bool is_item_before(form_t form, const void *a, const void *b)
{
	if (form == FORM_HIGHS)
		return *(const uint64_t *)a < *(const uint64_t *)b;
	return entry_is_before(a, b);
}

ATTR_ALWAYS_INLINE void sort_by_insertion(form_t form, void *items, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		entry_t item; /* or its first bytes */
		size_t at = i;

		copy_item(form, &item, item_at(form, items, i));
		for (; at > 0 && is_item_before(form, &item, item_at(form, items, at - 1)); at--)
			copy_item(form, item_at(form, items, at), item_at(form, items, at - 1));
		copy_item(form, item_at(form, items, at), &item);
	}
}

/* Sorts by the `bits` bits of a word from `shift` on. */
ATTR_ALWAYS_INLINE void sort_by_digit(form_t form, void *from, void *to, size_t count,
				      key_word_t word, unsigned shift, unsigned bits)
{
	uint32_t starts[1u << DIGIT_BITS_MAX];
	uint64_t mask = (UINT64_C(1) << bits) - 1;
	uint32_t start = 0;

	memset(starts, 0, sizeof(*starts) << bits);
	for (size_t i = 0; i < count; i++)
		starts[key_word(form, item_at(form, from, i), word) >> shift & mask]++;
	for (unsigned i = 0; i <= mask; i++) {
		uint32_t next = start + starts[i];

		starts[i] = start;
		start = next;
	}
	for (size_t i = 0; i < count; i++) {
		const void *item = item_at(form, from, i);
		uint32_t place = starts[key_word(form, item, word) >> shift & mask]++;

		copy_item(form, item_at(form, to, place), item);
	}
}

/* Ones where not all have the same in a word. */
ATTR_ALWAYS_INLINE uint64_t find_differences(form_t form, void *items, size_t count,
					     key_word_t word)
{
	uint64_t first = key_word(form, items, word);
	uint64_t differ = 0;

	for (size_t i = 1; i < count; i++)
		differ |= key_word(form, item_at(form, items, i), word) ^ first;
	return differ;
}

static void sort_highs(void *items, void *scratch, size_t count, key_word_t word);
static void sort_entries(void *items, void *scratch, size_t count, key_word_t word);

/* Sorts by a word, and by what is behind it. Calls itself for groups that are equal in bits that differ here, so not
 * deeper than some twenty times. */
ATTR_ALWAYS_INLINE void sort_items(form_t form, void *items, void *scratch, size_t count,
				   key_word_t word)
{
	const key_word_t words = form == FORM_HIGHS ? KEY_LOW : KEY_WORDS;
	unsigned bits = count < DIGIT_LARGE_MIN ? DIGIT_BITS_MIN : DIGIT_BITS_MAX;
	uint64_t differ = 0;
	unsigned shift;

	if (count <= INSERTION_MAX) {
		sort_by_insertion(form, items, count);
		return;
	}
	while (word < words && (differ = find_differences(form, items, count, word)) == 0)
		word++;
	if (word == words)
		return;
	shift = 64 - (unsigned)__builtin_clzll(differ);
	shift = shift > 2 * bits ? shift - 2 * bits : 0;
	sort_by_digit(form, items, scratch, count, word, shift, bits);
	sort_by_digit(form, scratch, items, count, word, shift + bits, bits);
	for (size_t i = 0, end; i < count; i = end) {
		uint64_t first = key_word(form, item_at(form, items, i), word) >> shift;

		for (end = i + 1; end < count; end++)
			if (key_word(form, item_at(form, items, end), word) >> shift != first)
				break;
		if (end - i == 1)
			continue;
		if (form == FORM_HIGHS)
			sort_highs(item_at(form, items, i), scratch, end - i, word);
		else
			sort_entries(item_at(form, items, i), scratch, end - i, word);
	}
}

static void sort_highs(void *items, void *scratch, size_t count, key_word_t word)
{
	sort_items(FORM_HIGHS, items, scratch, count, word);
}

static void sort_entries(void *items, void *scratch, size_t count, key_word_t word)
{
	sort_items(FORM_ENTRIES, items, scratch, count, word);
}

void entry_sort(entry_t *entries, entry_t *scratch, size_t count)
{
	sort_entries(entries, scratch, count, KEY_HIGH);
}

void entry_sort_highs(uint64_t *highs, uint64_t *scratch, size_t count)
{
	sort_highs(highs, scratch, count, KEY_HIGH);
}
