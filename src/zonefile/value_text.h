/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_VALUE_TEXT_H
#define SPURN_ZONEFILE_VALUE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "zonefile/conditions.h"
#include "zonefile/template.h"

/* Values and compiled templates written back as zone files have them, so that reading makes the same of it:
 * the reverse of value.h, template.h and conditions.h.
 *
 * Variables have been filled in when a template was compiled, and none are set by what is written, so that of dollar
 * signs there are two kinds: the subject ($), and one that is meant ($$, or $5 in front of a digit). A subject before a digit, an equals sign or a dollar sign cannot be
 * written like that: $5 would be a variable. Such a text only comes from a base template ($=) in which
 * entries without a text of their own have the subject; so it is written as one. */

/* How the values of a data set are written; plain data. */
typedef struct value_style {
	/* The base template that a line $= sets: entries without a text have it, and those with another
	 * one have to do without. NULL: there is no such line. */
	const uint8_t *base;
	bool has_parameters; /* lines are read with entry parameters */
} value_style_t;

/* Most bytes of a template as text. */
#define TEMPLATE_TEXT_MAX (1 + 2 * DNS_TEXT_MAX)
/* Most bytes of a value: ":192.0.2.255:" and a template. */
#define VALUE_TEXT_MAX (sizeof(":255.255.255.255:") + TEMPLATE_TEXT_MAX)
/* Most bytes of conditions. */
#define CONDITIONS_TEXT_MAX sizeof("@ ts=-9223372036854775808;delay=0;key=require;key=nodelay")

/* Can only a base template say this? */
bool template_needs_base(const uint8_t *compiled) ATTR_NONNULL_ALL;

/* Writes a template as what follows "$= ". Returns its size in bytes; 0 if it is too long for
 * a text. */
size_t template_text_write_base(const uint8_t *compiled,
				char text[TEMPLATE_TEXT_MAX]) ATTR_NONNULL_ALL;

/* Writes ":A:text" for an entry or a default line, `compiled` being NULL where there is no TXT. At the end of a
 * line a CR has to be written twice. Returns its size in bytes; 0 when zone files cannot say this: a text with line ends, one that ends with blanks, or one that
 * is too long as its dollar signs are written twice. */
size_t value_text_write(const value_style_t *style, const uint8_t a[4], const uint8_t *compiled,
			char text[VALUE_TEXT_MAX]) ATTR_NONNULL(1, 2, 4);

/* Would such a value end in what is taken for conditions, if it stood in an entry? A default line
 * says it then. */
bool value_text_has_mark(const value_style_t *style, const char *text,
			 size_t size) ATTR_NONNULL_ALL;

/* Writes conditions, which are not none, as they follow a value and a blank. Returns the size. */
size_t conditions_text_write(const zone_conditions_t *conditions,
			     char text[CONDITIONS_TEXT_MAX]) ATTR_NONNULL_ALL;

#endif
