/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_NUMBER_H
#define SPURN_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

/* Reads text[0..size) as a decimal number, digits and nothing else: no sign, no blanks. Returns false, and leaves
 * `*number` unchanged, if it is none, or if that is not in min..max. Any thread. */
bool number_parse(const char *text, size_t size, uint64_t min, uint64_t max, uint64_t *number)
	ATTR_NONNULL(5) ATTR_NODISCARD;

/* The same of a string, and of what fits an unsigned. */
bool number_parse_unsigned(const char *text, unsigned min, unsigned max,
			   unsigned *number) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
