/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/config_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* Braces in braces: a list in a data set in a zone. More are a mistake that can wait for libconfuse. */
#define DEPTH_MAX 8

/* How far we are. */
typedef struct scan {
	char *at;
	unsigned line;
	char before;              /* the last character that is no blank */
	bool is_word;             /* within an unquoted word */
	unsigned depth;           /* of braces that are open */
	unsigned open[DEPTH_MAX]; /* their lines */
	config_text_t *found;
	unsigned *bad_line;
	const char **why;
} scan_t;

static err_t complain(scan_t *scan, unsigned line, const char *why)
{
	*scan->bad_line = line;
	*scan->why = why;
	return ERR_SYNTAX;
}

/* Makes a blank of what is there, unless it ends a line. */
static void blank(scan_t *scan)
{
	if (*scan->at == '\n')
		scan->line++;
	else
		*scan->at = ' ';
	scan->at++;
}

/* Does a comment begin here? Within a word only "#" begins one: paths have slashes. */
static bool is_comment(const scan_t *scan)
{
	const char *at = scan->at;

	if (*at == '#')
		return true;
	return !scan->is_word && at[0] == '/' && (at[1] == '/' || at[1] == '*');
}

static err_t skip_comment(scan_t *scan)
{
	unsigned line = scan->line;

	scan->is_word = false;
	if (scan->at[0] != '/' || scan->at[1] != '*') {
		while (*scan->at != '\0' && *scan->at != '\n')
			blank(scan);
		return ERR_OK;
	}
	blank(scan);
	blank(scan);
	while (scan->at[0] != '*' || scan->at[1] != '/') {
		if (*scan->at == '\0')
			return complain(scan, line, "the comment that begins here has no end: */");
		blank(scan);
	}
	blank(scan);
	blank(scan);
	return ERR_OK;
}

static err_t skip_string(scan_t *scan)
{
	char quote = *scan->at++;

	while (*scan->at != quote) {
		if (*scan->at == '\\' && scan->at[1] != '\0')
			scan->at++;
		if (*scan->at == '\0' || *scan->at == '\n')
			return complain(scan, scan->line,
					"a quote has no end in this line: each needs a second one");
		scan->at++;
	}
	scan->at++;
	scan->before = quote;
	scan->is_word = false;
	return ERR_OK;
}

/* Writes down where a section begins; the brace of a list comes after "=". */
static err_t take_open(scan_t *scan)
{
	config_text_t *found = scan->found;

	if (scan->depth < DEPTH_MAX)
		scan->open[scan->depth] = scan->line;
	scan->depth++;
	if (scan->before == '=')
		return ERR_OK;
	err_t err = array_reserve((void **)&found->section_lines, &found->section_capacity,
				  found->section_count + 1, sizeof(*found->section_lines));
	if (err == ERR_OK)
		found->section_lines[found->section_count++] = scan->line;
	return err;
}

/* Goes past one character outside of strings and comments. */
static err_t take_character(scan_t *scan)
{
	char c = *scan->at++;
	bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
	err_t err = ERR_OK;

	if (c == '{') {
		err = take_open(scan);
	} else if (c == '}') {
		if (scan->depth == 0)
			return complain(scan, scan->line, "this } closes nothing");
		scan->depth--;
	} else if (c == '\n') {
		scan->line++;
	} else if (!is_blank && ((unsigned char)c < ' ' || c == 0x7f)) {
		return complain(scan, scan->line, "there is a control character in this line");
	}
	scan->is_word = !is_blank && strchr("{}(),=+", c) == NULL;
	if (!is_blank)
		scan->before = c;
	return err;
}

static err_t scan_all(scan_t *scan)
{
	err_t err = ERR_OK;

	while (err == ERR_OK && *scan->at != '\0') {
		if (is_comment(scan))
			err = skip_comment(scan);
		else if (*scan->at == '"' || *scan->at == '\'')
			err = skip_string(scan);
		else
			err = take_character(scan);
	}
	if (err == ERR_OK && scan->depth > 0 && scan->depth <= DEPTH_MAX)
		err = complain(scan, scan->open[scan->depth - 1],
			       "the { in this line is not closed before the file ends: }");
	return err;
}

err_t config_text_prepare(char *text, size_t size, config_text_t *found, unsigned *line,
			  const char **why)
{
	scan_t scan = { .at = text, .line = 1, .found = found, .bad_line = line, .why = why };
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	err_t err;

	*found = (config_text_t){ 0 };
	if (strncmp(text, byte_order_mark, strlen(byte_order_mark)) == 0)
		memset(text, ' ', strlen(byte_order_mark));
	err = scan_all(&scan);
	if (err == ERR_OK && scan.at != text + size)
		err = complain(&scan, scan.line, "there is a NUL character in this line");
	if (err != ERR_OK)
		config_text_clear(found);
	return err;
}

void config_text_clear(config_text_t *found)
{
	free(found->section_lines);
	*found = (config_text_t){ 0 };
}
