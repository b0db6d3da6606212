/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_NOTICE_BOARD_H
#define SPURN_BASE_NOTICE_BOARD_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

/* What threads that must not wait, and see the same thing a million times a second, let one know
 * that has the time to tell people. The board has few places; each notice has one of them by its
 * hash, and stays until it is read. So somebody who is noticed again and again is noted once, others
 * beside him most of the time, and a place that is taken costs one look. */

/* Different notices between two readings: as many as a line of a log can hold. */
#define NOTICE_BOARD_PLACES 8u
/* Bytes of a notice. */
#define NOTICE_MAX 64u

typedef struct notice {
	size_t size;
	uint8_t data[NOTICE_MAX];
} notice_t;

/* All zero is an empty board. */
typedef struct notice_board {
	struct {
		_Atomic unsigned state; /* notice_board.c's own */
		notice_t notice;
	} places[NOTICE_BOARD_PLACES];
} notice_board_t;

/* Puts up data[0..size), at most NOTICE_MAX bytes, unless the place that `hash` gives it is taken. Any
 * thread; never waits. */
void notice_board_put(notice_board_t *board, uint64_t hash, const void *data,
		      size_t size) ATTR_NONNULL_ALL;

/* Takes all notices down, into notices[]; returns how many. One that is just being put up stays for
 * the next time. One thread at a time. */
size_t notice_board_take(notice_board_t *board,
			 notice_t notices[NOTICE_BOARD_PLACES]) ATTR_NONNULL_ALL;

#endif
