/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_COMPRESSION_H
#define SPURN_ZONEFILE_COMPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

/* The ways in which a zone file may be compressed. The libraries (zlib, libzstd) do the work. */

/* Bytes at the start of a file that tell how it is compressed, of any way. */
#define COMPRESSION_MAGIC_MAX 10

/* Most memory, in bytes, that decompressing may take for the distance over which text is copied:
 * what zstd -d takes without options, and so everything up to `zstd --ultra -22` or `--long`. It
 * bounds what a file from outside can make us allocate. */
#define COMPRESSION_WINDOW_MAX     (UINT64_C(1) << COMPRESSION_WINDOW_LOG_MAX)
#define COMPRESSION_WINDOW_LOG_MAX 27

/* Bytes from..end that are still to be read or written; moves as they are. */
typedef struct compression_input {
	const uint8_t *at;
	const uint8_t *end;
} compression_input_t;

typedef struct compression_output {
	uint8_t *at;
	uint8_t *end;
} compression_output_t;

/* One way. A file has one or more streams (members in gzip's words, frames in zstd's), each behind
 * the other. */
typedef struct compression {
	/* What stands behind the last stream is ignored if it is not another one, and zero bytes do
	 * not even count, as gzip(1) has it; else it is an error. */
	bool may_have_garbage;

	/* Makes `*state`, fit for the first byte of a stream. Returns ERR_OK or ERR_NOMEM. */
	err_t (*begin)(void **state);
	/* Reads from `input` and writes to `output` until one of them is at its end, or the stream
	 * is, which sets `*is_end`; what is called next is another stream. What has no progress to
	 * make without more input is no error. Returns ERR_OK; ERR_CORRUPT; ERR_TOO_LARGE, when
	 * more than COMPRESSION_WINDOW_MAX would be needed; ERR_UNSUPPORTED or ERR_NOMEM. */
	err_t (*decompress)(void *state, compression_input_t *input, compression_output_t *output,
			    bool *is_end);
	void (*end)(void *state);
} compression_t;

extern const compression_t compression_gzip; /* RFC 1952 */
extern const compression_t compression_zstd; /* RFC 8878, skippable frames included */

/* How `bytes`[0..size), the first ones of a file or behind a stream, say that they are compressed.
 * Sets `*compression`, NULL for not at all. Returns ERR_OK; or ERR_UNSUPPORTED for a way that is
 * well known (bzip2, xz, ...) and not one of ours. */
err_t compression_find(const uint8_t *bytes, size_t size, const compression_t **compression)
	ATTR_NONNULL(3) ATTR_NODISCARD;

/* Are `bytes`[0..size) too few to tell, but what one of our compressed streams starts with? */
bool compression_is_cut(const uint8_t *bytes, size_t size);

#endif
