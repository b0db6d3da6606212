/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/notice_board.h"

#include <assert.h>
#include <string.h>

/* A place goes around: who turns FREE into BUSY writes the notice, and then lets the reader have it. */
enum { FREE, BUSY, READY };

void notice_board_put(notice_board_t *board, uint64_t hash, const void *data, size_t size)
{
	_Atomic unsigned *state = &board->places[hash % NOTICE_BOARD_PLACES].state;
	notice_t *notice = &board->places[hash % NOTICE_BOARD_PLACES].notice;
	unsigned expected = FREE;

	assert(size <= NOTICE_MAX);
	/* First a look that does not take the cache line away from the others. */
	if (atomic_load_explicit(state, memory_order_relaxed) != FREE ||
	    !atomic_compare_exchange_strong_explicit(state, &expected, BUSY, memory_order_acquire,
						     memory_order_relaxed))
		return;
	notice->size = size;
	memcpy(notice->data, data, size);
	atomic_store_explicit(state, READY, memory_order_release);
}

size_t notice_board_take(notice_board_t *board, notice_t notices[NOTICE_BOARD_PLACES])
{
	size_t count = 0;

	for (unsigned i = 0; i < NOTICE_BOARD_PLACES; i++) {
		_Atomic unsigned *state = &board->places[i].state;

		if (atomic_load_explicit(state, memory_order_acquire) != READY)
			continue;
		notices[count++] = board->places[i].notice;
		atomic_store_explicit(state, FREE, memory_order_release);
	}
	return count;
}
