/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_IP4_DATA_H
#define SPURN_DATASET_IP4_DATA_H

#include "dataset/dataset.h"
#include "index/ip4_builder.h"

/* What the IPv4 types have in common: an index from addresses to values, and the functions of
 * dataset_type_t that need nothing of the type's own. */

/* For begin: makes a state whose index follows `rule`. */
err_t ip4_data_begin(dataset_loader_t *loader, ip4_rule_t rule) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The builder inside the state. */
ip4_builder_t *ip4_data_builder(const dataset_loader_t *loader) ATTR_NONNULL_ALL;

/* The number of the value that `rest`, what follows an entry's address, gives it: its own, or that
 * of the default line. Errors as for dataset_type_t's add. */
err_t ip4_data_value(dataset_loader_t *loader, text_t rest,
		     uint32_t *value) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* dataset_type_t's add_plain, of PLAIN_IP4_LINES. */
err_t ip4_data_add_plain(dataset_loader_t *loader, const plain_lines_t *lines,
			 size_t *taken) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Is first..last within $MAXRANGE4? Otherwise sets loader->why. */
bool ip4_data_is_range_allowed(dataset_loader_t *loader, uint32_t first,
			       uint32_t last) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* dataset_type_t's functions of the same names. */
err_t ip4_data_finish(dataset_loader_t *loader, void **data, size_t *memory) ATTR_NONNULL_ALL;
void ip4_data_abandon(dataset_loader_t *loader) ATTR_NONNULL_ALL;
void ip4_data_free(void *data) ATTR_NONNULL_ALL;
void ip4_data_find(const void *data, const dataset_question_t *const *questions, size_t count,
		   dataset_match_t *matches) ATTR_NONNULL_ALL;
void ip4_data_write(const dataset_t *dataset, uint32_t entry, const dataset_question_t *question,
		    dns_type_t type, unsigned rotation, dns_reply_t *reply) ATTR_NONNULL_ALL;
err_t ip4_data_walk(const dataset_t *dataset, const dataset_visitor_t *visitor) ATTR_NONNULL_ALL;
err_t ip4_data_compare(const dataset_t *old, const dataset_t *next,
		       dataset_changes_t *changes) ATTR_NONNULL_ALL;
err_t ip4_data_save(const dataset_t *dataset, dataset_saver_t *saver) ATTR_NONNULL_ALL;
err_t ip4_data_map(dataset_mapper_t *mapper, dataset_t *dataset) ATTR_NONNULL_ALL;

err_t ip4_data_print(const dataset_t *dataset, dataset_printer_t *printer) ATTR_NONNULL_ALL;

#endif
