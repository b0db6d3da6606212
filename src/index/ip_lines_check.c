/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip_lines.h"

#include "index/ip_lines_layout.h"

/* Reads notes from anywhere as ip_lines_compare.c does, and believes nothing. What they say of an index need
 * not be true: a comparison ends in any case, and what it tells then is wrong. */

typedef struct checker {
	const uint8_t *at;
	const uint8_t *end;
	uint32_t max_number;
	const char *why;
} checker_t;

static bool fail(checker_t *checker, const char *why)
{
	checker->why = why;
	return false;
}

static bool take_byte(checker_t *checker, unsigned *byte)
{
	if (checker->at == checker->end)
		return fail(checker, "notes do not end");
	*byte = *checker->at++;
	return true;
}

/* A number of at most `bits` bits, the lowest 64 into `*low`. */
static bool take_number(checker_t *checker, unsigned bits, uint64_t *low)
{
	unsigned byte = 128;

	*low = 0;
	for (unsigned shift = 0; byte >= 128; shift += 7) {
		if (!take_byte(checker, &byte))
			return false;
		if (shift >= bits || (shift + 7 > bits && (byte & 127) >> (bits - shift) != 0))
			return fail(checker, "number too long");
		if (shift < 64)
			*low |= (uint64_t)(byte & 127) << shift;
	}
	return true;
}

/* The rows of a run that is listed line by line. */
static bool check_rows(checker_t *checker)
{
	unsigned size, shift;
	uint64_t count, ignored, number;

	while (take_byte(checker, &size)) {
		if (size == IP_LINES_END)
			return true;
		if (size > 127 && size != IP_LINES_ANY_SIZE)
			return fail(checker, "impossible size of a line");
		if (size == IP_LINES_ANY_SIZE && !take_number(checker, 128, &ignored))
			return false;
		if (!take_number(checker, 64, &count))
			return false;
		if ((count & IP_LINES_OFFSET) != 0) {
			if (!take_byte(checker, &shift) || !take_number(checker, 128, &ignored))
				return false;
			if (shift > 127)
				return fail(checker, "impossible place of a line");
		}
		if ((count & IP_LINES_OWN) == 0)
			continue;
		if (!take_number(checker, 64, &number))
			return false;
		if (number > checker->max_number)
			return fail(checker, "number too large");
	}
	return false;
}

static bool check_records(checker_t *checker)
{
	uint64_t skipped;
	unsigned kind;

	while (checker->at < checker->end) {
		if (!take_number(checker, 64, &skipped) || !take_byte(checker, &kind))
			return false;
		if (kind > IP_LINES_LIST)
			return fail(checker, "unknown kind of run");
		if (kind == IP_LINES_LIST && !check_rows(checker))
			return false;
	}
	return true;
}

err_t ip_lines_check(const void *notes, size_t size, uint32_t max_number, const char **why)
{
	checker_t checker = { .max_number = max_number };

	if (size == 0)
		return ERR_OK;
	checker.at = notes;
	checker.end = checker.at + size;
	if (check_records(&checker))
		return ERR_OK;
	*why = checker.why;
	return ERR_INVAL;
}
