/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_DURATION_H
#define SPURN_BASE_DURATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

/* Reads the duration `text`[0..size), as rbldnsd takes it wherever it takes a time: decimal digits,
 * then at most one unit of s m h d w (second, minute, hour, day, week) in either case; without a
 * unit the number is in seconds. All of the text must be the duration: no sign, no blanks, no sum
 * ("1h30m"). Zero is fine. Any thread.
 * Returns ERR_OK; ERR_SYNTAX when it is not a duration; ERR_RANGE when it is one of more than
 * 2^32-1 seconds. On failure `*seconds` is unchanged. */
err_t duration_parse(const char *text, size_t size, uint32_t *seconds)
	ATTR_NONNULL(3) ATTR_NODISCARD;

#endif
