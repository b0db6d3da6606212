/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP6_ENCODER_H
#define SPURN_INDEX_IP6_ENCODER_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "base/ip6.h"
#include "index/ip6_index.h"

/* Writes an ip6_index from ranges of addresses that come in order, so that never more of them are
 * held than a few leaves take. */
typedef struct ip6_encoder ip6_encoder_t;

/* NULL for want of memory. The caller frees it. */
ip6_encoder_t *ip6_encoder_new(void);
/* NULL is fine. */
void ip6_encoder_free(ip6_encoder_t *encoder);

/* All addresses up to `last` (inclusive) that have not been told yet map to `number`. `last` is above
 * that of the call before, or equal to it: then nothing happens.
 * Returns ERR_OK, ERR_NOMEM or ERR_RANGE (the block is too large); then only free is allowed. */
err_t ip6_encoder_put(ip6_encoder_t *encoder, ip6_address_t last,
		      uint32_t number) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Ends the index, after ip6_encoder_put has been told of the last address there is. Once only. The caller
 * frees `*index`. Returns ERR_OK, ERR_NOMEM or ERR_RANGE. */
err_t ip6_encoder_finish(ip6_encoder_t *encoder,
			 ip6_index_t **index) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
