/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_BYTE_QUEUE_H
#define SPURN_BASE_BYTE_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"

/* Bytes that are written at the end and read from the front, for the large amounts that are needed
 * only for a while: the memory of what has been read is the system's again at once, so that what is
 * made of it can grow while the queue shrinks. One thread at a time. */

typedef struct byte_piece byte_piece_t;

/* A queue. All zero is an empty one. Not to be looked into. */
typedef struct byte_queue {
	byte_piece_t *first;
	byte_piece_t *last;
} byte_queue_t;

/* Most bytes of a put. */
#define BYTE_QUEUE_PUT_MAX (16u * 1024)

/* So many bytes behind those of a put can be read, too, whatever they are. */
#define BYTE_QUEUE_PADDING 8u

/* Appends `size` (1..BYTE_QUEUE_PUT_MAX) bytes. Returns ERR_OK, or ERR_NOMEM (nothing appended). */
err_t byte_queue_put(byte_queue_t *queue, const void *bytes,
		     size_t size) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* What comes first: the bytes of one put or of more, the rest of it at least; their number is written
 * to `*size`. NULL when there are none. Valid until they are dropped. */
const uint8_t *byte_queue_first(const byte_queue_t *queue, size_t *size) ATTR_NONNULL_ALL;

/* Removes the first `size` bytes, which byte_queue_first has shown. */
void byte_queue_drop(byte_queue_t *queue, size_t size) ATTR_NONNULL_ALL;

/* Gives back memory that is there for what will be put next, at the end of a queue that nothing is put into for a
 * while: half of 32 KiB on average, which counts where there are many queues. */
void byte_queue_trim(const byte_queue_t *queue) ATTR_NONNULL_ALL;

/* Removes all. */
void byte_queue_clear(byte_queue_t *queue) ATTR_NONNULL_ALL;

#endif
