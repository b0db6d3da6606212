/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_buffer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/array.h"

/* A large block's pages are asked of the system so many bytes at a time, and not one by one as they are
 * written to first: 7 % less time for an index of names. More at a time is not faster, and as much more
 * memory than is used. */
#define STEP_SIZE ((size_t)64 * 1024)

/* Blocks below this are not worth it. */
#define LARGE_SIZE ((size_t)1024 * 1024)

static err_t grow(name_buffer_t *buffer, size_t size)
{
	void *data = buffer->data;
	err_t error = array_reserve(&data, &buffer->capacity, buffer->size + size, 1);

	buffer->data = data;
	return error;
}

err_t name_buffer_extend(name_buffer_t *buffer, size_t size, size_t *at)
{
	err_t error = grow(buffer, size);

	if (error != ERR_OK)
		return error;
	memset(buffer->data + buffer->size, 0, size);
	*at = buffer->size;
	buffer->size += size;
	return ERR_OK;
}

/* Asks for the pages of bytes from..end, which are not all of the buffer's. What the system does not do is
 * done as ever, one by one. */
static void populate(name_buffer_t *buffer, size_t from, size_t end)
{
#ifdef MADV_POPULATE_WRITE /* Linux since 5.14 */
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t first = ((uintptr_t)buffer->data + from) / page * page;
	uintptr_t last = ((uintptr_t)buffer->data + end) / page * page;

	if (first < last)
		(void)madvise(buffer->data + (first - (uintptr_t)buffer->data), last - first,
			      MADV_POPULATE_WRITE);
#else
	(void)buffer;
	(void)from;
	(void)end;
#endif
}

err_t name_buffer_make_ready(name_buffer_t *buffer, size_t size)
{
	size_t from = buffer->ready > buffer->size ? buffer->ready : buffer->size;
	size_t end = buffer->size + size + STEP_SIZE;
	err_t error = grow(buffer, size);

	if (error != ERR_OK)
		return error;
	buffer->ready = buffer->capacity;
	if (buffer->size < LARGE_SIZE || end >= buffer->capacity)
		return ERR_OK;
	populate(buffer, from, end);
	buffer->ready = end;
	return ERR_OK;
}
