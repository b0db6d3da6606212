/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "ports/port_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT_MAX (PORT_COUNT - 1)
/* What is between the ports of a list. */
#define SEPARATORS ", \t\r\n\v\f"
/* How much of a wrong word is shown. */
#define WORD_SHOWN 24

const port_range_t port_range_all = { 0, PORT_MAX };

/* A part of a text. */
typedef struct span {
	const char *at;
	size_t size;
} span_t;

unsigned port_range_size(port_range_t range)
{
	return range.last - range.first + 1u;
}

bool port_range_has(port_range_t range, uint16_t port)
{
	return port >= range.first && port <= range.last;
}

/* The bits of word `word` that are ports of `range`; those of its first and last word are parts. */
static uint64_t bits_of(unsigned word, port_range_t range)
{
	uint64_t bits = UINT64_MAX;

	if (word == range.first / 64u)
		bits &= UINT64_MAX << range.first % 64u;
	if (word == range.last / 64u)
		bits &= UINT64_MAX >> (63 - range.last % 64u);
	return bits;
}

void port_set_add(port_set_t *set, port_range_t range)
{
	for (unsigned i = range.first / 64u; i <= range.last / 64u; i++)
		set->words[i] |= bits_of(i, range);
}

void port_set_remove(port_set_t *set, port_range_t range)
{
	for (unsigned i = range.first / 64u; i <= range.last / 64u; i++)
		set->words[i] &= ~bits_of(i, range);
}

void port_set_add_set(port_set_t *set, const port_set_t *other)
{
	for (size_t i = 0; i < COUNT_OF(set->words); i++)
		set->words[i] |= other->words[i];
}

void port_set_remove_set(port_set_t *set, const port_set_t *other)
{
	for (size_t i = 0; i < COUNT_OF(set->words); i++)
		set->words[i] &= ~other->words[i];
}

bool port_set_has_set(const port_set_t *set, const port_set_t *other)
{
	uint64_t missing = 0;

	for (size_t i = 0; i < COUNT_OF(set->words); i++)
		missing |= other->words[i] & ~set->words[i];
	return missing == 0;
}

bool port_set_has(const port_set_t *set, uint16_t port)
{
	return (set->words[port / 64u] >> port % 64u & 1) != 0;
}

unsigned port_set_count(const port_set_t *set, port_range_t range)
{
	unsigned count = 0;

	for (unsigned i = range.first / 64u; i <= range.last / 64u; i++)
		count += (unsigned)__builtin_popcountll(set->words[i] & bits_of(i, range));
	return count;
}

/* The first port from `from` on that is in the set, or with `flip` that is not; else PORT_COUNT. */
static unsigned find(const port_set_t *set, unsigned from, bool flip)
{
	while (from < PORT_COUNT) {
		uint64_t word = flip ? ~set->words[from / 64] : set->words[from / 64];

		word >>= from % 64;
		if (word != 0)
			return from + (unsigned)__builtin_ctzll(word);
		from = (from / 64 + 1) * 64;
	}
	return PORT_COUNT;
}

bool port_set_next(const port_set_t *set, unsigned from, port_range_t *range)
{
	unsigned first = find(set, from, false);

	if (first == PORT_COUNT)
		return false;
	*range = (port_range_t){ (uint16_t)first, (uint16_t)(find(set, first, true) - 1) };
	return true;
}

/* Writes why `word` is no port or range, and returns `err`. */
static err_t refuse(span_t word, const char *why, err_t err, char reason[PORT_REASON_MAX])
{
	bool is_long = word.size > WORD_SHOWN;

	snprintf(reason, PORT_REASON_MAX, "'%.*s%s' %s", (int)(is_long ? WORD_SHOWN : word.size),
		 word.at, is_long ? "..." : "", why);
	return err;
}

/* Takes a number from the front of `text`. */
static err_t take_port(span_t word, span_t *text, uint16_t *port, char reason[PORT_REASON_MAX])
{
	const char *digits = text->at;
	unsigned value = 0;
	size_t count = 0;

	for (; count < text->size && digits[count] >= '0' && digits[count] <= '9'; count++) {
		/* Stays over the limit once it is there, however many digits follow. */
		if (value <= PORT_MAX)
			value = value * 10 + (unsigned)(digits[count] - '0');
	}
	if (count == 0)
		return refuse(word, "is no port; give numbers and ranges, as in 53,100-200",
			      ERR_SYNTAX, reason);
	if (count > 1 && digits[0] == '0')
		return refuse(word, "has leading zeros, which the kernel takes for octal numbers",
			      ERR_SYNTAX, reason);
	if (value > PORT_MAX)
		return refuse(word, "is more than 65535, the last port", ERR_RANGE, reason);
	*port = (uint16_t)value;
	text->at += count;
	text->size -= count;
	return ERR_OK;
}

static err_t parse_range(span_t word, port_range_t *range, char reason[PORT_REASON_MAX])
{
	span_t rest = word;
	port_range_t found;
	err_t err = take_port(word, &rest, &found.first, reason);

	if (err != ERR_OK)
		return err;
	found.last = found.first;
	if (rest.size > 0 && *rest.at == '-') {
		rest.at++;
		rest.size--;
		err = take_port(word, &rest, &found.last, reason);
		if (err != ERR_OK)
			return err;
	}
	if (rest.size > 0)
		return refuse(word, "is no port; give numbers and ranges, as in 53,100-200",
			      ERR_SYNTAX, reason);
	if (found.first > found.last)
		return refuse(word, "ends before it begins", ERR_RANGE, reason);
	*range = found;
	return ERR_OK;
}

err_t port_range_parse(const char *text, size_t size, port_range_t *range,
		       char reason[PORT_REASON_MAX])
{
	return parse_range((span_t){ text, size }, range, reason);
}

static bool is_separator(char c)
{
	return memchr(SEPARATORS, c, sizeof(SEPARATORS) - 1) != NULL;
}

/* Takes the next word from the front of `text`; an empty one at its end. */
static span_t take_word(span_t *text)
{
	span_t word;

	while (text->size > 0 && is_separator(*text->at)) {
		text->at++;
		text->size--;
	}
	word = (span_t){ text->at, 0 };
	while (text->size > 0 && !is_separator(*text->at)) {
		text->at++;
		text->size--;
		word.size++;
	}
	return word;
}

/* As port_set_parse, but puts in what was good before the error. */
static err_t add_list(port_set_t *set, span_t text, char reason[PORT_REASON_MAX])
{
	span_t word;

	while ((word = take_word(&text)).size > 0) {
		port_range_t range;
		err_t err = parse_range(word, &range, reason);

		if (err != ERR_OK)
			return err;
		port_set_add(set, range);
	}
	return ERR_OK;
}

err_t port_set_parse(port_set_t *set, const char *text, size_t size, char reason[PORT_REASON_MAX])
{
	port_set_t grown = *set;
	err_t err = add_list(&grown, (span_t){ text, size }, reason);

	if (err == ERR_OK)
		*set = grown;
	return err;
}

/* Puts in the ports of one line, without its comment. Some services' names begin with a digit (3com-tsmux),
 * so it is the second word that tells such lines from lists. Of whatever protocol a service is: many that
 * are listed for TCP alone have come to use UDP as well (https). */
static err_t add_line(port_set_t *set, span_t line, char reason[PORT_REASON_MAX])
{
	span_t rest = line;
	port_range_t range;

	(void)take_word(&rest);
	span_t port = take_word(&rest);
	const char *slash = port.size > 0 ? memchr(port.at, '/', port.size) : NULL;
	if (slash == NULL)
		return add_list(set, line, reason);

	span_t protocol = { slash + 1, port.size - (size_t)(slash + 1 - port.at) };
	if (protocol.size == 0 || (*protocol.at >= '0' && *protocol.at <= '9'))
		return refuse(port, "is no port of a protocol, as in 53/udp", ERR_SYNTAX, reason);
	port.size = (size_t)(slash - port.at);
	err_t err = parse_range(port, &range, reason);
	if (err == ERR_OK)
		port_set_add(set, range);
	return err;
}

err_t port_set_parse_lines(port_set_t *set, const char *text, size_t size,
			   char reason[PORT_REASON_MAX])
{
	port_set_t grown = *set;
	char why[PORT_REASON_MAX];
	unsigned long number = 0;

	while (size > 0) {
		const char *newline = memchr(text, '\n', size);
		size_t length = newline != NULL ? (size_t)(newline - text) : size;
		const char *comment = memchr(text, '#', length);
		span_t line = { text, comment != NULL ? (size_t)(comment - text) : length };

		number++;
		err_t err = add_line(&grown, line, why);
		if (err != ERR_OK) {
			snprintf(reason, PORT_REASON_MAX, "line %lu: %.*s", number,
				 PORT_REASON_MAX - 32, why);
			return err;
		}
		length += newline != NULL;
		text += length;
		size -= length;
	}
	*set = grown;
	return ERR_OK;
}

char *port_set_text(const port_set_t *set)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	port_range_t range;
	const char *comma = "";

	if (out == NULL)
		return NULL;
	for (unsigned at = 0; port_set_next(set, at, &range); at = range.last + 1u) {
		fprintf(out, "%s%u", comma, range.first);
		if (range.last > range.first)
			fprintf(out, "-%u", range.last);
		comma = ",";
	}
	bool is_whole = ferror(out) == 0;
	if (fclose(out) == 0 && is_whole)
		return text;
	free(text);
	return NULL;
}
