/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_SAVED_H
#define SPURN_DATASET_SAVED_H

#include <jansson.h>

#include "dataset/dataset.h"

typedef struct compiled_file compiled_file_t;     /* cdb/compiled_file.h */
typedef struct compiled_writer compiled_writer_t; /* cdb/compiled_writer.h */

/* Data sets in a compiled file: `spurn compile` saves them, and the type `compiled` maps them.
 *
 * Each has a number in the file, blocks of memory, which stay as they are, and an object in the
 * array "datasets" of the file's header, at the place of its number, that says all else of it:
 *
 *     type, spec   as in the specification: "ip4set" and "ip4set:file,file"
 *     files        [{path, size, modified}], those that it was made of; modified in seconds since 1970
 *     settings     {allow_host_bits, entry_parameters, ip6_in_ip4trie}: how they were read
 *     entries, newest (file, in seconds since 1970), memory
 *     ttl, soa, ns, written, expires, broken, variables   see dataset/saved_specials.h
 *
 * and what its type adds. TTLs are as the files say, without bounds, and 0 for the default: so the
 * server's own -t holds, as for text. Data sets inside of a combined one have numbers behind its own,
 * no files, and "inside", its number. The object "zones" of the header says which zone has which data
 * sets: {"bl.example": [0, 3]}, without those inside of others. */

/* Can data sets of this type be compiled? If not, `*why` says why (static text). */
bool dataset_can_be_saved(const dataset_type_t *type, const char **why) ATTR_NONNULL_ALL;

/* What zone files must be read with to be saved: as `settings`, but without TTLs of a server's. */
zone_settings_t dataset_settings_to_save(const zone_settings_t *settings) ATTR_NONNULL_ALL;

/* Writes `dataset`, read by `request` with such settings, to a file, and what there is to say of it to
 * `datasets`, a JSON array that has all those written before. `*number` is its number. Returns ERR_OK;
 * ERR_NOMEM; or what the writer says. */
err_t dataset_save(const dataset_t *dataset, const dataset_request_t *request,
		   compiled_writer_t *writer, json_t *datasets,
		   unsigned *number) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* ---- For types. ---- */

struct dataset_saver {
	compiled_writer_t *writer;
	unsigned number;  /* of the data set that is saved */
	json_t *datasets; /* of the header */
	json_t *about;    /* the data set's own object in there: for what the type has to add */
	const char
		*half; /* begins the names of its blocks: of types that are made of two; else "" */
};

/* Writes a block; of size 0 it is not written. */
err_t dataset_saver_add(const dataset_saver_t *saver, const char *name, const void *block,
			size_t size) ATTR_NONNULL(1, 2) ATTR_NODISCARD;

/* Writes a data set that is inside of the one that is saved. */
err_t dataset_saver_add_inside(const dataset_saver_t *saver, const dataset_t *dataset,
			       unsigned *number) ATTR_NONNULL_ALL ATTR_NODISCARD;

struct dataset_mapper {
	const compiled_file_t *file;
	const json_t *datasets; /* of the header */
	unsigned number;        /* of the data set that is mapped */
	const json_t *about;    /* its object in there */
	const char *half;       /* as in dataset_saver_t */
	const zone_settings_t *settings;
	time_t now;
	char *why; /* set by dataset_mapper_refuse */
	size_t why_size;
	bool is_temporary; /* set: it is refused for a reason that may go away by itself */
};

/* Maps data set `number`; only those of a combined one are `inside` of it. `mapper` need not have what
 * is of one data set, from `number` to `half`. The caller frees `*dataset`, before it closes the file. Errors as for
 * dataset_type_t's map. */
err_t dataset_map(dataset_mapper_t *mapper, unsigned number, bool is_inside,
		  dataset_t **dataset) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* A block, aligned to 64 bytes, and its size. NULL, and size 0: there is none. */
const void *dataset_mapper_block(const dataset_mapper_t *mapper, const char *name,
				 size_t *size) ATTR_NONNULL_ALL;

/* Gives up on the file, because of the block `name`, or another part of the data set, for `reason`. Returns
 * ERR_LOAD. */
err_t dataset_mapper_refuse(dataset_mapper_t *mapper, const char *name,
			    const char *reason) ATTR_NONNULL_ALL;

#endif
