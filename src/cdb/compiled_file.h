/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CDB_COMPILED_FILE_H
#define SPURN_CDB_COMPILED_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "cdb/cdb_file.h"
#include "zonefile/file_source.h"

/* A compiled list: a cdb that `spurn compile` made, mapped read-only. doc/compiled-lists.md describes it for others
 * who read or write such files.
 *
 * Records of the cdb, in this order:
 *
 *   "0/index", "0/lines", ... "1/index", ...   blocks: number of the data set, slash, name. The value is memory as it
 *                                              is, and starts at a multiple of COMPILED_ALIGNMENT
 *   "fill"                                     zeros, between the others, so that it does
 *   "spurn"                                    the header: JSON
 *   "checksum"                                 XXH3-128 of the header's bytes, as 32 hexadecimal digits
 *
 * The header is an object. What the container itself puts there, and checks:
 *
 *   "format"      COMPILED_FORMAT
 *   "byte_order"  "little" or "big": of the machine that made it, and of all blocks
 *   "datasets"    an array; datasets[number].blocks is an array of {"name", "size": bytes, "xxh3_128": as above}
 *
 * and what all formats have, so that an old file can say how it is made anew:
 *
 *   "zones"       an object: the zone's name, and an array of numbers of data sets
 *   "options"     an array of the options that `spurn compile` had, such as "-e"
 *   "directory"   where it was compiled, if files are named relative to that
 *   "datasets"    datasets[number].spec is its specification, "ip4set:file,file"
 *
 * Texts that are not UTF-8, as names of files may be, are objects: {"hex": "ff00"}. All else is the business of who wrote
 * it: dataset/saved.h, tool/compile.c. */
typedef struct compiled_file compiled_file_t;

/* Changes with everything that another version of spurn would not understand or, worse, misunderstand: blocks,
 * and keys of the header. With it tests/fuzz/corpus/compiled is to be made anew: a file of each of
 * tests/unit/compiled_samples.h, by spurn compile --entry-parameters --ip6-in-ip4trie. */
#define COMPILED_FORMAT 2

/* The byte order of this machine, as the header has it. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define COMPILED_BYTE_ORDER "little"
#else
#define COMPILED_BYTE_ORDER "big"
#endif

/* Where blocks start: a cache line, so that what was built aligned to one still is. */
#define COMPILED_ALIGNMENT 64

/* Bytes of a block's name. */
#define COMPILED_NAME_MAX 32

/* Keys of the records beside blocks. */
#define COMPILED_KEY_HEADER   "spurn"
#define COMPILED_KEY_CHECKSUM "checksum"
#define COMPILED_KEY_FILL     "fill"

/* Maps `path`, and verifies header, version and all sums: after that each bit of header and blocks is as it was
 * written. By whom, that says nothing about: what is in the blocks is not believed by anybody. Takes the stamp of the file
 * if `stamp` is not NULL. The caller closes `*file`. Returns ERR_OK; ERR_UNSUPPORTED (another format, or byte order),
 * ERR_CORRUPT (no cdb, a damaged one, or one that spurn has not made), ERR_CHANGED, ERR_NOMEM or an error of the
 * system, all with the reason, what to do included, and without the path, in why[0..why_size). */
err_t compiled_file_open(const char *path, compiled_file_t **file, file_stamp_t *stamp, char *why,
			 size_t why_size) ATTR_NONNULL(1, 2, 4) ATTR_NODISCARD;

/* Did `spurn compile` make this cdb, of whatever format and however damaged? */
bool compiled_file_is_ours(const cdb_file_t *cdb) ATTR_NONNULL_ALL;

/* Are all blocks still what they were when the file was opened? Reads them all. Any thread. */
bool compiled_file_is_whole(const compiled_file_t *file) ATTR_NONNULL_ALL;

/* The header; lives as long as the file. An object; "datasets" is an array of objects, whose "blocks" are as above. */
const json_t *compiled_file_header(const compiled_file_t *file) ATTR_NONNULL_ALL;

/* Block `name` of data set `number`, aligned to COMPILED_ALIGNMENT, and not NULL if it is empty; NULL if there is none.
 * Any thread. */
const void *compiled_file_block(const compiled_file_t *file, unsigned number, const char *name,
				size_t *size) ATTR_NONNULL_ALL;

/* The whole mapping, and its size in bytes. */
const void *compiled_file_memory(const compiled_file_t *file, size_t *size) ATTR_NONNULL_ALL;

/* NULL is fine. No block may be used any more. */
void compiled_file_close(compiled_file_t *file);

#endif
