/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_IP4_NODES_H
#define SPURN_DATASET_IP4_NODES_H

#include "dataset/dataset.h"
#include "dataset/entry_values.h"
#include "index/ip4_index.h"

/* Most addresses in a row with one text that names the address which are told one by one. As many
 * as a /16 has; of longer rows only /24 and what is smaller at the ends. The rest is told in blocks,
 * as rbldnsd's dump does it for all: a /8 alone would make 16 million names. */
#define NODES_SPELLED_MAX 65536

/* A walk (dataset_type_t) through IPv4 data: a block of addresses that all have the same is told
 * as the names below one, the others address by address. Each is told up to three times, as octets
 * and, unless the visitor does without, in the two IPv6 forms that are looked up as well. */
err_t ip4_nodes_walk(const ip4_index_t *index, const entry_values_t *values,
		     const dataset_visitor_t *visitor) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Tells of the addresses first..last, which all have the same, in the same way; but their nodes of the
 * IPv6 forms come right behind. */
err_t ip4_nodes_tell(uint32_t first, uint32_t last, bool has_subject,
		     const dataset_visitor_t *visitor) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
