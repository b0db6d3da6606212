/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_IP6_DATA_H
#define SPURN_DATASET_IP6_DATA_H

#include "dataset/dataset.h"
#include "index/ip6_builder.h"

/* What the IPv6 types have in common: an index from addresses to values, and the functions of
 * dataset_type_t that need nothing of the type's own. */

/* For begin: makes a state. */
err_t ip6_data_begin(dataset_loader_t *loader) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The number of the value that `rest`, what follows an entry's address, gives it: its own, or that
 * of the default line. Errors as for dataset_type_t's add. */
err_t ip6_data_value(dataset_loader_t *loader, text_t rest,
		     uint32_t *value) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Adds a prefix, and tells the observer. `value` may be IP6_BUILDER_EXCLUDED. */
err_t ip6_data_add(dataset_loader_t *loader, ip6_address_t address, unsigned length,
		   uint32_t value) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* dataset_type_t's add_plain, of PLAIN_IP6_LINES. */
err_t ip6_data_add_plain(dataset_loader_t *loader, const plain_lines_t *lines,
			 size_t *taken) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Adds the prefixes of plain lines, all with `value`, whatever follows them. Returns ERR_OK or ERR_NOMEM. */
err_t ip6_data_add_same(dataset_loader_t *loader, const plain_lines_t *lines,
			uint32_t value) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* dataset_type_t's functions of the same names. */
err_t ip6_data_finish(dataset_loader_t *loader, void **data, size_t *memory) ATTR_NONNULL_ALL;
void ip6_data_abandon(dataset_loader_t *loader) ATTR_NONNULL_ALL;
void ip6_data_free(void *data) ATTR_NONNULL_ALL;
void ip6_data_find(const void *data, const dataset_question_t *const *questions, size_t count,
		   dataset_match_t *matches) ATTR_NONNULL_ALL;
void ip6_data_write(const dataset_t *dataset, uint32_t entry, const dataset_question_t *question,
		    dns_type_t type, unsigned rotation, dns_reply_t *reply) ATTR_NONNULL_ALL;
err_t ip6_data_walk(const dataset_t *dataset, const dataset_visitor_t *visitor) ATTR_NONNULL_ALL;
err_t ip6_data_compare(const dataset_t *old, const dataset_t *next,
		       dataset_changes_t *changes) ATTR_NONNULL_ALL;
err_t ip6_data_save(const dataset_t *dataset, dataset_saver_t *saver) ATTR_NONNULL_ALL;
err_t ip6_data_map(dataset_mapper_t *mapper, dataset_t *dataset) ATTR_NONNULL_ALL;

err_t ip6_data_print(const dataset_t *dataset, dataset_printer_t *printer) ATTR_NONNULL_ALL;

#endif
