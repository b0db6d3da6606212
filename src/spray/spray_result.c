/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "spray/spray_result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double spray_entropy_bits(const uint64_t *counts, size_t size)
{
	double sum = 0;
	double bits = 0;

	for (size_t i = 0; i < size; i++)
		sum += (double)counts[i];
	for (size_t i = 0; i < size; i++) {
		double share = (double)counts[i] / sum;
		if (counts[i] > 0)
			bits -= share * log2(share);
	}
	/* One kind alone: not minus zero. */
	return bits > 0 ? bits : 0;
}

void spray_nsid_text(const uint8_t *nsid, size_t size, char text[SPRAY_NSID_TEXT_MAX])
{
	char *at = text;

	for (size_t i = 0; i < size && i < SPRAY_NSID_MAX; i++) {
		if (nsid[i] >= 0x20 && nsid[i] < 0x7f && nsid[i] != '\\')
			*at++ = (char)nsid[i];
		else
			at += sprintf(at, "\\%03u", nsid[i]);
	}
	*at = '\0';
}

void spray_result_clear(spray_result_t *result)
{
	free(result->servers);
	free(result->taken);
	memset(result, 0, sizeof(*result));
}
