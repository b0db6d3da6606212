/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_TEXT_H
#define SPURN_ZONEFILE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"

/* A view of text that is read from the left: `at` moves on, `end` stays. Owns nothing; not
 * NUL-terminated; any byte may occur. */
typedef struct text {
	const char *at;
	const char *end;
} text_t;

/* Blanks are space and TAB and nothing else, as in rbldnsd. */
static inline bool text_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline bool text_is_empty(text_t text)
{
	return text.at == text.end;
}

static inline size_t text_size(text_t text)
{
	return (size_t)(text.end - text.at);
}

/* Is `c` the next character? */
static inline bool text_at(text_t text, char c)
{
	return text.at != text.end && *text.at == c;
}

static inline void text_skip_blanks(text_t *text)
{
	while (text->at != text->end && text_is_blank(*text->at))
		text->at++;
}

/* Does a comment start here, or is nothing left? */
static inline bool text_is_done(text_t text)
{
	return text_is_empty(text) || *text.at == '#' || *text.at == ';';
}

/* Takes a `!`, the mark of an exclusion, and blanks behind it off the front; was there one? */
static inline bool text_take_exclusion(text_t *text)
{
	if (!text_at(*text, '!'))
		return false;
	text->at++;
	text_skip_blanks(text);
	return true;
}

/* Sets why text is refused (static text), for the caller to return. */
static inline err_t text_reject(const char **why, const char *reason)
{
	*why = reason;
	return ERR_SYNTAX;
}

/* Takes the next word, up to a blank, and the blanks behind it. Empty when nothing is left. */
text_t text_take_word(text_t *text) ATTR_NONNULL_ALL;

/* Is it `word`, without regard to ASCII case? */
bool text_is_word(text_t text, const char *word) ATTR_NONNULL_ALL;

#endif
