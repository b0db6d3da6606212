/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/ip6_text.h"

#include <stdint.h>
#include <stdio.h>

#define WORDS     8
#define WORD_BITS 16

static const char *const why_address = "not an IPv6 address or prefix";

/* The value of a hexadecimal digit, or -1. */
static int digit_value(text_t text)
{
	if (text_is_empty(text))
		return -1;
	if (*text.at >= '0' && *text.at <= '9')
		return *text.at - '0';
	if (*text.at >= 'a' && *text.at <= 'f')
		return *text.at - 'a' + 10;
	if (*text.at >= 'A' && *text.at <= 'F')
		return *text.at - 'A' + 10;
	return -1;
}

/* Reads a word, whose first digit is there; false when it is over ffff. */
static bool take_word(text_t *text, unsigned *word)
{
	int digit;

	for (*word = 0; (digit = digit_value(*text)) >= 0; text->at++) {
		*word = *word << 4 | (unsigned)digit;
		if (*word > 0xffff)
			return false;
	}
	return true;
}

/* What has been read of an address. */
typedef struct words {
	unsigned words[WORDS];
	unsigned count;
	bool has_gap; /* a `::` */
	unsigned gap; /* words before it */
} words_t;

/* Takes a colon and what it joins: a second one, or a word that has to follow. Where neither does,
 * the address ends there, and has to have its `::` already. */
static bool take_colon(text_t *text, words_t *read)
{
	text->at++;
	if (text_at(*text, ':') && !read->has_gap) {
		text->at++;
		read->has_gap = true;
		read->gap = read->count;
		return true;
	}
	return digit_value(*text) >= 0 || read->has_gap;
}

/* Reads all words there are; false when they are no address. */
static bool take_words(text_t *text, words_t *read)
{
	if (text_at(*text, ':') && !(take_colon(text, read) && read->has_gap))
		return false;
	while (digit_value(*text) >= 0) {
		if (read->count == WORDS - 1 && read->has_gap)
			return false; /* nothing would be left for the `::` */
		if (!take_word(text, &read->words[read->count++]))
			return false;
		if (read->count == WORDS || !text_at(*text, ':'))
			break;
		if (!take_colon(text, read))
			return false;
	}
	return read->count > 0 || read->has_gap;
}

/* Puts the words where they belong: those before the `::` to the front, those behind to the end. */
static ip6_address_t join_words(const words_t *read)
{
	ip6_address_t address = { .high = 0 };

	for (unsigned i = 0; i < read->count; i++) {
		bool is_behind = read->has_gap && i >= read->gap;
		unsigned place = is_behind ? WORDS - read->count + i : i;

		address = ip6_add(address, ip6_shift_left((ip6_address_t){ .low = read->words[i] },
							  WORD_BITS * (WORDS - 1 - place)));
	}
	return address;
}

/* Checks that nothing is glued to the address but a value or a comment. */
static err_t check_end(text_t text, const char **why)
{
	if (text_is_done(text) || text_is_blank(*text.at) || *text.at == ':')
		return ERR_OK;
	return text_reject(why, why_address);
}

static err_t read_words(text_t *text, ip6_address_t *address, unsigned *length, const char **why)
{
	words_t read = { .count = 0 };

	if (!take_words(text, &read))
		return text_reject(why, why_address);
	*address = join_words(&read);
	*length = read.has_gap ? WORDS * WORD_BITS : read.count * WORD_BITS;
	return ERR_OK;
}

err_t ip6_text_words(text_t *text, ip6_address_t *address, unsigned *length, const char **why)
{
	err_t err = read_words(text, address, length, why);

	return err == ERR_OK ? check_end(*text, why) : err;
}

/* Reads a decimal number of at most 128. */
static bool take_length(text_t *text, unsigned *length)
{
	const char *start = text->at;

	for (*length = 0; !text_is_empty(*text) && *text->at >= '0' && *text->at <= '9';
	     text->at++) {
		*length = *length * 10 + (unsigned)(*text->at - '0');
		if (*length > WORDS * WORD_BITS)
			return false;
	}
	return text->at != start;
}

err_t ip6_text_prefix(text_t *text, bool allow_host_bits, ip6_address_t *address, unsigned *length,
		      const char **why)
{
	err_t err = read_words(text, address, length, why);

	if (err != ERR_OK)
		return err;
	if (text_at(*text, '/')) {
		text->at++;
		if (!take_length(text, length))
			return text_reject(why, "prefix length is not a number from 0 to 128");
		ip6_address_t first = ip6_first(*address, *length);
		if (!ip6_is_equal(first, *address) && !allow_host_bits)
			return text_reject(why, "bits are set behind the prefix length (did you "
						"mean a longer prefix? -e accepts it)");
		*address = first;
	} else if (*length == WORD_BITS) {
		return text_reject(why, "a single word is not a prefix (write 2001/16 for "
					"2001::/16)");
	}
	return check_end(*text, why);
}

/* The first of the longest rows of two or more words of zero: where it begins, and its length in
 * `*count`, 0 when there is none. */
static unsigned find_zeros(const unsigned words[WORDS], unsigned *count)
{
	unsigned begin = 0;

	*count = 0;
	for (unsigned i = 0, row = 0; i < WORDS; i++) {
		row = words[i] == 0 ? row + 1 : 0;
		if (row > *count && row > 1) {
			*count = row;
			begin = i + 1 - row;
		}
	}
	return begin;
}

static char *write_word(char *at, unsigned word)
{
	unsigned shift = WORD_BITS - 4;

	while (shift > 0 && word >> shift == 0)
		shift -= 4;
	for (;; shift -= 4) {
		*at++ = "0123456789abcdef"[word >> shift & 0xf];
		if (shift == 0)
			return at;
	}
}

size_t ip6_text_write(ip6_address_t address, char text[static IP6_TEXT_SIZE])
{
	unsigned words[WORDS];
	unsigned zero_count;
	unsigned zeros;
	char *at = text;

	for (unsigned i = 0; i < WORDS; i++)
		words[i] = (unsigned)(i < WORDS / 2 ? address.high >> (WORD_BITS * (3 - i))
						    : address.low >> (WORD_BITS * (7 - i))) &
			   0xffff;
	zeros = find_zeros(words, &zero_count);
	for (unsigned i = 0; i < WORDS; i++) {
		if (zero_count > 0 && i == zeros) {
			*at++ = ':';
			i += zero_count - 1;
			if (i == WORDS - 1)
				*at++ = ':';
			continue;
		}
		if (i > 0)
			*at++ = ':';
		at = write_word(at, words[i]);
	}
	*at = '\0';
	return (size_t)(at - text);
}

size_t ip6_text_write_prefix(ip6_address_t address, unsigned length,
			     char text[static IP6_PREFIX_TEXT_SIZE])
{
	size_t size = ip6_text_write(address, text);

	if (length < 128)
		size += (size_t)snprintf(text + size, IP6_PREFIX_TEXT_SIZE - size, "/%u", length);
	return size;
}

size_t ip6_text_write_64(ip6_address_t address, char text[static IP6_PREFIX_TEXT_SIZE])
{
	return (size_t)snprintf(
		text, IP6_PREFIX_TEXT_SIZE, "%x:%x:%x:%x", (unsigned)(address.high >> 48),
		(unsigned)(address.high >> 32 & 0xffff), (unsigned)(address.high >> 16 & 0xffff),
		(unsigned)(address.high & 0xffff));
}
