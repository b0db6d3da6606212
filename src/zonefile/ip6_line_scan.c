/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/ip6_line_scan.h"

#include <stdbool.h>
#include <string.h>

#include "index/bits.h"

/* A word is read as a whole: of the eight bytes at hand it is found out at once which are digits, and four of
 * them are put together before it is known how many count. How long words are cannot be foreseen, so a loop
 * over digits would be wrong about its end once in a line or two, which takes as long as the whole line does so.
 *
 * Measured for a million random /64s as four words: 15 ns a line by ip6_line_scan_64, 21 by ip6_line_scan, 80 by
 * the ordinary parser, in the same run. That is about what the other thread takes to sort and pack them, so there is no variant
 * for better processors. */

#define WORDS     8u
#define WORD_BITS 16u
#define DIGITS    4u /* most of a word */

/* Behind so many /64s in a row that have nothing behind them ip6_line_scan_64 is to have a try. */
#define ALONE_MAX 64u

/* A byte repeated. */
#define EACH(byte) ((byte)*UINT64_C(0x0101010101010101))

/* The highest bit of each byte that is a hexadecimal digit. */
static inline uint64_t find_digits(uint64_t bytes)
{
	const uint64_t high = EACH(0x80u);
	/* Without their highest bits, so that no sum goes on into the next byte. */
	uint64_t low = bytes & ~high;
	uint64_t lower_case = low | EACH(0x20u);
	uint64_t numbers = (low + EACH(0x80u - '0')) & ~(low + EACH(0x80u - '9' - 1));
	uint64_t letters = (lower_case + EACH(0x80u - 'a')) & ~(lower_case + EACH(0x80u - 'f' - 1));

	return (numbers | letters) & ~bytes & high;
}

/* What the first `count` (1..DIGITS) of four bytes, which are digits, say; the others are anything. */
static inline unsigned read_digits(uint32_t digits, unsigned count)
{
	/* Four digits as bytes, of which the first one is the highest. */
	digits = ((digits & 0x0f0f0f0fu) + 9 * (digits >> 6 & 0x01010101u)) & 0x0f0f0f0fu;
	digits = __builtin_bswap32(digits);
	digits = (digits | digits >> 4) & 0x00ff00ffu;
	return ((digits | digits >> 8) & 0xffffu) >> 4 * (DIGITS - count);
}

/* Reads a word, and moves `at` behind it. Reads eight bytes. */
static inline bool take_word(const char **at, unsigned *word)
{
	uint64_t bytes = bits_load_64((const uint8_t *)*at);
	uint64_t others = ~find_digits(bytes) & EACH(0x80u);
	unsigned count = others != 0 ? (unsigned)__builtin_ctzll(others) / 8 : 8;

	if (count - 1 >= DIGITS)
		return false;
	*word = read_digits((uint32_t)bytes, count);
	*at += count;
	return true;
}

static inline void append_word(ip6_address_t *words, unsigned word)
{
	words->high = words->high << WORD_BITS | words->low >> (64 - WORD_BITS);
	words->low = words->low << WORD_BITS | word;
}

/* What is known of an address while it is read. */
typedef struct words {
	ip6_address_t front;  /* what stands before the `::` */
	ip6_address_t behind; /* and behind it; or all words so far, where there is none */
	unsigned count;
	bool has_gap;
} words_t;

/* From words at the end of an address to words at its front. */
static inline ip6_address_t move_to_front(const words_t *words)
{
	return ip6_shift_left(words->behind, WORD_BITS * (WORDS - words->count));
}

/* Reads an address as far as it goes, and moves `at` behind it. Reads at most 48 bytes. */
static inline bool take_words(const char **at, words_t *words)
{
	unsigned word;

	do {
		if (words->count > 0)
			++*at;
		if (words->count + words->has_gap >= WORDS || !take_word(at, &word))
			return false;
		append_word(&words->behind, word);
		words->count++;
		if ((*at)[0] != ':' || (*at)[1] != ':')
			continue;
		if (words->has_gap || words->count >= WORDS)
			return false;
		words->has_gap = true;
		words->front = move_to_front(words);
		words->behind = (ip6_address_t){ .high = 0 };
		++*at; /* to the second colon */
		uint64_t next = bits_load_64((const uint8_t *)*at + 1);
		if ((find_digits(next) & 0x80u) == 0) {
			++*at;
			return **at != ':'; /* three of them: a value */
		}
	} while (**at == ':');
	return true;
}

/* Reads a number of one to three digits and moves `at` behind it. */
static inline bool take_length(const char **at, unsigned *length)
{
	const char *from = *at;
	unsigned size = 0;
	unsigned digit;

	*length = 0;
	for (; size < 3 && (digit = (unsigned char)(from[size] - '0')) <= 9; size++)
		*length = *length * 10 + digit;
	*at = from + size;
	return size > 0 && *length <= WORDS * WORD_BITS;
}

/* Reads the prefix and moves `at` behind it; `*has_length`: it has one, to which a text may be glued. Reads at
 * most 56 bytes, as what is no digit ends it. */
static inline bool take_prefix(ip6_line_form_t form, const char **at, ip6_line_t *line,
			       bool *has_length)
{
	words_t words = { .count = 0 };
	unsigned length;

	if (!take_words(at, &words))
		return false;
	line->address = words.has_gap ? ip6_add(words.front, words.behind) : move_to_front(&words);
	length = words.has_gap ? WORDS * WORD_BITS : WORD_BITS * words.count;
	*has_length = **at == '/';
	if (form == IP6_LINE_WORDS && (words.has_gap || *has_length || words.count != 4))
		return false;
	if (words.count == 1 && !words.has_gap)
		return false;
	if (*has_length) {
		++*at;
		if (!take_length(at, &length) ||
		    !ip6_is_equal(line->address, ip6_first(line->address, length)))
			return false;
	}
	line->length = (uint8_t)length;
	return true;
}

/* The start of the line behind the one at `at`, or NULL if that is to be read otherwise. */
static inline const char *take_line(ip6_line_form_t form, const char *at, const char *end,
				    ip6_line_t *line)
{
	const char *start = at;
	bool has_length;

	if (!take_prefix(form, &at, line, &has_length))
		return NULL;
	if (*at != '\n' && !text_is_blank(*at) && *at != '#' && *at != ';' && *at != '\r' &&
	    (*at != ':' || !has_length))
		return NULL;
	return line_rest_take(start, at, end, &line->size, &line->rest);
}

ATTR_ALWAYS_INLINE size_t scan(ip6_line_form_t form, const char *at, const char *end,
			       ip6_line_t *lines, size_t max, const char **stop)
{
	const char *start = at;
	size_t count = 0;
	unsigned alone = 0;

	while (count < max && alone < ALONE_MAX && at < end) {
		ip6_line_t *line = &lines[count];
		const char *next = take_line(form, at, end, line);

		if (next == NULL)
			break;
		line->at = (uint32_t)(at - start);
		alone = line->length == 64 && line->rest == line->size ? alone + 1 : 0;
		at = next;
		count++;
	}
	*stop = at;
	return count;
}

size_t ip6_line_scan(ip6_line_form_t form, const char *at, const char *end, ip6_line_t *lines,
		     size_t max, const char **stop)
{
	if (form == IP6_LINE_WORDS)
		return scan(IP6_LINE_WORDS, at, end, lines, max, stop);
	return scan(IP6_LINE_PREFIXES, at, end, lines, max, stop);
}

/* Which of eight bytes are digits: a bit for each, the lowest for the first one. */
static inline uint32_t digit_bits(const char *at)
{
	uint64_t digits = find_digits(bits_load_64((const uint8_t *)at));

	/* Each bit is moved to the highest byte, by a distance that only it has. */
	return (uint32_t)((digits >> 7) * UINT64_C(0x0102040810204080) >> 56);
}

/* The start of the line behind the one at `at`, which is a /64 and nothing else, or NULL. Reads at most 32
 * bytes. Where the digits are is found out at once for the whole line, as each word had to wait for the one before
 * otherwise. */
static inline const char *take_64(ip6_line_form_t form, const char *at, uint64_t *high)
{
	uint32_t others = ~(digit_bits(at) | digit_bits(at + 8) << 8 | digit_bits(at + 16) << 16);

	*high = 0;
	for (unsigned i = 0; i < 4; i++) {
		unsigned count = (unsigned)__builtin_ctz(others);

		if (count - 1 >= DIGITS || (i < 3 && at[count] != ':'))
			return NULL;
		*high = *high << WORD_BITS | read_digits(bits_load_32((const uint8_t *)at), count);
		if (i == 3) {
			at += count;
			break;
		}
		at += count + 1;
		others >>= count + 1;
	}
	if (*at == ':' && form == IP6_LINE_PREFIXES) {
		if (memcmp(at, "::/64", 5) != 0)
			return NULL;
		at += 5;
	}
	if (*at == '\r')
		at++;
	return *at == '\n' ? at + 1 : NULL;
}

size_t ip6_line_scan_64(ip6_line_form_t form, const char *at, const char *end, uint64_t *highs,
			size_t max, const char **stop)
{
	size_t count = 0;

	while (count < max && at < end) {
		uint64_t high;
		const char *next = take_64(form, at, &high);

		if (next == NULL || next > end)
			break;
		highs[count++] = high;
		at = next;
	}
	*stop = at;
	return count;
}
