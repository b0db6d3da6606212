/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/conditions.h"

#include <string.h>

#include "base/duration.h"

/* What the parameters said so far. */
typedef struct parameters {
	bool has_time;
	bool has_delay;
	int64_t time;
	uint32_t delay_s;
	const char *why; /* the first one's that has no effect */
} parameters_t;

/* Finds the @ that begins the parameters: the first one that has a blank, or nothing, before it. */
static const char *find_mark(text_t text)
{
	const char *start = text.at;

	for (; !text_is_empty(text); text.at++)
		if (*text.at == '@' && (text.at == start || text_is_blank(text.at[-1])))
			return text.at;
	return NULL;
}

static text_t trim(text_t text)
{
	text_skip_blanks(&text);
	while (!text_is_empty(text) && text_is_blank(text.end[-1]))
		text.end--;
	return text;
}

/* Ends the text where a comment begins. */
static text_t without_comment(text_t text)
{
	for (const char *c = text.at; c != text.end; c++) {
		if ((*c == '#' || *c == ';') && (c == text.at || text_is_blank(c[-1]))) {
			text.end = c;
			break;
		}
	}
	return text;
}

/* Reads seconds since 1970; at most 18 digits, which no sum can overflow. */
static bool read_time(text_t text, int64_t *time)
{
	if (text_is_empty(text) || text_size(text) > 18)
		return false;
	*time = 0;
	for (; !text_is_empty(text); text.at++) {
		if (*text.at < '0' || *text.at > '9')
			return false;
		*time = *time * 10 + (*text.at - '0');
	}
	return true;
}

/* Takes one parameter; returns false if it has no effect. */
static bool take_parameter(text_t name, text_t value, parameters_t *parameters,
			   zone_conditions_t *conditions)
{
	if (text_is_word(name, "ts")) {
		parameters->has_time = read_time(value, &parameters->time);
		return parameters->has_time;
	}
	if (text_is_word(name, "delay")) {
		parameters->has_delay =
			!text_is_empty(value) &&
			duration_parse(value.at, text_size(value), &parameters->delay_s) == ERR_OK;
		return parameters->has_delay;
	}
	if (!text_is_word(name, "key"))
		return false;
	if (text_is_word(value, "require"))
		conditions->needs_key = true;
	else if (text_is_word(value, "nodelay"))
		conditions->key_skips_delay = true;
	else
		return false;
	return true;
}

static void take_all(text_t text, parameters_t *parameters, zone_conditions_t *conditions)
{
	while (!text_is_empty(text)) {
		text_t word = { text.at, text.at };
		while (word.end != text.end && *word.end != ';' && *word.end != ':')
			word.end++;
		text.at = word.end == text.end ? text.end : word.end + 1;
		word = trim(word);
		if (text_is_empty(word))
			continue;
		const char *equals = memchr(word.at, '=', text_size(word));
		text_t name = { word.at, equals != NULL ? equals : word.end };
		text_t value = { equals != NULL ? equals + 1 : word.end, word.end };
		if (!take_parameter(trim(name), trim(value), parameters, conditions))
			parameters->why =
				"an entry parameter after @ is unknown or its value wrong, "
				"and has no effect (known: ts=SECONDS delay=TIME "
				"key=require key=nodelay)";
	}
}

const char *conditions_split(text_t *value, zone_conditions_t *conditions)
{
	const char *mark = find_mark(*value);
	parameters_t parameters = { .has_time = false };

	*conditions = (zone_conditions_t){ .visible_from = 0 };
	if (mark == NULL)
		return NULL;
	take_all(without_comment((text_t){ mark + 1, value->end }), &parameters, conditions);
	value->end = mark;
	*value = trim(*value);
	if (parameters.has_time && parameters.has_delay)
		conditions->visible_from = parameters.time + parameters.delay_s;
	else if ((parameters.has_time || parameters.has_delay) && parameters.why == NULL)
		parameters.why = "of the entry parameters ts and delay, one has no effect without "
				 "the other";
	return parameters.why;
}
