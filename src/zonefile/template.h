/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_TEMPLATE_H
#define SPURN_ZONEFILE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "dns/txt.h"
#include "zonefile/text.h"

/* TXT templates: `$` stands for the subject (the address or name that was asked), `$0`..`$9` for
 * variables, `$$` for a dollar sign, `$=` for the entry's own text,
 * which is of use in the base template.
 *
 * All but the subject is known once a data set has been read. So a template is compiled then, into
 * the literal pieces between the places where the subject goes:
 *
 *     head, bytes | head, bytes | ...
 *
 * A head is the number of bytes that follow, doubled, plus one where the subject comes behind them,
 * which it does behind all pieces but the last one. It takes two bytes, low bits first, where seven
 * bits are not enough. */

/* Most bytes of a compiled template: one head for each byte of the text, a subject has at least one,
 * and as many second bytes as there can be pieces long enough to need one. */
#define TEMPLATE_COMPILED_MAX (DNS_TEXT_MAX + 1 + DNS_TEXT_MAX / 64 + 1)

/* Variables of one data set; empty where unset. */
typedef struct template_variables {
	text_t digits[10]; /* $0 .. $9 */
	text_t base;       /* $= */
} template_variables_t;

/* Compiles the template `text` of an entry into `compiled` and returns its size in bytes. Returns 0
 * when the outcome is empty for every subject: there is no TXT then. */
size_t template_compile(text_t text, const template_variables_t *variables,
			uint8_t compiled[TEMPLATE_COMPILED_MAX]) ATTR_NONNULL_ALL;

/* Does `text` mean the same whatever the variables are, as long as there is no base template? Then each `$`
 * in it is the subject; all other texts begin with `=` or have another dollar sign in them. */
bool template_is_fixed(text_t text) ATTR_NODISCARD;

/* Most bytes that a template of `size` bytes compiles to, if it is fixed or is written as it is. */
#define TEMPLATE_FIXED_MAX(size) ((size) + 1 + (size) / 64 + 2)

/* Writes `text`, of 1..DNS_TEXT_MAX bytes, as one piece that is nothing but itself, dollar signs included. Returns
 * its size in bytes. */
size_t template_write_literal(text_t text, uint8_t *compiled) ATTR_NONNULL_ALL;

/* Its size in bytes, which is nothing but its own. */
size_t template_size(const uint8_t *compiled) ATTR_NONNULL_ALL;

/* The size of a compiled template that begins at `at` and ends before `end`, 0 if it does not: believes
 * nothing. */
size_t template_check(const uint8_t *at, const uint8_t *end) ATTR_NONNULL_ALL;

/* Reads a piece, as it begins at `piece`: its literal bytes, and whether the subject follows these, and behind
 * that another piece. Returns what is behind it. */
const uint8_t *template_piece(const uint8_t *piece, text_t *literal,
			      bool *has_subject) ATTR_NONNULL_ALL;

/* Is there a subject in it? */
bool template_has_subject(const uint8_t *compiled) ATTR_NONNULL_ALL;

/* Fills `subject` in, and returns the number of bytes written to `out` (at most
 * DNS_TEXT_MAX). */
size_t template_expand(const uint8_t *compiled, const char *subject, size_t subject_size,
		       uint8_t out[DNS_TEXT_MAX]) ATTR_NONNULL_ALL;

#endif
