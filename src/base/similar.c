/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/similar.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define WORD_MAX 64

/* In lower case: nobody means something else by capital letters. */
static bool is_same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t similar_distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX] = { 0 }; /* of the matrix: the last but one, the last, this one */
	size_t a_size = strlen(a);
	size_t b_size = strlen(b);

	if (a_size >= WORD_MAX || b_size >= WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_size; j++)
		rows[1][j] = j;
	for (size_t i = 1; i <= a_size; i++) {
		size_t *row = rows[2];

		row[0] = i;
		for (size_t j = 1; j <= b_size; j++) {
			row[j] = rows[1][j - 1] + !is_same(a[i - 1], b[j - 1]);
			row[j] = least(row[j], least(rows[1][j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) &&
			    is_same(a[i - 2], b[j - 1]))
				row[j] = least(row[j], rows[0][j - 2] + 1);
		}
		memcpy(rows[0], rows[1], sizeof(rows[0]));
		memcpy(rows[1], rows[2], sizeof(rows[1]));
	}
	return rows[1][b_size];
}

size_t similar_slip(const char *word, const char *known)
{
	size_t distance = similar_distance(word, known);

	/* One letter in three: more, and any short word would be like any other. */
	return distance <= (strlen(known) + 2) / 3 ? distance : SIZE_MAX;
}
