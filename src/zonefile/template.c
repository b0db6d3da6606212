/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/template.h"

#include <string.h>

/* A template while it is compiled. */
typedef struct compiler {
	uint8_t *out;
	size_t end;      /* next byte of out */
	size_t piece;    /* where the size of the open piece stands */
	unsigned length; /* of the text so far, each subject counted as one byte */
} compiler_t;

static void open_piece(compiler_t *compiler)
{
	compiler->piece = compiler->end++;
	compiler->out[compiler->piece] = 0;
	compiler->out[0]++;
}

static void add_literal(compiler_t *compiler, text_t text)
{
	size_t room = TEMPLATE_TEXT_MAX - compiler->length;
	size_t size = text_size(text) < room ? text_size(text) : room;

	if (size > 0)
		memcpy(compiler->out + compiler->end, text.at, size);
	compiler->end += size;
	compiler->length += (unsigned)size;
	compiler->out[compiler->piece] = (uint8_t)(compiler->out[compiler->piece] + size);
}

static void add_subject(compiler_t *compiler)
{
	if (compiler->length == TEMPLATE_TEXT_MAX)
		return;
	compiler->length++;
	open_piece(compiler);
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
	compiler_t compiler = { .out = compiled, .end = 1 };
	bool is_base_wanted = !text_at(text, '='); /* "=text" does without the base template */

	compiled[0] = 0;
	open_piece(&compiler);
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
	return compiler.length == 0 ? 0 : compiler.end;
}

bool template_has_subject(const uint8_t *compiled)
{
	return compiled[0] > 1; /* pieces */
}

size_t template_expand(const uint8_t *compiled, const char *subject, size_t subject_size,
		       uint8_t out[TEMPLATE_TEXT_MAX])
{
	const uint8_t *piece = compiled + 1;
	size_t end = 0;

	for (unsigned i = 0; i < compiled[0]; i++) {
		if (i > 0) {
			size_t room = TEMPLATE_TEXT_MAX - end;
			size_t size = subject_size < room ? subject_size : room;
			memcpy(out + end, subject, size);
			end += size;
		}
		size_t room = TEMPLATE_TEXT_MAX - end;
		size_t size = *piece < room ? *piece : room;
		memcpy(out + end, piece + 1, size);
		end += size;
		piece += *piece + 1;
	}
	return end;
}
