/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_SWEEP_H
#define SPURN_INDEX_IP4_SWEEP_H

#include "base/attributes.h"
#include "base/error.h"
#include "index/entry_list.h"
#include "index/ip4_builder.h"
#include "index/ip4_encoder.h"
#include "index/ip4_singles.h"
#include "index/ip_lines.h"
#include "index/value_sets.h"

/* From what an ip4_builder has collected to what its index says. Private to ip4_builder.c. */
typedef struct ip4_swept {
	ip4_rule_t rule;
	value_sets_t *sets; /* see ip4_builder_finish */
	uint32_t sets_base;
	entry_list_t *list;       /* of entries that are no single addresses, sorted; is emptied */
	ip4_singles_t *singles;   /* of those that are, sorted; is emptied */
	ip4_encoder_t *encoder;   /* is told of all addresses */
	ip_lines_writer_t *lines; /* the same, and of the lines */
} ip4_swept_t;

/* Returns ERR_OK, ERR_NOMEM or ERR_RANGE, as ip4_builder_finish does. */
err_t ip4_sweep(const ip4_swept_t *swept) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
