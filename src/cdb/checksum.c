/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "cdb/checksum.h"

#include <stdio.h>
#include <xxhash.h>

const char *checksum_text(const void *memory, size_t size, char text[CHECKSUM_TEXT_MAX])
{
	XXH128_canonical_t sum;

	XXH128_canonicalFromHash(&sum, XXH3_128bits(memory, size));
	for (size_t i = 0; i < sizeof(sum.digest); i++)
		snprintf(text + 2 * i, 3, "%02x", sum.digest[i]);
	return text;
}
