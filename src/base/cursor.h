/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_CURSOR_H
#define SPURN_BASE_CURSOR_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attributes.h"

/* Reading and writing packets byte by byte, in network byte order, with a sticky error: after the
 * first access outside of the bounds every read gives zero, every write does nothing, and
 * `overrun` stays set. So the caller checks once, at the end. Plain data; no ownership. */

typedef struct reader {
	const uint8_t *data;
	size_t size;
	size_t position; /* of the next byte */
	bool overrun;
} reader_t;

typedef struct writer {
	uint8_t *data;
	size_t size; /* room, in bytes */
	size_t position;
	bool overrun;
} writer_t;

static inline bool reader_take(reader_t *reader, size_t size)
{
	if (reader->overrun || size > reader->size - reader->position) {
		reader->overrun = true;
		return false;
	}
	reader->position += size;
	return true;
}

static inline uint8_t reader_u8(reader_t *reader)
{
	return reader_take(reader, 1) ? reader->data[reader->position - 1] : 0;
}

static inline uint16_t reader_u16(reader_t *reader)
{
	if (!reader_take(reader, 2))
		return 0;
	const uint8_t *at = reader->data + reader->position - 2;
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void reader_skip(reader_t *reader, size_t size)
{
	(void)reader_take(reader, size);
}

static inline bool writer_take(writer_t *writer, size_t size)
{
	if (writer->overrun || size > writer->size - writer->position) {
		writer->overrun = true;
		return false;
	}
	writer->position += size;
	return true;
}

static inline void put_u16(uint8_t *at, uint16_t value)
{
	value = htons(value);
	memcpy(at, &value, sizeof(value));
}

static inline void put_u32(uint8_t *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

static inline uint16_t get_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t get_u32(const uint8_t *at)
{
	return (uint32_t)get_u16(at) << 16 | get_u16(at + 2);
}

static inline void writer_u8(writer_t *writer, uint8_t value)
{
	if (writer_take(writer, 1))
		writer->data[writer->position - 1] = value;
}

static inline void writer_u16(writer_t *writer, uint16_t value)
{
	if (writer_take(writer, 2))
		put_u16(writer->data + writer->position - 2, value);
}

static inline void writer_u32(writer_t *writer, uint32_t value)
{
	if (writer_take(writer, 4))
		put_u32(writer->data + writer->position - 4, value);
}

static inline void writer_bytes(writer_t *writer, const void *bytes, size_t size)
{
	if (size > 0 && writer_take(writer, size))
		memcpy(writer->data + writer->position - size, bytes, size);
}

#endif
