/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/template.h"

#include <string.h>

/* Most bytes of a piece's head. */
#define HEAD_MAX 2

/* Begins a head: it goes on in the next byte. */
#define HEAD_CONTINUES 0x80u
#define HEAD_BITS      7
/* In a head: the subject follows the piece. */
#define HEAD_SUBJECT 1u

_Static_assert((DNS_TEXT_MAX << 1 | 1) < 1 << (HEAD_BITS + 8), "a head holds the largest size");

/* A template while it is compiled. */
typedef struct compiler {
	uint8_t *out;
	size_t piece;  /* where the open piece starts; its bytes stand behind the largest head */
	size_t size;   /* bytes of it */
	size_t length; /* of the text so far, each subject counted as one byte */
} compiler_t;

static void add_literal(compiler_t *compiler, text_t text)
{
	size_t room = DNS_TEXT_MAX - compiler->length;
	size_t size = text_size(text) < room ? text_size(text) : room;

	if (size > 0)
		memcpy(compiler->out + compiler->piece + HEAD_MAX + compiler->size, text.at, size);
	compiler->size += size;
	compiler->length += size;
}

/* Writes the head of the open piece, and opens the next one. */
static void close_piece(compiler_t *compiler, unsigned followed_by)
{
	uint8_t *piece = compiler->out + compiler->piece;
	size_t head = compiler->size << 1 | followed_by;

	if (head < HEAD_CONTINUES) {
		piece[0] = (uint8_t)head;
		memmove(piece + 1, piece + HEAD_MAX, compiler->size);
		compiler->piece += 1 + compiler->size;
	} else {
		piece[0] = (uint8_t)(HEAD_CONTINUES | head);
		piece[1] = (uint8_t)(head >> HEAD_BITS);
		compiler->piece += HEAD_MAX + compiler->size;
	}
	compiler->size = 0;
}

static void add_subject(compiler_t *compiler)
{
	if (compiler->length == DNS_TEXT_MAX)
		return;
	compiler->length++;
	close_piece(compiler, HEAD_SUBJECT);
}

/* Compiles what follows a `$` and returns how many characters of it belong to the `$`. `own` is the
 * entry's text. */
static size_t add_variable(compiler_t *compiler, text_t rest, const template_variables_t *variables,
			   text_t own)
{
	char name = text_is_empty(rest) ? '\0' : *rest.at;
	text_t dollar_name = { rest.at - 1, rest.at + 1 };

	if (name == '$') {
		add_literal(compiler, (text_t){ rest.at, rest.at + 1 });
		return 1;
	}
	if (name == '=') {
		if (text_is_empty(own))
			add_subject(compiler);
		else
			add_literal(compiler, own);
		return 1;
	}
	if (name >= '0' && name <= '9') {
		text_t variable = variables->digits[name - '0'];
		add_literal(compiler, text_is_empty(variable) ? dollar_name : variable);
		return 1;
	}
	add_subject(compiler);
	return 0;
}

size_t template_compile(text_t text, const template_variables_t *variables,
			uint8_t compiled[TEMPLATE_COMPILED_MAX])
{
	compiler_t compiler = { .out = compiled };
	bool is_base_wanted = !text_at(text, '='); /* "=text" does without the base template */

	if (!is_base_wanted)
		text.at++;
	text_t own = text;
	if (is_base_wanted && !text_is_empty(variables->base))
		text = variables->base;
	while (!text_is_empty(text)) {
		const char *dollar = memchr(text.at, '$', text_size(text));
		const char *end = dollar != NULL ? dollar : text.end;
		add_literal(&compiler, (text_t){ text.at, end });
		text.at = end;
		if (dollar == NULL)
			break;
		text.at++;
		text.at += add_variable(&compiler, text, variables, own);
	}
	if (compiler.length == 0)
		return 0;
	close_piece(&compiler, 0);
	return compiler.piece;
}

bool template_is_fixed(text_t text)
{
	if (text_at(text, '='))
		return false;
	while (!text_is_empty(text)) {
		const char *dollar = memchr(text.at, '$', text_size(text));
		if (dollar == NULL)
			return true;
		text.at = dollar + 1;
		if (!text_is_empty(text) &&
		    (*text.at == '$' || *text.at == '=' || (*text.at >= '0' && *text.at <= '9')))
			return false;
	}
	return true;
}

size_t template_write_literal(text_t text, uint8_t *compiled)
{
	size_t size = text_size(text);
	size_t head = size << 1;
	size_t head_size = head < HEAD_CONTINUES ? 1 : HEAD_MAX;

	compiled[0] = (uint8_t)(head_size == 1 ? head : HEAD_CONTINUES | head);
	if (head_size == HEAD_MAX)
		compiled[1] = (uint8_t)(head >> HEAD_BITS);
	memcpy(compiled + head_size, text.at, size);
	return head_size + size;
}

bool template_has_subject(const uint8_t *compiled)
{
	return (compiled[0] & HEAD_SUBJECT) != 0;
}

/* Reads a head, and returns what is behind it. */
static const uint8_t *read_head(const uint8_t *at, size_t *head)
{
	*head = *at++;
	if ((*head & HEAD_CONTINUES) != 0)
		*head = (*head & ~(size_t)HEAD_CONTINUES) | (size_t)*at++ << HEAD_BITS;
	return at;
}

const uint8_t *template_piece(const uint8_t *piece, text_t *literal, bool *has_subject)
{
	size_t head;
	const char *bytes = (const char *)read_head(piece, &head);

	*literal = (text_t){ bytes, bytes + (head >> 1) };
	*has_subject = (head & HEAD_SUBJECT) != 0;
	return (const uint8_t *)literal->end;
}

size_t template_size(const uint8_t *compiled)
{
	const uint8_t *at = compiled;
	size_t head;

	do {
		at = read_head(at, &head);
		at += head >> 1;
	} while ((head & HEAD_SUBJECT) != 0);
	return (size_t)(at - compiled);
}

size_t template_check(const uint8_t *at, const uint8_t *end)
{
	const uint8_t *start = at;
	size_t head;

	do {
		if (end - at < HEAD_MAX && (at == end || (*at & HEAD_CONTINUES) != 0))
			return 0;
		at = read_head(at, &head);
		if ((size_t)(end - at) < head >> 1)
			return 0;
		at += head >> 1;
	} while ((head & HEAD_SUBJECT) != 0);
	return (size_t)(at - start);
}

/* Appends as much of a text as there is room for, and returns where it ends. */
static size_t append(uint8_t out[DNS_TEXT_MAX], size_t end, const void *text, size_t size)
{
	size_t room = DNS_TEXT_MAX - end;

	if (size > room)
		size = room;
	memcpy(out + end, text, size);
	return end + size;
}

size_t template_expand(const uint8_t *compiled, const char *subject, size_t subject_size,
		       uint8_t out[DNS_TEXT_MAX])
{
	size_t end = 0;
	size_t head;

	for (;;) {
		compiled = read_head(compiled, &head);
		end = append(out, end, compiled, head >> 1);
		compiled += head >> 1;
		if ((head & HEAD_SUBJECT) == 0)
			return end;
		end = append(out, end, subject, subject_size);
	}
}
