/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/value_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "zonefile/ip4_text.h"

bool template_needs_base(const uint8_t *compiled)
{
	text_t literal;
	bool has_subject;
	bool is_behind = false; /* a subject */

	do {
		compiled = template_piece(compiled, &literal, &has_subject);
		if (is_behind && text_is_empty(literal) && has_subject)
			return true; /* $$ is no two subjects */
		if (is_behind && !text_is_empty(literal) &&
		    memchr("$=0123456789", *literal.at, 12) != NULL)
			return true;
		is_behind = has_subject;
	} while (has_subject);
	return false;
}

/* Does a variable begin here that nobody sets, so that it stands for itself? As it was written, then: twice as
 * many dollar signs might be too long. */
static bool is_unset(text_t dollar)
{
	return text_size(dollar) > 1 && dollar.at[1] >= '0' && dollar.at[1] <= '9';
}

/* Writes the pieces, with `subject` where that goes. Returns where they end; NULL if they are more than any
 * text may have, as in a file that was made to be. */
static char *write_pieces(const uint8_t *compiled, const char *subject, char *out)
{
	size_t subject_size = strlen(subject);
	size_t length = 0; /* as it counts when templates are compiled */
	text_t literal;
	bool has_subject;

	do {
		compiled = template_piece(compiled, &literal, &has_subject);
		length += text_size(literal) + has_subject;
		if (length > DNS_TEXT_MAX)
			return NULL;
		for (; !text_is_empty(literal); literal.at++) {
			*out++ = *literal.at;
			if (*literal.at == '$' && !is_unset(literal))
				*out++ = '$';
		}
		if (has_subject) {
			memcpy(out, subject, subject_size);
			out += subject_size;
		}
	} while (has_subject);
	return out;
}

size_t template_text_write_base(const uint8_t *compiled, char text[TEMPLATE_TEXT_MAX])
{
	const char *end = write_pieces(compiled, "$=", text);

	return end != NULL ? (size_t)(end - text) : 0;
}

static bool is_same(const uint8_t *a, const uint8_t *b)
{
	size_t size = template_size(a);

	return template_size(b) == size && memcmp(a, b, size) == 0;
}

/* Is the text so long that what follows is cut off? */
static bool is_full(text_t text)
{
	return text_size(text) == DNS_TEXT_MAX;
}

/* Does an entry with `text` mean `compiled`, as far as a line can hold the text? */
static bool is_read_back(const value_style_t *style, text_t text, const uint8_t *compiled)
{
	uint8_t read[TEMPLATE_COMPILED_MAX];
	template_variables_t variables = { .base = { NULL, NULL } };
	char base[TEMPLATE_TEXT_MAX];
	size_t size = text_size(text);

	if (size > DNS_TEXT_MAX || memchr(text.at, '\n', size) != NULL ||
	    memchr(text.at, '\0', size) != NULL || (size > 0 && text_is_blank(*text.at)) ||
	    (size > 0 && text_is_blank(text.end[-1]) && !is_full(text)))
		return false;
	if (style->base != NULL)
		variables.base =
			(text_t){ base, base + template_text_write_base(style->base, base) };
	return template_compile(text, &variables, read) > 0 && is_same(read, compiled);
}

/* Writes the template of an entry, and returns where it ends; NULL if it cannot be said. */
static char *write_template(const value_style_t *style, const uint8_t *compiled, char *out)
{
	char *start = out;
	text_t literal;
	bool has_subject;

	if (style->base != NULL && is_same(compiled, style->base))
		return out;
	(void)template_piece(compiled, &literal, &has_subject);
	/* Without the base template; and what is there to begin with stays there. */
	if (style->base != NULL ||
	    (!text_is_empty(literal) && (*literal.at == '=' || text_is_blank(*literal.at))))
		*out++ = '=';
	out = write_pieces(compiled, "$", out);
	if (out == NULL || !is_read_back(style, (text_t){ start, out }, compiled))
		return NULL;
	/* A blank that the end of the line would take, were there not something that is too much. */
	if (text_is_blank(out[-1]) && is_full((text_t){ start, out }))
		*out++ = '.';
	return out;
}

size_t value_text_write(const value_style_t *style, const uint8_t a[4], const uint8_t *compiled,
			char text[VALUE_TEXT_MAX])
{
	char *out = text;

	*out++ = ':';
	out += ip4_text_write(
		(uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | a[3], out);
	*out++ = ':';
	if (compiled != NULL)
		out = write_template(style, compiled, out);
	else if (style->base != NULL)
		*out++ = '='; /* and nothing: not even the base template */
	return out != NULL ? (size_t)(out - text) : 0;
}

bool value_text_has_mark(const value_style_t *style, const char *text, size_t size)
{
	for (size_t i = 1; style->has_parameters && i < size; i++)
		if (text[i] == '@' && text_is_blank(text[i - 1]))
			return true;
	return false;
}

size_t conditions_text_write(const zone_conditions_t *conditions, char text[CONDITIONS_TEXT_MAX])
{
	size_t size = (size_t)snprintf(text, CONDITIONS_TEXT_MAX, "@ ");

	if (conditions->visible_from != 0)
		size += (size_t)snprintf(text + size, CONDITIONS_TEXT_MAX - size,
					 "ts=%" PRId64 ";delay=0;", conditions->visible_from);
	if (conditions->needs_key)
		size += (size_t)snprintf(text + size, CONDITIONS_TEXT_MAX - size, "key=require;");
	if (conditions->key_skips_delay)
		size += (size_t)snprintf(text + size, CONDITIONS_TEXT_MAX - size, "key=nodelay;");
	return size - 1; /* the last ; separates nothing */
}
