/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CDB_CHECKSUM_H
#define SPURN_CDB_CHECKSUM_H

#include <stddef.h>

#include "base/attributes.h"

/* Bytes of a sum as text, NUL included. */
#define CHECKSUM_TEXT_MAX 33

/* XXH3-128 of memory, as 32 hexadecimal digits, as `xxhsum -H128` shows it. Tells what was damaged by accident, at the speed of
 * memory; whoever wants to can make another block with the same sum. Pure; any thread. Returns `text`. */
const char *checksum_text(const void *memory, size_t size, char text[CHECKSUM_TEXT_MAX])
	ATTR_NONNULL(3);

#endif
