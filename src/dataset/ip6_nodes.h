/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_IP6_NODES_H
#define SPURN_DATASET_IP6_NODES_H

#include "dataset/dataset.h"
#include "dataset/entry_values.h"
#include "index/ip6_index.h"

/* A walk (dataset_type_t) through IPv6 data: a block of addresses that all have the same is told as
 * the names below one, the others address by address. What texts that name the address mean for it
 * is as with IPv4; see NODES_SPELLED_MAX. */
err_t ip6_nodes_walk(const ip6_index_t *index, const entry_values_t *values,
		     const dataset_visitor_t *visitor) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Tells of the addresses first..last, which all have the same, in the same way. */
err_t ip6_nodes_tell(ip6_address_t first, ip6_address_t last, bool has_subject,
		     const dataset_visitor_t *visitor) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
