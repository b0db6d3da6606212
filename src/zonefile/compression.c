/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/compression.h"

#include <string.h>

/* How a file of each kind begins. */
typedef struct magic {
	const compression_t *compression; /* NULL: known, but not read */
	uint8_t offset;                   /* where the bytes stand */
	uint8_t size;
	uint8_t first_mask; /* of the first byte, the bits that count */
	uint8_t bytes[6];
} magic_t;

/* The last ones are there so that nobody who chose one of them serves an empty list: as text they
 * are lines that make no sense, and such lines are skipped. */
static const magic_t magics[] = {
	{ &compression_gzip, 0, 2, 0xff, { 0x1f, 0x8b } },
	{ &compression_zstd, 0, 4, 0xff, { 0x28, 0xb5, 0x2f, 0xfd } },
	/* A skippable frame; pzstd puts one in front of each frame. */
	{ &compression_zstd, 0, 4, 0xf0, { 0x50, 0x2a, 0x4d, 0x18 } },
	{ NULL, 0, 6, 0xff, { 0xfd, '7', 'z', 'X', 'Z', 0 } }, /* xz */
	/* bzip2, behind BZh1 to BZh9, which could be text. */
	{ NULL, 4, 6, 0xff, { 0x31, 0x41, 0x59, 0x26, 0x53, 0x59 } },
	{ NULL, 0, 4, 0xff, { 0x04, 0x22, 0x4d, 0x18 } },           /* lz4 */
	{ NULL, 0, 4, 0xff, { 'P', 'K', 3, 4 } },                   /* zip */
	{ NULL, 0, 6, 0xff, { '7', 'z', 0xbc, 0xaf, 0x27, 0x1c } }, /* 7z */
};

/* Do `bytes`[0..size) begin as the magic does, as far as they go? */
static bool begins(const magic_t *magic, const uint8_t *bytes, size_t size)
{
	if (size <= magic->offset)
		return false;
	bytes += magic->offset;
	size -= magic->offset;
	if (size > magic->size)
		size = magic->size;
	return (bytes[0] & magic->first_mask) == magic->bytes[0] &&
	       memcmp(bytes + 1, magic->bytes + 1, size - 1) == 0;
}

static bool is_whole(const magic_t *magic, size_t size)
{
	return size >= (size_t)magic->offset + magic->size;
}

err_t compression_find(const uint8_t *bytes, size_t size, const compression_t **compression)
{
	*compression = NULL;
	for (size_t i = 0; i < COUNT_OF(magics); i++) {
		if (!is_whole(&magics[i], size) || !begins(&magics[i], bytes, size))
			continue;
		*compression = magics[i].compression;
		return *compression != NULL ? ERR_OK : ERR_UNSUPPORTED;
	}
	return ERR_OK;
}

bool compression_is_cut(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < COUNT_OF(magics); i++) {
		if (magics[i].compression != NULL && !is_whole(&magics[i], size) &&
		    begins(&magics[i], bytes, size))
			return true;
	}
	return false;
}
