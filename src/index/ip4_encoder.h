/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_ENCODER_H
#define SPURN_INDEX_IP4_ENCODER_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "index/ip4_index.h"

/* Writes an ip4_index from ranges of addresses that come in order, so that never more than one /16
 * of them is held. */
typedef struct ip4_encoder ip4_encoder_t;

/* NULL for want of memory. The caller frees it. */
ip4_encoder_t *ip4_encoder_new(void);
/* NULL is fine. */
void ip4_encoder_free(ip4_encoder_t *encoder);

/* All addresses up to `last` (inclusive) that have not been told yet map to `number`. `last` is not
 * below that of the call before; equal to it: nothing happens.
 * Returns ERR_OK, ERR_NOMEM or ERR_RANGE (the block is too large); then only free is allowed. */
err_t ip4_encoder_put(ip4_encoder_t *encoder, uint32_t last,
		      uint32_t number) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Ends the index, after ip4_encoder_put has been told of 255.255.255.255. Once only. The caller
 * frees `*index`. Returns ERR_OK or ERR_NOMEM. */
err_t ip4_encoder_finish(ip4_encoder_t *encoder,
			 ip4_index_t **index) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
