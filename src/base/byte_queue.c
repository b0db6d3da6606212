/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/byte_queue.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Memory comes in pieces of this size, straight from the kernel, and goes straight back: the
 * allocator would keep it, as some small allocation that lives on always lies behind. Larger ones
 * keep more of what has been read; smaller ones are more system calls, and more mappings of the
 * 65,530 that Linux allows a process. */
#define PIECE_SIZE (32u * 1024)

/* Of a piece that is being read so many bytes are given back at once. Where many queues are read side by side all
 * of them would have a piece of which hardly anything is left. Less are more system calls. */
#define DROPPED_STEP (8u * 1024)

/* Pages are of this size, or nothing is given back but whole pieces. */
#define GIVEN_BACK (4u * 1024)
_Static_assert(DROPPED_STEP % GIVEN_BACK == 0 && PIECE_SIZE % GIVEN_BACK == 0, "of whole pages");

struct byte_piece {
	byte_piece_t *next;
	uint32_t begin; /* of what has not been dropped */
	uint32_t end;
	uint8_t bytes[];
};

#define PIECE_BYTES (PIECE_SIZE - sizeof(byte_piece_t) - BYTE_QUEUE_PADDING)
_Static_assert(BYTE_QUEUE_PUT_MAX <= PIECE_BYTES, "a piece has room for what is put");

/* MAP_POPULATE: all of it will be written at once, so its pages may as well come with one call. */
static err_t add_piece(byte_queue_t *queue)
{
	byte_piece_t *piece = mmap(NULL, PIECE_SIZE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (piece == MAP_FAILED)
		return ERR_NOMEM;
	if (queue->last != NULL)
		queue->last->next = piece;
	else
		queue->first = piece;
	queue->last = piece;
	return ERR_OK;
}

static void drop_piece(byte_queue_t *queue)
{
	byte_piece_t *piece = queue->first;

	queue->first = piece->next;
	if (queue->first == NULL)
		queue->last = NULL;
	munmap(piece, PIECE_SIZE);
}

err_t byte_queue_put(byte_queue_t *queue, const void *bytes, size_t size)
{
	assert(size > 0 && size <= BYTE_QUEUE_PUT_MAX);
	if (queue->last == NULL || PIECE_BYTES - queue->last->end < size) {
		err_t error = add_piece(queue);

		if (error != ERR_OK)
			return error;
	}
	memcpy(queue->last->bytes + queue->last->end, bytes, size);
	queue->last->end += (uint32_t)size;
	return ERR_OK;
}

const uint8_t *byte_queue_first(const byte_queue_t *queue, size_t *size)
{
	const byte_piece_t *piece = queue->first;

	if (piece == NULL)
		return NULL;
	*size = piece->end - piece->begin;
	return piece->bytes + piece->begin;
}

/* Gives back the pages of a piece from byte `from` to byte `to`, as far as they are within, but for the first one,
 * where its links are. If the system refuses they stay. */
static void give_back(byte_piece_t *piece, size_t from, size_t to)
{
	from = (from + GIVEN_BACK - 1) / GIVEN_BACK * GIVEN_BACK;
	if (from == 0)
		from = GIVEN_BACK;
	if (from < to && sysconf(_SC_PAGESIZE) <= (long)GIVEN_BACK)
		(void)madvise((uint8_t *)piece + from, to - from, MADV_DONTNEED);
}

void byte_queue_drop(byte_queue_t *queue, size_t size)
{
	byte_piece_t *piece = queue->first;

	assert(piece != NULL && size <= piece->end - piece->begin);
	size_t before = sizeof(*piece) + piece->begin;
	piece->begin += (uint32_t)size;
	if (piece->begin == piece->end)
		drop_piece(queue);
	else
		give_back(piece, before / DROPPED_STEP * DROPPED_STEP,
			  (before + size) / DROPPED_STEP * DROPPED_STEP);
}

void byte_queue_trim(const byte_queue_t *queue)
{
	byte_piece_t *piece = queue->last;

	if (piece != NULL)
		give_back(piece, sizeof(*piece) + piece->end, PIECE_SIZE);
}

void byte_queue_clear(byte_queue_t *queue)
{
	while (queue->first != NULL)
		drop_piece(queue);
}
