/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_CHECK_POSITIONS_H
#define SPURN_INDEX_IP4_CHECK_POSITIONS_H

#include "index/ip4_layout.h"

/* The part of ip4_index_check that most of an index is. Private to the ip4_*.c files of this directory. */

/* Are the positions of a container, which has some and is no bitmap, as index/ip4_layout.h has them, and in
 * order? All of it lies before `end`, up to which may be read. Returns NULL, or why not, a static text. */
const char *ip4_check_positions(const ip4_container_t *container,
				const uint8_t *end) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
