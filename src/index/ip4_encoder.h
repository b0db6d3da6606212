/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_ENCODER_H
#define SPURN_INDEX_IP4_ENCODER_H

#include <stddef.h>
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

/* A whole page in one call: the addresses from `page` << 16 (below 65536) on whose lower 16 bits are
 * lows[0..count) map to `number`, the others of the page to IP4_INDEX_NONE; so do all addresses
 * before the page that have not been told yet. The lows ascend and are distinct; `count` is
 * 1..65536, `number` is 1..IP4_INDEX_MAX, and no address of the page may have been told before.
 * After it the next address to tell is the first one behind the page; calls of ip4_encoder_put may
 * come before and behind. The index is the same, byte for byte, as if ip4_encoder_put had been
 * told. `lows` is only read, and not kept. Returns as ip4_encoder_put does. */
err_t ip4_encoder_put_points(ip4_encoder_t *encoder, uint32_t page, const uint16_t *lows,
			     size_t count, uint32_t number) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The first address that has not been told; 2^32 behind the last one. */
uint64_t ip4_encoder_next(const ip4_encoder_t *encoder) ATTR_NONNULL_ALL;

/* Ends the index, after 255.255.255.255 has been told. Once only. The caller
 * frees `*index`. Returns ERR_OK or ERR_NOMEM. */
err_t ip4_encoder_finish(ip4_encoder_t *encoder,
			 ip4_index_t **index) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
