/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_FILE_SOURCE_H
#define SPURN_ZONEFILE_FILE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/attributes.h"
#include "base/error.h"

/* The bytes of a file, decompressed if it is compressed with gzip or zstd, whatever its name. What
 * `cat` made of several compressed files is read to its end. One thread at a time. */
typedef struct file_source file_source_t;

/* What tells one state of a file from another; plain data. */
typedef struct file_stamp {
	uint64_t device;
	uint64_t inode;
	uint64_t size;
	struct timespec modified;
} file_stamp_t;

/* How a path was found; plain data. */
typedef struct file_state {
	err_t err; /* there was no file to be found; else the stamp counts */
	file_stamp_t stamp;
} file_state_t;

/* The present state of `path`: never fails, for that is a state, too. */
file_state_t file_state_get(const char *path) ATTR_NONNULL_ALL;
bool file_state_is_equal(const file_state_t *a, const file_state_t *b) ATTR_NONNULL_ALL;

/* The stamp of what fstat(2) or stat(2) told. */
struct stat;
file_stamp_t file_stamp_of(const struct stat *status) ATTR_NONNULL_ALL;

/* The present stamp of `path`. Returns ERR_OK or errno's error. */
err_t file_stamp_get(const char *path, file_stamp_t *stamp) ATTR_NONNULL_ALL ATTR_NODISCARD;
bool file_stamp_is_equal(const file_stamp_t *a, const file_stamp_t *b) ATTR_NONNULL_ALL;

/* Opens `path` and takes its stamp. The caller closes `*source`. Returns ERR_OK; ERR_COMPRESSED
 * (`refuse_compressed`, and it is); ERR_UNSUPPORTED (compressed in another way: bzip2, xz, lz4, zip,
 * 7z); ERR_INVAL (neither a regular file nor like /dev/null, a character device without content);
 * ERR_NOMEM or errno's error. */
err_t file_source_open(const char *path, bool refuse_compressed,
		       file_source_t **source) ATTR_NONNULL_ALL ATTR_NODISCARD;
void file_source_close(file_source_t *source);

/* Reads up to `room` bytes, at least 1, to `bytes` and sets `*got`, which is 0 at the end only.
 * Memory stays bounded whatever the file is: see compression.h.
 * Returns ERR_OK; ERR_CORRUPT, ERR_TRUNCATED, ERR_TOO_LARGE, ERR_UNSUPPORTED (of compressed data;
 * then what was read before is not to be trusted either); ERR_NOMEM or errno's error. After an error
 * nothing more can be read. */
err_t file_source_read(file_source_t *source, void *bytes, size_t room,
		       size_t *got) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The stamp of the file when it was opened. */
const file_stamp_t *file_source_stamp(const file_source_t *source) ATTR_NONNULL_ALL;

/* Bytes of the file that have been read, compressed as they are. */
uint64_t file_source_consumed(const file_source_t *source) ATTR_NONNULL_ALL;

/* At the end: bytes behind the compressed data that are none themselves and were left out, as
 * gzip(1) does. */
uint64_t file_source_garbage(const file_source_t *source) ATTR_NONNULL_ALL;

/* Is the file still the one of the stamp, and, at its end, as long as it said? Returns ERR_OK;
 * ERR_CHANGED when it was written to, so that what was read may be of two versions (a file renamed
 * into its place is no harm: this source keeps the old one); or errno's error. */
err_t file_source_check(const file_source_t *source) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
